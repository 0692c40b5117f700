//! What project.toml says about the model and how it is fitted.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::sound;
use crate::support::Result;

/// Most passes that make sense: batches are planned ahead, and many more would
/// never end.
const MOST_EPOCHS: usize = 1000;

/// The model that is taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSpec {
    /// `builtin`, or a folder in Hugging Face layout (relative to the project
    /// or absolute), or `predictions` for a black box whose predictions and
    /// embeddings are imported.
    pub base: String,
}

impl Default for ModelSpec {
    fn default() -> Self {
        Self {
            base: "builtin".to_owned(),
        }
    }
}

/// Where the model comes from, as [`Manifest::model_base`] resolves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelBase {
    /// The encoder embedded in the program.
    Builtin,
    /// A folder in Hugging Face layout.
    Folder(PathBuf),
    /// None: predictions and embeddings are imported.
    Predictions,
}

/// How the base model is fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitSpec {
    /// Passes over the training rows.
    pub epochs: usize,
    /// Peak learning rate of AdamW.
    pub learning_rate: f64,
    /// Examples a step.
    pub batch_size: usize,
    /// Share of the steps over which the learning rate rises, 0 to 1.
    pub warmup: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest gradient norm.
    pub clip_norm: f64,
    /// Probability of dropout, 0 to below 1.
    pub dropout: f64,
    /// Whether word embeddings are trained too.
    pub train_embeddings: bool,
    /// Seed of batches, dropout and the new head.
    pub seed: u64,
}

/// How Quick retraining continues from the base; batches, weight decay,
/// clipping and dropout are those of [`FitSpec`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuickSpec {
    /// Layers that are retrained, counted from the top; those below keep
    /// their weights, and their output is cached.
    pub upper_layers: usize,
    /// Training rows that are seen again beside what is added.
    pub replay: usize,
    /// Passes over both.
    pub epochs: usize,
    /// Peak learning rate of AdamW.
    pub learning_rate: f64,
}

impl Default for QuickSpec {
    fn default() -> Self {
        Self {
            upper_layers: 2,
            replay: 1000,
            epochs: 2,
            learning_rate: 5e-5,
        }
    }
}

impl Default for FitSpec {
    fn default() -> Self {
        Self {
            epochs: 2,
            learning_rate: 5e-5,
            batch_size: 32,
            warmup: 0.1,
            weight_decay: 0.01,
            clip_norm: 1.0,
            dropout: 0.1,
            train_embeddings: false,
            seed: 0,
        }
    }
}

impl FitSpec {
    /// Checks the ranges, in single precision as training takes the numbers.
    pub(super) fn validate(&self) -> Result<()> {
        let [warmup, dropout, weight_decay, clip_norm] =
            [self.warmup, self.dropout, self.weight_decay, self.clip_norm]
                .map(|number| number as f32);
        let share = 0.0..1.0;
        valid_epochs("fit.epochs", self.epochs)?;
        sound("fit.batch_size", "at least 1", self.batch_size >= 1)?;
        valid_learning_rate("fit.learning_rate", self.learning_rate)?;
        sound(
            "fit.warmup",
            "0 or more and below 1",
            share.contains(&warmup),
        )?;
        sound("fit.weight_decay", "0 or more", {
            weight_decay >= 0.0 && weight_decay.is_finite()
        })?;
        sound("fit.clip_norm", "above 0", {
            clip_norm > 0.0 && clip_norm.is_finite()
        })?;
        sound(
            "fit.dropout",
            "0 or more and below 1",
            share.contains(&dropout),
        )
    }
}

impl QuickSpec {
    pub(super) fn validate(&self) -> Result<()> {
        sound("quick.upper_layers", "at least 1", self.upper_layers >= 1)?;
        // The arm without additions sees nothing but the replayed rows.
        sound("quick.replay", "at least 1", self.replay >= 1)?;
        valid_epochs("quick.epochs", self.epochs)?;
        valid_learning_rate("quick.learning_rate", self.learning_rate)
    }
}

fn valid_epochs(name: &str, epochs: usize) -> Result<()> {
    let range = format!("from 1 to {MOST_EPOCHS}");
    sound(name, &range, (1..=MOST_EPOCHS).contains(&epochs))
}

fn valid_learning_rate(name: &str, rate: f64) -> Result<()> {
    let rate = rate as f32;
    sound(name, "above 0 and below 1", rate > 0.0 && rate < 1.0)
}
