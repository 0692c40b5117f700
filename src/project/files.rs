//! What was computed, as files: the one place that names, finds, lists and
//! removes them.
//!
//! A file is named by all that its content was made from, so what is found
//! under a name is what would be computed anew. It is whole or absent, and
//! holds its own checksum ([`crate::support::tensor_file`]).

use std::path::{Path, PathBuf};

use super::network_folder::network_type;
use crate::support::hash::StepHash;
use crate::support::tensor_file::TensorFile;
use crate::support::{Error, Result, atomic_file};

const EXTENSION: &str = "safetensors";

/// Characters of a hash that are part of a name.
const SHORT: usize = 16;

/// Kinds of computed files. Each has a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What the base says: logits, embeddings.
    Predictions,
    /// Positions on the map.
    Map,
    /// Weights of bases and of trained arms.
    Model,
    /// What trained arms say.
    Answers,
    /// Output of frozen blocks, from which Quick retrains.
    States,
    /// Samples as the pretrained encoder sees them.
    Samples,
    /// What models say to the texts that lessons test with.
    Suite,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 7] = [
        Kind::Predictions,
        Kind::Map,
        Kind::Model,
        Kind::Answers,
        Kind::States,
        Kind::Samples,
        Kind::Suite,
    ];

    /// The folder inside the state folder.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Predictions => "predictions",
            Kind::Map => "maps",
            Kind::Model => "models",
            Kind::Answers => "answers",
            Kind::States => "states",
            Kind::Samples => "samples",
            Kind::Suite => "suite",
        }
    }
}

/// The name of a computed file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    kind: Kind,
    name: String,
}

impl Key {
    /// Names a file by what it is made from. `label` comes first, for people
    /// who look into the folder.
    pub fn new(kind: Kind, label: &str, made_from: StepHash) -> Self {
        Self::labelled(kind, label, &made_from.finish())
    }

    /// The same for something that has a fingerprint of its own.
    pub fn labelled(kind: Kind, label: &str, fingerprint: &str) -> Self {
        let label = label.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let short = fingerprint.get(..SHORT).unwrap_or(fingerprint);
        Self::recorded(kind, &format!("{label}-{short}"))
    }

    /// The name that a record gives; what the record adds, such as an
    /// extension or a folder, does not count.
    pub fn recorded(kind: Kind, name: &str) -> Self {
        let stem = Path::new(name).file_stem().unwrap_or_default();
        Self {
            kind,
            name: stem.to_string_lossy().into_owned(),
        }
    }

    /// Weights of a base, by the fingerprint of the model.
    pub fn base(model: &str) -> Self {
        Self::labelled(Kind::Model, "base", model)
    }

    /// What the same model says about *final*, which is kept apart.
    #[must_use]
    pub fn on_final(&self) -> Self {
        Self {
            kind: self.kind,
            name: format!("{}-final", self.name),
        }
    }

    /// The same name in another kind.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Self {
        Self {
            kind,
            name: self.name.clone(),
        }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name without folder and extension.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The computed files of a state folder.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
}

/// A computed file that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub key: Key,
    /// Size in bytes.
    pub bytes: u64,
}

impl Files {
    /// The files in a state folder.
    pub(super) fn of(state_dir: &Path) -> Self {
        Self {
            folder: state_dir.to_owned(),
        }
    }

    /// Where a file lies, or would.
    pub fn path(&self, key: &Key) -> PathBuf {
        let folder = self.folder.join(key.kind.folder());
        folder.join(&key.name).with_added_extension(EXTENSION)
    }

    /// Where a file is to be written; its folder is made.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn place(&self, key: &Key) -> Result<PathBuf> {
        let folder = self.folder.join(key.kind.folder());
        std::fs::create_dir_all(&folder).map_err(|e| Error::file("create", &folder, e))?;
        Ok(self.path(key))
    }

    /// A file, if it is there.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn find(&self, key: &Key) -> Result<Option<TensorFile>> {
        let path = self.path(key);
        path.exists().then(|| TensorFile::open(&path)).transpose()
    }

    /// All files that are there, by kind and name.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn all(&self) -> Result<Vec<Found>> {
        let mut all = Vec::new();
        for kind in Kind::ALL {
            all.extend(self.of_kind(kind)?);
        }
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(all)
    }

    fn of_kind(&self, kind: Kind) -> Result<Vec<Found>> {
        let paths = listed(&self.folder.join(kind.folder()))?.into_iter();
        let named = |path: &PathBuf| path.extension().is_some_and(|found| found == EXTENSION);
        let found = paths.filter(named).map(|path| {
            let size = std::fs::metadata(&path);
            let bytes = size.map_err(|e| Error::file("read", &path, e))?.len();
            let key = Key::recorded(kind, &path.to_string_lossy());
            Ok(Found { key, bytes })
        });
        found.collect()
    }

    /// Removes a file.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn remove(&self, key: &Key) -> Result<()> {
        let path = self.path(key);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file("delete", &path, e))
            }
            _ => Ok(()),
        }
    }

    /// Removes earlier files of the kind and label of `newest`, which can be
    /// computed again: hidden states are large, and only the last are read.
    /// One that is in use stays until the next time.
    pub fn keep_newest(&self, newest: &Key) {
        let label = |name: &str| name.rsplit_once('-').map(|(label, _)| label.to_owned());
        let of_kind = self.of_kind(newest.kind).unwrap_or_default().into_iter();
        let older = of_kind
            .filter(|found| found.key != *newest && label(&found.key.name) == label(&newest.name));
        for found in older {
            drop(self.remove(&found.key));
        }
    }

    /// Removes what a process that was killed left half-written.
    ///
    /// # Errors
    /// When a folder cannot be read, or a file cannot be deleted.
    pub(super) fn collect_half_written(&self) -> Result<()> {
        let trusted = network_type(&self.folder).is_none();
        atomic_file::collect_half_written(&self.folder, trusted)?;
        for kind in Kind::ALL {
            atomic_file::collect_half_written(&self.folder.join(kind.folder()), trusted)?;
        }
        Ok(())
    }
}

/// What lies in a folder, sorted; nothing if there is no such folder.
///
/// # Errors
/// When it cannot be read.
pub(super) fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e| Error::file("read", folder, e);
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let paths = entries.map(|entry| Ok(entry.map_err(failed)?.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::tensor_file::{Notes, Writer};

    fn key(label: &str, from: &str) -> Key {
        let made_from = StepHash::default().with("from", from.as_bytes());
        Key::new(Kind::States, label, made_from)
    }

    fn write(files: &Files, key: &Key) {
        let path = files.place(key).expect("makes the folder");
        let writer = Writer::begin(&path, &Notes::new(), &[]).expect("begins");
        writer.finish().expect("finishes");
    }

    #[test]
    fn files_are_found_by_what_they_were_made_from() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let files = Files::of(folder.path());
        assert!(files.all().expect("nothing yet").is_empty());
        let (one, other) = (key("arm: a/b", "1"), key("arm: a/b", "2"));
        write(&files, &one);
        assert!(files.find(&one).expect("whole").is_some());
        assert!(files.find(&other).expect("absent").is_none());
        let found = files.all().expect("readable");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key, one);
        let recorded = format!("rounds/{}.weights", one.name());
        assert_eq!(Key::recorded(Kind::States, &recorded), one);
        assert!(
            files
                .path(&key("../../etc", "1"))
                .starts_with(folder.path())
        );
        let outside = Key::recorded(Kind::Model, "../../etc/passwd");
        assert!(!files.path(&outside).display().to_string().contains(".."));
    }

    #[test]
    fn older_states_of_one_label_give_way() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let files = Files::of(folder.path());
        let (older, newer, other) = (key("scored", "1"), key("scored", "2"), key("replay-1", "1"));
        for key in [&older, &newer, &other] {
            write(&files, key);
        }
        files.keep_newest(&newer);
        let left: Vec<Key> = files
            .all()
            .expect("readable")
            .into_iter()
            .map(|f| f.key)
            .collect();
        assert_eq!(left, [other, newer]);
    }
}
