//! Predictions of a black box, read from a file: a probability for each label,
//! optionally an embedding, for rows named by their ids.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::table::{self, RowRead, Table};
use crate::dataset::{Dataset, Ids};
use crate::inference::{Predictions, rounded};
use crate::project::StepKey;
use crate::records::{BaseModel, DataSpec, Role};
use crate::steps::OpenProject;
use crate::support::{Error, Progress, Result, hash};

/// Raised when the same file would be read in another way.
const CODE_VERSION: u32 = 1;

/// The smallest probability that is told from 0; its logarithm is finite.
const SMALLEST: f32 = 1e-9;

/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 4_096;

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
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} predictions imported, ", self.rows)?;
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
        Ok(())
    }
}

/// Reads predictions and keeps them in place of any imported before.
///
/// The file (CSV, Parquet, JSON Lines or .xlsx) has a column `id`, for each
/// label a column `probability_LABEL`, `p_LABEL` or `LABEL`, and optionally
/// `embedding_0`, `embedding_1`, … or one column `embedding` with a list.
///
/// # Errors
/// When the project has a model of its own, a column is missing, a
/// probability is none, an id comes twice, *discovery* has no predictions, or
/// when cancelled.
pub fn import_predictions(
    project: &OpenProject,
    file: &Path,
    progress: &Progress,
) -> Result<Imported> {
    if !project.is_black_box()? {
        return Err(Error::input(
            "the project has a model of its own, so predictions are not imported",
        )
        .hint("write base = \"predictions\" under [model] in project.toml"));
    }
    progress.stage("Reading predictions", None);
    let (predictions, unknown_ids) = read(project, file, progress)?;
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
        model: format!("imported-{}", &hash::file(file)?[..32]),
        file: name.to_string_lossy().into_owned(),
    };
    let data = project.workspace.fingerprint();
    let output = serde_json::to_value(&record)
        .map_err(|e| Error::program("cannot describe the import").because(e))?;
    // From here on they lie in the file, not in memory.
    let predictions = (project.store).put_predictions(&record.model, data, &predictions)?;
    project.store.finish_step(&step(project)?, &output)?;
    Ok(Imported {
        rows: predictions.len(),
        unknown_ids,
        missing,
        width: predictions.width(),
    })
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

/// One row of the file.
struct Scored {
    logits: Vec<f32>,
    embedding: Vec<f32>,
}

/// Reads a file of predictions, without those of *final*; also gives the number
/// of its rows whose id the project does not have.
pub(super) fn read(
    project: &OpenProject,
    file: &Path,
    progress: &Progress,
) -> Result<(Predictions, usize)> {
    let dataset = &project.workspace.dataset;
    let name = file.display().to_string();
    let (mut table, layout) = table::open(file, &name, &DataSpec::default(), progress)?;
    let columns = Columns::find(&layout.columns, dataset, &name)?;
    let ids = Ids::of(dataset);
    let mut scored = Rows::default();
    let (mut unknown, mut count) = (0, 0_usize);
    while let Some(step) = table.advance()? {
        count += 1;
        if count.is_multiple_of(CHECK_EVERY) {
            progress.check()?;
            progress.done(count as u64);
        }
        let row = match step {
            RowRead::Row(row) => row,
            RowRead::Broken(row, why) => {
                return Err(Error::input(format!("{name}:{row}: {why}"))
                    .hint("correct the row; every prediction must be readable"));
            }
        };
        let id = table.cell(columns.id).trim();
        let Some(index) = ids.index_meant(id) else {
            unknown += 1;
            continue;
        };
        let read = columns
            .read(table.as_ref())
            .map_err(|error| error.context(format!("{name}:{row}")))?;
        if let Some(earlier) = scored.in_file.insert(index, row) {
            return Err(Error::input(format!(
                "{name}:{row}: the id `{id}` comes twice, first in row {earlier}"
            ))
            .hint("keep one row for each id, so one model only"));
        }
        // What a black box says about *final* is not kept.
        if dataset.examples[index].role != Role::Final {
            scored
                .add(index, &read)
                .map_err(|error| error.context(format!("{name}:{row}")))?;
        }
    }
    let predictions = Predictions::in_any_order(
        scored.examples,
        dataset.labels.len(),
        scored.logits,
        scored.width.unwrap_or(0),
        scored.embeddings,
    )?;
    Ok((predictions, unknown))
}

/// The rows read so far, in the order of the file.
#[derive(Default)]
struct Rows {
    examples: Vec<usize>,
    logits: Vec<f32>,
    width: Option<usize>,
    embeddings: Vec<f32>,
    /// The row of the file that each example came in.
    in_file: BTreeMap<usize, u32>,
}

impl Rows {
    fn add(&mut self, example: usize, read: &Scored) -> Result<()> {
        let width = *self.width.get_or_insert(read.embedding.len());
        if read.embedding.len() != width {
            return Err(Error::input(format!(
                "its embedding has {} numbers, others have {width}",
                read.embedding.len()
            ))
            .hint("all embeddings must come from one model"));
        }
        self.examples.push(example);
        self.logits.extend_from_slice(&read.logits);
        self.embeddings.extend_from_slice(&read.embedding);
        Ok(())
    }
}

/// Where the file has what.
struct Columns {
    id: usize,
    /// The column of each label's probability.
    probabilities: Vec<usize>,
    /// Columns of the embedding, in the order of its dimensions.
    embedding: Vec<usize>,
    /// A column that holds the whole embedding as a list.
    embedding_list: Option<usize>,
}

impl Columns {
    fn find(names: &[String], dataset: &Dataset, file: &str) -> Result<Self> {
        let missing = |what: &str, wanted: &str| {
            Error::input(format!(
                "`{file}` has no column for {what}; it has {}",
                names.join(", ")
            ))
            .hint(format!("name it {wanted}"))
        };
        let id = position(names, "id").ok_or_else(|| missing("the id of a row", "`id`"))?;
        let labels = &dataset.labels;
        let mut probabilities: Vec<Option<usize>> = labels
            .iter()
            .map(|label| column_called(names, label))
            .collect();
        // What no label is called exactly may be another spelling of one.
        for (at, name) in names.iter().enumerate() {
            let taken = probabilities.contains(&Some(at)) || at == id;
            let meant = after_prefix(name).and_then(|value| dataset.label_meant(value));
            if let (false, Some(label)) = (taken, meant) {
                probabilities[usize::from(label)].get_or_insert(at);
            }
        }
        let found = probabilities
            .into_iter()
            .zip(labels)
            .map(|(column, label)| {
                column.ok_or_else(|| {
                    missing(
                        &format!("the probability of the label `{label}`"),
                        &format!("`probability_{label}`"),
                    )
                })
            });
        let embedding = embedding_columns(names, file)?;
        let embedding_list = position(names, "embedding");
        if let (Some(_), false) = (embedding_list, embedding.is_empty()) {
            return Err(Error::input(format!(
                "`{file}` has the embeddings twice: in the column `embedding` and in numbered ones"
            ))
            .hint("keep one of them"));
        }
        Ok(Self {
            id,
            probabilities: found.collect::<Result<_>>()?,
            embedding,
            embedding_list,
        })
    }

    fn read(&self, table: &dyn Table) -> Result<Scored> {
        let number = |column: &usize| number(table.cell(*column));
        let probabilities: Vec<f32> = (self.probabilities.iter())
            .map(number)
            .collect::<Result<_>>()?;
        let cells = self.probabilities.iter().map(|column| table.cell(*column));
        // Programs leave zeros at the end away.
        let decimals = cells.map(rounded::decimals).max().unwrap_or(0);
        let probabilities = rounded::sum_to_one(probabilities, decimals)?;
        let embedding = match self.embedding_list {
            Some(column) => list(table.cell(column))?,
            None => self.embedding.iter().map(number).collect::<Result<_>>()?,
        };
        Ok(Scored {
            // Scaling to a sum of 1 is what the softmax of these does.
            logits: probabilities.iter().map(|p| p.max(SMALLEST).ln()).collect(),
            embedding,
        })
    }
}

/// What a column of probabilities is called in front of its label.
const PREFIXES: [&str; 3] = ["probability_", "p_", ""];

fn position(names: &[String], wanted: &str) -> Option<usize> {
    let exact = names.iter().position(|name| name == wanted);
    let alike = || {
        names
            .iter()
            .position(|name| name.trim().eq_ignore_ascii_case(wanted))
    };
    exact.or_else(alike)
}

/// The column that is called exactly as a label's probability is.
fn column_called(names: &[String], label: &str) -> Option<usize> {
    let mut called = PREFIXES.iter().map(|prefix| format!("{prefix}{label}"));
    called.find_map(|wanted| names.iter().position(|name| name.trim() == wanted))
}

/// The label's part of a column's name.
fn after_prefix(name: &str) -> Option<&str> {
    let name = name.trim();
    PREFIXES.iter().find_map(|prefix| {
        let start = name.get(..prefix.len())?;
        start
            .eq_ignore_ascii_case(prefix)
            .then(|| &name[prefix.len()..])
    })
}

/// Columns `embedding_0`, `embedding_1`, … or counted from 1, in the order of
/// their numbers.
fn embedding_columns(names: &[String], file: &str) -> Result<Vec<usize>> {
    let numbered = names.iter().enumerate().filter_map(|(at, name)| {
        let name = name.trim().to_lowercase();
        let number = name.strip_prefix("embedding_")?.parse::<usize>().ok()?;
        Some((number, at))
    });
    let mut columns: Vec<(usize, usize)> = numbered.collect();
    columns.sort_unstable();
    let first = columns.first().map_or(0, |(number, _)| *number);
    for ((number, at), wanted) in columns.iter().zip(first..) {
        if first > 1 || *number != wanted {
            let what = match *number < wanted {
                true => format!("the column `{}` a second time", names[*at]),
                false => format!(
                    "no column `embedding_{}`",
                    if first > 1 { 0 } else { wanted }
                ),
            };
            return Err(Error::input(format!(
                "`{file}` has {what}, so its embeddings are not whole"
            ))
            .hint(
                "number their columns embedding_0, embedding_1, … without a gap, each once, or \
                 write one column `embedding` with lists",
            ));
        }
    }
    Ok(columns.into_iter().map(|(_, at)| at).collect())
}

fn number(cell: &str) -> Result<f32> {
    let parsed = cell.trim().parse::<f32>().ok();
    parsed.filter(|number| number.is_finite()).ok_or_else(|| {
        Error::input(format!("`{cell}` is no number"))
            .hint("write numbers with a decimal point and leave no cell empty")
    })
}

fn list(cell: &str) -> Result<Vec<f32>> {
    // A list of one number is that number.
    if let Ok(only) = number(cell) {
        return Ok(vec![only]);
    }
    serde_json::from_str(cell).map_err(|e| {
        Error::input("the embedding is no list of numbers")
            .because(e)
            .hint("write it as [0.1, -0.2, …]")
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::cell::Kind;
    use crate::inference::softmax;

    struct OneRow(Vec<String>);

    impl Table for OneRow {
        fn advance(&mut self) -> Result<Option<RowRead>> {
            Ok(None)
        }

        fn cell(&self, column: usize) -> &str {
            &self.0[column]
        }

        fn kind(&self, _: usize) -> Kind {
            Kind::Plain
        }
    }

    fn columns(names: &[&str], labels: &[&str]) -> Result<Columns> {
        let owned = |all: &[&str]| {
            all.iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        let dataset = Dataset {
            labels: owned(labels),
            ..Dataset::default()
        };
        Columns::find(&owned(names), &dataset, "p.csv")
    }

    #[test]
    fn each_label_has_a_column_of_its_own_however_it_is_written() {
        for (names, labels, found) in [
            (
                &["id", "probability_us", "probability_US"][..],
                &["US", "us"][..],
                &[2, 1][..],
            ),
            (&["id", "p_1.0", "p_2.0"], &["1", "2"], &[1, 2]),
            (
                &["ID", "Probability_Good", "probability_bad"],
                &["bad", "good"],
                &[2, 1],
            ),
            (&["id", "-1", "1"], &["-1", "1"], &[1, 2]),
        ] {
            let columns = columns(names, labels).expect("found");
            assert_eq!(columns.probabilities, found, "{names:?}");
        }
        assert!(columns(&["id", "probability_us"], &["US", "us"]).is_err());
    }

    #[test]
    fn embeddings_with_gaps_or_two_numberings_are_refused() {
        let with = |names: &[&str]| {
            let all: Vec<&str> = ["id", "p_a", "p_b"].iter().chain(names).copied().collect();
            columns(&all, &["a", "b"])
        };
        for (names, found) in [
            (&["embedding_1", "embedding_0"][..], &[4, 3][..]),
            (&["embedding_1", "embedding_2"], &[3, 4]),
            (&["embedding_00", "embedding_01"], &[3, 4]),
        ] {
            assert_eq!(with(names).expect("whole").embedding, found);
        }
        for names in [
            &["embedding_0", "embedding_2"][..],
            &["embedding_2", "embedding_3"],
            &["embedding_0", "embedding_1", "embedding_01"],
            &["embedding_0", "embedding"],
        ] {
            let error = with(names).err().expect("refused").to_string();
            assert!(error.contains("p.csv"), "{error}");
        }
    }

    #[test]
    fn two_decimals_of_150_classes_are_read_as_they_were_meant() {
        let mut cells = vec!["0.00".to_owned(); 150];
        cells[3] = "0.50".into();
        let columns = Columns {
            id: 0,
            probabilities: (0..150).collect(),
            embedding: Vec::new(),
            embedding_list: None,
        };
        let read = columns.read(&OneRow(cells)).expect("only rounded");
        let confidence = softmax(&read.logits, 1.0)[3];
        assert!((confidence - 0.5).abs() < 0.006, "{confidence}");
    }
}
