//! Tables of many formats, read row by row behind one trait.

mod delimited;
mod json_lines;
mod parquet_file;
mod spreadsheet;
mod swallowed;

use std::io::Read as _;
use std::path::Path;

use serde::Serialize;

use crate::records::DataSpec;
use crate::support::{Error, Progress, Result, user_file};

/// File formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Values separated by comma, semicolon, tab or bar.
    Delimited,
    /// One JSON object a line.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Office Open XML spreadsheet (.xlsx), its first sheet with rows.
    Spreadsheet,
}

impl Format {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Format::Delimited => "CSV",
            Format::JsonLines => "JSON Lines",
            Format::Parquet => "Parquet",
            Format::Spreadsheet => "spreadsheet (.xlsx)",
        }
    }

    fn of_suffix(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        match suffix.as_str() {
            "csv" | "tsv" | "tab" => Some(Format::Delimited),
            "jsonl" | "ndjson" | "json" => Some(Format::JsonLines),
            "parquet" | "pq" => Some(Format::Parquet),
            "xlsx" | "xlsm" => Some(Format::Spreadsheet),
            _ => None,
        }
    }
}

/// How a table was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layout {
    /// Format.
    pub format: Format,
    /// Delimiter of a delimited file.
    pub delimiter: Option<char>,
    /// Encoding of a text file.
    pub encoding: Option<&'static str>,
    /// Names of the columns.
    pub columns: Vec<String>,
}

/// What going to the next row of a table met.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RowRead {
    /// A row, numbered as an editor or spreadsheet counts it.
    Row(u32),
    /// A row that cannot be used, and why.
    Broken(u32, String),
}

/// A table that is read row by row.
pub(crate) trait Table {
    /// Goes to the next row; `None` at the end.
    fn advance(&mut self) -> Result<Option<RowRead>>;
    /// A cell of the current row; empty if the row has no such cell.
    fn cell(&self, column: usize) -> &str;
}

/// Opens a table; `name` is the file's name in messages.
pub(crate) fn open(
    path: &Path,
    name: &str,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    let format = format_of(path, name)?;
    match format {
        Format::Delimited => delimited::open(path, name, spec, progress),
        Format::JsonLines => json_lines::open(path, name, spec, progress),
        Format::Parquet => parquet_file::open(path, name),
        Format::Spreadsheet => spreadsheet::open(path, name),
    }
}

/// The format by suffix, confirmed by the first bytes; by those alone where
/// the suffix says nothing.
fn format_of(path: &Path, name: &str) -> Result<Format> {
    let failed = |error| Error::file("read", path, error);
    let mut start = Vec::new();
    let file = user_file::open(path)?;
    file.take(4096).read_to_end(&mut start).map_err(failed)?;
    if start.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::input(format!("`{name}` is empty"))
            .hint("check that the file was written completely"));
    }
    let found = format_of_bytes(&start, name)?;
    let expected = Format::of_suffix(path).unwrap_or(found);
    if found == expected {
        return Ok(found);
    }
    Err(Error::input(format!(
        "`{name}` is not what its suffix says: a {} file is expected, its content looks like {}",
        expected.name(),
        found.name()
    ))
    .hint("give the file the suffix of what it is: .csv, .tsv, .jsonl, .parquet or .xlsx"))
}

fn format_of_bytes(start: &[u8], name: &str) -> Result<Format> {
    let refused = |what: &str, hint: &str| {
        Err(Error::input(format!("`{name}` is {what}, which is not read")).hint(hint))
    };
    match start {
        [b'P', b'A', b'R', b'1', ..] => Ok(Format::Parquet),
        [b'P', b'K', 3, 4, ..] => Ok(Format::Spreadsheet),
        [0x1f, 0x8b, ..] => refused("compressed with gzip", "unpack it first: gunzip FILE"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            refused("an old Excel file (.xls)", "save it as .xlsx or CSV")
        }
        _ => {
            let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
            let first = text.iter().position(|byte| !byte.is_ascii_whitespace());
            let text = first.map_or(text, |first| &text[first..]);
            match text {
                [b'{', rest @ ..] if starts_object(rest) => Ok(Format::JsonLines),
                [b'[', rest @ ..] if starts_array(rest) => refused(
                    "a JSON array",
                    "write one object a line (JSON Lines): jq -c '.[]' FILE > FILE.jsonl",
                ),
                _ => Ok(Format::Delimited),
            }
        }
    }
}

fn first_visible(bytes: &[u8]) -> Option<u8> {
    bytes
        .iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace())
}

fn starts_object(rest: &[u8]) -> bool {
    matches!(first_visible(rest), Some(b'"' | b'}'))
}

fn starts_array(rest: &[u8]) -> bool {
    matches!(first_visible(rest), Some(b'{' | b'['))
}

/// Runs a decoder of somebody else's on a file that may be damaged on
/// purpose: a panic inside it becomes an error about the file.
pub(crate) fn guarded<T>(name: &str, decode: impl FnOnce() -> Result<T>) -> Result<T> {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(decode));
    outcome.unwrap_or_else(|_| Err(damaged(name)))
}

/// The file cannot be decoded.
pub(crate) fn damaged(name: &str) -> Error {
    Error::input(format!("`{name}` is damaged or not what its suffix says"))
        .hint("write the file again from its origin, or convert it to CSV")
}
