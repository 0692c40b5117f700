//! What is said to samples while they are written: the model's answer, and
//! the checks.

use eframe::egui::Context;

use super::answers::{Answers, Asked, Waiting};
use super::live_checks::LiveChecks;
use crate::inference::predict_one;
use crate::records::{ModelAnswer, Text};
use crate::session::Shared;
use crate::steps::State;
use crate::steps::sample_checks::said;
use crate::support::{Progress, Result};

/// What is said to samples; nothing where no thread could be started.
#[derive(Default)]
pub struct LiveAnswers {
    /// The model's answers.
    pub live: Option<Live>,
    /// The checks of samples.
    pub checks: Option<LiveChecks>,
}

impl LiveAnswers {
    /// Starts the threads that answer.
    pub fn start(ctx: &Context, shared: &Shared) -> Self {
        Self {
            live: Live::predicting(ctx, shared.clone()).ok(),
            checks: LiveChecks::checking(ctx, shared.clone()).ok(),
        }
    }

    /// Takes in answers, and follows the model in use.
    pub fn follow(&mut self, state: &State) {
        if let Some(live) = &mut self.live {
            live.follow(state);
        }
        if let Some(checks) = &mut self.checks {
            checks.follow(state);
        }
    }
}

/// What the model in use says of single texts.
pub type Live = Answers<Text, ModelAnswer>;

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

fn predict(shared: &Shared, asked: &Asked, text: &Text) -> Result<ModelAnswer> {
    let model = shared.model(asked.run.as_ref(), &Progress::silent())?;
    let tokens = shared.project.workspace.encode(&model, text)?;
    let (logits, _) = predict_one(&model, &tokens)?;
    Ok(said(&model, &logits, asked.temperature))
}
