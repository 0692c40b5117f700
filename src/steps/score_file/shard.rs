//! The part of a scored file that one of several machines wrote: rows between
//! a line that says what they are of, and one that says that they are all.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::unfinished::with_suffix;
use crate::support::{Error, Result, Share, atomic_file};

/// What the lines begin with that are no rows.
const MARK: char = '#';

/// The file of a shard, beside the output that it is a part of.
pub fn shard_path(output: &Path, share: Share) -> PathBuf {
    let Share { number, of } = share;
    with_suffix(output, &format!(".shard-{number}-of-{of}"))
}

/// Whether a file is the shard of what `key` names ([`super::fingerprint`]),
/// as far as its first line says.
pub fn is_shard(path: &Path, share: Share, key: &str) -> bool {
    let beginning = atomic_file::beginning(path);
    Head::of(&beginning).is_some_and(|(head, _)| head.shard == share && head.key == key)
}

/// The first line of a shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// Which shard of how many.
    pub shard: Share,
    /// Names input, model and how the input is read.
    pub key: String,
    /// The kind of machine that scored it.
    pub machine: String,
}

/// The last line of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Foot {
    /// Rows of the shard.
    pub rows: u64,
    /// Rows of all shards together.
    pub of: u64,
}

impl Head {
    /// Reads it from the beginning of a file, and gives what follows.
    pub(super) fn of(text: &str) -> Option<(Self, &str)> {
        let (line, rows) = text.split_once('\n')?;
        let head = serde_json::from_str(line.strip_prefix(MARK)?).ok()?;
        Some((head, rows))
    }

    pub(super) fn line(&self) -> Result<Vec<u8>> {
        line(self)
    }

    /// Names everything that the shard depends on.
    pub(super) fn name(&self) -> String {
        format!("{} of {}, {}", self.shard, self.key, self.machine)
    }
}

impl Foot {
    /// Reads it from the end of a file.
    pub(super) fn of(text: &str) -> Option<Self> {
        let (_, line) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        serde_json::from_str(line.strip_prefix(MARK)?).ok()
    }

    pub(super) fn line(&self) -> Result<Vec<u8>> {
        line(self)
    }
}

fn line(what: &impl Serialize) -> Result<Vec<u8>> {
    let said = serde_json::to_string(what)
        .map_err(|e| Error::program("cannot describe a shard").because(e))?;
    Ok(format!("{MARK}{said}\n").into_bytes())
}
