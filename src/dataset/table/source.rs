//! A data file that is gone through several times: once for what it is, once
//! or twice for its rows.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::support::{Error, Result, user_file};

/// A file and its name in messages.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    path: PathBuf,
    name: String,
}

impl Source {
    pub(crate) fn new(path: &Path, name: &str) -> Self {
        Self {
            path: path.to_owned(),
            name: name.to_owned(),
        }
    }

    /// Its bytes from the first.
    pub(crate) fn bytes(&self) -> Result<Box<dyn Read>> {
        Ok(Box::new(self.file()?))
    }

    /// The file itself, for formats that are not read from the first byte to
    /// the last.
    pub(super) fn file(&self) -> Result<File> {
        user_file::open(&self.path)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The error of a file that cannot be read.
    pub(crate) fn unreadable(&self, error: std::io::Error) -> Error {
        Error::file("read", &self.path, error)
    }
}
