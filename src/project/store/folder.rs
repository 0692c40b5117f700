//! What lies in a state folder, and how to know one.

use std::io::ErrorKind;
use std::path::Path;

use super::version_1;
use crate::project::files::{Kind, listed};
use crate::support::atomic_file::TEMPORARY;
use crate::support::text::many;
use crate::support::{Error, Result};

pub(super) const DATABASE_FILE: &str = "blindspot.sqlite";

/// Keeps the folder out of version control and says that it is ours.
pub(in crate::project) const MARKER_FILE: &str = ".gitignore";
const MARKER: &str = "\
# State of Blindspot: written by the program, deleted by `blindspot reset`.
*
";

/// Whether a folder was made by [`prepare`].
pub(in crate::project) fn is_ours(folder: &Path) -> bool {
    let found = std::fs::read_to_string(folder.join(MARKER_FILE));
    found.is_ok_and(|text| text.lines().next() == MARKER.lines().next())
}

/// Whether the folder can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Write,
    Read,
}

/// Makes the folder, or accepts one that [`prepare`] made before or that is
/// empty. One that holds anything else is refused: a reset would delete it.
pub(super) fn prepare(folder: &Path) -> Result<Access> {
    if !is_ours(folder) {
        std::fs::create_dir_all(folder).map_err(|e| cannot_make(folder, e))?;
        refuse_foreign(folder)?;
        crate::support::atomic_file::write(&folder.join(MARKER_FILE), |out| {
            out.write_all(MARKER.as_bytes())
        })?;
    }
    match tempfile::Builder::new()
        .prefix(TEMPORARY)
        .tempfile_in(folder)
    {
        Ok(_) => Ok(Access::Write),
        Err(e) if is_unwritable(&e) => Ok(Access::Read),
        Err(e) => Err(Error::file("write to", folder, e)),
    }
}

/// Refuses a folder whose database is gone, or empty, while work lies beside
/// it: it is no new project, and what lies there must not be taken for litter.
pub(super) fn refuse_lost_database(folder: &Path) -> Result<()> {
    let kinds = Kind::ALL.iter().map(|kind| kind.folder());
    let mut left = 0;
    for name in kinds.chain(version_1::FOLDERS) {
        let files = listed(&folder.join(name))?.into_iter();
        left += files.filter(|file| !is_half_written(file)).count();
    }
    if left == 0 {
        return Ok(());
    }
    let database = folder.join(DATABASE_FILE);
    Err(Error::input(format!(
        "`{}` is missing or empty, but {} of earlier work lie beside it; nothing was changed",
        database.display(),
        many(left, "file")
    ))
    .hint(
        "put the database back from a backup; without one, copy the folder away if you want to \
         keep anything, and start afresh with `blindspot reset`",
    ))
}

fn is_half_written(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(TEMPORARY)
}

fn refuse_foreign(folder: &Path) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(|e| Error::file("read", folder, e))?;
    for entry in entries {
        let entry = entry.map_err(|e| Error::file("read", folder, e))?;
        if !is_half_written(&entry.path()) {
            return Err(Error::input(format!(
                "`{}` holds files that are not this program's",
                folder.display()
            ))
            .hint("choose an empty or new folder with `--state-dir`"));
        }
    }
    Ok(())
}

fn is_unwritable(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

fn cannot_make(folder: &Path, error: std::io::Error) -> Error {
    let unusable = is_unwritable(&error) || error.kind() == ErrorKind::NotADirectory;
    let made = Error::file("make the folder", folder, error);
    if unusable {
        made.hint("choose a writable place with `--state-dir`")
    } else {
        made
    }
}
