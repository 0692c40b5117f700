//! The rows of a file of predictions, met with those of the project.

use std::collections::BTreeMap;
use std::path::Path;

use super::columns::{Columns, classes_of};
use super::doubts::doubts;
use crate::dataset::table::{self, RowRead, Table};
use crate::dataset::{Dataset, Ids};
use crate::inference::Predictions;
use crate::model::label_names::{Matching, listed, matching};
use crate::records::{DataSpec, Role};
use crate::steps::OpenProject;
use crate::steps::label_question::LabelQuestion;
use crate::support::text::with_formula;
use crate::support::{Error, Progress, Result};

/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 4_096;

/// One row of the file.
pub(super) struct Scored {
    pub(super) logits: Vec<f32>,
    pub(super) embedding: Vec<f32>,
}

/// What a file says whose columns may be called otherwise than the labels.
pub(in crate::steps) enum FromFile {
    /// Answers with the labels of the data.
    Answers(ReadFile),
    /// Somebody has to say what its classes mean.
    Open(LabelQuestion),
}

/// What a file of predictions holds.
pub(in crate::steps) struct ReadFile {
    /// The predictions, without those of *final*.
    pub(in crate::steps) predictions: Predictions,
    /// Rows whose id the project does not have.
    pub(in crate::steps) unknown_ids: usize,
    /// Columns that play no part.
    pub(super) unused: Vec<String>,
    /// What whoever uses them has to know.
    pub(in crate::steps) said: Vec<String>,
}

/// Reads a file of predictions, where the columns of probabilities may be called
/// as the classes of a model are; `mapping` says what these mean.
///
/// # Errors
/// When it cannot be read, or when the classes can never be the labels.
pub(in crate::steps) fn read_answers(
    project: &OpenProject,
    file: &Path,
    mapping: &BTreeMap<String, String>,
    progress: &Progress,
) -> Result<FromFile> {
    let dataset = &project.workspace.dataset;
    let mut opened = Opened::open(file, dataset, mapping, progress)?;
    let (predictions, unknown_ids) = rows_of(&Taken::of_data(dataset), &mut opened, progress)?;
    let (predictions, of_classes) = match opened.matched {
        None => (predictions, None),
        Some(Matching::Matched(matched)) => {
            (predictions.of_classes(&matched.classes)?, matched.said())
        }
        Some(Matching::Open(open)) => {
            let asked = (opened.classes.as_slice(), &open);
            let workspace = &project.workspace;
            let question = LabelQuestion::in_answers(workspace, asked, &predictions);
            return Ok(FromFile::Open(question));
        }
    };
    let said = of_classes.into_iter().chain(doubts(&predictions));
    Ok(FromFile::Answers(ReadFile {
        said: said.collect(),
        unknown_ids,
        unused: opened.columns.unused(&opened.names),
        predictions,
    }))
}

/// As [`read_answers`] for texts that are no rows of the data: `ids` give the
/// number of each. Also what there is to say of the classes.
///
/// # Errors
/// As [`read_answers`], and when nobody has said what the classes mean.
pub(in crate::steps) fn read_by_ids(
    project: &OpenProject,
    file: &Path,
    mapping: &BTreeMap<String, String>,
    ids: &BTreeMap<&str, usize>,
    progress: &Progress,
) -> Result<(Predictions, Option<String>)> {
    let dataset = &project.workspace.dataset;
    let mut opened = Opened::open(file, dataset, mapping, progress)?;
    let (predictions, _) = rows_of(&Taken::OfIds(ids), &mut opened, progress)?;
    match opened.matched {
        None => Ok((predictions, None)),
        Some(Matching::Matched(matched)) => {
            Ok((predictions.of_classes(&matched.classes)?, matched.said()))
        }
        Some(Matching::Open(_)) => Err(Error::input(format!(
            "nobody has said what the classes of `{}` mean: they are called {}, the labels {}",
            opened.name,
            listed(&opened.classes),
            listed(&dataset.labels)
        ))
        .hint("say it with `--label CLASS=LABEL`, once for each class")),
    }
}

/// The columns of a file, and the classes that they are called after.
fn columns_for(
    names: &[String],
    dataset: &Dataset,
    mapping: &BTreeMap<String, String>,
    name: &str,
) -> Result<(Columns, Vec<String>)> {
    let classes = classes_of(names);
    let columns = match Columns::find(names, dataset, name) {
        Ok(columns) if mapping.is_empty() => columns,
        Err(error) if classes.is_empty() => return Err(error),
        _ => Columns::of_classes(names, &classes, name)?,
    };
    let classes = classes.into_iter().map(|(class, _)| class);
    Ok((columns, classes.collect()))
}

/// Which rows of a file are taken.
enum Taken<'a> {
    /// Those of the data, but not what a black box says about *final*.
    OfData(&'a Dataset, Ids<'a>),
    /// Those with some ids, each with its number.
    OfIds(&'a BTreeMap<&'a str, usize>),
}

impl<'a> Taken<'a> {
    fn of_data(dataset: &'a Dataset) -> Self {
        Self::OfData(dataset, Ids::of(dataset))
    }

    /// The number of the row with an id.
    fn number(&self, id: &str) -> Option<usize> {
        match self {
            Self::OfData(_, ids) => ids.index_meant(id),
            Self::OfIds(ids) => ids.get(id).or_else(|| ids.get(with_formula(id))).copied(),
        }
    }

    fn is_kept(&self, number: usize) -> bool {
        match self {
            Self::OfData(dataset, _) => dataset.examples[number].role != Role::Final,
            Self::OfIds(_) => true,
        }
    }
}

/// A file of predictions that is open, with what its columns are.
struct Opened {
    table: Box<dyn Table>,
    /// The file, in messages.
    name: String,
    /// Names of all columns.
    names: Vec<String>,
    columns: Columns,
    /// What the columns of probabilities are called after.
    classes: Vec<String>,
    /// What the classes mean; none where they are the labels themselves.
    matched: Option<Matching>,
}

impl Opened {
    fn open(
        file: &Path,
        dataset: &Dataset,
        mapping: &BTreeMap<String, String>,
        progress: &Progress,
    ) -> Result<Self> {
        let name = file.display().to_string();
        let (table, layout) = table::open(file, &name, &DataSpec::default(), progress)?;
        layout.tell(&name, progress);
        let (columns, classes) = columns_for(&layout.columns, dataset, mapping, &name)?;
        let matched = match columns.is_by_label {
            true => None,
            false => Some(
                matching(&classes, &dataset.labels, mapping)
                    .map_err(|error| error.context(format!("`{name}`")))?,
            ),
        };
        Ok(Self {
            table,
            name,
            names: layout.columns,
            columns,
            classes,
            matched,
        })
    }
}

fn rows_of(
    taken: &Taken<'_>,
    opened: &mut Opened,
    progress: &Progress,
) -> Result<(Predictions, usize)> {
    let (table, name, columns) = (&mut opened.table, &opened.name, &opened.columns);
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
        let Some(index) = taken.number(id) else {
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
        if taken.is_kept(index) {
            scored
                .add(index, &read)
                .map_err(|error| error.context(format!("{name}:{row}")))?;
        }
    }
    let predictions = Predictions::in_any_order(
        scored.examples,
        columns.probabilities.len(),
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
