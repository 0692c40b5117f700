//! Files that are either whole or absent, whatever happens while writing.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::crash;
use super::error::{Error, Result};

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
}
