//! Intervals and tests, each a small pure function.
//!
//! The difference between two arms has two sources of variance that are
//! *crossed*: every seed is evaluated on the same groups of rows. With D(s)
//! the difference under seed s, let
//!
//! - R = the variance of its mean over seeds when groups are resampled
//!   (paired bootstrap, seeds held fixed),
//! - W = the mean over seeds of the variance of a single D(s) when groups are
//!   resampled,
//! - B = the sample variance of D(s) over seeds, divided by their number S.
//!
//! In the two-way random-effects model D(s) = δ + seed + groups + interaction,
//! both R and B hold the interaction's share, which is (W − R) / (S − 1). So
//! the variance of the mean is R + B − (W − R)/(S − 1): inclusion–exclusion
//! over the two ways of clustering (Cameron, Gelbach and Miller, JBES 2011;
//! Owen, *The pigeonhole bootstrap*, AoAS 2007). Seeds being few, the interval
//! uses Student's t with the degrees of freedom of Satterthwaite (Biometrics
//! Bulletin 1946) for R on G − 1 and B on S − 1 of them. A negative share of
//! the seeds counts as none, so where seeds add next to nothing of their own
//! the interval is somewhat too wide (it covers in 97 to 98 % of studies),
//! never too narrow.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::beta::beta_reg;

use super::metrics::mean;
use crate::support::statistics::normal_cdf;
pub use crate::support::statistics::{Interval, holm, wilson};
use crate::support::text::signed;

/// Confidence level of every interval of a difference.
pub const CONFIDENCE_LEVEL: f64 = 0.95;

/// Discordant pairs below which McNemar's test is computed exactly.
pub const EXACT_BELOW: u64 = 25;

/// McNemar's test on the discordant pairs of two models: two-sided p.
///
/// `better`: pairs that only the second model gets right, `worse`: those that
/// only the first does. Exact binomial below [`EXACT_BELOW`] pairs, else the
/// normal approximation with continuity correction.
pub fn mcnemar(better: u64, worse: u64) -> f64 {
    let pairs = better + worse;
    if pairs < EXACT_BELOW {
        return mcnemar_exact(better, worse);
    }
    let gap = (better.abs_diff(worse) as f64 - 1.0).max(0.0);
    2.0 * (1.0 - normal_cdf(gap / (pairs as f64).sqrt()))
}

/// McNemar's exact test: the two-sided binomial p of the discordant pairs.
pub fn mcnemar_exact(better: u64, worse: u64) -> f64 {
    let (pairs, fewer) = (better + worse, better.min(worse));
    if 2 * fewer >= pairs {
        return 1.0;
    }
    // P(X ≤ k) of Binomial(n, ½) is the regularised incomplete beta function
    // I_½(n − k, k + 1).
    let tail = beta_reg((pairs - fewer) as f64, (fewer + 1) as f64, 0.5);
    (2.0 * tail).min(1.0)
}

/// A difference between two arms: the mean over seeds, with an interval that
/// carries the variance over seeds and over groups.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// First arm minus second, mean over seeds.
    pub mean: f64,
    /// 95 % interval.
    pub interval: Interval,
    /// Standard error of the mean.
    pub standard_error: f64,
    /// Degrees of freedom of Student's t.
    pub degrees_of_freedom: f64,
    /// Seeds that both arms were run with. With a single one the interval
    /// knows nothing of the variance over seeds.
    pub seeds: usize,
}

impl Difference {
    /// The interval by the method of this module.
    ///
    /// `by_seed`: D(s); `resampled`: for each bootstrap resample of the groups
    /// the D(s) under it, in the same order of seeds; `groups`: how many
    /// groups there are.
    pub fn crossed(by_seed: &[f64], resampled: &[Vec<f64>], groups: usize) -> Self {
        let seeds = by_seed.len();
        let means: Vec<f64> = resampled.iter().map(|d| mean(d.iter().copied())).collect();
        let over_groups = variance(&means);
        let within = mean((0..seeds).map(|seed| {
            let single: Vec<f64> = resampled.iter().map(|d| d[seed]).collect();
            variance(&single)
        }));
        let over_seeds = variance(by_seed) / seeds.max(1) as f64;
        let interaction = (within - over_groups).max(0.0) / (seeds.max(2) - 1) as f64;
        let total = over_groups + (over_seeds - interaction).max(0.0);
        let degrees = satterthwaite(
            total,
            &[
                (over_groups, groups.saturating_sub(1)),
                (over_seeds, seeds.saturating_sub(1)),
            ],
        );
        Self::new(mean(by_seed.iter().copied()), total.sqrt(), degrees, seeds)
    }

    fn new(mean: f64, standard_error: f64, degrees_of_freedom: f64, seeds: usize) -> Self {
        let half = standard_error * t_quantile(0.5 + CONFIDENCE_LEVEL / 2.0, degrees_of_freedom);
        Self {
            mean,
            interval: Interval {
                lower: mean - half,
                upper: mean + half,
            },
            standard_error,
            degrees_of_freedom,
            seeds,
        }
    }

    /// The same with a wider interval where no group differs at all: what
    /// happens to none of n groups may still happen to 3.7 in n (the rule of
    /// three, for a two-sided 95 % interval). `whole` is the figure of all.
    #[must_use]
    pub(super) fn unless_unseen(self, whole: f64, groups: usize) -> Self {
        if self.standard_error > 0.0 {
            return self;
        }
        let unseen = -((1.0 - CONFIDENCE_LEVEL) / 2.0).ln() / groups.max(1) as f64;
        let half = whole * unseen.min(1.0);
        Self {
            interval: Interval {
                lower: self.mean - half,
                upper: self.mean + half,
            },
            ..self
        }
    }

    /// “95 % interval −3.1 to +0.4”, with a unit behind it.
    pub(super) fn said(&self, digits: usize, unit: &str) -> String {
        format!(
            "95 % interval {} to {}{unit}",
            signed(self.interval.lower, digits),
            signed(self.interval.upper, digits)
        )
    }

    /// One-sided p for "the first arm's figure is lower": small when the
    /// difference is clearly negative.
    pub fn p_lower(&self) -> f64 {
        if self.standard_error == 0.0 {
            // Nothing varies: either nothing differs, or a single group does.
            return 1.0;
        }
        t_cdf(self.mean / self.standard_error, self.degrees_of_freedom)
    }

    /// One-sided p for "the first arm's figure is higher".
    pub fn p_higher(&self) -> f64 {
        if self.standard_error == 0.0 {
            return 1.0;
        }
        t_cdf(-self.mean / self.standard_error, self.degrees_of_freedom)
    }
}

/// Degrees of freedom of a sum of variance estimates with their own degrees
/// of freedom; estimates without any are left out.
pub(super) fn satterthwaite(total: f64, parts: &[(f64, usize)]) -> f64 {
    let spread: f64 = parts
        .iter()
        .filter(|(_, degrees)| *degrees > 0)
        .map(|(variance, degrees)| variance * variance / *degrees as f64)
        .sum();
    let most = parts.iter().map(|(_, degrees)| degrees).max();
    let most = most.copied().unwrap_or(1).max(1) as f64;
    if spread == 0.0 {
        return most;
    }
    (total * total / spread).clamp(1.0, most)
}

/// Sample variance; 0 of fewer than two values.
fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let centre = mean(values.iter().copied());
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    squares / (values.len() - 1) as f64
}

/// Quantile of Student's t; degrees of freedom ≥ 1, fractions allowed.
pub(super) fn t_quantile(probability: f64, degrees: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |t| t.inverse_cdf(probability))
}

fn t_cdf(t: f64, degrees: f64) -> f64 {
    StudentsT::new(0.0, 1.0, degrees).map_or(0.5, |distribution| distribution.cdf(t))
}
