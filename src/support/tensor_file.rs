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

use half::f16;
use memmap2::Mmap;
pub use safetensors::tensor::Dtype;
use safetensors::tensor::SafeTensors;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::atomic_file::NewFile;
use super::floats::Floats;
use super::{Error, Result, hash, user_file};

/// What a file says about itself, by name.
pub type Notes = BTreeMap<String, String>;

/// The note that holds the checksum, and what stands there while it is formed.
const SUM: &str = "sha256";
const NO_SUM: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The note that says that there must be a checksum.
const FORMAT: (&str, &str) = ("format", "blindspot 2");

/// Bytes that the header begins after: its length.
const LENGTH: usize = 8;

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
mod tests {
    use super::*;

    fn written(path: &Path) -> TensorFile {
        let notes = Notes::from([("model".to_owned(), "m".to_owned())]);
        let plan = [
            Planned::new("rows", Dtype::U64, [2]),
            Planned::new("values", Dtype::F32, [2, 3]),
            Planned::new("halves", Dtype::F16, [1]),
            Planned::new("text", Dtype::U8, [5]),
        ];
        let mut writer = Writer::begin(path, &notes, &plan).expect("begins");
        writer.write_numbers(&[7, 1 << 40]).expect("writes");
        writer
            .write_floats(&[0.1, -2.0, f32::MIN_POSITIVE])
            .expect("writes");
        writer.write_floats(&[1.0, 2.0, 3.0]).expect("writes");
        writer.write_halves(&[0.5]).expect("writes");
        writer.write(b"bytes").expect("writes");
        writer.finish().expect("finishes")
    }

    #[test]
    fn what_was_written_comes_back_in_place() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("it.safetensors");
        written(&path);
        let file = TensorFile::open(&path).expect("opens");
        assert_eq!(file.note("model"), Some("m"));
        assert_eq!(file.numbers("rows").expect("there"), [7, 1 << 40]);
        assert_eq!(file.shape("values"), Some(&[2, 3][..]));
        let values = file.floats("values").expect("there");
        assert_eq!(values[..3], [0.1, -2.0, f32::MIN_POSITIVE]);
        let mapped = file.bytes().as_ptr_range();
        assert!(mapped.contains(&values.as_ptr().cast()), "was copied");
        assert_eq!(file.floats("halves").expect("there")[..], [0.5]);
        assert_eq!(file.raw("text").expect("there"), b"bytes");
        assert!(file.raw("values").is_err() && file.numbers("none").is_err());
    }

    #[test]
    fn a_whole_file_of_another_process_stays_and_a_damaged_one_goes() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("it.safetensors");
        let finished = |value: f32| {
            let plan = [Planned::new("values", Dtype::F32, [1])];
            let mut writer = Writer::begin(&path, &Notes::new(), &plan).expect("begins");
            writer.write_floats(&[value]).expect("writes");
            let file = writer.finish_first(|file| file.shape("values").is_some());
            file.expect("finishes")
                .file()
                .floats("values")
                .expect("there")[0]
        };
        assert_eq!(finished(1.0), 1.0);
        assert_eq!(finished(2.0), 1.0, "the first is replaced");
        std::fs::write(&path, b"cut off").expect("writes");
        assert_eq!(finished(3.0), 3.0, "a damaged file stays");
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("it.safetensors");
        written(&path);
        let whole = std::fs::read(&path).expect("readable");
        for position in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[position] ^= 1 << (position % 8);
            std::fs::write(&path, &flipped).expect("writes");
            let error = TensorFile::open(&path).expect_err("damaged");
            assert!(error.remedy().is_some(), "{error}");
            assert!(error.to_string().contains("it.safetensors"), "{error}");
        }
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).expect("writes");
            assert!(TensorFile::open(&path).is_err(), "cut at {length}");
        }
        std::fs::write(&path, &whole).expect("writes");
        assert!(TensorFile::open(&path).is_ok());
    }

    #[test]
    fn a_file_that_lacks_bytes_does_not_appear() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("it.safetensors");
        let plan = [Planned::new("values", Dtype::F32, [2])];
        let begin = || Writer::begin(&path, &Notes::new(), &plan).expect("begins");
        let mut short = begin();
        short.write_floats(&[1.0]).expect("writes");
        assert!(short.finish().is_err());
        assert!(begin().write_floats(&[1.0, 2.0, 3.0]).is_err());
        let left = std::fs::read_dir(folder.path()).expect("folder").count();
        assert_eq!(left, 0);
    }
}
