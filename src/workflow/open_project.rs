//! An open project: its data and its durable state, and the steps of the loop
//! on both. The window's jobs and the headless commands call these.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::base::{self, Fitted};
use super::discover::Discovering;
use super::import_predictions::{imported_base, not_imported};
use super::score;
use super::shipped::Shipped;
use super::workspace::Workspace;
use crate::comparison::Comparison;
use crate::inference::{Predictions, file};
use crate::model::Classifier;
use crate::project::{CheckpointId, STATE_FOLDER, Step, Store};
use crate::records::{
    ArmRun, BaseModel, DiscoverySettings, Document, Lesson, MapMethod, MapPositions, ModelBase,
    Role, Round, Snapshot,
};
use crate::session::RoundResult;
use crate::session::state::Answers;
use crate::support::{Error, Progress, Result};

/// Raised when fitting, scoring or the map changes its results by more than
/// rounding. What a project ships stays valid: it is meant to be the same on
/// every machine.
pub(super) const CODE_VERSION: u32 = 1;

/// File of lessons that a person or another machine wrote for the project.
const LESSONS_FILE: &str = "lessons.jsonl";

/// A project that is being worked on. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct OpenProject {
    /// Settings, data, encoder.
    pub workspace: Arc<Workspace>,
    /// What the program wrote.
    pub store: Store,
}

/// The reference base with its weights.
#[derive(Clone)]
pub struct Base {
    /// Where it is and what it is called.
    pub info: BaseModel,
    /// The model.
    pub model: Arc<Classifier>,
    /// Seconds that fitting it took, here or where it was shipped from.
    pub fit_seconds: f64,
}

/// What the step "fit" leaves behind.
#[derive(Serialize, Deserialize)]
struct FitRecord {
    model: String,
    checkpoint: CheckpointId,
    seconds: f64,
}

impl OpenProject {
    /// Opens a project; its state lies in `state_dir` or, without one, in
    /// `.blindspot` inside the project. Warnings and notes
    /// go to `progress`.
    ///
    /// # Errors
    /// When the project or its state cannot be read.
    pub fn open(folder: &Path, state_dir: Option<&Path>, progress: &Progress) -> Result<Self> {
        let workspace = Workspace::open(folder, progress)?;
        workspace.report.tell(progress);
        let state = state_folder(folder, state_dir);
        let opened = Store::open(&state)?;
        for warning in opened.warnings {
            progress.warn(warning);
        }
        Ok(Self {
            workspace: Arc::new(workspace),
            store: opened.store,
        })
    }

    /// The reference base: the one fitted here, else the one shipped, else it
    /// is fitted now. With `again` it is fitted in any case.
    ///
    /// # Errors
    /// When there is no model to fit, a file is damaged, or when cancelled.
    pub fn base(&self, again: bool, progress: &Progress) -> Result<Base> {
        if !again {
            if let Some(base) = self.fitted_base()? {
                return Ok(base);
            }
            if let Some(shipped) = Shipped::with_base(&self.workspace)? {
                progress.stage("Verifying the shipped base", None);
                let model = shipped.classifier(&*self.workspace.pretrained()?)?;
                return Ok(Base {
                    info: shipped.base(),
                    model: Arc::new(model),
                    fit_seconds: shipped.index.fit_seconds,
                });
            }
        }
        let fitted = base::fit_base(&self.workspace, progress)?;
        self.keep_base(&fitted)
    }

    /// The reference base as the faces show it, if there is one, without
    /// loading its weights.
    ///
    /// # Errors
    /// When the state or the list of what is shipped cannot be read.
    pub fn known_base(&self) -> Result<Option<BaseModel>> {
        if self.is_black_box()? {
            return imported_base(self);
        }
        if let Some(record) = self.fit_record()? {
            return Ok(Some(self.base_info(&record)?));
        }
        Ok(Shipped::with_base(&self.workspace)?.map(|shipped| shipped.base()))
    }

    /// Whether the project holds predictions of a black box instead of a model.
    ///
    /// # Errors
    /// When project.toml names a folder outside the project.
    pub fn is_black_box(&self) -> Result<bool> {
        let model = self.workspace.manifest.model_base(&self.workspace.folder)?;
        Ok(model == ModelBase::Predictions)
    }

    /// What a black box says, as [`OpenProject::reference`] gives it for a
    /// model; `None` for projects with a model.
    ///
    /// # Errors
    /// When nothing has been imported yet.
    pub fn imported(&self) -> Result<Option<(BaseModel, Arc<Predictions>)>> {
        if !self.is_black_box()? {
            return Ok(None);
        }
        let base = imported_base(self)?.ok_or_else(not_imported)?;
        let predictions = self.known_predictions(&base)?.ok_or_else(not_imported)?;
        Ok(Some((base, predictions)))
    }

    fn fit_step(&self) -> Result<Step> {
        let spec = &self.workspace.manifest.fit;
        let model = self.workspace.pretrained_key()?;
        let inputs = [("data", self.workspace.fingerprint()), ("model", model)];
        Step::new("fit", CODE_VERSION, spec, &inputs)
    }

    fn fit_record(&self) -> Result<Option<FitRecord>> {
        let output = self.store.step_output(&self.fit_step()?)?;
        Ok(output.and_then(|output| serde_json::from_value(output).ok()))
    }

    fn fitted_base(&self) -> Result<Option<Base>> {
        let Some(record) = self.fit_record()? else {
            return Ok(None);
        };
        let info = self.base_info(&record)?;
        let bytes = std::fs::read(&info.path).map_err(|e| Error::file("read", &info.path, e))?;
        let model = self.workspace.pretrained()?.restore(&bytes, &info.path)?;
        Ok(Some(Base {
            info,
            model: Arc::new(model),
            fit_seconds: record.seconds,
        }))
    }

    fn base_info(&self, record: &FitRecord) -> Result<BaseModel> {
        Ok(BaseModel {
            id: record.model.clone(),
            path: self.store.checkpoint_path(&record.checkpoint)?,
            origin: "fitted here".into(),
        })
    }

    fn keep_base(&self, fitted: &Fitted) -> Result<Base> {
        let fill = |out: &mut dyn std::io::Write| out.write_all(&fitted.checkpoint);
        let record = FitRecord {
            model: fitted.model.fingerprint(),
            checkpoint: self.store.write_checkpoint("base", fill)?,
            seconds: fitted.seconds,
        };
        let output = serde_json::to_value(&record)
            .map_err(|e| Error::program("cannot describe the fit").because(e))?;
        self.store.finish_step(&self.fit_step()?, &output)?;
        Ok(Base {
            info: self.base_info(&record)?,
            model: Arc::new(fitted.model.clone()),
            fit_seconds: fitted.seconds,
        })
    }

    /// The base's predictions on every role but *final*: kept, shipped, or
    /// made now.
    ///
    /// # Errors
    /// When cancelled, or when they cannot be kept.
    pub fn reference(&self, base: &Base, progress: &Progress) -> Result<Arc<Predictions>> {
        if let Some(known) = self.known_predictions(&base.info)? {
            return Ok(known);
        }
        let examples = score::with_roles(&self.workspace, &score::VISIBLE);
        let predictions = score::score(&self.workspace, &base.model, examples, progress)?;
        if self.store.read_only().is_none() {
            let data = self.scored_data()?;
            self.store
                .put_predictions(&base.info.id, &data, &predictions)?;
        }
        Ok(Arc::new(predictions))
    }

    /// The part of predictions that may be shown: without *final*, which files
    /// of black boxes hold and states of earlier versions, and without rows
    /// that the data have lost.
    ///
    /// # Errors
    /// Never for predictions of this project.
    pub(super) fn visible(&self, predictions: &Predictions) -> Result<Predictions> {
        let examples = &self.workspace.dataset.examples;
        let shown = |index: usize| examples.get(index).is_some_and(|e| e.role != Role::Final);
        predictions.only(shown)
    }

    /// What the base says about the visible roles, if that is kept or shipped.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn known_predictions(&self, base: &BaseModel) -> Result<Option<Arc<Predictions>>> {
        // Imported predictions hold whatever this program computes.
        let data = match self.is_black_box()? {
            true => self.workspace.fingerprint().to_owned(),
            false => self.scored_data()?,
        };
        if let Some(kept) = self.store.predictions(&base.id, &data)? {
            return Ok(Some(Arc::new(self.visible(&kept)?)));
        }
        let shipped = self.shipped_for(base)?;
        shipped.map(|shipped| shipped.predictions()).transpose()
    }

    /// The neighbour-preserving map of the base's predictions, if it is kept
    /// or shipped.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn known_map(&self, base: &BaseModel) -> Result<Option<Arc<MapPositions>>> {
        let data = self.scored_data()?;
        if let Some(kept) = self.store.map(&base.id, &data, MapMethod::Tsne)? {
            return Ok(Some(Arc::new(kept)));
        }
        let shipped = self.shipped_for(base)?;
        shipped.map(|shipped| shipped.map()).transpose()
    }

    /// Keeps the map of the base's predictions.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn keep_map(&self, base: &BaseModel, map: &MapPositions) -> Result<()> {
        self.store.put_map(&base.id, &self.scored_data()?, map)
    }

    /// What predictions and maps are kept under, beside their model: the data,
    /// and the code that scores them and lays them out.
    pub(super) fn scored_data(&self) -> Result<String> {
        self.scored_by(CODE_VERSION)
    }

    /// The same for some version of the code.
    pub(super) fn scored_by(&self, code: u32) -> Result<String> {
        let inputs = [("data", self.workspace.fingerprint())];
        Ok(Step::new("score", code, &(), &inputs)?.hash().to_owned())
    }

    fn shipped_for(&self, base: &BaseModel) -> Result<Option<Shipped>> {
        let shipped = Shipped::find(&self.workspace)?;
        Ok(shipped.filter(|shipped| shipped.index.model == base.id))
    }

    /// What discovery starts from.
    pub fn discovering<'a>(
        &'a self,
        base: &'a BaseModel,
        predictions: &'a Predictions,
        document: &'a Document,
        settings: &'a DiscoverySettings,
    ) -> Discovering<'a> {
        Discovering {
            workspace: &self.workspace,
            predictions,
            model: &base.id,
            triage: &document.triage,
            settings,
        }
    }

    /// All snapshots: those kept here, after the one that was shipped.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Arc<Snapshot>>> {
        let mut snapshots: Vec<Arc<Snapshot>> =
            self.store.snapshots()?.into_iter().map(Arc::new).collect();
        if let Some(shipped) = Shipped::find(&self.workspace)? {
            let shipped = shipped.snapshot()?;
            if snapshots.iter().all(|s| s.version != shipped.version) {
                snapshots.insert(0, shipped);
            }
        }
        Ok(snapshots)
    }

    /// The blind spots that a round was trained for.
    ///
    /// # Errors
    /// When they are gone.
    pub fn snapshot_of(&self, round: &Round) -> Result<Arc<Snapshot>> {
        let mut snapshots = self.snapshots()?.into_iter();
        let found = snapshots.find(|snapshot| snapshot.version == round.snapshot);
        found.ok_or_else(|| {
            Error::input(format!(
                "the blind spots (snapshot {}) that round {} was trained for are gone",
                round.snapshot, round.number
            ))
            .hint("retrain, and open final for the new round")
        })
    }

    /// The comparisons of a round: on *check*, and on *final* once opened.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn comparisons_of(&self, round: u32) -> Result<Vec<Arc<Comparison>>> {
        let all = self.store.comparisons()?.into_iter();
        Ok(all
            .filter(|(number, _)| *number == round)
            .map(|(_, comparison)| Arc::new(comparison))
            .collect())
    }

    /// The rounds so far with their figures.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn rounds(&self) -> Result<Vec<Arc<RoundResult>>> {
        self.store
            .rounds()?
            .into_iter()
            .map(|round| {
                Ok(Arc::new(RoundResult {
                    comparisons: self.comparisons_of(round.number)?,
                    round,
                    answers: Vec::new(),
                }))
            })
            .collect()
    }

    /// The predictions of a trained arm on every role but *final*.
    ///
    /// # Errors
    /// When the file is gone or damaged.
    pub(super) fn result_of(&self, run: &ArmRun) -> Result<Predictions> {
        let path = self.weights_of(run)?.with_extension("safetensors");
        let (predictions, _) = file::read(&path)?;
        self.visible(&predictions)
    }

    /// What the models of a round say about all roles but *final*.
    ///
    /// # Errors
    /// When a file is gone or damaged.
    pub fn answers_of(&self, round: &Round) -> Result<Answers> {
        let runs = round.runs.iter();
        runs.map(|run| Ok((run.clone(), Arc::new(self.result_of(run)?))))
            .collect()
    }

    /// The model that a run trained.
    ///
    /// # Errors
    /// When its weights are gone or damaged.
    pub fn retrained(&self, run: &ArmRun) -> Result<Classifier> {
        let path = self.weights_of(run)?;
        let bytes = std::fs::read(&path).map_err(|e| Error::file("read", &path, e))?;
        self.workspace.pretrained()?.restore(&bytes, &path)
    }

    /// The model in use: the reference base, or the one of the round that was
    /// chosen.
    ///
    /// # Errors
    /// When it cannot be loaded, or when cancelled.
    pub fn model_in_use(&self, progress: &Progress) -> Result<Arc<Classifier>> {
        let number = self.document()?.model_round;
        let rounds = self.store.rounds()?;
        let chosen = rounds.iter().find(|round| round.number == number);
        match chosen.and_then(Round::model) {
            Some(run) => Ok(Arc::new(self.retrained(run)?)),
            None => Ok(self.base(false, progress)?.model),
        }
    }

    /// Where the weights of a run lie. Only the name of the file is taken from
    /// the record: the project may have been moved since.
    pub(super) fn weights_of(&self, run: &ArmRun) -> Result<PathBuf> {
        let recorded = run.checkpoint.as_deref().map(Path::new);
        let name = recorded.and_then(Path::file_name).ok_or_else(|| {
            Error::input(format!("the weights of arm {} were not kept", run.arm))
                .hint("retrain: a round keeps the weights of all its arms")
        })?;
        Ok(self.rounds_folder().join(name))
    }

    /// Where output of frozen blocks is kept.
    pub fn cache_folder(&self) -> PathBuf {
        self.store.folder().join("cache")
    }

    /// Where trained arms keep their results.
    pub fn rounds_folder(&self) -> PathBuf {
        self.store.folder().join("rounds")
    }

    /// The document, with lessons of `lessons.jsonl` that it does not have
    /// yet, and the settings of project.toml while nothing was changed.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn document(&self) -> Result<Document> {
        let mut document = self.store.document();
        if document == Document::default() {
            document.settings = self.workspace.manifest.discovery.clone();
            document.snapshot = self.snapshots()?.last().map(|snapshot| snapshot.version);
        }
        for lesson in read_lessons(&self.workspace.folder.join(LESSONS_FILE))? {
            document
                .lessons
                .entry(lesson.id.clone())
                .or_insert_with(|| Arc::new(lesson));
        }
        Ok(document)
    }
}

/// Where the state of a project lies.
pub fn state_folder(folder: &Path, state_dir: Option<&Path>) -> PathBuf {
    state_dir.map_or_else(|| folder.join(STATE_FOLDER), Path::to_path_buf)
}

/// Reads lessons from JSON Lines; no file, no lessons.
///
/// # Errors
/// Names file and line of what is no lesson.
pub fn read_lessons(path: &Path) -> Result<Vec<Lesson>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(path).map_err(|e| Error::file("read", path, e))?;
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|e| {
                Error::input(format!("`{}`, line {number}, is no lesson", path.display()))
                    .because(e)
                    .hint("each line is one lesson as `export` writes it")
            })
        })
        .collect()
}
