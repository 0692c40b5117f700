//! A data file of a new project.

use std::path::{Path, PathBuf};

use super::roles::FileRoles;
use crate::dataset::guess::Guess;
use crate::records::Role;

/// A file of the new project.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftFile {
    /// Where it is now.
    pub path: PathBuf,
    /// Source of its rows.
    pub source: String,
    /// The split of a folder that it belongs to.
    pub split: Option<String>,
    /// Roles of its rows.
    pub roles: FileRoles,
    /// Whether a person chose these.
    pub roles_chosen: bool,
    /// What it seems to hold.
    pub guess: Guess,
}

impl DraftFile {
    /// A file, its source called after it.
    pub fn new(path: PathBuf, guess: Guess) -> Self {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        Self {
            source: stem.into_owned(),
            split: None,
            roles: FileRoles::Drawn,
            roles_chosen: false,
            path,
            guess,
        }
    }

    /// A file of a folder, its source called after that.
    pub fn of_folder(folder: &Path, split: Option<String>, path: PathBuf, guess: Guess) -> Self {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        Self {
            source: name.into_owned(),
            split,
            ..Self::new(path, guess)
        }
    }

    /// Its name without folders.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The role that its split or name promises, if that is the name of one.
    pub(super) fn promised(&self) -> Option<Role> {
        if let Some(split) = &self.split {
            return Role::called(split);
        }
        let stem = self.path.file_stem()?.to_string_lossy().to_lowercase();
        Role::called(stem.rsplit(['_', '-', '.', ' ']).next()?)
    }
}
