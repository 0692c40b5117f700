//! Scoring many texts: every thread works on packs of its own, so that none
//! waits for another inside a block; results are handed out in order.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;

use super::attention::Queries;
use super::classifier::Classifier;
use super::encoder::{ScoringBuffers, Weights};
use super::pack::{Pack, PackSize};
use crate::support::{Error, Progress, Result};

/// Tokens of a pack: large enough for fast products, small enough to stay in
/// the cache and to answer a cancel at once.
const PACK_TOKENS: usize = 512;

/// From how many packs on it pays to lay the weights out for scoring.
const MANY_PACKS: usize = 8;

/// How many packs ahead of the one that is wanted next a thread may work.
const AHEAD: usize = 16;

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
/// When `take` fails, a thread cannot be started, or the user cancels.
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
    let queue = Queue {
        packs: &packs,
        next: AtomicUsize::new(0),
        handed_out: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        progress,
    };
    std::thread::scope(|scope| {
        let (sender, results) = channel();
        for _ in 0..threads {
            let sender = sender.clone();
            let pool = serial_pool()?;
            let (queue, worker, work) = (&queue, &worker, &work);
            let spawned = std::thread::Builder::new().spawn_scoped(scope, move || {
                pool.install(|| {
                    let mut worker = worker();
                    while let Some(number) = queue.take() {
                        let result = work(&mut worker, queue.packs[number].clone());
                        if sender.send((number, result)).is_err() {
                            return;
                        }
                    }
                });
            });
            spawned.map_err(|e| queue.stop(cannot_start().because(e)))?;
        }
        drop(sender);
        let mut early = BTreeMap::new();
        for (number, range) in packs.iter().enumerate() {
            let result = loop {
                if let Some(result) = early.remove(&number) {
                    break result;
                }
                match results.recv() {
                    Ok((other, result)) => drop(early.insert(other, result)),
                    // All threads have ended before their time.
                    Err(_) => return Err(Error::cancelled()),
                }
            };
            finished(range.clone(), result).map_err(|error| queue.stop(error))?;
            queue.handed_out.store(number + 1, Ordering::Relaxed);
        }
        Ok(())
    })
}

/// Packs that are still to be worked on.
struct Queue<'a> {
    packs: &'a [Range<usize>],
    next: AtomicUsize,
    handed_out: AtomicUsize,
    stopped: AtomicBool,
    progress: &'a Progress,
}

impl Queue<'_> {
    /// The next pack; waits while too many results have not been handed out.
    fn take(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.packs.len() {
            return None;
        }
        loop {
            if self.stopped.load(Ordering::Relaxed) || self.progress.is_cancelled() {
                return None;
            }
            if number < self.handed_out.load(Ordering::Relaxed) + AHEAD {
                return Some(number);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn stop(&self, why: Error) -> Error {
        self.stopped.store(true, Ordering::Relaxed);
        why
    }
}

/// A pool in which everything runs on one thread.
fn serial_pool() -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .thread_name(|_| "scoring".into())
        .build()
        .map_err(|e| cannot_start().because(e))
}

fn cannot_start() -> Error {
    Error::program("cannot start threads for scoring")
}
