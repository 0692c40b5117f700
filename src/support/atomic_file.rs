//! Files that are either whole or absent, whatever happens while writing.

use std::fs::{File, TryLockError};
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::crash;
use super::error::{Error, Result};

/// Bytes that tell the kind of a file.
const LOOKED_AT: u64 = 4_096;

/// How the names of half-written files begin.
pub const TEMPORARY: &str = ".writing-";

/// After this time without a byte nobody is writing a file any more.
const STALE: Duration = Duration::from_hours(24);

/// How often a file is begun anew because a collector took it for litter.
const ATTEMPTS: usize = 3;

/// Writes a file so that a crash leaves the old content or the new one; see
/// [`NewFile`].
pub fn write(path: &Path, fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<()> {
    let mut file = NewFile::begin(path)?;
    fill(&mut file.out).map_err(|e| Error::file("write", path, e))?;
    file.finish()
}

/// A file that is being written. It takes its name when it is finished:
/// temporary file in the same folder, fsync, rename, fsync of the folder.
/// Dropped before, it leaves nothing.
pub struct NewFile {
    path: PathBuf,
    out: BufWriter<NamedTempFile>,
}

impl NewFile {
    /// Begins a file in a folder that is there.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn begin(path: &Path) -> Result<Self> {
        let failed = |e| Error::file("write", path, e);
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY);
        // Temporary files are private by default; these become ordinary files,
        // readable as the user's umask says.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        for _ in 0..ATTEMPTS {
            let temporary = builder.tempfile_in(folder_of(path)).map_err(failed)?;
            // The lock tells collectors that somebody is at work. One that was
            // faster than the lock has deleted the file.
            let taken = temporary.as_file().try_lock();
            let is_ours = !matches!(taken, Err(TryLockError::WouldBlock));
            if is_ours && temporary.path().exists() {
                crash::point("file: begun");
                return Ok(Self {
                    path: path.to_owned(),
                    out: BufWriter::new(temporary),
                });
            }
        }
        Err(Error::program(format!(
            "cannot write `{}`: another process deletes it again and again",
            path.display()
        ))
        .hint("close the other program"))
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.out.write_all(bytes);
        written.map_err(|e| Error::file("write", &self.path, e))
    }

    /// Writes over bytes that were written before; more may be appended
    /// afterwards.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let mut replace = || {
            self.out.seek(SeekFrom::Start(offset))?;
            self.out.write_all(bytes)?;
            self.out.seek(SeekFrom::End(0)).map(drop)
        };
        replace().map_err(|e| Error::file("write", &self.path, e))
    }

    /// Gives the file its name; on return it survives a crash.
    ///
    /// # Errors
    /// When the disk is full or fails; what had the name before stays.
    pub fn finish(self) -> Result<()> {
        let (path, temporary) = self.flushed()?;
        let renamed = temporary.persist(&path);
        renamed.map_err(|e| Error::file("write", &path, e.error))?;
        crash::point("file: renamed");
        sync_folder(folder_of(&path))
    }

    /// As [`NewFile::finish`], but never takes the place of a file that has the
    /// name already: gives `false` if there is one, and leaves it.
    ///
    /// Another machine may have that file mapped, and on a network drive a file
    /// that is replaced is gone for its readers.
    ///
    /// # Errors
    /// As [`NewFile::finish`].
    pub fn finish_first(self) -> Result<bool> {
        use std::io::ErrorKind;
        let (path, temporary) = self.flushed()?;
        match temporary.persist_noclobber(&path) {
            Ok(_) => {}
            Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
            // A file system without hard links can only rename.
            Err(e) => {
                let renamed = e.file.persist(&path);
                renamed.map_err(|e| Error::file("write", &path, e.error))?;
            }
        }
        crash::point("file: renamed");
        sync_folder(folder_of(&path))?;
        Ok(true)
    }

    /// The whole content on disk, still without its name.
    fn flushed(self) -> Result<(PathBuf, NamedTempFile)> {
        let path = self.path;
        let failed = |e| Error::file("write", &path, e);
        let temporary = self.out.into_inner().map_err(|e| failed(e.into_error()))?;
        crash::point("file: written");
        temporary.as_file().sync_all().map_err(failed)?;
        crash::point("file: flushed");
        Ok((path, temporary))
    }
}

/// Whether files can be made in a folder: asked by making one.
pub fn is_writable(folder: &Path) -> bool {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).tempfile_in(folder).is_ok()
}

/// The folder that a file lies in.
pub fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

/// Deletes what a process that was killed left half-written in a folder.
/// Files that somebody is writing just now are locked, and stay; where locks
/// cannot be `trusted`, so do all that were written to within the last day.
///
/// # Errors
/// When the folder is there and cannot be read, or a file cannot be deleted.
pub fn collect_half_written(folder: &Path, trusted: bool) -> Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|e| Error::file("read", folder, e))?,
    };
    for entry in entries {
        let entry = entry.map_err(|e| Error::file("read", folder, e))?;
        if !entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            continue;
        }
        let path = entry.path();
        // One that cannot be opened was finished or deleted meanwhile.
        let Ok(file) = File::open(&path) else {
            continue;
        };
        if file.try_lock().is_ok() && (trusted || is_old(&file)) {
            std::fs::remove_file(&path).map_err(|e| Error::file("delete", &path, e))?;
        }
    }
    Ok(())
}

/// Whether a file was written to last so long ago that nobody is at it.
fn is_old(file: &File) -> bool {
    let written = file.metadata().and_then(|about| about.modified()).ok();
    let age = written.and_then(|written| written.elapsed().ok());
    age.is_some_and(|age| age > STALE)
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
    fn of_two_that_finish_first_one_wins() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("result");
        let begin = |content: &[u8]| {
            let mut file = NewFile::begin(&path).expect("begins");
            file.write(content).expect("writes");
            file
        };
        let (first, second) = (begin(b"first"), begin(b"second"));
        assert!(first.finish_first().expect("finishes"));
        assert!(!second.finish_first().expect("is left out"));
        assert_eq!(std::fs::read(&path).expect("there"), b"first");
        assert_eq!(std::fs::read_dir(folder.path()).expect("folder").count(), 1);
    }

    #[test]
    fn what_a_killed_process_left_is_collected_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("state.json");
        let litter = folder.path().join(format!("{TEMPORARY}abc"));
        std::fs::write(&litter, b"half").expect("writes");
        let mut new = NewFile::begin(&path).expect("begins");
        new.write(b"whole").expect("writes");
        collect_half_written(folder.path(), false).expect("collects");
        assert!(litter.exists(), "on a network drive it may be in use");
        collect_half_written(folder.path(), true).expect("collects");
        assert!(!litter.exists());
        new.write_at(0, b"W").expect("writes");
        new.finish().expect("finishes");
        assert_eq!(std::fs::read(&path).expect("there"), b"Whole");
        collect_half_written(folder.path(), true).expect("collects");
        assert!(path.exists());
        collect_half_written(&folder.path().join("nowhere"), true).expect("nothing to collect");
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
