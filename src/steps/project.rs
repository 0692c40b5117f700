//! An open project: its data and its durable state. Each step adds its own
//! methods in its own file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::Classifier;
use crate::project::{Opened, STATE_FOLDER, Store};
use crate::records::{Document, Lesson, ModelBase};
use crate::steps::Workspace;
use crate::steps::project_settings::in_force;
use crate::support::{Error, Progress, Result, user_file};

/// Raised when fitting, scoring or the map changes its results by more than
/// rounding. What a project ships stays valid: it is meant to be the same on
/// every machine.
pub(crate) const CODE_VERSION: u32 = 1;

/// File of lessons that a person or another machine wrote for the project.
const LESSONS_FILE: &str = "lessons.jsonl";

/// A base and its fingerprint.
type LoadedBase = (String, Arc<Classifier>);

/// A project that is being worked on. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct OpenProject {
    /// Settings, data, encoder.
    pub workspace: Arc<Workspace>,
    /// What the program wrote.
    pub store: Store,
    /// The base that was loaded last, by its fingerprint.
    loaded: Arc<Mutex<Option<LoadedBase>>>,
}

impl OpenProject {
    /// Opens a project; its state lies in `state_dir` or, without one, in
    /// `.blindspot` inside the project. Warnings and notes
    /// go to `progress`.
    ///
    /// # Errors
    /// When the project or its state cannot be read.
    pub fn open(folder: &Path, state_dir: Option<&Path>, progress: &Progress) -> Result<Self> {
        Self::open_with(Store::open, (folder, state_dir), progress)
    }

    /// As [`OpenProject::open`], as one of many machines that share the state's
    /// folder; see [`Store::open_shared`].
    ///
    /// # Errors
    /// Also when there is no state yet.
    pub fn open_shared(
        folder: &Path,
        state_dir: Option<&Path>,
        progress: &Progress,
    ) -> Result<Self> {
        Self::open_with(Store::open_shared, (folder, state_dir), progress)
    }

    fn open_with(
        open: impl FnOnce(&Path) -> Result<Opened>,
        (folder, state_dir): (&Path, Option<&Path>),
        progress: &Progress,
    ) -> Result<Self> {
        let workspace = Workspace::in_use(folder, state_dir, progress)?;
        workspace.report.tell(progress);
        let state = state_folder(folder, state_dir);
        let opened = open(&state)?;
        for warning in opened.warnings {
            progress.warn(warning);
        }
        let project = Self {
            workspace: Arc::new(workspace),
            store: opened.store,
            loaded: Arc::default(),
        };
        let saved = project.store.document();
        if saved != Document::default() {
            let (_, in_vain) = in_force(&saved, &project.workspace.manifest.discovery)?;
            for setting in in_vain {
                progress.warn(setting);
            }
        }
        Ok(project)
    }

    /// The same project with its state opened anew: for programs that stay
    /// while others write, too.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn opened_again(&self) -> Result<Self> {
        let opened = Store::open(self.store.folder())?;
        Ok(self.with_state(opened.store))
    }

    /// As [`OpenProject::opened_again`], without keeping anybody from writing.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn opened_to_read(&self) -> Result<Self> {
        let opened = Store::open_to_read(self.store.folder())?;
        Ok(self.with_state(opened.store))
    }

    fn with_state(&self, store: Store) -> Self {
        Self {
            workspace: Arc::clone(&self.workspace),
            store,
            loaded: Arc::clone(&self.loaded),
        }
    }

    /// A base, loaded once as long as no other one is asked for.
    pub(super) fn loaded(
        &self,
        id: &str,
        load: impl FnOnce() -> Result<Classifier>,
    ) -> Result<Arc<Classifier>> {
        // The slot is filled last, so that a panic leaves it whole.
        let mut slot = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, model)) = slot.as_ref().filter(|(of, _)| of == id) {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(load()?);
        *slot = Some((id.to_owned(), Arc::clone(&model)));
        Ok(model)
    }

    /// Whether the project holds predictions of a black box instead of a model.
    ///
    /// # Errors
    /// When project.toml names a folder outside the project.
    pub fn is_black_box(&self) -> Result<bool> {
        let model = self.workspace.manifest.model_base(&self.workspace.folder)?;
        Ok(model == ModelBase::Predictions)
    }

    /// The document, with lessons of `lessons.jsonl` that it does not have
    /// yet, and the settings of project.toml that were not changed here.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn document(&self) -> Result<Document> {
        let mut document = self.store.document();
        let of_project = &self.workspace.manifest.discovery;
        if document == Document::default() {
            document.settings = of_project.clone();
            document.snapshot = self.snapshots()?.last().map(|snapshot| snapshot.version);
        } else {
            (document.settings, _) = in_force(&document, of_project)?;
        }
        document.settings_from = Some(of_project.clone());
        for lesson in self.lessons_beside_data()? {
            document
                .lessons
                .entry(lesson.id.clone())
                .or_insert_with(|| Arc::new(lesson));
        }
        Ok(document)
    }

    /// The lessons of `lessons.jsonl`, which whoever gets the project gets too.
    pub(super) fn lessons_beside_data(&self) -> Result<Vec<Lesson>> {
        read_lessons(&self.workspace.folder.join(LESSONS_FILE))
    }
}

/// Where the state of a project lies.
pub fn state_folder(folder: &Path, state_dir: Option<&Path>) -> PathBuf {
    state_dir.map_or_else(|| folder.join(STATE_FOLDER), Path::to_path_buf)
}

/// Reads lessons from JSON Lines; no file, no lessons.
///
/// # Errors
/// Names file and line of what is no lesson.
pub fn read_lessons(path: &Path) -> Result<Vec<Lesson>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = user_file::text(path)?;
    (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|e| {
                Error::input(format!("`{}`, line {number}, is no lesson", path.display()))
                    .because(e)
                    .hint("each line is one lesson as `export` writes it")
            })
        })
        .collect()
}
