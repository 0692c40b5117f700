//! The project that a draft becomes: its folder, its project.toml, its copies of
//! the data.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{BUILTIN, Draft, FileRoles, PREDICTIONS};
use crate::dataset::folder::texts;
use crate::project::manifest::FILE_NAME;
use crate::records::{FileSpec, Manifest};
use crate::steps::Workspace;
use crate::steps::workspace::USUAL_MAX_TOKENS;
use crate::support::typed_path::typed_path;
use crate::support::{Error, Progress, Result, atomic_file};

impl Draft {
    /// The folder that will be made.
    pub fn folder(&self) -> PathBuf {
        if let Some(folder) = &self.at {
            return folder.clone();
        }
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let letters = self.name.trim().chars();
        let name: String = letters.map(|c| if plain(c) { c } else { '-' }).collect();
        absolute(&typed_path(&self.parent)).join(name)
    }

    /// The project.toml with the files where they are now (`copied`: where
    /// they will be in the project).
    pub fn manifest(&self, copied: bool) -> Manifest {
        let mut manifest = Manifest {
            name: self.name.trim().to_owned(),
            task: self.task.trim().to_owned(),
            fit: self.fit.clone(),
            ..Manifest::default()
        };
        if self.max_tokens != USUAL_MAX_TOKENS {
            manifest.max_tokens = Some(self.max_tokens);
        }
        manifest.data.columns = self.columns.clone();
        manifest.data.disagreement = self.disagreement;
        self.labels.write(&mut manifest);
        manifest.roles.names = self.role_names();
        manifest.model.base = match self.model.trim() {
            itself @ (BUILTIN | PREDICTIONS) => itself.to_owned(),
            folder => absolute(&typed_path(folder)).display().to_string(),
        };
        manifest.model.refit = self.refit;
        if !self.refit {
            manifest.model.labels = self.classes.clone();
        }
        let names = self.copied_names();
        for (file, name) in self.files.iter().zip(names) {
            let path = match copied && self.is_copied(file) {
                true => Path::new("data").join(name),
                false => absolute(&file.path),
            };
            manifest.data.files.push(FileSpec {
                path,
                source: self.columns.source.is_none().then(|| file.source.clone()),
                role: match file.roles {
                    FileRoles::All(role) => Some(role),
                    _ => None,
                },
                split: None,
                shares: (file.roles == FileRoles::Unseen).then_some(FileRoles::UNSEEN),
                ..file.how.clone()
            });
        }
        manifest
    }

    /// Makes the project's folder with project.toml and, if wished, copies of
    /// the data. Nothing that is there is overwritten, and a project that could
    /// not be opened leaves no folder behind.
    ///
    /// # Errors
    /// When the files make no project, or when the folder holds a project
    /// already or cannot be written.
    pub fn create(&self) -> Result<PathBuf> {
        let folder = self.folder();
        if folder.join(FILE_NAME).exists() {
            return Err(
                Error::input(format!("`{}` holds a project already", folder.display()))
                    .hint("open that one, or give the new one another name"),
            );
        }
        let silent = Progress::silent();
        let workspace = Workspace::of(self.manifest(false), Path::new(""), &silent)?;
        if let Some(question) = workspace.label_question()? {
            return Err(question.refusal());
        }
        let is_new = !folder.exists();
        let written = self.write(&folder);
        if written.is_err() && is_new {
            // What went wrong is said; that a rest could not be deleted is not.
            drop(std::fs::remove_dir_all(&folder));
        }
        written.map(|()| folder)
    }

    fn write(&self, folder: &Path) -> Result<()> {
        let data = folder.join("data");
        let any_copy = self.files.iter().any(|file| self.is_copied(file));
        let made = if any_copy { &data } else { folder };
        std::fs::create_dir_all(made).map_err(|error| Error::file("make", made, error))?;
        self.copy_files(&data)?;
        let text = self.manifest(true).to_toml()?;
        let file = folder.join(FILE_NAME);
        atomic_file::write(&file, |out| out.write_all(text.as_bytes()))
    }

    fn copy_files(&self, data: &Path) -> Result<()> {
        let named = self.files.iter().zip(self.copied_names());
        for (from, name) in named.filter(|(file, _)| self.is_copied(file)) {
            let to = data.join(name);
            if to.exists() {
                return Err(Error::input(format!("`{}` is there already", to.display()))
                    .hint("give the new project another name"));
            }
            copy(&from.path, &to)?;
        }
        Ok(())
    }

    /// Names of the copies, told apart where two files are called alike.
    fn copied_names(&self) -> Vec<String> {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let names = self.files.iter().map(|file| {
            let name = file.name();
            let count = taken.entry(name.to_lowercase()).or_default();
            *count += 1;
            match *count {
                1 => name,
                more => format!("{more}-{name}"),
            }
        });
        names.collect()
    }
}

/// Copies a file, or the texts of a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        let copied = std::fs::copy(from, to);
        return copied
            .map(|_| ())
            .map_err(|error| Error::file("copy", from, error));
    }
    for text in texts(from)?.files {
        let (from, to) = (from.join(&text), to.join(&text));
        if let Some(label) = to.parent() {
            std::fs::create_dir_all(label).map_err(|e| Error::file("create", label, e))?;
        }
        copy(&from, &to)?;
    }
    Ok(())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
