//! What labels and samples cost.

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
}
