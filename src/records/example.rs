//! What names an example, and the part it plays.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::support::folding;

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

    /// The role that people mean by the name of a file, split or value, to be
    /// proposed.
    pub fn called(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "dev" | "val" | "valid" | "eval" | "entwicklung" | "validierung" => {
                Some(Self::Validation)
            }
            "test" | "heldout" | "holdout" => Some(Self::Final),
            "training" => Some(Self::Train),
            name => Self::from_name(name),
        }
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

    /// Both parts in one line, for printing, searching and checksums; fonts of
    /// the window lack the line between.
    pub fn joined(&self) -> String {
        match &self.second {
            None => self.first.clone(),
            Some(second) => format!("{} ⏐ {second}", self.first),
        }
    }

    /// The text, or both of a pair.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.first.as_str()).chain(self.second.as_deref())
    }

    /// Equal for texts that say the same (see [`folding`]); the parts of a
    /// pair stay apart.
    pub fn folded(&self) -> String {
        let parts: Vec<String> = self.parts().map(folding::folded).collect();
        parts.join("\n")
    }
}
