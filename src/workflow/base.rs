//! The reference base: fitted here or shipped with the project.

use std::path::Path;
use std::time::Instant;

use super::workspace::Workspace;
use crate::model::{Classifier, Precision};
use crate::records::{FitSpec, Role};
use crate::support::{Error, Progress, Result};
use crate::training::{Duration, TrainingExample, TrainingSettings, fit};

/// A base model with the checkpoint it is made from again.
pub struct Fitted {
    /// The model, its weights rounded as in the checkpoint.
    pub model: Classifier,
    /// Its checkpoint in half precision, on top of the pretrained encoder.
    pub checkpoint: Vec<u8>,
    /// Seconds of training.
    pub seconds: f64,
}

/// Fine-tunes the pretrained encoder on *train*.
///
/// The result is rounded to half precision at once, so that the model in
/// memory and the one read back from its checkpoint are the same.
///
/// # Errors
/// When the project has no model or no training rows, or when cancelled.
pub fn fit_base(workspace: &Workspace, progress: &Progress) -> Result<Fitted> {
    let examples = training_rows(workspace, progress)?;
    let settings = settings(&workspace.manifest.fit);
    let pretrained = workspace.pretrained()?;
    let began = Instant::now();
    let model = fit((*pretrained).clone(), &examples, &settings, progress)?;
    let seconds = began.elapsed().as_secs_f64();
    let (model, checkpoint) = rounded(&model, &pretrained)?;
    Ok(Fitted {
        model,
        checkpoint,
        seconds,
    })
}

/// A trained model rounded to half precision, and its checkpoint on top of the
/// pretrained encoder, which gives the same model again.
///
/// # Errors
/// When the two differ in their sizes.
pub(super) fn rounded(
    trained: &Classifier,
    pretrained: &Classifier,
) -> Result<(Classifier, Vec<u8>)> {
    let checkpoint = trained.checkpoint(pretrained, Precision::F16)?;
    let model = pretrained.restore(&checkpoint, Path::new("the trained model"))?;
    Ok((model, checkpoint))
}

/// The rows of *train*, ready for training, in the order of the data.
///
/// # Errors
/// When there are none.
pub fn training_rows(workspace: &Workspace, progress: &Progress) -> Result<Vec<TrainingExample>> {
    let tokens = workspace.tokens(progress)?;
    let rows = workspace.dataset.with_role(Role::Train);
    if rows.is_empty() {
        return Err(Error::input("no row has the role `train`")
            .hint("give some rows that role, or let the program draw roles"));
    }
    Ok(rows
        .into_iter()
        .map(|index| TrainingExample {
            text: tokens[index].clone(),
            label: workspace.dataset.examples[index].label,
            weight: 1.0,
        })
        .collect())
}

/// The training settings that project.toml asks for.
pub fn settings(spec: &FitSpec) -> TrainingSettings {
    TrainingSettings {
        learning_rate: spec.learning_rate as f32,
        duration: Duration::Epochs(spec.epochs),
        batch_examples: spec.batch_size,
        warmup: spec.warmup as f32,
        weight_decay: spec.weight_decay as f32,
        clip_norm: spec.clip_norm as f32,
        dropout: spec.dropout as f32,
        train_word_embeddings: spec.train_embeddings,
        seed: spec.seed,
        ..TrainingSettings::default()
    }
}
