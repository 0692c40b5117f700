//! The samples of a lesson as a set: whether they could be data, how far they
//! spread, what they reach, and which of many to keep.
//!
//! All works on embeddings, rows of one width, L2-normalised.

mod realism;
mod spread;

pub use realism::{FEWEST, Realism, realism};
pub use spread::{chosen, nearest_others, reached, typical_spacing};
