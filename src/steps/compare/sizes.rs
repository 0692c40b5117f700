//! Curves over the number of what is added: the rounds of an experiment over
//! sizes, read together.

use std::collections::BTreeMap;

use crate::comparison::DEFAULT_RESAMPLES;
use crate::comparison::sizes::{Price, SizeCurves, SizedRuns, SizesInput};
use crate::discovery::AnswerTable;
use crate::records::{Arm, Endpoints, Role};
use crate::steps::compare::{ScoredRun, evaluation, rows_of};
use crate::support::{Progress, Result};

/// What the curves are read from.
pub struct SizesRead<'a> {
    /// The role whose rows are compared.
    pub role: Role,
    /// What arms are judged by.
    pub endpoints: &'a Endpoints,
    /// What the reference base says.
    pub reference: &'a AnswerTable,
    /// Confidence from which a wrong row is an unknown unknown.
    pub tau: f32,
    /// The runs of each size.
    pub runs: &'a [(usize, Vec<ScoredRun<'a>>)],
    /// What one example costs in each arm.
    pub prices: &'a BTreeMap<Arm, Price>,
    /// Currency of the prices.
    pub currency: &'a str,
}

/// Computes the curves.
///
/// # Errors
/// When a row was not scored by some run, or when cancelled.
pub fn size_curves(from: &SizesRead<'_>, progress: &Progress) -> Result<SizeCurves> {
    let (examples, rows) = rows_of(from.reference, from.role);
    let mut arms: BTreeMap<(usize, Arm), Vec<_>> = BTreeMap::new();
    for (size, runs) in from.runs {
        for run in runs {
            let answers = evaluation(run.answers, &examples)?;
            let of_arm = arms.entry((*size, run.arm.clone())).or_default();
            of_arm.push((run.seed, answers));
        }
    }
    let arms: Vec<SizedRuns> = arms
        .into_iter()
        .map(|((size, arm), runs)| SizedRuns { arm, size, runs })
        .collect();
    SizeCurves::new(
        &SizesInput {
            role: from.role,
            tau: from.tau,
            sources: &from.reference.dataset().sources,
            rows: &rows,
            reference: &evaluation(from.reference, &examples)?,
            arms: &arms,
            endpoints: from.endpoints,
            prices: from.prices,
            currency: from.currency,
            resamples: DEFAULT_RESAMPLES,
            seed: 0,
        },
        progress,
    )
}
