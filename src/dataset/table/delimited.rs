//! CSV and TSV: delimiter and quoting recognised from the first rows.

use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord, Terminator};

use super::source::Source;
use super::swallowed::{QuoteWatch, UsualValues};
use super::{Format, Layout, RowRead, Table};
use crate::dataset::cell::Kind;
use crate::dataset::encoding;
use crate::records::DataSpec;
use crate::support::{Error, Progress, Result};

const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
const SAMPLE_BYTES: u64 = 1 << 16;
const SAMPLE_ROWS: usize = 200;
/// A quoted cell of more lines is taken for a quotation mark never closed.
const MOST_LINES_OF_A_ROW: u64 = 2_000;

/// Delimiters within one cell, line for line as many as a row has, from which
/// it may be rows that a quotation mark swallowed.
const SWALLOWED_DELIMITERS: usize = 8;

struct Delimited {
    reader: Reader<QuoteWatch<Box<dyn Read>>>,
    record: StringRecord,
    width: usize,
    usual: UsualValues,
    delimiter: char,
    /// Whether rows end with a line feed, alone or after a carriage return.
    line_feeds: bool,
    name: String,
}

/// Where a row stands.
struct Place {
    /// The line that it begins in.
    start: u64,
    /// Lines that it takes up.
    lines: u64,
    /// Whether the file ends inside of a quoted cell.
    unclosed: bool,
    /// Whether a quoted cell ends in the middle of something.
    closed_badly: bool,
}

/// Opens a delimited file.
pub(super) fn open(
    source: &Source,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    let (path, name) = (source.path(), source.name());
    let encoding = encoding::found(source, spec.encoding.as_deref(), progress)?;
    let mut text = encoding.decoded(source)?;
    let mut sample = Vec::new();
    text.by_ref()
        .take(SAMPLE_BYTES)
        .read_to_end(&mut sample)
        .map_err(|error| source.unreadable(error))?;
    let delimiter = match spec.delimiter {
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
    let line_feeds = ends_with_line_feeds(&sample);
    // The parser ends a row at the carriage return of CRLF and counts the line
    // feed to the next one. With line feeds as the only ends of rows, also of
    // the last, lines can be counted; `cell` drops the carriage returns.
    let (terminator, end): (_, &[u8]) = match line_feeds {
        true => (Terminator::Any(b'\n'), b"\n"),
        false => (Terminator::CRLF, b""),
    };
    let whole: Box<dyn Read> = Box::new(Cursor::new(sample).chain(text).chain(end));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .terminator(terminator)
        .quoting(quoting)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 20)
        .from_reader(QuoteWatch::new(whole, delimiter));
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
        usual: UsualValues::new(columns.len()),
        delimiter: char::from(delimiter),
        line_feeds,
        name: name.to_owned(),
    };
    let mut layout = Layout::new(Format::Delimited, columns);
    layout.delimiter = Some(char::from(delimiter));
    encoding.tell(&mut layout);
    Ok((Box::new(table), layout))
}

impl Table for Delimited {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        let Some(place) = self.next_row()? else {
            return Ok(None);
        };
        let line = u32::try_from(place.start).unwrap_or(u32::MAX);
        if place.lines > MOST_LINES_OF_A_ROW {
            return Err(Error::input(format!(
                "`{}`, row {line}: a quotation mark is opened and not closed within \
                 {MOST_LINES_OF_A_ROW} lines",
                self.name
            ))
            .hint("close the quotation mark, or double it where it is part of the text"));
        }
        let broken = self.broken(&place);
        if broken.is_none() {
            self.usual.note(&self.record);
        }
        Ok(Some(broken.map_or(RowRead::Row(line), |reason| {
            RowRead::Broken(line, reason)
        })))
    }

    fn cell(&self, column: usize) -> &str {
        let cell = self.record.get(column).unwrap_or("");
        if self.line_feeds && column + 1 == self.record.len() {
            cell.strip_suffix('\r').unwrap_or(cell)
        } else {
            cell
        }
    }

    fn kind(&self, column: usize) -> Kind {
        match column < self.record.len() {
            true => Kind::Plain,
            false => Kind::Absent,
        }
    }
}

impl Delimited {
    fn next_row(&mut self) -> Result<Option<Place>> {
        loop {
            let before = self.reader.position().line();
            let found = self
                .reader
                .read_record(&mut self.record)
                .map_err(|error| unreadable(&self.name, &error))?;
            if !found {
                return Ok(None);
            }
            let end = self.reader.position().byte();
            let closed_badly = self.reader.get_mut().closed_badly_before(end);
            let is_blank = self.record.len() == 1 && self.record.get(0) == Some("\r");
            if !is_blank {
                return Ok(Some(Place {
                    closed_badly,
                    ..self.place(before)
                }));
            }
        }
    }

    /// Where the row that was just read stands; the row before it ended before
    /// line `before`. Blank lines may lie between.
    fn place(&self, before: u64) -> Place {
        if !self.line_feeds {
            let record = self.record.position().map_or(0, csv::Position::record);
            return Place {
                start: record + 1,
                lines: 1,
                unclosed: false,
                closed_badly: false,
            };
        }
        let passed = self.reader.position().line().saturating_sub(before);
        let inside = if passed > 1 {
            line_feeds(&self.record)
        } else {
            0
        };
        let blank = passed.checked_sub(inside + 1);
        Place {
            start: before + blank.unwrap_or(0),
            lines: inside + 1,
            unclosed: blank.is_none(),
            closed_badly: false,
        }
    }

    /// Why a row cannot be used, if it cannot.
    fn broken(&self, place: &Place) -> Option<String> {
        let Place { start, lines, .. } = place;
        if place.unclosed {
            let lines = self.record.as_slice().trim_end().lines().count();
            return Some(format!(
                "a quotation mark opened in row {start} is not closed before the end of the file, \
                 so that {lines} lines became one row (close it, or double it where it is part of \
                 the text)"
            ));
        }
        let swallowed = |cell| self.holds_rows(cell, place.closed_badly);
        if *lines > 1 && self.record.iter().any(swallowed) {
            return Some(format!(
                "a quotation mark opened in row {start} is not closed before row {}, and what \
                 stands between looks like rows (close it, or double it where it is part of the \
                 text)",
                start + lines - 1
            ));
        }
        let mut beyond = self.record.iter().skip(self.width);
        beyond.any(|cell| !cell.trim().is_empty()).then(|| {
            format!(
                "it has {} cells where the header has {} (a text that holds the delimiter needs \
                 quotation marks)",
                self.record.len(),
                self.width
            )
        })
    }

    /// Whether rows lie within a cell: every line of it, but for its first and
    /// last, splits into as many cells as the header (rows hold no quotation
    /// mark where one swallowed them), and there is evidence beside that.
    fn holds_rows(&self, cell: &str, closed_badly: bool) -> bool {
        let lines: Vec<&str> = cell.lines().collect();
        let inner = lines.get(1..lines.len().saturating_sub(1));
        let inner = inner.unwrap_or_default();
        let of_a_row = self.width.saturating_sub(1);
        of_a_row * inner.len() >= SWALLOWED_DELIMITERS
            && inner
                .iter()
                .all(|line| line.matches(self.delimiter).count() == of_a_row)
            && (closed_badly || self.usual.are_in(inner, self.delimiter))
    }
}

fn line_feeds(record: &StringRecord) -> u64 {
    let bytes = record.as_slice().bytes();
    bytes.filter(|byte| *byte == b'\n').count() as u64
}

/// Whether rows end with line feeds; old Macs ended them with carriage
/// returns, and line feeds may stand inside of cells.
fn ends_with_line_feeds(sample: &[u8]) -> bool {
    let count = |wanted: u8| sample.iter().filter(|byte| **byte == wanted).count();
    let (feeds, returns) = (count(b'\n'), count(b'\r'));
    feeds > 0 && 2 * feeds >= returns
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
