//! Everything that a project shows, as files for other programs: tables (CSV
//! and JSON), scores (CSV and Parquet), lessons (JSON Lines), labelled rows for
//! Hugging Face `datasets` and Argilla, and a model in Hugging Face layout. No
//! file holds a sealed text.

mod comparison_tables;
pub mod corrected;
mod discovery_tables;
pub mod junit;
pub mod labelled;
mod labelled_project;
mod model;
mod parquet_file;
mod project_tables;
mod scores;
pub mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use model::ModelChoice;
use table::Table;

use crate::comparison::Comparison;
use crate::inference::Predictions;
use crate::project::manifest::FILE_NAME;
use crate::records::{Lesson, ModelBase};
use crate::steps::abstain::{AbstainOrder, figures as abstain};
use crate::steps::leakage_guard::{without_copied_texts, without_copies};
use crate::steps::save_lessons::json_lines;
use crate::steps::{OpenProject, State, suspects};
use crate::support::figures::cells;
use crate::support::{Error, Progress, Result, atomic_file};

/// Lists the files of an export; its presence says that a folder is one.
const INDEX: &str = "export.json";

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Exported {
    /// The folder.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Version of the program.
    pub made_with: String,
    /// Files and folders in it.
    pub files: Vec<String>,
}

/// Writes everything into a folder, which is made if needed. An earlier
/// export there is replaced file by file.
///
/// # Errors
/// When the folder holds anything else, a file cannot be written, the chosen
/// model is not there, or when cancelled.
pub fn write(
    project: &OpenProject,
    folder: &Path,
    choice: &ModelChoice,
    progress: &Progress,
) -> Result<Exported> {
    let mut state = State::read(project)?;
    state.ensure_map(progress)?;
    state.document = without_copies(project, &state.document, progress)?;
    let has_model = project.workspace.manifest.model_base(&state.folder)? != ModelBase::Predictions;
    let chosen = choice.find(&state)?;
    require_free(folder, INDEX)?;
    std::fs::create_dir_all(folder).map_err(|e| Error::file("create", folder, e))?;
    progress.stage("Exporting tables", None);
    let mut files = tables(project, &state, folder, progress)?;
    progress.check()?;
    progress.stage("Exporting lessons", None);
    let lessons = lessons(project, &state, folder, progress)?;
    files.push("lessons.jsonl".into());
    progress.stage("Exporting labelled rows", None);
    files.extend(labelled_project::write(&state, &lessons, folder, progress)?);
    if let Some(predictions) = &state.predictions {
        progress.stage("Exporting predictions", None);
        let answers = answers(project, &state, progress);
        let written = scores::write(&state.dataset, predictions, &answers, folder, progress)?;
        files.extend(written.into_iter().map(str::to_owned));
    }
    progress.check()?;
    if has_model && state.base.is_some() {
        progress.stage("Exporting the model", None);
        model::write(project, &state, &chosen, &folder.join("model"), progress)?;
        files.push("model/".into());
    }
    let exported = Exported {
        folder: folder.to_owned(),
        made_with: env!("CARGO_PKG_VERSION").into(),
        files,
    };
    json(&folder.join(INDEX), &exported)?;
    Ok(exported)
}

/// What to leave to a person under the model in use; nothing where it has not
/// answered *check*.
fn thresholds(project: &OpenProject, state: &State, progress: &Progress) -> Option<Table> {
    let order = AbstainOrder::usual(&state.manifest);
    let found = project.abstain(state, &order, progress);
    let found = found.map_err(|error| progress.warn(format!("no thresholds: {error}")));
    let (of_errors, of_costs) = (abstain::thresholds(), abstain::cheapest());
    let columns = ["part", "kind"];
    let mut table = Table::new("abstention", &columns);
    table = table.figures(&of_errors).figures(&of_costs);
    for row in found.ok()?.rows() {
        let mut line: table::Row = vec![row.part.as_str().into(), row.kind.into()];
        line.extend(cells(&of_errors, &row).chain(cells(&of_costs, &row)));
        table.rows.push(line);
    }
    Some(table)
}

/// What the models of the last round and the second models say, by the name of
/// each.
fn answers(
    project: &OpenProject,
    state: &State,
    progress: &Progress,
) -> Vec<(String, Arc<Predictions>)> {
    let of_round = state.rounds.last().map(|last| {
        project.answers_of(&last.round).unwrap_or_else(|error| {
            progress.warn(format!("no predictions of the last round: {error}"));
            Vec::new()
        })
    });
    let runs = of_round.unwrap_or_default().into_iter();
    let mut answers: Vec<_> = runs
        .map(|(run, said)| (format!("{}, seed {}", run.arm, run.seed), said))
        .collect();
    for result in &state.second_models {
        let model = &result.model;
        let name = format!("second model {}: {}", model.number, model.name());
        match project.answers_of_second(model) {
            Ok(said) => answers.push((name, said)),
            Err(error) => progress.warn(format!("no predictions of {name}: {error}")),
        }
    }
    answers
}

/// Refuses a folder that holds anything but an earlier export, which has this
/// index: a project's own files must never be overwritten.
fn require_free(folder: &Path, index: &str) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let failed = |e| Error::file("read", folder, e);
    let mut entries = std::fs::read_dir(folder).map_err(failed)?;
    let is_empty = entries.next().is_none();
    let is_export = folder.join(index).exists() && !folder.join(FILE_NAME).exists();
    if is_empty || is_export {
        return Ok(());
    }
    Err(Error::input(format!(
        "`{}` holds other files, which an export might overwrite",
        folder.display()
    ))
    .hint("name a folder that is new, empty, or an earlier export"))
}

fn tables(
    project: &OpenProject,
    state: &State,
    folder: &Path,
    progress: &Progress,
) -> Result<Vec<String>> {
    let mut tables = comparison_tables::all(state);
    tables.extend(discovery_tables::all(state));
    tables.push(suspects(state, progress)?);
    tables.extend(thresholds(project, state, progress));
    tables.push(corrected::changes(&state.dataset, &state.document).0);
    tables.extend(project_tables::all(&project.workspace, state)?);
    let mut files = Vec::new();
    for table in tables {
        for suffix in ["csv", "json"] {
            let name = format!("{}.{suffix}", table.name);
            let path = folder.join(&name);
            match suffix {
                "csv" => table.write_csv(&path)?,
                _ => table.write_json(&path)?,
            }
            files.push(name);
        }
    }
    let comparisons: Vec<(u32, &Comparison)> = state
        .rounds
        .iter()
        .flat_map(|result| {
            let all = result.comparisons.iter();
            all.map(|comparison| (result.round.number, comparison.as_ref()))
        })
        .collect();
    json(&folder.join("comparisons.json"), &comparisons)?;
    files.push("comparisons.json".into());
    if !state.second_models.is_empty() {
        let seconds = state.second_models.iter();
        let seconds: Vec<(u32, &Comparison)> = seconds
            .map(|result| (result.model.number, result.comparison.as_ref()))
            .collect();
        json(&folder.join("second_model_comparisons.json"), &seconds)?;
        files.push("second_model_comparisons.json".into());
    }
    Ok(files)
}

fn suspects(state: &State, progress: &Progress) -> Result<Table> {
    let figures = suspects::figures();
    let mut table = Table::new("suspect_labels", &[]).figures(&figures);
    let listed = state.listed(&state.suspects(progress)?);
    let rows = listed.iter().map(|one| cells(&figures, one).collect());
    table.rows.extend(rows);
    Ok(table)
}

/// Writes the lessons without samples that copy sealed texts, and gives them.
fn lessons(
    project: &OpenProject,
    state: &State,
    folder: &Path,
    progress: &Progress,
) -> Result<Vec<Lesson>> {
    let lessons = state.document.lessons.values().map(AsRef::as_ref);
    let lessons = without_copied_texts(project, lessons, progress)?;
    let lines = json_lines(&lessons)?;
    atomic_file::write(&folder.join("lessons.jsonl"), |out| {
        out.write_all(lines.as_bytes())
    })?;
    Ok(lessons)
}

fn json(path: &Path, value: &impl serde::Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::program("cannot write JSON").because(e))?;
    atomic_file::write(path, |out| out.write_all(text.as_bytes()))
}
