//! Trains the units of a round and keeps each result in a file of its own, so
//! that a round resumes after a kill and several processes can share one.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::inference::Predictions;
use crate::inference::file::{self, Embeddings, Notes};
use crate::project::{Files, Kind};
use crate::records::ArmRun;
use crate::steps::OpenProject;
use crate::steps::retrain::Retraining;
use crate::steps::retrain::units::Unit;
use crate::steps::round::{CONTINUES, weights_of};
use crate::steps::state::Answers;
use crate::support::atomic_file::TEMPORARY;
use crate::support::machine::Machine;
use crate::support::tensor_file::TensorFile;
use crate::support::{Error, Progress, Result, file_lock};

/// Notes of a result: what was done, and the fingerprint of the data.
const RUN: &str = "run";
pub(crate) const DATA: &str = "data";

/// What the live figures of unknown unknowns are called, before the arm.
pub const UU_FIGURE: &str = "UUs on check, ";

/// A run and what its model says.
type Answer = (ArmRun, Arc<Predictions>);

/// The preparation of a round, made when the first unit needs it.
pub struct Prepared<'a> {
    files: &'a Files,
    prepare: &'a dyn Fn() -> Result<Retraining<'a>>,
    ready: Option<Retraining<'a>>,
}

impl<'a> Prepared<'a> {
    /// Prepares nothing yet; results lie, or will, among `files`.
    pub fn when_needed(files: &'a Files, prepare: &'a dyn Fn() -> Result<Retraining<'a>>) -> Self {
        let ready = None;
        Self {
            files,
            prepare,
            ready,
        }
    }

    fn now(&mut self) -> Result<&Retraining<'a>> {
        match self.ready {
            Some(ref ready) => Ok(ready),
            None => Ok(self.ready.insert((self.prepare)()?)),
        }
    }
}

/// Trains every unit, or reads the result if it is there; waits for those that
/// another process of this machine is making.
///
/// `confident_errors` counts a model's unknown unknowns, which are reported
/// after each training as a live figure.
///
/// # Errors
/// When a result cannot be written or read, or when cancelled; the results
/// so far stay.
pub fn train_all(
    units: &[Unit],
    mut prepared: Prepared<'_>,
    confident_errors: &dyn Fn(&Arc<Predictions>) -> usize,
    progress: &Progress,
) -> Result<Answers> {
    let total = units.len();
    let mut results: Vec<(usize, Answer)> = Vec::new();
    let mut waiting: Vec<(usize, &Unit)> = units.iter().enumerate().collect();
    let mut told = false;
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut left = Vec::new();
        for (position, unit) in waiting {
            progress.check()?;
            progress.parts(results.len() as u64, total as u64);
            let title = format!("{} of {total}: {}", results.len() + 1, unit.name());
            match unit.done_or_make(&mut prepared, &progress.within(&title))? {
                Some(result) => {
                    let (run, predictions) = &result;
                    let name = format!("{UU_FIGURE}{}", run.arm);
                    progress.figure(&name, run.seed, confident_errors(predictions) as f64);
                    results.push((position, result));
                }
                None => left.push((position, unit)),
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
    progress.parts(total as u64, total as u64);
    results.sort_by_key(|(position, _)| *position);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Trains units whose result is not there, on one of many machines that share
/// the folder: no lock is asked for, since those of network drives may lie.
/// Where two machines make one unit, the result that is finished first stays.
///
/// # Errors
/// As [`train_all`].
pub fn train_some(units: &[Unit], mut prepared: Prepared<'_>, progress: &Progress) -> Result<()> {
    for (number, unit) in (1..).zip(units) {
        progress.check()?;
        if unit.is_done(prepared.files) {
            continue;
        }
        let title = format!("{number} of {}: {}", units.len(), unit.name());
        unit.make(&mut prepared, &progress.within(&title))?;
    }
    Ok(())
}

impl Unit {
    /// The result; `None` while another process makes it.
    fn done_or_make(
        &self,
        prepared: &mut Prepared<'_>,
        progress: &Progress,
    ) -> Result<Option<Answer>> {
        let path = prepared.files.place(self.key())?;
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
            false => self.make(prepared, progress)?,
        };
        // Where it cannot be deleted yet, the next opening does it.
        drop(std::fs::remove_file(lock_path));
        Ok(Some(result))
    }

    /// Trains, and keeps weights and answers. Weights come first, and what is
    /// asked are those that lie there: whichever process was first, a file of
    /// answers is of the weights beside it.
    fn make(&self, prepared: &mut Prepared<'_>, progress: &Progress) -> Result<Answer> {
        let files = prepared.files;
        let retraining = prepared.now()?;
        let Some(retrained) = retraining.train(&self.arm, self.seed, progress)? else {
            return Err(Error::program(format!(
                "{} has nothing to add",
                self.name()
            )));
        };
        let terms = retraining.terms;
        let continues = Notes::from([(CONTINUES.to_owned(), terms.base_id.to_owned())]);
        let (model, checkpoint) = match self.arm.is_alone() {
            // Asked once, and used by nobody.
            true => (retrained.model, None),
            false => {
                let weights = self.key().of_kind(Kind::Model);
                let place = files.place(&weights)?;
                let model = retraining.keep(retrained.model, &place, &continues)?;
                (model, Some(weights.name().to_owned()))
            }
        };
        let predictions = retraining.score(&model, progress)?;
        let run = ArmRun {
            arm: self.arm.clone(),
            seed: self.seed,
            steps: retrained.steps,
            added: retrained.added,
            seconds: retrained.seconds,
            checkpoint,
            machine: Some(Machine::here().kind()),
        };
        let said = serde_json::to_string(&run)
            .map_err(|e| Error::program("cannot describe a run").because(e))?;
        let data = terms.workspace.fingerprint().to_owned();
        let mut notes = Notes::from([(RUN.to_owned(), said), (DATA.to_owned(), data)]);
        if self.arm.is_alone() {
            notes.extend(continues);
        }
        let path = files.place(self.key())?;
        answer_in(file::offer(&path, &predictions, Embeddings::Left, &notes)?)
    }
}

/// The file whose lock says that a process makes a result: half-written, in
/// the eyes of whoever collects what a killed process left.
fn lock_path(result: &Path) -> PathBuf {
    let name = result.file_stem().unwrap_or_default().to_string_lossy();
    result.with_file_name(format!("{TEMPORARY}{name}.lock"))
}

fn read(path: &Path) -> Result<Answer> {
    answer_in(file::read(path)?)
}

fn answer_in((predictions, file): (Predictions, TensorFile)) -> Result<Answer> {
    let run = run_of(&file).ok_or_else(|| {
        Error::input(format!(
            "`{}` does not say what it is",
            file.path().display()
        ))
        .hint("delete it; the program makes it again")
    })?;
    Ok((run, Arc::new(predictions)))
}

/// The run that a file of answers is of.
pub(crate) fn run_of(file: &TensorFile) -> Option<ArmRun> {
    serde_json::from_str(file.note(RUN)?).ok()
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
