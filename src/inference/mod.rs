//! Dataset × model → predictions and embeddings.

pub mod file;
pub mod neighbours;
pub mod predictions;
pub mod saliency;
mod score;

pub use predictions::{Prediction, Predictions, softmax};
pub use score::{Scores, aside, predict_one, score, score_cached};
