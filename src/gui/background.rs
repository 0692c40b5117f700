//! One answer from a thread of its own: for what the start screen does before
//! there is a session with jobs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use eframe::egui::Context;

use crate::support::{Error, Result};

/// Work in another thread whose result is taken once it is there; by default
/// there is none.
pub struct Pending<T> {
    receiver: Option<Receiver<Result<T>>>,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self { receiver: None }
    }
}

impl<T: Send + 'static> Pending<T> {
    /// Starts the work; wakes the window when it is done. That no thread could
    /// be started is a result like any other failure.
    pub fn start(ctx: &Context, work: impl FnOnce() -> Result<T> + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        let (answer, ctx) = (sender.clone(), ctx.clone());
        let thread = std::thread::Builder::new()
            .name("background".into())
            .spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
                    Err(
                        Error::program("the program made a mistake in the background")
                            .hint("nothing was changed; please report this with what you did last"),
                    )
                });
                // Nobody waits any more if the window was closed meanwhile.
                if answer.send(result).is_ok() {
                    ctx.request_repaint();
                }
            });
        if let Err(error) = thread {
            // The receiver is still here, so this cannot fail.
            drop(sender.send(Err(Error::program("cannot start a thread").because(error))));
        }
        Self {
            receiver: Some(receiver),
        }
    }

    /// Whether a result is still to be taken.
    pub fn is_running(&self) -> bool {
        self.receiver.is_some()
    }

    /// The result, once it is there.
    pub fn take(&mut self) -> Option<Result<T>> {
        let result = match self.receiver.as_ref()?.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(Error::program("the work was lost")),
        };
        self.receiver = None;
        Some(result)
    }
}
