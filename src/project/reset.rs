//! Deletes what the program wrote for a project. Asking first is the
//! caller's job.

use std::path::Path;

use super::lock::{Claim, LOCK_FILE, claim};
use super::store::folder::{MARKER_FILE, is_ours};
use crate::support::{Error, Result};

/// Deletes a state folder with all triage, lessons, runs and checkpoints.
/// Says whether there was one.
///
/// # Errors
/// If the folder is not one that [`super::Store::open`] made, if another
/// process has it open, or if something in it cannot be deleted.
pub fn reset(state_dir: &Path) -> Result<bool> {
    if !state_dir.exists() {
        return Ok(false);
    }
    if !is_ours(state_dir) {
        return Err(Error::input(format!(
            "`{}` is not a state folder of this program; nothing was deleted",
            state_dir.display()
        ))
        .hint("name the project, or the folder given with `--state-dir`"));
    }
    let lock = match claim(state_dir)? {
        Claim::Ours(lock) => lock,
        Claim::Theirs(holder) => {
            let who = holder.map_or_else(|| "another process".to_owned(), |h| h.to_string());
            return Err(Error::input(format!(
                "`{}` is in use by {who}; nothing was deleted",
                state_dir.display()
            ))
            .hint("close the other program first"));
        }
    };
    delete(state_dir)?;
    drop(lock);
    Ok(true)
}

/// Deletes the marker last, so that a reset that was cut short can be done
/// again.
fn delete(folder: &Path) -> Result<()> {
    let failed = |e| Error::file("delete", folder, e);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name == MARKER_FILE || name == LOCK_FILE {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().map_err(failed)?.is_dir();
        let deleted = if is_folder {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        deleted.map_err(|e| Error::file("delete", &path, e))?;
    }
    std::fs::remove_dir_all(folder).map_err(failed)
}
