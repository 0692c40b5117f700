//! What was computed and nothing needs any more: results of another base, of
//! other data, of arms in no round.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::project::files::Found;
use crate::project::store::model_and_data;
use crate::project::{Key, Kind};
use crate::records::{Arm, RecordId, Round};
use crate::steps::OpenProject;
use crate::steps::leakage_guard::ENCODER;
use crate::steps::retrain::arm_scoring::states_of;
use crate::steps::retrain::arms::{DATA, run_of};
use crate::steps::round::{CONTINUES, weights_of};
use crate::steps::suite::answers::SUITE;
use crate::support::Result;
use crate::support::tensor_file::TensorFile;
use crate::support::text::{many, size};

/// Computed files that nothing refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unneeded {
    files: Vec<Found>,
}

/// How many there are of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// What they are.
    pub what: &'static str,
    /// How many.
    pub files: usize,
    /// Their size together.
    pub bytes: u64,
}

impl Unneeded {
    /// Looks through the computed files of a project.
    ///
    /// Needed are what the rounds of the history, their blind spots and second
    /// models stand on, and what is kept for the base and the data that the project has
    /// now. What a person wrote is in none of these files.
    ///
    /// # Errors
    /// When a file or the state cannot be read.
    pub fn find(project: &OpenProject) -> Result<Self> {
        let needed = Needed::by(project)?;
        let mut files = Vec::new();
        for found in project.store.files().all()? {
            if !needed.has(project, &found) {
                files.push(found);
            }
        }
        Ok(Self { files })
    }

    /// Removes them. Gives how many bytes that frees.
    ///
    /// # Errors
    /// When the project is open for reading only, or a file cannot be removed.
    pub fn remove(&self, project: &OpenProject) -> Result<u64> {
        project.store.check_writable("the removal of files")?;
        for found in &self.files {
            project.store.files().remove(&found.key)?;
        }
        Ok(self.bytes())
    }

    /// Whether everything is needed.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Size of all together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|found| found.bytes).sum()
    }

    /// By kind; kinds without any are left out.
    pub fn counts(&self) -> Vec<Count> {
        let count = |kind: Kind| {
            let of_kind = self.files.iter().filter(|found| found.key.kind() == kind);
            Count {
                what: what(kind),
                files: of_kind.clone().count(),
                bytes: of_kind.map(|found| found.bytes).sum(),
            }
        };
        let counts = Kind::ALL.into_iter().map(count);
        counts.filter(|count| count.files > 0).collect()
    }
}

impl fmt::Display for Unneeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("everything that was computed is still needed");
        }
        let all = many(self.files.len(), "file");
        write!(
            f,
            "{all} ({}) that nothing needs any more:",
            size(self.bytes())
        )?;
        for count in self.counts() {
            write!(
                f,
                "\n  {}, {}: {}",
                count.what,
                many(count.files, "file"),
                size(count.bytes)
            )?;
        }
        Ok(())
    }
}

fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Predictions => "predictions for another base or other data",
        Kind::Map => "maps of such predictions",
        Kind::Model => "weights of former bases and of arms in no round",
        Kind::Answers => "answers of arms in no round, and of second models that are not listed",
        Kind::States => "hidden states of another base or other data",
        Kind::Samples => "samples as another encoder saw them",
        Kind::Suite => "answers to texts that lessons no longer test with",
    }
}

/// What a project refers to.
struct Needed {
    /// Bases, weights and answers of runs, answers of second models.
    named: BTreeSet<Key>,
    /// Fingerprints of the models whose predictions are read now.
    models: BTreeSet<String>,
    /// What their predictions are kept under.
    data: BTreeSet<String>,
    base: Option<String>,
    /// The lessons there are.
    lessons: BTreeSet<RecordId>,
    /// Checksum of the texts that lessons test with, if there are any.
    suite: Option<String>,
}

impl Needed {
    fn by(project: &OpenProject) -> Result<Self> {
        let workspace = &project.workspace;
        let base = project.known_base()?.map(|base| base.id);
        let scored = project.scored_data()?;
        let document = project.document()?;
        let mut needed = Self {
            named: BTreeSet::new(),
            models: base.iter().cloned().collect(),
            data: [
                format!("{scored} final"),
                scored,
                workspace.fingerprint().to_owned(),
            ]
            .into(),
            base,
            lessons: document.lessons.keys().cloned().collect(),
            suite: project
                .suite(&document, 0)
                .ok()
                .map(|suite| suite.fingerprint()),
        };
        // The encoder guards against copies and finds near neighbours.
        if !project.is_black_box()? {
            needed.models.insert(workspace.pretrained()?.fingerprint());
        }
        let frozen = project.snapshots()?;
        let bases = frozen.iter().map(|snapshot| &snapshot.model);
        let bases = bases.chain(&needed.base).map(|base| Key::base(base));
        needed.named.extend(bases.collect::<Vec<_>>());
        for round in project.store.rounds()? {
            needed.add_round(project, &round)?;
        }
        let seconds = project.store.second_models()?.into_iter();
        let answers = seconds.map(|(model, _)| Key::recorded(Kind::Answers, &model.answers));
        needed.named.extend(answers);
        Ok(needed)
    }

    fn add_round(&mut self, project: &OpenProject, round: &Round) -> Result<()> {
        let kept = round.runs.iter().filter(|run| run.checkpoint.is_some());
        for run in kept {
            let weights = weights_of(run)?;
            let answers = weights.of_kind(Kind::Answers);
            let path = project.store.files().path(&weights);
            let continues = TensorFile::map(&path).ok();
            let continues = continues.as_ref().and_then(|file| file.note(CONTINUES));
            self.named.extend(continues.map(Key::base));
            self.named.extend([answers.on_final(), answers, weights]);
        }
        Ok(())
    }

    /// Whether a file says what a lesson does when it is taught alone, to the
    /// base and the data that there are now.
    fn is_alone(&self, project: &OpenProject, answers: &TensorFile) -> bool {
        let Some(Arm::Lesson(lesson)) = run_of(answers).map(|run| run.arm) else {
            return false;
        };
        let data = project.workspace.fingerprint();
        self.lessons.contains(&lesson)
            && answers.note(DATA) == Some(data)
            && answers.note(CONTINUES) == self.base.as_deref()
    }

    /// Whether a file is needed. One that cannot be read serves nobody, and is
    /// computed again.
    fn has(&self, project: &OpenProject, found: &Found) -> bool {
        let file = || TensorFile::map(&project.store.files().path(&found.key)).ok();
        match found.key.kind() {
            Kind::Model => self.named.contains(&found.key),
            Kind::Answers => {
                let is_named = self.named.contains(&found.key);
                is_named || file().is_some_and(|file| self.is_alone(project, &file))
            }
            Kind::Predictions | Kind::Map => file().is_some_and(|file| {
                let (model, data) = model_and_data(&file);
                // The encoder's are called by what it was asked about, too.
                let model = model.split(' ').next().unwrap_or_default();
                self.models.contains(model) && self.data.contains(data)
            }),
            Kind::Samples => file().is_some_and(|file| {
                let encoder = file.note(ENCODER);
                encoder.is_some_and(|encoder| self.models.contains(encoder))
            }),
            Kind::Suite => file().is_some_and(|file| {
                file.note(SUITE)
                    .is_some_and(|of| self.suite.as_deref() == Some(of))
            }),
            Kind::States => file().is_some_and(|file| {
                let base = self.base.as_deref().unwrap_or_default();
                let wanted = states_of(base, &project.workspace);
                wanted
                    .iter()
                    .all(|(name, value)| file.note(name) == Some(value))
            }),
        }
    }
}
