//! A data file that is gone through several times: once for what it is, once
//! or twice for its rows.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::damaged;
use super::limits::Beyond;
use super::packed::Packing;
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

    /// Its bytes from the first, unpacked if it is compressed.
    pub(crate) fn bytes(&self) -> Result<Box<dyn Read>> {
        let mut file = user_file::open(&self.path)?;
        let packing = Packing::of(&mut file).map_err(|error| self.unreadable(error))?;
        match packing {
            None => Ok(Box::new(file)),
            Some(packing) => {
                let unpacked = packing.unpacked(file, self.length()?);
                unpacked.map_err(|error| self.unreadable(error))
            }
        }
    }

    /// The file itself, for formats that are not read from the first byte to
    /// the last.
    pub(super) fn file(&self) -> Result<File> {
        let mut file = user_file::open(&self.path)?;
        match Packing::of(&mut file).map_err(|error| self.unreadable(error))? {
            None => Ok(file),
            Some(packing) => Err(Error::input(format!(
                "`{}` is compressed with {}, and its format cannot be read through that",
                self.name,
                packing.name()
            ))
            .hint("unpack it first, for instance with gunzip or unzstd")),
        }
    }

    /// Its length in bytes, as it lies there.
    pub(super) fn length(&self) -> Result<u64> {
        let found = std::fs::metadata(&self.path);
        let found = found.map_err(|error| Error::file("read", &self.path, error))?;
        Ok(found.len())
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The error of a file that cannot be read. What the system does not say
    /// is about its content.
    pub(crate) fn unreadable(&self, error: std::io::Error) -> Error {
        if let Some(beyond) = Beyond::in_error(&error) {
            return beyond.error(&self.name);
        }
        match error.raw_os_error() {
            Some(_) => Error::file("read", &self.path, error),
            None => damaged(&self.name).because(error),
        }
    }
}
