//! Tables for spreadsheets and programs: one set of rows, written as CSV,
//! JSON or Parquet.

use std::path::Path;

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::support::text::without_formula;
use crate::support::{Error, Result, atomic_file};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Text,
    /// Whole numbers.
    Whole,
    /// Numbers in double precision.
    Number,
    /// Numbers in single precision, for probabilities and embeddings.
    Single,
    /// Yes or no.
    Flag,
}

/// One value of a table.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Nothing: not measured, or not to be told.
    Empty,
    /// A text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// A number in single precision.
    Single(f32),
    /// Yes or no.
    Flag(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Cell::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Cell::Number(number)
    }
}

impl From<f32> for Cell {
    fn from(number: f32) -> Self {
        Cell::Single(number)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Cell::Whole(i64::from(number))
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Cell::Flag(flag)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Empty, Into::into)
    }
}

/// A row of a table: one cell for each column.
pub type Row = Vec<Cell>;

/// A named table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of its files, without a suffix.
    pub name: &'static str,
    /// Names and kinds of its columns.
    pub columns: Vec<(String, Kind)>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// Starts a table.
    pub fn new(name: &'static str, columns: &[(&str, Kind)]) -> Self {
        let columns = columns.iter();
        Self {
            name,
            columns: columns
                .map(|(name, kind)| ((*name).to_owned(), *kind))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Writes the table as CSV, see [`csv`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write_csv(&self, path: &Path) -> Result<()> {
        csv(path, &self.columns, self.rows.iter().cloned())
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
        for ((name, _), cell) in self.0.columns.iter().zip(self.1) {
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
pub fn csv(path: &Path, columns: &[(String, Kind)], rows: impl Iterator<Item = Row>) -> Result<()> {
    atomic_file::write(path, |out| {
        let mut writer = ::csv::Writer::from_writer(out);
        writer.write_record(columns.iter().map(|(name, _)| without_formula(name)))?;
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
        let mut table = Table::new("t", &[("=text", Kind::Text), ("change", Kind::Number)]);
        for text in [
            "=1+1",
            "+1",
            "-1",
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
            "'+1",
            "'-1",
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
        let mut table = Table::new("t", &[("z", Kind::Whole), ("a", Kind::Number)]);
        table.rows.push(vec![7_usize.into(), None::<f64>.into()]);
        table.write_json(&path).expect("writes");
        let text = std::fs::read_to_string(&path).expect("readable");
        assert!(text.find("\"z\"") < text.find("\"a\""), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read, serde_json::json!([{"z": 7, "a": null}]));
    }
}
