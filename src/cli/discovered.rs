//! A project with its base and frozen blind spots: where every command after
//! discovery starts.

use std::sync::Arc;
use std::time::Duration;

use super::args::{Common, DiscoveryArgs};
use crate::blind_spots::{DiscoverySettings, Snapshot};
use crate::inference::Predictions;
use crate::project::ReadOnly;
use crate::session::{BaseModel, Document};
use crate::support::{Error, Progress, Result};
use crate::workflow::round::RoundInput;
use crate::workflow::{Base, OpenProject};

/// How often a process looks whether another one is done.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The project with its base and frozen blind spots.
pub(super) struct Discovered {
    /// The project.
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

    /// The reference base with its weights.
    ///
    /// # Errors
    /// When the project holds the predictions of a black box.
    pub(super) fn base(&self) -> Result<&Base> {
        self.base.as_ref().ok_or_else(crate::workflow::black_box)
    }

    /// What a round starts from.
    ///
    /// # Errors
    /// When the project holds the predictions of a black box.
    pub(super) fn round(&self) -> Result<RoundInput<'_>> {
        self.round_with(&self.document)
    }

    /// The same with another document.
    ///
    /// # Errors
    /// As [`Discovered::round`].
    pub(super) fn round_with<'a>(&'a self, document: &'a Document) -> Result<RoundInput<'a>> {
        Ok(RoundInput {
            project: &self.project,
            base: self.base()?,
            reference: &self.reference,
            snapshot: &self.snapshot,
            document,
        })
    }
}

/// Opens the project, obtains the base, scores, and takes or makes the
/// snapshot.
///
/// # Errors
/// When another process has the project open, or whatever a step says.
pub(super) fn discover(
    common: &Common,
    wanted: &DiscoveryArgs,
    fit: bool,
    progress: &Progress,
) -> Result<Discovered> {
    let project = OpenProject::open(&common.project, common.state_dir.as_deref(), progress)?;
    if let Some(why) = project.store.read_only() {
        return Err(read_only(common, why));
    }
    discover_in(project, (wanted, common.seed), fit, progress)
}

fn discover_in(
    project: OpenProject,
    (wanted, seed): (&DiscoveryArgs, u64),
    fit: bool,
    progress: &Progress,
) -> Result<Discovered> {
    let (info, base, reference) = base(&project, fit, progress)?;
    let mut document = project.document()?;
    let settings = settings(&document.settings, wanted, seed);
    let snapshot = match fitting(&project, &info, &settings)? {
        Some(snapshot) => snapshot,
        None => {
            let discovering = project.discovering(&info, &reference, &document, &settings);
            let snapshots = project.snapshots()?;
            let previous = snapshots.last().map(AsRef::as_ref);
            let snapshot = discovering.freeze(previous, progress)?;
            project.store.add_snapshot(&snapshot)?;
            snapshot
        }
    };
    document.settings = settings;
    document.snapshot = Some(snapshot.version);
    project.store.save_document(&document)?;
    Ok(Discovered {
        project,
        info,
        base,
        reference,
        document,
        snapshot,
    })
}

/// As [`discover`], but works beside another process that has the project
/// open: waits until that one has a base and blind spots, and takes these.
///
/// # Errors
/// Whatever a step says, or when cancelled.
pub(super) fn discover_or_join(common: &Common, progress: &Progress) -> Result<Discovered> {
    let wanted = DiscoveryArgs::default();
    loop {
        let project = OpenProject::open(&common.project, common.state_dir.as_deref(), progress)?;
        match project.store.read_only() {
            None => return discover_in(project, (&wanted, common.seed), false, progress),
            Some(why @ ReadOnly::Unwritable) => return Err(read_only(common, why)),
            Some(ReadOnly::Held(_)) => {}
        }
        if let Some(found) = join(project, common, progress)? {
            return Ok(found);
        }
        progress.stage("Waiting for the process that finds the blind spots", None);
        progress.check()?;
        std::thread::sleep(LOOK_EVERY);
    }
}

fn join(project: OpenProject, common: &Common, progress: &Progress) -> Result<Option<Discovered>> {
    let Some(known) = project.known_base()? else {
        return Ok(None);
    };
    let document = project.document()?;
    let settings = settings(&document.settings, &DiscoveryArgs::default(), common.seed);
    let Some(snapshot) = fitting(&project, &known, &settings)? else {
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

/// The newest snapshot of a model's errors under some settings.
fn fitting(
    project: &OpenProject,
    model: &BaseModel,
    settings: &DiscoverySettings,
) -> Result<Option<Snapshot>> {
    let snapshots = project.snapshots()?;
    let mut newest_first = snapshots.iter().rev();
    let found = newest_first.find(|s| s.model == model.id && s.settings == *settings);
    Ok(found.map(|snapshot| (**snapshot).clone()))
}

fn settings(kept: &DiscoverySettings, wanted: &DiscoveryArgs, seed: u64) -> DiscoverySettings {
    let mut settings = kept.clone();
    if let Some(tau) = wanted.tau {
        settings.tau = tau;
    }
    if wanted.k.is_some() {
        settings.k = wanted.k;
    }
    settings.seed = seed;
    settings
}

fn read_only(common: &Common, why: &ReadOnly) -> Error {
    Error::input(format!(
        "`{}` is open for reading only: {why}",
        common.project.display()
    ))
    .hint("close the other program, or name another place with `--state-dir`")
}
