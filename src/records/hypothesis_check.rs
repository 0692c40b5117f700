//! What became of asking a hypothesis of texts that its writer has not seen.

use serde::{Deserialize, Serialize};

use super::{ExampleKey, Pattern};

/// Who answered whether a hypothesis holds for a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Judge {
    /// A pattern, over all texts at once.
    Pattern {
        /// The pattern.
        pattern: Pattern,
    },
    /// A language model.
    Model {
        /// Name of the teacher that was asked.
        teacher: String,
        /// The model's name as the server knows it.
        model: String,
        /// SHA-256 of the prompt template.
        prompt: String,
    },
    /// A person, who did not know which texts were errors.
    Person {
        /// The name that they gave.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
}

impl Judge {
    /// Whether two checks have the same kind of judge: the later one replaces
    /// the earlier.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Name of the kind, as it is typed.
    pub fn name(&self) -> &'static str {
        match self {
            Judge::Pattern { .. } => "pattern",
            Judge::Model { .. } => "model",
            Judge::Person { .. } => "person",
        }
    }
}

/// For how many of some texts a hypothesis holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matches {
    /// Texts that it holds for.
    pub yes: usize,
    /// Texts with an answer, yes or no.
    pub of: usize,
}

impl Matches {
    /// Counts one more answer.
    pub fn count(&mut self, yes: bool) {
        self.yes += usize::from(yes);
        self.of += 1;
    }

    /// Share of texts that it holds for; 0 of none.
    pub fn share(self) -> f64 {
        match self.of {
            0 => 0.0,
            of => self.yes as f64 / of as f64,
        }
    }
}

/// The thresholds of a verdict: `[hypotheses]` of `project.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Share of a blind spot's kept-back errors that a hypothesis has to hold
    /// for, 0 to 1.
    pub inside: f64,
    /// Share of the right texts of the same class that it may not hold for, 0
    /// to 1.
    pub outside: f64,
}

impl Thresholds {
    /// Whether nobody changed them.
    pub fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            inside: 0.8,
            outside: 0.4,
        }
    }
}

/// What a check says of a hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// It holds for the errors, and not for what the model gets right.
    Explains,
    /// It holds for much that the model gets right as well.
    TooBroad,
    /// It holds for errors more than for right texts, but misses many.
    TooNarrow,
    /// It holds for the errors no more than for what the model gets right.
    NotSupported,
    /// There are too few answers to say any of these.
    TooFewRows,
}

impl CheckVerdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            CheckVerdict::Explains => "explains",
            CheckVerdict::TooBroad => "too broad",
            CheckVerdict::TooNarrow => "too narrow",
            CheckVerdict::NotSupported => "not supported",
            CheckVerdict::TooFewRows => "too few rows to tell",
        }
    }
}

/// How a hypothesis stands after its checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It was never asked of a text, or another sentence was.
    Unchecked,
    /// Some judge found that it explains.
    Supported,
    /// It was checked and did not pass.
    Unsupported,
}

impl Standing {
    /// What follows from the verdicts on a hypothesis.
    pub fn of(verdicts: impl Iterator<Item = CheckVerdict>) -> Self {
        verdicts.fold(Standing::Unchecked, |standing, verdict| {
            match (standing, verdict) {
                (Standing::Supported, _) | (_, CheckVerdict::Explains) => Standing::Supported,
                _ => Standing::Unsupported,
            }
        })
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Unchecked => "unchecked",
            Standing::Supported => "supported",
            Standing::Unsupported => "unsupported",
        }
    }
}

/// Confident errors among the *discovery* rows that a hypothesis holds for,
/// and among the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Errors among rows that it holds for.
    pub matching: Matches,
    /// Errors among rows that it does not hold for.
    pub others: Matches,
}

/// A hypothesis that was asked of texts. It is never one of shown errors
/// alone: what decides are errors that its writer has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HypothesisCheck {
    /// Who answered.
    pub judge: Judge,
    /// The sentence as it was then: one that was changed since is unchecked.
    pub sentence: String,
    /// Version of the snapshot whose blind spot was asked.
    pub snapshot: u32,
    /// When, RFC 3339.
    pub when: String,
    /// The blind spot's errors that are kept back from teachers.
    pub kept_back: Matches,
    /// *Discovery* rows of the same true class that the model gets right.
    pub right: Matches,
    /// Of these the nearest to the blind spot's centre.
    pub nearest: Matches,
    /// Confident errors outside the blind spot.
    pub elsewhere: Matches,
    /// The risk over all of *discovery*, where every row was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<Risk>,
    /// Texts that got no usable answer. They count as neither yes nor no.
    #[serde(default)]
    pub unanswered: usize,
    /// The thresholds that applied.
    pub thresholds: Thresholds,
    /// What follows.
    pub verdict: CheckVerdict,
    /// Shown errors that it does not hold for, as far as these were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<ExampleKey>,
    /// Right texts that it holds for, some of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<ExampleKey>,
}
