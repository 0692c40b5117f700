//! Unknown unknowns: examples that the model labels wrongly with confidence.
//!
//! An [`AnswerTable`] holds a model's answers against the true labels, and
//! lists them for a role of the data. [`Truths`] are the data's labels but
//! where a person found them wrong; an ambiguous text is left out.

pub mod calibration;
mod outcome;
mod suspects;
mod table;
mod truths;
mod ways_on;

pub use outcome::{Fate, Outcome};
pub use suspects::{Suspect, suspects};
pub use table::AnswerTable;
pub use truths::{Corrections, Truths};
pub use ways_on::{WaysOn, lowest_tau};

use crate::records::Label;

/// An example that the model labels wrongly with confidence at or above τ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnknownUnknown {
    /// Index into the data set.
    pub example: usize,
    /// The label given by the data, corrected by triage where it was.
    pub true_label: Label,
    /// The model's label.
    pub predicted: Label,
    /// The model's confidence, 0 to 1.
    pub confidence: f32,
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use crate::dataset::Dataset;
    use crate::inference::Predictions;
    use crate::records::Judgements;
    use std::sync::Arc;

    /// What a model says at τ = 0.9, after triage.
    pub(crate) fn answers(
        dataset: &Dataset,
        predictions: &Predictions,
        triage: &Judgements,
    ) -> AnswerTable {
        AnswerTable::new(
            Arc::new(dataset.clone()),
            Arc::new(predictions.clone()),
            Arc::new(Truths::new(dataset, triage)),
            0.9,
            1.0,
        )
    }
}
