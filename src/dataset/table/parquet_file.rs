//! Apache Parquet through the crate's record API, row by row.

use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;

use super::{Format, Layout, RowRead, Table, damaged, guarded};
use crate::support::{Error, Result};

struct ParquetFile {
    rows: RowIter<'static>,
    row: u32,
    cells: Vec<String>,
    name: String,
}

/// Opens a Parquet file; its first row is row 1, since it has no header.
pub(super) fn open(path: &Path, name: &str) -> Result<(Box<dyn Table>, Layout)> {
    let file = File::open(path).map_err(|error| Error::file("open", path, error))?;
    guarded(name, || {
        let reader =
            SerializedFileReader::new(file).map_err(|error| damaged(name).because(error))?;
        let schema = reader.metadata().file_metadata().schema();
        let fields = schema.get_fields().iter();
        let columns: Vec<String> = fields.map(|field| field.name().to_owned()).collect();
        let table = ParquetFile {
            rows: RowIter::from_file_into(Box::new(reader)),
            row: 0,
            cells: vec![String::new(); columns.len()],
            name: name.to_owned(),
        };
        let layout = Layout {
            format: Format::Parquet,
            delimiter: None,
            encoding: None,
            columns,
        };
        Ok((Box::new(table) as Box<dyn Table>, layout))
    })
}

impl Table for ParquetFile {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        let name = &self.name;
        let rows = &mut self.rows;
        let next = guarded(name, || {
            let row = rows.next().transpose();
            row.map_err(|error| damaged(name).because(error))
        })?;
        let Some(row) = next else {
            return Ok(None);
        };
        self.row = self.row.saturating_add(1);
        for ((_, field), cell) in row.into_columns().into_iter().zip(&mut self.cells) {
            *cell = match field {
                Field::Null => String::new(),
                Field::Str(text) => text,
                // Files written without a logical type hold texts as bytes.
                Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
                other => other.to_string(),
            };
        }
        Ok(Some(RowRead::Row(self.row)))
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}
