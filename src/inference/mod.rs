//! Dataset × model → predictions and embeddings.

pub mod file;
pub mod neighbours;
pub mod predictions;
pub mod saliency;
mod score;

pub use predictions::{Prediction, Predictions, softmax};
pub use score::{Scores, aside, classify, classify_cached, predict_one, score};
