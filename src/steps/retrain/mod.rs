//! Retraining the arms of a round: the same steps for all, only what is added
//! differs.

pub mod additions;
pub mod arm_scoring;
pub mod arms;
mod balance;
mod learnt;
pub(crate) mod lesson_tests;
pub mod replay;
mod train;
pub mod units;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::inference::file::Notes;
use crate::inference::{ActivationCache, Predictions};
use crate::model::{Classifier, TokenizedText};
use crate::project::Files;
use crate::records::{Arm, Mode, USUAL_PASSES, Until};
use crate::steps::retrain::additions::Addition;
use crate::steps::retrain::arm_scoring::{ArmScoring, KeptStates};
use crate::steps::retrain::units::Terms;
use crate::steps::score::VISIBLE;
use crate::steps::{Workspace, fit};
use crate::support::tensor_file::Finished;
use crate::support::{Progress, Result};
use crate::training::{
    Duration, QuickSettings, Stopping, TrainingExample, TrainingSettings, fit_until, quick_until,
    replayed, steps_for,
};

/// A model retrained for one arm with one seed.
pub struct Retrained {
    /// The model, its weights rounded as in the checkpoint: what is compared
    /// is what is kept.
    pub model: Classifier,
    /// Optimiser steps.
    pub steps: usize,
    /// Examples added.
    pub added: usize,
    /// Seconds of training.
    pub seconds: f64,
}

/// What all arms of a round share.
pub struct Retraining<'a> {
    /// What was known before anything was computed.
    pub terms: Terms<'a>,
    /// Settings of Quick.
    quick: QuickSettings,
    /// Settings of Full: those of the base's fit.
    full: TrainingSettings,
    rows: Vec<TrainingExample>,
    states: KeptStates<'a>,
    /// Of the seed trained last; its arms come one after the other.
    replay: Mutex<Option<Arc<Replay>>>,
    /// Steps that the arm which sets the pace took with a seed.
    paces: Mutex<BTreeMap<u64, usize>>,
    scoring: ArmScoring<'a>,
}

/// The training rows that Quick replays with a seed.
struct Replay {
    seed: u64,
    rows: Vec<TrainingExample>,
    /// Output of the frozen lower blocks for them.
    cached: ActivationCache,
}

impl<'a> Retraining<'a> {
    /// Prepares a round over the training rows `rows`: for Quick, runs the lower blocks over the rows that
    /// are scored afterwards, or maps what an earlier round left.
    ///
    /// # Errors
    /// When hidden states cannot be kept, or when
    /// cancelled.
    pub fn prepare(
        terms: Terms<'a>,
        rows: Vec<TrainingExample>,
        files: &'a Files,
        progress: &Progress,
    ) -> Result<Self> {
        let Terms {
            workspace, base, ..
        } = terms;
        let quick = quick_settings_for(terms);
        fit::tell_short_batches(&rows, &quick.training, progress);
        let full = fit::settings_like_the_base(&workspace.manifest.fit, terms.curve, &rows);
        let states = KeptStates::new(files, workspace, (base, terms.base_id));
        let scored = (states, "scored");
        let scoring = ArmScoring::prepare(workspace, base, &VISIBLE, terms.mode, scored, progress)?;
        Ok(Self {
            terms,
            quick,
            full,
            rows,
            states,
            replay: Mutex::default(),
            paces: Mutex::default(),
            scoring,
        })
    }

    /// Trains one arm with one seed; `None` when the arm has nothing to add.
    ///
    /// # Errors
    /// When a text does not fit the model, or when cancelled.
    pub fn train(&self, arm: &Arm, seed: u64, progress: &Progress) -> Result<Option<Retrained>> {
        let Some(additions) = self.terms.pool.additions(arm, self.terms.n, seed) else {
            return Ok(None);
        };
        let added = self.examples(&additions)?;
        if self.terms.mode == Mode::Quick {
            self.replay(seed, progress)?;
        }
        let began = Instant::now();
        let (model, steps) = match self.terms.pool.recipe.until {
            Until::Passes => self.run(&added, (seed, None), progress)?,
            Until::Learnt => self.run_until_learnt((arm, &added), seed, progress)?,
        };
        let seconds = began.elapsed().as_secs_f64();
        Ok(Some(Retrained {
            model: model.rounded(&*self.starts_from()?)?,
            steps,
            added: added.len(),
            seconds,
        }))
    }

    /// The model whose weights the arms start from.
    fn starts_from(&self) -> Result<Arc<Classifier>> {
        match self.terms.mode {
            Mode::Quick => Ok(Arc::clone(self.terms.base)),
            Mode::Full => self.terms.workspace.pretrained(),
        }
    }

    /// Writes what differs from the weights that a retrained model started
    /// from: after Quick the upper layers. Gives the model whose weights lie
    /// there now: this one, unless another process has finished the same
    /// training before, maybe on a processor that rounds otherwise.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&self, model: Classifier, path: &Path, notes: &Notes) -> Result<Classifier> {
        let started_from = self.starts_from()?;
        match model.offer_checkpoint(&started_from, path, notes)? {
            Finished::Ours(_) => Ok(model),
            Finished::Theirs(weights) => started_from.with_checkpoint(&weights),
        }
    }

    /// Draws the rows that are replayed with a seed and runs the lower blocks
    /// over them, or maps what an earlier round left.
    fn replay(&self, seed: u64, progress: &Progress) -> Result<Arc<Replay>> {
        // The slot is filled last, so that a panic leaves it whole.
        let mut slot = self.replay.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(replay) = slot.as_ref().filter(|replay| replay.seed == seed) {
            return Ok(Arc::clone(replay));
        }
        let mut quick = self.quick.clone();
        quick.training.seed = seed;
        let chosen = replayed(self.rows.len(), &quick);
        let label = match chosen.len() == self.rows.len() {
            true => "train".to_owned(),
            false => format!("replay-{seed}"),
        };
        let rows: Vec<_> = chosen.iter().map(|&row| self.rows[row].clone()).collect();
        let texts: Vec<TokenizedText> = rows.iter().map(|row| row.text.clone()).collect();
        let cached = self.states.of(&label, &texts, progress)?;
        let replay = Arc::new(Replay { seed, rows, cached });
        *slot = Some(Arc::clone(&replay));
        Ok(replay)
    }

    /// One training, which `stopping` may end early.
    fn run(
        &self,
        added: &[TrainingExample],
        (seed, stopping): (u64, Option<Stopping<'_>>),
        progress: &Progress,
    ) -> Result<(Classifier, usize)> {
        match self.terms.mode {
            Mode::Quick => {
                let replay = self.replay(seed, progress)?;
                let mut settings = self.quick.clone();
                settings.training = self.schedule(&replay.rows, settings.training, seed);
                let rows = (replay.rows.as_slice(), &replay.cached);
                quick_until(
                    self.terms.base,
                    rows,
                    added,
                    (&settings, stopping),
                    progress,
                )
            }
            Mode::Full => {
                let settings = self.schedule(&self.rows, self.full.clone(), seed);
                let examples: Vec<_> = self.rows.iter().chain(added).cloned().collect();
                let pretrained = (*self.terms.workspace.pretrained()?).clone();
                fit_until(pretrained, &examples, &settings, stopping, progress)
            }
        }
    }

    /// The settings with the steps that all arms take at most.
    fn schedule(
        &self,
        rows: &[TrainingExample],
        mut settings: TrainingSettings,
        seed: u64,
    ) -> TrainingSettings {
        let recipe = self.terms.pool.recipe;
        if recipe.until == Until::Learnt && self.terms.pace.is_some() {
            settings.duration = Duration::Epochs(recipe.most_passes);
        }
        settings.duration = Duration::Steps(common_steps(rows, self.terms.n, &settings));
        settings.seed = seed;
        settings
    }

    fn steps_of_a_pass(&self, seed: u64, progress: &Progress) -> Result<usize> {
        let one = |settings: TrainingSettings| TrainingSettings {
            duration: Duration::Epochs(1),
            ..settings
        };
        Ok(match self.terms.mode {
            Mode::Quick => {
                let replay = self.replay(seed, progress)?;
                let settings = one(self.quick.training.clone());
                common_steps(&replay.rows, self.terms.n, &settings)
            }
            Mode::Full => {
                let settings = one(self.full.clone());
                common_steps(&self.rows, self.terms.n, &settings)
            }
        })
    }

    fn examples(&self, additions: &[Addition]) -> Result<Vec<TrainingExample>> {
        additions
            .iter()
            .map(|addition| {
                Ok(TrainingExample {
                    text: self
                        .terms
                        .workspace
                        .encode(self.terms.base, &addition.text)?,
                    label: addition.label,
                    soft: None,
                    weight: self.terms.pool.recipe.sample_weight as f32,
                })
            })
            .collect()
    }

    /// Scores a retrained model on every role but *final*.
    ///
    /// # Errors
    /// When cancelled.
    pub fn score(&self, model: &Classifier, progress: &Progress) -> Result<Predictions> {
        self.scoring.score(model, progress)
    }
}

/// The settings of Quick for a project and a base of some layers, all of which
/// are retrained where more are wanted. Word embeddings lie below them.
pub fn quick_settings(workspace: &Workspace, layers: usize) -> QuickSettings {
    let spec = &workspace.manifest.quick;
    QuickSettings {
        upper_layers: spec.upper_layers.min(layers),
        replay: spec.replay,
        training: TrainingSettings {
            learning_rate: spec.learning_rate as f32,
            duration: Duration::Epochs(spec.epochs.unwrap_or(USUAL_PASSES)),
            train_word_embeddings: false,
            ..fit::settings(&workspace.manifest.fit)
        },
    }
}

/// The same where every arm adds `n` examples: replay may grow with them.
fn quick_settings_for(terms: Terms<'_>) -> QuickSettings {
    let settings = quick_settings(terms.workspace, terms.base.layers());
    let for_each = terms.workspace.manifest.retrain.replay_per_sample;
    QuickSettings {
        replay: settings
            .replay
            .max((for_each * terms.n as f64).ceil() as usize),
        ..settings
    }
}

/// Optimiser steps that every arm of a round takes: as many as passes over the
/// rows and `n` examples of their mean length need. How long the added
/// examples of an arm are does not count, or teachers who write long texts
/// would get more steps than others.
fn common_steps(rows: &[TrainingExample], n: usize, settings: &TrainingSettings) -> usize {
    let lengths = rows.iter().map(|row| row.text.len());
    let mean = lengths.clone().sum::<usize>().div_ceil(rows.len().max(1));
    let lengths: Vec<usize> = lengths.chain(std::iter::repeat_n(mean, n)).collect();
    steps_for(&lengths, settings)
}

#[cfg(test)]
mod tests {
    use crate::steps::retrain::*;

    fn rows(count: usize, tokens: usize) -> Vec<TrainingExample> {
        let text = TokenizedText {
            ids: vec![1; tokens],
            type_ids: vec![0; tokens],
        };
        let row = TrainingExample {
            text,
            label: 0,
            soft: None,
            weight: 1.0,
        };
        vec![row; count]
    }

    #[test]
    fn long_texts_give_the_arms_as_many_passes_as_the_fit_of_the_base() {
        let settings = TrainingSettings {
            duration: Duration::Epochs(2),
            batch_examples: 32,
            batch_tokens: 4096,
            ..TrainingSettings::default()
        };
        let fit_of_the_base = steps_for(&[512; 40], &settings);
        assert_eq!(fit_of_the_base, 2 * 40 / 8);
        assert_eq!(common_steps(&rows(40, 512), 0, &settings), fit_of_the_base);
        assert_eq!(common_steps(&rows(40, 512), 16, &settings), 2 * 56 / 8);
    }

    #[test]
    fn batches_that_close_at_their_number_of_examples_are_counted_by_it() {
        let settings = TrainingSettings::default();
        for n in [0_usize, 28, 29] {
            let expected = 2 * (100 + n).div_ceil(settings.batch_examples);
            assert_eq!(common_steps(&rows(100, 128), n, &settings), expected);
        }
    }
}
