//! Scoring with our own engine: texts → logits and embeddings.

use std::ops::Range;
use std::sync::OnceLock;

use crate::inference::ActivationCache;
use crate::model::attention::Queries;
use crate::model::encoder::{ScoringBuffers, Start};
use crate::model::pack::Pack;
use crate::model::scoring::{Part, Worker, each_pack};
use crate::model::{Classifier, TokenizedText};
use crate::support::{Error, Progress, Result};

/// What a model says about some texts, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scores {
    /// Number of classes.
    pub classes: usize,
    /// `[texts, classes]`.
    pub logits: Vec<f32>,
    /// Width of an embedding; 0 when only logits were asked for.
    pub width: usize,
    /// Mean of the last hidden states over a text's tokens, not normalised,
    /// `[texts, width]`; empty when only logits were asked for.
    pub embeddings: Vec<f32>,
}

impl Scores {
    /// The logits of each text.
    pub fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.logits.chunks(self.classes.max(1))
    }
}

/// Logits and embeddings of texts, on the threads of the current pool.
///
/// A text's result does not depend on the others. Reports the stage "scoring"
/// in texts.
///
/// # Errors
/// When a text does not fit the model, or when the user cancels.
pub fn score(model: &Classifier, texts: &[TokenizedText], progress: &Progress) -> Result<Scores> {
    from_words(model, texts, Queries::All, progress)
}

/// As [`score`], but logits alone: of the last block only what the classifier
/// reads is computed.
///
/// # Errors
/// When a text does not fit the model, or when the user cancels.
pub fn classify(
    model: &Classifier,
    texts: &[TokenizedText],
    progress: &Progress,
) -> Result<Scores> {
    from_words(model, texts, Queries::First, progress)
}

fn from_words(
    model: &Classifier,
    texts: &[TokenizedText],
    last: Queries,
    progress: &Progress,
) -> Result<Scores> {
    for text in texts {
        model.check_text(text)?;
    }
    let lengths: Vec<usize> = texts.iter().map(TokenizedText::len).collect();
    let part = Part { from: 0, last };
    collect(model, &lengths, part, progress, |worker, range| {
        worker.pack.refill(&texts[range]);
        worker.score(Start::Words)
    })
}

/// As [`classify`], starting from cached hidden states: what Quick retraining
/// leaves to be computed.
///
/// # Errors
/// When the cache does not fit the model's size, or when the user cancels.
pub fn classify_cached(
    model: &Classifier,
    cache: &ActivationCache,
    progress: &Progress,
) -> Result<Scores> {
    let hidden = model.hidden_size();
    let frozen = cache.frozen_layers();
    if cache.width() != hidden || frozen > model.layers() {
        return Err(Error::program(
            "the cached hidden states belong to another model",
        ));
    }
    let lengths = cache.lengths();
    let part = Part {
        from: frozen,
        last: Queries::First,
    };
    collect(model, lengths, part, progress, |worker, range| {
        worker.pack.refill_lengths(&lengths[range.clone()]);
        let mut states = vec![0.0; worker.pack.tokens() * hidden];
        for (text, ends) in range.zip(worker.pack.offsets().windows(2)) {
            cache.copy(text, &mut states[ends[0] * hidden..ends[1] * hidden]);
        }
        worker.score(Start::Block(frozen, &states))
    })
}

/// Logits and embeddings of a pack.
type OfPack = (Vec<f32>, Vec<f32>);

impl Worker<'_> {
    /// Scores the pack, and copies the answers out of the buffers: the next
    /// pack overwrites them.
    fn score(&mut self, start: Start) -> OfPack {
        let scored = self.buffers.score(self.weights, &self.pack, start);
        (scored.logits.to_vec(), scored.embeddings.to_vec())
    }
}

fn collect(
    model: &Classifier,
    lengths: &[usize],
    part: Part,
    progress: &Progress,
    score_pack: impl Fn(&mut Worker<'_>, Range<usize>) -> OfPack + Sync,
) -> Result<Scores> {
    let mut scores = Scores {
        classes: model.labels().len(),
        width: match part.last {
            Queries::All => model.hidden_size(),
            Queries::First => 0,
        },
        ..Scores::default()
    };
    progress.stage("scoring", Some(lengths.len() as u64));
    each_pack(model, lengths, part, progress, score_pack, |_, of_pack| {
        scores.logits.extend(of_pack.0);
        scores.embeddings.extend(of_pack.1);
        Ok(())
    })?;
    Ok(scores)
}

/// Logits and embedding of one text, for live prediction, on a thread of its
/// own (see [`aside`]).
///
/// # Errors
/// When the text does not fit the model.
pub fn predict_one(model: &Classifier, text: &TokenizedText) -> Result<(Vec<f32>, Vec<f32>)> {
    model.check_text(text)?;
    aside(|| {
        let pack = Pack::new([text]);
        let mut worker = Worker {
            buffers: ScoringBuffers::new(model.config(), pack.size(), Queries::All),
            pack,
            weights: model.weights(),
        };
        worker.score(Start::Words)
    })
}

/// Does small work on a thread of its own, off the pool that trains, so that
/// it is quick while a model is being trained.
///
/// # Errors
/// When the thread cannot be started.
pub fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    static THREAD: OnceLock<Option<rayon::ThreadPool>> = OnceLock::new();
    let pool = THREAD.get_or_init(|| {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(1);
        builder.thread_name(|_| "live".into()).build().ok()
    });
    let pool = pool
        .as_ref()
        .ok_or_else(|| Error::program("cannot start a thread for live predictions"))?;
    Ok(pool.install(work))
}
