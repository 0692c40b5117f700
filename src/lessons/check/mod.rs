//! Whether a hypothesis holds where its writer has not looked: which rows are
//! asked, and what follows from the answers.
//!
//! A hypothesis is a yes/no question about a text. It explains a blind spot if
//! it holds for the errors that were kept back from its writer, and not for
//! what the model gets right in the same class. Who answers (a pattern, a
//! language model, a person) is left to the step that asks.

mod rows;
mod verdict;

pub use rows::{CheckRows, Counts, Sizes};
pub use verdict::{FEWEST, interval, reason, verdict};
