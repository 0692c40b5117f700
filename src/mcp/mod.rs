//! An assistant that speaks the Model Context Protocol as a teacher: it looks
//! at what any teacher may see, proposes hypotheses and samples as drafts,
//! starts retraining and reads the comparison on *check*.
//!
//! It is given no way to kept-back errors, to anything of *final* but its size,
//! to keys, or to files: [`tools`] lists all that it can ask for.
//!
//! The project is opened for each call and closed after it, so that a person
//! can review the drafts in a window meanwhile.

mod desk;
mod journal;
mod looking;
mod proposing;
mod retraining;
mod server;
mod tools;

use std::path::Path;
use std::sync::Arc;

use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};

use self::desk::Desk;
pub use self::desk::Terms;
use self::server::Server;
use crate::steps::OpenProject;
use crate::support::{Error, Progress, Result};

/// Bytes of a message at most: fifty samples of the longest are shorter.
const LONGEST_MESSAGE: usize = 2 << 20;

/// A project on the desk of an assistant that has not come yet.
pub struct Offer {
    desk: Arc<Desk>,
    statement: String,
}

impl Offer {
    /// Opens a project and closes it again: what is wrong with it is said
    /// before an assistant comes.
    ///
    /// # Errors
    /// When it cannot be read, when nothing can be written down for it, or when
    /// it holds the predictions of a black box, which cannot be taught.
    pub fn new(
        folder: &Path,
        state_dir: Option<&Path>,
        terms: Terms,
        progress: &Progress,
    ) -> Result<Self> {
        let project = OpenProject::open(folder, state_dir, progress)?;
        let desk = Arc::new(Desk::new(project, terms)?);
        let statement = desk.statement(progress)?;
        desk.rest();
        Ok(Self { desk, statement })
    }

    /// Which texts go to the assistant: to be said before it comes.
    pub fn statement(&self) -> &str {
        &self.statement
    }

    /// The file that every call is written down in.
    pub fn journal(&self) -> &Path {
        self.desk.journal()
    }

    /// Answers the assistant on standard input and output until it goes.
    ///
    /// # Errors
    /// When what comes in is not the protocol.
    pub fn serve_stdio(self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::program("cannot start answering").because(e))?;
        let (input, output) = rmcp::transport::stdio();
        let served = runtime.block_on(self.serve(input, output));
        // Standard input cannot be let go of while it is read.
        runtime.shutdown_background();
        served
    }

    /// Answers an assistant over any pair of streams until it goes.
    ///
    /// # Errors
    /// When what comes in is not the protocol.
    pub async fn serve(
        self,
        input: impl AsyncRead + Send + Unpin + 'static,
        output: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Result<()> {
        let transport =
            AsyncRwTransport::new_server(input, output).with_max_line_length(LONGEST_MESSAGE);
        let running = rmcp::serve_server(Server::new(self.desk), transport).await;
        let running = running.map_err(|e| {
            Error::input("what came on standard input is not the Model Context Protocol")
                .because(e)
                .hint("an assistant starts this command itself; docs/assistants.md shows how")
        })?;
        let ended = running.waiting().await;
        ended
            .map(drop)
            .map_err(|e| Error::program("the answering broke off").because(e))
    }
}
