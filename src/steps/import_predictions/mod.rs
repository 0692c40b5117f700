//! Predictions of a black box, read from a file: a probability for each label,
//! optionally an embedding, for rows named by their ids.

mod columns;
mod doubts;
mod rows;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::columns::listed;
use crate::discovery::Truths;
use crate::inference::Predictions;
use crate::project::StepKey;
use crate::records::{AnswersFrom, BaseModel, Role};
use crate::steps::OpenProject;
use crate::steps::label_question::{LabelQuestion, doubtful_mapping};
use crate::support::hash::StepHash;
use crate::support::{Error, Progress, Result, hash};

pub(super) use rows::{FromFile, ReadFile, read_answers, read_by_ids};

/// Raised when the same file would be read in another way.
const CODE_VERSION: u32 = 1;

/// What the step "import-predictions" leaves behind.
#[derive(Serialize, Deserialize)]
struct Record {
    model: String,
    file: String,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Imported {
    /// Rows of the project with predictions.
    pub rows: usize,
    /// Rows of the file whose id the project does not have.
    pub unknown_ids: usize,
    /// Rows that need a prediction and have none, by role.
    pub missing: BTreeMap<Role, usize>,
    /// Width of the embeddings; 0 when the file has none.
    pub width: usize,
    /// Columns that play no part.
    pub unused_columns: Vec<String>,
    /// Rows whose most probable label is the one that the data give them.
    pub agreeing: usize,
    /// Number of labels.
    pub labels: usize,
    /// What whoever uses them has to know.
    pub said: Vec<String>,
}

/// The outcome of importing predictions.
#[derive(Debug, Clone, PartialEq)]
pub enum ImportOutcome {
    /// They were read and kept.
    Imported(Imported),
    /// Somebody has to say what the classes of the black box mean.
    Asks(Arc<LabelQuestion>),
}

impl Imported {
    /// Whether the answers agree with the data so much less often than chance
    /// would have them that columns may be taken for each other.
    pub fn look_swapped(&self) -> bool {
        const ENOUGH: usize = 20;
        self.rows >= ENOUGH && 2 * self.labels * self.agreeing < self.rows
    }
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} predictions imported (what is said of “final” is not read), ",
            self.rows
        )?;
        match self.width {
            0 => f.write_str("without embeddings: blind spots can only tell confusions apart")?,
            width => write!(f, "with embeddings of width {width}")?,
        }
        if self.unknown_ids > 0 {
            write!(
                f,
                "\n{} rows were left out: the project does not have their ids",
                self.unknown_ids
            )?;
        }
        for (role, count) in &self.missing {
            write!(f, "\n{count} rows of {role} have no prediction")?;
        }
        if !self.unused_columns.is_empty() {
            write!(f, "\ncolumns not used: {}", listed(&self.unused_columns))?;
        }
        for line in &self.said {
            write!(f, "\n{line}")?;
        }
        if self.look_swapped() {
            write!(
                f,
                "\nthe most probable label is the one of the data in {} of {} rows, less often \
                 than by chance: check that each column holds the probability of the label that \
                 it names",
                self.agreeing, self.rows
            )?;
        }
        Ok(())
    }
}

/// Reads predictions and keeps them in place of any imported before.
///
/// The file (CSV, Parquet, JSON Lines or .xlsx) has a column `id`, for each
/// label a column `probability_LABEL`, `p_LABEL` or `LABEL`, and optionally
/// `embedding_0`, `embedding_1`, … or one column `embedding` with a list. Where
/// the columns are called after other classes, `from` says what these mean.
///
/// # Errors
/// When the project has a model of its own, a column is missing, a
/// probability is none, an id comes twice, the classes can never be the labels,
/// *discovery* has no predictions, or when cancelled.
pub fn import_predictions(
    project: &OpenProject,
    from: &AnswersFrom,
    progress: &Progress,
) -> Result<ImportOutcome> {
    let file = from.path.as_path();
    if !project.is_black_box()? {
        return Err(Error::input(
            "the project has a model of its own, so predictions are not imported",
        )
        .hint("write base = \"predictions\" under [model] in project.toml"));
    }
    progress.stage("Reading predictions", None);
    let ReadFile {
        predictions,
        unknown_ids,
        unused,
        mut said,
    } = match read_answers(project, file, &from.labels, progress)? {
        FromFile::Answers(read) => read,
        FromFile::Open(question) => return Ok(ImportOutcome::Asks(Arc::new(question))),
    };
    let missing = missing(project, &predictions);
    let examples = &project.workspace.dataset.examples;
    let found = predictions.examples().iter();
    if !found.clone().any(|i| examples[*i].role == Role::Discovery) {
        return Err(Error::input(format!(
            "`{}` has no prediction for any row of discovery",
            file.display()
        ))
        .hint("its ids must be those of the project's data files"));
    }
    let name = file.file_name().unwrap_or(file.as_os_str());
    let record = Record {
        model: format!("imported-{}", &fingerprint(from)?[..32]),
        file: name.to_string_lossy().into_owned(),
    };
    let data = project.workspace.fingerprint();
    let output = serde_json::to_value(&record)
        .map_err(|e| Error::program("cannot describe the import").because(e))?;
    // From here on they lie in the file, not in memory.
    let predictions = (project.store).put_predictions(&record.model, data, &predictions)?;
    project.store.finish_step(&step(project)?, &output)?;
    let dataset = &project.workspace.dataset;
    if !from.labels.is_empty() {
        said.extend(doubtful_mapping(dataset, &predictions, &Truths::default()));
    }
    Ok(ImportOutcome::Imported(Imported {
        rows: predictions.len(),
        unknown_ids,
        missing,
        width: predictions.width(),
        unused_columns: unused,
        agreeing: agreeing(project, &predictions),
        labels: dataset.labels.len(),
        said,
    }))
}

/// Checksum of a file of predictions and of what was said of its classes.
fn fingerprint(from: &AnswersFrom) -> Result<String> {
    let file = hash::file(&from.path)?;
    if from.labels.is_empty() {
        return Ok(file);
    }
    let said = serde_json::to_string(&from.labels)
        .map_err(|e| Error::program("cannot describe a mapping").because(e))?;
    let whole = StepHash::default().with("file", file.as_bytes());
    Ok(whole.with("mapping", said.as_bytes()).finish())
}

/// Rows whose most probable label is the one that the data give them.
fn agreeing(project: &OpenProject, predictions: &Predictions) -> usize {
    let examples = &project.workspace.dataset.examples;
    let agrees = |index: &&usize| {
        let answer = predictions.of_example(**index, 1.0);
        answer.is_some_and(|answer| answer.label == examples[**index].label)
    };
    predictions.examples().iter().filter(agrees).count()
}

/// The black box as the faces show it, once predictions were imported for the
/// data as they are.
///
/// # Errors
/// When the state cannot be read.
pub(super) fn imported_base(project: &OpenProject) -> Result<Option<BaseModel>> {
    let output = project.store.step_output(&step(project)?)?;
    let record: Option<Record> = output.and_then(|output| serde_json::from_value(output).ok());
    Ok(record.map(|record| BaseModel {
        id: record.model,
        origin: format!("a black box, predictions imported from {}", record.file),
        path: record.file.into(),
        curve: None,
    }))
}

pub(super) fn not_imported() -> Error {
    Error::input("the predictions of the black box have not been imported for these data")
        .hint("`blindspot import-predictions PROJECT FILE`, or “Import predictions …” in the window, reads them from CSV or Parquet")
}

fn step(project: &OpenProject) -> Result<StepKey> {
    let inputs = [("data", project.workspace.fingerprint())];
    StepKey::new("import-predictions", CODE_VERSION, &(), &inputs)
}

/// Rows of the roles that are looked at, without a prediction.
pub(super) fn missing(project: &OpenProject, predictions: &Predictions) -> BTreeMap<Role, usize> {
    let mut missing = BTreeMap::new();
    for (index, example) in project.workspace.dataset.examples.iter().enumerate() {
        if super::score::VISIBLE.contains(&example.role) && predictions.row_of(index).is_none() {
            *missing.entry(example.role).or_default() += 1;
        }
    }
    missing
}

impl OpenProject {
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
}
