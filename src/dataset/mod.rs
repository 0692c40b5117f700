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

pub mod check;
pub mod columns;
pub mod copies;
mod draw;
mod encoding;
pub mod guess;
mod keys;
mod labels;
mod read;
pub mod report;
pub mod roles;
mod settle;
pub mod table;
mod texts;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use check::{CheckReport, check};
pub use copies::CopyGuard;
pub use guess::{Guess, guess};
pub use read::{Loaded, load, read};
pub use report::ReadReport;
pub use texts::{LeftOut, TextReader, Unlabelled};

/// Which part of the work an example serves. No example serves two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Fits the model.
    Train,
    /// Part of the training data set aside for the control arm of ordinary
    /// extra examples.
    Reserve,
    /// Temperature, settings, early choices.
    Validation,
    /// Where unknown unknowns are looked for; teachers see some of them.
    Discovery,
    /// Read every round to keep or discard a model.
    Check,
    /// Sealed: only counts, and only once opened; alone gives a verdict.
    Final,
}

impl Role {
    /// All roles in the order of the loop.
    pub const ALL: [Role; 6] = [
        Role::Train,
        Role::Reserve,
        Role::Validation,
        Role::Discovery,
        Role::Check,
        Role::Final,
    ];

    /// The name used in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Role::Train => "train",
            Role::Reserve => "reserve",
            Role::Validation => "validation",
            Role::Discovery => "discovery",
            Role::Check => "check",
            Role::Final => "final",
        }
    }

    /// The role of that name, ignoring case; `dev` and `test` are no roles.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|role| role.name().eq_ignore_ascii_case(name.trim()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Position of a label in [`Dataset::labels`].
pub type Label = u16;

/// Identifies an example for good: in the database, in lessons, in exports.
///
/// It is the value of the id column where there is one, otherwise a hash of
/// the example's texts, so that it survives reordering of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExampleKey(pub String);

impl fmt::Display for ExampleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One text, or a pair of texts (premise and hypothesis, question and answer).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Text {
    /// The text, or the first of the pair.
    pub first: String,
    /// The second of the pair, if the task has pairs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
}

impl Text {
    /// A single text.
    pub fn single(text: impl Into<String>) -> Self {
        Self {
            first: text.into(),
            second: None,
        }
    }

    /// A pair of texts.
    pub fn pair(first: impl Into<String>, second: impl Into<String>) -> Self {
        Self {
            first: first.into(),
            second: Some(second.into()),
        }
    }

    /// Both parts in one line, for showing and searching.
    pub fn joined(&self) -> String {
        match &self.second {
            None => self.first.clone(),
            Some(second) => format!("{} ⏐ {second}", self.first),
        }
    }
}

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
    /// Source names (domains); `["all"]` when the data names none.
    pub sources: Vec<String>,
    /// Files the examples were read from, relative to the project.
    pub files: Vec<String>,
    /// All examples in the order of reading.
    pub examples: Vec<Example>,
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

    /// Looks examples up by their key.
    pub fn by_key(&self) -> BTreeMap<&ExampleKey, usize> {
        self.examples
            .iter()
            .enumerate()
            .map(|(index, example)| (&example.key, index))
            .collect()
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
