//! Weights beside the database: first the whole file, then its row.
//!
//! Temporary file, flush, rename, flush of the folder, and only then the row
//! with the checksum. A process that dies on the way leaves a file without a
//! row, which the next opening removes.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::folder::{CHECKPOINT_FOLDER, DATABASE_FILE, TEMPORARY};
use super::{Store, trouble};
use crate::support::{Error, Result, atomic_file, crash, hash};

/// SHA-256 of a checkpoint's file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckpointId(pub String);

impl fmt::Display for CheckpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A stored checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its checksum.
    pub id: CheckpointId,
    /// What it holds, in words.
    pub name: String,
    /// Size of its file.
    pub bytes: u64,
}

impl Store {
    /// Writes a checkpoint with `fill` and records it; on return it survives a
    /// crash. The same content under a second name replaces the first.
    ///
    /// # Errors
    /// If `fill` fails, the disk is full or the project is open for reading
    /// only; nothing is left behind then.
    pub fn write_checkpoint(
        &self,
        name: &str,
        fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<CheckpointId> {
        self.require_writable(&self.lock(), "the checkpoint")?;
        let file = format!("{:016x}.safetensors", rand::random::<u64>());
        let path = self.checkpoint_folder().join(&file);
        let mut sum = Summing::default();
        atomic_file::write(&path, |out| {
            fill(&mut sum.passing_to(out))?;
            out.flush()
        })?;
        crash::point("checkpoint: file is whole");
        let (id, bytes) = sum.finish();
        let replaced = self.record(&id, name, &file, bytes);
        match &replaced {
            Ok(Some(old)) => self.remove_file(old),
            Ok(None) => {}
            Err(_) => self.remove_file(&file),
        }
        replaced?;
        self.lock().verified.insert(id.clone());
        Ok(id)
    }

    /// Puts the row in; gives the file of an earlier row of the same content.
    fn record(
        &self,
        id: &CheckpointId,
        name: &str,
        file: &str,
        bytes: i64,
    ) -> Result<Option<String>> {
        let now = jiff::Timestamp::now().to_string();
        self.write("the checkpoint", |transaction| {
            let old = file_of(transaction, id)?;
            let put = "INSERT OR REPLACE INTO checkpoint VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction.execute(put, params![id.0, name, file, bytes, now])?;
            Ok(old)
        })
    }

    /// The file of a checkpoint, once its checksum was found to be right. It
    /// is computed the first time that a process asks.
    ///
    /// # Errors
    /// If there is no such checkpoint, or its file is gone or damaged.
    pub fn checkpoint_path(&self, id: &CheckpointId) -> Result<PathBuf> {
        let file = self
            .read("the checkpoint", |connection| file_of(connection, id))?
            .ok_or_else(|| Error::input(format!("there is no checkpoint {id}")))?;
        let path = self.checkpoint_folder().join(file);
        if self.lock().verified.contains(id) && path.exists() {
            return Ok(path);
        }
        let retrain = "fit or retrain the model again";
        let found = hash::file(&path).map_err(|e| e.hint(retrain))?;
        if found != id.0 {
            return Err(Error::input(format!(
                "`{}` is damaged: its checksum is {found} instead of {id}",
                path.display()
            ))
            .hint(retrain));
        }
        self.lock().verified.insert(id.clone());
        Ok(path)
    }

    /// All checkpoints, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn checkpoints(&self) -> Result<Vec<Checkpoint>> {
        self.read("the checkpoints", |connection| {
            let all = "SELECT sha256, name, bytes FROM checkpoint ORDER BY rowid";
            let mut statement = connection.prepare(all)?;
            let rows = statement.query_map([], |row| {
                let bytes: i64 = row.get(2)?;
                Ok(Checkpoint {
                    id: CheckpointId(row.get(0)?),
                    name: row.get(1)?,
                    bytes: bytes.unsigned_abs(),
                })
            })?;
            rows.collect()
        })
    }

    fn checkpoint_folder(&self) -> PathBuf {
        self.folder().join(CHECKPOINT_FOLDER)
    }

    /// Deletes a file that no row names. One that stays is removed at the next
    /// opening, so a failure is no trouble.
    fn remove_file(&self, file: &str) {
        drop(std::fs::remove_file(self.checkpoint_folder().join(file)));
    }
}

fn file_of(connection: &Connection, id: &CheckpointId) -> rusqlite::Result<Option<String>> {
    let find = "SELECT file FROM checkpoint WHERE sha256 = ?1";
    connection
        .query_row(find, [&id.0], |row| row.get(0))
        .optional()
}

/// Removes files that no row names; warns of rows whose file is gone.
pub(super) fn collect_orphans(connection: &Connection, state_dir: &Path) -> Result<Vec<String>> {
    let read = || -> rusqlite::Result<Vec<(String, String)>> {
        let mut statement =
            connection.prepare("SELECT file, name FROM checkpoint ORDER BY rowid")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    let rows = read()
        .map_err(|e| trouble::explain("read the checkpoints", &state_dir.join(DATABASE_FILE), e))?;
    let folder = state_dir.join(CHECKPOINT_FOLDER);
    let named: BTreeSet<&str> = rows.iter().map(|(file, _)| file.as_str()).collect();
    for place in [state_dir, &folder] {
        let failed = |e| Error::file("read", place, e);
        for entry in std::fs::read_dir(place).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let name = name.unwrap_or_default();
            let half_written = name.starts_with(TEMPORARY);
            let unnamed = name.ends_with(".safetensors") && !named.contains(name.as_str());
            if half_written || (place == folder && unnamed) {
                std::fs::remove_file(&path).map_err(|e| Error::file("delete", &path, e))?;
            }
        }
    }
    let gone = rows.iter().filter(|(file, _)| !folder.join(file).exists());
    let warn = |(file, name): &(String, String)| {
        let path = folder.join(file);
        format!(
            "the checkpoint “{name}” is gone: `{}` is missing",
            path.display()
        )
    };
    Ok(gone.map(warn).collect())
}

/// Sums up what is written on its way to a file.
#[derive(Default)]
struct Summing {
    hasher: Sha256,
    bytes: i64,
}

struct Passing<'a> {
    sum: &'a mut Summing,
    out: &'a mut dyn Write,
}

impl Summing {
    fn passing_to<'a>(&'a mut self, out: &'a mut dyn Write) -> Passing<'a> {
        Passing { sum: self, out }
    }

    fn finish(self) -> (CheckpointId, i64) {
        (CheckpointId(hash::hex(&self.hasher.finalize())), self.bytes)
    }
}

impl Write for Passing<'_> {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(data)?;
        self.sum.hasher.update(&data[..written]);
        self.sum.bytes += i64::try_from(written).unwrap_or(i64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}
