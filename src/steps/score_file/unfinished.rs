//! The output of a scoring while it grows, from which a later run goes on.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::dataset::Unlabelled;
use crate::inference::{Prediction, softmax};
use crate::support::text::without_formula;
use crate::support::{Error, Result, atomic_file};

/// What the name of the output ends with until it is whole.
pub(super) const PART: &str = ".part";

/// How far a stopped run came: written beside the unfinished output.
#[derive(Serialize, Deserialize)]
struct Mark {
    /// Names input, model and how the input is read; another key starts anew.
    key: String,
    rows: u64,
    bytes: u64,
}

/// The output while it grows.
pub(super) struct Unfinished {
    path: PathBuf,
    mark_path: PathBuf,
    file: File,
    mark: Mark,
}

impl Unfinished {
    /// Goes on with what an earlier run left for the same key, else begins
    /// with the lines of `head`.
    pub(super) fn open(output: &Path, key: String, head: &[u8]) -> Result<Self> {
        let path = with_suffix(output, PART);
        let mark_path = with_suffix(output, ".part.json");
        let kept = std::fs::read(&mark_path).ok();
        let kept: Option<Mark> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let long_enough =
            |mark: &Mark| std::fs::metadata(&path).is_ok_and(|file| file.len() >= mark.bytes);
        let kept = kept.filter(|mark| mark.key == key && long_enough(mark));
        let failed = |error| Error::file("write", &path, error);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        let begins = kept.is_none();
        let mark = kept.unwrap_or(Mark {
            key,
            rows: 0,
            bytes: 0,
        });
        // Whatever was written after the last mark may be half a row.
        file.set_len(mark.bytes).map_err(failed)?;
        let mut unfinished = Self {
            path,
            mark_path,
            file,
            mark,
        };
        if begins {
            unfinished.write(0, head)?;
        }
        Ok(unfinished)
    }

    /// Rows that are written so far.
    pub(super) fn rows(&self) -> u64 {
        self.mark.rows
    }

    /// Adds a batch: `logits` are `[batch, labels]`.
    pub(super) fn append(
        &mut self,
        batch: &[Unlabelled],
        logits: &[f32],
        labels: &[String],
    ) -> Result<()> {
        let rows = batch.iter().zip(logits.chunks(labels.len().max(1)));
        let bytes = csv_bytes(|csv| {
            for (unlabelled, logits) in rows {
                let probabilities = softmax(logits, 1.0);
                let answer = Prediction::among(&probabilities);
                let label = labels.get(usize::from(answer.label));
                csv.write_field(unlabelled.row.to_string())?;
                csv.write_field(without_formula(
                    unlabelled.id.as_deref().unwrap_or_default(),
                ))?;
                csv.write_field(without_formula(label.map_or("", String::as_str)))?;
                csv.write_field(format!("{:.6}", answer.confidence))?;
                for probability in probabilities {
                    csv.write_field(format!("{probability:.6}"))?;
                }
                csv.write_record(None::<&[u8]>)?;
            }
            Ok(())
        })?;
        self.write(batch.len() as u64, &bytes)
    }

    /// Writes rows, makes them durable, then sets the mark after them.
    fn write(&mut self, rows: u64, bytes: &[u8]) -> Result<()> {
        self.put(bytes)?;
        self.mark.bytes += bytes.len() as u64;
        self.mark.rows += rows;
        let mark = serde_json::to_vec(&self.mark)
            .map_err(|e| Error::program("cannot describe what was scored").because(e))?;
        atomic_file::write(&self.mark_path, |out| out.write_all(&mark))
    }

    /// Puts bytes behind the mark, on disk.
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .seek(SeekFrom::Start(self.mark.bytes))
            .and_then(|_| self.file.write_all(bytes))
            .and_then(|()| self.file.sync_data())
            .map_err(|error| Error::file("write", &self.path, error))
    }

    /// Adds the lines of `foot`, if any, and gives the output its name.
    pub(super) fn finish(mut self, output: &Path, foot: &[u8]) -> Result<()> {
        // The mark stays before them: a run that is stopped here adds them anew.
        self.put(foot)?;
        std::fs::rename(&self.path, output).map_err(|e| Error::file("write", output, e))?;
        std::fs::remove_file(&self.mark_path).map_err(|e| Error::file("delete", &self.mark_path, e))
    }
}

/// What a writer of CSV makes of some fields.
pub(super) fn csv_bytes(
    fill: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>,
) -> Result<Vec<u8>> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    fill(&mut csv).map_err(|e| Error::program("cannot write CSV").because(e))?;
    csv.into_inner()
        .map_err(|e| Error::program("cannot write CSV").because(e.into_error()))
}

/// A path with something behind its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
