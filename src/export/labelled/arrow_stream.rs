//! Rows as an Arrow stream, with the names of labels where `datasets` looks for
//! them.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{Float32Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use serde_json::{Value as Json, json};

use super::{Column, Row, What};
use crate::support::figures::Cell;

/// Rows of a batch: texts of a batch must come to less than 2 GiB.
const BATCH: usize = 1_000;

/// Writes rows as a stream.
pub(super) fn write(
    out: impl Write,
    columns: &[Column],
    mut rows: impl Iterator<Item = Row>,
) -> Result<(), ArrowError> {
    let schema = Arc::new(schema(columns));
    let mut writer = StreamWriter::try_new(out, &schema)?;
    loop {
        let batch: Vec<Row> = rows.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let arrays = columns.iter().enumerate();
        let arrays = arrays.map(|(at, column)| array(&column.what, at, &batch));
        writer.write(&RecordBatch::try_new(schema.clone(), arrays.collect())?)?;
    }
    writer.finish()
}

/// The features of the columns, as `datasets` describes them.
pub(super) fn features(columns: &[Column]) -> Json {
    let feature = |column: &Column| match &column.what {
        What::Label(names) => json!({ "names": names, "_type": "ClassLabel" }),
        What::Score => json!({ "dtype": "float32", "_type": "Value" }),
        What::Id | What::Text | What::Note => json!({ "dtype": "string", "_type": "Value" }),
    };
    let features = columns
        .iter()
        .map(|column| (column.name.clone(), feature(column)));
    Json::Object(features.collect())
}

fn schema(columns: &[Column]) -> Schema {
    let fields = columns.iter().map(|column| {
        let kind = match column.what {
            What::Label(_) => DataType::Int64,
            What::Score => DataType::Float32,
            What::Id | What::Text | What::Note => DataType::Utf8,
        };
        Field::new(&column.name, kind, true)
    });
    let about = json!({ "info": { "features": features(columns) } }).to_string();
    let metadata = HashMap::from([("huggingface".to_owned(), about)]);
    Schema::new_with_metadata(fields.collect::<Vec<_>>(), metadata)
}

fn array(what: &What, at: usize, rows: &[Row]) -> ArrayRef {
    let cells = rows.iter().map(|row| row.get(at).unwrap_or(&Cell::Empty));
    match what {
        What::Label(names) => {
            let mut numbers = Int64Builder::with_capacity(rows.len());
            for cell in cells {
                numbers.append_option(number(cell, names));
            }
            Arc::new(numbers.finish())
        }
        What::Score => {
            let mut scores = Float32Builder::with_capacity(rows.len());
            for cell in cells {
                scores.append_option(score(cell));
            }
            Arc::new(scores.finish())
        }
        What::Id | What::Text | What::Note => {
            let mut texts = StringBuilder::new();
            for cell in cells {
                texts.append_option(text(cell));
            }
            Arc::new(texts.finish())
        }
    }
}

/// The number of a label among its names.
fn number(cell: &Cell, names: &[String]) -> Option<i64> {
    let name = text(cell)?;
    let at = names.iter().position(|known| known == name)?;
    i64::try_from(at).ok()
}

/// The words of a cell.
pub(super) fn text(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}

/// The number of a cell in single precision.
pub(super) fn score(cell: &Cell) -> Option<f32> {
    match cell {
        Cell::Single(score) => Some(*score),
        Cell::Number(score) => Some(*score as f32),
        _ => None,
    }
}
