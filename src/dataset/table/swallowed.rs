//! Evidence that a quotation mark swallowed rows: a quoted cell of many lines
//! may as well be a poem, a list or an address.

use std::collections::{HashSet, VecDeque};
use std::io::Read;

use csv::StringRecord;

/// A column with more different values than this holds no labels or roles.
const MOST_VALUES: usize = 1_000;
/// The longest value, in bytes, that a label or a role may have.
const LONGEST_VALUE: usize = 80;

/// Where a byte stands in delimited text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// Behind a quotation mark in a quoted cell: its end, or half of a doubled
    /// one.
    Mark,
}

/// Passes delimited text on and notes where a quoted cell ends in the middle
/// of something. No program writes that: the mark that opened the cell was
/// part of a text, and this one belongs to another row.
pub(super) struct QuoteWatch<R> {
    text: R,
    delimiter: u8,
    state: State,
    passed: u64,
    noted: VecDeque<u64>,
}

impl<R> QuoteWatch<R> {
    pub(super) fn new(text: R, delimiter: u8) -> Self {
        Self {
            text,
            delimiter,
            state: State::CellStart,
            passed: 0,
            noted: VecDeque::new(),
        }
    }

    /// The text that passes.
    pub(super) fn text(&self) -> &R {
        &self.text
    }

    /// Whether a cell was closed badly before this byte; it is told once.
    pub(super) fn closed_badly_before(&mut self, end: u64) -> bool {
        let before = self.noted.iter().take_while(|at| **at < end).count();
        self.noted.drain(..before).count() > 0
    }

    fn pass(&mut self, byte: u8) {
        let ends_cell = byte == self.delimiter || byte == b'\n';
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::Mark,
            (State::Quoted, _) | (State::CellStart | State::Mark, b'"') => State::Quoted,
            _ if ends_cell => State::CellStart,
            (State::Mark, b'\r') => State::Plain,
            (State::Mark, b' ') => State::Mark,
            (State::Mark, _) => {
                self.noted.push_back(self.passed);
                State::Plain
            }
            _ => State::Plain,
        };
        self.passed += 1;
    }
}

impl<R: Read> Read for QuoteWatch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.text.read(buffer)?;
        for byte in &buffer[..count] {
            self.pass(*byte);
        }
        Ok(count)
    }
}

/// The values of columns with few different ones: labels, roles, sources.
pub(super) struct UsualValues {
    /// None for a column that turned out to have many.
    columns: Vec<Option<HashSet<String>>>,
}

impl UsualValues {
    pub(super) fn new(width: usize) -> Self {
        Self {
            columns: vec![Some(HashSet::new()); width],
        }
    }

    /// Learns from a row.
    pub(super) fn note(&mut self, row: &StringRecord) {
        for (column, cell) in self.columns.iter_mut().zip(row) {
            let Some(values) = column else {
                continue;
            };
            let value = cell.trim();
            if value.is_empty() || values.contains(value) {
                continue;
            }
            if value.len() > LONGEST_VALUE || values.len() == MOST_VALUES {
                *column = None;
            } else {
                values.insert(value.to_owned());
            }
        }
    }

    /// Whether at least half of these lines have in some column what rows have
    /// there.
    pub(super) fn are_in(&self, lines: &[&str], delimiter: char) -> bool {
        (0_usize..).zip(&self.columns).any(|(number, column)| {
            let known = |line: &&&str| {
                let value = line.split(delimiter).nth(number).map(str::trim);
                let values = column.as_ref().zip(value);
                values.is_some_and(|(values, value)| values.contains(value))
            };
            2 * lines.iter().filter(known).count() >= lines.len()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed_badly(text: &str) -> bool {
        let mut watch = QuoteWatch::new(text.as_bytes(), b',');
        let mut passed = String::new();
        watch.read_to_string(&mut passed).expect("reads");
        assert_eq!(passed, text);
        let told = watch.closed_badly_before(text.len() as u64);
        assert!(!watch.closed_badly_before(u64::MAX), "told once");
        told
    }

    #[test]
    fn cells_that_end_in_the_middle_of_something_are_noted() {
        let sound = [
            "text,label\n\"a, b\",x\r\n\"c\nd\",\"y\"\r\n",
            "he said \"no\",x\n",
            "\"\"\"no\"\", he said\",x\n\"\",y\n",
            "\"the last\"",
            "\"spaces behind\"  ,x\n",
        ];
        for text in sound {
            assert!(!is_closed_badly(text), "{text}");
        }
        for text in ["\"never closed,x\nplain,y\n\"a, b\",x\n", "\"5\" tall,x\n"] {
            assert!(is_closed_badly(text), "{text}");
        }
    }

    #[test]
    fn each_row_gets_what_is_noted_within_it() {
        let text = "a,b\n\"5\" tall,x\nplain,y\n";
        let mut watch = QuoteWatch::new(text.as_bytes(), b',');
        watch.read_to_end(&mut Vec::new()).expect("reads");
        assert!(!watch.closed_badly_before(4));
        assert!(watch.closed_badly_before(16));
        assert!(!watch.closed_badly_before(24));
    }
}
