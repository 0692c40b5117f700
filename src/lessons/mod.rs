//! What a teacher makes of a blind spot: hypotheses and samples, with their
//! provenance, time and cost. People and language models fill the same
//! records.

pub mod agreement;
pub mod check;
pub mod checks;
pub mod llm;
mod near_duplicates;
pub mod review;
pub mod sample_set;
pub mod split;
pub mod suite;
