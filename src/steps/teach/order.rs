//! What is asked of a language model, and what comes of it.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::lessons::llm::Plan;
use crate::records::{BlindSpotId, Hypothesis, Lesson};
use crate::support::Error;

/// What is asked of a language model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeachOrder {
    /// Name of the teacher.
    pub teacher: String,
    /// The blind spots; empty for all of the snapshot in use.
    pub blind_spots: Vec<BlindSpotId>,
    /// Samples for each blind spot.
    pub samples: usize,
    /// Of these, drafts that are kept: those that cover the blind spot best; all
    /// where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<usize>,
    /// Most money for these lessons, earlier runs of them included; none for
    /// the teacher's own limit.
    pub budget: Option<f64>,
    /// Most calls for these lessons; none for the teacher's own limit.
    pub max_calls: Option<u64>,
    /// Hypotheses of a person that samples are to be written for. Without any
    /// the model makes its own.
    pub hypotheses: Vec<Hypothesis>,
    /// File that the lessons are recorded in, for replaying them.
    pub record: Option<PathBuf>,
}

impl TeachOrder {
    /// An order for one blind spot, or for all, with the usual settings.
    pub fn new(teacher: impl Into<String>, blind_spot: Option<BlindSpotId>) -> Self {
        Self {
            teacher: teacher.into(),
            blind_spots: blind_spot.into_iter().collect(),
            samples: Plan::default().samples,
            keep: None,
            budget: None,
            max_calls: None,
            hypotheses: Vec::new(),
            record: None,
        }
    }
}

/// What came of an order. All samples are drafts or rejected.
#[derive(Debug, Clone)]
pub struct TaughtLessons {
    /// Name of the teacher.
    pub teacher: String,
    /// The lessons, in the order of the blind spots; the last one may be
    /// partial.
    pub lessons: Vec<Lesson>,
    /// What the person in front should know.
    pub notes: Vec<String>,
    /// Why it ended early, if it did. Ordered again, it goes on there.
    pub stopped: Option<Arc<Error>>,
}
