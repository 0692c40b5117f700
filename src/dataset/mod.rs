//! Labelled texts and the parts they play: the first station of the loop.
//!
//! A [`Dataset`] is what every later step indexes into. Examples keep the
//! order in which they were read; an *index* below always means the position
//! in [`Dataset::examples`].
//!
//! [`read`] goes through the files of a project row by row: a
//! [table](table) of some format gives cells, [columns] says which cell is the
//! text, [labels](labels) turns values into labels, and [roles] joins equal
//! texts into groups and splits what is not split yet.

pub mod as_read;
pub(crate) mod cell;
pub mod check;
pub mod columns;
pub mod copies;
mod declared;
mod draw;
mod encoding;
mod file_context;
pub mod folder;
pub mod guess;
mod keys;
mod label_doubts;
mod labels;
mod lacking;
mod look_alike;
mod lookup;
mod missing_marks;
mod odd_texts;
mod read;
mod ready;
pub mod report;
pub mod roles;
mod settle;
pub(crate) mod spelling;
mod unread_roles;
pub mod table;
mod texts;
mod wrapped;

use std::sync::OnceLock;

use rayon::prelude::*;

use crate::records::{ExampleKey, Label, Role, Text};

pub use as_read::AsRead;
pub use check::{CheckReport, check};
pub use copies::{CopyGuard, OwnTexts};
pub use guess::{Guess, guess};
pub use lookup::Ids;
pub use read::{Loaded, load, load_for, read};
pub use report::ReadReport;
pub use texts::{LeftOut, TextReader, Unlabelled};

/// Where an example was read: for messages that name file and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Position in [`Dataset::files`].
    pub file: u16,
    /// Row as an editor or spreadsheet counts it: the first line of the row in
    /// a text file, so that a header is row 1.
    pub row: u32,
}

/// One labelled text with its role.
///
/// The text of a *final* example is sealed: [`Example::text`] gives nothing,
/// and what may use [`Example::sealed_text`] is listed there.
#[derive(Debug, Clone)]
pub struct Example {
    /// Lasting identity.
    pub key: ExampleKey,
    text: Text,
    /// The label given by the data.
    pub label: Label,
    /// Which part of the work it serves.
    pub role: Role,
    /// Position in [`Dataset::sources`].
    pub source: u16,
    /// Examples of one group (review, author, equal texts) share a number and
    /// never straddle roles; intervals resample groups.
    pub group: u32,
    /// File and row.
    pub origin: Origin,
}

impl Example {
    /// Puts an example together.
    pub fn new(
        key: ExampleKey,
        text: Text,
        label: Label,
        role: Role,
        source: u16,
        group: u32,
        origin: Origin,
    ) -> Self {
        Self {
            key,
            text,
            label,
            role,
            source,
            group,
            origin,
        }
    }

    /// The text, or `None` if it is sealed. Everything that a person, a
    /// teacher, a file or a log may see goes through here.
    pub fn text(&self) -> Option<&Text> {
        (self.role != Role::Final).then_some(&self.text)
    }

    /// The text even if it is sealed: for tokenising, for finding duplicates
    /// across roles, for fingerprints and for refusing copies. A test holds
    /// that nothing else calls it.
    pub(crate) fn sealed_text(&self) -> &Text {
        &self.text
    }
}

/// A classification data set, read and split.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    /// Label names; an example's label indexes into them.
    pub labels: Vec<String>,
    /// Values of the label column that are no names, with the labels they
    /// mean: how the data writes them.
    pub label_values: Vec<(String, Label)>,
    /// Source names (domains); `["all"]` when the data names none.
    pub sources: Vec<String>,
    /// Files the examples were read from, relative to the project.
    pub files: Vec<String>,
    /// All examples in the order of reading.
    pub examples: Vec<Example>,
    /// Indices in the order of the keys, made when first asked for.
    pub(crate) sorted: OnceLock<Vec<usize>>,
}

impl Dataset {
    /// Indices of the examples with a role, ascending.
    pub fn with_role(&self, role: Role) -> Vec<usize> {
        self.examples
            .iter()
            .enumerate()
            .filter(|(_, example)| example.role == role)
            .map(|(index, _)| index)
            .collect()
    }

    /// Index of the example with a key. The examples must be complete when
    /// this is first asked.
    pub fn index_of(&self, key: &ExampleKey) -> Option<usize> {
        let key_of = |index: &usize| &self.examples[*index].key;
        let sorted = self.by_key();
        let found = sorted.binary_search_by(|index| key_of(index).cmp(key));
        Some(sorted[found.ok()?])
    }

    /// Indices in the order of the keys.
    fn by_key(&self) -> &[usize] {
        self.sorted.get_or_init(|| {
            let mut sorted: Vec<usize> = (0..self.examples.len()).collect();
            let key_of = |index: &usize| &self.examples[*index].key;
            sorted.par_sort_unstable_by(|a, b| key_of(a).cmp(key_of(b)));
            sorted
        })
    }

    /// Whether the task is on pairs of texts.
    pub fn has_pairs(&self) -> bool {
        self.examples
            .first()
            .is_some_and(|example| example.sealed_text().second.is_some())
    }

    /// The name of a label.
    pub fn label_name(&self, label: Label) -> &str {
        self.labels
            .get(usize::from(label))
            .map_or("?", String::as_str)
    }

    /// The label of a name.
    pub fn label_of(&self, name: &str) -> Option<Label> {
        let position = self.labels.iter().position(|label| label == name)?;
        Label::try_from(position).ok()
    }

    /// `file:row` of an example, for messages.
    pub fn place(&self, example: &Example) -> String {
        let file = self.files.get(usize::from(example.origin.file));
        format!(
            "{}:{}",
            file.map_or("?", String::as_str),
            example.origin.row
        )
    }
}
