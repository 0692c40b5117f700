//! A second model beside the base: a folder, or a file of predictions, of the
//! same labels. Whoever retrains elsewhere compares here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::comparison::Comparison;
use crate::inference::{Predictions, classify};
use crate::model::Classifier;
use crate::model::label_names::{Matching, matching};
use crate::records::{Arm, BlindSpotId, Document, Role, Snapshot};
use crate::steps::compare::{Comparing, ScoredRun, compare};
use crate::steps::import_predictions::{missing, read};
use crate::steps::label_question::{LabelQuestion, doubt};
use crate::steps::score::{self, VISIBLE, with_roles};
use crate::steps::{OpenProject, Workspace};
use crate::support::{Error, Progress, Result};

impl OpenProject {
    /// Compares the base with a second model on *check*. Nobody knows what that
    /// one was trained on, so no blind spot counts as taught. *final* is not
    /// looked at.
    ///
    /// # Errors
    /// When the second model or its file cannot be read, its classes do not
    /// mean the labels, rows have no prediction, or when cancelled.
    pub fn compare_with(
        &self,
        path: &Path,
        (reference, snapshot, document): (&Arc<Predictions>, &Snapshot, &Document),
        progress: &Progress,
    ) -> Result<Comparison> {
        let truths = self.truths(document);
        let other = Arc::new(self.answers_of_other(path, progress)?);
        let dataset = &self.workspace.dataset;
        if let Some(doubt) = doubt(dataset, &other, &truths) {
            progress.warn(format!("`{}`: {doubt}", path.display()));
        }
        let reference = self.answers_for(snapshot, Arc::clone(reference), &truths);
        let name = path.file_name().unwrap_or(path.as_os_str());
        let arm = Arm::Other(name.to_string_lossy().into_owned());
        let answers = reference.of_another(other);
        let names = |id: BlindSpotId| document.blind_spot_name(id, snapshot);
        compare(
            &Comparing {
                role: Role::Check,
                snapshot,
                names: &names,
                taught: &BTreeSet::new(),
                reference: &reference,
                runs: &[ScoredRun {
                    arm: arm.clone(),
                    seed: 0,
                    answers: &answers,
                }],
                arms: &[arm],
                endpoints: &self.workspace.manifest.comparison,
                seed: 0,
            },
            progress,
        )
    }

    /// What a second model says about every role but *final*.
    fn answers_of_other(&self, path: &Path, progress: &Progress) -> Result<Predictions> {
        if path.is_dir() {
            return scored_by(&self.workspace, path, progress);
        }
        progress.stage("Reading predictions", None);
        let (predictions, unknown) = read(self, path, progress)?;
        let lacking = missing(self, &predictions);
        if !lacking.is_empty() {
            let lacking: Vec<String> = lacking
                .iter()
                .map(|(role, count)| format!("{count} of {role}"))
                .collect();
            return Err(Error::input(format!(
                "`{}` has no prediction for some rows ({})",
                path.display(),
                lacking.join(", ")
            ))
            .hint("both models must answer the same rows; the ids must be those of the data"));
        }
        if unknown > 0 {
            progress.note(format!(
                "{unknown} rows of `{}` were left out: the project does not have their ids",
                path.display()
            ));
        }
        Ok(predictions)
    }
}

/// Scores the rows that may be looked at with the model of a folder, which cuts
/// them by its own tokenizer.
fn scored_by(workspace: &Workspace, folder: &Path, progress: &Progress) -> Result<Predictions> {
    let model = Classifier::load(folder)?;
    if model.labels().is_empty() {
        return Err(
            Error::input(format!("`{}` has no classification head", folder.display()))
                .hint("name a classifier, or a file of predictions"),
        );
    }
    let labels = &workspace.dataset.labels;
    // What project.toml says of the base's classes holds for equal names here.
    let mapping: BTreeMap<String, String> = (workspace.manifest.model.labels.iter())
        .filter(|(class, _)| model.labels().contains(class))
        .map(|(class, label)| (class.clone(), label.clone()))
        .collect();
    let matched = match matching(model.labels(), labels, &mapping)? {
        Matching::Matched(matched) => matched,
        Matching::Open(open) => {
            let question = LabelQuestion::about(workspace, &model, &open)?;
            return Err(question
                .refusal()
                .context(format!("`{}`", folder.display())));
        }
    };
    if let Some(said) = matched.said() {
        progress.warn(format!("`{}`: {said}", folder.display()));
    }
    let model = model.with_classes(&matched.classes, labels);
    let examples = with_roles(workspace, &VISIBLE);
    let texts = score::read_by(workspace, &model, &examples, progress)?;
    let scores = classify(&model, &texts, progress)?;
    score::predictions(examples, scores)
}
