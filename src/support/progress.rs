//! Progress, live figures and cancel, passed by reference into every long
//! operation. A face (window or terminal) decides what to do with the updates.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::{Error, Result};

/// What a long operation says about itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// A new stage begins; `total` units of work, if known.
    Stage {
        /// What is being done, in the user's words.
        name: String,
        /// Units of work, if known.
        total: Option<u64>,
    },
    /// The current stage goes on under another name.
    Renamed {
        /// What is being done now.
        name: String,
    },
    /// `done` units of the current stage are finished.
    Done {
        /// Units finished so far.
        done: u64,
    },
    /// Of the `total` equal parts of the whole, each of several stages, `done`
    /// are finished.
    Parts {
        /// Parts finished so far.
        done: u64,
        /// All parts.
        total: u64,
    },
    /// A live figure, for instance the loss at a step.
    Figure {
        /// Name of the figure.
        name: String,
        /// Step it belongs to.
        step: u64,
        /// Its value.
        value: f64,
    },
    /// Something that is good to know and no trouble, for instance which
    /// columns were recognised.
    Note(String),
    /// Something the user should know, for instance a skipped row.
    Warning(String),
}

type Sink = dyn Fn(Update) + Send + Sync;

/// Handle of a running operation: reports progress and learns of a cancel.
///
/// Cloning is cheap; clones share the cancel flag. Long loops call
/// [`Progress::check`] at least every few hundred milliseconds.
#[derive(Clone)]
pub struct Progress {
    sink: Arc<Sink>,
    cancel: Arc<AtomicBool>,
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

impl Progress {
    /// A handle whose updates go to `sink`.
    pub fn new(sink: impl Fn(Update) + Send + Sync + 'static) -> Self {
        Self {
            sink: Arc::new(sink),
            cancel: Arc::new(AtomicBool::new(false)),
        }
    }

    /// A handle that tells nobody.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }

    /// Starts a stage of `total` units.
    pub fn stage(&self, name: impl Into<String>, total: Option<u64>) {
        (self.sink)(Update::Stage {
            name: name.into(),
            total,
        });
    }

    /// Goes on with the current stage under another name: what is finished of
    /// it stays so.
    pub fn renamed(&self, name: impl Into<String>) {
        (self.sink)(Update::Renamed { name: name.into() });
    }

    /// Says how much of the current stage is finished.
    pub fn done(&self, done: u64) {
        (self.sink)(Update::Done { done });
    }

    /// Says how many of the equal parts of the whole are finished.
    pub fn parts(&self, done: u64, total: u64) {
        (self.sink)(Update::Parts { done, total });
    }

    /// Reports a live figure.
    pub fn figure(&self, name: &str, step: u64, value: f64) {
        (self.sink)(Update::Figure {
            name: name.to_owned(),
            step,
            value,
        });
    }

    /// Reports something that is good to know and no trouble.
    pub fn note(&self, note: impl Into<String>) {
        (self.sink)(Update::Note(note.into()));
    }

    /// Reports something the user should know that does not stop the work.
    pub fn warn(&self, warning: impl Into<String>) {
        (self.sink)(Update::Warning(warning.into()));
    }

    /// A handle for one part of a larger job: its stages are named after the
    /// part, cancel is shared.
    #[must_use]
    pub fn within(&self, part: &str) -> Self {
        let (sink, part) = (Arc::clone(&self.sink), part.to_owned());
        Self {
            sink: Arc::new(move |update| {
                sink(match update {
                    Update::Stage { name, total } => Update::Stage {
                        name: format!("{part} · {name}"),
                        total,
                    },
                    Update::Renamed { name } => Update::Renamed {
                        name: format!("{part} · {name}"),
                    },
                    other => other,
                });
            }),
            cancel: Arc::clone(&self.cancel),
        }
    }

    /// The same handle without notes: what is good to know was told before.
    #[must_use]
    pub fn without_notes(&self) -> Self {
        let sink = Arc::clone(&self.sink);
        Self {
            sink: Arc::new(move |update| {
                if !matches!(update, Update::Note(_)) {
                    sink(update);
                }
            }),
            cancel: Arc::clone(&self.cancel),
        }
    }

    /// A handle for a part whose progress is told by the caller: it tells
    /// nobody, cancel is shared.
    #[must_use]
    pub fn cancel_only(&self) -> Self {
        Self {
            sink: Arc::new(|_| {}),
            cancel: Arc::clone(&self.cancel),
        }
    }

    /// Asks the operation to stop; it does at its next [`Progress::check`].
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Fails with [`Error::cancelled`] once somebody asked to stop.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() {
            Err(Error::cancelled())
        } else {
            Ok(())
        }
    }
}
