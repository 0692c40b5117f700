//! How a delimited file is written, decided by reading all of it: the dialect
//! in which the fewest rows do not fit the header.

use std::io::{BufReader, Read};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use super::rewrite::Rewrite;
use super::source::Source;
use super::swallowed::QuoteWatch;
use super::top_lines::Top;
use crate::dataset::encoding;
use crate::records::{DataSpec, Quotes};
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

pub(super) const CANDIDATES: [u8; 4] = [b',', b';', b'\t', b'|'];
const SAMPLE_BYTES: u64 = 1 << 16;
const SAMPLE_ROWS: usize = 200;
/// Rows between two looks at the cancel flag.
const CHECK_EVERY: usize = 16_384;

/// How a delimited file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Whether quotation marks enclose cells.
    pub(super) quoting: bool,
    /// Whether a backslash stands before quotation marks inside of cells.
    pub(super) backslash: bool,
    /// Whether the backslashes of texts are doubled.
    pub(super) doubled_backslash: bool,
    /// Whether spaces stand before quotation marks that enclose cells.
    pub(super) spaced: bool,
    /// Whether rows end with a line feed, alone or after a carriage return.
    pub(super) line_feeds: bool,
    /// Lines above the header.
    pub(super) top_lines: u64,
}

/// What is to be told about a dialect.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// What is unusual about it.
    pub(super) notes: Vec<String>,
    /// Why it is taken for that of the file.
    pub(super) evidence: String,
}

/// How well a dialect fits a file.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Fit {
    width: usize,
    rows: u64,
    /// Lines of rows that do not fit the header.
    misfits: u64,
    /// Whether backslashes that stand before no quotation mark are doubled.
    doubled_backslash: bool,
}

type Text = Box<dyn Read>;

/// A reader of a dialect.
pub(super) fn reader(mut text: Text, dialect: Dialect) -> std::io::Result<Reader<Watched>> {
    skip_lines(&mut text, dialect.top_lines)?;
    // The parser ends a row at the carriage return of CRLF and counts the line
    // feed to the next one. With line feeds as the only ends of rows, also of
    // the last, lines can be counted; the carriage returns are dropped later.
    let (terminator, end): (_, &[u8]) = match dialect.line_feeds {
        true => (Terminator::Any(b'\n'), b"\n"),
        false => (Terminator::CRLF, b""),
    };
    let whole: Text = Box::new(text.chain(end));
    let whole = Rewrite::new(whole, dialect);
    Ok(ReaderBuilder::new()
        .delimiter(dialect.delimiter)
        .terminator(terminator)
        .quoting(dialect.quoting)
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(1 << 20)
        .from_reader(QuoteWatch::new(whole, dialect.delimiter)))
}

/// Text of a dialect on its way to the parser.
pub(super) type Watched = QuoteWatch<Rewrite<Text>>;

fn skip_lines(text: &mut Text, lines: u64) -> std::io::Result<()> {
    let mut left = lines;
    let mut byte = [0];
    while left > 0 && text.read(&mut byte)? > 0 {
        left -= u64::from(byte[0] == b'\n');
    }
    Ok(())
}

/// Finds the dialect of a file.
pub(super) fn found(
    source: &Source,
    encoding: encoding::Found,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Dialect, Told)> {
    let failed = |error| source.unreadable(error);
    let mut sample = Vec::new();
    let mut start = encoding.decoded(source)?.take(SAMPLE_BYTES);
    start.read_to_end(&mut sample).map_err(failed)?;
    let mut told = Told::default();
    let top = Top::of(&sample);
    told.notes.extend(top.told.clone());
    let below = top.below(&sample);
    let given = spec.delimiter.map(delimiter_of).transpose()?;
    let delimiter = given
        .or(top.delimiter)
        .unwrap_or_else(|| sniff(below, source));
    let usual = Dialect {
        delimiter,
        quoting: delimiter != b'\t' || quotes_enclose(below),
        backslash: false,
        doubled_backslash: false,
        spaced: false,
        line_feeds: ends_with_line_feeds(below),
        top_lines: top.lines,
    };
    if let Some(quotes) = spec.quotes {
        let dialect = Dialect {
            quoting: quotes != Quotes::None,
            backslash: quotes == Quotes::Backslash,
            ..usual
        };
        told.evidence = dialect.described(match given {
            Some(_) => "as project.toml says",
            None => "the marks as project.toml says, the delimiter by its first lines",
        });
        return Ok((dialect, told));
    }
    let fit = |dialect| Fit::of(source, encoding, dialect, progress);
    let mut best = (fit(usual)?, usual);
    if best.0.misfits > 0 {
        for dialect in usual.alternatives(given.or(top.delimiter).is_some()) {
            let found = fit(dialect)?;
            if found.better_than(best.0) {
                let doubled_backslash = dialect.backslash && found.doubled_backslash;
                best = (
                    found,
                    Dialect {
                        doubled_backslash,
                        ..dialect
                    },
                );
            }
        }
    }
    let dialect = best.1;
    told.evidence = dialect.described(&best.0.evidence());
    if dialect.backslash {
        told.notes.push(
            "quotation marks inside of its cells are escaped with backslashes; if that is wrong, \
             write quotes = \"doubled\" under [data]"
                .to_owned(),
        );
    }
    if dialect.spaced {
        told.notes
            .push("spaces before its quotation marks are not part of the cells".to_owned());
    }
    Ok((dialect, told))
}

fn delimiter_of(given: char) -> Result<u8> {
    let byte = u8::try_from(given).ok().filter(u8::is_ascii);
    byte.ok_or_else(|| {
        Error::input(format!("project.toml: `{given}` cannot be a delimiter"))
            .hint("use one of , ; | or a tab (\"\\t\")")
    })
}

impl Dialect {
    /// Delimiter and quotation marks in words, with why they are taken for
    /// those of the file.
    fn described(self, why: &str) -> String {
        let delimiter = match self.delimiter {
            b'\t' => "tab".to_owned(),
            other => format!("`{}`", char::from(other)),
        };
        let quotes = match (self.quoting, self.backslash) {
            (false, _) => "quotation marks are part of the texts",
            (true, true) => "quotation marks enclose cells, a backslash before those inside",
            (true, false) => "quotation marks enclose cells, those inside are doubled",
        };
        format!("delimiter {delimiter}, {quotes}: {why}")
    }

    /// Other ways in which the file may have been written. Quotation marks
    /// that enclose nothing are usual in tab-separated files only.
    fn alternatives(self, delimiter_is_known: bool) -> Vec<Self> {
        let mut delimiters = vec![self.delimiter];
        if !delimiter_is_known {
            delimiters.extend(
                CANDIDATES
                    .into_iter()
                    .filter(|other| *other != self.delimiter),
            );
        }
        let mut all = Vec::new();
        for delimiter in delimiters {
            let ways = match delimiter {
                b'\t' => vec![true, false],
                _ => vec![true],
            };
            for quoting in ways {
                for (backslash, spaced) in
                    [(false, false), (true, false), (false, true), (true, true)]
                {
                    let dialect = Self {
                        delimiter,
                        quoting,
                        backslash,
                        spaced,
                        ..self
                    };
                    if dialect != self && (quoting || !(backslash || spaced)) {
                        all.push(dialect);
                    }
                }
            }
        }
        all
    }
}

impl Fit {
    /// What speaks for the dialect.
    fn evidence(self) -> String {
        // The header is one of them.
        let rows = many((self.rows as usize).saturating_sub(1), "row");
        let cells = many(self.width, "cell");
        match self.misfits {
            0 => format!("so all its {rows} have the {cells} of the header"),
            some => format!(
                "so only {} of {rows} do not fit the header",
                many(some as usize, "line")
            ),
        }
    }

    fn of(
        source: &Source,
        encoding: encoding::Found,
        dialect: Dialect,
        progress: &Progress,
    ) -> Result<Self> {
        let failed = |error| source.unreadable(error);
        let mut reader = reader(encoding.decoded(source)?, dialect).map_err(failed)?;
        let mut record = ByteRecord::new();
        let mut fit = Self::default();
        while reader.read_byte_record(&mut record).map_err(|error| {
            Error::input(format!("`{}`: {error}", source.name()))
                .hint("mend the file, or write it again from its origin")
        })? {
            let end = reader.position().byte();
            let closed_badly = reader.get_mut().closed_badly_before(end);
            if record.len() == 1
                && record
                    .get(0)
                    .is_some_and(|cell| cell.trim_ascii().is_empty())
            {
                continue;
            }
            if fit.rows == 0 {
                fit.width = record.len();
            }
            fit.rows += 1;
            if (fit.rows as usize).is_multiple_of(CHECK_EVERY) {
                progress.check()?;
            }
            if (closed_badly && dialect.quoting) || !fits(&record, fit.width, dialect) {
                let feeds = record.as_slice().iter().filter(|byte| **byte == b'\n');
                fit.misfits += 1 + feeds.count() as u64;
            }
        }
        fit.doubled_backslash = reader.get_ref().text().doubles_backslashes();
        Ok(fit)
    }

    /// Of dialects with as few misfits the earlier one is kept. Columns that
    /// only another delimiter makes must make sense nearly everywhere.
    fn better_than(self, other: Self) -> bool {
        let share = |fit: Self| fit.misfits as f64 / fit.rows.max(1) as f64;
        self.width > 1
            && self.misfits < other.misfits
            && (self.width >= other.width || share(self) < 0.1 * share(other))
    }
}

/// Whether a row has as many cells as the header, and none whose quotation
/// marks enclose it without being taken for that.
fn fits(record: &ByteRecord, width: usize, dialect: Dialect) -> bool {
    let mut beyond = record.iter().skip(width);
    let enclosed = |cell: &[u8]| {
        let inside = cell.trim_ascii();
        let whole = inside.len() > 1 && inside.starts_with(b"\"") && inside.ends_with(b"\"");
        whole && (!dialect.quoting || cell.starts_with(b" "))
    };
    record.len() >= width
        && beyond.all(|cell| cell.trim_ascii().is_empty())
        && !record.iter().any(enclosed)
}

/// Whether rows end with line feeds; old Macs ended them with carriage
/// returns, and line feeds may stand inside of cells.
fn ends_with_line_feeds(sample: &[u8]) -> bool {
    let count = |wanted: u8| sample.iter().filter(|byte| **byte == wanted).count();
    let (feeds, returns) = (count(b'\n'), count(b'\r'));
    feeds > 0 && 2 * feeds >= returns
}

/// The delimiter that splits most of the sampled rows into as many cells as
/// the header, to begin with; the suffix decides where none does.
fn sniff(sample: &[u8], source: &Source) -> u8 {
    let tabs = source.path().extension().is_some_and(|suffix| {
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
