//! From version 1, which kept predictions and maps in the database and other
//! computed files in three folders, without checksums.

use std::fs::rename;
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use super::json::with_sum;
use super::{folder, scores, trouble};
use crate::inference::Predictions;
use crate::project::files::{Files, Key, Kind, listed};
use crate::records::{MapMethod, MapPositions};
use crate::support::{Error, Result, atomic_file};

/// Where version 1 kept weights of bases, results of arms, hidden states.
pub(super) const FOLDERS: [&str; 3] = [CHECKPOINTS, ROUNDS, STATES];
const CHECKPOINTS: &str = "checkpoints";
const ROUNDS: &str = "rounds";
const STATES: &str = "cache";

/// Columns that hold records.
const RECORDS: [(&str, &str); 14] = [
    ("setting", "value"),
    ("triage", "judgement"),
    ("placement", "place"),
    ("blind_spot_name", "name"),
    ("teacher_choice", "choice"),
    ("lesson", "content"),
    ("hypothesis", "content"),
    ("sample", "content"),
    ("snapshot", "content"),
    ("round", "content"),
    ("comparison", "content"),
    ("opening", "content"),
    ("step", "output"),
    ("journal", "entry"),
];

/// Puts all that was computed where this version looks for it. Hidden states
/// are computed again when they are needed.
pub(super) fn move_to_files(connection: &Connection, state_dir: &Path) -> Result<()> {
    let files = Files::of(state_dir);
    let database = state_dir.join(folder::DATABASE_FILE);
    let failed = |e| trouble::explain("read what earlier versions computed", &database, e);
    write_predictions(connection, &files).map_err(failed)??;
    write_maps(connection, &files).map_err(failed)??;
    let base = fitted_base(connection).map_err(failed)?;
    if let Some((model, file)) = base {
        let from = state_dir.join(CHECKPOINTS).join(file);
        take(&from, &files.place(&Key::base(&model))?)?;
    }
    for path in listed(&state_dir.join(ROUNDS))? {
        if let Some(key) = key_of_result(&path) {
            take(&path, &files.place(&key)?)?;
        }
    }
    for name in FOLDERS {
        let folder = state_dir.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|e| Error::file("delete", &folder, e))?;
        }
    }
    Ok(())
}

/// Puts a checksum before every record.
pub(super) fn add_checksums(connection: &Connection) -> rusqlite::Result<()> {
    for (table, column) in RECORDS {
        let all = format!("SELECT rowid, {column} FROM {table}");
        let mut all = connection.prepare(&all)?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows: Vec<(i64, String)> = rows.collect::<rusqlite::Result<_>>()?;
        let update = format!("UPDATE {table} SET {column} = ?2 WHERE rowid = ?1");
        let mut update = connection.prepare(&update)?;
        for (row, json) in rows {
            update.execute((row, with_sum(&json)))?;
        }
    }
    Ok(())
}

fn write_predictions(connection: &Connection, files: &Files) -> rusqlite::Result<Result<()>> {
    let all = "SELECT model, data, classes, width, examples, logits, embeddings FROM predictions";
    let mut all = connection.prepare(all)?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (model, data): (String, String) = (row.get(0)?, row.get(1)?);
        let (classes, width): (u32, u32) = (row.get(2)?, row.get(3)?);
        let examples: Vec<u8> = row.get(4)?;
        let index = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes) as usize;
        let examples: Vec<usize> = examples.as_chunks().0.iter().map(index).collect();
        let predictions = Predictions::restore(
            examples,
            classes as usize,
            floats(&row.get::<_, Vec<u8>>(5)?),
            width as usize,
            floats(&row.get::<_, Vec<u8>>(6)?),
        );
        // Damaged ones are scored again.
        let Ok(predictions) = predictions else {
            continue;
        };
        if let Err(error) = scores::write_predictions(files, &model, &data, &predictions) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

fn write_maps(connection: &Connection, files: &Files) -> rusqlite::Result<Result<()>> {
    let mut all = connection.prepare("SELECT model, data, method, points FROM map")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (model, data): (String, String) = (row.get(0)?, row.get(1)?);
        let method: String = row.get(2)?;
        let Ok(method) = serde_json::from_str::<MapMethod>(&method) else {
            continue;
        };
        let points = floats(&row.get::<_, Vec<u8>>(3)?).as_chunks().0.to_vec();
        let map = MapPositions { method, points };
        if let Err(error) = scores::write_map(files, &model, &data, &map) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let (floats, _) = bytes.as_chunks();
    floats.iter().map(|x| f32::from_le_bytes(*x)).collect()
}

/// Fingerprint and file of the base that was fitted last.
fn fitted_base(connection: &Connection) -> rusqlite::Result<Option<(String, String)>> {
    let find = "SELECT json_extract(step.output, '$.model'), checkpoint.file
                FROM step JOIN checkpoint
                ON checkpoint.sha256 = json_extract(step.output, '$.checkpoint')
                WHERE step.name = 'fit'";
    connection
        .query_row(find, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// What a file of a round is called now; none for what holds no result.
fn key_of_result(path: &Path) -> Option<Key> {
    let name = path.file_name()?.to_str()?;
    if name.starts_with(atomic_file::TEMPORARY) {
        return None;
    }
    if let Some(weights) = name.strip_suffix(".weights") {
        return Some(Key::recorded(Kind::Model, weights));
    }
    let answers = name.strip_suffix(".safetensors")?;
    Some(match answers.strip_suffix(".final") {
        Some(run) => Key::recorded(Kind::Answers, run).on_final(),
        None => Key::recorded(Kind::Answers, answers),
    })
}

/// Moves a file, unless that was done before.
fn take(from: &Path, to: &Path) -> Result<()> {
    match rename(from, to) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::file("move", from, e)),
        _ => atomic_file::sync_folder(to.parent().unwrap_or(Path::new("."))),
    }
}
