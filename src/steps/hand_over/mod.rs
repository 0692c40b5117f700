//! A project's blind spots for a domain expert on another machine: one file
//! goes out, lessons come back and merge.
//!
//! The file unpacks to a small project of its own: the shown errors and their
//! contrasts, the frozen blind spots, and the base model for live prediction.
//! It holds nothing that was kept back, nothing of *check* and nothing sealed.

mod archive;
mod received;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::discovery::Outcome;
use crate::inference::Predictions;
use crate::project::manifest::FILE_NAME;
use crate::records::{
    ColumnNames, DataSpec, ExampleKey, FileSpec, LabelSpec, Manifest, MapMethod, MapPositions,
    ModelBase, ModelSpec, Role, Snapshot, TeacherChoice,
};
use crate::steps::fit::Fitted;
use crate::steps::{Basis, Workspace, shipped};
use crate::support::{Error, Progress, Result, assets, atomic_file, clock, user_file};

pub use archive::{is_hand_over, is_meant_as_hand_over};

/// Extension of the files.
pub const EXTENSION: &str = "blindspot";
/// File in the unpacked project that says what it is.
const INDEX: &str = "hand-over.json";
const DATA: &str = "data.csv";
const MODEL: &str = "model";
/// Texts of each label that the base gets right, to compare errors with.
const RIGHT_OF_EACH_LABEL: usize = 20;

/// What a hand-over is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// Name of the project.
    pub project: String,
    /// Version of the snapshot that is taught.
    pub snapshot: u32,
    /// Fingerprint of the base model.
    pub model: String,
    /// Number of blind spots in it.
    pub blind_spots: usize,
    /// Number of texts in it.
    pub texts: usize,
    /// When it was made, RFC 3339.
    pub created: String,
}

impl Basis<'_> {
    /// Writes a hand-over: the blind spots that a person is to teach, or all if
    /// nobody has chosen yet.
    ///
    /// # Errors
    /// When another file is in the way, when the project has no model of its
    /// own, when there is no blind spot to teach, or when the file cannot be
    /// written.
    pub fn hand_over(&self, file: &Path, progress: &Progress) -> Result<HandOver> {
        atomic_file::may_replace(file, "a hand-over", is_hand_over)?;
        progress.stage("Packing the blind spots", None);
        let folder =
            tempfile::tempdir().map_err(|e| Error::program("no temporary folder").because(e))?;
        let snapshot = self.taught_by_people();
        if snapshot.blind_spots.is_empty() {
            return Err(
                Error::input("no blind spot with errors is to be taught by a person").hint(
                    "choose “Person” or “Both” as the teacher of one whose errors triage and \
                     moves have not all set aside",
                ),
            );
        }
        let texts = self.write_data(&snapshot, &folder.path().join(DATA))?;
        self.write_model(folder.path())?;
        let manifest = self.small_manifest(&snapshot)?.to_toml()?;
        write_text(&folder.path().join(FILE_NAME), &manifest)?;
        self.write_results(folder.path(), &snapshot, progress)?;
        let index = HandOver {
            project: self.project.workspace.manifest.name.clone(),
            snapshot: snapshot.version,
            model: self.base.info.id.clone(),
            blind_spots: snapshot.blind_spots.len(),
            texts,
            created: clock::now(),
        };
        let said = serde_json::to_string(&index)
            .map_err(|e| Error::program("cannot describe the hand-over").because(e))?;
        write_text(&folder.path().join(INDEX), &said)?;
        progress.stage("Writing the file", None);
        archive::pack(folder.path(), file)?;
        Ok(index)
    }

    /// The blind spots to teach, with the names given by hand, after triage
    /// and moves, and without what is kept back.
    fn taught_by_people(&self) -> Snapshot {
        let choices = &self.document.teachers;
        let mut snapshot = self.snapshot.clone();
        if !choices.is_empty() {
            snapshot.blind_spots.retain(|spot| {
                let choice = choices.get(&spot.id);
                matches!(choice, Some(TeacherChoice::Human | TeacherChoice::Both))
            });
        }
        let dataset = &self.project.workspace.dataset;
        let key = |index: usize| dataset.examples[index].key.clone();
        let evidence = self.evidence();
        for spot in &mut snapshot.blind_spots {
            spot.name = self.document.name_for_teachers(spot.id, self.snapshot);
            let shown = evidence.shown(spot.id).iter();
            spot.shown = shown.map(|error| key(error.example)).collect();
            spot.medoids.retain(|medoid| spot.shown.contains(medoid));
            spot.contrasts = evidence.contrasts(spot).into_iter().map(key).collect();
            spot.kept_back.clear();
        }
        snapshot.blind_spots.retain(|spot| !spot.shown.is_empty());
        snapshot.orphans.clear();
        snapshot
    }

    /// Indices of the examples in the file, ascending: the shown errors, the
    /// contrasts, and some texts of each label that the base gets right.
    fn texts_for_people(&self, snapshot: &Snapshot) -> Vec<usize> {
        let dataset = &self.project.workspace.dataset;
        let wanted: BTreeSet<&ExampleKey> = snapshot
            .blind_spots
            .iter()
            .flat_map(|spot| spot.shown.iter().chain(&spot.contrasts))
            .collect();
        // What was an error when it was frozen stays behind, whatever triage
        // has made of it: it may have been kept back.
        let frozen: BTreeSet<&ExampleKey> = self
            .snapshot
            .blind_spots
            .iter()
            .flat_map(|spot| spot.members())
            .collect();
        let mut right = vec![0; dataset.labels.len()];
        let answers = self.answers();
        let mut is_wanted = |row: &usize| {
            let key = &answers.example(*row).key;
            if wanted.contains(key) {
                return true;
            }
            let count = &mut right[usize::from(answers.answer(*row).label)];
            let more = answers.outcome(*row) == Outcome::Right
                && *count < RIGHT_OF_EACH_LABEL
                && !frozen.contains(key);
            *count += usize::from(more);
            more
        };
        let wanted = answers
            .rows_of(Role::Discovery)
            .filter(|row| is_wanted(row));
        wanted.map(|row| answers.index(row)).collect()
    }

    fn write_data(&self, snapshot: &Snapshot, path: &Path) -> Result<usize> {
        let dataset = &self.project.workspace.dataset;
        let truths = self.project.truths(self.document);
        let failed = |e: csv::Error| Error::program("cannot write the texts").because(e);
        let mut table = csv::Writer::from_path(path).map_err(failed)?;
        table
            .write_record(["id", "text", "second", "label", "role", "source"])
            .map_err(failed)?;
        let examples = self.texts_for_people(snapshot);
        for index in &examples {
            let example = &dataset.examples[*index];
            let Some(text) = example.text() else { continue };
            let label = truths.of(dataset, *index).unwrap_or(example.label);
            table
                .write_record([
                    example.key.0.as_str(),
                    &text.first,
                    text.second.as_deref().unwrap_or_default(),
                    dataset.label_name(label),
                    "discovery",
                    dataset
                        .sources
                        .get(usize::from(example.source))
                        .map_or("all", String::as_str),
                ])
                .map_err(failed)?;
        }
        table.flush().map_err(|e| Error::file("write", path, e))?;
        Ok(examples.len())
    }

    fn small_manifest(&self, snapshot: &Snapshot) -> Result<Manifest> {
        let workspace = &self.project.workspace;
        let of = &workspace.manifest;
        let mut labels: Vec<LabelSpec> = of.labels.clone();
        if labels.is_empty() {
            labels.extend(workspace.dataset.labels.iter().map(|name| LabelSpec {
                name: name.clone(),
                ..LabelSpec::default()
            }));
        }
        let column = |name: &str| Some(name.to_owned());
        let mut manifest = Manifest {
            name: of.name.clone(),
            task: of.task.clone(),
            labels,
            max_tokens: of.max_tokens,
            hourly_rate: of.hourly_rate,
            currency: of.currency.clone(),
            data: DataSpec {
                files: vec![FileSpec {
                    path: DATA.into(),
                    ..FileSpec::default()
                }],
                columns: ColumnNames {
                    text: column("text"),
                    text_b: workspace.dataset.has_pairs().then(|| "second".to_owned()),
                    label: column("label"),
                    source: column("source"),
                    group: None,
                    id: column("id"),
                    role: column("role"),
                },
                ..DataSpec::default()
            },
            fit: of.fit.clone(),
            quick: of.quick.clone(),
            discovery: snapshot.settings.clone(),
            teaching_only: true,
            ..Manifest::default()
        };
        if let ModelBase::Folder(_) = of.model_base(&workspace.folder)? {
            manifest.model = ModelSpec {
                base: MODEL.to_owned(),
                ..of.model.clone()
            };
        }
        Ok(manifest)
    }

    /// The pretrained encoder, unless the program brings it.
    fn write_model(&self, folder: &Path) -> Result<()> {
        let workspace = &self.project.workspace;
        match workspace.manifest.model_base(&workspace.folder)? {
            ModelBase::Builtin => Ok(()),
            ModelBase::Folder(from) => copy_files(&from, &folder.join(MODEL)),
            ModelBase::Predictions => Err(Error::input(
                "this project holds the predictions of a black box: without a model there is no \
                 live prediction, and an expert elsewhere could not see what fools it",
            )
            .hint("name a model under [model] in project.toml, or teach on this machine")),
        }
    }

    /// Base, predictions, map and blind spots, as a project ships them.
    fn write_results(&self, folder: &Path, snapshot: &Snapshot, progress: &Progress) -> Result<()> {
        let small = Workspace::open(folder, progress)?;
        let fitted = Fitted::from(self.base);
        let predictions = self.predictions_for(&small)?;
        let map = MapPositions {
            method: MapMethod::Pca,
            points: vec![[0.0, 0.0]; predictions.len()],
        };
        let results = (&predictions, &map);
        shipped::publish(&small, &fitted, snapshot.temperature, results, snapshot)?;
        Ok(())
    }

    /// The base's answers to the examples of the small project, in its order.
    fn predictions_for(&self, small: &Workspace) -> Result<Predictions> {
        let dataset = &self.project.workspace.dataset;
        let mut logits = Vec::new();
        let mut embeddings = Vec::new();
        for example in &small.dataset.examples {
            let row = (dataset.index_of(&example.key))
                .and_then(|index| self.reference.row_of(index))
                .ok_or_else(|| {
                    Error::input(format!("`{}` has not been scored", example.key))
                        .hint("score the examples first")
                })?;
            logits.extend_from_slice(self.reference.logits(row));
            embeddings.extend_from_slice(self.reference.embedding(row));
        }
        Predictions::restore(
            (0..small.dataset.examples.len()).collect::<Vec<_>>(),
            self.reference.classes(),
            logits,
            self.reference.width(),
            embeddings,
        )
    }
}

/// What an unpacked hand-over says about itself; `None` for other projects.
pub fn of_folder(folder: &Path) -> Option<HandOver> {
    let text = user_file::text_if_there(&folder.join(INDEX)).ok()??;
    serde_json::from_str(&text).ok()
}

/// Unpacks a hand-over beside its file, or finds where it was unpacked before,
/// with what has been written there since. Gives the project's folder. Beside
/// a file on a medium that takes none, as an attachment may lie on, stands the
/// user's own folder.
///
/// # Errors
/// When the file is damaged or no hand-over, or the folder cannot be written.
pub fn unpack(file: &Path) -> Result<PathBuf> {
    let index: HandOver = serde_json::from_slice(&archive::member(file, INDEX)?).map_err(|e| {
        Error::input(format!("`{}` is damaged", file.display()))
            .because(e)
            .hint("ask for the file again")
    })?;
    let named = match atomic_file::is_writable(atomic_file::folder_of(file)) {
        true => file.with_extension(""),
        false => own_place(file)?,
    };
    let places = std::iter::once(named.clone())
        .chain((2..100).map(|number| PathBuf::from(format!("{}-{number}", named.display()))));
    for folder in places {
        if of_folder(&folder).as_ref() == Some(&index) {
            return Ok(folder);
        }
        if !folder.exists() {
            archive::unpack(file, &folder, received::is_expected, |name, content| {
                received::made_safe(file, name, content)
            })?;
            return Ok(folder);
        }
    }
    Err(Error::input(format!(
        "there is no free name for a folder beside `{}`",
        file.display()
    ))
    .hint("move the file to an empty folder and open it there"))
}

/// Where a hand-over goes that cannot be unpacked beside its file.
fn own_place(file: &Path) -> Result<PathBuf> {
    let folder = assets::own_folder()?.join("hand-overs");
    std::fs::create_dir_all(&folder).map_err(|e| Error::file("make the folder", &folder, e))?;
    Ok(folder.join(file.file_stem().unwrap_or_default()))
}

fn write_text(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|e| Error::file("write", path, e))
}

/// Copies the files of a folder, not what lies in folders inside it.
fn copy_files(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).map_err(|e| Error::file("create", to, e))?;
    let entries = std::fs::read_dir(from).map_err(|e| Error::file("read", from, e))?;
    for entry in entries {
        let path = entry.map_err(|e| Error::file("read", from, e))?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            std::fs::copy(&path, to.join(name)).map_err(|e| Error::file("copy", &path, e))?;
        }
    }
    Ok(())
}
