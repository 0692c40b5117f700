//! Files of tensors that are kept: safetensors with notes on what they are and
//! a checksum over every byte, whole or absent, mapped into memory.
//!
//! The checksum is the note `sha256`: SHA-256 of the file with zeros in its
//! place. Files that others made, and those of earlier versions, have none;
//! they are read as they are.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

mod writer;

use half::f16;
use memmap2::Mmap;
pub use safetensors::tensor::Dtype;
use safetensors::tensor::SafeTensors;
use sha2::{Digest as _, Sha256};

use super::floats::Floats;
use super::{Error, Result, hash, user_file};
pub use writer::{Finished, Planned, Writer};

/// What a file says about itself, by name.
pub type Notes = BTreeMap<String, String>;

/// The note that holds the checksum, and what stands there while it is formed.
const SUM: &str = "sha256";
const NO_SUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The note that says that there must be a checksum.
const FORMAT: (&str, &str) = ("format", "blindspot 2");

/// Bytes that the header begins after: its length.
const LENGTH: usize = 8;

/// A file of tensors, mapped into memory.
#[derive(Debug, Clone)]
pub struct TensorFile {
    path: PathBuf,
    map: Arc<Mmap>,
    notes: Notes,
    tensors: BTreeMap<String, Placed>,
    /// Bytes before the tensors.
    header: usize,
}

#[derive(Debug, Clone)]
struct Placed {
    dtype: Dtype,
    shape: Vec<usize>,
    place: Range<usize>,
}

impl TensorFile {
    /// Opens a file and holds it against its checksum, if it has one: once in
    /// a process while the file stays as it is.
    ///
    /// # Errors
    /// When the file is missing, cut short or damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let file = Self::map(path)?;
        let sum = file.notes.get(SUM).map(String::as_str);
        match (sum, file.notes.contains_key(FORMAT.0)) {
            (None, false) => Ok(file),
            (None, true) => Err(damaged(path, "its checksum is gone")),
            (Some(sum), _) => {
                let found = hash::remembered(path, SUM, || Ok(file.sum(sum)))?;
                match found == sum {
                    true => Ok(file),
                    false => Err(damaged(path, "its checksum is not the one written in it")),
                }
            }
        }
    }

    /// Opens a file without looking at more than its header.
    ///
    /// # Errors
    /// When the file is missing or cut short.
    pub fn map(path: &Path) -> Result<Self> {
        let failed = |e| Error::file("read", path, e);
        let file = user_file::open(path)?;
        if file.metadata().map_err(failed)?.len() == 0 {
            return Err(damaged(path, "it is empty"));
        }
        #[expect(unsafe_code, reason = "mapping a file is unsafe by nature")]
        // SAFETY: these files are replaced by rename, never written in place,
        // so the mapping keeps the content that is checked here.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        let broken = |e: safetensors::SafeTensorError| damaged(path, &e.to_string());
        let (length, header) = SafeTensors::read_metadata(&map).map_err(broken)?;
        let start = LENGTH + length;
        let placed = header.tensors().into_iter().map(|(name, info)| {
            let (begin, end) = info.data_offsets;
            let placed = Placed {
                dtype: info.dtype,
                shape: info.shape.clone(),
                place: start + begin..start + end,
            };
            (name, placed)
        });
        Ok(Self {
            path: path.to_owned(),
            tensors: placed.collect(),
            notes: header
                .metadata()
                .clone()
                .unwrap_or_default()
                .into_iter()
                .collect(),
            map: Arc::new(map),
            header: start,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// All that the file says about itself.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// One thing that the file says about itself.
    pub fn note(&self, name: &str) -> Option<&str> {
        self.notes.get(name).map(String::as_str)
    }

    /// Names of its tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Shape of a tensor; `None` when the file does not hold it.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        Some(&self.tensors.get(name)?.shape)
    }

    /// A tensor of bytes.
    ///
    /// # Errors
    /// When the file does not hold it, or in another format.
    pub fn raw(&self, name: &str) -> Result<&[u8]> {
        let tensor = self.tensor(name, &[Dtype::U8])?;
        Ok(&self.map[tensor.place.clone()])
    }

    /// A tensor of `f32`, in place, or of `f16`, converted.
    ///
    /// # Errors
    /// As [`TensorFile::raw`].
    pub fn floats(&self, name: &str) -> Result<Floats> {
        let tensor = self.tensor(name, &[Dtype::F32, Dtype::F16])?;
        if tensor.dtype == Dtype::F32 {
            return Ok(Floats::mapped(&self.map, tensor.place.clone()));
        }
        let (items, _) = self.map[tensor.place.clone()].as_chunks();
        let values = items.iter().map(|item| f16::from_le_bytes(*item).to_f32());
        Ok(values.collect::<Vec<f32>>().into())
    }

    /// Format of a tensor; `None` when the file does not hold it.
    pub fn dtype(&self, name: &str) -> Option<Dtype> {
        Some(self.tensors.get(name)?.dtype)
    }

    /// A tensor of `u64`.
    ///
    /// # Errors
    /// As [`TensorFile::raw`].
    pub fn numbers(&self, name: &str) -> Result<Vec<usize>> {
        let tensor = self.tensor(name, &[Dtype::U64])?;
        let (items, _) = self.map[tensor.place.clone()].as_chunks();
        let numbers = items.iter().map(|item| u64::from_le_bytes(*item) as usize);
        Ok(numbers.collect())
    }

    fn tensor(&self, name: &str, formats: &[Dtype]) -> Result<&Placed> {
        let found = self.tensors.get(name);
        found
            .filter(|tensor| formats.contains(&tensor.dtype))
            .ok_or_else(|| {
                damaged(
                    &self.path,
                    &format!("it holds no `{name}` of the right format"),
                )
            })
    }

    /// The checksum of the file as it is, whose header says that it is `said`.
    fn sum(&self, said: &str) -> String {
        let (header, rest) = self.map.split_at(self.header);
        let mut header = header.to_vec();
        if let Some(at) = find(&header, said.as_bytes())
            && let Some(place) = header.get_mut(at..at + NO_SUM.len())
        {
            place.copy_from_slice(NO_SUM.as_bytes());
        }
        let hasher = Sha256::new().chain_update(header).chain_update(rest);
        hash::hex(&hasher.finalize())
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut windows = bytes.windows(wanted.len().max(1));
    windows.position(|window| window == wanted)
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::input(format!("`{}` is damaged: {why}", path.display()))
        .hint("delete the file; what was computed is computed again when it is needed")
}

#[cfg(test)]
mod tests;
