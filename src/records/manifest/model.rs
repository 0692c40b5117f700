//! What project.toml says about the model and how it is fitted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    /// out: its probability is shared out among the others. The probabilities
    /// of several classes of one label are added up.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// How a model is used that brings a classification head.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// As [`ModelSpec::refit`].
    pub refit: bool,
    /// As [`ModelSpec::labels`].
    pub labels: BTreeMap<String, String>,
}

impl ModelUse {
    /// What settings say of it.
    pub fn of(spec: &ModelSpec) -> Self {
        Self {
            refit: spec.refit,
            labels: spec.labels.clone(),
        }
    }

    /// Lets settings say it.
    pub fn put_into(&self, spec: &mut ModelSpec) {
        spec.refit = self.refit;
        spec.labels.clone_from(&self.labels);
    }
}

impl fmt::Display for ModelUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.refit {
            return f.write_str("fitted anew on train");
        }
        f.write_str("as it is")?;
        for (class, label) in &self.labels {
            match label.as_str() {
                "" => write!(f, "; `{class}` is left out")?,
                label => write!(f, "; `{class}` is `{label}`")?,
            }
        }
        Ok(())
    }
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

/// How often the training rows are passed over: in project.toml a number, or
/// `"auto"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Epochs {
    /// So many times.
    Fixed(usize),
    /// For as long as the loss on *validation* falls.
    #[default]
    Auto,
}

const AUTO: &str = "auto";

impl std::fmt::Display for Epochs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed(epochs) => epochs.fmt(f),
            Self::Auto => AUTO.fmt(f),
        }
    }
}

impl Serialize for Epochs {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(epochs) => epochs.serialize(serializer),
            Self::Auto => AUTO.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Epochs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrAuto;
        impl Visitor<'_> for NumberOrAuto {
            type Value = Epochs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number of passes, or \"auto\"")
            }

            fn visit_u64<E: serde::de::Error>(self, epochs: u64) -> Result<Epochs, E> {
                let number = || E::invalid_value(Unexpected::Unsigned(epochs), &self);
                usize::try_from(epochs)
                    .map(Epochs::Fixed)
                    .map_err(|_| number())
            }

            fn visit_i64<E: serde::de::Error>(self, epochs: i64) -> Result<Epochs, E> {
                let number = || E::invalid_value(Unexpected::Signed(epochs), &self);
                usize::try_from(epochs)
                    .map(Epochs::Fixed)
                    .map_err(|_| number())
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Epochs, E> {
                match word {
                    AUTO => Ok(Epochs::Auto),
                    other => Err(E::invalid_value(Unexpected::Str(other), &self)),
                }
            }
        }
        deserializer.deserialize_any(NumberOrAuto)
    }
}

const USUAL_PATIENCE: usize = 2;
const USUAL_LIMIT: usize = 20;

/// What is usual is not spelled out: a project's stored results are named by
/// its settings, and earlier versions did not know of these.
fn is_usual_patience(patience: &usize) -> bool {
    *patience == USUAL_PATIENCE
}

fn is_usual_limit(most: &usize) -> bool {
    *most == USUAL_LIMIT
}

/// How the base model is fitted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitSpec {
    /// Passes over the training rows.
    pub epochs: Epochs,
    /// Passes without a gain on *validation* after which `auto` ends.
    #[serde(skip_serializing_if = "is_usual_patience")]
    pub patience: usize,
    /// Passes after which `auto` ends in any case.
    #[serde(skip_serializing_if = "is_usual_limit")]
    pub most_epochs: usize,
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

/// Passes of Quick where nobody says how many and there is no lesson to learn.
pub const USUAL_PASSES: usize = 2;

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
    /// Passes over both; when left out, until the lessons are learnt
    /// ([`Until::Learnt`](crate::records::Until::Learnt)), and [`USUAL_PASSES`]
    /// where there are none.
    pub epochs: Option<usize>,
    /// Peak learning rate of AdamW.
    pub learning_rate: f64,
}

impl Default for QuickSpec {
    fn default() -> Self {
        Self {
            upper_layers: 3,
            replay: 1000,
            epochs: None,
            learning_rate: 5e-5,
        }
    }
}

impl Default for FitSpec {
    fn default() -> Self {
        Self {
            epochs: Epochs::Auto,
            patience: USUAL_PATIENCE,
            most_epochs: USUAL_LIMIT,
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
