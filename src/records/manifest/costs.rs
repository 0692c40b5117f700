//! What labels, samples, errors and answers of people cost.

use serde::{Deserialize, Serialize};

/// `[costs]` of `project.toml`, in [`super::Manifest::currency`]. What is left
/// out is taken from recorded lessons, or is a usual price.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// Money for an ordinary label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<f64>,
    /// Seconds of a person for an ordinary label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_seconds: Option<f64>,
    /// Money for a sample, or a label, of a language model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<f64>,
    /// Seconds of a person for a sample: writing it, or reading what a model
    /// wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_seconds: Option<f64>,
    /// Money that an answer of the model costs which is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Money for asking a person about a text; that of a label where nothing
    /// is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<f64>,
}
