//! What got better and what got worse, against fair controls.
//!
//! [`Comparison::new`] takes what the reference base and the models of every
//! arm say about the same rows and computes all that is shown of it: the
//! primary endpoint (errors among as many most-confident rows as the base
//! holds above τ), its differences to the controls with intervals, the four
//! outcomes, calibration, curves, blind spots, and the verdict in words.
//! Everything else here is a pure function that it calls.

mod bootstrap;
pub mod created;
pub mod curves;
pub mod evaluation;
pub mod figures;
pub mod input;
pub mod intervals;
pub mod metrics;
pub mod outcomes;
pub mod power;
mod slice;
pub mod table;
pub mod verdict;

pub use evaluation::{Answer, Evaluation, Graded, Row, grade};
pub use input::{ArmRuns, ComparisonInput, DEFAULT_RESAMPLES, Region, Source};
pub use outcomes::Outcomes;
pub use table::{ArmFigures, BlindSpotFigures, BlindSpotTable, Comparison, Slice, SliceTable};
pub use verdict::{Call, Guard, Verdict};

#[cfg(test)]
mod tests;
