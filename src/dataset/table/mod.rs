//! Tables of many formats, read row by row behind one trait.

mod annotations;
mod arrow_file;
mod delimited;
mod dialect;
mod features;
mod json_lines;
mod limits;
mod no_table;
mod packed;
mod parquet_file;
mod paths;
mod records;
mod rewrite;
mod source;
mod spreadsheet;
mod swallowed;
mod text_folder;
mod top_lines;

use std::io::Read as _;
use std::path::Path;

use serde::Serialize;

use super::cell::Kind;
use crate::records::{ColumnNames, DataSpec};
use crate::support::{Error, Progress, Result, guard};

use limits::Limited;

pub(in crate::dataset) use limits::Lined;
pub(crate) use source::Source;

/// File formats that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Values separated by comma, semicolon, tab or bar.
    Delimited,
    /// JSON objects, one a line or as the elements of one array.
    JsonLines,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC, a stream or a file.
    Arrow,
    /// Office Open XML spreadsheet (.xlsx), one of its visible sheets.
    Spreadsheet,
    /// A folder of text files for each label.
    Texts,
}

impl Format {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Format::Delimited => "CSV",
            Format::JsonLines => "JSON Lines",
            Format::Parquet => "Parquet",
            Format::Arrow => "Arrow",
            Format::Spreadsheet => "spreadsheet (.xlsx)",
            Format::Texts => "folders of texts",
        }
    }

    pub(crate) fn of_suffix(path: &Path) -> Option<Self> {
        let path = packed::without_suffix(path);
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        match suffix.as_str() {
            "csv" | "tsv" | "tab" => Some(Format::Delimited),
            "jsonl" | "ndjson" | "json" => Some(Format::JsonLines),
            "parquet" | "pq" => Some(Format::Parquet),
            "arrow" | "feather" | "ipc" | "arrows" => Some(Format::Arrow),
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
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Its other visible sheets with rows.
    #[serde(skip)]
    pub(crate) other_sheets: Vec<String>,
    /// Columns of numbers that stand for names, and the names from 0, as the
    /// file itself or `dataset_info.json` beside it says.
    pub label_names: Vec<(String, Vec<String>)>,
    /// The annotation tool whose export it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<&'static str>,
    /// The columns that the tool itself gives a part.
    #[serde(skip)]
    pub suggested: ColumnNames,
    /// Columns that cannot be the label as they are.
    #[serde(skip)]
    pub(crate) refusals: Vec<Refusal>,
    /// The visible sheets of a workbook.
    #[serde(skip)]
    pub sheets: Vec<String>,
    /// What was decided on the way it is written, and on which evidence.
    pub evidence: Vec<String>,
    /// What may have been read otherwise than it was meant.
    pub doubts: Vec<String>,
    /// What is good to know and no trouble.
    pub notes: Vec<String>,
}

impl Layout {
    /// The layout of a table of which nothing but its columns is known.
    pub(crate) fn new(format: Format, columns: Vec<String>) -> Self {
        Self {
            format,
            delimiter: None,
            encoding: None,
            columns,
            sheet: None,
            other_sheets: Vec::new(),
            sheets: Vec::new(),
            evidence: Vec::new(),
            label_names: Vec::new(),
            tool: None,
            suggested: ColumnNames::default(),
            refusals: Vec::new(),
            doubts: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether it is text in one of Unicode's encodings, or no text at all.
    pub(crate) fn is_unicode(&self) -> bool {
        self.encoding.is_none_or(|name| name.starts_with("UTF-"))
    }

    /// Tells what whoever brings the file has to know of how it was read.
    pub(crate) fn tell(&self, name: &str, progress: &Progress) {
        for doubt in &self.doubts {
            progress.warn(format!("{name}: {doubt}"));
        }
        for note in &self.notes {
            progress.note(format!("{name}: {note}"));
        }
    }

    /// How the file was read, in a few words.
    pub fn described(&self) -> String {
        let mut said = self.format.name().to_owned();
        match self.delimiter {
            None | Some(',') => {}
            Some('\t') => said += " with tabs",
            Some(other) => said += &format!(" with `{other}`"),
        }
        if let Some(encoding) = self.encoding {
            said += &format!(", {encoding}");
        }
        if let Some(sheet) = &self.sheet {
            said += &format!(", sheet `{sheet}`");
        }
        if let Some(tool) = self.tool {
            said += &format!(", exported by {tool}");
        }
        said
    }

    /// Which sheet of a workbook is read, and which others it has.
    pub(crate) fn sheets_told(&self) -> Option<String> {
        let sheet = self.sheet.as_ref()?;
        let others: Vec<String> = self
            .other_sheets
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        Some(match others.is_empty() {
            true => format!("sheet `{sheet}`"),
            false => format!(
                "sheet `{sheet}` (of others, {}, see `sheet` under [data])",
                others.join(", ")
            ),
        })
    }

    /// The names that the numbers of a column stand for.
    pub(crate) fn names_of(&self, column: &str) -> Option<&[String]> {
        let mut known = self.label_names.iter();
        let found = known.find(|(name, _)| name == column);
        found.map(|(_, names)| names.as_slice())
    }
}

/// Why a column cannot be the label as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Its name.
    pub(crate) column: String,
    /// What is the matter.
    pub(crate) why: String,
    /// What can be done.
    pub(crate) hint: String,
}

/// What going to the next row of a table met.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RowRead {
    /// A row, numbered as an editor or spreadsheet counts it.
    Row(u32),
    /// A row that cannot be used, and why.
    Broken(u32, String),
}

/// Why a row that holds the names of the columns is left out.
pub(crate) const HEADER_AGAIN: &str = "it is the header once more, as in files that were joined";

/// A table that is read row by row.
pub(crate) trait Table {
    /// Goes to the next row; `None` at the end.
    fn advance(&mut self) -> Result<Option<RowRead>>;
    /// A cell of the current row; empty if the row has no such cell.
    fn cell(&self, column: usize) -> &str;
    /// What kind of value that cell holds.
    fn kind(&self, column: usize) -> Kind;
}

/// Opens a table; `name` is the file's name in messages.
pub(crate) fn open(
    path: &Path,
    name: &str,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    if path.is_dir() {
        return text_folder::open(path, name, spec, progress);
    }
    let source = Source::new(path, name);
    let format = format_of(&source)?;
    let plain = || match format {
        Format::Delimited => delimited::open(&source, spec, progress),
        Format::JsonLines => json_lines::open(&source, spec, progress),
        Format::Parquet => parquet_file::open(&source),
        Format::Arrow => arrow_file::open(&source),
        Format::Spreadsheet => spreadsheet::open(&source, spec),
        Format::Texts => text_folder::open(path, name, spec, progress),
    };
    let (table, mut layout) = annotations::with(plain()?, plain, spec, progress)?;
    if layout.label_names.is_empty() {
        match features::beside(source.path()) {
            Ok(names) => layout.label_names = names,
            Err(why) => layout.doubts.push(format!(
                "`{}` beside it cannot be read, so that what it says of labels is not used: {why}",
                features::INFO
            )),
        }
    }
    let (table, layout) = paths::with(table, layout, &spec.columns);
    let limited = Limited::new(table, layout.columns.len(), &source)?;
    Ok((Box::new(limited), layout))
}

/// The format by suffix, confirmed by the first bytes; by those alone where
/// the suffix says nothing.
fn format_of(source: &Source) -> Result<Format> {
    let name = source.name();
    let mut start = Vec::new();
    let mut bytes = source.bytes()?.take(4096);
    let read = bytes.read_to_end(&mut start);
    read.map_err(|error| source.unreadable(error))?;
    if start.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::input(format!("`{name}` is empty"))
            .hint("check that the file was written completely"));
    }
    let found = format_of_bytes(&start, name)?;
    let expected = Format::of_suffix(source.path()).unwrap_or(found);
    if found == expected {
        return Ok(found);
    }
    Err(Error::input(format!(
        "`{name}` is not what its suffix says: a {} file is expected, its content looks like {}",
        expected.name(),
        found.name()
    ))
    .hint("give the file the suffix of what it is: .csv, .tsv, .jsonl, .parquet, .arrow or .xlsx"))
}

/// The format by the first bytes; `name` stands for the file in messages.
pub(crate) fn format_of_bytes(start: &[u8], name: &str) -> Result<Format> {
    match start {
        [b'P', b'A', b'R', b'1', ..] => Ok(Format::Parquet),
        [0xff, 0xff, 0xff, 0xff, ..] => Ok(Format::Arrow),
        _ if start.starts_with(arrow_file::MAGIC) => Ok(Format::Arrow),
        [b'P', b'K', 3, 4, ..] => Ok(Format::Spreadsheet),
        _ => {
            if let Some((what, hint)) = no_table::what_it_is(start) {
                let refused = format!("`{name}` is {what}, which is not read");
                return Err(Error::input(refused).hint(hint));
            }
            let text = without_marks(start);
            let text = text.as_slice();
            let first = text.iter().position(|byte| !byte.is_ascii_whitespace());
            let text = first.map_or(text, |first| &text[first..]);
            match text {
                [b'{', rest @ ..] if starts_object(rest) => Ok(Format::JsonLines),
                [b'[', rest @ ..] if starts_array(rest) => Ok(Format::JsonLines),
                _ => Ok(Format::Delimited),
            }
        }
    }
}

/// The beginning of a text without byte order marks and without the zeros that
/// UTF-16 puts between ASCII characters.
fn without_marks(start: &[u8]) -> Vec<u8> {
    const MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    let mut text = start;
    while let Some(rest) = MARKS.iter().find_map(|mark| text.strip_prefix(*mark)) {
        text = rest;
    }
    text.iter().copied().filter(|byte| *byte != 0).collect()
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
    guard::unless_it_panics(decode).unwrap_or_else(|| Err(damaged(name)))
}

/// The file cannot be decoded.
pub(crate) fn damaged(name: &str) -> Error {
    Error::input(format!("`{name}` is damaged or not what its suffix says"))
        .hint("write the file again from its origin, or convert it to CSV")
}
