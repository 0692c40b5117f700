//! Writing a file of tensors piece by piece.

use std::path::{Path, PathBuf};

use half::f16;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Dtype, FORMAT, LENGTH, NO_SUM, Notes, SUM, TensorFile, find};
use crate::support::atomic_file::NewFile;
use crate::support::{Error, Result, hash};

/// A tensor that is about to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Its name in the file.
    pub name: String,
    /// Its number format.
    pub dtype: Dtype,
    /// Its shape, row-major.
    pub shape: Vec<usize>,
}

impl Planned {
    /// Describes a tensor.
    pub fn new(name: &str, dtype: Dtype, shape: impl Into<Vec<usize>>) -> Self {
        Self {
            name: name.to_owned(),
            dtype,
            shape: shape.into(),
        }
    }

    fn bytes(&self) -> usize {
        self.shape.iter().product::<usize>() * self.dtype.bitsize() / 8
    }
}

/// Writes a file of tensors piece by piece, so that memory stays flat.
pub struct Writer {
    path: PathBuf,
    file: NewFile,
    hasher: Sha256,
    sum_at: u64,
    left: usize,
}

impl Writer {
    /// Begins a file. The bytes of its tensors follow in the order of `plan`,
    /// formats with wide numbers first, so that all can be read in place.
    ///
    /// # Errors
    /// When the folder cannot be written to, or the order is another one.
    pub fn begin(path: &Path, notes: &Notes, plan: &[Planned]) -> Result<Self> {
        if !plan.is_sorted_by_key(|tensor| std::cmp::Reverse(tensor.dtype.bitsize())) {
            return Err(Error::program(format!(
                "the tensors of `{}` are not in the order of their formats",
                path.display()
            )));
        }
        let header = header(notes, plan).map_err(|e| {
            Error::program(format!("cannot describe `{}`", path.display())).because(e)
        })?;
        let sum_at = find(&header, NO_SUM.as_bytes())
            .ok_or_else(|| Error::program("a header without a place for the checksum"))?;
        let mut writer = Self {
            path: path.to_owned(),
            file: NewFile::begin(path)?,
            hasher: Sha256::new(),
            sum_at: sum_at as u64,
            left: header.len() + plan.iter().map(Planned::bytes).sum::<usize>(),
        };
        writer.write(&header)?;
        Ok(writer)
    }

    /// Appends bytes of the tensors.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.left = self.left.checked_sub(bytes.len()).ok_or_else(|| {
            Error::program(format!("`{}` gets more than planned", self.path.display()))
        })?;
        self.hasher.update(bytes);
        self.file.write(bytes)
    }

    /// Appends numbers in single precision.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_floats(&mut self, values: &[f32]) -> Result<()> {
        self.write_each(values, |x| x.to_le_bytes())
    }

    /// Appends numbers in half precision.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_halves(&mut self, values: &[f32]) -> Result<()> {
        self.write_each(values, |x| f16::from_f32(*x).to_le_bytes())
    }

    /// Appends whole numbers as `u64`.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write_numbers(&mut self, values: &[usize]) -> Result<()> {
        self.write_each(values, |x| (*x as u64).to_le_bytes())
    }

    fn write_each<T, const N: usize>(
        &mut self,
        values: &[T],
        bytes: impl Fn(&T) -> [u8; N],
    ) -> Result<()> {
        let mut buffer = Vec::with_capacity(N * 8_192.min(values.len()));
        for part in values.chunks(8_192) {
            buffer.clear();
            buffer.extend(part.iter().flat_map(&bytes));
            self.write(&buffer)?;
        }
        Ok(())
    }

    /// Adds the checksum and gives the file its name; on return it survives a
    /// crash. Gives it as it can be read.
    ///
    /// # Errors
    /// When the disk is full or fails, or when bytes are missing.
    pub fn finish(self) -> Result<TensorFile> {
        let (path, file) = self.summed()?;
        file.finish()?;
        TensorFile::map(&path)
    }

    /// As [`Writer::finish`], for a file that several processes may be making:
    /// a whole one that another has finished meanwhile, and that `serves`, is
    /// given instead and stays as it is.
    ///
    /// # Errors
    /// As [`Writer::finish`].
    pub fn finish_first(self, serves: impl Fn(&TensorFile) -> bool) -> Result<Finished> {
        let (path, file) = self.summed()?;
        let theirs = TensorFile::open(&path).ok();
        if let Some(theirs) = theirs.filter(serves) {
            return Ok(Finished::Theirs(theirs));
        }
        // What is there and does not serve is damaged, and is replaced.
        if path.exists() {
            file.finish()?;
        } else if !file.finish_first()? {
            return TensorFile::open(&path).map(Finished::Theirs);
        }
        TensorFile::map(&path).map(Finished::Ours)
    }

    fn summed(mut self) -> Result<(PathBuf, NewFile)> {
        if self.left > 0 {
            return Err(Error::program(format!(
                "`{}` lacks {} planned bytes",
                self.path.display(),
                self.left
            )));
        }
        let sum = hash::hex(&self.hasher.finalize());
        self.file.write_at(self.sum_at, sum.as_bytes())?;
        Ok((self.path, self.file))
    }
}

/// What lies under a name that several processes were writing to.
#[derive(Debug, Clone)]
pub enum Finished {
    /// The file of this process.
    Ours(TensorFile),
    /// That of another one, which was faster.
    Theirs(TensorFile),
}

impl Finished {
    /// The file, whoever wrote it.
    pub fn file(self) -> TensorFile {
        match self {
            Finished::Ours(file) | Finished::Theirs(file) => file,
        }
    }
}

/// Length and header of a file, with a place for the checksum.
fn header(notes: &Notes, plan: &[Planned]) -> serde_json::Result<Vec<u8>> {
    let mut notes = notes.clone();
    notes.insert(SUM.into(), NO_SUM.into());
    notes.insert(FORMAT.0.into(), FORMAT.1.into());
    let mut all = serde_json::Map::from_iter([("__metadata__".to_owned(), json!(notes))]);
    let mut end = 0;
    for tensor in plan {
        let begin = end;
        end += tensor.bytes();
        let said = json!({
            "dtype": serde_json::to_value(tensor.dtype)?,
            "shape": tensor.shape,
            "data_offsets": [begin, end],
        });
        all.insert(tensor.name.clone(), said);
    }
    let mut text = serde_json::to_vec(&all)?;
    text.resize(text.len().next_multiple_of(LENGTH), b' ');
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.extend(text);
    Ok(header)
}
