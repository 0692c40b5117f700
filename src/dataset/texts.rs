//! Texts without labels, for scoring a file that belongs to no data set. They
//! are read as a stream, so that a file may hold millions of rows.

use std::path::Path;

use super::columns::{self, Part};
use super::table::{self, RowRead, Table};
use crate::records::{DataSpec, Text};
use crate::support::{Progress, Result};

/// A text of a file without labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlabelled {
    /// Row in the file, the header being row 1.
    pub row: u32,
    /// Value of the id column, if there is one.
    pub id: Option<String>,
    /// The text.
    pub text: Text,
}

/// Reads the texts of a file of any format, a batch at a time.
pub struct TextReader {
    table: Box<dyn Table>,
    first: usize,
    second: Option<usize>,
    id: Option<usize>,
    left_out: Option<LeftOut>,
}

/// Rows without a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// The first of them.
    pub first_row: u32,
    /// How many there are so far.
    pub count: usize,
}

impl TextReader {
    /// Opens a file; `pairs` says whether the model takes pairs.
    ///
    /// # Errors
    /// Names the file: not readable, of an unknown format, or without a
    /// column for the text.
    pub fn open(path: &Path, spec: &DataSpec, pairs: bool, progress: &Progress) -> Result<Self> {
        let name = path.display().to_string();
        let (table, layout) = table::open(path, &name, spec, progress)?;
        layout.tell(&name, progress);
        let columns = columns::recognise(&layout.columns, &spec.columns.or(&layout.suggested));
        let text_of = |part| {
            columns
                .of(part)
                .ok_or_else(|| columns::missing(part, &layout.columns, &spec.columns, &name))
        };
        Ok(Self {
            first: text_of(Part::Text)?,
            second: pairs.then(|| text_of(Part::TextB)).transpose()?,
            id: columns.of(Part::Id),
            table,
            left_out: None,
        })
    }

    /// The next texts, at most `most`; none at the end of the file. Rows
    /// without a text are left out.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub fn next_batch(&mut self, most: usize) -> Result<Vec<Unlabelled>> {
        let mut texts = Vec::with_capacity(most);
        while texts.len() < most {
            match self.table.advance()? {
                None => break,
                Some(RowRead::Broken(row, _)) => self.leave_out(row),
                Some(RowRead::Row(row)) => match self.text(row) {
                    Some(text) => texts.push(text),
                    None => self.leave_out(row),
                },
            }
        }
        Ok(texts)
    }

    /// The rows left out so far, if any.
    pub fn left_out(&self) -> Option<LeftOut> {
        self.left_out
    }

    fn text(&self, row: u32) -> Option<Unlabelled> {
        let filled = |column: usize| {
            let cell = self.table.cell(column).trim();
            (!cell.is_empty()).then(|| cell.to_owned())
        };
        let second = match self.second {
            Some(column) => Some(filled(column)?),
            None => None,
        };
        Some(Unlabelled {
            row,
            id: self.id.and_then(filled),
            text: Text {
                first: filled(self.first)?,
                second,
            },
        })
    }

    fn leave_out(&mut self, row: u32) {
        let left_out = self.left_out.get_or_insert(LeftOut {
            first_row: row,
            count: 0,
        });
        left_out.count += 1;
    }
}
