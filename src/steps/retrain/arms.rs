//! Trains the arms of a round and keeps each result in a file of its own, so
//! that a round resumes after a kill and several processes can share one.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::inference::Predictions;
use crate::inference::file::{self, Embeddings, Notes};
use crate::project::{Files, Key, Kind};
use crate::records::{Arm, ArmRun, Mode};
use crate::steps::OpenProject;
use crate::steps::retrain::Retraining;
use crate::steps::round::{CONTINUES, weights_of};
use crate::steps::state::Answers;
use crate::support::atomic_file::TEMPORARY;
use crate::support::hash::StepHash;
use crate::support::tensor_file::TensorFile;
use crate::support::{Error, Progress, Result, file_lock};

/// Raised when training changes its results by more than rounding, so that old
/// ones are not taken for new.
const TRAINING_VERSION: &str = "3";

/// Notes of a result: what was done, and the fingerprint of the data.
const RUN: &str = "run";
pub(crate) const DATA: &str = "data";

/// What the live figures of unknown unknowns are called, before the arm.
pub const UU_FIGURE: &str = "UUs on check, ";

/// Trains every arm with every seed, or reads the result if it is there.
///
/// Arms without anything to add are left out. `base` is the id of the
/// reference base. `confident_errors` counts a model's unknown unknowns, which
/// are reported after each training as a live figure.
///
/// # Errors
/// When a result cannot be written or read, or when cancelled; the results
/// so far stay.
pub fn train_arms(
    retraining: &Retraining<'_>,
    base: &str,
    (arms, seeds): (&[Arm], &[u64]),
    files: &Files,
    confident_errors: &dyn Fn(&Arc<Predictions>) -> usize,
    progress: &Progress,
) -> Result<Answers> {
    let mut open: Vec<Task> = Vec::new();
    for seed in seeds {
        for arm in arms.iter().filter(|arm| **arm != Arm::Reference) {
            open.extend(Task::new(retraining, base, arm, *seed, files));
        }
    }
    let total = open.len();
    let mut results: Vec<(usize, (ArmRun, Arc<Predictions>))> = Vec::new();
    let mut waiting: Vec<(usize, Task)> = open.into_iter().enumerate().collect();
    let mut told = false;
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut left = Vec::new();
        for (position, task) in waiting {
            progress.check()?;
            let title = format!("{} of {total}: {}", results.len() + 1, task.name());
            match task.done_or_run(retraining, &title, progress)? {
                Some(result) => {
                    let (run, predictions) = &result;
                    let name = format!("{UU_FIGURE}{}", run.arm);
                    progress.figure(&name, run.seed, confident_errors(predictions) as f64);
                    results.push((position, result));
                }
                None => left.push((position, task)),
            }
        }
        waiting = left;
        if waiting.len() == before {
            if !told {
                progress.stage("Waiting for the process that trains the other arms", None);
                told = true;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    results.sort_by_key(|(position, _)| *position);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// One arm with one seed.
struct Task<'a> {
    arm: Arm,
    seed: u64,
    /// Fingerprint of the reference base.
    base: &'a str,
    files: &'a Files,
    answers: Key,
}

impl<'a> Task<'a> {
    fn new(
        retraining: &Retraining<'_>,
        base: &'a str,
        arm: &Arm,
        seed: u64,
        files: &'a Files,
    ) -> Option<Self> {
        let additions = retraining.pool.additions(arm, retraining.n, seed)?;
        let settings = match retraining.mode {
            Mode::Quick => serde_json::json!(retraining.quick),
            Mode::Full => serde_json::json!(retraining.workspace.manifest.fit),
        };
        let mut hash = StepHash::default()
            .with("version", TRAINING_VERSION.as_bytes())
            .with("base", base.as_bytes())
            .with("data", retraining.workspace.fingerprint().as_bytes())
            .with("mode", retraining.mode.to_string().as_bytes())
            .with("settings", settings.to_string().as_bytes())
            .with("n", &retraining.n.to_le_bytes())
            .with("seed", &seed.to_le_bytes());
        let (pool, role) = (retraining.pool, retraining.workspace.trained_role());
        if let Some(corrected) = pool.truths.fingerprint(pool.dataset, &[role]) {
            hash = hash.with("corrected", corrected.as_bytes());
        }
        for addition in &additions {
            hash = hash
                .with("text", addition.text.joined().as_bytes())
                .with("label", &addition.label.to_le_bytes());
        }
        Some(Self {
            arm: arm.clone(),
            seed,
            base,
            files,
            answers: Key::new(Kind::Answers, &format!("{arm}-{seed}"), hash),
        })
    }

    fn name(&self) -> String {
        format!("arm {}, seed {}", self.arm, self.seed)
    }

    /// The result; `None` while another process makes it.
    fn done_or_run(
        &self,
        retraining: &Retraining<'_>,
        title: &str,
        progress: &Progress,
    ) -> Result<Option<(ArmRun, Arc<Predictions>)>> {
        let path = self.files.place(&self.answers)?;
        if path.exists() {
            return read(&path).map(Some);
        }
        let lock_path = lock_path(&path);
        let lock = File::create(&lock_path).map_err(|e| Error::file("create", &lock_path, e))?;
        if !file_lock::take(&lock, &lock_path)? {
            return Ok(None);
        }
        let result = match path.exists() {
            true => read(&path)?,
            false => self.run(retraining, &path, &progress.within(title))?,
        };
        // Where it cannot be deleted yet, the next opening does it.
        drop(std::fs::remove_file(lock_path));
        Ok(Some(result))
    }

    fn run(
        &self,
        retraining: &Retraining<'_>,
        path: &Path,
        progress: &Progress,
    ) -> Result<(ArmRun, Arc<Predictions>)> {
        let Some(retrained) = retraining.train(&self.arm, self.seed, progress)? else {
            return Err(Error::program(format!(
                "{} has nothing to add",
                self.name()
            )));
        };
        let predictions = retraining.score(&retrained.model, progress)?;
        let weights = self.answers.of_kind(Kind::Model);
        let notes = Notes::from([(CONTINUES.to_owned(), self.base.to_owned())]);
        let place = self.files.place(&weights)?;
        retraining.write(&retrained.model, &place, &notes)?;
        let run = ArmRun {
            arm: self.arm.clone(),
            seed: self.seed,
            steps: retrained.steps,
            added: retrained.added,
            seconds: retrained.seconds,
            checkpoint: Some(weights.name().to_owned()),
        };
        let said = serde_json::to_string(&run)
            .map_err(|e| Error::program("cannot describe a run").because(e))?;
        let data = retraining.workspace.fingerprint().to_owned();
        let notes = Notes::from([(RUN.to_owned(), said), (DATA.to_owned(), data)]);
        let predictions = file::write(path, &predictions, Embeddings::Left, &notes)?;
        Ok((run, Arc::new(predictions)))
    }
}

/// The file whose lock says that a process makes a result: half-written, in
/// the eyes of whoever collects what a killed process left.
fn lock_path(result: &Path) -> PathBuf {
    let name = result.file_stem().unwrap_or_default().to_string_lossy();
    result.with_file_name(format!("{TEMPORARY}{name}.lock"))
}

fn read(path: &Path) -> Result<(ArmRun, Arc<Predictions>)> {
    let (predictions, file) = file::read(path)?;
    let run = file
        .note(RUN)
        .and_then(|text| serde_json::from_str(text).ok());
    let run = run.ok_or_else(|| {
        Error::input(format!("`{}` does not say what it is", path.display()))
            .hint("delete it; the program makes it again")
    })?;
    Ok((run, Arc::new(predictions)))
}

impl OpenProject {
    /// The fingerprint of the data that an arm was trained on; none for
    /// results of earlier versions.
    ///
    /// # Errors
    /// When the file is gone or damaged.
    pub(crate) fn data_of(&self, run: &ArmRun) -> Result<Option<String>> {
        let answers = weights_of(run)?.of_kind(Kind::Answers);
        let file = TensorFile::open(&self.store.files().path(&answers))?;
        Ok(file.note(DATA).map(str::to_owned))
    }
}

/// The rows that a result was made of are not those that there are now.
pub(crate) fn data_changed() -> Error {
    Error::input("the data have changed since this round was trained")
        .hint("retrain, and look at the new round")
}
