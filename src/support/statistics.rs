//! Intervals and tests of counts: of a share, of a ratio of risks, over many
//! tests.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// Lower and upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower bound.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Wilson's score interval of a proportion (JASA 1927) at a confidence level.
///
/// `count` of `rows`; a mean count over several models may be fractional.
/// No rows: 0 to 1.
pub fn wilson(count: f64, rows: usize, level: f64) -> Interval {
    if rows == 0 {
        return Interval {
            lower: 0.0,
            upper: 1.0,
        };
    }
    let n = rows as f64;
    let z = normal_quantile(0.5 + level / 2.0);
    let share = count / n;
    let centre = share + z * z / (2.0 * n);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    Interval {
        lower: ((centre - spread) / scale).max(0.0),
        upper: ((centre + spread) / scale).min(1.0),
    }
}

/// How many times as often something happens among some rows as among others,
/// with an interval: Katz's on the log scale (Katz, Baptista, Azen and Pike,
/// Biometrics 1978). Where a count is 0, half a row is added to each of the
/// four cells first.
///
/// Each side is `(rows with it, rows)`. `None` where a side has no rows.
pub fn risk_ratio(
    (hit, rows): (usize, usize),
    (other_hit, other_rows): (usize, usize),
    level: f64,
) -> Option<(f64, Interval)> {
    if rows == 0 || other_rows == 0 {
        return None;
    }
    let half = match hit == 0 || other_hit == 0 {
        true => 0.5,
        false => 0.0,
    };
    let (hit, rows) = (hit as f64 + half, rows as f64 + 2.0 * half);
    let (other_hit, other_rows) = (other_hit as f64 + half, other_rows as f64 + 2.0 * half);
    let ratio = (hit / rows) / (other_hit / other_rows);
    let variance = 1.0 / hit - 1.0 / rows + 1.0 / other_hit - 1.0 / other_rows;
    let spread = (normal_quantile(0.5 + level / 2.0) * variance.max(0.0).sqrt()).exp();
    let interval = Interval {
        lower: ratio / spread,
        upper: ratio * spread,
    };
    Some((ratio, interval))
}

/// Holm's step-down adjustment of p-values (Scandinavian Journal of
/// Statistics 1979), in the order given.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        let factor = (p_values.len() - rank) as f64;
        largest = largest.max((factor * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

/// Quantile of the standard normal distribution.
pub fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

/// Distribution function of the standard normal distribution.
pub fn normal_cdf(z: f64) -> f64 {
    Normal::standard().cdf(z)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked example of Katz and others' method: 15 of 100 against 5 of 100
    /// give 3.0 with log standard error √(1/15 − 1/100 + 1/5 − 1/100).
    #[test]
    fn a_ratio_of_risks_and_its_interval() {
        let (ratio, interval) = risk_ratio((15, 100), (5, 100), 0.95).expect("rows");
        let error = (1.0 / 15.0 + 1.0 / 5.0 - 0.02_f64).sqrt();
        let log = |bound: f64| bound.ln();
        assert!((ratio - 3.0).abs() < 1e-12);
        assert!((log(interval.upper) - (3.0_f64.ln() + 1.959_964 * error)).abs() < 1e-6);
        assert!((log(interval.lower) - (3.0_f64.ln() - 1.959_964 * error)).abs() < 1e-6);
    }

    #[test]
    fn no_case_on_a_side_still_has_a_finite_ratio_and_no_rows_have_none() {
        let (ratio, interval) = risk_ratio((5, 10), (0, 200), 0.95).expect("rows");
        assert!(ratio.is_finite() && interval.lower > 1.0 && interval.upper.is_finite());
        assert!(risk_ratio((0, 0), (3, 20), 0.95).is_none());
    }
}
