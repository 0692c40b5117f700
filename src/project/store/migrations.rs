//! Versions of the database's schema. A migration, once released, is never
//! changed; the next one follows it.

use std::path::Path;

use rusqlite::Connection;

use super::trouble;
use super::version_1;
use crate::support::{Error, Result};

/// Leads from one schema version to the next.
pub(super) struct Migration {
    /// Changes beside the tables, before `sql`: what it does may be done again
    /// after a crash.
    prepare: Option<fn(&Connection, &Path) -> Result<()>>,
    /// Changes of the tables.
    sql: &'static str,
    /// Changes of the rows, in the same transaction.
    rows: Option<fn(&Connection) -> rusqlite::Result<()>>,
}

impl Migration {
    /// One that changes tables only.
    pub(super) const fn tables(sql: &'static str) -> Self {
        Self {
            prepare: None,
            sql,
            rows: None,
        }
    }
}

/// The migration at position n leads from schema version n to n + 1.
pub(super) const MIGRATIONS: &[Migration] = &[
    Migration::tables(include_str!("schema_1.sql")),
    Migration {
        prepare: Some(version_1::move_to_files),
        sql: include_str!("schema_2.sql"),
        rows: Some(version_1::add_checksums),
    },
    Migration::tables(include_str!("schema_3.sql")),
    Migration::tables(include_str!("schema_4.sql")),
];

/// "Bspt": tells our databases from other programs'.
const APPLICATION_ID: i32 = 0x4273_7074;

/// Brings a database up to date, each version in a transaction of its own.
/// A new, empty file counts as version 0.
pub(super) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
    database: &Path,
) -> Result<()> {
    let version = version(connection, database)?;
    require_known(version, migrations.len(), database)?;
    let failed = |e| trouble::explain("update the tables", database, e);
    for (number, migration) in (1_i64..).zip(migrations).skip(version) {
        if let Some(prepare) = migration.prepare {
            prepare(connection, database.parent().unwrap_or(Path::new(".")))?;
        }
        let mut run = || {
            let transaction = connection.transaction()?;
            transaction.execute_batch(migration.sql)?;
            if let Some(change_rows) = migration.rows {
                change_rows(&transaction)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", number)?;
            transaction.commit()
        };
        run().map_err(failed)?;
    }
    if (1..migrations.len()).contains(&version) {
        // Gives back the room of dropped tables; without it all is well too.
        drop(connection.execute_batch("VACUUM"));
    }
    Ok(())
}

/// Accepts a database that is up to date, without changing it.
pub(super) fn require_current(connection: &Connection, database: &Path) -> Result<()> {
    let version = version(connection, database)?;
    require_known(version, MIGRATIONS.len(), database)?;
    if version < MIGRATIONS.len() {
        return Err(Error::input(format!(
            "`{}` was made by an older version of the program and cannot be updated now",
            database.display()
        ))
        .hint(
            "close the other program, or copy the folder to a place that can be written to, and \
             open it again",
        ));
    }
    Ok(())
}

/// Whether a database holds nothing at all, as one that was just made.
pub(super) fn is_empty(connection: &Connection, database: &Path) -> Result<bool> {
    Ok(version(connection, database)? == 0)
}

fn version(connection: &Connection, database: &Path) -> Result<usize> {
    let read = || -> rusqlite::Result<(i32, usize, usize)> {
        let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = connection.query_row(tables, [], |row| row.get(0))?;
        let version: i64 = pragma("user_version").map(i64::from)?;
        let application = pragma("application_id")?;
        let count = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
        Ok((application, count(version), count(tables)))
    };
    let (application, version, tables) =
        read().map_err(|e| trouble::explain("read the version", database, e))?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(Error::input(format!(
            "`{}` is a database of another program",
            database.display()
        ))
        .hint("choose another folder with `--state-dir`"));
    }
    Ok(version)
}

fn require_known(version: usize, known: usize, database: &Path) -> Result<()> {
    if version <= known {
        return Ok(());
    }
    Err(Error::input(format!(
        "`{}` was written by a newer version of the program (its tables have version {version}, \
         this program knows up to {known})",
        database.display()
    ))
    .hint("install the newer version, or start afresh in another folder with `--state-dir`"))
}
