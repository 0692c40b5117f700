//! The threshold of least cost: an answer that is wrong costs something, and
//! so does asking a person, whose answers are taken as right.

use serde::{Deserialize, Serialize};

use super::rows::{Ordered, Step};
use super::{Counted, FOLDS};
use crate::comparison::intervals::{CONFIDENCE_LEVEL, t_quantile};
use crate::support::statistics::Interval;

/// What errors and people cost, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// An answer of the model that is wrong.
    pub error: f64,
    /// Asking a person about one text.
    pub person: f64,
}

impl Costs {
    /// Cost of some answers among `all` rows, the others asked of a person.
    fn of(self, answered: &Step, all: usize) -> f64 {
        let asked = all - answered.rows;
        self.error * answered.errors as f64 + self.person * asked as f64
    }
}

/// The threshold of least cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cheapest {
    /// What it follows from.
    pub costs: Costs,
    /// The model answers where its confidence is at least this; none where
    /// asking a person about every text is cheapest.
    pub threshold: Option<f64>,
    /// Rows that are answered, by cross-fitting.
    pub answered: Counted,
    /// Errors among these.
    pub errors: Counted,
    /// Cost of a hundred texts, by cross-fitting.
    pub per_hundred: f64,
    /// 95 % bounds of that (Student's t over groups).
    pub bounds: Interval,
    /// Cost of a hundred texts where the model answers all.
    pub all_by_model: f64,
    /// Cost of a hundred texts where a person does.
    pub all_by_person: f64,
}

impl Cheapest {
    /// The threshold by all rows, and its cost where each fold is answered with
    /// the threshold of the others.
    pub(super) fn of(all: &Ordered, fitted: &[[Ordered; 2]], costs: Costs) -> Self {
        let mut tried = Step::default();
        let mut by_group: Vec<(f64, usize)> = Vec::new();
        for [others, fold] in fitted {
            let threshold = cheapest(others, costs).unwrap_or(f64::INFINITY);
            tried.add(fold.at(threshold));
            let of_group = |group: &Vec<(f64, bool)>| {
                let cost = group.iter().map(|(confidence, right)| match right {
                    _ if *confidence < threshold => costs.person,
                    true => 0.0,
                    false => costs.error,
                });
                (cost.sum::<f64>(), group.len())
            };
            by_group.extend(fold.by_group.iter().map(of_group));
        }
        let whole = all.whole();
        let (mean, bounds) = mean_of_groups(&by_group);
        Self {
            costs,
            threshold: cheapest(all, costs),
            answered: Counted::new(tried.rows, whole.rows, all.groups()),
            errors: Counted::new(tried.errors, tried.rows, tried.groups),
            per_hundred: 100.0 * mean,
            bounds: Interval {
                lower: (100.0 * bounds.lower).max(0.0),
                upper: 100.0 * bounds.upper,
            },
            all_by_model: 100.0 * costs.of(&whole, whole.rows) / whole.rows.max(1) as f64,
            all_by_person: 100.0 * costs.person,
        }
    }
}

/// Of several thresholds that cost the same, the one that answers most.
fn cheapest(rows: &Ordered, costs: Costs) -> Option<f64> {
    let all = rows.whole().rows;
    let mut best = (costs.of(&Step::default(), all), None);
    for step in rows.steps() {
        let cost = costs.of(step, all);
        if cost <= best.0 {
            best = (cost, Some(step.threshold));
        }
    }
    best.1
}

/// The mean over rows of what is summed by group, with 95 % bounds: groups vary,
/// rows of one do not vary by themselves.
fn mean_of_groups(by_group: &[(f64, usize)]) -> (f64, Interval) {
    let rows: usize = by_group.iter().map(|(_, rows)| rows).sum();
    let total: f64 = by_group.iter().map(|(sum, _)| sum).sum();
    let mean = total / rows.max(1) as f64;
    let groups = by_group.len().max(FOLDS) as f64;
    let squares = by_group
        .iter()
        .map(|(sum, rows)| (sum - mean * *rows as f64).powi(2));
    let variance = squares.sum::<f64>() * groups / (groups - 1.0);
    let error = variance.sqrt() / rows.max(1) as f64;
    let half = error * t_quantile(0.5 + CONFIDENCE_LEVEL / 2.0, groups - 1.0);
    let bounds = Interval {
        lower: mean - half,
        upper: mean + half,
    };
    (mean, bounds)
}
