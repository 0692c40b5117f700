//! The order in which examples are seen: seeded, by example count and token
//! budget, the same for every arm that has the same number of examples.

use rand::seq::SliceRandom as _;

use super::settings::{Duration, TrainingSettings};
use crate::model::pack::PackSize;
use crate::support::rng;

/// Optimiser steps that a duration means for examples of these lengths (in
/// tokens).
pub fn steps_for(lengths: &[usize], settings: &TrainingSettings) -> usize {
    plan(lengths, settings).batches.len()
}

/// Examples of the smallest batch that long texts make, if it holds fewer than
/// `batch_examples`: it was closed at `batch_tokens`.
pub fn cut_short(lengths: &[usize], settings: &TrainingSettings) -> Option<usize> {
    let batches = one_pass(lengths, settings).batches;
    // The last one of a pass holds what is left.
    let closed = batches.iter().rev().skip(1).map(Vec::len);
    closed
        .min()
        .filter(|least| *least < settings.batch_examples)
}

/// What a single pass sees.
pub(crate) fn one_pass(lengths: &[usize], settings: &TrainingSettings) -> Plan {
    let settings = TrainingSettings {
        duration: Duration::Epochs(1),
        ..settings.clone()
    };
    plan(lengths, &settings)
}

/// What a training run sees, and when.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// One for each step, a list of example numbers.
    pub(crate) batches: Vec<Vec<usize>>,
    /// Steps after which each pass is over; the last one may be cut short.
    pub(crate) ends: Vec<usize>,
}

/// The batches of a training run.
///
/// Every pass shuffles anew. A batch is closed at `batch_examples` examples or
/// before it would exceed `batch_tokens` tokens.
pub(crate) fn plan(lengths: &[usize], settings: &TrainingSettings) -> Plan {
    let mut generator = rng::seeded(settings.seed, "batches");
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    let (mut batches, mut ends) = (Vec::new(), Vec::new());
    let enough = |passes: usize, steps: usize| match settings.duration {
        Duration::Epochs(epochs) => passes >= epochs,
        Duration::Steps(wanted) => steps >= wanted,
    };
    while !order.is_empty() && !enough(ends.len(), batches.len()) {
        order.shuffle(&mut generator);
        cut(&order, lengths, settings, &mut batches);
        if let Duration::Steps(wanted) = settings.duration {
            batches.truncate(wanted);
        }
        ends.push(batches.len());
    }
    Plan { batches, ends }
}

fn cut(
    order: &[usize],
    lengths: &[usize],
    settings: &TrainingSettings,
    batches: &mut Vec<Vec<usize>>,
) {
    let mut batch = Vec::new();
    let mut tokens = 0;
    for &example in order {
        let length = lengths[example];
        let full =
            batch.len() == settings.batch_examples || tokens + length > settings.batch_tokens;
        if full && !batch.is_empty() {
            batches.push(std::mem::take(&mut batch));
            tokens = 0;
        }
        batch.push(example);
        tokens += length;
    }
    batches.push(batch);
}

/// The size that holds every batch.
pub(crate) fn largest(batches: &[Vec<usize>], lengths: &[usize]) -> PackSize {
    batches
        .iter()
        .map(|batch| PackSize::of(batch.iter().map(|&example| lengths[example])))
        .fold(PackSize::default(), PackSize::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(duration: Duration) -> TrainingSettings {
        TrainingSettings {
            duration,
            batch_examples: 8,
            batch_tokens: 100,
            ..TrainingSettings::default()
        }
    }

    #[test]
    fn each_pass_sees_each_example_once_within_the_budget() {
        let lengths: Vec<usize> = (0..53).map(|i| 5 + i % 30).collect();
        let batches = plan(&lengths, &settings(Duration::Epochs(1))).batches;
        let mut seen: Vec<usize> = batches.concat();
        seen.sort_unstable();
        assert_eq!(seen, (0..53).collect::<Vec<_>>());
        for batch in &batches {
            let tokens: usize = batch.iter().map(|&i| lengths[i]).sum();
            assert!(batch.len() <= 8 && tokens <= 100);
        }
    }

    #[test]
    fn steps_cut_or_repeat_passes() {
        let lengths = [10; 20];
        let ends = |duration| plan(&lengths, &settings(duration)).ends;
        assert_eq!(ends(Duration::Epochs(2)), [3, 6]);
        assert_eq!(ends(Duration::Steps(5)), [3, 5]);
        assert_eq!(steps_for(&lengths, &settings(Duration::Epochs(2))), 6);
        assert_eq!(steps_for(&lengths, &settings(Duration::Steps(5))), 5);
        assert_eq!(steps_for(&lengths, &settings(Duration::Steps(11))), 11);
        assert_eq!(steps_for(&[], &settings(Duration::Steps(5))), 0);
    }

    #[test]
    fn a_text_above_the_budget_is_its_own_batch() {
        let steps = steps_for(&[500, 500], &settings(Duration::Epochs(1)));
        assert_eq!(steps, 2);
    }

    #[test]
    fn batches_that_long_texts_cut_short_are_known() {
        let settings = settings(Duration::Steps(1));
        assert_eq!(cut_short(&[10; 20], &settings), None, "the last holds 4");
        assert_eq!(cut_short(&[30; 20], &settings), Some(3));
        assert_eq!(cut_short(&[500], &settings), None);
        assert_eq!(cut_short(&[], &settings), None);
    }
}
