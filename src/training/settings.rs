//! How to train.

use serde::{Deserialize, Serialize};

use crate::support::{Error, Result};

/// How long to train.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duration {
    /// Passes over the examples.
    Epochs(usize),
    /// Optimiser steps, however many passes that makes: what the arms of a
    /// comparison share.
    Steps(usize),
}

/// How the learning rate moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// It rises for the share `warmup` of the steps and then falls to 0 in a
    /// line.
    #[default]
    Falling,
    /// It rises, stays at its peak, and falls to 0 in a line at the end: a run
    /// whose length is not known beforehand (Hägele and others,
    /// arXiv 2405.18392).
    Held {
        /// Steps in which it rises.
        rising: usize,
        /// Steps in which it falls.
        falling: usize,
    },
}

impl Schedule {
    fn is_falling(&self) -> bool {
        *self == Self::Falling
    }
}

/// Settings of fine-tuning; the defaults are those of BERT's authors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingSettings {
    /// Peak of the learning rate.
    pub learning_rate: f32,
    /// How long to train.
    pub duration: Duration,
    /// Examples of a batch.
    pub batch_examples: usize,
    /// Most tokens of a batch; a batch of long texts holds fewer examples.
    pub batch_tokens: usize,
    /// Share of the steps in which the learning rate rises from 0.
    pub warmup: f32,
    /// How the learning rate moves. What is the rule in most runs is not
    /// spelled out where settings name a stored result.
    #[serde(skip_serializing_if = "Schedule::is_falling")]
    pub schedule: Schedule,
    /// Decoupled weight decay, per step and learning rate.
    pub weight_decay: f32,
    /// Longest gradient over all trained weights; 0 for no clipping.
    pub clip_norm: f32,
    /// Probability of dropout, in the places where BERT has it.
    pub dropout: f32,
    /// Whether the word embeddings are trained too (only rows of words that a
    /// batch holds are touched).
    pub train_word_embeddings: bool,
    /// Decides the order of the examples and the dropout.
    pub seed: u64,
    /// Threads; 0 for as many as the machine has.
    pub threads: usize,
}

impl Default for TrainingSettings {
    fn default() -> Self {
        Self {
            learning_rate: 5e-5,
            duration: Duration::Epochs(2),
            batch_examples: 32,
            batch_tokens: 4096,
            warmup: 0.1,
            schedule: Schedule::Falling,
            weight_decay: 0.01,
            clip_norm: 1.0,
            dropout: 0.1,
            train_word_embeddings: false,
            seed: 0,
            threads: 0,
        }
    }
}

impl TrainingSettings {
    /// Checks that the settings make sense.
    ///
    /// # Errors
    /// Names the first setting that does not.
    pub fn check(&self) -> Result<()> {
        let share = |x: f32| (0.0..1.0).contains(&x);
        let faults = [
            (
                !(self.learning_rate > 0.0 && self.learning_rate < 1.0),
                "learning_rate must lie between 0 and 1",
            ),
            (
                self.batch_examples == 0,
                "batch_examples must be at least 1",
            ),
            (self.batch_tokens == 0, "batch_tokens must be at least 1"),
            (!share(self.warmup), "warmup must lie between 0 and 1"),
            (!share(self.dropout), "dropout must lie between 0 and 1"),
            (
                !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()),
                "weight_decay must not be negative",
            ),
            (
                !(self.clip_norm >= 0.0 && self.clip_norm.is_finite()),
                "clip_norm must not be negative",
            ),
        ];
        match faults.iter().find(|(wrong, _)| *wrong) {
            Some((_, fault)) => Err(Error::input(*fault).hint("correct it in project.toml")),
            None => Ok(()),
        }
    }

    /// A pool of `threads` threads for the work.
    pub(crate) fn pool(&self) -> Result<rayon::ThreadPool> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .thread_name(|i| format!("training-{i}"))
            .build()
            .map_err(|e| Error::program("cannot start threads").because(e))
    }
}

/// Settings of Quick retraining.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuickSettings {
    /// Blocks that are retrained, counted from the top; those below keep
    /// their weights, and their output is cached.
    pub upper_layers: usize,
    /// Training rows that are seen again beside what is added.
    pub replay: usize,
    /// All else.
    pub training: TrainingSettings,
}

impl Default for QuickSettings {
    fn default() -> Self {
        Self {
            upper_layers: 2,
            replay: 1000,
            training: TrainingSettings::default(),
        }
    }
}
