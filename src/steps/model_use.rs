//! How the model of a project is used, where that was changed after the project
//! was made: whether it is fitted anew, and what its classes mean.
//!
//! project.toml stays as it was written; what was chosen in the window lies in
//! the state folder and counts until project.toml names another model.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::model::Classifier;
use crate::model::label_names::{Matching, Open, known_by_name, listed, matching};
use crate::records::{Manifest, ModelBase, ModelUse, Role};
use crate::steps::label_question::LabelQuestion;
use crate::steps::{OpenProject, State, Workspace};
use crate::support::text::many;
use crate::support::{Error, Progress, Result, atomic_file, user_file};

/// File of what was chosen in the window.
const FILE: &str = "model.json";

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    chosen: ModelUse,
    /// The model that it was chosen for, as project.toml named it.
    base: String,
    /// What project.toml said at that time.
    instead_of: ModelUse,
}

/// How a model is used, and what it answers: for a person who may change that.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelQuestion {
    /// How it is used now.
    pub now: ModelUse,
    /// What its classes answer.
    pub classes: LabelQuestion,
    /// What a change costs.
    pub lost: Vec<String>,
}

impl ModelQuestion {
    /// Why the model cannot be used so, in words.
    pub fn why_not(&self, wanted: &ModelUse) -> Option<String> {
        if wanted.refit {
            return None;
        }
        self.classes.why_not(&wanted.labels)
    }
}

/// Lets what was chosen in the window overrule what project.toml says of the
/// model.
///
/// # Errors
/// When the file is damaged.
pub(super) fn apply(manifest: &mut Manifest, state: &Path, progress: &Progress) -> Result<()> {
    let path = state.join(FILE);
    let Some(text) = user_file::text_if_there(&path)? else {
        return Ok(());
    };
    let kept: Kept = serde_json::from_str(&text).map_err(|e| {
        Error::input(format!("`{}` is damaged", path.display()))
            .because(e)
            .hint("delete it; the model is used as project.toml says then")
    })?;
    let said = ModelUse::of(&manifest.model);
    if kept.base != manifest.model.base {
        progress.warn(format!(
            "what was chosen in the window for the model `{}` does not count any more: \
             project.toml names another model",
            kept.base
        ));
        return Ok(());
    }
    if said == kept.chosen {
        return Ok(());
    }
    let told = format!(
        "the model is used as chosen in the window ({}), not as project.toml says under [model]",
        kept.chosen
    );
    match said == kept.instead_of {
        true => progress.note(told),
        // Somebody has edited project.toml since, and expects it to count.
        false => progress.warn(format!(
            "{told}; choose it there anew to follow project.toml again"
        )),
    }
    kept.chosen.put_into(&mut manifest.model);
    Ok(())
}

impl OpenProject {
    /// How the model is used, and what its own classes answer.
    ///
    /// # Errors
    /// When the model is no folder with a classification head, or cannot be
    /// read.
    pub fn model_question(&self, state: &State) -> Result<ModelQuestion> {
        let workspace = &self.workspace;
        let model = match workspace.manifest.model_base(&workspace.folder)? {
            ModelBase::Folder(folder) => Classifier::load(&folder)?,
            ModelBase::Builtin | ModelBase::Predictions => return Err(no_head()),
        };
        if model.labels().is_empty() {
            return Err(no_head());
        }
        let open = Open {
            known: known_by_name(model.labels(), &workspace.dataset.labels),
        };
        Ok(ModelQuestion {
            now: ModelUse::of(&workspace.manifest.model),
            classes: LabelQuestion::about(workspace, &model, &open)?,
            lost: lost(state),
        })
    }

    /// Keeps another use of the model, which counts from the next opening on.
    ///
    /// # Errors
    /// When the project could not be opened so, when rows of *final* would
    /// become others, or when it cannot be kept: then nothing has changed.
    pub fn use_model_so(&self, wanted: &ModelUse, progress: &Progress) -> Result<()> {
        self.store.check_writable("how the model is used")?;
        let workspace = &self.workspace;
        let instead_of = ModelUse::of(&Manifest::load(&workspace.folder)?.model);
        let mut manifest = workspace.manifest.clone();
        wanted.put_into(&mut manifest.model);
        progress.stage("Reading the data as they would be", None);
        let new = Workspace::of(manifest, &workspace.folder, progress)?;
        require_same_final(&workspace.dataset, &new.dataset)?;
        // Also finds out whether its classes can be the labels.
        new.pretrained()?;
        let kept = Kept {
            chosen: wanted.clone(),
            base: workspace.manifest.model.base.clone(),
            instead_of,
        };
        let text = serde_json::to_vec_pretty(&kept)
            .map_err(|e| Error::program("cannot write how the model is used").because(e))?;
        atomic_file::write(&self.store.folder().join(FILE), |out| out.write_all(&text))
    }
}

/// Rows are drawn into roles otherwise when the model is fitted. Where that
/// would seal rows that people have read, or show sealed ones, nothing is
/// changed.
fn require_same_final(now: &Arc<Dataset>, then: &Dataset) -> Result<()> {
    let sealed = |dataset: &Dataset| -> BTreeSet<String> {
        let examples = dataset.examples.iter();
        let sealed = examples.filter(|example| example.role == Role::Final);
        sealed.map(|example| example.key.0.clone()).collect()
    };
    if sealed(now) == sealed(then) {
        return Ok(());
    }
    Err(Error::input(
        "the roles of this project are drawn, and would be drawn anew: rows that people have read \
         would become rows of final",
    )
    .hint("make a new project for that, or name the role of each row in a column of the data"))
}

fn no_head() -> Error {
    Error::input("the model of this project has no classification head of its own")
        .hint("it is fitted on train, and its classes are the labels")
}

/// What a change of the model's use costs, in sentences.
fn lost(state: &State) -> Vec<String> {
    let mut lost = Vec::new();
    if state.predictions.is_some() {
        lost.push("Its answers, the unknown unknowns and the map are made anew".to_owned());
    }
    if let Some(snapshot) = state.snapshot() {
        lost.push(format!(
            "The {} of version {} belong to the model as it is used now: new ones have to be \
             frozen before anybody teaches or retrains",
            many(snapshot.blind_spots.len(), "blind spot"),
            snapshot.version
        ));
    }
    let compared = state.rounds.len() + state.second_models.len();
    if compared > 0 {
        lost.push(format!(
            "The figures of {} stay, and say that they are of another base",
            many(compared, "comparison")
        ));
    }
    if !state.document.triage.is_empty() || !state.document.lessons.is_empty() {
        lost.push("Triage and lessons stay".to_owned());
    }
    lost.push("Nothing is deleted: going back brings everything back".to_owned());
    lost
}

impl LabelQuestion {
    /// Why the model cannot be used with these meanings of its classes, in
    /// words; nothing if it can.
    pub fn why_not(&self, meanings: &BTreeMap<String, String>) -> Option<String> {
        let names: Vec<String> = self
            .classes
            .iter()
            .map(|class| class.name.clone())
            .collect();
        match matching(&names, &self.labels, meanings) {
            Ok(Matching::Matched(_)) => None,
            Ok(Matching::Open(open)) => {
                let unknown = names.iter().zip(&open.known);
                let unknown: Vec<String> = unknown
                    .filter(|(_, known)| known.is_none())
                    .map(|(name, _)| name.clone())
                    .collect();
                Some(format!("say what is meant by {}", listed(&unknown)))
            }
            Err(error) => Some(error.to_string()),
        }
    }
}
