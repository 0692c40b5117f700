//! What a comparison is computed from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::evaluation::{Answer, Evaluation, Row};
use crate::records::{Arm, BlindSpotId, Endpoints, Role};
use crate::support::{Error, Result};

/// A domain that rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Whether the base was fitted on rows like these: the guard looks here.
    pub in_domain: bool,
    /// Whether any lesson was written for errors from it.
    pub taught: bool,
}

/// The region of a blind spot, as rows that lie in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The blind spot.
    pub blind_spot: BlindSpotId,
    /// Its name.
    pub name: String,
    /// Whether it has a lesson.
    pub taught: bool,
    /// Positions of the rows in it, ascending. Regions may overlap.
    pub rows: Vec<usize>,
}

/// The models of one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmRuns {
    /// The arm.
    pub arm: Arm,
    /// One evaluation for each seed. Empty: listed as not run, never a number.
    pub runs: Vec<(u64, Evaluation)>,
}

/// What a comparison is computed from. All evaluations share the order of
/// `rows`.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonInput<'a> {
    /// The role of all rows; only *final* gives a verdict.
    pub role: Role,
    /// Confidence from which a wrong row is an unknown unknown.
    pub tau: f32,
    /// The sources that rows point to.
    pub sources: &'a [Source],
    /// The rows.
    pub rows: &'a [Row],
    /// The reference base; joins the table as [`Arm::Reference`].
    pub reference: &'a Evaluation,
    /// All other arms.
    pub arms: &'a [ArmRuns],
    /// The regions of the blind spots.
    pub regions: &'a [Region],
    /// What arms are judged by, chosen before these rows were looked at.
    pub endpoints: &'a Endpoints,
    /// Bootstrap resamples; [`DEFAULT_RESAMPLES`] unless time presses.
    pub resamples: usize,
    /// Seed of the bootstrap.
    pub seed: u64,
}

/// Bootstrap resamples: the interval's width then varies by 1.6 %.
pub const DEFAULT_RESAMPLES: usize = 2000;

impl ComparisonInput<'_> {
    /// Fails when the parts do not fit each other.
    pub(super) fn check(&self) -> Result<()> {
        let rows = self.rows.len();
        let runs = self.arms.iter().flat_map(|arm| {
            let name = arm.arm.to_string();
            arm.runs.iter().map(move |(_, run)| (name.clone(), run))
        });
        for (name, run) in runs.chain([(Arm::Reference.to_string(), self.reference)]) {
            if run.answers.len() != rows {
                return Err(Error::program(format!(
                    "arm {name} has {} predictions for {rows} rows",
                    run.answers.len()
                )));
            }
            let bad = |answer: &Answer| {
                !(0.0..=1.0).contains(&answer.confidence) || !(0.0..=1.0).contains(&answer.scaled)
            };
            if let Some(row) = run.answers.iter().position(bad) {
                return Err(Error::input(format!(
                    "arm {name} gives row {} of {rows} a confidence that is not between 0 and 1",
                    row + 1
                ))
                .hint("train with a lower learning rate, or correct the imported predictions"));
            }
        }
        let mut seen = BTreeSet::from([&Arm::Reference]);
        for arm in self.arms {
            let seeds: BTreeSet<u64> = arm.runs.iter().map(|(seed, _)| *seed).collect();
            if !seen.insert(&arm.arm) || seeds.len() != arm.runs.len() {
                return Err(Error::program(format!(
                    "arm {} or one of its seeds is given twice",
                    arm.arm
                )));
            }
        }
        let inside = |position: &usize| *position < rows;
        let regions_fit = self.regions.iter().all(|r| r.rows.iter().all(inside));
        let sources = self.sources.len();
        if !regions_fit || (self.rows.iter()).any(|row| usize::from(row.source) >= sources) {
            return Err(Error::program(
                "a region or a row points outside the rows and sources that are compared",
            ));
        }
        Ok(())
    }
}
