//! Scoring many texts: every thread works on packs of its own, so that none
//! waits for another inside a block; results are handed out in order.

use std::ops::Range;

use super::attention::Queries;
use super::classifier::Classifier;
use super::encoder::{ScoringBuffers, Weights};
use super::in_order::{in_order, serial_pool};
use super::pack::{Pack, PackSize};
use crate::support::{Progress, Result};

/// Tokens of a pack: large enough for fast products, small enough to stay in
/// the cache and to answer a cancel at once.
const PACK_TOKENS: usize = 512;

/// From how many packs on it pays to lay the weights out for scoring.
const MANY_PACKS: usize = 8;

/// One thread's buffers, and the weights as scoring reads them.
pub(crate) struct Worker<'a> {
    /// See [`ScoringBuffers`].
    pub(crate) buffers: ScoringBuffers,
    /// To be filled with the texts of a range.
    pub(crate) pack: Pack,
    /// The model.
    pub(crate) weights: Weights<'a>,
}

/// Which part of the model is run.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// The first block.
    pub(crate) from: usize,
    /// What the last block computes.
    pub(crate) last: Queries,
}

/// Divides texts of these lengths into packs, works on them on as many threads
/// as the current pool has, and hands each range with its result to `take`, in
/// order. Reports finished texts to the current stage.
///
/// A text's result depends neither on the number of threads nor on when its
/// pack is worked on.
///
/// # Errors
/// When `take` fails, a thread cannot be started or panics, or the user
/// cancels.
pub(crate) fn each_pack<T: Send>(
    model: &Classifier,
    lengths: &[usize],
    part: Part,
    progress: &Progress,
    work: impl Fn(&mut Worker<'_>, Range<usize>) -> T + Sync,
    mut take: impl FnMut(Range<usize>, T) -> Result<()>,
) -> Result<()> {
    let packs = Pack::ranges(lengths, PACK_TOKENS);
    let size = packs
        .iter()
        .map(|range| PackSize::of(lengths[range.clone()].iter().copied()))
        .fold(PackSize::default(), PackSize::max);
    let laid_out = (packs.len() >= MANY_PACKS).then(|| model.weights().for_scoring(part.from));
    let weights = match &laid_out {
        Some(body) => model.weights().laid_out(body),
        None => model.weights(),
    };
    let worker = || Worker {
        buffers: ScoringBuffers::new(model.config(), size, part.last),
        pack: Pack::default(),
        weights,
    };
    let mut finished = |range: Range<usize>, result: T| {
        let end = range.end as u64;
        take(range, result)?;
        progress.done(end);
        Ok(())
    };
    let threads = rayon::current_num_threads().min(packs.len());
    if threads < 2 {
        let mut worker = worker();
        for range in packs {
            progress.check()?;
            let result = work(&mut worker, range.clone());
            finished(range, result)?;
        }
        return Ok(());
    }
    // All pools stand before the first thread begins, so that none that cannot
    // be started leaves the others waiting.
    let pools = (0..threads).map(|_| serial_pool()).collect::<Result<_>>()?;
    in_order(
        packs.len(),
        pools,
        worker,
        |worker, number| work(worker, packs[number].clone()),
        |number, result| finished(packs[number].clone(), result),
        progress,
    )
}
