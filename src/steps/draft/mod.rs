//! A new project before it exists: files, columns, roles, model, and what the
//! checks say about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

mod check;
mod file;
mod label_settings;
pub mod pasted;
mod project;
mod roles;
#[cfg(test)]
mod tests;

pub use self::check::Checked;
pub use self::file::DraftFile;
pub use self::label_settings::LabelSettings;
pub use self::roles::FileRoles;
use crate::dataset::guess::Guess;
use crate::records::{ColumnNames, Disagreement, FileSpec, FitSpec, Role};
use crate::steps::workspace::USUAL_MAX_TOKENS;

/// What the model is called that comes with the program.
pub const BUILTIN: &str = "builtin";

/// Says that the model is elsewhere and its answers come from a file.
pub const PREDICTIONS: &str = "predictions";

/// A new project being put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// What the classifier is for.
    pub task: String,
    /// Where its folder is to be made.
    pub parent: String,
    /// The folder itself, where it is not called after the project.
    pub at: Option<PathBuf>,
    /// Its files.
    pub files: Vec<DraftFile>,
    /// The columns, guessed first, changeable.
    pub columns: ColumnNames,
    /// What the values of the label column are read as.
    pub labels: LabelSettings,
    /// What counts where annotators disagree.
    pub disagreement: Option<Disagreement>,
    /// [`BUILTIN`], [`PREDICTIONS`] or the folder of a model.
    pub model: String,
    /// Whether the model that was chosen brings a classification head.
    pub brings_head: bool,
    /// Whether a model that brings a head is fitted anew.
    pub refit: bool,
    /// What the classes of its head mean, where their names do not say.
    pub classes: BTreeMap<String, String>,
    /// How the base is fitted.
    pub fit: FitSpec,
    /// Tokens of a text that the model reads.
    pub max_tokens: usize,
    /// Whether the data files are copied into the project.
    pub copy: bool,
    /// The role column that was proposed last; another one was chosen by hand.
    pub(crate) proposed_role: Option<String>,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            name: String::new(),
            task: String::new(),
            parent: String::new(),
            at: None,
            files: Vec::new(),
            columns: ColumnNames::default(),
            labels: LabelSettings::default(),
            disagreement: None,
            model: BUILTIN.into(),
            brings_head: false,
            refit: false,
            classes: BTreeMap::new(),
            fit: FitSpec::default(),
            max_tokens: USUAL_MAX_TOKENS,
            copy: true,
            proposed_role: None,
        }
    }
}

impl Draft {
    /// Adds a file; the first one proposes columns and a name.
    pub fn add(&mut self, file: DraftFile) {
        if self.files.iter().any(|other| other.path == file.path) {
            return;
        }
        if self.files.is_empty() {
            self.columns = file.guess.column_names();
            self.columns.role = None;
            self.proposed_role = None;
            if self.name.is_empty() {
                self.name.clone_from(&file.source);
            }
        }
        self.files.push(file);
        self.propose_roles();
    }

    /// Whether some rows have to be for training: a model that is used as it is,
    /// or that is elsewhere, does without.
    pub fn is_fitted(&self) -> bool {
        (self.refit || !self.brings_head) && !self.is_elsewhere()
    }

    /// Whether the model is elsewhere, and only its answers come here.
    fn is_elsewhere(&self) -> bool {
        self.model.trim() == PREDICTIONS
    }

    /// Takes over what a file seems to hold when it is read as somebody says.
    /// Columns that no file has any more are proposed anew.
    pub fn looked_at(&mut self, path: &Path, how: FileSpec, guess: Guess) {
        if let Some(file) = self.files.iter_mut().find(|file| file.path == path) {
            (file.guess, file.seen_as) = (guess, how);
        }
        let known = self.column_choices();
        let is_there = |name: &str| known.iter().any(|other| other == name);
        let are_there = { self.columns.all().into_iter().flatten() }.all(is_there);
        if let (false, Some(first)) = (are_there, self.files.first()) {
            self.columns = first.guess.column_names();
        }
        self.propose_roles();
    }

    /// A file cannot be read as somebody says: what it seemed to hold before
    /// stays on show.
    pub fn could_not_look_at(&mut self, path: &Path, how: FileSpec) {
        if let Some(file) = self.files.iter_mut().find(|file| file.path == path) {
            file.seen_as = how;
        }
    }

    /// The first rows of the first file as they stand in it, but those that
    /// are known to be sealed.
    pub fn raw_rows(&self) -> Vec<&[String]> {
        let Some(first) = self.files.first() else {
            return Vec::new();
        };
        if first.roles == FileRoles::All(Role::Final) {
            return Vec::new();
        }
        let named = |column: &String| Some(column) == self.columns.role.as_ref();
        let role = first.guess.layout.columns.iter().position(named);
        let rows = first.guess.preview.iter().filter(|row| {
            let cell = role.and_then(|column| row.get(column));
            cell.and_then(|cell| Role::called(cell)) != Some(Role::Final)
        });
        rows.map(Vec::as_slice).collect()
    }

    /// Whether a file is copied into the project: what was pasted lies nowhere
    /// else.
    pub(super) fn is_copied(&self, file: &DraftFile) -> bool {
        self.copy || file.kept.is_some()
    }

    /// Takes a file away.
    pub fn remove(&mut self, position: usize) {
        self.files.remove(position);
        self.propose_roles();
    }

    /// Names of the columns of all files, each once, in their order.
    pub fn column_choices(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for file in &self.files {
            for name in &file.guess.layout.columns {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        names
    }

    /// Whether a column was guessed from what is in it.
    pub fn is_by_content(&self, column: &str) -> bool {
        let columns = self.files.iter().flat_map(|file| &file.guess.columns);
        columns
            .filter(|known| known.name == column)
            .any(|known| known.by_content)
    }

    /// Whether the text is taken for its own label.
    pub fn is_one_column(&self) -> bool {
        self.columns.text.is_some() && self.columns.text == self.columns.label
    }

    /// What is still missing, in plain words.
    pub fn missing(&self) -> Option<&'static str> {
        if self.files.is_empty() {
            Some("add at least one data file")
        } else if self.columns.text.is_none() {
            Some("say which column holds the text")
        } else if self.columns.label.is_none() {
            Some("say which column holds the label")
        } else if self.is_one_column() {
            Some("choose another column for the text or the label: both are the same now")
        } else if self.is_elsewhere() && self.columns.id.is_none() {
            Some(
                "say which column holds the id, by which answers find their rows; where there is \
                 none, add one, such as row numbers",
            )
        } else if self.model.trim().is_empty() {
            Some("say which model, or take the built-in one")
        } else if self.name.trim().is_empty() {
            Some("give the project a name")
        } else if self.at.is_none() && self.parent.trim().is_empty() {
            Some("say where to put the project")
        } else {
            None
        }
    }
}
