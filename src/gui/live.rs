//! The model's answer to what is being typed.

use eframe::egui::Context;

use super::answers::{Answers, Asked, Waiting};
use crate::inference::predict_one;
use crate::records::{ModelSaid, Text};
use crate::session::Shared;
use crate::steps::sample_checks::said;
use crate::support::{Progress, Result};

/// What the model in use says of single texts.
pub type Live = Answers<Text, ModelSaid>;

impl Live {
    /// Starts the thread; the model is loaded at the first question.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn predicting(ctx: &Context, shared: Shared) -> std::io::Result<Self> {
        Self::start(
            ctx,
            "live prediction",
            Waiting::Newest,
            move |asked, text| predict(&shared, asked, text),
        )
    }
}

fn predict(shared: &Shared, asked: &Asked, text: &Text) -> Result<ModelSaid> {
    let model = shared.model(asked.run.as_ref(), &Progress::silent())?;
    let tokens = shared.project.workspace.encode(&model, text)?;
    let (logits, _) = predict_one(&model, &tokens)?;
    Ok(said(&model, &logits, asked.temperature))
}
