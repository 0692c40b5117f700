//! Records for Argilla: what `Dataset.records.from_json` of Argilla 2 reads.

use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::{Column, Row, What, arrow_stream};
use crate::support::figures::Cell;
use crate::support::{Result, atomic_file};

/// Who suggests the labels.
const AGENT: &str = "Blindspot";

/// Writes rows as records: texts are *fields*, labels *suggestions* to the
/// questions of their columns' names, everything else *metadata*. A label is no
/// *response*, since that would need a user of the server.
///
/// The score of a suggestion is the column of scores behind the label's, if one
/// follows.
///
/// # Errors
/// When the file cannot be written.
pub fn argilla_records(
    path: &Path,
    columns: &[Column],
    rows: impl Iterator<Item = Row>,
) -> Result<()> {
    atomic_file::write(path, |out| {
        let mut before = "[\n";
        for row in rows {
            out.write_all(before.as_bytes())?;
            serde_json::to_writer(&mut *out, &record(columns, &row))?;
            before = ",\n";
        }
        out.write_all(if before == "[\n" { b"[]\n" } else { b"\n]\n" })
    })
}

fn record(columns: &[Column], row: &Row) -> Json {
    let (mut id, mut fields) = (Json::Null, Map::new());
    let (mut suggestions, mut metadata) = (Map::new(), Map::new());
    for (at, column) in columns.iter().enumerate() {
        let cell = row.get(at).unwrap_or(&Cell::Empty);
        let text = || arrow_stream::text(cell);
        let key = column.name.clone();
        match &column.what {
            What::Id => id = json!(text()),
            What::Text => {
                fields.extend(text().map(|text| (key, json!(text))));
            }
            What::Label(_) => {
                let next = columns.get(at + 1).zip(row.get(at + 1));
                let score = next.filter(|(next, _)| next.what == What::Score);
                let score = score.and_then(|(_, cell)| arrow_stream::score(cell));
                let suggestion = |name| json!({ "value": name, "score": score, "agent": AGENT });
                suggestions.extend(text().map(|name| (key, suggestion(name))));
            }
            What::Note => {
                metadata.extend(text().map(|text| (key, json!(text))));
            }
            What::Score => {
                metadata.extend(arrow_stream::score(cell).map(|score| (key, json!(score))));
            }
        }
    }
    json!({
        "id": id,
        "fields": fields,
        "metadata": metadata,
        "suggestions": suggestions,
        "responses": {},
        "vectors": {},
    })
}
