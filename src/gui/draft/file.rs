//! A data file of a new project.

use std::path::PathBuf;

use super::roles::{FileRoles, role_called};
use crate::dataset::guess::Guess;
use crate::records::Role;

/// A file of the new project.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftFile {
    /// Where it is now.
    pub path: PathBuf,
    /// Source of its rows.
    pub source: String,
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
            roles: FileRoles::Drawn,
            roles_chosen: false,
            path,
            guess,
        }
    }

    /// Its name without folders.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The role that its name promises, if it is the name of one.
    pub(super) fn promised(&self) -> Option<Role> {
        let stem = self.path.file_stem()?.to_string_lossy().to_lowercase();
        role_called(stem.rsplit(['_', '-', '.', ' ']).next()?)
    }
}
