//! Quick retraining: the upper blocks and the head continue from the base on
//! what was added and on a replayed part of the training rows, the lower
//! blocks stay frozen and their output comes from a cache.

use rand::seq::index;

use super::TrainingExample;
use super::fit::{Below, States, Stopping, train};
use super::settings::QuickSettings;
use crate::inference::ActivationCache;
use crate::model::{Classifier, TokenizedText};
use crate::support::{Error, Progress, Result, rng};

/// Retrains the upper blocks of `base` on training rows that are replayed (see
/// [`replayed`]) and on what was added.
///
/// `cache` holds the states of the texts of `rows`, in their order. The number
/// of steps is `settings.training.duration`'s, over both together.
///
/// # Errors
/// When the cache belongs to another model or other rows, an example does not
/// fit the model, or the user cancels.
pub fn quick(
    base: &Classifier,
    rows: &[TrainingExample],
    cache: &ActivationCache,
    added: &[TrainingExample],
    settings: &QuickSettings,
    progress: &Progress,
) -> Result<Classifier> {
    quick_until(base, (rows, cache), added, (settings, None), progress).map(|(model, _)| model)
}

/// The same, which may end before its time; gives the steps that were taken,
/// too.
///
/// # Errors
/// Also when a look at the model fails.
pub fn quick_until(
    base: &Classifier,
    (rows, cache): (&[TrainingExample], &ActivationCache),
    added: &[TrainingExample],
    (settings, stopping): (&QuickSettings, Option<Stopping<'_>>),
    progress: &Progress,
) -> Result<(Classifier, usize)> {
    if cache.len() != rows.len() || cache.frozen_layers() + settings.upper_layers != base.layers() {
        return Err(Error::program(
            "the cached hidden states do not fit the training rows or the settings",
        ));
    }
    let texts: Vec<TokenizedText> = added.iter().map(|e| e.text.clone()).collect();
    let pool = settings.training.pool()?;
    let fresh =
        pool.install(|| ActivationCache::build(base, &texts, settings.upper_layers, progress))?;
    let examples: Vec<TrainingExample> = rows.iter().chain(added).cloned().collect();
    let states = Mixed {
        replayed: cache,
        fresh: &fresh,
    };
    let below = Below::Frozen(cache.frozen_layers(), &states);
    let how = (&settings.training, stopping);
    train(base.clone(), below, &examples, how, progress)
}

/// Numbers of the training rows that are replayed, ascending. Which ones
/// depends on the seed and on the number of rows alone, so that the arms of a
/// comparison replay the same ones.
pub fn replayed(rows: usize, settings: &QuickSettings) -> Vec<usize> {
    let mut generator = rng::seeded(settings.training.seed, "replay");
    let count = settings.replay.min(rows);
    let mut chosen = index::sample(&mut generator, rows, count).into_vec();
    chosen.sort_unstable();
    chosen
}

impl States for ActivationCache {
    fn write(&self, example: usize, into: &mut [f32]) {
        self.copy(example, into);
    }
}

/// States of the replayed rows, then of the added examples.
struct Mixed<'a> {
    replayed: &'a ActivationCache,
    fresh: &'a ActivationCache,
}

impl States for Mixed<'_> {
    fn write(&self, example: usize, into: &mut [f32]) {
        match example.checked_sub(self.replayed.len()) {
            None => self.replayed.copy(example, into),
            Some(added) => self.fresh.copy(added, into),
        }
    }
}
