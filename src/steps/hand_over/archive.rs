//! Several files in one: a SQLite database with a row for each.

use std::path::{Component, Path};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use crate::support::{Error, Result};

/// "Bsho": tells hand-overs from other databases.
const APPLICATION_ID: i32 = 0x4273_686f;

/// Whether a file is a hand-over.
pub fn is_hand_over(file: &Path) -> bool {
    file.is_file() && open(file).is_ok()
}

/// Packs all files below a folder into one file, which is whole or absent.
pub(super) fn pack(folder: &Path, file: &Path) -> Result<()> {
    let target = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let target = target.unwrap_or_else(|| Path::new("."));
    let failed = |e| Error::file("write", file, e);
    let temporary = tempfile::Builder::new()
        .prefix(".writing-")
        .tempfile_in(target)
        .map_err(failed)?;
    let mut names = Vec::new();
    files_below(folder, Path::new(""), &mut names)?;
    let fill = || -> rusqlite::Result<()> {
        let mut database = Connection::open(temporary.path())?;
        database.pragma_update(None, "application_id", APPLICATION_ID)?;
        let transaction = database.transaction()?;
        transaction.execute_batch("CREATE TABLE file (name TEXT PRIMARY KEY, content BLOB)")?;
        for name in &names {
            let content = std::fs::read(folder.join(name))
                .map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
            let row = rusqlite::params![name, content];
            transaction.execute("INSERT INTO file VALUES (?1, ?2)", row)?;
        }
        transaction.commit()
    };
    fill().map_err(|e| {
        Error::input(format!("cannot write `{}`", file.display()))
            .because(e)
            .hint("is there room on the disk?")
    })?;
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(file).map_err(|e| failed(e.error))?;
    Ok(())
}

/// One of the packed files.
pub(super) fn member(file: &Path, name: &str) -> Result<Vec<u8>> {
    let find = "SELECT content FROM file WHERE name = ?1";
    open(file)?
        .query_row(find, [name], |row| row.get(0))
        .optional()
        .ok()
        .flatten()
        .ok_or_else(|| damaged(file))
}

/// Unpacks into a folder, which is whole or absent.
pub(super) fn unpack(file: &Path, folder: &Path) -> Result<()> {
    let parent = folder
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    let temporary = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(parent)
        .map_err(|e| {
            Error::file("create a folder in", parent, e)
                .hint("copy the file to a folder of your own and open it there")
        })?;
    let database = open(file)?;
    let read = || -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
        let mut all = database.prepare("SELECT name, content FROM file")?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    };
    for (name, content) in read().map_err(|_| damaged(file))? {
        // The file comes from elsewhere: nothing may be written outside.
        let inside = Path::new(&name)
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            return Err(damaged(file));
        }
        let path = temporary.path().join(&name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| Error::file("create", parent, e))?;
        }
        std::fs::write(&path, content).map_err(|e| Error::file("write", &path, e))?;
    }
    std::fs::rename(temporary.keep(), folder).map_err(|e| Error::file("create", folder, e))
}

fn open(file: &Path) -> Result<Connection> {
    let opened = || -> rusqlite::Result<(Connection, i32)> {
        let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let id = database.pragma_query_value(None, "application_id", |row| row.get(0))?;
        Ok((database, id))
    };
    match opened() {
        Ok((database, APPLICATION_ID)) => Ok(database),
        _ => Err(
            Error::input(format!("`{}` is no hand-over of Blindspot", file.display()))
                .hint("open the .blindspot file that you were sent, or a project's folder"),
        ),
    }
}

fn damaged(file: &Path) -> Error {
    Error::input(format!("`{}` is damaged", file.display())).hint("ask for the file again")
}

fn files_below(folder: &Path, below: &Path, names: &mut Vec<String>) -> Result<()> {
    let here = folder.join(below);
    let entries = std::fs::read_dir(&here).map_err(|e| Error::file("read", &here, e))?;
    for entry in entries {
        let entry = entry.map_err(|e| Error::file("read", &here, e))?;
        let name = below.join(entry.file_name());
        if entry.path().is_dir() {
            // What the program writes for itself stays behind.
            if entry.file_name() != crate::project::STATE_FOLDER {
                files_below(folder, &name, names)?;
            }
        } else {
            // One separator on every system.
            let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            names.push(parts.join("/"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::steps::hand_over::archive::*;

    #[test]
    fn what_is_packed_comes_out_and_nothing_leaves_the_folder() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir_all(from.join("inside")).expect("folders");
        std::fs::write(from.join("inside/x"), b"\0bytes").expect("writes");
        let file = folder.path().join("it.blindspot");
        pack(&from, &file).expect("packs");
        assert!(is_hand_over(&file));
        unpack(&file, &to).expect("unpacks");
        assert_eq!(
            std::fs::read(to.join("inside/x")).expect("there"),
            b"\0bytes"
        );

        let evil = Connection::open(&file).expect("opens");
        evil.execute("UPDATE file SET name = '../evil'", [])
            .expect("changes");
        drop(evil);
        assert!(unpack(&file, &folder.path().join("c")).is_err());
        assert!(!folder.path().join("evil").exists());
        assert!(!is_hand_over(&from.join("inside/x")));
    }
}
