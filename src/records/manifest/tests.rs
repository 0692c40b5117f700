//! What lessons are tested with beside their own samples.

use serde::{Deserialize, Serialize};

/// `[tests]` of `project.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tests {
    /// Changes of a text that must not change the answer, beside those that
    /// are built in.
    pub rewrites: Vec<Rewrite>,
}

impl Tests {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.rewrites.is_empty()
    }
}

/// A change that must not change the answer, as a regular expression and what
/// takes the place of what it finds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rewrite {
    /// Its name in tables.
    pub name: String,
    /// A regular expression, of the syntax of the crate `regex`.
    pub find: String,
    /// What takes its place; `$1` is what the first group found.
    pub replace: String,
}
