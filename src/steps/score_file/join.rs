//! Makes of the shards of several machines the file that one would have
//! written.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use csv::ByteRecord;
use serde::Serialize;

use super::shard::{Foot, Head, shard_path};
use super::unfinished::csv_bytes;
use super::{BATCH, fingerprint, may_be_written_to};
use crate::model::Classifier;
use crate::steps::Workspace;
use crate::support::atomic_file::NewFile;
use crate::support::text::many;
use crate::support::{Error, Progress, Result, Share, user_file};

/// Missing shards that an error names.
const NAMED: usize = 10;

/// Bytes at both ends of a shard that are looked at.
const ENDS: u64 = 4_096;

/// What was joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Joined {
    /// Rows in the output.
    pub rows: u64,
    /// The kinds of machines that scored them: on one kind the output is equal
    /// to that of a single run, byte for byte.
    pub machines: BTreeSet<String>,
}

/// Joins all `shards` of a scored file to `output`; they stay.
///
/// # Errors
/// When shards are missing, damaged, or of another file or model.
pub fn join_shards(
    workspace: &Workspace,
    model: &Classifier,
    (input, output): (&Path, &Path),
    shards: usize,
    progress: &Progress,
) -> Result<Joined> {
    progress.stage("Joining shards", None);
    may_be_written_to(input, output)?;
    let paths: Vec<PathBuf> = (1..=shards)
        .map(|number| shard_path(output, Share { number, of: shards }))
        .collect();
    check_all_there(&paths)?;
    let key = fingerprint(workspace, model, input)?;
    let mut machines = BTreeSet::new();
    let mut readers = Vec::new();
    for (number, path) in (1..).zip(&paths) {
        let shard = Share { number, of: shards };
        let reader = Reader::open(path, shard, &key)?;
        machines.insert(reader.machine.clone());
        readers.push(reader);
    }
    if machines.len() > 1 {
        progress.warn(format!(
            "the shards were scored on several kinds of machines, whose last digits may differ: {}",
            machines.iter().cloned().collect::<Vec<_>>().join("; ")
        ));
    }
    let mut file = NewFile::begin(output)?;
    let rows = taking_turns(&mut readers, &mut file, progress)?;
    for reader in &readers {
        reader.check_end(rows)?;
    }
    file.finish()?;
    Ok(Joined { rows, machines })
}

/// Names the shards that are missing.
fn check_all_there(paths: &[PathBuf]) -> Result<()> {
    let missing: Vec<String> = (paths.iter())
        .filter(|path| !path.exists())
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let named = missing.iter().take(NAMED).cloned().collect::<Vec<_>>();
    let more = missing.len() - named.len();
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Err(Error::input(format!(
        "{} of {} are missing: {}{more}",
        many(missing.len(), "shard"),
        paths.len(),
        named.join(", ")
    ))
    .hint("score them with `--shard`; one that was stopped goes on"))
}

/// Writes the header and then the batches of the shards, one of each in turn,
/// until all are at their end; gives the number of rows.
fn taking_turns(readers: &mut [Reader], file: &mut NewFile, progress: &Progress) -> Result<u64> {
    let Some(first) = readers.first() else {
        return Ok(0);
    };
    let header = first.header.clone();
    if let Some(other) = readers.iter().find(|reader| reader.header != header) {
        return Err(other.damaged("its columns are not those of the first shard"));
    }
    file.write(&csv_bytes(|csv| csv.write_byte_record(&header))?)?;
    let (mut rows, mut last) = (0, 0);
    for turn in 0.. {
        progress.check()?;
        let at = turn % readers.len();
        let batch = readers[at].batch()?;
        for record in &batch {
            let row = readers[at].row_of(record)?;
            if row <= last {
                return Err(readers[at].damaged("its rows are not in the order of the file"));
            }
            last = row;
        }
        rows += batch.len() as u64;
        file.write(&csv_bytes(|csv| {
            batch
                .iter()
                .try_for_each(|record| csv.write_byte_record(record))
        })?)?;
        progress.done(rows);
        // Whoever has less than a whole batch has the end of the file.
        if batch.len() < BATCH {
            break;
        }
    }
    Ok(rows)
}

/// A shard that is being read.
struct Reader {
    path: PathBuf,
    machine: String,
    foot: Foot,
    rows: u64,
    header: ByteRecord,
    records: csv::Reader<File>,
}

impl Reader {
    /// Opens a shard, if it is the one of what `key` names.
    fn open(path: &Path, shard: Share, key: &str) -> Result<Self> {
        let failed = |e| Error::file("read", path, e);
        let mut file = user_file::open(path)?;
        let (start, end) = ends(&mut file).map_err(failed)?;
        let head = Head::of(&start).map(|(head, _)| head);
        let head = head.ok_or_else(|| damaged(path, "it does not begin as a shard"))?;
        let foot = Foot::of(&end).ok_or_else(|| damaged(path, "it is cut short"))?;
        if head.shard != shard || head.key != key {
            return Err(Error::input(format!(
                "`{}` was made of another file, by another model, or under another division",
                path.display()
            ))
            .hint("score it again with `--shard`"));
        }
        let mut options = csv::ReaderBuilder::new();
        let mut records = options.comment(Some(b'#')).from_reader(file);
        let header = records
            .byte_headers()
            .map_err(|e| of_csv(path, &e))?
            .clone();
        Ok(Self {
            path: path.to_owned(),
            machine: head.machine,
            foot,
            rows: 0,
            header,
            records,
        })
    }

    /// The next rows, a whole batch unless the shard ends.
    fn batch(&mut self) -> Result<Vec<ByteRecord>> {
        let records = self.records.byte_records().take(BATCH);
        let batch = records.collect::<csv::Result<Vec<_>>>();
        let batch = batch.map_err(|e| of_csv(&self.path, &e))?;
        self.rows += batch.len() as u64;
        Ok(batch)
    }

    /// The number of a row in the scored file.
    fn row_of(&self, record: &ByteRecord) -> Result<u64> {
        let cell = record
            .get(0)
            .and_then(|cell| std::str::from_utf8(cell).ok());
        let row = cell.and_then(|cell| cell.parse().ok());
        row.ok_or_else(|| self.damaged("a row has no number"))
    }

    /// Checks that the shard, and all together, have the rows that it says.
    fn check_end(&self, all: u64) -> Result<()> {
        match self.rows == self.foot.rows && all == self.foot.of {
            true => Ok(()),
            false => Err(self.damaged("rows are missing")),
        }
    }

    fn damaged(&self, why: &str) -> Error {
        damaged(&self.path, why)
    }
}

/// The first and the last bytes of a file, as text.
fn ends(file: &mut File) -> std::io::Result<(String, String)> {
    let length = file.metadata()?.len();
    let mut read = |from: u64| {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(from))?;
        Read::by_ref(file).take(ENDS).read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    let ends = (read(0)?, read(length.saturating_sub(ENDS))?);
    file.seek(SeekFrom::Start(0))?;
    Ok(ends)
}

fn of_csv(path: &Path, error: &csv::Error) -> Error {
    damaged(path, &error.to_string())
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::input(format!("the shard `{}` is damaged: {why}", path.display()))
        .hint("delete it and score it again with `--shard`")
}
