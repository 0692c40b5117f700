//! Examples × classifier → a fine-tuned classifier.
//!
//! [`fit`] trains the whole model for a time, [`fit_watched`] for as long as
//! *validation* gains by it; [`quick`] retrains its upper blocks from
//! cached hidden states. Both are bit-identical for the same seed with any
//! number of threads on one kind of CPU.

pub(crate) mod adamw;
pub(crate) mod batches;
mod fit;
mod quick;
mod settings;
mod watched;
mod words;

pub use batches::{cut_short, steps_for};
pub use fit::{Stopping, fit, fit_until};
pub use quick::{quick, quick_until, replayed};
pub use settings::{Duration, QuickSettings, Schedule, TrainingSettings};
pub use watched::{Patience, VALIDATION_ACCURACY, Watched, fit_watched, schedule};

use crate::model::TokenizedText;
use crate::model::head::Target;

/// A labelled text, ready for training.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingExample {
    /// The text as tokens.
    pub text: TokenizedText,
    /// Class, an index into the model's labels.
    pub label: u16,
    /// Probabilities that it should get instead of the class, one for each
    /// label: what a model answers that is to be kept (distillation, Hinton
    /// and others, arXiv 1503.02531).
    pub soft: Option<Vec<f32>>,
    /// Its share in the loss relative to the other examples of its batch.
    pub weight: f32,
}

impl Target for &TrainingExample {
    fn probability(&self, class: usize) -> f64 {
        match &self.soft {
            Some(soft) => soft.as_slice().probability(class),
            None => self.label.probability(class),
        }
    }
}

#[cfg(test)]
mod fit_tests;
