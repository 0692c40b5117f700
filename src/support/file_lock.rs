//! Locks on open files, which the operating system takes back when a process
//! ends, however it ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::{Error, Result};

/// Takes the lock of a file without waiting; `false` if another process has
/// it. `path` is for messages.
///
/// # Errors
/// When the file system cannot say: waiting would not help.
pub(crate) fn take(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(e)) => Err(Error::program(format!(
            "cannot lock `{}`",
            path.display()
        ))
        .because(e)
        .hint("this folder does not support locks; choose one on a local disk with `--state-dir`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_another_has_is_no_error() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("lock");
        let open = || File::create(&path).expect("creates");
        let (first, second) = (open(), open());
        assert!(take(&first, &path).expect("a local disk"));
        assert!(!take(&second, &path).expect("a local disk"));
        drop(first);
        assert!(take(&second, &path).expect("a local disk"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_lock_that_cannot_be_taken_is_an_error() {
        use std::os::unix::fs::OpenOptionsExt as _;

        /// Opens a name, not its content, which cannot be locked.
        const O_PATH: i32 = 0o10_000_000;
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut options = std::fs::OpenOptions::new();
        let file = options.read(true).custom_flags(O_PATH).open(folder.path());
        let error = take(&file.expect("opens"), folder.path()).expect_err("cannot be locked");
        assert!(error.to_string().contains("cannot lock"), "{error}");
    }
}
