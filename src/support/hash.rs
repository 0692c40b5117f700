//! SHA-256 checksums of files and of the inputs of a step.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use super::user_file;

/// Lower-case hexadecimal SHA-256 of some bytes.
pub fn bytes(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

/// Lower-case hexadecimal SHA-256 of a file, read as a stream: once in a
/// process, while the file stays as it is.
///
/// # Errors
/// When the file cannot be read.
pub fn file(path: &Path) -> Result<String> {
    remembered(path, "whole", || {
        let mut file = user_file::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0_u8; 1 << 16];
        loop {
            let read = file
                .read(&mut buffer)
                .map_err(|e| Error::file("read", path, e))?;
            if read == 0 {
                return Ok(hex(&hasher.finalize()));
            }
            hasher.update(&buffer[..read]);
        }
    })
}

/// How a file system tells that a file is another one or was changed.
#[derive(Clone, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: SystemTime,
    /// Number of the file, and when anything about it changed last.
    inode: (u64, i64, i64),
}

/// Clocks of file systems are coarse: a file that was changed this short a
/// time ago may be changed once more and look the same.
const SETTLED: Duration = Duration::from_secs(2);

type Known = BTreeMap<(PathBuf, &'static str), (Stamp, String)>;
static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());

/// What was computed from a file, computed again only when the file has
/// changed; `what` tells the computations apart.
pub(super) fn remembered(
    path: &Path,
    what: &'static str,
    compute: impl FnOnce() -> Result<String>,
) -> Result<String> {
    let (Ok(full), Some(stamp)) = (path.canonicalize(), stamp(path)) else {
        return compute();
    };
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (full, what);
    if let Some((of, value)) = known().get(&key)
        && *of == stamp
    {
        return Ok(value.clone());
    }
    let began = SystemTime::now();
    let value = compute()?;
    let age = began.duration_since(stamp.modified).unwrap_or_default();
    if age > SETTLED && self::stamp(path).as_ref() == Some(&stamp) {
        known().insert(key, (stamp, value.clone()));
    }
    Ok(value)
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    #[cfg(unix)]
    let inode = {
        use std::os::unix::fs::MetadataExt as _;
        (found.ino(), found.ctime(), found.ctime_nsec())
    };
    #[cfg(not(unix))]
    let inode = (0, 0, 0);
    Some(Stamp {
        length: found.len(),
        modified: found.modified().ok()?,
        inode,
    })
}

/// Builds the hash of a step's inputs from named parts.
///
/// Names and lengths go in as well, so that moving a boundary between two
/// parts changes the hash.
#[derive(Default)]
pub struct StepHash(Sha256);

impl StepHash {
    /// Adds a named part.
    #[must_use]
    pub fn with(mut self, name: &str, value: &[u8]) -> Self {
        for part in [name.as_bytes(), value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        self
    }

    /// The hash over everything added so far.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

pub(crate) fn hex(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digest() {
        assert_eq!(
            bytes(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn a_file_is_hashed_once_and_again_when_it_was_replaced() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("data");
        std::fs::write(&path, b"abc").expect("writes");
        let long_ago = SystemTime::now() - 3 * SETTLED;
        let age = |path: &Path| {
            let file = std::fs::File::options()
                .append(true)
                .open(path)
                .expect("opens");
            file.set_modified(long_ago).expect("sets the time");
        };
        age(&path);
        let mut computed = 0;
        let mut ask = || {
            remembered(&path, "test", || {
                computed += 1;
                Ok(bytes(&std::fs::read(&path).expect("readable")))
            })
        };
        let first = ask().expect("reads");
        assert_eq!(ask().expect("knows"), first);
        let other = folder.path().join("other");
        std::fs::write(&other, b"abd").expect("writes");
        age(&other);
        std::fs::rename(&other, &path).expect("renames");
        assert_ne!(ask().expect("reads"), first, "as long and as old");
        std::fs::write(&path, b"abc").expect("writes");
        assert_eq!(ask().expect("reads"), first);
        std::fs::write(&path, b"abe").expect("writes");
        assert_ne!(ask().expect("reads"), first, "changed twice in a moment");
        assert_eq!(computed, 4);
    }

    #[test]
    fn step_hash_sees_boundaries() {
        let one = StepHash::default().with("a", b"bc").with("d", b"").finish();
        let other = StepHash::default().with("a", b"b").with("cd", b"").finish();
        assert_ne!(one, other);
    }
}
