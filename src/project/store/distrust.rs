//! A database may come from elsewhere, in a project that somebody sent: it is
//! read as data, and nothing that it defines is computed.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::trouble;
use crate::support::{Error, Result};

/// Lets a connection run no triggers, expand no views and call nothing from a
/// schema, and refuses a database that defines any of these.
///
/// # Errors
/// For such a database, and one whose schema cannot be read.
pub(super) fn distrust(connection: &Connection, database: &Path) -> Result<()> {
    let failed = |e| trouble::explain("open the project's state", database, e);
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
    ] {
        connection.set_db_config(setting, on).map_err(failed)?;
    }
    let foreign = "SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'trigger') \
                   OR sql LIKE 'CREATE VIRTUAL%' LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found: (String, String) = match connection.query_row(foreign, [], read) {
        Err(rusqlite::Error::QueryReturnedNoRows) => return Ok(()),
        found => found.map_err(failed)?,
    };
    let (kind, name) = found;
    let kind = if kind == "table" {
        "virtual table"
    } else {
        &kind
    };
    Err(Error::input(format!(
        "`{}` defines the {kind} `{name}`, which no state of Blindspot does",
        database.display()
    ))
    .hint(
        "somebody has changed it: open the project without its state folder, or ask for it again",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_compute_is_refused_by_name() {
        for (schema, named) in [
            (
                "CREATE TABLE t (a); CREATE VIEW spy AS SELECT random() FROM t",
                "view `spy`",
            ),
            (
                "CREATE TABLE t (a); CREATE TRIGGER spy AFTER INSERT ON t BEGIN DELETE FROM t; END",
                "trigger `spy`",
            ),
            (
                "CREATE VIRTUAL TABLE spy USING fts5(a)",
                "virtual table `spy`",
            ),
        ] {
            let connection = Connection::open_in_memory().expect("opens");
            connection.execute_batch(schema).expect("defines");
            let error = distrust(&connection, Path::new("x.sqlite")).expect_err("refused");
            assert_eq!(error.exit_code(), 2);
            let said = error.to_string();
            assert!(said.contains(named) && said.contains("x.sqlite"), "{said}");
        }
        let plain = Connection::open_in_memory().expect("opens");
        plain.execute_batch("CREATE TABLE t (a)").expect("defines");
        assert!(distrust(&plain, Path::new("x.sqlite")).is_ok());
    }
}
