//! How much a file may hold: what is small and claims to be huge is refused
//! before it fills the memory, with the limit and the file.

use std::fmt;
use std::io::{self, Read};

use super::source::Source;
use super::{RowRead, Table};
use crate::dataset::cell::Kind;
use crate::support::text::size;
use crate::support::{Error, Result};

/// What any file may hold, however short it is.
const FREE: u64 = 64 << 20;

/// Bytes in memory for a byte of a compressed text or workbook; texts come to
/// about 5, and lists of the same words to 50.
const UNPACKED_FOR_EACH: u64 = 200;

/// Bytes of cells for a byte of the file; formats that write a repeated text
/// once come to more than compressed ones.
const CELLS_FOR_EACH: u64 = 1_000;

/// Rows of any file, and for each of its bytes.
const FREE_ROWS: u64 = 1_000_000;
const ROWS_FOR_EACH: u64 = 100;

/// Longest line of a text file.
const LONGEST_LINE: usize = 64 << 20;

/// A limit that a file went beyond.
#[derive(Debug)]
pub(super) struct Beyond(String);

impl fmt::Display for Beyond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Beyond {}

impl Beyond {
    fn io(what: String) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, Self(what))
    }

    /// The limit in what came of reading, if that is the matter.
    pub(super) fn in_error(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// The error of a file.
    pub(super) fn error(&self, name: &str) -> Error {
        Error::input(format!("`{name}` {self}")).hint(HINT)
    }
}

const HINT: &str = "check that the file was not made to fill the memory; one that is meant so can \
                    be split into several, or written as plain CSV";

/// The unpacked bytes of a compressed file.
pub(super) struct Unpacked<R> {
    inner: R,
    taken: u64,
    most: u64,
}

impl<R: Read> Unpacked<R> {
    /// `packed`: the length of the file.
    pub(super) fn new(inner: R, packed: u64) -> Self {
        let most = FREE.saturating_add(packed.saturating_mul(UNPACKED_FOR_EACH));
        Self {
            inner,
            taken: 0,
            most,
        }
    }

    /// Counts on from what other parts of the file unpacked to.
    pub(super) fn after(mut self, taken: u64) -> Self {
        self.taken = taken;
        self
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.taken += read as u64;
        if self.taken > self.most {
            return Err(Beyond::io(format!(
                "unpacks to more than {}, the limit for a compressed file of its length",
                size(self.most)
            )));
        }
        Ok(read)
    }
}

/// A text whose lines have an end.
pub(in crate::dataset) struct Lined<R> {
    inner: R,
    line: u64,
    length: usize,
}

impl<R: Read> Lined<R> {
    pub(in crate::dataset) fn new(inner: R) -> Self {
        Self {
            inner,
            line: 1,
            length: 0,
        }
    }
}

impl<R: Read> Read for Lined<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let new = &buffer[..read];
        match new.iter().rposition(|byte| *byte == b'\n') {
            None => self.length += read,
            Some(last) => {
                self.line += new[..=last].iter().filter(|byte| **byte == b'\n').count() as u64;
                self.length = read - last - 1;
            }
        }
        if self.length > LONGEST_LINE {
            return Err(Beyond::io(format!(
                "has more than {} in line {}, the limit for a line",
                size(LONGEST_LINE as u64),
                self.line
            )));
        }
        Ok(read)
    }
}

/// Fails once a record of a JSON array is longer than a line may be.
pub(super) fn longest_record(length: usize) -> io::Result<()> {
    match length > LONGEST_LINE {
        true => Err(Beyond::io(format!(
            "has more than {} in an element of its array, the limit for one",
            size(LONGEST_LINE as u64)
        ))),
        false => Ok(()),
    }
}

/// What a file may still hold in its rows and cells.
pub(super) struct Allowance {
    name: String,
    held: u64,
    most_held: u64,
    rows: u64,
    most_rows: u64,
}

impl Allowance {
    pub(super) fn of(source: &Source) -> Result<Self> {
        let length = source.length()?;
        Ok(Self {
            name: source.name().to_owned(),
            held: 0,
            most_held: FREE.saturating_add(length.saturating_mul(CELLS_FOR_EACH)),
            rows: 0,
            most_rows: FREE_ROWS.saturating_add(length.saturating_mul(ROWS_FOR_EACH)),
        })
    }

    /// Counts a row.
    pub(super) fn row(&mut self) -> Result<()> {
        self.rows += 1;
        if self.rows > self.most_rows {
            return Err(self.refused(format!("{} rows", self.most_rows)));
        }
        Ok(())
    }

    /// Counts the bytes of cells.
    pub(super) fn cells(&mut self, bytes: u64) -> Result<()> {
        self.held += bytes;
        if self.held > self.most_held {
            return Err(self.refused(format!("{} in its cells", size(self.most_held))));
        }
        Ok(())
    }

    fn refused(&self, what: String) -> Error {
        let beyond = Beyond(format!(
            "holds more than {what}, the limit for a file of its length"
        ));
        beyond.error(&self.name)
    }
}

/// A table whose cells and rows are in proportion to its file.
pub(super) struct Limited {
    table: Box<dyn Table>,
    columns: usize,
    allowance: Allowance,
}

impl Limited {
    pub(super) fn new(table: Box<dyn Table>, columns: usize, source: &Source) -> Result<Self> {
        let allowance = Allowance::of(source)?;
        Ok(Self {
            table,
            columns,
            allowance,
        })
    }
}

impl Table for Limited {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        let next = self.table.advance()?;
        if next.is_some() {
            self.allowance.row()?;
            let cells = 0..self.columns;
            let bytes = cells.map(|column| self.table.cell(column).len() as u64);
            self.allowance.cells(bytes.sum())?;
        }
        Ok(next)
    }

    fn cell(&self, column: usize) -> &str {
        self.table.cell(column)
    }

    fn kind(&self, column: usize) -> Kind {
        self.table.kind(column)
    }
}
