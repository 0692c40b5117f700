//! CSV and TSV: delimiter and quoting recognised from the first rows.

use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord};

use super::{Format, Layout, Options, Step, Table};
use crate::dataset::encoding;
use crate::support::{Error, Progress, Result};

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
const SAMPLE_BYTES: u64 = 1 << 16;
const SAMPLE_ROWS: usize = 200;
/// A quoted cell of more lines is taken for a quotation mark never closed.
const MOST_LINES_OF_A_ROW: u64 = 2_000;

struct Delimited {
    reader: Reader<Box<dyn Read>>,
    record: StringRecord,
    width: usize,
    name: String,
}

/// Opens a delimited file.
pub(super) fn open(
    path: &Path,
    name: &str,
    options: &Options<'_>,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    let (mut text, encoding) = encoding::open(path, name, options.encoding, progress)?;
    let mut sample = Vec::new();
    text.by_ref()
        .take(SAMPLE_BYTES)
        .read_to_end(&mut sample)
        .map_err(|error| Error::file("read", path, error))?;
    let delimiter = match options.delimiter {
        Some(given) => u8::try_from(given)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| {
                Error::input(format!("project.toml: `{given}` cannot be a delimiter"))
                    .hint("use one of , ; | or a tab (\"\\t\")")
            })?,
        None => sniff(&sample, path),
    };
    let quoting = delimiter != b'\t' || quotes_enclose(&sample);
    let whole: Box<dyn Read> = Box::new(Cursor::new(sample).chain(text));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(quoting)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 20)
        .from_reader(whole);
    let mut header = StringRecord::new();
    let found = reader
        .read_record(&mut header)
        .map_err(|error| unreadable(name, &error))?;
    if !found {
        return Err(Error::input(format!("`{name}` is empty")).hint("it needs a header and rows"));
    }
    let mut columns: Vec<String> = header.iter().map(|cell| cell.trim().to_owned()).collect();
    while columns.len() > 1 && columns.last().is_some_and(String::is_empty) {
        columns.pop();
    }
    let table = Delimited {
        reader,
        record: StringRecord::new(),
        width: columns.len(),
        name: name.to_owned(),
    };
    let layout = Layout {
        format: Format::Delimited,
        delimiter: Some(char::from(delimiter)),
        encoding: Some(encoding.name()),
        columns,
    };
    Ok((Box::new(table), layout))
}

impl Table for Delimited {
    fn advance(&mut self) -> Result<Option<Step>> {
        let found = self
            .reader
            .read_record(&mut self.record)
            .map_err(|error| unreadable(&self.name, &error))?;
        if !found {
            return Ok(None);
        }
        let start = self.record.position().map_or(0, csv::Position::line);
        let line = u32::try_from(start).unwrap_or(u32::MAX);
        if self.reader.position().line().saturating_sub(start) > MOST_LINES_OF_A_ROW {
            return Err(Error::input(format!(
                "`{}`, row {line}: a quotation mark is opened and not closed within \
                 {MOST_LINES_OF_A_ROW} lines",
                self.name
            ))
            .hint("close the quotation mark, or double it where it is part of the text"));
        }
        let beyond = self
            .record
            .iter()
            .skip(self.width)
            .any(|cell| !cell.trim().is_empty());
        if beyond {
            let reason = format!(
                "it has {} cells where the header has {} (a text that holds the delimiter needs \
                 quotation marks)",
                self.record.len(),
                self.width
            );
            return Ok(Some(Step::Broken(line, reason)));
        }
        Ok(Some(Step::Row(line)))
    }

    fn cell(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or("")
    }
}

fn unreadable(name: &str, error: &csv::Error) -> Error {
    let line = error
        .position()
        .map_or(String::new(), |at| format!(", row {}", at.line()));
    let what = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "its characters are not UTF-8".to_owned(),
        _ => error.to_string(),
    };
    Error::input(format!("`{name}`{line}: {what}"))
        .hint("mend that row, or name the file's encoding under [data]")
}

/// The delimiter that splits most of the sampled rows into as many cells as
/// the header; the suffix decides where none does.
fn sniff(sample: &[u8], path: &Path) -> u8 {
    let tabs = path.extension().is_some_and(|suffix| {
        suffix.eq_ignore_ascii_case("tsv") || suffix.eq_ignore_ascii_case("tab")
    });
    let usual = if tabs { b'\t' } else { b',' };
    let mut best = (0.0, usual);
    for candidate in [usual].into_iter().chain(CANDIDATES) {
        let score = regularity(sample, candidate);
        if score > best.0 {
            best = (score, candidate);
        }
    }
    best.1
}

/// Share of the rows with as many cells as the header, more for more columns;
/// 0 for a single column.
fn regularity(sample: &[u8], delimiter: u8) -> f64 {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(BufReader::new(sample));
    let widths: Vec<usize> = reader
        .byte_records()
        .take(SAMPLE_ROWS)
        .map_while(|record| record.ok().map(|record| record.len()))
        .collect();
    // The last row of a sample may be cut.
    let whole = &widths[..widths.len().saturating_sub(1).max(1).min(widths.len())];
    let Some(header) = whole.first().copied().filter(|width| *width > 1) else {
        return 0.0;
    };
    let alike = whole.iter().filter(|width| **width == header).count();
    let share = alike as f64 / whole.len() as f64;
    share * share * (1.0 + (header as f64).ln())
}

/// Whether quotation marks enclose cells in a tab-separated sample rather than
/// being part of the texts.
fn quotes_enclose(sample: &[u8]) -> bool {
    let lines = sample.split(|byte| *byte == b'\n');
    let cells = lines.flat_map(|line| line.split(|byte| *byte == b'\t'));
    let mut opened = 0_usize;
    let mut closed = 0_usize;
    for cell in cells
        .map(<[u8]>::trim_ascii)
        .filter(|cell| cell.first() == Some(&b'"'))
    {
        opened += 1;
        closed += usize::from(cell.len() > 1 && cell.last() == Some(&b'"'));
    }
    closed * 2 > opened
}
