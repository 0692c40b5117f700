//! A project with its base and frozen blind spots: where every command after
//! discovery starts.

use std::sync::Arc;
use std::time::Duration;

use super::args::{Common, DiscoveryArgs};
use crate::comparison::{Comparison, Spent};
use crate::discovery::AnswerTable;
use crate::inference::Predictions;
use crate::project::ReadOnly;
use crate::records::{ArmRun, BaseModel, DiscoverySettings, Document, Role, Snapshot};
use crate::steps::discover::{Discovering, answers_under};
use crate::steps::fit::Base;
use crate::steps::prices;
use crate::steps::workspace::black_box;
use crate::steps::{Basis, OpenProject};
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

/// How often a process looks whether another one is done.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The project with its base and frozen blind spots.
pub(super) struct Discovered {
    /// Its data and its state, open for this command.
    pub project: OpenProject,
    /// The reference base as it is shown.
    pub info: BaseModel,
    /// The same with its weights; a black box has none.
    base: Option<Base>,
    /// Its predictions on every role but *final*.
    pub reference: Arc<Predictions>,
    /// What people decided and wrote.
    pub document: Document,
    /// The frozen blind spots.
    pub snapshot: Snapshot,
}

impl Discovered {
    /// Whether there are predictions only, and no model to retrain.
    pub(super) fn is_black_box(&self) -> bool {
        self.base.is_none()
    }

    /// What the main arm of a comparison cost, trained in these runs.
    pub(super) fn spent(&self, runs: &[ArmRun], comparison: &Comparison) -> Option<Spent> {
        let manifest = &self.project.workspace.manifest;
        prices::spent(manifest, &self.document, runs, comparison)
    }

    /// What later steps start from.
    ///
    /// # Errors
    /// When the project holds the predictions of a black box.
    pub(super) fn basis(&self) -> Result<Basis<'_>> {
        Ok(Basis {
            project: &self.project,
            base: self.base.as_ref().ok_or_else(black_box)?,
            reference: &self.reference,
            snapshot: &self.snapshot,
            document: &self.document,
        })
    }
}

/// What is asked of the blind spots.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    tau: Option<f32>,
    k: Option<usize>,
    seed: Option<u64>,
    /// Blind spots that are frozen now, whatever is frozen already.
    anew: bool,
}

impl Wanted {
    /// What a command line asks for.
    pub(super) fn of(discovery: &DiscoveryArgs, common: &Common) -> Self {
        Self {
            tau: discovery.tau,
            k: discovery.k,
            seed: common.seed,
            anew: false,
        }
    }

    /// The same, frozen anew if `freeze`.
    pub(super) fn anew(self, freeze: bool) -> Self {
        Self {
            anew: freeze,
            ..self
        }
    }

    fn is_anything(self) -> bool {
        self.tau.is_some() || self.k.is_some() || self.seed.is_some()
    }

    /// The settings kept, but for what is asked.
    fn settings(self, kept: &DiscoverySettings) -> DiscoverySettings {
        DiscoverySettings {
            tau: self.tau.unwrap_or(kept.tau),
            k: self.k.or(kept.k),
            seed: self.seed.unwrap_or(kept.seed),
            ..kept.clone()
        }
    }
}

/// Opens the project, obtains the base, scores, and takes or makes the
/// snapshot: the one in use unless something else is wanted.
///
/// # Errors
/// When another process has the project open, or whatever a step says.
pub(super) fn discover(
    common: &Common,
    wanted: Wanted,
    fit: bool,
    progress: &Progress,
) -> Result<Discovered> {
    let project = common.at.open(progress)?;
    if let Some(why) = project.store.read_only() {
        return Err(read_only(common, why));
    }
    discover_in(project, wanted, fit, progress)
}

fn discover_in(
    project: OpenProject,
    wanted: Wanted,
    fit: bool,
    progress: &Progress,
) -> Result<Discovered> {
    let (info, base, reference) = base(&project, fit, progress)?;
    let mut document = project.document()?;
    tell_corrections(&project, &document, progress);
    let snapshots = project.snapshots()?;
    let snapshot = match frozen(&snapshots, &info, &document, wanted) {
        Some(snapshot) => {
            if !wanted.is_anything() && snapshot.settings != document.settings {
                progress.warn(format!(
                    "the blind spots in use (snapshot {}) were frozen under other settings than \
                     are set now; `blindspot discover PROJECT --freeze` freezes them anew",
                    snapshot.version
                ));
            }
            snapshot
        }
        None => {
            document.settings = wanted.settings(&document.settings);
            let settings = &document.settings;
            let dataset = &project.workspace.dataset;
            let (said, truths) = (Arc::clone(&reference), project.truths(&document));
            let answers = answers_under(settings, dataset, said, truths);
            refuse_more_than_errors(wanted, &answers)?;
            let discovering = Discovering {
                answers: &answers,
                model: &info.id,
                settings,
            };
            let lessons: Vec<_> = document.lessons.values().cloned().collect();
            let snapshot = discovering.freeze((&snapshots, &lessons), progress)?;
            project.store.add_snapshot(&snapshot)?;
            if let Some(before) = document.snapshot {
                progress.note(format!(
                    "these blind spots are in use now; `blindspot edit PROJECT use-snapshot \
                     {before}` goes back to those before"
                ));
            }
            snapshot
        }
    };
    if document.snapshot != Some(snapshot.version) {
        document.settings = snapshot.settings.clone();
        document.snapshot = Some(snapshot.version);
        project.store.save_document(&document)?;
    }
    Ok(Discovered {
        project,
        info,
        base,
        reference,
        document,
        snapshot,
    })
}

/// More blind spots than there are errors were a slip of the hand.
fn refuse_more_than_errors(wanted: Wanted, answers: &AnswerTable) -> Result<()> {
    let errors = answers.unknown_unknowns(Role::Discovery).len();
    match wanted.k {
        Some(k) if k > errors.max(1) => Err(Error::input(format!(
            "{} cannot be {k} blind spots",
            many(errors, "confident error")
        ))
        .hint(
            "some fifteen errors make a blind spot that can be taught; `--each-k` says how stable \
             each number is",
        )),
        _ => Ok(()),
    }
}

/// As [`discover`], for commands that show what was found: what is there is
/// read where nothing can be written.
///
/// # Errors
/// When something would have to be made in a project that is open for reading
/// only, or whatever a step says.
pub(super) fn discover_or_read(
    common: &Common,
    wanted: Wanted,
    progress: &Progress,
) -> Result<Discovered> {
    let project = OpenProject::open(&common.at.project, common.at.state_dir.as_deref(), progress)?;
    let Some(why) = project.store.read_only().cloned() else {
        return discover_in(project, wanted, false, progress);
    };
    join(project, wanted, progress)?.ok_or_else(|| read_only(common, &why))
}

/// As [`discover`], but works beside another process that has the project
/// open: waits until that one has a base and blind spots, and takes these.
///
/// # Errors
/// Whatever a step says, or when cancelled.
pub(super) fn discover_or_join(common: &Common, progress: &Progress) -> Result<Discovered> {
    loop {
        let project = common.at.open(progress)?;
        match project.store.read_only() {
            None => return discover_in(project, Wanted::default(), false, progress),
            Some(ReadOnly::Held(_)) => {}
            Some(why) => return Err(read_only(common, why)),
        }
        if let Some(found) = join(project, Wanted::default(), progress)? {
            return Ok(found);
        }
        progress.stage("Waiting for the process that finds the blind spots", None);
        progress.check()?;
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The base and the blind spots that are there, as one of many machines that
/// share the state's folder: nothing is made but computed files.
///
/// # Errors
/// When there is no base or no blind spots yet.
pub(super) fn discovered_shared(common: &Common, progress: &Progress) -> Result<Discovered> {
    let project = open_shared(common, progress)?;
    join(project, Wanted::default(), progress)?.ok_or_else(|| {
        Error::input("there are no blind spots of the base yet that a task could start from")
            .hint("`blindspot discover PROJECT` finds them; then start the tasks")
    })
}

/// A project with its base, opened as one of many machines that share the
/// state's folder.
///
/// # Errors
/// When there is no state or no base yet.
pub(super) fn open_shared(common: &Common, progress: &Progress) -> Result<OpenProject> {
    let project =
        OpenProject::open_shared(&common.at.project, common.at.state_dir.as_deref(), progress)?;
    match project.known_base()? {
        Some(_) => Ok(project),
        None => Err(
            Error::input("there is no base yet that a task could start from")
                .hint("`blindspot discover PROJECT` makes one; then start the tasks"),
        ),
    }
}

fn join(project: OpenProject, wanted: Wanted, progress: &Progress) -> Result<Option<Discovered>> {
    let Some(known) = project.known_base()? else {
        return Ok(None);
    };
    let document = project.document()?;
    tell_corrections(&project, &document, progress);
    let snapshots = project.snapshots()?;
    let Some(snapshot) = frozen(&snapshots, &known, &document, wanted) else {
        return Ok(None);
    };
    let (info, base, reference) = base(&project, false, progress)?;
    Ok(Some(Discovered {
        project,
        info,
        base,
        reference,
        document,
        snapshot,
    }))
}

/// A corrected label counts everywhere from here on: that must not go unsaid.
fn tell_corrections(project: &OpenProject, document: &Document, progress: &Progress) {
    let truths = project.truths(document);
    let corrections = truths.corrections(&project.workspace.dataset, &Role::ALL);
    if let Some(told) = corrections.told() {
        progress.note(told);
    }
}

fn base(
    project: &OpenProject,
    fit: bool,
    progress: &Progress,
) -> Result<(BaseModel, Option<Base>, Arc<Predictions>)> {
    if let Some((info, predictions)) = project.imported()? {
        return Ok((info, None, predictions));
    }
    let base = project.base(fit, progress)?;
    let reference = project.reference(&base, progress)?;
    Ok((base.info.clone(), Some(base), reference))
}

/// A snapshot of this base's errors, unless they are to be frozen anew: the one
/// in use if it is as wanted, or else the newest one under the settings.
fn frozen(
    snapshots: &[Arc<Snapshot>],
    base: &BaseModel,
    document: &Document,
    wanted: Wanted,
) -> Option<Snapshot> {
    if wanted.anew {
        return None;
    }
    let of_base = || snapshots.iter().rev().filter(|s| s.model == base.id);
    let in_use = of_base().find(|snapshot| Some(snapshot.version) == document.snapshot);
    let found = match in_use {
        Some(in_use) if !wanted.is_anything() => Some(in_use),
        _ => {
            let settings = wanted.settings(&document.settings);
            let mut candidates = in_use.into_iter().chain(of_base());
            candidates.find(|snapshot| snapshot.settings == settings)
        }
    };
    found.map(|snapshot| (**snapshot).clone())
}

fn read_only(common: &Common, why: &ReadOnly) -> Error {
    Error::input(format!(
        "`{}` is open for reading only: {why}",
        common.at.project.display()
    ))
    .hint("close the other program, or name another place with `--state-dir`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::fixture;

    #[test]
    fn blind_spots_are_frozen_anew_only_when_asked() {
        let snapshot = Arc::new(fixture::snapshot("base"));
        let base = BaseModel {
            id: "base".into(),
            path: "base.safetensors".into(),
            origin: "made up".into(),
            curve: None,
        };
        let document = Document {
            snapshot: Some(1),
            ..Document::default()
        };
        let found = |wanted| frozen(&[Arc::clone(&snapshot)], &base, &document, wanted);
        assert!(found(Wanted::default()).is_some());
        assert!(found(Wanted::default().anew(true)).is_none());
    }
}
