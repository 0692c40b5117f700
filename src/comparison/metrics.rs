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

impl Ranking {
    /// Errors among the first `budget` rows when each row counts as often as
    /// its group's entry in `weights` says.
    pub(super) fn errors_among(&self, weights: &[u32], budget: u64) -> f64 {
        if budget == 0 {
            return 0.0;
        }
        let (mut rows, mut errors) = (0_u64, 0_u64);
        let (mut tie_rows, mut tie_errors) = (0_u64, 0_u64);
        for ranked in &self.0 {
            let weight = u64::from(weights[ranked.group as usize]);
            tie_rows += weight;
            tie_errors += weight * u64::from(ranked.wrong);
            if ranked.ends_tie {
                if rows + tie_rows >= budget {
                    // tie_rows > 0, or an earlier tie had reached the budget.
                    let share = (budget - rows) as f64 / tie_rows as f64;
                    return errors as f64 + share * tie_errors as f64;
                }
                rows += tie_rows;
                errors += tie_errors;
                (tie_rows, tie_errors) = (0, 0);
            }
        }
        errors as f64
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

    #[test]
    fn nothing_breaks_on_no_rows() {
        assert_eq!(accuracy(&[]), 0.0);
        assert_eq!(errors_among_most_confident(&[], 3), 0.0);
        assert_eq!(area_under_risk_coverage(&[]), 0.0);
        assert_eq!(calibration_error(&reliability(&[], CALIBRATION_BINS)), 0.0);
    }
}
