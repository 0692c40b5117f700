//! Tables for spreadsheets and programs: one set of rows, written as CSV,
//! JSON or Parquet.

use std::path::Path;

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::support::figures::{Cell, Figure};
use crate::support::text::without_formula;
use crate::support::{Error, Result, atomic_file};

/// A row of a table: one cell for each column.
pub type Row = Vec<Cell>;

/// A named table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of its files, without a suffix.
    pub name: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// Starts a table.
    pub fn new(name: impl Into<String>, columns: &[&str]) -> Self {
        Self {
            name: name.into(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>) -> Self {
        self.columns.push(name.into());
        self
    }

    /// Adds the columns of some figures.
    #[must_use]
    pub fn figures<R>(mut self, figures: &[Figure<R>]) -> Self {
        let columns = figures.iter().flat_map(Figure::columns);
        self.columns.extend(columns.map(str::to_owned));
        self
    }

    /// Writes the table as CSV, see [`csv`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_csv(&self, path: &Path) -> Result<()> {
        let columns = self.columns.iter().map(String::as_str);
        csv(path, columns, self.rows.iter().cloned())
    }

    /// Writes the table as JSON Lines, one object for each row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_json_lines(&self, path: &Path) -> Result<()> {
        atomic_file::write(path, |out| {
            for row in &self.rows {
                serde_json::to_writer(&mut *out, &Object(self, row))?;
                out.write_all(b"\n")?;
            }
            Ok(())
        })
    }

    /// Writes the table as a JSON array of objects.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_json(&self, path: &Path) -> Result<()> {
        let objects: Vec<Object<'_>> = self.rows.iter().map(|row| Object(self, row)).collect();
        let text = serde_json::to_string_pretty(&objects)
            .map_err(|e| Error::program("cannot write JSON").because(e))?;
        atomic_file::write(path, |out| out.write_all(text.as_bytes()))
    }
}

/// A row as a JSON object whose keys stay in the order of the columns.
struct Object<'a>(&'a Table, &'a Row);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.1.len()))?;
        for (name, cell) in self.0.columns.iter().zip(self.1) {
            map.serialize_entry(name, cell)?;
        }
        map.end()
    }
}

/// Writes rows as CSV with a header.
///
/// Spreadsheets take a cell that begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return for a formula and run it; such *texts* get an apostrophe in
/// front. Numbers stay as they are.
///
/// # Errors
/// When the file cannot be written.
pub fn csv<'a>(
    path: &Path,
    columns: impl Iterator<Item = &'a str>,
    rows: impl Iterator<Item = Row>,
) -> Result<()> {
    atomic_file::write(path, |out| {
        let mut writer = ::csv::Writer::from_writer(out);
        writer.write_record(columns.map(without_formula))?;
        for row in rows {
            writer.write_record(row.iter().map(printed))?;
        }
        writer.flush()
    })
}

fn printed(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => without_formula(text),
        Cell::Whole(number) => number.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Single(number) => number.to_string(),
        Cell::Flag(flag) => flag.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_a_spreadsheet_would_run_are_made_harmless_and_numbers_are_not() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("t.csv");
        let mut table = Table::new("t", &["=text", "change"]);
        for text in [
            "=1+1",
            "+1+1",
            "-1",
            "-2.5e-3",
            "-1-1",
            "-",
            "@cmd",
            "\tx",
            "\rx",
            "a=1",
            "say \"hi\", you",
        ] {
            table.rows.push(vec![text.into(), (-1.5).into()]);
        }
        table.write_csv(&path).expect("writes");
        let mut reader = ::csv::Reader::from_path(&path).expect("opens");
        assert_eq!(reader.headers().expect("header").get(0), Some("'=text"));
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        let texts: Vec<&str> = rows.iter().filter_map(|row| row.get(0)).collect();
        let expected = [
            "'=1+1",
            "'+1+1",
            "-1",
            "-2.5e-3",
            "'-1-1",
            "'-",
            "'@cmd",
            "'\tx",
            "'\rx",
            "a=1",
            "say \"hi\", you",
        ];
        assert_eq!(texts, expected);
        assert!(rows.iter().all(|row| row.get(1) == Some("-1.5")));
    }

    #[test]
    fn json_keeps_columns_in_order_and_gaps_as_null() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("t.json");
        let mut table = Table::new("t", &["z", "a"]);
        table.rows.push(vec![7_usize.into(), None::<f64>.into()]);
        table.write_json(&path).expect("writes");
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(text.find("\"z\"") < text.find("\"a\""), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read, serde_json::json!([{"z": 7, "a": null}]));
    }
}
