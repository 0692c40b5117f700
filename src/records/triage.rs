//! What people judge confident errors to be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ExampleKey, Label};

/// A person's judgement on a confident "error".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Triage {
    /// The model errs. Only these go on.
    RealError,
    /// The data's label is wrong; the right one, if known.
    WrongLabel(Option<Label>),
    /// People would disagree.
    Ambiguous,
}

/// Who judged, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The name that the person gave; none if nobody said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// RFC 3339, UTC.
    pub when: String,
}

/// Everybody's judgements, by example.
pub type Judgements = BTreeMap<ExampleKey, Triage>;
