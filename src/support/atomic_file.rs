//! Files that are either whole or absent, whatever happens while writing.

use std::fs::File;
use std::io::{Read as _, Write};
use std::path::Path;

use super::crash;
use super::error::{Error, Result};

/// Bytes that tell the kind of a file.
const LOOKED_AT: u64 = 4_096;

/// Writes a file so that a crash leaves the old content or the new one:
/// temporary file in the same folder, fsync, rename, fsync of the folder.
pub fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let failed = |e| Error::file("write", path, e);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".writing-");
    // Temporary files are private by default; these become ordinary files,
    // readable as the user's umask says.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = builder.tempfile_in(folder).map_err(failed)?;
    crash::point("file: begun");
    let mut buffered = std::io::BufWriter::new(temporary);
    fill(&mut buffered).map_err(failed)?;
    let temporary = buffered.into_inner().map_err(|e| failed(e.into_error()))?;
    crash::point("file: written");
    temporary.as_file().sync_all().map_err(failed)?;
    crash::point("file: flushed");
    temporary.persist(path).map_err(|e| failed(e.error))?;
    crash::point("file: renamed");
    sync_folder(folder)
}

/// Refuses to write over what is not `kind`, such as "a report": a name that
/// was mistyped must not cost somebody a file. Empty files may be replaced.
pub fn may_replace(path: &Path, kind: &str, is_of_kind: impl FnOnce(&Path) -> bool) -> Result<()> {
    let Ok(found) = std::fs::metadata(path) else {
        return Ok(());
    };
    if found.is_file() && (found.len() == 0 || is_of_kind(path)) {
        return Ok(());
    }
    let what = if found.is_dir() {
        "a folder"
    } else {
        "another file"
    };
    Err(Error::input(format!(
        "`{}` is {what}, which {kind} would overwrite",
        path.display()
    ))
    .hint(format!(
        "name a file that is new, or {kind} that may be replaced"
    )))
}

/// The first bytes of a file as text, for telling its kind; empty when it
/// cannot be read.
pub fn beginning(path: &Path) -> String {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut start));
    match read {
        Ok(_) => String::from_utf8_lossy(&start).into_owned(),
        Err(_) => String::new(),
    }
}

/// Makes a rename in `folder` durable. Windows cannot open folders and needs
/// no such step.
pub fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(|e| Error::file("flush", folder, e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_litter() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("state.json");
        write(&path, |out| out.write_all(b"old")).expect("first write");
        let error = write(&path, |out| {
            out.write_all(b"half")?;
            Err(std::io::Error::other("power cut"))
        });
        assert!(error.is_err());
        assert_eq!(std::fs::read(&path).expect("still there"), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    #[test]
    fn only_what_is_of_the_kind_may_be_replaced() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("out");
        let may = || {
            let is_ours = |path: &Path| beginning(path).starts_with("ours");
            may_replace(&path, "a report", is_ours)
        };
        assert!(may().is_ok(), "a new name");
        for (content, free) in [("", true), ("ours, older", true), ("id,text", false)] {
            std::fs::write(&path, content).expect("writes");
            assert_eq!(may().is_ok(), free, "{content}");
        }
        std::fs::remove_file(&path).expect("was a file");
        std::fs::create_dir(&path).expect("creates");
        let error = may().expect_err("a folder");
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("is a folder"), "{error}");
    }
}
