//! Orders to check hypotheses, and what comes of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::records::{BlindSpotId, ExampleKey, Hypothesis, Pattern, RecordId};
use crate::support::Error;

/// Who is to answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgeChoice {
    /// A pattern; without one each hypothesis' own.
    Pattern(Option<Pattern>),
    /// A language model, by the name of the teacher.
    Model {
        /// Its name.
        teacher: String,
    },
    /// A person, who has answered already.
    Person {
        /// The name that they gave.
        by: Option<String>,
        /// What they said, by example.
        said: Vec<(ExampleKey, bool)>,
    },
}

/// An order to check hypotheses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckOrder {
    /// Who answers.
    pub judge: JudgeChoice,
    /// The hypotheses; empty for all.
    pub hypotheses: Vec<RecordId>,
    /// Only those on these blind spots; empty for all.
    pub blind_spots: Vec<BlindSpotId>,
    /// Most money for this order, earlier runs of it included; none for the
    /// teacher's own limit.
    pub budget: Option<f64>,
    /// Most calls for this order; none for the teacher's own limit.
    pub max_calls: Option<u64>,
    /// How often a language model may write a better hypothesis in place of
    /// one that does not pass.
    pub refine: u32,
}

impl CheckOrder {
    /// An order for all hypotheses, without refinement.
    pub fn new(judge: JudgeChoice) -> Self {
        Self {
            judge,
            hypotheses: Vec::new(),
            blind_spots: Vec::new(),
            budget: None,
            max_calls: None,
            refine: 0,
        }
    }

    /// An order for one hypothesis.
    pub fn of(hypothesis: &RecordId, judge: JudgeChoice) -> Self {
        Self {
            hypotheses: vec![hypothesis.clone()],
            ..Self::new(judge)
        }
    }

    /// A hypothesis that it names and that is not there.
    pub(super) fn missing<'h>(
        &self,
        known: impl Iterator<Item = &'h RecordId>,
    ) -> Option<&RecordId> {
        let known: Vec<&RecordId> = known.collect();
        self.hypotheses.iter().find(|id| !known.contains(id))
    }

    pub(super) fn is_about(&self, spot: BlindSpotId, hypothesis: &RecordId) -> bool {
        let named = self.hypotheses.is_empty() || self.hypotheses.contains(hypothesis);
        named && (self.blind_spots.is_empty() || self.blind_spots.contains(&spot))
    }
}

/// A hypothesis with its latest check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckedHypothesis {
    /// Its lesson.
    pub lesson: RecordId,
    /// The hypothesis, its newest check last.
    pub hypothesis: Hypothesis,
    /// Whether it was written in place of another, and is not in the lesson
    /// yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_new: bool,
}

/// What came of an order.
#[derive(Debug, Clone, Default)]
pub struct Checks {
    /// The hypotheses that were checked, refined ones behind those that they
    /// refine.
    pub checked: Vec<CheckedHypothesis>,
    /// What the person in front should know.
    pub notes: Vec<String>,
    /// Money that was spent.
    pub money: f64,
    /// Calls that were made.
    pub calls: u64,
    /// Why it ended early, if it did. Ordered again, it goes on there.
    pub stopped: Option<Arc<Error>>,
}
