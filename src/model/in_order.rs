//! Numbered pieces of work on several threads, whose results are handed out in
//! order. However one side ends, by an error or by a panic, the other ends too.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rayon::ThreadPool;

use crate::support::{Error, Progress, Result};

/// How many pieces ahead of the one that is wanted next a thread may work.
const AHEAD: usize = 16;

/// Works on pieces `0..count`, each thread inside one of `pools` with a worker
/// of its own, and hands each result to `take`, in order.
///
/// # Errors
/// When `take` fails, a thread cannot be started, a worker panics, or the user
/// cancels.
pub(super) fn in_order<W, T: Send>(
    count: usize,
    pools: Vec<ThreadPool>,
    worker: impl Fn() -> W + Sync,
    work: impl Fn(&mut W, usize) -> T + Sync,
    mut take: impl FnMut(usize, T) -> Result<()>,
    progress: &Progress,
) -> Result<()> {
    let queue = Queue {
        count,
        next: AtomicUsize::new(0),
        handed_out: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        panicked: AtomicBool::new(false),
        progress,
    };
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&queue);
        let (sender, results) = channel();
        for pool in pools {
            let sender = sender.clone();
            let (queue, worker, work) = (&queue, &worker, &work);
            let work_off = move || {
                let mut worker = worker();
                while let Some(number) = queue.take() {
                    let result = work(&mut worker, number);
                    if sender.send((number, result)).is_err() {
                        return;
                    }
                }
            };
            let guarded = move || {
                // What a panic leaves half-done is the worker's own and is
                // never looked at.
                if catch_unwind(AssertUnwindSafe(|| pool.install(&work_off))).is_err() {
                    queue.panicked.store(true, Ordering::Relaxed);
                    queue.stop();
                }
            };
            std::thread::Builder::new()
                .spawn_scoped(scope, guarded)
                .map_err(|error| cannot_start().because(error))?;
        }
        drop(sender);
        queue.hand_out(&results, &mut take)
    })
}

/// A pool in which everything runs on one thread.
///
/// # Errors
/// When the thread cannot be started.
pub(super) fn serial_pool() -> Result<ThreadPool> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .thread_name(|_| "scoring".into())
        .build()
        .map_err(|error| cannot_start().because(error))
}

fn cannot_start() -> Error {
    Error::program("cannot start threads for scoring")
        .hint("close other programs, or lower the number of threads, and start again")
}

/// Pieces that are still to be worked on.
struct Queue<'a> {
    count: usize,
    next: AtomicUsize,
    handed_out: AtomicUsize,
    stopped: AtomicBool,
    panicked: AtomicBool,
    progress: &'a Progress,
}

impl Queue<'_> {
    /// The next piece; waits while too many results have not been handed out.
    fn take(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.count {
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

    fn hand_out<T>(
        &self,
        results: &Receiver<(usize, T)>,
        take: &mut impl FnMut(usize, T) -> Result<()>,
    ) -> Result<()> {
        let mut early = BTreeMap::new();
        for number in 0..self.count {
            let result = loop {
                if let Some(result) = early.remove(&number) {
                    break result;
                }
                let Ok((other, result)) = results.recv() else {
                    return Err(self.ended_early());
                };
                early.insert(other, result);
            };
            take(number, result)?;
            self.handed_out.store(number + 1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Why all threads have ended before their time.
    fn ended_early(&self) -> Error {
        if self.panicked.load(Ordering::Relaxed) {
            Error::program("the program made a mistake while scoring")
                .hint("nothing was changed; please report this with what you did last")
        } else {
            Error::cancelled()
        }
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }
}

/// Lets no thread wait for results to be taken that nobody takes any more.
struct StopAtEnd<'a>(&'a Queue<'a>);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::RecvTimeoutError;

    use super::*;

    const PIECES: usize = 8 * AHEAD;

    fn pools() -> Vec<ThreadPool> {
        let pools = (0..3).map(|_| serial_pool());
        pools.collect::<Result<_>>().expect("starts")
    }

    /// What `run` gives; fails when it hangs.
    fn within_a_minute<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
        let (sender, ended) = channel();
        std::thread::spawn(move || {
            // Gone already if it took too long.
            drop(sender.send(run()));
        });
        match ended.recv_timeout(Duration::from_secs(60)) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => panic!("hangs"),
            Err(RecvTimeoutError::Disconnected) => panic!("panicked"),
        }
    }

    /// Squares of the numbers, in the order in which they were handed out.
    fn squares(
        work: impl Fn(&mut usize, usize) -> usize + Sync,
        fails_at: Option<usize>,
    ) -> (Result<()>, Vec<usize>) {
        let mut taken = Vec::new();
        let take = |number: usize, square: usize| {
            if Some(number) == fails_at {
                // By now the others wait for what was taken.
                std::thread::sleep(Duration::from_millis(200));
                return Err(Error::input("no room"));
            }
            taken.push(square);
            Ok(())
        };
        let silent = Progress::silent();
        let outcome = in_order(PIECES, pools(), || 0, work, take, &silent);
        (outcome, taken)
    }

    #[test]
    fn results_come_in_order() {
        let (outcome, taken) = within_a_minute(|| squares(|_, number| number * number, None));
        outcome.expect("works");
        assert_eq!(taken, (0..PIECES).map(|n| n * n).collect::<Vec<_>>());
    }

    #[test]
    fn a_worker_that_panics_is_an_error_and_no_hang() {
        for at in [0, PIECES - 1] {
            let work = move |_: &mut usize, number: usize| {
                assert!(number != at, "a mistake of ours");
                number
            };
            let (outcome, taken) = within_a_minute(move || squares(work, None));
            let error = outcome.expect_err("a piece is missing");
            assert!(error.to_string().contains("mistake"), "{error}");
            assert!(taken.len() <= at);
        }
    }

    #[test]
    fn what_fails_to_be_taken_ends_the_work() {
        let (outcome, taken) = within_a_minute(|| squares(|_, number| number, Some(5)));
        assert!(outcome.expect_err("fails").to_string().contains("no room"));
        assert_eq!(taken.len(), 5);
    }
}
