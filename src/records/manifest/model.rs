//! What project.toml says about the model and how it is fitted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The model that is taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSpec {
    /// `builtin`, or a folder in Hugging Face layout (relative to the project
    /// or absolute), or `predictions` for a black box whose predictions and
    /// embeddings are imported.
    pub base: String,
    /// Whether a model that brings a classification head is fitted anew on
    /// *train*. Otherwise it is the base as it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub refit: bool,
    /// What the classes of the model's head mean where their names are not
    /// those of the labels: class → label. An empty label leaves the class
    /// out: its probability is shared out among the others.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl Default for ModelSpec {
    fn default() -> Self {
        Self {
            base: "builtin".to_owned(),
            refit: false,
            labels: BTreeMap::new(),
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
    /// Examples a step; fewer where texts are so long that a batch of them
    /// would be too large for memory.
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
