//! The data set with the corrections of people, for other programs and for
//! the data's owner: new files beside the project's own, which stay as they
//! are, and a table of what was changed.
//!
//! Rows of *final* are not in it: their texts are sealed, and their labels
//! cannot be corrected.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::labelled::{Column, DatasetsFolder, What, argilla_records};
use super::parquet_file::{Kind, parquet};
use super::table::{Row, Table};
use super::{json, require_free};
use crate::dataset::{Dataset, Example};
use crate::discovery::Truths;
use crate::records::{Document, Role, Triage};
use crate::steps::OpenProject;
use crate::steps::suspects::judgement;
use crate::support::figures::Cell;
use crate::support::text::{many, without_formula};
use crate::support::{Error, Progress, Result};

/// Its presence says that a folder holds a corrected data set.
const INDEX: &str = "corrected.json";
/// Name of the data files, without a suffix.
const DATA: &str = "data";

/// What is in the folder, beside the index.
const FILES: [&str; 6] = [
    "data.csv",
    "data.jsonl",
    "data.parquet",
    "datasets/",
    "argilla.json",
    "label_changes.csv",
];

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Corrected {
    /// The folder.
    #[serde(skip)]
    pub folder: PathBuf,
    /// Version of the program.
    pub made_with: String,
    /// The files in it.
    pub files: Vec<String>,
    /// Rows of the data set.
    pub rows: usize,
    /// Rows whose label was corrected.
    pub corrected: usize,
    /// Rows that are left out, since nobody can say their label.
    pub set_aside: usize,
    /// Rows of *final*, which are left out.
    pub sealed: usize,
    /// Texts that have an apostrophe in front in the CSV file, since a
    /// spreadsheet would run them as a formula.
    pub with_apostrophe: usize,
}

impl fmt::Display for Corrected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} with {} corrected, written to {}",
            many(self.rows, "row"),
            many(self.corrected, "label"),
            self.folder.display()
        )?;
        if self.set_aside > 0 {
            let rows = many(self.set_aside, "row");
            write!(f, "; {rows} whose label nobody can say left out")?;
        }
        if self.sealed > 0 {
            let rows = many(self.sealed, "row");
            write!(
                f,
                "; {rows} of final left out: they stay sealed in your own files"
            )?;
        }
        if self.with_apostrophe > 0 {
            let texts = many(self.with_apostrophe, "text");
            write!(
                f,
                "; {DATA}.csv has an apostrophe before {texts} that a spreadsheet would run as a \
                 formula: to read them back, take {DATA}.jsonl or {DATA}.parquet"
            )?;
        }
        Ok(())
    }
}

/// Writes the corrected data set as CSV, JSON Lines and Parquet, for Hugging
/// Face `datasets` and for Argilla, and `label_changes.csv`.
///
/// # Errors
/// When the folder holds anything but an earlier corrected data set, when a
/// file cannot be written, or when cancelled.
pub fn write(project: &OpenProject, folder: &Path, progress: &Progress) -> Result<Corrected> {
    require_free(folder, INDEX)?;
    std::fs::create_dir_all(folder).map_err(|e| Error::file("create", folder, e))?;
    let (dataset, document) = (&project.workspace.dataset, project.document()?);
    progress.stage("Writing the corrected data set", None);
    let data = data(dataset, &project.truths(&document));
    data.write_csv(&folder.join("data.csv"))?;
    progress.check()?;
    data.write_json_lines(&folder.join("data.jsonl"))?;
    progress.check()?;
    as_parquet(&data, folder)?;
    progress.check()?;
    for_others(&data, &dataset.labels, folder, progress)?;
    let (changes, corrected) = changes(dataset, &document);
    changes.write_csv(&folder.join("label_changes.csv"))?;
    let sealed = dataset.with_role(Role::Final).len();
    let written = Corrected {
        folder: folder.to_owned(),
        made_with: env!("CARGO_PKG_VERSION").into(),
        files: FILES.map(str::to_owned).to_vec(),
        rows: data.rows.len(),
        corrected,
        set_aside: dataset.examples.len() - sealed - data.rows.len(),
        sealed,
        with_apostrophe: with_apostrophe(dataset),
    };
    json(&folder.join(INDEX), &written)?;
    Ok(written)
}

fn as_parquet(data: &Table, folder: &Path) -> Result<()> {
    let columns = data.columns.iter().map(|name| (name.clone(), Kind::Text));
    let columns: Vec<(String, Kind)> = columns.collect();
    let rows = data.rows.iter().cloned();
    parquet(&folder.join("data.parquet"), &columns, rows)
}

/// A folder that `datasets` loads, split by role, and records for Argilla.
fn for_others(data: &Table, labels: &[String], folder: &Path, progress: &Progress) -> Result<()> {
    let columns = data.columns.iter().map(|name| {
        let what = match name.as_str() {
            "id" => What::Id,
            "text" | "text_b" => What::Text,
            "label" | "label_in_data" => What::Label(labels.to_vec()),
            _ => What::Note,
        };
        Column::new(name.as_str(), what)
    });
    let columns: Vec<Column> = columns.collect();
    let role_of = |row: &Row| {
        let mut cells = data.columns.iter().zip(row);
        cells.find_map(|(name, cell)| (name == "role").then(|| cell.clone()))
    };
    let mut splits = DatasetsFolder::begin(&folder.join("datasets"), &columns)?;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Final) {
        let name = Some(Cell::from(role.name()));
        let rows = data.rows.iter().filter(|row| role_of(row) == name);
        splits.split(role.name(), rows.cloned())?;
        progress.check()?;
    }
    splits.finish()?;
    let records = folder.join("argilla.json");
    argilla_records(&records, &columns, data.rows.iter().cloned())
}

/// All rows but those of *final* and those whose label nobody can say.
fn data(dataset: &Dataset, truths: &Truths) -> Table {
    let mut columns = vec!["id", "text"];
    let texts = || dataset.examples.iter().filter_map(Example::text);
    let pairs = texts().any(|text| text.second.is_some());
    columns.extend(pairs.then_some("text_b"));
    columns.extend(["label", "label_in_data", "role", "source", "group"]);
    let mut table = Table::new(DATA, &columns);
    for (index, example) in dataset.examples.iter().enumerate() {
        let (Some(text), Some(label)) = (example.text(), truths.of(dataset, index)) else {
            continue;
        };
        let mut row: Row = vec![example.key.0.as_str().into(), text.first.as_str().into()];
        if pairs {
            row.push(text.second.as_deref().into());
        }
        row.extend([
            dataset.label_name(label).into(),
            dataset.label_name(example.label).into(),
            example.role.name().into(),
            source(dataset, example),
            Cell::from(example.group.to_string()),
        ]);
        table.rows.push(row);
    }
    table
}

/// What people changed: one row for each label that was corrected or that
/// nobody can say; with how many were corrected.
pub(super) fn changes(dataset: &Dataset, document: &Document) -> (Table, usize) {
    let columns = [
        "id",
        "place",
        "role",
        "source",
        "from",
        "to",
        "judgement",
        "who",
        "when",
    ];
    let mut table = Table::new("label_changes", &columns);
    let mut corrected = 0;
    for (key, triage) in &document.triage {
        let found = dataset.index_of(key).map(|index| &dataset.examples[index]);
        let Some(example) = found.filter(|example| example.role != Role::Final) else {
            continue;
        };
        let to = match triage {
            Triage::RealError => continue,
            Triage::WrongLabel(to) => *to,
            Triage::Ambiguous => None,
        };
        if to == Some(example.label) {
            continue;
        }
        corrected += usize::from(to.is_some());
        let signature = document.judged.get(key);
        table.rows.push(vec![
            key.0.as_str().into(),
            dataset.place(example).into(),
            example.role.name().into(),
            source(dataset, example),
            dataset.label_name(example.label).into(),
            to.map(|label| dataset.label_name(label)).into(),
            judgement(*triage, dataset).into(),
            signature.and_then(|s| s.by.as_deref()).into(),
            signature.map(|s| s.when.as_str()).into(),
        ]);
    }
    (table, corrected)
}

fn source(dataset: &Dataset, example: &Example) -> Cell {
    let name = dataset.sources.get(usize::from(example.source));
    name.map(String::as_str).into()
}

fn with_apostrophe(dataset: &Dataset) -> usize {
    let texts = dataset.examples.iter().filter_map(Example::text);
    let marked =
        |text: &&crate::records::Text| { text.parts() }.any(|part| without_formula(part) != part);
    texts.filter(marked).count()
}
