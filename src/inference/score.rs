//! Scoring with our own engine: texts → logits and embeddings.

use std::ops::Range;
use std::sync::OnceLock;

use crate::model::attention::Queries;
use crate::model::encoder::{Scored, ScoringBuffers, Start};
use crate::model::pack::{Pack, PackSize};
use crate::model::{Classifier, TokenizedText};
use crate::support::{Error, Progress, Result};
use crate::training::ActivationCache;

/// Tokens of a pack when scoring: large enough for fast products, small
/// enough to stay in the cache and to answer a cancel at once.
const PACK_TOKENS: usize = 1024;

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
    fn zeroed(model: &Classifier, texts: usize, wanted: Queries) -> Self {
        let classes = model.labels().len();
        let width = match wanted {
            Queries::All => model.hidden_size(),
            Queries::First => 0,
        };
        Self {
            classes,
            logits: vec![0.0; texts * classes],
            width,
            embeddings: vec![0.0; texts * width],
        }
    }

    fn take(&mut self, first: usize, scored: &Scored) {
        copy(&mut self.logits, first * self.classes, scored.logits);
        copy(&mut self.embeddings, first * self.width, scored.embeddings);
    }
}

fn copy(into: &mut [f32], start: usize, from: &[f32]) {
    into[start..start + from.len()].copy_from_slice(from);
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
    in_packs(
        model,
        &lengths,
        last,
        progress,
        |buffers, pack, range, scores| {
            pack.refill(&texts[range.clone()]);
            let scored = buffers.score(model.weights(), pack, Start::Words);
            scores.take(range.start, &scored);
        },
    )
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
    let mut states = Vec::new();
    let lengths = cache.lengths();
    let last = Queries::First;
    in_packs(
        model,
        lengths,
        last,
        progress,
        |buffers, pack, range, scores| {
            pack.refill_lengths(&lengths[range.clone()]);
            states.resize(pack.tokens() * hidden, 0.0);
            for (text, ends) in range.clone().zip(pack.offsets().windows(2)) {
                cache.copy(text, &mut states[ends[0] * hidden..ends[1] * hidden]);
            }
            let start = Start::Block(frozen, &states);
            let scored = buffers.score(model.weights(), pack, start);
            scores.take(range.start, &scored);
        },
    )
}

fn in_packs(
    model: &Classifier,
    lengths: &[usize],
    last: Queries,
    progress: &Progress,
    mut score_pack: impl FnMut(&mut ScoringBuffers, &mut Pack, Range<usize>, &mut Scores),
) -> Result<Scores> {
    let packs = Pack::ranges(lengths, PACK_TOKENS);
    let size = packs
        .iter()
        .map(|range| PackSize::of(lengths[range.clone()].iter().copied()))
        .fold(PackSize::default(), PackSize::max);
    let mut buffers = ScoringBuffers::new(model.config(), size, last);
    let mut scores = Scores::zeroed(model, lengths.len(), last);
    let mut pack = Pack::default();
    progress.stage("scoring", Some(lengths.len() as u64));
    for range in packs {
        progress.check()?;
        let end = range.end;
        score_pack(&mut buffers, &mut pack, range, &mut scores);
        progress.done(end as u64);
    }
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
        let mut buffers = ScoringBuffers::new(model.config(), pack.size(), Queries::All);
        let scored = buffers.score(model.weights(), &pack, Start::Words);
        (scored.logits.to_vec(), scored.embeddings.to_vec())
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
