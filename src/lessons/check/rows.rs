//! The rows that a hypothesis is asked of, by what they can tell.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom as _;

use crate::records::Matches;
use crate::support::rng;

/// Rows of an answer table, all of them *discovery*.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckRows {
    /// Errors of the blind spot that its teachers see. They show a writer what
    /// is missed; no verdict counts them.
    pub shown: Vec<usize>,
    /// Errors of the blind spot that are kept back from teachers.
    pub kept_back: Vec<usize>,
    /// Rows of the same true class that the model gets right.
    pub right: Vec<usize>,
    /// Of these the nearest to the blind spot's centre, nearest first.
    pub nearest: Vec<usize>,
    /// Confident errors that are not in the blind spot.
    pub elsewhere: Vec<usize>,
}

/// How many of each a judge is asked whose answers cost something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Shown errors.
    pub shown: usize,
    /// Kept-back errors.
    pub kept_back: usize,
    /// Nearest right rows. They count for themselves alone: what the model gets
    /// right within the very slice lies there, and would pass for the rest.
    pub nearest: usize,
    /// Right rows, drawn from all others.
    pub right: usize,
    /// Errors elsewhere.
    pub elsewhere: usize,
    /// Rows in all, filled up with right ones; 0 for no more than the above.
    pub in_all: usize,
}

impl Sizes {
    /// For a person: twenty texts. One slip among twelve right texts still
    /// bounds their share below 0.4, and one among six errors leaves the share
    /// above 0.8.
    pub const QUIZ: Self = Self {
        shown: 0,
        kept_back: 6,
        nearest: 1,
        right: 12,
        elsewhere: 1,
        in_all: 20,
    };
    /// For a language model.
    pub const MODEL: Self = Self {
        shown: 10,
        kept_back: 30,
        nearest: 10,
        right: 30,
        elsewhere: 10,
        in_all: 0,
    };
}

impl CheckRows {
    /// Some rows of each kind, others for each `turn`: right rows that a
    /// writer was shown as counter-examples should not decide the next
    /// verdict again.
    #[must_use]
    pub fn drawn(&self, sizes: &Sizes, seed: u64, turn: u32) -> Self {
        let draw = |from: &[usize], count: usize, what: &str| -> Vec<usize> {
            let mut rng = rng::seeded(seed, &format!("rows to check {turn}: {what}"));
            from.choose_multiple(&mut rng, count).copied().collect()
        };
        let kept_back = draw(&self.kept_back, sizes.kept_back, "kept back");
        let nearest: Vec<usize> = self.nearest.iter().take(sizes.nearest).copied().collect();
        let elsewhere = draw(&self.elsewhere, sizes.elsewhere, "elsewhere");
        let others: Vec<usize> = (self.right.iter().copied())
            .filter(|row| !nearest.contains(row))
            .collect();
        let without_right = kept_back.len() + nearest.len() + elsewhere.len();
        let count = sizes.right.max(sizes.in_all.saturating_sub(without_right));
        Self {
            shown: draw(&self.shown, sizes.shown, "shown"),
            kept_back,
            right: draw(&others, count, "right"),
            nearest,
            elsewhere,
        }
    }

    /// All rows, each once, mixed so that their place tells nothing.
    pub fn mixed(&self, seed: u64) -> Vec<usize> {
        let all: BTreeSet<usize> = self.groups().into_iter().flatten().copied().collect();
        let mut all: Vec<usize> = all.into_iter().collect();
        all.shuffle(&mut rng::seeded(seed, "order of texts to check"));
        all
    }

    /// Counts answers by row. A row without one counts as neither yes nor no.
    pub fn counts(&self, said: &BTreeMap<usize, bool>) -> Counts {
        let count = |rows: &[usize]| {
            let mut matches = Matches::default();
            for yes in rows.iter().filter_map(|row| said.get(row)) {
                matches.count(*yes);
            }
            matches
        };
        let asked: BTreeSet<usize> = self.groups().into_iter().flatten().copied().collect();
        Counts {
            shown: count(&self.shown),
            kept_back: count(&self.kept_back),
            right: count(&self.right),
            nearest: count(&self.nearest),
            elsewhere: count(&self.elsewhere),
            unanswered: asked.iter().filter(|row| !said.contains_key(row)).count(),
        }
    }

    fn groups(&self) -> [&Vec<usize>; 5] {
        [
            &self.shown,
            &self.kept_back,
            &self.right,
            &self.nearest,
            &self.elsewhere,
        ]
    }
}

/// What was answered of each kind of row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Shown errors.
    pub shown: Matches,
    /// Kept-back errors.
    pub kept_back: Matches,
    /// Right rows.
    pub right: Matches,
    /// Nearest right rows.
    pub nearest: Matches,
    /// Errors elsewhere.
    pub elsewhere: Matches,
    /// Rows without an answer.
    pub unanswered: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> CheckRows {
        CheckRows {
            shown: (0..20).collect(),
            kept_back: (20..30).collect(),
            right: (100..400).collect(),
            nearest: (100..120).collect(),
            elsewhere: (500..530).collect(),
        }
    }

    #[test]
    fn a_quiz_has_twenty_texts_even_of_a_small_blind_spot() {
        let drawn = rows().drawn(&Sizes::QUIZ, 0, 1);
        assert_eq!((drawn.kept_back.len(), drawn.right.len()), (6, 12));
        assert_eq!(drawn.mixed(0).len(), 20);
        let small = CheckRows {
            kept_back: vec![20, 21],
            elsewhere: Vec::new(),
            ..rows()
        };
        let drawn = small.drawn(&Sizes::QUIZ, 0, 1);
        assert_eq!((drawn.kept_back.len(), drawn.right.len()), (2, 17));
        assert_eq!(drawn.mixed(0).len(), 20);
        assert_eq!(drawn.mixed(0), drawn.mixed(0));
        assert_ne!(drawn.mixed(0), drawn.mixed(1));
    }

    #[test]
    fn each_turn_asks_other_right_rows_and_the_same_nearest() {
        let (one, other) = (
            rows().drawn(&Sizes::MODEL, 0, 1),
            rows().drawn(&Sizes::MODEL, 0, 2),
        );
        assert_eq!(one.nearest, other.nearest);
        assert_ne!(one.right, other.right);
        assert_eq!(one, rows().drawn(&Sizes::MODEL, 0, 1));
    }

    #[test]
    fn no_answer_is_neither_yes_nor_no() {
        let rows = CheckRows {
            kept_back: vec![1, 2, 3],
            right: vec![4, 5],
            nearest: vec![5],
            ..CheckRows::default()
        };
        let said = BTreeMap::from([(1, true), (2, false), (5, true), (77, true)]);
        let counts = rows.counts(&said);
        assert_eq!(counts.kept_back, Matches { yes: 1, of: 2 });
        assert_eq!(counts.right, Matches { yes: 1, of: 1 });
        assert_eq!(counts.nearest, Matches { yes: 1, of: 1 });
        assert_eq!(counts.unanswered, 2);
    }
}
