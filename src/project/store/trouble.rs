//! What goes wrong with the database, in plain words.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::support::{Error, Fault};

/// What a damaged database leaves to do.
pub(super) const DAMAGED_HINT: &str = "restore `.blindspot` from a backup, or copy it away and \
     delete it with `blindspot reset`; the project's own files are not affected";

/// Turns a failure of the database into an error that says what can be done.
/// `doing` completes "cannot … in `FILE`".
pub(super) fn explain(doing: &str, database: &Path, error: rusqlite::Error) -> Error {
    let (fault, hint) = match &error {
        rusqlite::Error::ToSqlConversionFailure(_) => (
            Fault::Program,
            "it holds a value that cannot be stored, such as a figure that is no number",
        ),
        rusqlite::Error::FromSqlConversionFailure(..) => (Fault::Input, DAMAGED_HINT),
        _ => of_code(error.sqlite_error_code()),
    };
    let message = format!("cannot {doing} in `{}`", database.display());
    let explained = match fault {
        Fault::Input => Error::input(message),
        _ => Error::program(message),
    };
    explained.because(error).hint(hint)
}

fn of_code(code: Option<ErrorCode>) -> (Fault, &'static str) {
    match code {
        Some(ErrorCode::DiskFull) => (
            Fault::Program,
            "free some disk space and do it again; what was saved before is not affected",
        ),
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => (Fault::Input, DAMAGED_HINT),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => (
            Fault::Input,
            "check the permissions of the file and its folder, or use `--state-dir`",
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            Fault::Program,
            "another program reads the database; close it and try again",
        ),
        _ => (
            Fault::Program,
            "check the disk and do it again; what was saved before is not affected",
        ),
    }
}
