//! Figures that are described once and shown in many places.
//!
//! A [`Figure`] says what a number is called, what it means, how it is
//! printed and how it is read off a row. Lists of them stand
//! beside the data they are about; command line, window, report and files go
//! through these lists and name no figure of their own. So a figure that is
//! added to a list is everywhere at once.

mod cell;
mod sheet;

pub use cell::Cell;
use cell::Form;
pub use sheet::{Head, Line, Sheet, Shown};

/// What is shown where a figure has no value.
pub const NOTHING: &str = "–";

/// A figure of rows of type `R`.
pub struct Figure<R> {
    /// The head of its column.
    pub name: &'static str,
    /// What it is, in a sentence or two, for tooltips and glossaries; empty
    /// where the name says it.
    pub meaning: &'static str,
    print: &'static str,
    parts: Vec<Part<R>>,
    detail: Option<fn(&R) -> String>,
    idle: Option<fn(&R) -> bool>,
}

/// One number of a figure: the value, a bound of its interval, what it is
/// measured against. `key` is its column in files.
struct Part<R> {
    key: &'static str,
    form: Form,
    read: Box<dyn Fn(&R) -> Cell>,
}

/// A figure with a name and nothing else yet.
pub fn figure<R>(name: &'static str) -> Figure<R> {
    Figure {
        name,
        meaning: "",
        print: "",
        parts: Vec::new(),
        detail: None,
        idle: None,
    }
}

/// How a figure is described. Scripts read the columns that `key` names, so a
/// key that has been given stays.
impl<R: 'static> Figure<R> {
    /// Says what the figure is.
    #[must_use]
    pub fn meaning(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    /// How its parts are put together for people, with their units:
    /// `{accuracy} %`. Parts that are not named are for files only. Without
    /// this, people see the first part alone.
    #[must_use]
    pub fn print(mut self, print: &'static str) -> Self {
        self.print = print;
        self
    }

    /// Adds words, or yes or no.
    #[must_use]
    pub fn words<C: Into<Cell> + 'static>(self, key: &'static str, read: fn(&R) -> C) -> Self {
        self.part(key, Form::Words, read)
    }

    /// Adds a whole number.
    #[must_use]
    pub fn whole<C: Into<Cell> + 'static>(self, key: &'static str, read: fn(&R) -> C) -> Self {
        self.part(key, Form::Decimals(0), read)
    }

    /// Adds a number with so many digits after the point.
    #[must_use]
    pub fn number<C: Into<Cell> + 'static>(
        self,
        key: &'static str,
        digits: usize,
        read: fn(&R) -> C,
    ) -> Self {
        self.part(key, Form::Decimals(digits), read)
    }

    /// Adds a number that is printed with its sign.
    #[must_use]
    pub fn signed<C: Into<Cell> + 'static>(
        self,
        key: &'static str,
        digits: usize,
        read: fn(&R) -> C,
    ) -> Self {
        self.part(key, Form::Signed(digits), read)
    }

    /// Adds a share of one that is printed in hundredths.
    #[must_use]
    pub fn share<C: Into<Cell> + 'static>(
        self,
        key: &'static str,
        digits: usize,
        read: fn(&R) -> C,
    ) -> Self {
        self.part(key, Form::Hundredths(digits), read)
    }

    /// Adds more on a value for who asks: seeds, counts behind a share.
    #[must_use]
    pub fn detail(mut self, detail: fn(&R) -> String) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Names the rows of which people are not shown it, since it says nothing
    /// there.
    #[must_use]
    pub fn idle(mut self, idle: fn(&R) -> bool) -> Self {
        self.idle = Some(idle);
        self
    }

    fn part<C: Into<Cell> + 'static>(
        mut self,
        key: &'static str,
        form: Form,
        read: fn(&R) -> C,
    ) -> Self {
        self.parts.push(Part {
            key,
            form,
            read: Box::new(move |row| read(row).into()),
        });
        self
    }
}

impl<R> Figure<R> {
    /// The figure of a row as people read it; [`NOTHING`] where a part that
    /// is printed has no value.
    pub fn text(&self, row: &R) -> String {
        let said = match self.idle.is_some_and(|idle| idle(row)) {
            true => None,
            false => self.put_together(row),
        };
        said.unwrap_or_else(|| NOTHING.to_owned())
    }

    fn put_together(&self, row: &R) -> Option<String> {
        let value = |part: &Part<R>| part.form.text(&(part.read)(row));
        if self.print.is_empty() {
            return value(self.parts.first()?);
        }
        let mut text = String::new();
        let mut rest = self.print;
        while let Some((before, key, after)) = placeholder(rest) {
            text += before;
            text += &value(self.parts.iter().find(|part| part.key == key)?)?;
            rest = after;
        }
        Some(text + rest)
    }

    /// The figure with its name: “accuracy: 86.3 %”.
    pub fn said(&self, row: &R) -> String {
        format!("{}: {}", self.name, self.text(row))
    }

    /// More on its value, if there is more to say.
    pub fn more(&self, row: &R) -> Option<String> {
        self.detail.map(|detail| detail(row))
    }

    /// Its columns in files.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.parts.iter().map(|part| part.key)
    }

    /// Whether it holds words, which stand to the left.
    pub fn is_words(&self) -> bool {
        self.parts.iter().all(|part| part.form == Form::Words)
    }
}

/// The cells of a row in files, for all columns of some figures.
pub fn cells<R>(figures: &[Figure<R>], row: &R) -> impl Iterator<Item = Cell> {
    let parts = figures.iter().flat_map(|figure| &figure.parts);
    parts.map(move |part| (part.read)(row))
}

/// The first `{key}` of a pattern, with what stands before and after it.
fn placeholder(pattern: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = pattern.split_once('{')?;
    let (key, after) = rest.split_once('}')?;
    Some((before, key, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Measured {
        share: Option<f64>,
        change: f64,
        of: &'static str,
    }

    #[test]
    fn a_figure_is_put_together_from_its_parts_and_says_when_one_is_missing() {
        let share = figure("share")
            .print("{share} % ({change} against {of})")
            .share("share", 1, |m: &Measured| m.share)
            .signed("change", 1, |m| m.change)
            .words("of", |m| m.of)
            .whole("for_files", |_| 3_usize)
            .idle(|m| m.of.is_empty());
        let mut row = Measured {
            share: Some(0.8625),
            change: -1.25,
            of: "{share}",
        };
        assert_eq!(share.text(&row), "86.2 % (−1.2 against {share})");
        assert!(!share.is_words());
        let share = [share];
        assert_eq!(cells(&share, &row).count(), share[0].columns().count());
        row.share = None;
        assert_eq!(share[0].text(&row), NOTHING);
        (row.share, row.of) = (Some(1.0), "");
        assert_eq!(share[0].text(&row), NOTHING);
    }
}
