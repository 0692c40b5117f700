//! The model's answer to what is being typed, from a thread of its own, so
//! that it comes while a retraining runs and never holds up a frame.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui::Context;

use crate::dataset::Text;
use crate::inference::predict_one;
use crate::lessons::ModelSaid;
use crate::session::{ArmRun, Shared, State};
use crate::support::{Progress, Result};
use crate::workflow::sample_checks::said;

/// Answers that are remembered at most.
const MOST_ANSWERS: usize = 500;

/// Which model answers, and how its logits become confidences.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The run that trained it; the base without one.
    pub run: Option<ArmRun>,
    /// Temperature that the logits are divided by.
    pub temperature: f32,
}

impl Asked {
    /// The model in use.
    pub fn of(state: &State) -> Self {
        let round = state.round(state.document.model_round);
        Self {
            run: round.and_then(|result| result.round.model().cloned()),
            temperature: state.effective_temperature(),
        }
    }
}

type Answer = std::result::Result<ModelSaid, String>;

/// Asks the model in use about single texts.
pub struct Live {
    requests: Sender<(Asked, Text)>,
    answers: Receiver<(Asked, Text, Answer)>,
    asked: Asked,
    known: BTreeMap<Text, Answer>,
    waiting: Option<Text>,
}

impl Live {
    /// Starts the thread; the model is loaded at the first question.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(ctx: &Context, shared: Shared) -> std::io::Result<Self> {
        let (requests, questions) = channel::<(Asked, Text)>();
        let (sender, answers) = channel();
        let ctx = ctx.clone();
        std::thread::Builder::new()
            .name("live prediction".into())
            .spawn(move || {
                while let Ok(first) = questions.recv() {
                    // Only the newest question is still of interest.
                    let (asked, text) = questions.try_iter().last().unwrap_or(first);
                    let said = predict(&shared, &asked, &text).map_err(|error| error.to_string());
                    if sender.send((asked, text, said)).is_err() {
                        return;
                    }
                    ctx.request_repaint();
                }
            })?;
        Ok(Self {
            requests,
            answers,
            asked: Asked {
                run: None,
                temperature: 1.0,
            },
            known: BTreeMap::new(),
            waiting: None,
        })
    }

    /// Follows the model in use: answers of another one are forgotten.
    pub fn follow(&mut self, state: &State) {
        let asked = Asked::of(state);
        if asked != self.asked {
            self.asked = asked;
            self.known.clear();
            self.waiting = None;
        }
    }

    /// The model's answer to a text; asks for it if it is not known yet.
    pub fn answer(&mut self, text: &Text) -> Option<&Answer> {
        for (asked, text, said) in self.answers.try_iter() {
            if asked != self.asked {
                continue;
            }
            if self.known.len() >= MOST_ANSWERS {
                self.known.clear();
            }
            self.waiting = None;
            self.known.insert(text, said);
        }
        if !self.known.contains_key(text) && self.waiting.as_ref() != Some(text) {
            // A thread that has ended leaves the text without an answer.
            let sent = self.requests.send((self.asked.clone(), text.clone()));
            self.waiting = sent.is_ok().then(|| text.clone());
        }
        self.known.get(text)
    }
}

fn predict(shared: &Shared, asked: &Asked, text: &Text) -> Result<ModelSaid> {
    let model = shared.model(asked.run.as_ref(), &Progress::silent())?;
    let tokens = shared.project.workspace.encode(&model, text)?;
    let (logits, _) = predict_one(&model, &tokens)?;
    Ok(said(&model, &logits, asked.temperature))
}
