//! JSON Lines: one object a line; the columns are the keys.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read};
use std::path::Path;

use serde_json::{Map, Value};

use super::{Format, Layout, RowRead, Table};
use crate::dataset::encoding;
use crate::records::DataSpec;
use crate::support::{Error, Progress, Result};

/// Lines that are looked at for the names of the columns.
const SAMPLE_LINES: usize = 100;

struct JsonLines {
    lines: BufReader<Box<dyn Read>>,
    ahead: VecDeque<String>,
    line: u32,
    columns: Vec<String>,
    cells: Vec<String>,
    path: std::path::PathBuf,
}

/// Opens a JSON Lines file.
pub(super) fn open(
    path: &Path,
    name: &str,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    let (text, encoding) = encoding::open(path, name, spec.encoding.as_deref(), progress)?;
    let mut table = JsonLines {
        lines: BufReader::with_capacity(1 << 20, text),
        ahead: VecDeque::new(),
        line: 0,
        columns: Vec::new(),
        cells: Vec::new(),
        path: path.to_owned(),
    };
    let mut keys = BTreeSet::new();
    let mut first_failure = None;
    while table.ahead.len() < SAMPLE_LINES {
        let Some(line) = table.read_line()? else {
            break;
        };
        match serde_json::from_str::<Map<String, Value>>(&line) {
            Ok(object) => keys.extend(object.into_iter().map(|(key, _)| key)),
            Err(error) if !line.trim().is_empty() => {
                first_failure.get_or_insert((table.ahead.len() + 1, error));
            }
            Err(_) => {}
        }
        table.ahead.push_back(line);
    }
    if keys.is_empty() {
        let (line, reason) = first_failure.map_or((1, "no object".to_owned()), |(line, error)| {
            (line, error.to_string())
        });
        return Err(
            Error::input(format!("`{name}`, row {line}: no JSON object ({reason})")).hint(
                "JSON Lines holds one object a line, such as {\"text\": \"…\", \"label\": \"…\"}",
            ),
        );
    }
    table.columns = keys.into_iter().collect();
    table.cells = vec![String::new(); table.columns.len()];
    let layout = Layout {
        format: Format::JsonLines,
        delimiter: None,
        encoding: Some(encoding.name()),
        columns: table.columns.clone(),
    };
    Ok((Box::new(table), layout))
}

impl JsonLines {
    fn read_line(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        let read = self.lines.read_line(&mut line);
        let read = read.map_err(|error| Error::file("read", &self.path, error))?;
        Ok((read > 0).then_some(line))
    }
}

impl Table for JsonLines {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        loop {
            let line = match self.ahead.pop_front() {
                Some(line) => line,
                None => match self.read_line()? {
                    Some(line) => line,
                    None => return Ok(None),
                },
            };
            self.line = self.line.saturating_add(1);
            if line.trim().is_empty() {
                continue;
            }
            let object: Map<String, Value> = match serde_json::from_str(&line) {
                Ok(object) => object,
                Err(error) => {
                    let reason = format!("it is no JSON object ({error})");
                    return Ok(Some(RowRead::Broken(self.line, reason)));
                }
            };
            for (column, cell) in self.columns.iter().zip(&mut self.cells) {
                cell.clear();
                match object.get(column) {
                    None | Some(Value::Null) => {}
                    Some(Value::String(text)) => cell.push_str(text),
                    Some(other) => cell.push_str(&other.to_string()),
                }
            }
            return Ok(Some(RowRead::Row(self.line)));
        }
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}
