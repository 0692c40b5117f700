//! Fine-tuning for as long as *validation* gains by it.

use super::adamw::learning_rate;
use super::fit::{Below, Run, check_examples, diverged};
use super::settings::{Duration, Schedule, TrainingSettings};
use super::{TrainingExample, batches};
use crate::inference::classify;
use crate::model::{Classifier, TokenizedText};
use crate::records::{AfterPass, FitCurve};
use crate::support::{Error, Progress, Result};

/// What the live figure of right answers on *validation* is called.
pub const VALIDATION_ACCURACY: &str = "validation accuracy";

/// How long training may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Passes without a gain after which it ends.
    pub passes: usize,
    /// Passes after which it ends in any case.
    pub most: usize,
}

/// A model that was fitted under watch.
pub struct Watched {
    /// The model of the best pass.
    pub model: Classifier,
    /// How it came about.
    pub curve: FitCurve,
}

/// Fine-tunes a classifier on examples until *validation* stops gaining: the learning rate
/// rises and is held; after `patience.passes` passes in a row that did not
/// lower the loss, training goes back to the best pass and takes one more, in
/// which the rate falls to 0, and which counts if it lowers the loss again.
///
/// `settings` says all but how long and how the learning rate moves. Reports
/// one stage for all passes that there may be, in steps, which is named after
/// the pass that is at work, and the figures "loss", "validation loss"
/// and "validation accuracy".
///
/// # Errors
/// As [`super::fit`], and when there is nothing to watch.
pub fn fit_watched(
    model: Classifier,
    (examples, validation): (&[TrainingExample], &[TrainingExample]),
    settings: &TrainingSettings,
    patience: Patience,
    progress: &Progress,
) -> Result<Watched> {
    check_examples(&model, examples)?;
    if validation.is_empty() {
        return Err(Error::program("no rows to watch while fitting"));
    }
    // One more than can be taken at the full rate: that in which it falls.
    let settings = TrainingSettings {
        duration: Duration::Epochs(patience.most.saturating_add(1)),
        schedule: schedule(examples, settings, patience.passes),
        ..settings.clone()
    };
    settings.check()?;
    let pool = settings.pool()?;
    pool.install(|| {
        let run = Run::new(model, Below::Words, examples, &settings);
        let validation = Validation::new(validation);
        Watch {
            settings: &settings,
            validation,
            run,
            progress,
        }
        .finish(patience)
    })
}

/// The schedule of a run that is watched, and of any run that is to be like
/// it: the rate rises for the share `warmup` of the shortest run there can be,
/// and falls for a pass.
pub fn schedule(
    examples: &[TrainingExample],
    settings: &TrainingSettings,
    patience: usize,
) -> Schedule {
    let lengths: Vec<usize> = examples.iter().map(|e| e.text.len()).collect();
    let pass = batches::one_pass(&lengths, settings).batches.len();
    let shortest = (pass * (patience + 1)) as f32;
    Schedule::Held {
        rising: (settings.warmup * shortest).ceil() as usize,
        falling: pass,
    }
}

struct Watch<'a> {
    settings: &'a TrainingSettings,
    validation: Validation<'a>,
    run: Run<'a>,
    progress: &'a Progress,
}

impl Watch<'_> {
    fn finish(mut self, patience: Patience) -> Result<Watched> {
        let mut passes: Vec<AfterPass> = Vec::new();
        let mut best: Option<(usize, Classifier)> = None;
        // One stage for all: how many passes it takes shows only at its end.
        let steps = self.run.plan.ends.last().copied().unwrap_or(0);
        self.progress.stage("training", Some(steps as u64));
        while passes.len() < patience.most {
            let pass = passes.len();
            self.pass(pass, false)?;
            let said = self.validation.ask(&self.run.model, pass, self.progress)?;
            let so_far = best.as_ref().map(|(pass, _)| *pass);
            let gains = so_far.is_none_or(|best| said.loss < passes[best].loss);
            passes.push(said);
            if gains {
                best = Some((pass, self.run.model.clone()));
            } else if so_far.is_some_and(|best| pass - best >= patience.passes) {
                break;
            }
        }
        let held = passes.len();
        let (mut best, kept) = best.ok_or_else(|| Error::program("training took no pass"))?;
        let mut length = best + 1;
        self.run.model = kept.clone();
        self.pass(held, true)?;
        let said = self.validation.ask(&self.run.model, held, self.progress)?;
        let gains = said.loss < passes[best].loss;
        passes.push(said);
        let mut model = kept;
        if gains {
            best = held;
            length += 1;
            model = self.run.model;
        }
        let curve = FitCurve {
            passes,
            best,
            length,
        };
        Ok(Watched { model, curve })
    }

    /// One pass over the examples, at the full learning rate or letting it
    /// fall to 0.
    fn pass(&mut self, pass: usize, falling: bool) -> Result<()> {
        let ends = &self.run.plan.ends;
        let begin = pass.checked_sub(1).map_or(0, |before| ends[before]);
        let end = ends[pass];
        // Away from its end the schedule holds the rate.
        let steps = if falling { end } else { usize::MAX };
        self.progress.renamed(match falling {
            false => format!("training, pass {} of at most {}", pass + 1, ends.len()),
            true => "training, last pass".to_owned(),
        });
        for step in begin..end {
            self.progress.check()?;
            let rate = learning_rate(self.settings, step, steps);
            let loss = self.run.step(step, rate);
            if !loss.is_finite() {
                return Err(diverged("the loss is", step, end));
            }
            self.progress.figure("loss", step as u64 + 1, loss);
            self.progress.done(step as u64 + 1);
        }
        match self.run.model.is_finite() {
            true => Ok(()),
            false => Err(diverged("a weight is", end - 1, end)),
        }
    }
}

/// The rows that are watched.
struct Validation<'a> {
    rows: &'a [TrainingExample],
    texts: Vec<TokenizedText>,
}

impl<'a> Validation<'a> {
    fn new(rows: &'a [TrainingExample]) -> Self {
        let texts = rows.iter().map(|row| row.text.clone()).collect();
        Self { rows, texts }
    }

    fn ask(&self, model: &Classifier, pass: usize, progress: &Progress) -> Result<AfterPass> {
        let scores = classify(model, &self.texts, &progress.cancel_only())?;
        let (mut loss, mut right) = (0.0, 0_usize);
        for (row, logits) in self.rows.iter().zip(scores.rows()) {
            let label = usize::from(row.label);
            loss -= log_likelihood(logits, label);
            right += usize::from(logits.iter().all(|logit| *logit <= logits[label]));
        }
        let rows = self.rows.len() as f64;
        let said = AfterPass {
            loss: loss / rows,
            accuracy: right as f64 / rows,
        };
        let pass = pass as u64 + 1;
        progress.figure("validation loss", pass, said.loss);
        progress.figure(VALIDATION_ACCURACY, pass, said.accuracy);
        Ok(said)
    }
}

/// Logarithm of a class's softmax.
fn log_likelihood(logits: &[f32], label: usize) -> f64 {
    let top = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f64 = logits.iter().map(|x| f64::from(x - top).exp()).sum();
    f64::from(logits[label] - top) - sum.ln()
}
