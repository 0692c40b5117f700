//! Dataset × model → predictions and embeddings.

mod activations;
#[cfg(test)]
mod classes_tests;
pub mod file;
#[cfg(test)]
pub(crate) mod fixture;
pub mod neighbours;
pub mod predictions;
pub mod rounded;
pub mod saliency;
mod score;

pub use activations::{ActivationCache, StatesPlace};
pub use predictions::{Prediction, Predictions, softmax};
pub use score::{Scores, aside, classify, classify_cached, predict_one, score};
