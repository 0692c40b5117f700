//! Fine-tuning: the loop over batches, for the whole model or its upper part.

use super::TrainingExample;
use super::adamw::{AdamW, learning_rate, sum_of_squares};
use super::batches::{self, Plan};
use super::settings::TrainingSettings;
use super::words::WordRows;
use crate::model::Classifier;
use crate::model::buffer::Buffer;
use crate::model::encoder::TrainingBuffers;
use crate::model::head::cross_entropy;
use crate::model::kernels::dropout::Dropout;
use crate::model::pack::Pack;
use crate::support::{Error, Progress, Result, rng};

/// Fine-tunes a classifier on labelled texts.
///
/// Reports the stage "training" in steps and the figure "loss" at each.
///
/// # Errors
/// When an example does not fit the model, when the loss or a weight stops
/// being finite, or when the user cancels; the model that was given is
/// unharmed.
pub fn fit(
    model: Classifier,
    examples: &[TrainingExample],
    settings: &TrainingSettings,
    progress: &Progress,
) -> Result<Classifier> {
    fit_until(model, examples, settings, None, progress).map(|(model, _)| model)
}

/// The same, which may end before its time; gives the steps that were taken,
/// too.
///
/// # Errors
/// Also when a look at the model fails.
pub fn fit_until(
    model: Classifier,
    examples: &[TrainingExample],
    settings: &TrainingSettings,
    stopping: Option<Stopping<'_>>,
    progress: &Progress,
) -> Result<(Classifier, usize)> {
    train(
        model,
        Below::Words,
        examples,
        (settings, stopping),
        progress,
    )
}

/// Looks at a model while it is trained, and may end the training.
pub struct Stopping<'a> {
    /// Steps between two looks.
    pub every: usize,
    /// Whether to end; is given the model and the steps so far.
    pub ends: &'a mut (dyn FnMut(&Classifier, usize) -> Result<bool> + Send),
}

/// Where the hidden states that training starts from come from.
pub(crate) trait States: Sync {
    /// Writes the states of an example, `[tokens, hidden]`.
    fn write(&self, example: usize, into: &mut [f32]);
}

/// What lies below the trained part of the model.
#[derive(Clone, Copy)]
pub(crate) enum Below<'a> {
    /// Nothing: everything from the embeddings upwards is trained.
    Words,
    /// Frozen blocks up to this one, whose output is known.
    Frozen(usize, &'a dyn States),
}

/// Trains what lies above `below`; gives the steps that were taken, too.
pub(crate) fn train(
    model: Classifier,
    below: Below,
    examples: &[TrainingExample],
    (settings, stopping): (&TrainingSettings, Option<Stopping<'_>>),
    progress: &Progress,
) -> Result<(Classifier, usize)> {
    settings.check()?;
    check_examples(&model, examples)?;
    let pool = settings.pool()?;
    pool.install(|| Run::new(model, below, examples, settings).finish(stopping, progress))
}

pub(super) fn check_examples(model: &Classifier, examples: &[TrainingExample]) -> Result<()> {
    let classes = model.labels().len();
    if classes < 2 {
        return Err(Error::program("the model has no head to train"));
    }
    if examples.is_empty() {
        return Err(
            Error::input("there is nothing to train on").hint("give some rows the role `train`")
        );
    }
    for example in examples {
        model.check_text(&example.text)?;
        if usize::from(example.label) >= classes {
            return Err(Error::program(format!(
                "an example has the class {} of {classes}",
                example.label
            )));
        }
        if example
            .soft
            .as_ref()
            .is_some_and(|soft| soft.len() != classes)
        {
            return Err(Error::program(
                "an example has not one probability for each label",
            ));
        }
        if !(example.weight.is_finite() && example.weight >= 0.0) {
            return Err(Error::program("an example has no sensible weight"));
        }
    }
    Ok(())
}

pub(super) fn diverged(what: &str, step: usize, steps: usize) -> Error {
    Error::input(format!(
        "{what} not finite any more at step {} of {steps}",
        step + 1
    ))
    .hint("lower learning_rate in project.toml")
}

/// A training run: everything that is allocated once and used at each step.
pub(super) struct Run<'a> {
    pub(super) model: Classifier,
    below: Below<'a>,
    examples: &'a [TrainingExample],
    settings: &'a TrainingSettings,
    pub(super) plan: Plan,
    buffers: TrainingBuffers,
    /// Where the trained part of the body begins.
    from: usize,
    gradients: Buffer,
    adam: AdamW,
    words: Option<WordRows>,
    pack: Pack,
    targets: Vec<&'a TrainingExample>,
    weights: Vec<f32>,
    partials: Vec<f64>,
    randomness: rng::Rng,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        model: Classifier,
        below: Below<'a>,
        examples: &'a [TrainingExample],
        settings: &'a TrainingSettings,
    ) -> Self {
        let lengths: Vec<usize> = examples.iter().map(|e| e.text.len()).collect();
        let plan = batches::plan(&lengths, settings);
        let size = batches::largest(&plan.batches, &lengths);
        let (given, from) = match below {
            Below::Words => (None, 0),
            Below::Frozen(block, _) if block == model.layers() => {
                (Some(block), model.layout().head_range().start)
            }
            Below::Frozen(block, _) => (Some(block), model.layout().block_range(block).start),
        };
        let trains_words = settings.train_word_embeddings && matches!(below, Below::Words);
        let dropout = settings.dropout > 0.0;
        Self {
            buffers: TrainingBuffers::new(model.config(), size, given, dropout),
            gradients: Buffer::zeros(model.layout().body_length() - from),
            adam: AdamW::new(model.layout(), from),
            words: trains_words.then(|| WordRows::new(model.config())),
            randomness: rng::seeded(settings.seed, "dropout"),
            pack: Pack::default(),
            targets: Vec::new(),
            weights: Vec::new(),
            partials: Vec::new(),
            model,
            below,
            examples,
            settings,
            plan,
            from,
        }
    }

    fn finish(
        mut self,
        mut stopping: Option<Stopping<'_>>,
        progress: &Progress,
    ) -> Result<(Classifier, usize)> {
        let steps = self.plan.batches.len();
        let mut taken = 0;
        progress.stage("training", Some(steps as u64));
        for step in 0..steps {
            progress.check()?;
            let loss = self.step(step, learning_rate(self.settings, step, steps));
            if !loss.is_finite() {
                return Err(diverged("the loss is", step, steps));
            }
            progress.figure("loss", step as u64 + 1, loss);
            progress.done(step as u64 + 1);
            taken = step + 1;
            let look = stopping.as_mut().filter(|s| taken % s.every.max(1) == 0);
            if let Some(stopping) = look
                && (stopping.ends)(&self.model, taken)?
            {
                break;
            }
        }
        // No loss is computed after the last step.
        match self.model.is_finite() {
            true => Ok((self.model, taken)),
            false => Err(diverged("a weight is", taken.saturating_sub(1), steps)),
        }
    }

    /// One optimiser step over a batch; gives the loss before it.
    pub(super) fn step(&mut self, batch: usize, rate: f32) -> f64 {
        self.load_batch(batch);
        let dropout = Dropout::next(self.settings.dropout, &mut self.randomness);
        let classes = self.model.labels().len();
        let weights = self.model.weights();
        let logits = self.buffers.forward(weights, &self.pack, dropout);
        let loss = cross_entropy(logits, classes, &self.targets, &self.weights);
        self.buffers
            .backward(weights, &self.pack, dropout, &mut self.gradients);
        let mut squares = sum_of_squares(&self.gradients, &mut self.partials);
        if let Some(words) = &mut self.words {
            squares += words.collect(&self.pack, self.buffers.word_gradients(self.model.config()));
        }
        let update = self.adam.begin(self.settings, rate, squares.sqrt());
        let body = &mut self.model.body_mut()[self.from..];
        self.adam.update(update, body, &self.gradients);
        if let Some(words) = &mut self.words {
            words.update(update, self.model.words_mut());
        }
        loss
    }

    fn load_batch(&mut self, batch: usize) {
        let batch = &self.plan.batches[batch];
        let examples = self.examples;
        self.pack
            .refill(batch.iter().map(|&example| &examples[example].text));
        self.targets.clear();
        self.targets
            .extend(batch.iter().map(|&example| &examples[example]));
        self.weights.clear();
        self.weights
            .extend(batch.iter().map(|&example| examples[example].weight));
        if let Below::Frozen(_, states) = self.below {
            let hidden = self.model.hidden_size();
            let given = self.buffers.given_states();
            for (example, ends) in batch.iter().zip(self.pack.offsets().windows(2)) {
                states.write(*example, &mut given[ends[0] * hidden..ends[1] * hidden]);
            }
        }
    }
}
