//! The durable state of a project: one SQLite file, the truth for what people
//! decided and wrote and for what became of it, and beside it the files of what
//! was computed.
//!
//! Every method that writes returns once its change is on disk; a crash leaves
//! the state before or after it, never between. A [`Store`] is a handle:
//! clones share one connection and may be used from any thread.

mod distrust;
mod document;
pub(super) mod folder;
mod journal;
mod json;
mod migrations;
mod open;
mod records;
mod scores;
mod trouble;
mod version_1;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction};
use tempfile::TempDir;

pub use journal::StoredJournal;
pub use scores::model_and_data;

use super::files::Files;
use super::lock::{Holder, Lock};
use crate::records::Document;
use crate::support::{Error, Result, crash};

/// The durable state of a project.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    files: Files,
    read_only: Option<ReadOnly>,
    /// Where a database lies that cannot be read in its place.
    _copy: Option<TempDir>,
    guarded: Mutex<Guarded>,
}

struct Guarded {
    connection: Connection,
    /// The document as it is on disk: a save writes what differs from it.
    saved: Document,
    /// The right to write; held until [`Store::close`] or the last handle.
    lock: Option<Lock>,
}

/// Why a project can be looked at but not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadOnly {
    /// Another process has it open; which one, if it said so.
    Held(Option<Holder>),
    /// The folder cannot be written to.
    Unwritable,
    /// It was opened as one of many machines that share its folder.
    Shared,
}

impl fmt::Display for ReadOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadOnly::Held(Some(holder)) => write!(f, "in use by {holder}"),
            ReadOnly::Held(None) => f.write_str("in use by another process"),
            ReadOnly::Unwritable => f.write_str("its folder cannot be written to"),
            ReadOnly::Shared => f.write_str("other machines work in its folder"),
        }
    }
}

/// A store, and what the user should know about how it opened.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// For instance: the folder lies on a network drive, a record is damaged.
    pub warnings: Vec<String>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("folder", &self.inner.folder)
            .field("read_only", &self.inner.read_only)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Why nothing can be written, if so.
    pub fn read_only(&self) -> Option<&ReadOnly> {
        self.inner.read_only.as_ref()
    }

    /// Lets others write: from now on nothing can be saved through any handle.
    ///
    /// A job that was told to stop keeps its handle for a while; whoever opens
    /// the project next must not have to wait for it.
    pub fn close(&self) {
        self.lock().lock = None;
    }

    /// The state folder.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// The files of what was computed. Processes that only read the database
    /// write such files too, where the folder allows it.
    pub fn files(&self) -> &Files {
        &self.inner.files
    }

    fn lock(&self) -> MutexGuard<'_, Guarded> {
        self.inner
            .guarded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn database(&self) -> PathBuf {
        self.inner.folder.join(folder::DATABASE_FILE)
    }

    /// Reads; `what` completes "cannot read …".
    fn read<T>(
        &self,
        what: &str,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        query(&self.lock().connection)
            .map_err(|e| trouble::explain(&format!("read {what}"), &self.database(), e))
    }

    /// Writes in one transaction; `what` completes "cannot save …".
    fn write<T>(
        &self,
        what: &str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.write_guarded(&mut self.lock(), what, change)
    }

    fn write_guarded<T>(
        &self,
        guarded: &mut Guarded,
        what: &str,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.require_writable(guarded, what)?;
        let run = || {
            let transaction = guarded.connection.transaction()?;
            let value = change(&transaction)?;
            crash::point("transaction: written");
            transaction.commit()?;
            crash::point("transaction: committed");
            Ok(value)
        };
        run().map_err(|e| trouble::explain(&format!("save {what}"), &self.database(), e))
    }

    /// Refuses to go on where nothing may be written; `what` completes "cannot
    /// save …".
    ///
    /// # Errors
    /// If the project is open for reading only, or has been closed.
    pub fn check_writable(&self, what: &str) -> Result<()> {
        self.require_writable(&self.lock(), what)
    }

    fn require_writable(&self, guarded: &Guarded, what: &str) -> Result<()> {
        let Some(why) = &self.inner.read_only else {
            return match guarded.lock {
                Some(_) => Ok(()),
                None => Err(Error::input(format!(
                    "cannot save {what}: the project has been closed"
                ))
                .hint("open the project again")),
            };
        };
        let hint = match why {
            ReadOnly::Held(_) | ReadOnly::Shared => {
                "close the other program and open the project again"
            }
            ReadOnly::Unwritable => "choose a writable place with `--state-dir`",
        };
        Err(Error::input(format!(
            "cannot save {what}: the project is open for reading only, {why}"
        ))
        .hint(hint))
    }
}
