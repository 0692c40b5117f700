//! Files that a person names: what is no plain file, no text or far too long
//! is told instead of being waited for or held.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::error::{Error, Result};
use super::text::size;

/// Longest file that is held as a whole: settings, lessons, recordings.
const MOST_BYTES: u64 = 1 << 30;

/// Opens a plain file. A pipe would be waited for without end, and a device
/// has none.
///
/// # Errors
/// When nothing is there, when it is no plain file, or it cannot be opened.
pub fn open(path: &Path) -> Result<File> {
    let found = std::fs::metadata(path).map_err(|e| Error::file("read", path, e))?;
    if found.is_dir() {
        let folder = std::io::ErrorKind::IsADirectory.into();
        return Err(Error::file("read", path, folder));
    }
    if !found.is_file() {
        return Err(Error::input(format!(
            "`{}` is no plain file but a pipe, a socket or a device",
            path.display()
        ))
        .hint("save what it gives as a file, and name that"));
    }
    File::open(path).map_err(|e| Error::file("read", path, e))
}

/// The whole of a plain file.
///
/// # Errors
/// As [`open`], and when it is longer than 1 GB.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|e| Error::file("read", path, e))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Error::input(format!(
            "`{}` is longer than {}, the most that is read of such a file",
            path.display(),
            size(MOST_BYTES)
        ))
        .hint("check that it is the file you meant"));
    }
    Ok(bytes)
}

/// The whole of a plain file, however long: weights are.
///
/// # Errors
/// As [`open`].
pub fn whole(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = open(path)?.read_to_end(&mut bytes);
    read.map_err(|e| Error::file("read", path, e))?;
    Ok(bytes)
}

/// The whole of a text file in UTF-8.
///
/// # Errors
/// As [`bytes`], and when it is not UTF-8, with the line.
pub fn text(path: &Path) -> Result<String> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(valid);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        Error::input(format!(
            "`{}`, line {line}: it is not UTF-8",
            path.display()
        ))
        .hint("save the file as UTF-8 in a text editor, or write it again from its origin")
    })
}

/// The text of a file that need not be there.
///
/// # Errors
/// As [`text`], unless nothing is there.
pub fn text_if_there(path: &Path) -> Result<Option<String>> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        _ => text(path).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_utf8_is_the_users_and_named_by_line() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("lessons.jsonl");
        for (content, line) in [
            (&b"{}\n\xff"[..], 2),
            (b"\xe9t\xe9", 1),
            (b"a\r\nb\n\nc\xc3", 4),
        ] {
            std::fs::write(&path, content).expect("writes");
            let error = text(&path).expect_err("no text");
            assert_eq!(error.exit_code(), 2);
            assert!(error.remedy().is_some());
            let said = error.to_string();
            assert!(
                said.contains(&format!("lessons.jsonl`, line {line}")),
                "{said}"
            );
        }
        std::fs::write(&path, "ü").expect("writes");
        assert_eq!(text_if_there(&path).expect("reads").as_deref(), Some("ü"));
        assert_eq!(
            text_if_there(&folder.path().join("no")).expect("reads"),
            None
        );
    }

    #[test]
    #[cfg(unix)]
    fn devices_sockets_and_folders_are_refused_at_once() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("binds");
        let zero = Path::new("/dev/zero");
        for path in [socket.as_path(), zero, folder.path()] {
            let error = bytes(path).expect_err("is no file");
            assert_eq!(error.exit_code(), 2, "{error}");
            assert!(error.to_string().contains(&path.display().to_string()));
        }
    }
}
