//! A data file of a new project.

use std::path::{Path, PathBuf};

use super::pasted::Kept;
use super::roles::FileRoles;
use crate::dataset::guess::{Guess, guess};
use crate::records::{DataSpec, FileSpec, Role};
use crate::support::{Progress, Result};

/// Rows of a file that are shown before a project is made of it.
const PREVIEW_ROWS: usize = 10;

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
    /// How it is to be read, where somebody says so.
    pub how: FileSpec,
    /// What it seems to hold.
    pub guess: Guess,
    /// How it was read for that.
    pub seen_as: FileSpec,
    /// What keeps the file, if it was made of a table that was none.
    pub kept: Option<Kept>,
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
            how: FileSpec::default(),
            guess,
            seen_as: FileSpec::default(),
            kept: None,
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

    /// Looks at a file, read as somebody says.
    ///
    /// # Errors
    /// When it cannot be read so.
    pub fn look(path: &Path, how: &FileSpec) -> Result<Guess> {
        let spec = DataSpec::default().of_file(how);
        guess(path, &spec, PREVIEW_ROWS, &Progress::silent())
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
