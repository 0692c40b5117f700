//! Rows from the most to the least confident, cut only where confidences
//! differ.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom as _;

use crate::comparison::evaluation::Graded;
use crate::support::rng;

/// What is answered down to a confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Step {
    /// The confidence from which rows are answered.
    pub(super) threshold: f64,
    /// Rows that are answered.
    pub(super) rows: usize,
    /// Errors among them.
    pub(super) errors: usize,
    /// Groups that they are of.
    pub(super) groups: usize,
}

impl Step {
    /// Adds rows of other groups; the threshold stays.
    pub(super) fn add(&mut self, other: Step) {
        self.rows += other.rows;
        self.errors += other.errors;
        self.groups += other.groups;
    }

    /// Whether something is answered, with at most a share of errors.
    pub(super) fn has_at_most(&self, share: f64) -> bool {
        // One part in 10¹² makes up for shares such as 0.07 in binary.
        self.rows > 0 && self.errors as f64 <= share * self.rows as f64 * (1.0 + 1e-12)
    }
}

/// Rows by confidence.
pub(super) struct Ordered {
    /// For each different confidence, the highest first, all down to it.
    steps: Vec<Step>,
    /// Rows and errors of each group with their confidences.
    pub(super) by_group: Vec<Vec<(f64, bool)>>,
}

impl Ordered {
    /// Those rows that are wanted, by their places.
    pub(super) fn new(rows: &[Graded], groups: &[u32], wanted: impl Fn(usize) -> bool) -> Self {
        let mut order: Vec<usize> = (0..rows.len()).filter(|row| wanted(*row)).collect();
        order.sort_by(|a, b| rows[*b].confidence.total_cmp(&rows[*a].confidence));
        let mut by_group: BTreeMap<u32, Vec<(f64, bool)>> = BTreeMap::new();
        let mut steps: Vec<Step> = Vec::new();
        let mut so_far = Step::default();
        for tie in order.chunk_by(|a, b| rows[*a].confidence == rows[*b].confidence) {
            so_far.threshold = f64::from(rows[tie[0]].confidence);
            for row in tie {
                let of_group = by_group.entry(groups[*row]).or_default();
                so_far.groups += usize::from(of_group.is_empty());
                of_group.push((so_far.threshold, rows[*row].right));
                so_far.errors += usize::from(!rows[*row].right);
            }
            so_far.rows += tie.len();
            steps.push(so_far);
        }
        round_thresholds(&mut steps);
        Self {
            steps,
            by_group: by_group.into_values().collect(),
        }
    }

    /// All rows.
    pub(super) fn whole(&self) -> Step {
        self.steps.last().copied().unwrap_or_default()
    }

    /// How many groups there are.
    pub(super) fn groups(&self) -> usize {
        self.by_group.len()
    }

    /// All that can be answered: nothing first, then step by step down.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The lowest threshold whose answers are as wanted.
    pub(super) fn lowest(&self, wanted: impl Fn(&Step) -> bool) -> Option<f64> {
        let found = self.steps.iter().rev().find(|step| wanted(step));
        found.map(|step| step.threshold)
    }

    /// What is answered from a threshold on.
    pub(super) fn at(&self, threshold: f64) -> Step {
        // A step's own threshold lies above all rows below it, but another
        // one's may lie above some rows of a step: its rows decide.
        let mut at = Step {
            threshold,
            ..Step::default()
        };
        for group in &self.by_group {
            let answered = group
                .iter()
                .filter(|(confidence, _)| *confidence >= threshold);
            let (mut rows, mut errors) = (0, 0);
            for (_, right) in answered {
                rows += 1;
                errors += usize::from(!right);
            }
            at.rows += rows;
            at.errors += errors;
            at.groups += usize::from(rows > 0);
        }
        at
    }

    /// The last step with at most so many rows; nothing where the first has
    /// more.
    pub(super) fn covering(&self, rows: usize) -> Step {
        let within = self.steps.iter().rev().find(|step| step.rows <= rows);
        within.copied().unwrap_or_default()
    }
}

/// Gives each step the threshold that a person would write: the shortest
/// decimal number that parts its rows from those below. Whoever answers all
/// needs none.
fn round_thresholds(steps: &mut [Step]) {
    let confidences: Vec<f64> = steps.iter().map(|step| step.threshold).collect();
    for (place, step) in steps.iter_mut().enumerate() {
        step.threshold = match confidences.get(place + 1) {
            Some(below) => between(*below, step.threshold),
            None => 0.0,
        };
    }
}

/// The decimal number with the fewest digits, two at least, above `below` and
/// not above `from`.
fn between(below: f64, from: f64) -> f64 {
    let rounded = (2..=9).map(|digits| {
        let scale = 10_f64.powi(digits);
        (from * scale).floor() / scale
    });
    let mut fitting = rounded.filter(|number| *number > below && *number <= from);
    fitting.next().unwrap_or(from)
}

/// A fold for each row: groups are dealt out whole, in an order that follows
/// from the seed.
pub(super) fn folds(groups: &[u32], count: usize, seed: u64) -> Vec<usize> {
    let different: BTreeSet<u32> = groups.iter().copied().collect();
    let mut dealt: Vec<u32> = different.into_iter().collect();
    dealt.shuffle(&mut rng::seeded(seed, "folds of thresholds"));
    let dealt = dealt.into_iter().enumerate();
    let fold: BTreeMap<u32, usize> = dealt.map(|(place, group)| (group, place % count)).collect();
    groups.iter().map(|group| fold[group]).collect()
}
