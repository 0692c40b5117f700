//! Figures of one model on one set of rows.
//!
//! Rows of equal confidence have no order. Wherever a figure looks at the c
//! most confident rows and the border runs through such a tie, the tied rows
//! count by their share: the mean over all orders. So no figure depends on
//! the order of the file, not even for imported predictions with two decimals.

use serde::{Deserialize, Serialize};

use super::evaluation::Graded;

/// Bins of the calibration error.
pub const CALIBRATION_BINS: usize = 15;

/// Share of right answers, 0 to 1; 0 for no rows.
pub fn accuracy(rows: &[Graded]) -> f64 {
    mean(rows.iter().map(|row| f64::from(u8::from(row.right))))
}

/// Rows that the model holds with confidence ≥ `tau`, right or wrong.
pub fn confident_rows(rows: &[Graded], tau: f32) -> usize {
    rows.iter().filter(|row| row.confidence >= tau).count()
}

/// Unknown unknowns: rows that are wrong with confidence ≥ `tau`.
pub fn unknown_unknowns(rows: &[Graded], tau: f32) -> usize {
    rows.iter()
        .filter(|row| row.is_unknown_unknown(tau))
        .count()
}

/// Brier score of the confidence as a forecast of being right: the mean of
/// (confidence − right)², 0 to 1. With two classes this is the usual score.
pub fn brier(rows: &[Graded]) -> f64 {
    mean(rows.iter().map(|row| {
        let gap = f64::from(row.confidence) - f64::from(u8::from(row.right));
        gap * gap
    }))
}

/// The primary endpoint: errors among the `c` most confident rows.
///
/// With c = the number of rows that the reference base holds above τ, a model
/// gains nothing by being less confident everywhere.
pub fn errors_among_most_confident(rows: &[Graded], c: usize) -> f64 {
    let weights = vec![1; rows.len()];
    let groups: Vec<usize> = (0..rows.len()).collect();
    rank(rows, &groups).errors_among(&weights, c as u64)
}

/// Risk–coverage curve: the share of errors among the k most confident rows,
/// for k = 1 to n (El-Yaniv and Wiener, JMLR 2010).
pub fn risk_coverage(rows: &[Graded]) -> Vec<f64> {
    let mut sorted = rows.to_vec();
    sorted.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut risks = Vec::with_capacity(rows.len());
    let mut errors = 0.0;
    for tie in sorted.chunk_by(|a, b| a.confidence == b.confidence) {
        let wrong = tie.iter().filter(|row| !row.right).count() as f64;
        for step in 1..=tie.len() {
            let so_far = errors + wrong * step as f64 / tie.len() as f64;
            risks.push(so_far / (risks.len() + 1) as f64);
        }
        errors += wrong;
    }
    risks
}

/// Area under the risk–coverage curve: the mean of its risks (Geifman, Uziel
/// and El-Yaniv, ICLR 2019); lower is better.
pub fn area_under_risk_coverage(rows: &[Graded]) -> f64 {
    mean(risk_coverage(rows).into_iter())
}

/// One line of the reliability table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Rows in the bin; a mean when several models are averaged.
    pub rows: f64,
    /// Mean confidence, 0 to 1.
    pub confidence: f64,
    /// Share of right answers, 0 to 1.
    pub accuracy: f64,
}

/// Confidence against accuracy in at most `bins` bins of equal mass, from the
/// least to the most confident rows.
pub fn reliability(rows: &[Graded], bins: usize) -> Vec<ReliabilityBin> {
    let mut sorted = rows.to_vec();
    // Right after wrong within a tie, so that the order of rows plays no part.
    sorted.sort_by(|a, b| (a.confidence.total_cmp(&b.confidence)).then(a.right.cmp(&b.right)));
    let bins = bins.min(sorted.len());
    (0..bins)
        .map(|bin| {
            let from = bin * sorted.len() / bins;
            let to = (bin + 1) * sorted.len() / bins;
            let inside = &sorted[from..to];
            ReliabilityBin {
                rows: inside.len() as f64,
                confidence: mean(inside.iter().map(|row| f64::from(row.confidence))),
                accuracy: accuracy(inside),
            }
        })
        .collect()
}

/// Expected calibration error: the mean gap between confidence and accuracy
/// over the bins of a [`reliability`] table, weighted by their rows. Bins of
/// equal mass follow Nguyen and O'Connor (EMNLP 2015).
pub fn calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let rows: f64 = bins.iter().map(|bin| bin.rows).sum();
    if rows == 0.0 {
        return 0.0;
    }
    bins.iter()
        .map(|bin| bin.rows * (bin.confidence - bin.accuracy).abs())
        .sum::<f64>()
        / rows
}

/// The mean; 0 of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0_usize);
    for value in values {
        sum += value;
        count += 1;
    }
    sum / count.max(1) as f64
}

/// A model's rows from the most to the least confident, for counting errors
/// among the first of them again and again under different weights.
#[derive(Debug, Clone)]
pub(super) struct Ranking(Vec<Ranked>);

#[derive(Debug, Clone, Copy)]
struct Ranked {
    group: u32,
    wrong: bool,
    /// Whether the next row is less confident than this one.
    ends_tie: bool,
}

/// Rows and the errors among them.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    rows: u64,
    errors: u64,
}

/// Rows from which the sum of risks over a tie is taken from its closed form.
const LARGE_TIE: u64 = 16;

impl Tally {
    /// The largest number of rows, these and some of the tie that follows, with
    /// `wanted` hundredths of errors at most; tied rows count by their share.
    /// `None` if there are more errors wherever one stops in the tie.
    fn covered_with(&self, tie: &Tally, wanted: u64) -> Option<u64> {
        let allowed = |rows: u64, errors: u64| 100 * errors <= wanted * rows;
        if allowed(self.rows + tie.rows, self.errors + tie.errors) {
            return Some(self.rows + tie.rows);
        }
        // Errors are within the limit before the tie and beyond it after: the
        // slack is used up where the tie's own excess has eaten it.
        let slack = (wanted * self.rows).checked_sub(100 * self.errors)?;
        let excess = (100 * tie.errors).checked_sub(wanted * tie.rows)?;
        (self.rows > 0).then(|| self.rows + slack * tie.rows / excess.max(1))
    }

    /// The sum of the risks after each row of the tie that follows.
    fn risks_over(&self, tie: &Tally) -> f64 {
        let (rows, errors) = (self.rows as f64, self.errors as f64);
        let step = tie.errors as f64 / tie.rows.max(1) as f64;
        if tie.rows < LARGE_TIE {
            let risk = |row: u64| (errors + step * row as f64) / (rows + row as f64);
            return (1..=tie.rows).map(risk).sum();
        }
        // Σ (E + s·i) / (R + i) = s·m + (E − s·R) · (H(R + m) − H(R)).
        let between = harmonic(self.rows + tie.rows) - harmonic(self.rows);
        step * tie.rows as f64 + (errors - step * rows) * between
    }
}

/// The harmonic number 1 + 1/2 + … + 1/n, to 10⁻⁹.
fn harmonic(n: u64) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    if n < LARGE_TIE {
        return (1..=n).map(|k| 1.0 / k as f64).sum();
    }
    let n = n as f64;
    n.ln() + EULER + 1.0 / (2.0 * n) - 1.0 / (12.0 * n * n) + 1.0 / (120.0 * n.powi(4))
}

/// Ranks rows by confidence; `groups` gives the group of each, counted from 0.
pub(super) fn rank(rows: &[Graded], groups: &[usize]) -> Ranking {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| rows[*b].confidence.total_cmp(&rows[*a].confidence));
    let ranked = order.iter().enumerate().map(|(position, row)| Ranked {
        group: u32::try_from(groups[*row]).unwrap_or(u32::MAX),
        wrong: !rows[*row].right,
        ends_tie: order
            .get(position + 1)
            .is_none_or(|next| rows[*next].confidence < rows[*row].confidence),
    });
    Ranking(ranked.collect())
}

/// What a model makes of its rows from the most to the least confident.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Sweep {
    /// Errors among as many rows as were asked for.
    pub(super) errors: f64,
    /// For each rate of [`WANTED_ERRORS`] the largest number of rows, most
    /// confident first, with no larger share of errors among them.
    pub(super) covered: [u64; WANTED_ERRORS.len()],
    /// Area under the risk–coverage curve.
    pub(super) area: f64,
}

/// Rates of errors at which coverage is told, in hundredths.
pub(super) const WANTED_ERRORS: [u64; 3] = [1, 2, 5];

impl Ranking {
    /// Errors among the first `budget` rows when each row counts as often as
    /// its group's entry in `weights` says.
    pub(super) fn errors_among(&self, weights: &[u32], budget: u64) -> f64 {
        self.sweep(weights, budget).errors
    }

    /// All that the order of rows tells, likewise weighted.
    pub(super) fn sweep(&self, weights: &[u32], budget: u64) -> Sweep {
        let mut sweep = Sweep::default();
        let mut above = Tally::default();
        let mut tie = Tally::default();
        let mut reached = budget == 0;
        for ranked in &self.0 {
            let weight = u64::from(weights[ranked.group as usize]);
            tie.rows += weight;
            tie.errors += weight * u64::from(ranked.wrong);
            if ranked.ends_tie {
                if !reached && above.rows + tie.rows >= budget {
                    // tie.rows > 0, or an earlier tie had reached the budget.
                    let share = (budget - above.rows) as f64 / tie.rows as f64;
                    sweep.errors = above.errors as f64 + share * tie.errors as f64;
                    reached = true;
                }
                for (covered, wanted) in sweep.covered.iter_mut().zip(WANTED_ERRORS) {
                    *covered = above.covered_with(&tie, wanted).unwrap_or(*covered);
                }
                sweep.area += above.risks_over(&tie);
                above.rows += tie.rows;
                above.errors += tie.errors;
                tie = Tally::default();
            }
        }
        if !reached {
            sweep.errors = above.errors as f64;
        }
        sweep.area /= above.rows.max(1) as f64;
        sweep
    }

    /// The errors among the first `budget` rows, told apart by group.
    pub(super) fn errors_by_group(&self, groups: usize, budget: usize) -> Vec<f64> {
        let mut errors = vec![0.0; groups];
        let mut left = budget;
        for tie in self.0.chunk_by(|row, _| !row.ends_tie) {
            let share = (left as f64 / tie.len() as f64).min(1.0);
            for row in tie.iter().filter(|row| row.wrong) {
                errors[row.group as usize] += share;
            }
            left = left.saturating_sub(tie.len());
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(rows: &[(f32, bool)]) -> Vec<Graded> {
        let grade = |(confidence, right): &(f32, bool)| Graded {
            confidence: *confidence,
            right: *right,
        };
        rows.iter().map(grade).collect()
    }

    #[test]
    fn lower_confidence_alone_has_fewer_unknown_unknowns_but_as_many_matched_errors() {
        let base = graded(&[(0.99, false), (0.95, true), (0.92, false), (0.6, true)]);
        let quiet: Vec<Graded> = base
            .iter()
            .map(|row| Graded {
                confidence: row.confidence * 0.7,
                ..*row
            })
            .collect();
        let c = confident_rows(&base, 0.9);
        assert_eq!(
            (unknown_unknowns(&base, 0.9), unknown_unknowns(&quiet, 0.9)),
            (2, 0)
        );
        assert_eq!(errors_among_most_confident(&base, c), 2.0);
        assert_eq!(errors_among_most_confident(&quiet, c), 2.0);
    }

    #[test]
    fn tied_rows_count_by_their_share_whatever_their_order() {
        let mut rows = graded(&[(0.99, true), (0.9, false), (0.9, true), (0.9, true)]);
        let first = errors_among_most_confident(&rows, 2);
        rows.reverse();
        assert_eq!(first, errors_among_most_confident(&rows, 2));
        assert!((first - 1.0 / 3.0).abs() < 1e-12);
        let by_group = rank(&rows, &[0, 1, 2, 3]).errors_by_group(4, 2);
        assert!((by_group.iter().sum::<f64>() - first).abs() < 1e-12);
    }

    /// Every figure of a sweep is what the figure by itself says.
    #[test]
    fn a_sweep_agrees_with_the_figures_one_by_one() {
        let pattern = |n: u32, ties: u32| {
            let rows = (0..n).map(|row| {
                let confidence = 1.0 - (row / ties) as f32 / 1000.0;
                (confidence, row % 7 != 3 && row % 31 != 30)
            });
            graded(&rows.collect::<Vec<_>>())
        };
        for (n, ties) in [(1, 1), (40, 1), (300, 3), (300, 40), (300, 300)] {
            let rows = pattern(n, ties);
            let groups: Vec<usize> = (0..rows.len()).collect();
            let sweep = rank(&rows, &groups).sweep(&vec![1; rows.len()], 17);
            let area = area_under_risk_coverage(&rows);
            assert!((sweep.area - area).abs() < 1e-9, "{n} {ties}");
            assert_eq!(sweep.errors, errors_among_most_confident(&rows, 17));
            let risks = risk_coverage(&rows);
            for (covered, wanted) in sweep.covered.into_iter().zip(WANTED_ERRORS) {
                let within = |risk: &f64| *risk <= wanted as f64 / 100.0 + 1e-12;
                let largest = risks.iter().rposition(within).map_or(0, |last| last + 1);
                assert_eq!(covered, largest as u64, "{n} {ties} {wanted} %");
            }
        }
    }

    #[test]
    fn coverage_is_counted_with_the_weights_of_groups() {
        let rows = graded(&[(0.9, true), (0.8, false), (0.7, true)]);
        let ranking = rank(&rows, &[0, 1, 2]);
        let covered = |weights: &[u32; 3]| ranking.sweep(weights, 1).covered;
        assert_eq!(covered(&[1, 1, 1]), [1, 1, 1]);
        assert_eq!(covered(&[49, 1, 0]), [49, 50, 50]);
        assert_eq!(covered(&[0, 1, 3]), [0, 0, 0]);
        assert_eq!(covered(&[19, 1, 80]), [100, 100, 100]);
    }

    #[test]
    fn nothing_breaks_on_no_rows() {
        assert_eq!(accuracy(&[]), 0.0);
        assert_eq!(errors_among_most_confident(&[], 3), 0.0);
        assert_eq!(area_under_risk_coverage(&[]), 0.0);
        assert_eq!(calibration_error(&reliability(&[], CALIBRATION_BINS)), 0.0);
    }
}
