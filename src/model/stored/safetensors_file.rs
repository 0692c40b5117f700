//! A safetensors file of which only the header is held.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use safetensors::tensor::Metadata;

use super::other_type;
use crate::model::weights_file::decode;
use crate::support::{Error, Result, user_file};

/// Bytes of the number in front of the header that says how long it is.
const PREFIX: u64 = 8;

/// Longest header that is read, as in the safetensors library.
const MOST_HEADER: u64 = 100_000_000;

/// Where Git keeps a large file elsewhere, this stands in its place.
const LFS_POINTER: &[u8] = b"version https://git-lfs";

pub(super) struct SafetensorsFile {
    path: PathBuf,
    file: Mutex<File>,
    header: Metadata,
    /// Where the tensors begin.
    start: u64,
}

impl SafetensorsFile {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let mut file = user_file::open(path)?;
        let failed = |e| Error::file("read", path, e);
        let length = file.metadata().map_err(failed)?.len();
        let mut beginning = Vec::new();
        (&mut file)
            .take(PREFIX)
            .read_to_end(&mut beginning)
            .map_err(failed)?;
        if LFS_POINTER.starts_with(&beginning) && beginning.len() as u64 == PREFIX {
            return Err(Error::input(format!(
                "`{}` is not the weights but a pointer of Git LFS to them",
                path.display()
            ))
            .hint("run `git lfs pull` where it was cloned, or download the file itself"));
        }
        let header_length = beginning.try_into().map(u64::from_le_bytes).ok();
        let header_length = header_length
            .filter(|header| *header <= MOST_HEADER.min(length - PREFIX))
            .ok_or_else(|| broken(path))?;
        let mut header = Vec::new();
        (&mut file)
            .take(header_length)
            .read_to_end(&mut header)
            .map_err(failed)?;
        let header: Metadata =
            serde_json::from_slice(&header).map_err(|e| broken(path).because(e))?;
        let start = PREFIX + header_length;
        if start + header.data_len() as u64 != length {
            return Err(broken(path));
        }
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            header,
            start,
        })
    }

    /// Names and shapes.
    pub(super) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let names = self.header.offset_keys().into_iter();
        names
            .filter_map(|name| {
                let shape = self.header.info(&name)?.shape.clone();
                Some((name, shape))
            })
            .collect()
    }

    /// Reads a tensor of as many elements as `values` has.
    pub(super) fn read(&self, name: &str, values: &mut [f32]) -> Result<()> {
        let info = self.header.info(name).ok_or_else(|| broken(&self.path))?;
        let (begin, end) = info.data_offsets;
        let mut data = vec![0; end - begin];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.start + begin as u64))
            .and_then(|_| file.read_exact(&mut data))
            .map_err(|e| Error::file("read", &self.path, e))?;
        match decode(info.dtype, &data, values) {
            true => Ok(()),
            false => Err(other_type(name, &self.path, &info.dtype)),
        }
    }
}

fn broken(path: &Path) -> Error {
    Error::input(format!(
        "`{}` is not a whole safetensors file",
        path.display()
    ))
    .hint("it was probably cut off on its way; copy or download it again")
}
