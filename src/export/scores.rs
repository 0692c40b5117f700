//! What the models say about every row that may be shown, with row ids: the
//! base, the models of the last round, second models.

use std::path::Path;
use std::sync::Arc;

use super::parquet_file::{Kind, parquet};
use super::table::{Row, csv};
use crate::dataset::Dataset;
use crate::inference::Predictions;
use crate::support::figures::Cell;
use crate::support::{Progress, Result};

/// Name of the base in the column `model`.
const BASE: &str = "base model";

/// Writes `predictions` and `embeddings` as CSV and Parquet; gives the names
/// of the files. Rows of *final* are in neither.
///
/// # Errors
/// When a file cannot be written, or when cancelled.
pub(super) fn write(
    dataset: &Dataset,
    base: &Predictions,
    answers: &[(String, Arc<Predictions>)],
    folder: &Path,
    progress: &Progress,
) -> Result<Vec<&'static str>> {
    let columns = prediction_columns(dataset);
    let rows = || {
        let others = answers.iter();
        let others = others.map(|(name, predictions)| (name.clone(), predictions.as_ref()));
        let models = std::iter::once((BASE.to_owned(), base)).chain(others);
        models.flat_map(|(name, predictions)| prediction_rows(dataset, name, predictions))
    };
    csv(&folder.join("predictions.csv"), names(&columns), rows())?;
    progress.check()?;
    parquet(&folder.join("predictions.parquet"), &columns, rows())?;
    progress.check()?;
    let mut files = vec!["predictions.csv", "predictions.parquet"];
    if base.width() > 0 {
        let columns = embedding_columns(base.width());
        let rows = || embedding_rows(dataset, base);
        csv(&folder.join("embeddings.csv"), names(&columns), rows())?;
        progress.check()?;
        parquet(&folder.join("embeddings.parquet"), &columns, rows())?;
        files.extend(["embeddings.csv", "embeddings.parquet"]);
    }
    Ok(files)
}

fn names(columns: &[(String, Kind)]) -> impl Iterator<Item = &str> {
    columns.iter().map(|(name, _)| name.as_str())
}

fn column(name: impl Into<String>, kind: Kind) -> (String, Kind) {
    (name.into(), kind)
}

fn prediction_columns(dataset: &Dataset) -> Vec<(String, Kind)> {
    let mut columns = vec![
        column("id", Kind::Text),
        column("model", Kind::Text),
        column("role", Kind::Text),
        column("source", Kind::Text),
        column("label", Kind::Text),
        column("predicted", Kind::Text),
        column("confidence", Kind::Single),
    ];
    let labels = dataset.labels.iter();
    columns.extend(labels.map(|label| column(format!("probability_{label}"), Kind::Single)));
    columns
}

fn prediction_rows<'a>(
    dataset: &'a Dataset,
    model: String,
    predictions: &'a Predictions,
) -> impl Iterator<Item = Row> + 'a {
    (0..predictions.len()).map(move |row| {
        let example = &dataset.examples[predictions.examples()[row]];
        let answer = predictions.prediction(row, 1.0);
        let source = dataset.sources.get(usize::from(example.source));
        let mut cells: Row = vec![
            example.key.0.as_str().into(),
            model.as_str().into(),
            example.role.name().into(),
            source.map(String::as_str).into(),
            dataset.label_name(example.label).into(),
            dataset.label_name(answer.label).into(),
            answer.confidence.into(),
        ];
        let probabilities = predictions.probabilities(row, 1.0);
        cells.extend(probabilities.into_iter().map(Cell::from));
        cells
    })
}

fn embedding_columns(width: usize) -> Vec<(String, Kind)> {
    let values = (0..width).map(|i| column(format!("embedding_{i}"), Kind::Single));
    std::iter::once(column("id", Kind::Text))
        .chain(values)
        .collect()
}

fn embedding_rows<'a>(
    dataset: &'a Dataset,
    predictions: &'a Predictions,
) -> impl Iterator<Item = Row> + 'a {
    (0..predictions.len()).map(|row| {
        let key = &dataset.examples[predictions.examples()[row]].key;
        let values = predictions.embedding(row).iter();
        std::iter::once(Cell::from(key.0.as_str()))
            .chain(values.map(|value| Cell::from(*value)))
            .collect()
    })
}
