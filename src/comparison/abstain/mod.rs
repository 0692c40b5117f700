//! What to leave to a person: a confidence below which a model does not answer.
//!
//! Its answers at or above a threshold count, the others go to a person
//! (selective classification: Chow, IEEE Transactions on Information Theory
//! 1970; El-Yaniv and Wiener, JMLR 2010). For a wanted share of errors the
//! threshold is the lowest one with no larger share among what is answered: the
//! coverage that [`super::metrics`] sweeps, at a border between confidences.
//!
//! Such a threshold looks too good on the rows that it was chosen on. So its
//! coverage and errors are those of *cross-fitting*: groups of rows are dealt
//! into folds, and each fold is answered with the threshold of the others.
//! Beside it stands the lowest threshold for which the rows *show* that the
//! wanted share is kept: each tenth of coverage is tested against it by the
//! exact binomial test, and Holm's correction makes all ten hold together with
//! 95 % confidence (Learn then Test: Angelopoulos and others, arXiv
//! 2110.01052).

mod cost;
mod rows;

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use statrs::function::beta::beta_reg;

pub use cost::{Cheapest, Costs};
use rows::{Ordered, Step, folds};

use super::evaluation::Graded;
use super::intervals::CONFIDENCE_LEVEL;
use super::outcomes::FEWEST_ROWS;
use crate::support::statistics::{Interval, holm, wilson};

/// Shares of errors that are wanted unless somebody says otherwise: those at
/// which comparisons tell the coverage.
pub const WANTED: [f64; 3] = [0.01, 0.02, 0.05];
/// Parts of the rows that are answered with the threshold of the others.
pub const FOLDS: usize = 5;
/// Coverages at which it is tested whether the wanted share is kept.
const TESTED: RangeInclusive<usize> = 1..=10;
/// Points of a risk–coverage curve.
const POINTS: usize = 20;

/// A count among some rows, with the 95 % bounds of its share. Rows of one
/// group say less than as many others, so the bounds take as many rows as there
/// are groups.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// How many.
    pub count: usize,
    /// Out of how many rows.
    pub of: usize,
    /// Bounds of the share, 0 to 1 (Wilson).
    pub bounds: Interval,
}

impl Counted {
    fn new(count: usize, of: usize, groups: usize) -> Self {
        let share = count as f64 / of.max(1) as f64;
        Self {
            count,
            of,
            bounds: wilson(share * groups as f64, groups, CONFIDENCE_LEVEL),
        }
    }

    /// The share; none of no rows.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }
}

/// Whether the wanted share of errors was kept on rows that did not choose the
/// threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Its upper bound lies at or below what was wanted.
    Kept,
    /// Its bounds lie on both sides.
    Open,
    /// Its lower bound lies above what was wanted.
    Missed,
    /// No threshold has so few errors among its answers: all is left to a
    /// person.
    Nothing,
}

impl Held {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Held::Kept => "kept",
            Held::Open => "too few rows to tell",
            Held::Missed => "missed",
            Held::Nothing => "leave all to a person",
        }
    }
}

/// A threshold with the share of the rows at or above it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sure {
    /// The model answers where its confidence is at least this.
    pub threshold: f64,
    /// Share of the rows that it answers, 0 to 1.
    pub coverage: f64,
}

/// The threshold for a wanted share of errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AtError {
    /// The wanted share of errors among answers, 0 to 1.
    pub wanted: f64,
    /// The model answers where its confidence is at least this; none where no
    /// threshold has so few errors.
    pub threshold: Option<f64>,
    /// Rows that are answered, by cross-fitting.
    pub answered: Counted,
    /// Errors among these.
    pub errors: Counted,
    /// Whether the wanted share was kept there.
    pub held: Held,
    /// The lowest threshold for which the rows show with 95 % confidence that
    /// the wanted share is kept; none where they do not show it for any.
    pub sure: Option<Sure>,
}

/// A point of the risk–coverage curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RiskPoint {
    /// Share of the rows that are answered, 0 to 1.
    pub coverage: f64,
    /// The confidence down to which that goes.
    pub threshold: f64,
    /// Share of errors among them.
    pub risk: f64,
    /// 95 % bounds of that (Wilson, as many rows as groups), each point by
    /// itself.
    pub bounds: Interval,
}

/// What to leave to a person, of some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Abstention {
    /// How many rows.
    pub rows: usize,
    /// In how many groups.
    pub groups: usize,
    /// Errors if the model answers all of them.
    pub errors: Counted,
    /// For each wanted share of errors; none where there are too few rows.
    pub at: Vec<AtError>,
    /// The threshold of least cost, where costs are known.
    pub cheapest: Option<Cheapest>,
    /// Errors over coverage, from few answers to all.
    pub curve: Vec<RiskPoint>,
}

/// Finds the thresholds for some rows. `groups` says of each row which others
/// it belongs with; the folds that groups are dealt into follow from `seed`
/// alone. Fewer than [`FEWEST_ROWS`] rows, or fewer groups than folds, are
/// counted and get no threshold.
pub fn abstention(
    rows: &[Graded],
    groups: &[u32],
    (wanted, costs): (&[f64], Option<Costs>),
    seed: u64,
) -> Abstention {
    let folds = folds(groups, FOLDS, seed);
    let all = Ordered::new(rows, groups, |_| true);
    let whole = all.whole();
    let mut found = Abstention {
        rows: rows.len(),
        groups: all.groups(),
        errors: Counted::new(whole.errors, whole.rows, all.groups()),
        at: Vec::new(),
        cheapest: None,
        curve: Vec::new(),
    };
    if rows.len() < FEWEST_ROWS || all.groups() < FOLDS {
        return found;
    }
    let fitted: Vec<[Ordered; 2]> = (0..FOLDS)
        .map(|fold| {
            let others = Ordered::new(rows, groups, |row| folds[row] != fold);
            [others, Ordered::new(rows, groups, |row| folds[row] == fold)]
        })
        .collect();
    let at = wanted.iter().map(|share| at_error(&all, &fitted, *share));
    found.at = at.collect();
    found.cheapest = costs.map(|costs| Cheapest::of(&all, &fitted, costs));
    found.curve = curve(&all);
    found
}

fn at_error(all: &Ordered, fitted: &[[Ordered; 2]], wanted: f64) -> AtError {
    let chosen = |rows: &Ordered| rows.lowest(|step| step.has_at_most(wanted));
    let mut tried = Step::default();
    for [others, fold] in fitted {
        if let Some(threshold) = chosen(others) {
            tried.add(fold.at(threshold));
        }
    }
    let threshold = chosen(all);
    let errors = Counted::new(tried.errors, tried.rows, tried.groups);
    AtError {
        wanted,
        threshold,
        answered: Counted::new(tried.rows, all.whole().rows, all.groups()),
        held: held(threshold, &errors, wanted),
        errors,
        sure: sure(all, wanted),
    }
}

fn held(threshold: Option<f64>, errors: &Counted, wanted: f64) -> Held {
    match errors.bounds {
        _ if threshold.is_none() => Held::Nothing,
        bounds if bounds.upper <= wanted => Held::Kept,
        bounds if bounds.lower > wanted => Held::Missed,
        _ => Held::Open,
    }
}

/// The most that may be answered with 95 % confidence that the wanted share is
/// kept, tenth by tenth.
fn sure(rows: &Ordered, wanted: f64) -> Option<Sure> {
    let all = rows.whole().rows;
    let tested: Vec<Step> = TESTED
        .map(|tenth| rows.covering(tenth * all / TESTED.count()))
        .collect();
    let p: Vec<f64> = tested.iter().map(|step| p_above(*step, wanted)).collect();
    let shown = tested.into_iter().zip(holm(&p));
    let mut shown = shown.filter(|(_, p)| *p <= 1.0 - CONFIDENCE_LEVEL);
    shown.next_back().map(|(step, _)| Sure {
        threshold: step.threshold,
        coverage: step.rows as f64 / all as f64,
    })
}

/// The exact binomial p of “the share of errors is larger than wanted”: how
/// likely so few errors were if it were just as wanted. Rows count as often as
/// there are groups.
fn p_above(step: Step, wanted: f64) -> f64 {
    let weight = step.groups as f64 / step.rows.max(1) as f64;
    let (rows, errors) = (step.groups as f64, weight * step.errors as f64);
    if errors >= rows || wanted <= 0.0 {
        return 1.0;
    }
    if wanted >= 1.0 {
        return 0.0;
    }
    // P(X ≤ e) of Binomial(n, w) is the regularised incomplete beta function
    // I_{1−w}(n − e, e + 1).
    beta_reg(rows - errors, errors + 1.0, 1.0 - wanted)
}

fn curve(rows: &Ordered) -> Vec<RiskPoint> {
    let all = rows.whole().rows;
    let points = (1..=POINTS).map(|point| rows.covering(point * all / POINTS));
    let mut curve: Vec<RiskPoint> = points
        .filter(|step| step.rows > 0)
        .map(|step| {
            let errors = Counted::new(step.errors, step.rows, step.groups);
            RiskPoint {
                coverage: step.rows as f64 / all as f64,
                threshold: step.threshold,
                risk: errors.share().unwrap_or_default(),
                bounds: errors.bounds,
            }
        })
        .collect();
    curve.dedup_by(|a, b| a.coverage == b.coverage);
    curve
}

#[cfg(test)]
mod tests;
