//! CSV and TSV, row by row.

use csv::{Reader, StringRecord};

use super::dialect::{self, Dialect, Watched};
use super::limits::Beyond;
use super::source::Source;
use super::swallowed::UsualValues;
use super::{Format, HEADER_AGAIN, Layout, RowRead, Table};
use crate::dataset::cell::Kind;
use crate::dataset::encoding;
use crate::records::DataSpec;
use crate::support::{Error, Progress, Result};

/// A quoted cell of more lines is taken for a quotation mark never closed.
const MOST_LINES_OF_A_ROW: u64 = 2_000;

/// Delimiters within one cell, line for line as many as a row has, from which
/// it may be rows that a quotation mark swallowed.
const SWALLOWED_DELIMITERS: usize = 8;

struct Delimited {
    reader: Reader<Watched>,
    record: StringRecord,
    header: Vec<String>,
    usual: UsualValues,
    dialect: Dialect,
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
    let name = source.name();
    let encoding = encoding::found(source, spec.encoding.as_deref(), progress)?;
    let (dialect, told) = dialect::found(source, encoding, spec, progress)?;
    let reader = dialect::reader(encoding.decoded(source)?, dialect);
    let mut reader = reader.map_err(|error| source.unreadable(error))?;
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
        usual: UsualValues::new(columns.len()),
        header: columns.clone(),
        dialect,
        name: name.to_owned(),
    };
    let mut layout = Layout::new(Format::Delimited, columns);
    layout.delimiter = Some(char::from(dialect.delimiter));
    encoding.tell(&mut layout);
    layout.evidence.push(told.evidence);
    layout.notes.extend(told.notes);
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
        if self.dialect.line_feeds && column + 1 == self.record.len() {
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
        if !self.dialect.line_feeds {
            let record = self.record.position().map_or(0, csv::Position::record);
            return Place {
                start: record + 1 + self.dialect.top_lines,
                lines: 1,
                unclosed: false,
                closed_badly: false,
            };
        }
        let before = before + self.dialect.top_lines;
        let now = self.reader.position().line() + self.dialect.top_lines;
        let passed = now.saturating_sub(before);
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
        if self.repeats_header() {
            return Some(HEADER_AGAIN.to_owned());
        }
        let mut beyond = self.record.iter().skip(self.header.len());
        beyond.any(|cell| !cell.trim().is_empty()).then(|| {
            format!(
                "it has {} cells where the header has {} (a text that holds the delimiter needs \
                 quotation marks)",
                self.record.len(),
                self.header.len()
            )
        })
    }

    fn repeats_header(&self) -> bool {
        let cells = self
            .record
            .iter()
            .map(|cell| cell.trim_matches(['\u{feff}', '\r', ' ']));
        self.header.len() > 1 && cells.eq(self.header.iter().map(String::as_str))
    }

    /// Whether rows lie within a cell: every line of it, but for its first and
    /// last, splits into as many cells as the header (rows hold no quotation
    /// mark where one swallowed them), and there is evidence beside that.
    fn holds_rows(&self, cell: &str, closed_badly: bool) -> bool {
        let delimiter = char::from(self.dialect.delimiter);
        let lines: Vec<&str> = cell.lines().collect();
        let inner = lines.get(1..lines.len().saturating_sub(1));
        let inner = inner.unwrap_or_default();
        let of_a_row = self.header.len().saturating_sub(1);
        of_a_row * inner.len() >= SWALLOWED_DELIMITERS
            && inner
                .iter()
                .all(|line| line.matches(delimiter).count() == of_a_row)
            && (closed_badly || self.usual.are_in(inner, delimiter))
    }
}

fn line_feeds(record: &StringRecord) -> u64 {
    let bytes = record.as_slice().bytes();
    bytes.filter(|byte| *byte == b'\n').count() as u64
}

fn unreadable(name: &str, error: &csv::Error) -> Error {
    if let csv::ErrorKind::Io(io) = error.kind()
        && let Some(beyond) = Beyond::in_error(io)
    {
        return beyond.error(name);
    }
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
