//! A new project before it exists: files, columns, roles, model, and what the
//! checks say about them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::pick::typed_path;
use crate::dataset::guess::Guess;
use crate::dataset::{Dataset, Role};
use crate::project::manifest::{ColumnNames, FILE_NAME, FileSpec, FitSpec, Manifest, Shares};
use crate::support::{Error, Progress, Result, atomic_file};
use crate::workflow::workspace::USUAL_MAX_TOKENS;
use crate::workflow::{self, ProjectCheck, Workspace};

/// What the model is called that comes with the program.
pub const BUILTIN: &str = "builtin";

/// Which roles the rows of a file get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRoles {
    /// All of them, drawn, or what the role column says.
    Drawn,
    /// Those that training never sees, drawn: a held-out test set.
    Unseen,
    /// One.
    All(Role),
}

impl FileRoles {
    /// Shares of a file that training never sees.
    const UNSEEN: Shares = Shares {
        train: 0.0,
        reserve: 0.0,
        validation: 0.0,
        discovery: 0.45,
        check: 0.2,
        sealed: 0.35,
    };

    /// In words.
    pub fn name(self) -> String {
        match self {
            FileRoles::Drawn => "all roles, drawn".into(),
            FileRoles::Unseen => "discovery, check, final, drawn".into(),
            FileRoles::All(role) => format!("only {role}"),
        }
    }
}

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
    fn promised(&self) -> Option<Role> {
        let stem = self.path.file_stem()?.to_string_lossy().to_lowercase();
        role_called(stem.rsplit(['_', '-', '.', ' ']).next()?)
    }
}

/// Whether a column names all the roles that the loop cannot do without.
fn covers_the_loop(guess: &Guess, column: Option<&str>) -> bool {
    let known = guess
        .columns
        .iter()
        .filter(|known| Some(known.name.as_str()) == column);
    let roles: Vec<Role> = known
        .flat_map(|known| &known.values)
        .filter_map(|value| role_called(value))
        .collect();
    let needed = [Role::Train, Role::Discovery, Role::Check, Role::Final];
    needed.iter().all(|role| roles.contains(role))
}

/// The role that people mean by a name.
fn role_called(name: &str) -> Option<Role> {
    match name.trim().to_lowercase().as_str() {
        "dev" | "val" | "valid" | "eval" | "entwicklung" | "validierung" => Some(Role::Validation),
        "test" | "heldout" | "holdout" => Some(Role::Final),
        "training" => Some(Role::Train),
        name => Role::from_name(name),
    }
}

/// A new project being put together.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its name.
    pub name: String,
    /// What the classifier is for.
    pub task: String,
    /// Where its folder is to be made.
    pub parent: String,
    /// Its files.
    pub files: Vec<DraftFile>,
    /// The columns, guessed first, changeable.
    pub columns: ColumnNames,
    /// [`BUILTIN`] or the folder of a model.
    pub model: String,
    /// How the base is fitted.
    pub fit: FitSpec,
    /// Tokens of a text that the model reads.
    pub max_tokens: usize,
    /// Whether the data files are copied into the project.
    pub copy: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            name: String::new(),
            task: String::new(),
            parent: String::new(),
            files: Vec::new(),
            columns: ColumnNames::default(),
            model: BUILTIN.into(),
            fit: FitSpec::default(),
            max_tokens: USUAL_MAX_TOKENS,
            copy: true,
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
            if !covers_the_loop(&file.guess, self.columns.role.as_deref()) {
                // Rows cannot keep such roles: some would have none.
                self.columns.role = None;
            }
            if self.name.is_empty() {
                self.name.clone_from(&file.source);
            }
        }
        self.files.push(file);
        self.propose_roles();
    }

    /// Takes a file away.
    pub fn remove(&mut self, position: usize) {
        self.files.remove(position);
        self.propose_roles();
    }

    /// Proposes roles from the names of the files. A lone file serves all
    /// roles, whatever its name; a test set also has to serve for discovery
    /// and check unless other files do.
    fn propose_roles(&mut self) {
        let promised: Vec<Option<Role>> = self.files.iter().map(DraftFile::promised).collect();
        let is_there = |role: Role| promised.contains(&Some(role));
        let split = self.columns.role.is_none()
            && is_there(Role::Train)
            && [Role::Discovery, Role::Check, Role::Final]
                .map(is_there)
                .contains(&true);
        let lacks_unseen = !is_there(Role::Discovery) || !is_there(Role::Check);
        for (file, promised) in self.files.iter_mut().zip(&promised) {
            if file.roles_chosen {
                continue;
            }
            file.roles = match promised {
                _ if !split => FileRoles::Drawn,
                Some(Role::Final) if lacks_unseen => FileRoles::Unseen,
                Some(role) => FileRoles::All(*role),
                None => FileRoles::Drawn,
            };
        }
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

    /// The folder that will be made.
    pub fn folder(&self) -> PathBuf {
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let letters = self.name.trim().chars();
        let name: String = letters.map(|c| if plain(c) { c } else { '-' }).collect();
        absolute(&typed_path(&self.parent)).join(name)
    }

    /// What is still missing, in plain words.
    pub fn missing(&self) -> Option<&'static str> {
        if self.files.is_empty() {
            Some("add at least one data file")
        } else if self.columns.text.is_none() {
            Some("say which column holds the text")
        } else if self.columns.label.is_none() {
            Some("say which column holds the label")
        } else if self.model.trim().is_empty() {
            Some("say which model, or take the built-in one")
        } else if self.name.trim().is_empty() {
            Some("give the project a name")
        } else if self.parent.trim().is_empty() {
            Some("say where to put the project")
        } else {
            None
        }
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
        manifest.roles.names = self.role_names();
        manifest.model.base = match self.model.trim() {
            BUILTIN => BUILTIN.to_owned(),
            folder => absolute(&typed_path(folder)).display().to_string(),
        };
        let names = self.copied_names();
        for (file, name) in self.files.iter().zip(names) {
            let path = match copied && self.copy {
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
                shares: (file.roles == FileRoles::Unseen).then_some(FileRoles::UNSEEN),
            });
        }
        manifest
    }

    /// What the values of the role column mean, where they are not the names
    /// of roles already.
    fn role_names(&self) -> BTreeMap<String, Role> {
        let Some(column) = &self.columns.role else {
            return BTreeMap::new();
        };
        let columns = self.files.iter().flat_map(|file| &file.guess.columns);
        let values = columns
            .filter(|known| known.name == *column)
            .flat_map(|known| &known.values);
        values
            .filter(|value| Role::from_name(value).is_none())
            .filter_map(|value| Some((value.clone(), role_called(value)?)))
            .collect()
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

    /// Reads and checks the files as the project would.
    ///
    /// # Errors
    /// When a file or the model cannot be read or makes no sense.
    pub fn check(&self, progress: &Progress) -> Result<Checked> {
        let workspace = Workspace::of(self.manifest(false), Path::new(""), progress)?;
        let check = workflow::check(&workspace, progress)?;
        Ok(Checked::new(&workspace.dataset, check))
    }

    /// Makes the project's folder with project.toml and, if wished, copies of
    /// the data. Nothing that is there is overwritten.
    ///
    /// # Errors
    /// When the folder holds a project already or cannot be written.
    pub fn create(&self) -> Result<PathBuf> {
        let folder = self.folder();
        let file = folder.join(FILE_NAME);
        if file.exists() {
            return Err(
                Error::input(format!("`{}` holds a project already", folder.display()))
                    .hint("open that one, or give the new one another name"),
            );
        }
        let data = folder.join("data");
        let made = if self.copy { &data } else { &folder };
        std::fs::create_dir_all(made).map_err(|error| Error::file("make", made, error))?;
        if self.copy {
            for (from, name) in self.files.iter().zip(self.copied_names()) {
                let to = data.join(name);
                if to.exists() {
                    return Err(Error::input(format!("`{}` is there already", to.display()))
                        .hint("give the new project another name"));
                }
                std::fs::copy(&from.path, &to)
                    .map_err(|error| Error::file("copy", &from.path, error))?;
            }
        }
        let text = self.manifest(true).to_toml()?;
        atomic_file::write(&file, |out| out.write_all(text.as_bytes()))?;
        Ok(folder)
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// What reading the files has shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Number of texts of each role.
    pub roles: Vec<(Role, usize)>,
    /// The labels with the number of their texts, sealed ones left out,
    /// commonest first.
    pub labels: Vec<(String, usize)>,
    /// The check itself.
    pub check: ProjectCheck,
}

impl Checked {
    fn new(dataset: &Dataset, check: ProjectCheck) -> Self {
        let roles = Role::ALL.map(|role| (role, dataset.with_role(role).len()));
        let mut counts = vec![0_usize; dataset.labels.len()];
        for example in dataset.examples.iter().filter(|e| e.role != Role::Final) {
            if let Some(count) = counts.get_mut(usize::from(example.label)) {
                *count += 1;
            }
        }
        let mut labels: Vec<_> = dataset.labels.iter().cloned().zip(counts).collect();
        labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self {
            roles: roles.into(),
            labels,
            check,
        }
    }

    /// What the user should know, in plain words.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for (role, least) in [
            (Role::Train, 50),
            (Role::Discovery, 100),
            (Role::Final, 100),
        ] {
            let there = self.roles.iter().find(|(of, _)| *of == role);
            let there = there.map_or(0, |(_, number)| *number);
            if there < least {
                warnings.push(format!(
                    "only {there} texts are for “{role}”: figures will be uncertain below {least}"
                ));
            }
        }
        let notes = &self.check.data.reading.notes;
        let found = self.check.data.warnings().into_iter();
        warnings.extend(found.filter(|warning| !notes.contains(warning)));
        warnings
    }

    /// How many more tokens of each text the model could read, if some texts
    /// are longer than it reads now.
    pub fn longer(&self) -> Option<usize> {
        let data = &self.check.data;
        let longest = data.cells.iter().map(|cell| cell.most_tokens).max()?;
        let wanted = longest.next_multiple_of(64).min(self.check.model_reads?);
        (data.over_long.count > 0 && wanted > data.max_tokens).then_some(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset;
    use crate::dataset::guess::guess;
    use crate::model::fixture::tiny_model;
    use crate::project::manifest::DataSpec;

    fn file(folder: &Path, name: &str, content: &str) -> DraftFile {
        let path = folder.join(name);
        std::fs::write(&path, content).expect("writes");
        let guess = guess(&path, &DataSpec::default(), 5, &Progress::silent()).expect("guesses");
        DraftFile::new(path, guess)
    }

    #[test]
    fn a_german_csv_becomes_a_project_that_reads() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let model = folder.path().join("model");
        tiny_model(&model).expect("writes the model");
        let rows: String = (0..60)
            .map(|i| format!("Der Vorgang {i} ist eilig;{}\n", ["Frage", "Lob"][i % 2]))
            .collect();
        let mut draft = Draft {
            parent: folder.path().join("projects").display().to_string(),
            model: model.display().to_string(),
            max_tokens: 8,
            ..Draft::default()
        };
        draft.add(file(
            folder.path(),
            "anfragen.csv",
            &format!("Text;Kategorie\n{rows}"),
        ));
        assert_eq!(draft.name, "anfragen");
        assert_eq!(draft.missing(), None);
        let checked = draft.check(&Progress::silent()).expect("checks");
        assert_eq!(checked.roles.iter().map(|(_, n)| n).sum::<usize>(), 60);
        let warnings = checked.warnings();
        assert!(warnings.iter().any(|w| w.contains("uncertain")));
        assert!(warnings.iter().any(|w| w.contains("longer than 8")));
        assert!(checked.longer() > Some(8));
        assert!(checked.check.seconds_to_fit > Some(0.0));

        let made = draft.create().expect("creates");
        let manifest = Manifest::load(&made).expect("loads");
        let dataset = dataset::read(&manifest, &made, &Progress::silent()).expect("reads");
        assert_eq!(dataset.labels, ["Frage", "Lob"]);
        let again = draft.create().expect_err("already there");
        assert!(again.remedy().is_some());
    }

    #[test]
    fn files_of_one_name_are_told_apart_and_names_promise_roles() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let deeper = folder.path().join("b");
        std::fs::create_dir(&deeper).expect("makes");
        let mut draft = Draft::default();
        draft.add(file(folder.path(), "x_train.csv", "text,label\na,b\n"));
        assert_eq!(draft.files[0].roles, FileRoles::Drawn, "a lone file");
        draft.add(file(&deeper, "x_train.csv", "text,label\nc,d\n"));
        draft.add(file(folder.path(), "reviews-test.csv", "text,label\nc,d\n"));
        assert_eq!(draft.files[0].roles, FileRoles::All(Role::Train));
        assert_eq!(draft.files[2].roles, FileRoles::Unseen);
        let manifest = draft.manifest(true);
        let paths: Vec<_> = manifest.data.files.iter().map(|file| &file.path).collect();
        assert_ne!(paths[0], paths[1]);
    }

    #[test]
    fn a_role_column_serves_only_if_it_names_all_roles() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let rows = "split,text,label\ntrain,a,b\nDEV,c,d\ntest,e,f\n";
        let mut draft = Draft::default();
        draft.add(file(folder.path(), "three.csv", rows));
        assert_eq!(draft.columns.role, None);
        let more = format!("{rows}discovery,g,b\ncheck,h,b\n");
        let mut draft = Draft::default();
        draft.add(file(folder.path(), "all.csv", &more));
        let names = draft.manifest(true).roles.names;
        assert_eq!(names.get("DEV"), Some(&Role::Validation));
        assert_eq!(names.get("test"), Some(&Role::Final));
        assert_eq!(names.len(), 2);
    }
}
