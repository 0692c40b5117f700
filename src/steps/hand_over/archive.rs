//! Several files in one: a file of tensors, as the store keeps them, with the
//! bytes of each file under its name.

use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path};

use super::EXTENSION;
use crate::support::tensor_file::{Dtype, Notes, Planned, TensorFile, Writer};
use crate::support::{Error, Result, atomic_file};

/// The note that tells hand-overs from other files of tensors.
const KIND: (&str, &str) = ("kind", "hand-over");

/// Most files that a hand-over may hold, and most bytes of a name: a project
/// has a dozen.
const MOST_FILES: usize = 10_000;
const LONGEST_NAME: usize = 250;

/// Bytes that are copied at a time.
const PIECE: usize = 1 << 20;

/// Whether a file is a hand-over.
pub fn is_hand_over(file: &Path) -> bool {
    file.is_file() && header(file).is_ok()
}

/// Whether a file is a hand-over or was one before it was cut short or
/// damaged: by its name, or by what it begins with.
pub fn is_meant_as_hand_over(file: &Path) -> bool {
    let is_called_so = || file.extension().is_some_and(|end| end == EXTENSION);
    let begins_so = || {
        let (key, value) = KIND;
        atomic_file::beginning(file).contains(&format!("\"{key}\":\"{value}\""))
    };
    file.is_file() && (is_called_so() || begins_so())
}

/// Packs all files below a folder into one file, which is whole or absent.
pub(super) fn pack(folder: &Path, file: &Path) -> Result<()> {
    let mut names = Vec::new();
    files_below(folder, Path::new(""), &mut names)?;
    names.sort();
    let plan: Vec<Planned> = names
        .iter()
        .map(|name| {
            let path = folder.join(name);
            let found = std::fs::metadata(&path).map_err(|e| Error::file("read", &path, e))?;
            let bytes = usize::try_from(found.len()).unwrap_or(usize::MAX);
            Ok(Planned::new(name, Dtype::U8, [bytes]))
        })
        .collect::<Result<_>>()?;
    let notes = Notes::from([(KIND.0.to_owned(), KIND.1.to_owned())]);
    let mut out = Writer::begin(file, &notes, &plan)?;
    let mut piece = vec![0; PIECE];
    for name in &names {
        let path = folder.join(name);
        let failed = |e| Error::file("read", &path, e);
        let mut from = File::open(&path).map_err(failed)?;
        loop {
            match from.read(&mut piece).map_err(failed)? {
                0 => break,
                read => out.write(&piece[..read])?,
            }
        }
    }
    out.finish().map(drop)
}

/// One of the packed files.
pub(super) fn member(file: &Path, name: &str) -> Result<Vec<u8>> {
    let packed = header(file)?;
    let content = packed.raw(name).map_err(|_| damaged(file))?;
    Ok(content.to_vec())
}

/// Unpacks into a folder, which is whole or absent.
///
/// `expected` tells the names of files that may be in it; `made_safe` gives
/// what is written for a file's content.
pub(super) fn unpack(
    file: &Path,
    folder: &Path,
    expected: impl Fn(&str) -> bool,
    made_safe: impl Fn(&str, &[u8]) -> Result<Vec<u8>>,
) -> Result<()> {
    header(file)?;
    let packed = TensorFile::open(file).map_err(|e| e.hint(AGAIN))?;
    // The file comes from elsewhere: nothing may be written outside, and
    // nothing without end. What a member holds is no longer than the file.
    if packed.names().count() > MOST_FILES || !packed.names().all(lies_inside) {
        return Err(damaged(file));
    }
    // A state that came along would be opened as if it had been written here.
    if let Some(foreign) = packed.names().find(|name| !expected(name)) {
        return Err(Error::input(format!(
            "`{}` holds `{foreign}`, which no hand-over does",
            file.display()
        ))
        .hint(AGAIN));
    }
    let parent = atomic_file::folder_of(folder);
    let temporary = tempfile::Builder::new()
        .prefix(".unpacking-")
        .tempdir_in(parent)
        .map_err(|e| {
            Error::file("create a folder in", parent, e)
                .hint("copy the file to a folder of your own and open it there")
        })?;
    for name in packed.names() {
        let path = temporary.path().join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| Error::file("create", parent, e))?;
        }
        let content = packed.raw(name).map_err(|_| damaged(file))?;
        let content = made_safe(name, content)?;
        std::fs::write(&path, content).map_err(|e| Error::file("write", &path, e))?;
    }
    std::fs::rename(temporary.keep(), folder).map_err(|e| Error::file("create", folder, e))
}

fn lies_inside(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    let is_plain = parts.all(|part| matches!(part, Component::Normal(_)));
    is_plain && (1..=LONGEST_NAME).contains(&name.len())
}

/// The file without a look at its content.
fn header(file: &Path) -> Result<TensorFile> {
    let opened = TensorFile::map(file).ok();
    let of_kind = |opened: &TensorFile| opened.note(KIND.0) == Some(KIND.1);
    if let Some(opened) = opened.filter(of_kind) {
        return Ok(opened);
    }
    let path = file.display();
    // Earlier versions packed files into a database.
    if atomic_file::beginning(file).starts_with("SQLite format 3") {
        return Err(Error::input(format!(
            "`{path}` is no hand-over of this version of Blindspot"
        ))
        .hint("have it made again with this version, or open it with the one that made it"));
    }
    Err(damaged(file))
}

const AGAIN: &str = "ask for it again, and have it sent as it is";

fn damaged(file: &Path) -> Error {
    Error::input(format!(
        "the hand-over file `{}` is incomplete or damaged",
        file.display()
    ))
    .hint(AGAIN)
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

    /// A hand-over with one file, of any name.
    fn with_member(file: &Path, name: &str) {
        let notes = Notes::from([(KIND.0.to_owned(), KIND.1.to_owned())]);
        let plan = [Planned::new(name, Dtype::U8, [4])];
        let mut out = Writer::begin(file, &notes, &plan).expect("begins");
        out.write(b"evil").expect("writes");
        out.finish().expect("finishes");
    }

    fn as_it_is(file: &Path, folder: &Path) -> Result<()> {
        unpack(file, folder, |_| true, |_, content| Ok(content.to_vec()))
    }

    #[test]
    fn what_is_packed_comes_out_and_nothing_leaves_the_folder() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (from, to) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::create_dir_all(from.join("inside")).expect("folders");
        std::fs::write(from.join("inside/x"), b"\0bytes").expect("writes");
        std::fs::write(from.join("empty"), b"").expect("writes");
        let file = folder.path().join("it.blindspot");
        pack(&from, &file).expect("packs");
        assert!(is_hand_over(&file));
        assert_eq!(member(&file, "inside/x").expect("there"), b"\0bytes");
        as_it_is(&file, &to).expect("unpacks");
        assert_eq!(
            std::fs::read(to.join("inside/x")).expect("there"),
            b"\0bytes"
        );
        assert!(to.join("empty").exists());

        let absolute = folder.path().join("evil").display().to_string();
        let long = "n".repeat(LONGEST_NAME + 1);
        for name in ["../evil", "b/../../evil", &absolute, &long, ""] {
            with_member(&file, name);
            let unpacked = folder.path().join("c");
            assert!(as_it_is(&file, &unpacked).is_err(), "{name}");
            assert!(!folder.path().join("evil").exists() && !unpacked.exists());
        }
        with_member(&file, "inside/foreign");
        let expected = |name: &str| name == "inside/x";
        let unpacked = folder.path().join("d");
        let refused = unpack(
            &file,
            &unpacked,
            expected,
            |_, content| Ok(content.to_vec()),
        );
        let said = refused.expect_err("holds more").to_string();
        assert!(
            said.contains("inside/foreign") && !unpacked.exists(),
            "{said}"
        );
        assert!(!is_hand_over(&from.join("inside/x")));
    }

    #[test]
    fn a_damaged_file_and_one_of_an_earlier_version_are_told_apart() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let file = folder.path().join("it.blindspot");
        with_member(&file, "data.csv");
        let mut bytes = std::fs::read(&file).expect("readable");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&file, &bytes).expect("writes");
        let error = as_it_is(&file, &folder.path().join("c")).expect_err("damaged");
        assert_eq!(error.remedy(), Some(AGAIN), "{error}");
        // Cut short within its header or its content, under any name.
        for (length, name) in [(20, "cut.blindspot"), (bytes.len() - 2, "cut.download")] {
            let cut = folder.path().join(name);
            std::fs::write(&cut, &bytes[..length]).expect("writes");
            assert!(is_meant_as_hand_over(&cut), "{name}");
            let error = member(&cut, "data.csv").expect_err("is cut");
            assert!(
                error.to_string().contains("incomplete or damaged"),
                "{error}"
            );
        }
        assert!(!is_meant_as_hand_over(folder.path()));
        std::fs::write(&file, b"SQLite format 3\0and more").expect("writes");
        let error = as_it_is(&file, &folder.path().join("c")).expect_err("older");
        assert!(
            error
                .remedy()
                .is_some_and(|hint| hint.contains("this version"))
        );
    }
}
