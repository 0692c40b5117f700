//! The rows of a file of predictions, met with those of the project.

use std::collections::BTreeMap;
use std::path::Path;

use super::columns::Columns;
use crate::dataset::Ids;
use crate::dataset::table::{self, RowRead};
use crate::inference::Predictions;
use crate::records::{DataSpec, Role};
use crate::steps::OpenProject;
use crate::support::{Error, Progress, Result};

/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 4_096;

/// One row of the file.
pub(super) struct Scored {
    pub(super) logits: Vec<f32>,
    pub(super) embedding: Vec<f32>,
}

/// Reads a file of predictions, without those of *final*; also gives the number
/// of its rows whose id the project does not have.
pub(in crate::steps) fn read(
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
