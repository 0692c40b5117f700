//! One answer from a thread of its own: for what the start screen does before
//! there is a session with jobs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use eframe::egui::Context;

use crate::support::{Error, Result};

/// Work in another thread whose result is taken once it is there.
pub struct Pending<T> {
    receiver: Receiver<Result<T>>,
}

impl<T: Send + 'static> Pending<T> {
    /// Starts the work; wakes the window when it is done.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(ctx: &Context, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<Self> {
        let (sender, receiver) = channel();
        let ctx = ctx.clone();
        std::thread::Builder::new()
            .name("background".into())
            .spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                    Err(
                        Error::program("the program made a mistake in the background")
                            .hint("nothing was changed; please report this with what you did last"),
                    )
                });
                // Nobody waits any more if the window was closed meanwhile.
                if sender.send(result).is_ok() {
                    ctx.request_repaint();
                }
            })
            .map_err(|error| Error::program("cannot start a thread").because(error))?;
        Ok(Self { receiver })
    }

    /// The result, if it is there.
    pub fn take(&self) -> Option<Result<T>> {
        match self.receiver.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Err(Error::program("the work was lost"))),
        }
    }
}
