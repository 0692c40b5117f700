//! Files that come with the program, copied to where they may be written.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::support::{Error, Result, atomic_file};

/// Files of a folder: their paths in it, and what they hold.
pub(super) type Files = Vec<(PathBuf, Cow<'static, [u8]>)>;

/// Reads a folder. What begins with a dot is not part of it: what the program
/// wrote there, and what file managers and version control leave.
pub(super) fn files_below(folder: &Path) -> Result<Files> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        let here = folder.join(&inside);
        let failed = |e| Error::file("read", &here, e);
        for entry in std::fs::read_dir(&here).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            if name.to_string_lossy().starts_with('.') {
                continue;
            }
            let path = inside.join(name);
            let whole = folder.join(&path);
            if whole.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&whole).map_err(|e| Error::file("read", &whole, e))?;
                files.push((path, Cow::Owned(bytes)));
            }
        }
    }
    Ok(files)
}

/// Writes files into a new folder, which is whole or absent.
pub(super) fn into_new_folder(files: &Files, folder: &Path) -> Result<()> {
    if folder.exists() {
        return Err(
            Error::input(format!("`{}` is there already", folder.display()))
                .hint("move it away, or choose a new folder"),
        );
    }
    let parent = atomic_file::folder_of(folder);
    std::fs::create_dir_all(parent).map_err(|e| Error::file("make the folder", parent, e))?;
    let temporary = tempfile::Builder::new()
        .prefix(".copying-")
        .tempdir_in(parent)
        .map_err(|e| Error::file("make a folder in", parent, e))?;
    let whole = temporary.path().join("whole");
    write_all(files, &whole)?;
    match std::fs::rename(&whole, folder) {
        // Another process was faster with the same files.
        Err(_) if folder.is_dir() => Ok(()),
        renamed => renamed.map_err(|e| Error::file("make the folder", folder, e)),
    }
}

/// Makes a folder hold these files: those that are there and equal stay.
pub(super) fn refresh(files: &Files, folder: &Path) -> Result<()> {
    let differs = |(path, bytes): &&(PathBuf, Cow<'static, [u8]>)| {
        let found = std::fs::read(folder.join(path));
        found.map_or(true, |found| found != **bytes)
    };
    let missing: Files = files.iter().filter(differs).cloned().collect();
    write_all(&missing, folder)
}

fn write_all(files: &Files, folder: &Path) -> Result<()> {
    for (path, bytes) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).map_err(|e| Error::file("make the folder", parent, e))?;
        atomic_file::write(&path, |out| out.write_all(bytes))?;
    }
    Ok(())
}
