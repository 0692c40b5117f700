//! Opening a store: the folder, the lock, the database, left-overs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::folder::{Access, DATABASE_FILE, prepare};
use super::migrations::{MIGRATIONS, migrate, require_current};
use super::{Guarded, Inner, Opened, ReadOnly, Store, checkpoint, document, trouble};
use crate::project::lock::{Claim, claim};
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
    /// the store is for reading only: [`Store::read_only`] says why. Half
    /// finished checkpoints of a process that was killed are removed.
    ///
    /// # Errors
    /// If the folder holds something else, cannot be made or read, or if its
    /// database is damaged or newer than this program.
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
        let mut warnings = Vec::new();
        let failed = |e| trouble::explain("open the project's state", &database, e);
        let mut connection = Connection::open(&database).map_err(failed)?;
        set_up(&connection, network_type(state_dir), &mut warnings).map_err(failed)?;
        check(&connection, &database)?;
        migrate(&mut connection, MIGRATIONS, &database)?;
        warnings.extend(checkpoint::collect_orphans(&connection, state_dir)?);
        finish(state_dir, connection, None, Some(lock), warnings)
    }
}

fn open_for_reading(state_dir: &Path, why: ReadOnly) -> Result<Opened> {
    let database = state_dir.join(DATABASE_FILE);
    let deadline = Instant::now() + CREATION;
    loop {
        match try_open_for_reading(state_dir, &database, &why) {
            Ok(opened) => return Ok(opened),
            Err(error) => {
                let being_made = matches!(why, ReadOnly::Held(_));
                if !being_made || Instant::now() > deadline {
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
    let connection = match why {
        ReadOnly::Unwritable if !write_ahead_log(database).exists() => open_unchanging(database),
        _ => Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY),
    }
    .map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    require_current(&connection, database)?;
    let warnings = vec![format!("the project is open for reading only: {why}")];
    finish(state_dir, connection, Some(why.clone()), None, warnings)
}

/// Opens a database that nobody can change, without the files that SQLite
/// otherwise makes beside it.
fn open_unchanging(database: &Path) -> rusqlite::Result<Connection> {
    let path = database.to_string_lossy().replace('%', "%25");
    let path = path.replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)
}

/// Where changes wait that are not in the database file yet.
fn write_ahead_log(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-wal");
    path.into()
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
    connection: Connection,
    read_only: Option<ReadOnly>,
    lock: Option<crate::project::lock::Lock>,
    warnings: Vec<String>,
) -> Result<Opened> {
    let database = state_dir.join(DATABASE_FILE);
    let saved = document::load(&connection)
        .map_err(|e| trouble::explain("read what was written", &database, e))?;
    let store = Store {
        inner: Arc::new(Inner {
            folder: state_dir.to_owned(),
            read_only,
            guarded: Mutex::new(Guarded {
                connection,
                saved,
                verified: BTreeSet::new(),
                lock,
            }),
        }),
    };
    Ok(Opened { store, warnings })
}
