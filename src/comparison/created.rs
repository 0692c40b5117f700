//! Unknown unknowns that retraining made: generalisation can also go wrong.

use serde::{Deserialize, Serialize};

use crate::records::{Arm, ExampleKey, Term};

/// Rows that an arm turned into unknown unknowns in at least half of its
/// seeds, on the roles that may be looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Created {
    /// The arm.
    pub arm: Arm,
    /// Rows looked at.
    pub rows: usize,
    /// Rows that became unknown unknowns, but for those of `shared`.
    pub count: usize,
    /// Rows that became unknown unknowns in the arm with nothing added too:
    /// they come from training on, not from what this arm adds.
    #[serde(default)]
    pub shared: usize,
    /// These in groups, as blind spots are; largest first.
    pub groups: Vec<CreatedGroup>,
}

/// Created unknown unknowns that lie together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreatedGroup {
    /// Its most distinctive terms, or its confusion.
    pub name: String,
    /// The label given by the data.
    pub true_label: String,
    /// The label that the retrained model predicts.
    pub predicted: String,
    /// Its rows.
    pub members: Vec<ExampleKey>,
    /// Terms that are commoner here than among rows that the base gets right.
    pub terms: Vec<Term>,
}

impl CreatedGroup {
    /// The terms in one line.
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.terms.iter().map(|term| term.word.as_str()).collect();
        words.join(", ")
    }
}
