//! What a project can ship beside its data: a fitted base, its predictions,
//! the map and the frozen blind spots. Other processors round differently and
//! would find other errors, and stored lessons would point nowhere. A finished
//! round may lie beside them (`shipped_round`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::inference::Predictions;
use crate::inference::file::{self, Embeddings, Notes};
use crate::model::Classifier;
use crate::records::{BaseModel, Epochs, FitCurve, FitSpec, MapPositions, ModelSpec, Snapshot};
use crate::steps::Workspace;
use crate::steps::fit::Fitted;
use crate::support::tensor_file::TensorFile;
use crate::support::{Error, Result, atomic_file, hash, user_file};

pub(super) const FOLDER: &str = "shipped";
const INDEX: &str = "shipped.json";
const BASE: &str = "base.safetensors";
const PREDICTIONS: &str = "predictions.safetensors";
const MAP: &str = "map.json";
const SNAPSHOT: &str = "snapshot.json";

/// The list of what is shipped.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Index {
    /// Fingerprint of the base model.
    pub model: String,
    /// Fingerprint of the data it was made from.
    pub data: String,
    /// How the base was made from the data; the usual way where an earlier
    /// version does not say.
    #[serde(default)]
    pub recipe: Recipe,
    /// Temperature fitted on *validation*.
    pub temperature: f32,
    /// Seconds of fitting, for estimates.
    pub fit_seconds: f64,
    /// How fitting went on *validation*, where that decided how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<FitCurve>,
    /// Version of the program that made it.
    pub made_with: String,
    /// SHA-256 of each file.
    pub files: BTreeMap<String, String>,
}

/// How a base is made from the data. How much of a text is read belongs to the
/// fingerprint of the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// The pretrained model, as [`Workspace::pretrained_key`] names it.
    pub model: String,
    /// How it is fitted.
    pub fit: FitSpec,
}

impl Recipe {
    fn of(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            model: workspace.pretrained_key()?.to_owned(),
            fit: workspace.manifest.fit.clone(),
        })
    }
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            model: ModelSpec::default().base,
            fit: FitSpec {
                epochs: Epochs::Fixed(2),
                ..FitSpec::default()
            },
        }
    }
}

/// Results that came with a project.
pub struct Shipped {
    folder: PathBuf,
    /// The list.
    pub index: Index,
}

impl Shipped {
    /// What a project ships; `None` when it ships nothing or its data have
    /// changed since.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub fn find(workspace: &Workspace) -> Result<Option<Self>> {
        let read = Self::of_any_data(workspace)?;
        Ok(read.filter(|shipped| shipped.index.data == workspace.fingerprint()))
    }

    /// What a project ships, whatever data it was made from; `None` when it
    /// ships nothing.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub(super) fn of_any_data(workspace: &Workspace) -> Result<Option<Self>> {
        let folder = workspace.folder.join(FOLDER);
        if !folder.join(INDEX).exists() {
            return Ok(None);
        }
        let index = read_json(&folder.join(INDEX))?;
        Ok(Some(Self { folder, index }))
    }

    /// What a project ships, unless its settings ask for another base than the
    /// one that is shipped. An expert's copy takes what it was handed: it has
    /// no rows to fit another one.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub fn with_base(workspace: &Workspace) -> Result<Option<Self>> {
        let Some(shipped) = Self::find(workspace)? else {
            return Ok(None);
        };
        let handed_over = workspace.manifest.teaching_only;
        let fits = handed_over || shipped.index.recipe == Recipe::of(workspace)?;
        Ok(fits.then_some(shipped))
    }

    /// The base model as the faces show it, without loading it.
    pub fn base(&self) -> BaseModel {
        BaseModel {
            id: self.index.model.clone(),
            path: self.folder.join(BASE),
            origin: "shipped with the project".into(),
            curve: self.index.curve.clone(),
        }
    }

    /// Loads the base model, verified by its checksum and its fingerprint.
    ///
    /// # Errors
    /// When the file was changed or belongs to another encoder.
    pub fn classifier(&self, pretrained: &Classifier) -> Result<Classifier> {
        let path = self.verified(BASE)?;
        let model = pretrained.with_checkpoint(&TensorFile::open(&path)?)?;
        if model.fingerprint() == self.index.model {
            Ok(model)
        } else {
            Err(changed(&path))
        }
    }

    /// The base's predictions on all roles but *final*.
    ///
    /// # Errors
    /// When the file was changed.
    pub fn predictions(&self) -> Result<Arc<Predictions>> {
        let (predictions, _) = file::read(&self.verified(PREDICTIONS)?)?;
        Ok(Arc::new(predictions))
    }

    /// Positions on the map.
    ///
    /// # Errors
    /// When the file was changed.
    pub fn map(&self) -> Result<Arc<MapPositions>> {
        Ok(Arc::new(read_json(&self.verified(MAP)?)?))
    }

    /// The frozen blind spots.
    ///
    /// # Errors
    /// When the file was changed.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>> {
        Ok(Arc::new(read_json(&self.verified(SNAPSHOT)?)?))
    }

    /// Where a file lies.
    pub(super) fn place(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Whether a file is on the list.
    pub(super) fn lists(&self, name: &str) -> bool {
        self.index.files.contains_key(name)
    }

    /// Whether a file is the one on the list.
    pub(super) fn is_whole(&self, name: &str) -> bool {
        let wanted = self.index.files.get(name);
        wanted
            .is_some_and(|wanted| hash::file(&self.place(name)).is_ok_and(|found| found == *wanted))
    }

    /// Puts one more file beside the others, and on the list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        atomic_file::write(&self.place(name), |out| out.write_all(bytes))?;
        self.index.files.insert(name.to_owned(), hash::bytes(bytes));
        write_json(&self.place(INDEX), &self.index)
    }

    /// Takes a file away, and off the list.
    ///
    /// # Errors
    /// When it cannot be deleted, or the list cannot be written.
    pub(super) fn remove(&mut self, name: &str) -> Result<()> {
        if self.index.files.remove(name).is_some() {
            write_json(&self.place(INDEX), &self.index)?;
        }
        let place = self.place(name);
        match std::fs::remove_file(&place) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file("delete", &place, error))
            }
            _ => Ok(()),
        }
    }

    fn verified(&self, name: &str) -> Result<PathBuf> {
        let path = self.place(name);
        match self.is_whole(name) {
            true => Ok(path),
            false => Err(changed(&path)),
        }
    }
}

fn changed(path: &Path) -> Error {
    Error::input(format!(
        "`{}` is not the file that was shipped (its checksum differs)",
        path.display()
    ))
    .hint("restore it from version control, or fit a base of your own with `run --fit`")
}

/// Writes what a project ships, and says into which folder.
///
/// # Errors
/// When a file cannot be written.
pub fn publish(
    workspace: &Workspace,
    fitted: &Fitted,
    temperature: f32,
    (predictions, map): (&Predictions, &MapPositions),
    snapshot: &Snapshot,
) -> Result<PathBuf> {
    let folder = workspace.folder.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|e| Error::file("create", &folder, e))?;
    let notes = Notes::from([("model".to_owned(), fitted.model.fingerprint())]);
    let pretrained = workspace.pretrained()?;
    let base = fitted
        .model
        .write_packed_checkpoint(&pretrained, &folder.join(BASE), &notes);
    base?;
    let place = folder.join(PREDICTIONS);
    file::write(&place, predictions, Embeddings::Half, &notes)?;
    write_json(&folder.join(MAP), map)?;
    write_json(&folder.join(SNAPSHOT), snapshot)?;
    let mut files = BTreeMap::new();
    for name in [BASE, PREDICTIONS, MAP, SNAPSHOT] {
        files.insert(name.to_owned(), hash::file(&folder.join(name))?);
    }
    let index = Index {
        model: fitted.model.fingerprint(),
        data: workspace.fingerprint().to_owned(),
        recipe: Recipe::of(workspace)?,
        temperature,
        fit_seconds: fitted.seconds,
        curve: fitted.curve.clone(),
        made_with: env!("CARGO_PKG_VERSION").into(),
        files,
    };
    write_json(&folder.join(INDEX), &index)?;
    Ok(folder)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = user_file::text(path)?;
    serde_json::from_str(&text).map_err(|e| {
        Error::input(format!("`{}` is damaged", path.display()))
            .because(e)
            .hint("restore it from version control")
    })
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text =
        serde_json::to_string(value).map_err(|e| Error::program("cannot write JSON").because(e))?;
    atomic_file::write(path, |out| out.write_all(text.as_bytes()))
}
