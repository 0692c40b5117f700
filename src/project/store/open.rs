//! Opening a store: the folder, the lock, the database, left-overs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use super::distrust::distrust;
use super::folder::{Access, DATABASE_FILE, prepare, refuse_lost_database};
use super::migrations::{MIGRATIONS, is_empty, migrate, require_current};
use super::{Guarded, Inner, Opened, ReadOnly, Store, document, trouble};
use crate::project::files::Files;
use crate::project::lock::{Claim, Lock, claim};
use crate::project::network_folder::network_type;
use crate::support::{Error, Result};

/// How long a statement waits while another process holds the database.
const BUSY: Duration = Duration::from_secs(5);

/// How long a reader waits for the process that is just making the database.
const CREATION: Duration = Duration::from_secs(3);

impl Store {
    /// Opens the state in a folder, making it if there is none.
    ///
    /// While another process has it open, or the folder cannot be written to,
    /// the store is for reading only: [`Store::read_only`] says why. Files that
    /// a process that was killed left half-written are removed, and a state of
    /// an earlier version is brought up to date.
    ///
    /// # Errors
    /// If the folder holds something else, cannot be made or read, or if its
    /// database is damaged, newer than this program, or gone while what was
    /// computed is still there.
    pub fn open(state_dir: &Path) -> Result<Opened> {
        if prepare(state_dir)? == Access::Read {
            return open_for_reading(state_dir, ReadOnly::Unwritable);
        }
        let lock = match claim(state_dir)? {
            Claim::Ours(lock) => lock,
            Claim::Theirs(holder) => {
                return open_for_reading(state_dir, ReadOnly::Held(holder));
            }
        };
        let database = state_dir.join(DATABASE_FILE);
        if std::fs::metadata(&database).map_or(true, |file| file.len() == 0) {
            refuse_lost_database(state_dir)?;
        }
        let mut warnings = Vec::new();
        let failed = |e| trouble::explain("open the project's state", &database, e);
        let mut connection = Connection::open(&database).map_err(failed)?;
        distrust(&connection, &database)?;
        set_up(&connection, network_type(state_dir), &mut warnings).map_err(failed)?;
        check(&connection, &database)?;
        if is_empty(&connection, &database)? {
            refuse_lost_database(state_dir)?;
        }
        migrate(&mut connection, MIGRATIONS, &database)?;
        Files::of(state_dir).collect_half_written()?;
        finish(state_dir, (connection, None), (None, Some(lock)), warnings)
    }

    /// Opens the state as one of many machines that share its folder: for
    /// reading only, from a copy of the database. No lock is asked for, since
    /// those of network drives may lie; computed files can be written, whole or
    /// not at all.
    ///
    /// # Errors
    /// If there is no state yet, if somebody is saving all the time, or if the
    /// database is damaged or of another version.
    pub fn open_shared(state_dir: &Path) -> Result<Opened> {
        if !state_dir.join(DATABASE_FILE).exists() {
            return Err(Error::input(format!(
                "there is no state in `{}` yet",
                state_dir.display()
            ))
            .hint("`blindspot discover PROJECT` makes one, with base and blind spots"));
        }
        open_for_reading(state_dir, ReadOnly::Shared)
    }

    /// Opens a state that is there for reading, whoever writes to it, and keeps
    /// nobody from writing.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub fn open_to_read(state_dir: &Path) -> Result<Opened> {
        open_for_reading(state_dir, ReadOnly::Held(None))
    }
}

pub(super) fn open_for_reading(state_dir: &Path, why: ReadOnly) -> Result<Opened> {
    let database = state_dir.join(DATABASE_FILE);
    let deadline = Instant::now() + CREATION;
    loop {
        match try_open_for_reading(state_dir, &database, &why) {
            Ok(opened) => return Ok(opened),
            Err(error) => {
                let may_pass = why != ReadOnly::Unwritable;
                if !may_pass || Instant::now() > deadline {
                    return Err(error);
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
}

fn try_open_for_reading(state_dir: &Path, database: &Path, why: &ReadOnly) -> Result<Opened> {
    if !database.exists() {
        return Err(
            Error::input(format!("there is no state in `{}`", state_dir.display()))
                .hint("choose a writable place with `--state-dir`"),
        );
    }
    let failed = |e| trouble::explain("open the project's state", database, e);
    let copy = match why {
        ReadOnly::Unwritable => Some(copied(database)?),
        ReadOnly::Shared => Some(copied_at_rest(database)?),
        ReadOnly::Held(_) => None,
    };
    let connection = match &copy {
        Some(copy) => Connection::open(copy.path().join(DATABASE_FILE)),
        None => Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY),
    }
    .map_err(failed)?;
    distrust(&connection, database)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    if *why == ReadOnly::Shared {
        check(&connection, database)?;
    }
    require_current(&connection, database)?;
    let warnings = match why {
        ReadOnly::Shared => Vec::new(),
        _ => vec![format!("the project is open for reading only: {why}")],
    };
    let access = (Some(why.clone()), None);
    finish(state_dir, (connection, copy), access, warnings)
}

/// As [`copied`], of a database that nobody writes to meanwhile.
fn copied_at_rest(database: &Path) -> Result<TempDir> {
    let beside = |suffix: &str| {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        std::fs::metadata(PathBuf::from(path)).ok()
    };
    let stamps = || ["", "-wal"].map(|suffix| beside(suffix).map(|m| (m.len(), m.modified().ok())));
    let before = stamps();
    let copy = copied(database)?;
    let saving = beside("-journal").is_some_and(|journal| journal.len() > 0);
    if saving || stamps() != before {
        return Err(Error::program(format!(
            "`{}` is being written to by another program",
            database.display()
        ))
        .hint("close the other program, or run the command again"));
    }
    Ok(copy)
}

/// Copies a database to where SQLite may make the files that it needs beside
/// one, with the changes that wait in its log.
fn copied(database: &Path) -> Result<TempDir> {
    let folder =
        tempfile::tempdir().map_err(|e| Error::program("no temporary folder").because(e))?;
    let place = folder.path().join(DATABASE_FILE);
    for suffix in ["", "-wal"] {
        let with = |path: &Path| {
            let mut path = path.as_os_str().to_owned();
            path.push(suffix);
            PathBuf::from(path)
        };
        let from = with(database);
        if from.exists() {
            std::fs::copy(&from, with(&place)).map_err(|e| Error::file("copy", &from, e))?;
        }
    }
    Ok(folder)
}

/// Sets the journal and asks for every commit to be on disk when it returns.
fn set_up(
    connection: &Connection,
    network: Option<String>,
    warnings: &mut Vec<String>,
) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    let wanted = if network.is_some() { "truncate" } else { "wal" };
    let journal_mode = |mode: &str| -> rusqlite::Result<String> {
        connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))
    };
    let got = journal_mode(wanted)?;
    if let Some(kind) = network {
        warnings.push(format!(
            "the project's state lies on a network drive ({kind}): saving is slower there, \
             and only one machine should open it; `--state-dir` puts it on a local disk"
        ));
    } else if !got.eq_ignore_ascii_case(wanted) {
        journal_mode("truncate")?;
        warnings.push(
            "this folder does not support SQLite's write-ahead log: saving is slower".to_owned(),
        );
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Refuses a database that is cut off or scrambled, before anything is
/// written to it.
fn check(connection: &Connection, database: &Path) -> Result<()> {
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|e| trouble::explain("check the project's state", database, e))?;
    if found == "ok" {
        return Ok(());
    }
    Err(
        Error::input(format!("`{}` is damaged: {found}", database.display()))
            .hint(trouble::DAMAGED_HINT),
    )
}

fn finish(
    state_dir: &Path,
    (connection, copy): (Connection, Option<TempDir>),
    (read_only, lock): (Option<ReadOnly>, Option<Lock>),
    mut warnings: Vec<String>,
) -> Result<Opened> {
    let database = state_dir.join(DATABASE_FILE);
    let saved = document::load(&connection)
        .map_err(|e| trouble::explain("read what was written", &database, e))?;
    let store = Store {
        inner: Arc::new(Inner {
            folder: state_dir.to_owned(),
            files: Files::of(state_dir),
            read_only,
            _copy: copy,
            guarded: Mutex::new(Guarded {
                connection,
                saved,
                lock,
            }),
        }),
    };
    warnings.extend(store.damaged_comparisons()?);
    Ok(Opened { store, warnings })
}
