//! Tables of figures as people read them, the same on every face: a face
//! only lays them out.

use super::Figure;

/// A table with its headline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its headline.
    pub title: String,
    /// What a reader should know before the figures.
    pub notes: Vec<String>,
    /// The heads of its columns.
    pub heads: Vec<Head>,
    /// Its lines, one cell for each head.
    pub lines: Vec<Line>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its words.
    pub name: String,
    /// What the column holds, in a sentence or two; empty if that is plain.
    pub meaning: &'static str,
    /// Whether it holds words, which stand to the left.
    pub is_words: bool,
}

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Whether this is one of the lines that the table is about.
    pub strong: bool,
    /// Its cells.
    pub cells: Vec<Shown>,
}

/// A cell as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The figure.
    pub text: String,
    /// More on it for who asks.
    pub detail: Option<String>,
}

impl Sheet {
    /// A table without columns and lines.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            notes: Vec::new(),
            heads: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// A table of figures, one line for each row.
    pub fn of<'a, R: 'a>(
        title: &str,
        figures: &[Figure<R>],
        rows: impl IntoIterator<Item = &'a R>,
    ) -> Self {
        let mut sheet = Self::new(title).figures(figures);
        let rows = rows.into_iter();
        let lines = rows.map(|row| Line::new(false).figures(figures, row));
        sheet.lines.extend(lines);
        sheet
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds a column of words.
    #[must_use]
    pub fn words(mut self, name: &str, meaning: &'static str) -> Self {
        self.heads.push(Head {
            name: name.to_owned(),
            meaning,
            is_words: true,
        });
        self
    }

    /// Says in the heads which money is meant, if that is known.
    #[must_use]
    pub fn in_currency(mut self, currency: Option<&str>) -> Self {
        for head in &mut self.heads {
            head.name = head.name.replace("money", currency.unwrap_or("money"));
        }
        self
    }

    /// Adds a column for each figure.
    #[must_use]
    pub fn figures<R>(mut self, figures: &[Figure<R>]) -> Self {
        self.heads.extend(figures.iter().map(|figure| Head {
            name: figure.name.to_owned(),
            meaning: figure.meaning,
            is_words: figure.is_words(),
        }));
        self
    }
}

impl Line {
    /// A line without cells.
    pub fn new(strong: bool) -> Self {
        Self {
            strong,
            cells: Vec::new(),
        }
    }

    /// Adds a cell of words.
    #[must_use]
    pub fn words(self, text: impl Into<String>) -> Self {
        self.explained(text, None)
    }

    /// Adds a cell of words with more for who asks.
    #[must_use]
    pub fn explained(mut self, text: impl Into<String>, detail: Option<String>) -> Self {
        self.cells.push(Shown {
            text: text.into(),
            detail,
        });
        self
    }

    /// Adds the cells of some figures of a row.
    #[must_use]
    pub fn figures<R>(mut self, figures: &[Figure<R>], row: &R) -> Self {
        self.cells.extend(figures.iter().map(|figure| Shown {
            text: figure.text(row),
            detail: figure.more(row),
        }));
        self
    }
}
