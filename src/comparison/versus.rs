//! An arm against its controls on one endpoint.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::intervals::{Difference, mcnemar};
use crate::records::{Arm, Endpoint};

/// An arm against one control on one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Versus {
    /// The control.
    pub control: Arm,
    /// The arm's figure minus the control's.
    pub difference: Difference,
    /// Groups of rows with fewer errors of the kind that the endpoint counts,
    /// mean over seeds, rounded; 0 where it is no count.
    pub groups_fewer: u64,
    /// Groups of rows with more such errors.
    pub groups_more: u64,
    /// One-sided p for a better figure than the control's. Comparisons by
    /// earlier versions, which counted errors alone, call it “fewer”.
    #[serde(alias = "p_fewer")]
    pub p_better: f64,
    /// One-sided p for a worse figure than the control's.
    #[serde(alias = "p_more")]
    pub p_worse: f64,
}

impl Versus {
    /// Tests the difference by Student's t and, where the endpoint counts
    /// errors, by McNemar on the discordant groups too (those with fewer and
    /// those with more), and takes the larger p. The latter keeps a handful of
    /// errors, for which Student's t is too bold, from deciding.
    pub fn new(
        control: Arm,
        endpoint: Endpoint,
        difference: Difference,
        groups: Option<(u64, u64)>,
    ) -> Self {
        let (groups_fewer, groups_more) = groups.unwrap_or((0, 0));
        let (fewer, more) = match groups {
            Some((fewer, more)) => one_sided(fewer, more),
            None => (0.0, 0.0),
        };
        let (lower, higher) = (difference.p_lower(), difference.p_higher());
        let (p_better, p_worse) = match endpoint.higher_is_better() {
            true => (higher, lower),
            false => (lower.max(fewer), higher.max(more)),
        };
        Self {
            control,
            groups_fewer,
            groups_more,
            p_better,
            p_worse,
            difference,
        }
    }

    /// Whether the interval leaves out zero on the side of harm.
    pub fn is_harm(&self, endpoint: Endpoint) -> bool {
        let interval = &self.difference.interval;
        match endpoint.higher_is_better() {
            true => interval.upper < 0.0,
            false => interval.lower > 0.0,
        }
    }

    /// Whether the interval leaves out zero on the side of a gain.
    pub fn is_gain(&self, endpoint: Endpoint) -> bool {
        let interval = &self.difference.interval;
        match endpoint.higher_is_better() {
            true => interval.lower > 0.0,
            false => interval.upper < 0.0,
        }
    }
}

/// McNemar's one-sided p for fewer and for more errors.
fn one_sided(fewer: u64, more: u64) -> (f64, f64) {
    let p = mcnemar(fewer, more) / 2.0;
    match fewer.cmp(&more) {
        Ordering::Greater => (p, 1.0),
        Ordering::Equal => (1.0, 1.0),
        Ordering::Less => (1.0, p),
    }
}

/// Two-sided p of an arm against all its controls, before Holm.
pub fn against_all(versus: &[Versus]) -> f64 {
    (2.0 * p_better_than_all(versus).min(p_worse_than_best(versus))).min(1.0)
}

/// Whether the figures speak for a gain rather than for harm.
pub(super) fn leans_to_gain(versus: &[Versus]) -> bool {
    p_better_than_all(versus) < p_worse_than_best(versus)
}

fn p_better_than_all(versus: &[Versus]) -> f64 {
    if versus.is_empty() {
        return 1.0;
    }
    versus.iter().map(|v| v.p_better).fold(0.0, f64::max)
}

fn p_worse_than_best(versus: &[Versus]) -> f64 {
    let smallest = versus.iter().map(|v| v.p_worse).fold(1.0, f64::min);
    (smallest * versus.len() as f64).min(1.0)
}
