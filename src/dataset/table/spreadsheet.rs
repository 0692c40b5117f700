//! Office Open XML spreadsheets: the first sheet that holds anything.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{DataRef, Reader as _, Xlsx};

use super::{Format, Layout, RowRead, Table, damaged, guarded};
use crate::support::{Error, Result};

type Row = BTreeMap<u32, String>;

/// The sheet's rows: such a file is compressed as a whole and holds a million
/// rows at most.
struct Spreadsheet {
    rows: std::vec::IntoIter<(u32, Row)>,
    current: Row,
    positions: Vec<u32>,
}

/// Opens a spreadsheet.
pub(super) fn open(path: &Path, name: &str) -> Result<(Box<dyn Table>, Layout)> {
    let file = File::open(path).map_err(|error| Error::file("open", path, error))?;
    let mut rows = guarded(name, || first_sheet(BufReader::new(file), name))?.into_iter();
    let Some((_, header)) = rows.next() else {
        return Err(Error::input(format!("`{name}` has no sheet with rows"))
            .hint("it needs a header row and rows under it"));
    };
    let columns = header.values().map(|cell| cell.trim().to_owned()).collect();
    let table = Spreadsheet {
        rows,
        current: Row::new(),
        positions: header.into_keys().collect(),
    };
    let layout = Layout {
        format: Format::Spreadsheet,
        delimiter: None,
        encoding: None,
        columns,
    };
    Ok((Box::new(table), layout))
}

fn first_sheet(file: BufReader<File>, name: &str) -> Result<Vec<(u32, Row)>> {
    let broken = |error: calamine::XlsxError| damaged(name).because(error);
    let mut book = Xlsx::new(file).map_err(broken)?;
    for sheet in book.sheet_names() {
        let mut cells = book.worksheet_cells_reader(&sheet).map_err(broken)?;
        let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
        while let Some(cell) = cells.next_cell().map_err(broken)? {
            let (row, column) = cell.get_position();
            let text = shown(cell.get_value());
            if !text.is_empty() {
                rows.entry(row.saturating_add(1))
                    .or_default()
                    .insert(column, text);
            }
        }
        if !rows.is_empty() {
            return Ok(rows.into_iter().collect());
        }
    }
    Ok(Vec::new())
}

fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(time) => time.to_string(),
    }
}

impl Table for Spreadsheet {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        Ok(self.rows.next().map(|(number, row)| {
            self.current = row;
            RowRead::Row(number)
        }))
    }

    fn cell(&self, column: usize) -> &str {
        let position = self.positions.get(column);
        let cell = position.and_then(|position| self.current.get(position));
        cell.map_or("", String::as_str)
    }
}
