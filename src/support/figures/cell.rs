//! Single values, and how people read them.

use serde::Serialize;

use crate::support::text::signed;

/// One value of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
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

/// How a value is printed for people. Units stand in what a figure prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Words, and yes or no.
    Words,
    /// So many digits after the point.
    Decimals(usize),
    /// The same with a sign.
    Signed(usize),
    /// A share of one in hundredths, with so many digits after the point.
    Hundredths(usize),
}

impl Form {
    /// The value in print, if there is one.
    pub(super) fn text(self, cell: &Cell) -> Option<String> {
        let number = match cell {
            Cell::Empty => return None,
            Cell::Text(text) => return Some(text.clone()),
            Cell::Flag(flag) => return Some(if *flag { "yes" } else { "no" }.to_owned()),
            Cell::Whole(whole) => *whole as f64,
            Cell::Number(number) => *number,
            Cell::Single(number) => f64::from(*number),
        };
        Some(match self {
            Form::Words => format!("{number:.0}"),
            Form::Decimals(digits) => format!("{number:.digits$}"),
            Form::Signed(digits) => signed(number, digits),
            Form::Hundredths(digits) => format!("{:.digits$}", 100.0 * number),
        })
    }
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
