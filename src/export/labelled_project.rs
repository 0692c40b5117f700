//! The rows of a project with their labels, what the base says to them, and the
//! samples of its lessons, for `datasets` and Argilla. Rows of *final* and
//! errors that are kept back are left out: a teacher may get to see the files.
//! Labels are those that people corrected, beside those of the data; rows whose
//! label nobody can say are left out.

use std::collections::BTreeSet;
use std::path::Path;

use super::labelled::{Column, DatasetsFolder, Row, What, argilla_records};
use crate::dataset::Dataset;
use crate::discovery::Truths;
use crate::records::{BlindSpot, ExampleKey, Lesson, Role};
use crate::steps::State;
use crate::support::figures::Cell;
use crate::support::{Progress, Result};

/// The folder for `datasets`.
const FOLDER: &str = "datasets";
/// The split, and the role in records, of samples.
const SAMPLES: &str = "samples";
/// The records for Argilla.
const RECORDS: &str = "argilla.json";

/// Writes both; gives their names.
///
/// # Errors
/// When a file cannot be written, or when cancelled.
pub(super) fn write(
    state: &State,
    lessons: &[Lesson],
    folder: &Path,
    progress: &Progress,
) -> Result<Vec<String>> {
    let dataset = &state.dataset;
    let columns = columns(dataset);
    let spots = state.snapshot().map(|snapshot| &snapshot.blind_spots);
    let kept_back = spots.into_iter().flatten().flat_map(kept_back);
    let kept_back: BTreeSet<&ExampleKey> = kept_back.collect();
    let truths: &Truths = state.truths();
    let rows = |role| rows(state, truths, &kept_back, role);
    let visible = || Role::ALL.into_iter().filter(|role| *role != Role::Final);
    let mut splits = DatasetsFolder::begin(&folder.join(FOLDER), &columns)?;
    for role in visible() {
        splits.split(role.name(), rows(role))?;
        progress.check()?;
    }
    splits.split(SAMPLES, samples(dataset, lessons))?;
    splits.finish()?;
    let all = visible().flat_map(rows).chain(samples(dataset, lessons));
    argilla_records(&folder.join(RECORDS), &columns, all)?;
    let corrections = truths.corrections(dataset, &Role::ALL);
    if !corrections.is_empty() {
        progress.note(format!(
            "{corrections}: `label` in {FOLDER}/ and {RECORDS} is the corrected one, \
             `label_in_data` what the data say; rows set aside are left out"
        ));
    }
    Ok(vec![format!("{FOLDER}/"), RECORDS.to_owned()])
}

fn kept_back(spot: &BlindSpot) -> &[ExampleKey] {
    &spot.kept_back
}

fn columns(dataset: &Dataset) -> Vec<Column> {
    let labels = || What::Label(dataset.labels.clone());
    let mut columns = vec![Column::new("id", What::Id), Column::new("text", What::Text)];
    if dataset.has_pairs() {
        columns.push(Column::new("text_b", What::Text));
    }
    columns.extend([
        Column::new("label", labels()),
        Column::new("label_in_data", labels()),
        Column::new("predicted", labels()),
        Column::new("confidence", What::Score),
        Column::new("role", What::Note),
        Column::new("source", What::Note),
        Column::new("blind_spot", What::Note),
        Column::new("teacher", What::Note),
    ]);
    columns
}

fn rows<'a>(
    state: &'a State,
    truths: &'a Truths,
    kept_back: &'a BTreeSet<&ExampleKey>,
    role: Role,
) -> impl Iterator<Item = Row> + 'a {
    let dataset = &state.dataset;
    let base = state.predictions.as_deref();
    dataset
        .with_role(role)
        .into_iter()
        .filter_map(move |index| {
            let example = &dataset.examples[index];
            let text = example
                .text()
                .filter(|_| !kept_back.contains(&example.key))?;
            let label = truths.of(dataset, index)?;
            let answer = base.and_then(|base| base.of_example(index, 1.0));
            let mut row: Row = vec![example.key.0.as_str().into(), text.first.as_str().into()];
            if dataset.has_pairs() {
                row.push(text.second.as_deref().into());
            }
            let source = dataset.sources.get(usize::from(example.source));
            row.extend([
                dataset.label_name(label).into(),
                dataset.label_name(example.label).into(),
                answer.map(|answer| dataset.label_name(answer.label)).into(),
                answer.map(|answer| answer.confidence).into(),
                role.name().into(),
                source.map(String::as_str).into(),
                Cell::Empty,
                Cell::Empty,
            ]);
            Some(row)
        })
}

/// The samples that count, with what the base said to them when they were
/// written.
fn samples<'a>(dataset: &'a Dataset, lessons: &'a [Lesson]) -> impl Iterator<Item = Row> + 'a {
    let all = lessons
        .iter()
        .flat_map(|lesson| lesson.samples.iter().map(move |sample| (lesson, sample)));
    all.filter(|(_, sample)| sample.is_accepted())
        .map(|(lesson, sample)| {
            let mut row: Row = vec![
                sample.id.0.as_str().into(),
                sample.text.first.as_str().into(),
            ];
            if dataset.has_pairs() {
                row.push(sample.text.second.as_deref().into());
            }
            let answer = sample.model_answer.as_ref();
            row.extend([
                sample.label.as_str().into(),
                Cell::Empty,
                answer.map(|answer| answer.label.as_str()).into(),
                answer.map(|answer| answer.confidence).into(),
                SAMPLES.into(),
                Cell::Empty,
                lesson.blind_spot.0.to_string().into(),
                lesson.teacher.as_str().into(),
            ]);
            row
        })
}
