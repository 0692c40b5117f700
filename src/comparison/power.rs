//! What a set of rows can show, said before the experiment is run.

use serde::{Deserialize, Serialize};

use super::intervals::{mcnemar, satterthwaite, t_quantile};
use super::verdict::SIGNIFICANCE;
use crate::support::text::many;

/// What is taken for granted before anything is known of the arms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PowerAssumptions {
    /// Chance of telling a real reduction of the named size.
    pub power: f64,
    /// Seeds of every arm.
    pub seeds: usize,
    /// Arms that make a claim (Holm's first step divides by them).
    pub claims: usize,
    /// Share of the confident errors that another seed swaps for others.
    pub churn: f64,
    /// Standard deviation over seeds of an arm's confident errors, as a share
    /// of them, beyond that swapping.
    pub seed_spread: f64,
}

impl Default for PowerAssumptions {
    /// 80 % power, 5 seeds, one claim, one error in five swapped, 10 % spread.
    fn default() -> Self {
        Self {
            power: 0.8,
            seeds: 5,
            claims: 1,
            churn: 0.2,
            seed_spread: 0.1,
        }
    }
}

/// The power line of a set of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Power {
    /// Rows.
    pub rows: usize,
    /// Unknown unknowns of the reference base among them.
    pub unknown_unknowns: usize,
    /// The smallest relative reduction (0 to 1) that would be told from
    /// chance; `None`: not even their complete removal.
    pub detectable: Option<f64>,
    /// The same in words.
    pub sentence: String,
}

/// Computes the power line.
///
/// `by_group`: unknown unknowns of the reference base in each group (zeros may
/// be left out). A reduction by the share r counts as told from chance when a
/// verdict would call it improved with the assumed power, against the base arm
/// (as many seeds, nothing added) and against the untouched base, which have
/// equally many errors but for chance.
pub fn power(rows: usize, by_group: &[u32], assumptions: &PowerAssumptions) -> Power {
    let unknown_unknowns = by_group.iter().sum::<u32>() as usize;
    let percent = (1..=100).find(|percent| {
        let reduction = f64::from(*percent) / 100.0;
        is_detectable(reduction, by_group, assumptions)
    });
    let counted = format!("With {rows} rows and {unknown_unknowns} unknown unknowns");
    let sentence = match percent {
        Some(percent) => format!(
            "{counted}, reductions under {percent} % cannot be told from chance \
             ({}, {:.0} % power).",
            many(assumptions.seeds, "seed"),
            assumptions.power * 100.0
        ),
        None => format!("{counted}, no reduction can be told from chance: more rows are needed."),
    };
    Power {
        rows,
        unknown_unknowns,
        detectable: percent.map(|percent| f64::from(percent) / 100.0),
        sentence,
    }
}

/// What chance does to the difference between an arm and one control.
struct Noise {
    /// Variance that resampling groups would show.
    over_groups: f64,
    /// Variance that the spread over seeds would show.
    over_seeds: f64,
    /// Variance that no interval shows: of the one seed of the untouched base.
    hidden: f64,
}

fn is_detectable(reduction: f64, by_group: &[u32], assumptions: &PowerAssumptions) -> bool {
    let errors: f64 = by_group.iter().map(|uus| f64::from(*uus)).sum();
    if errors == 0.0 {
        return false;
    }
    let seeds = assumptions.seeds.max(2) as f64;
    // Errors of one group turn together: the variance of their sum grows by
    // the sum of the squared sizes over the sum of the sizes.
    let squares: f64 = by_group.iter().map(|uus| f64::from(*uus).powi(2)).sum();
    let clustering = squares / errors;
    let turned = clustering * reduction * errors;
    // Errors that the lessons take away are no longer swapped.
    let swapped = assumptions.churn * (1.0 - reduction) * errors;
    let spread = (assumptions.seed_spread * errors).powi(2);
    let base = Noise {
        over_groups: turned + 2.0 * swapped / seeds,
        over_seeds: 2.0 * spread / seeds,
        hidden: 0.0,
    };
    let untouched = Noise {
        over_groups: turned + swapped * (1.0 + 1.0 / seeds),
        over_seeds: spread / seeds,
        hidden: spread,
    };
    let groups = by_group.iter().filter(|uus| **uus > 0).count();
    [base, untouched]
        .iter()
        .all(|noise| is_significant(reduction * errors, noise, groups, clustering, assumptions))
}

/// Whether `gain` fewer errors than one control would be significant even
/// with the bad luck that the assumed power allows for.
fn is_significant(
    gain: f64,
    noise: &Noise,
    groups: usize,
    clustering: f64,
    assumptions: &PowerAssumptions,
) -> bool {
    let seen = noise.over_groups + noise.over_seeds;
    let degrees = satterthwaite(
        seen,
        &[
            (noise.over_groups, groups),
            (noise.over_seeds, assumptions.seeds.max(2) - 1),
        ],
    );
    let level = SIGNIFICANCE / assumptions.claims.max(1) as f64;
    let luck = t_quantile(assumptions.power, degrees);
    let unlucky = gain - luck * (seen + noise.hidden).sqrt();
    if unlucky < seen.sqrt() * t_quantile(1.0 - level / 2.0, degrees) {
        return false;
    }
    // Discordant groups: what remains of the gain, and swaps either way.
    let swaps = (noise.over_groups - clustering * gain) / 2.0;
    let better = unlucky / clustering + swaps;
    mcnemar(better.round() as u64, swaps.round() as u64) < level
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detectable(uus: usize, group_size: u32) -> Option<f64> {
        let groups = vec![group_size; uus / group_size as usize];
        power(400, &groups, &PowerAssumptions::default()).detectable
    }

    #[test]
    fn more_errors_show_smaller_reductions_and_clustered_ones_larger() {
        let (few, many) = (detectable(20, 1), detectable(200, 1));
        assert!(many < few, "{many:?} {few:?}");
        assert!(detectable(200, 4) > many);
    }

    #[test]
    fn a_handful_of_errors_shows_nothing_and_says_so() {
        assert_eq!(detectable(4, 1), None);
        let line = power(400, &[], &PowerAssumptions::default()).sentence;
        assert!(line.contains("no reduction can be told"), "{line}");
    }
}
