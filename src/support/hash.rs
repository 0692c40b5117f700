//! SHA-256 checksums of files and of the inputs of a step.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::{Error, Result};

/// Lower-case hexadecimal SHA-256 of some bytes.
pub fn bytes(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

/// Lower-case hexadecimal SHA-256 of a file, read as a stream.
pub fn file(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|e| Error::file("open", path, e))?;
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
    fn step_hash_sees_boundaries() {
        let one = StepHash::default().with("a", b"bc").with("d", b"").finish();
        let other = StepHash::default().with("a", b"b").with("cd", b"").finish();
        assert_ne!(one, other);
    }
}
