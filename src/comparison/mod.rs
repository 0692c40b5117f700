//! What got better and what got worse, against fair controls.
//!
//! [`Comparison::new`] takes what the reference base and the models of every
//! arm say about the same rows and computes all that is shown of it: the
//! endpoints (errors among as many most-confident rows as the base holds above
//! τ, unless another was chosen beforehand, and those beside it), their
//! differences to the controls with intervals, the four
//! outcomes, calibration, curves, blind spots, and the verdict in words.
//! Everything else here is a pure function that it calls.

pub mod abstain;
pub mod behaviour;
mod bootstrap;
pub mod created;
pub mod curves;
pub mod evaluation;
pub mod figures;
pub mod guard;
pub mod headline;
pub mod input;
pub mod interference;
pub mod intervals;
mod judging;
pub mod metrics;
pub mod outcomes;
pub mod power;
pub mod sizes;
mod slice;
pub mod table;
pub mod take_home;
pub mod verdict;
pub mod versus;
pub mod worth;

pub use evaluation::{Answer, Evaluation, Graded, Row, grade};
pub use guard::Guard;
pub use headline::{Headline, headlines};
pub use input::{ArmRuns, ComparisonInput, DEFAULT_RESAMPLES, Region, Source};
pub use interference::Interference;
pub use outcomes::Outcomes;
pub use slice::over_sources;
pub use table::{
    ArmFigures, BlindSpotFigures, BlindSpotTable, Comparison, EndpointFigures, Slice, SliceTable,
};
pub use take_home::{Spent, TakeHome, main_arm};
pub use verdict::{Call, Verdict};
pub use versus::Versus;

#[cfg(test)]
mod tests;
