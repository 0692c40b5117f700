//! A second model beside the base: a folder, or a file of predictions, of the
//! same labels. Whoever retrains elsewhere compares here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::comparison::Comparison;
use crate::dataset::Dataset;
use crate::discovery::Truths;
use crate::inference::{Predictions, classify, file};
use crate::model::Classifier;
use crate::model::label_names::{Matching, matching};
use crate::project::{Key, Kind};
use crate::records::{
    AnswersFrom, Arm, BaseModel, BlindSpotId, Document, Role, SecondModel, Snapshot,
};
use crate::steps::compare::{Comparing, ScoredRun, compare};
use crate::steps::import_predictions::{FromFile, ReadFile, missing, read_answers};
use crate::steps::label_question::{LabelQuestion, doubtful_mapping};
use crate::steps::retrain::arms::DATA;
use crate::steps::score::{self, VISIBLE, with_roles};
use crate::steps::{OpenProject, Workspace};
use crate::support::hash::StepHash;
use crate::support::{Error, Progress, Result, clock, hash};

/// Said beside the figures of every second model.
pub const NO_ARM: &str = "A second model is no arm of a round: nobody here knows what it was \
    trained on, and no control stands beside it. If rows of *check* were among its training texts, \
    its figures flatter it. Two models are compared, not seeds: intervals are over groups of rows \
    alone. Only *check* is read; *final* stays sealed.";

/// Rows of *check* from which a model that is right nearly everywhere is
/// suspected of having been trained on them.
const ENOUGH_TO_SUSPECT: usize = 50;
/// The share of errors that is “nearly everywhere”, at most.
const NEARLY_NONE: f64 = 0.005;

/// A second model with its figures and with what it says about the visible
/// roles.
#[derive(Debug, Clone, PartialEq)]
pub struct SecondResult {
    /// The record.
    pub model: SecondModel,
    /// The comparison on *check*.
    pub comparison: Arc<Comparison>,
    /// What it says; none for those of an earlier session until they are
    /// looked at again.
    pub answers: Option<Arc<Predictions>>,
}

/// The outcome of asking for a comparison with a second model.
#[derive(Debug, Clone, PartialEq)]
pub enum SecondOutcome {
    /// It was compared.
    Compared(Arc<SecondResult>),
    /// Somebody has to say what its classes mean.
    Asks(Arc<LabelQuestion>),
}

/// What a second model stands beside.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The reference base.
    pub base: &'a BaseModel,
    /// Its predictions on every role but *final*.
    pub reference: &'a Arc<Predictions>,
    /// The frozen blind spots.
    pub snapshot: &'a Snapshot,
    /// Triage, moves and names.
    pub document: &'a Document,
}

/// A second model that was read and asked.
struct Asked {
    fingerprint: String,
    predictions: Predictions,
    said: Vec<String>,
}

/// A second model that was asked, or what has to be answered first.
enum Reading {
    Asked(Asked),
    Open(LabelQuestion),
}

impl OpenProject {
    /// Compares the base with a second model on *check*, and keeps that in the
    /// project unless it is open for reading only. Nobody knows what the
    /// second model was trained on, so no blind spot counts as taught. *final*
    /// is not looked at.
    ///
    /// # Errors
    /// When the second model or its file cannot be read, its classes can never
    /// be the labels, rows have no prediction, the blind spots are those of
    /// another base, when it cannot be kept, or when cancelled.
    pub fn compare_with(
        &self,
        wanted: &AnswersFrom,
        beside: &Beside<'_>,
        progress: &Progress,
    ) -> Result<SecondOutcome> {
        if beside.snapshot.model != beside.base.id {
            return Err(Error::input(
                "the blind spots were frozen for another base model, or for other data",
            )
            .hint("freeze blind spots again, then compare"));
        }
        let asked = match self.answers_of_second_model(wanted, progress)? {
            Reading::Asked(asked) => asked,
            Reading::Open(question) => return Ok(SecondOutcome::Asks(Arc::new(question))),
        };
        let truths = self.truths(beside.document);
        let mut said = asked.said;
        let dataset = &self.workspace.dataset;
        said.extend(doubtful_mapping(dataset, &asked.predictions, &truths));
        said.extend(knows_check(
            dataset,
            (beside.reference, &asked.predictions),
            &truths,
        ));
        if asked.fingerprint == beside.base.id {
            said.push("it is the base itself, so nothing can differ".to_owned());
        }
        let name = wanted.name();
        for line in &said {
            progress.warn(format!("`{name}`: {line}"));
        }
        let predictions = Arc::new(asked.predictions);
        let comparison = self.compared(&name, &predictions, beside, &truths, progress)?;
        let answers = self.answers_key(&name, &asked.fingerprint);
        let model = self.numbered_second(SecondModel {
            number: 0,
            wanted: wanted.clone(),
            fingerprint: asked.fingerprint,
            base: beside.base.id.clone(),
            snapshot: beside.snapshot.version,
            said,
            answers: answers.name().to_owned(),
            created: clock::now(),
        })?;
        let predictions = self.keep_second(&model, &answers, predictions, &comparison)?;
        Ok(SecondOutcome::Compared(Arc::new(SecondResult {
            model,
            comparison: Arc::new(comparison),
            answers: Some(predictions),
        })))
    }

    fn compared(
        &self,
        name: &str,
        predictions: &Arc<Predictions>,
        beside: &Beside<'_>,
        truths: &Arc<Truths>,
        progress: &Progress,
    ) -> Result<Comparison> {
        let (snapshot, reference) = (beside.snapshot, Arc::clone(beside.reference));
        let reference = self.answers_for(snapshot, reference, truths);
        let arm = Arm::Other(name.to_owned());
        let answers = reference.of_another(Arc::clone(predictions));
        let names = |id: BlindSpotId| beside.document.blind_spot_name(id, snapshot);
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

    /// The same model beside the same base and blind spots keeps its number.
    fn numbered_second(&self, model: SecondModel) -> Result<SecondModel> {
        let known = self.store.second_models()?;
        let same = known.iter().map(|(known, _)| known).find(|known| {
            known.fingerprint == model.fingerprint
                && known.base == model.base
                && known.snapshot == model.snapshot
        });
        let last = known.iter().map(|(known, _)| known.number).max();
        let number = same.map_or(last.unwrap_or(0) + 1, |same| same.number);
        Ok(SecondModel { number, ..model })
    }

    /// Answers first, then the record that names them: what is listed is
    /// whole.
    fn keep_second(
        &self,
        model: &SecondModel,
        answers: &Key,
        predictions: Arc<Predictions>,
        comparison: &Comparison,
    ) -> Result<Arc<Predictions>> {
        if self.store.read_only().is_some() {
            return Ok(predictions);
        }
        let data = self.workspace.fingerprint().to_owned();
        let notes = file::Notes::from([(DATA.to_owned(), data)]);
        let place = self.store.files().place(answers)?;
        let kept = file::write(&place, &predictions, file::Embeddings::Left, &notes)?;
        self.store.put_second_model(model, comparison)?;
        Ok(Arc::new(kept))
    }

    fn answers_key(&self, name: &str, fingerprint: &str) -> Key {
        let made_from = StepHash::default()
            .with("second model", fingerprint.as_bytes())
            .with("data", self.workspace.fingerprint().as_bytes());
        Key::new(Kind::Answers, &format!("second-{name}"), made_from)
    }

    /// The second models so far with their figures.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn second_models(&self) -> Result<Vec<Arc<SecondResult>>> {
        let kept = self.store.second_models()?.into_iter();
        Ok(kept
            .map(|(model, comparison)| {
                Arc::new(SecondResult {
                    model,
                    comparison: Arc::new(comparison),
                    answers: None,
                })
            })
            .collect())
    }

    /// What a second model said about every role but *final*.
    ///
    /// # Errors
    /// When the file is gone or damaged, or when the data have changed since.
    pub fn answers_of_second(&self, model: &SecondModel) -> Result<Arc<Predictions>> {
        let key = Key::recorded(Kind::Answers, &model.answers);
        let read = file::read(&self.store.files().path(&key));
        let (predictions, file) = read.map_err(|e| e.hint("compare with the model again"))?;
        let now = self.workspace.fingerprint();
        if file.note(DATA).is_some_and(|then| then != now) {
            return Err(
                Error::input("the data have changed since this model was compared")
                    .hint("compare with it again"),
            );
        }
        Ok(Arc::new(self.visible(&predictions)?))
    }

    /// What a second model says about every role but *final*.
    fn answers_of_second_model(
        &self,
        wanted: &AnswersFrom,
        progress: &Progress,
    ) -> Result<Reading> {
        if wanted.path.is_dir() {
            return scored_by(&self.workspace, wanted, progress);
        }
        let path = &wanted.path;
        progress.stage("Reading predictions", None);
        let read = read_answers(self, path, &wanted.labels, progress)?;
        let ReadFile {
            predictions,
            unknown_ids,
            mut said,
            ..
        } = match read {
            FromFile::Answers(read) => read,
            FromFile::Open(question) => return Ok(Reading::Open(question)),
        };
        self.require_all(path, &predictions)?;
        if unknown_ids > 0 {
            said.push(format!(
                "of its file {} left out, whose ids the project does not have",
                match unknown_ids {
                    1 => "1 row is".to_owned(),
                    rows => format!("{rows} rows are"),
                }
            ));
        }
        let mapping = serde_json::to_string(&wanted.labels)
            .map_err(|e| Error::program("cannot describe a mapping").because(e))?;
        let fingerprint = StepHash::default()
            .with("file", hash::file(path)?.as_bytes())
            .with(
                "labels",
                self.workspace.dataset.labels.join("\n").as_bytes(),
            )
            .with("mapping", mapping.as_bytes())
            .finish();
        Ok(Reading::Asked(Asked {
            fingerprint,
            predictions,
            said,
        }))
    }

    /// Refuses predictions that lack rows which are looked at.
    fn require_all(&self, path: &Path, predictions: &Predictions) -> Result<()> {
        let lacking = missing(self, predictions);
        if lacking.is_empty() {
            return Ok(());
        }
        let lacking: Vec<String> = lacking
            .iter()
            .map(|(role, count)| format!("{count} of {role}"))
            .collect();
        Err(Error::input(format!(
            "`{}` has no prediction for some rows ({})",
            path.display(),
            lacking.join(", ")
        ))
        .hint("both models must answer the same rows; the ids must be those of the data"))
    }
}

/// Scores the rows that may be looked at with the model of a folder, which cuts
/// them by its own tokenizer.
fn scored_by(workspace: &Workspace, wanted: &AnswersFrom, progress: &Progress) -> Result<Reading> {
    let (model, said) = match second_classifier(workspace, wanted)? {
        Loaded::Ready(model, said) => (model, said),
        Loaded::Open(question) => return Ok(Reading::Open(question)),
    };
    let examples = with_roles(workspace, &VISIBLE);
    let texts = score::read_by(workspace, &model, &examples, progress)?;
    let scores = classify(&model, &texts, progress)?;
    Ok(Reading::Asked(Asked {
        fingerprint: model.fingerprint(),
        predictions: score::predictions(examples, scores)?,
        said,
    }))
}

/// A second model that answers with the labels, or what has to be answered
/// first.
pub(in crate::steps) enum Loaded {
    /// The model, and what there is to say of it.
    Ready(Box<Classifier>, Vec<String>),
    /// Somebody has to say what its classes mean.
    Open(LabelQuestion),
}

/// Reads a second model from its folder.
///
/// # Errors
/// When it cannot be read, has no head, or its classes can never be the labels.
pub(in crate::steps) fn second_classifier(
    workspace: &Workspace,
    wanted: &AnswersFrom,
) -> Result<Loaded> {
    let folder = &wanted.path;
    let model = Classifier::load(folder)?;
    if model.labels().is_empty() {
        return Err(
            Error::input(format!("`{}` has no classification head", folder.display()))
                .hint("name a classifier, or a file of predictions"),
        );
    }
    let labels = &workspace.dataset.labels;
    let (mapping, of_base) = mapping_for(workspace, &model, wanted);
    let matched = matching(model.labels(), labels, &mapping)
        .map_err(|e| e.context(format!("`{}`", folder.display())))?;
    let matched = match matched {
        Matching::Matched(matched) => matched,
        Matching::Open(open) => {
            return LabelQuestion::about(workspace, &model, &open).map(Loaded::Open);
        }
    };
    let said = matched.said().into_iter().chain(of_base).collect();
    let model = model.with_classes(&matched.classes, labels);
    Ok(Loaded::Ready(Box::new(model), said))
}

/// What the classes of a second model mean, by what was said of it and, for
/// equal names, by what project.toml says of the base; the latter also in
/// words. Names that say nothing may mean something else in every model.
fn mapping_for(
    workspace: &Workspace,
    model: &Classifier,
    wanted: &AnswersFrom,
) -> (BTreeMap<String, String>, Option<String>) {
    let of_base = workspace.manifest.model.labels.iter();
    let taken: Vec<(String, String)> = of_base
        .filter(|(class, _)| {
            let is_here = model.labels().contains(class) && !wanted.labels.contains_key(*class);
            is_here && !says_nothing(class)
        })
        .map(|(class, label)| (class.clone(), label.clone()))
        .collect();
    let said: Vec<String> = taken
        .iter()
        .map(|(class, label)| match label.as_str() {
            "" => format!("`{class}` is left out"),
            label => format!("`{class}` is `{label}`"),
        })
        .collect();
    let said = (!said.is_empty()).then(|| format!("as for the base, {}", said.join(", ")));
    let mut mapping: BTreeMap<String, String> = taken.into_iter().collect();
    mapping.extend(wanted.labels.clone());
    (mapping, said)
}

/// Whether a class is called by its number alone, `LABEL_0` or `0`.
fn says_nothing(class: &str) -> bool {
    let number = class.strip_prefix("LABEL_").unwrap_or(class);
    !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

/// Why a second model may have been trained on the rows of *check*: it is
/// right on nearly all of them where the base is not.
fn knows_check(
    dataset: &Dataset,
    (base, other): (&Predictions, &Predictions),
    truths: &Truths,
) -> Option<String> {
    let rows: Vec<(usize, u16)> = (dataset.with_role(Role::Check).into_iter())
        .filter_map(|example| Some((example, truths.of(dataset, example)?)))
        .collect();
    let wrong = |said: &Predictions| {
        let answer = |example: &usize| said.of_example(*example, 1.0);
        let is_wrong = |(example, truth): &&(usize, u16)| {
            answer(example).is_none_or(|answer| answer.label != *truth)
        };
        rows.iter().filter(is_wrong).count()
    };
    let (errors, errors_of_base) = (wrong(other), wrong(base));
    let share = |errors: usize| errors as f64 / rows.len().max(1) as f64;
    let suspect = rows.len() >= ENOUGH_TO_SUSPECT
        && share(errors) <= NEARLY_NONE
        && share(errors_of_base) > 4.0 * NEARLY_NONE;
    suspect.then(|| {
        format!(
            "it is right on {} of {} rows of check, the base on {}: was it trained on them? Then \
             these figures say nothing of texts that it has not seen",
            rows.len() - errors,
            rows.len(),
            rows.len() - errors_of_base
        )
    })
}
