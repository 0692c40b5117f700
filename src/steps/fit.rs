//! The reference base: as it is, fitted here or shipped with the project.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::discovery::Truths;
use crate::model::Classifier;
use crate::project::{Key, StepKey};
use crate::records::{BaseModel, Epochs, FitCurve, FitSpec, Role};
use crate::steps::import_predictions::imported_base;
use crate::steps::project::CODE_VERSION;
use crate::steps::shipped::Shipped;
use crate::steps::{OpenProject, Workspace};
use crate::support::tensor_file::{Notes, TensorFile};
use crate::support::{Error, Progress, Result};
use crate::training::{
    Duration, Patience, TrainingExample, TrainingSettings, cut_short, fit, fit_watched, schedule,
};

/// A base model that was fitted.
pub struct Fitted {
    /// The model, its weights rounded as in its checkpoint.
    pub model: Classifier,
    /// Seconds of training.
    pub seconds: f64,
    /// How it went on *validation*, where that decided how long.
    pub curve: Option<FitCurve>,
}

/// Passes over *train* where *validation* should decide and has no rows.
const UNWATCHED_EPOCHS: usize = 3;

/// With fewer rows of *validation* chance decides when fitting ends.
const FEW_WATCHED: usize = 50;

/// Fine-tunes the pretrained encoder on *train*.
///
/// The result is rounded to half precision at once, so that the model in
/// memory and the one read back from its checkpoint are the same.
///
/// # Errors
/// When the project has no model or no training rows, or when cancelled.
pub fn fit_base(workspace: &Workspace, truths: &Truths, progress: &Progress) -> Result<Fitted> {
    fit_as(workspace, &workspace.manifest.fit, truths, progress)
}

/// As [`fit_base`], by other settings than those of project.toml.
pub(super) fn fit_as(
    workspace: &Workspace,
    spec: &FitSpec,
    truths: &Truths,
    progress: &Progress,
) -> Result<Fitted> {
    let examples = training_rows(workspace, truths, progress)?;
    let settings = settings(spec);
    tell_short_batches(&examples, &settings, progress);
    let watched = match spec.epochs {
        Epochs::Auto => watched_rows(workspace, truths, progress)?,
        Epochs::Fixed(_) => Vec::new(),
    };
    let pretrained = workspace.pretrained()?;
    let new = (*pretrained).clone();
    let began = Instant::now();
    let (model, curve) = match watched.is_empty() {
        true => (fit(new, &examples, &settings, progress)?, None),
        false => {
            let rows = (examples.as_slice(), watched.as_slice());
            let fitted = fit_watched(new, rows, &settings, patience(spec), progress)?;
            tell_curve(&fitted.curve, spec, progress);
            (fitted.model, Some(fitted.curve))
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    Ok(Fitted {
        model: model.rounded(&pretrained)?,
        seconds,
        curve,
    })
}

fn patience(spec: &FitSpec) -> Patience {
    Patience {
        passes: spec.patience,
        most: spec.most_epochs,
    }
}

/// The rows of *validation* that decide how long fitting takes.
fn watched_rows(
    workspace: &Workspace,
    truths: &Truths,
    progress: &Progress,
) -> Result<Vec<TrainingExample>> {
    let rows = labelled_rows(workspace, Role::Validation, truths, progress)?;
    match rows.len() {
        0 => progress.warn(format!(
            "no row has the role validation, so nothing says when to stop fitting: it takes \
             {UNWATCHED_EPOCHS} passes over train (name another number as epochs under [fit] in \
             project.toml)"
        )),
        few if few < FEW_WATCHED => progress.warn(format!(
            "only {few} rows of validation say when to stop fitting: chance has a say in it (name \
             a number as epochs under [fit] in project.toml, or give more rows that role)"
        )),
        _ => {}
    }
    Ok(rows)
}

/// Says how fitting went, and that it would have gone on.
fn tell_curve(curve: &FitCurve, spec: &FitSpec, progress: &Progress) {
    progress.note(curve.said());
    let held = curve.passes.len() - 1;
    if held == spec.most_epochs && curve.best + 1 >= held {
        progress.warn(format!(
            "validation was still gaining when fitting ended, {held} passes at the full rate and a \
             last one: `blindspot fit PROJECT --longer` may give a better base, or a higher \
             most_epochs under [fit] in project.toml"
        ));
    }
}

/// The rows of *train* with their true labels, ready for training, in the
/// order of the data. Rows whose label nobody can say are left out.
///
/// # Errors
/// When there are none.
pub fn training_rows(
    workspace: &Workspace,
    truths: &Truths,
    progress: &Progress,
) -> Result<Vec<TrainingExample>> {
    if workspace.dataset.with_role(Role::Train).is_empty() {
        return Err(Error::input("no row has the role `train`")
            .hint("give some rows that role, or let the program draw roles"));
    }
    labelled_rows(workspace, Role::Train, truths, progress)
}

/// The rows of a role whose label somebody can say, in the order of the data.
fn labelled_rows(
    workspace: &Workspace,
    role: Role,
    truths: &Truths,
    progress: &Progress,
) -> Result<Vec<TrainingExample>> {
    let tokens = workspace.tokens(progress)?;
    let rows = workspace.dataset.with_role(role);
    let examples = rows.into_iter().filter_map(|index| {
        Some(TrainingExample {
            text: tokens[index].clone(),
            label: truths.of(&workspace.dataset, index)?,
            soft: None,
            weight: 1.0,
        })
    });
    Ok(examples.collect())
}

/// Says so when long texts make batches smaller than project.toml asks for.
pub(super) fn tell_short_batches(
    rows: &[TrainingExample],
    settings: &TrainingSettings,
    progress: &Progress,
) {
    let lengths: Vec<usize> = rows.iter().map(|row| row.text.len()).collect();
    if let Some(least) = cut_short(&lengths, settings) {
        progress.warn(format!(
            "batches of long texts hold fewer than batch_size = {} examples, some only {least}: a \
             batch holds at most {} tokens (lower batch_size or max_tokens for batches of one size)",
            settings.batch_examples, settings.batch_tokens
        ));
    }
}

/// The training settings that project.toml asks for; where *validation* decides
/// how long, those of a run that has nothing to watch.
pub fn settings(spec: &FitSpec) -> TrainingSettings {
    TrainingSettings {
        learning_rate: spec.learning_rate as f32,
        duration: Duration::Epochs(unwatched_epochs(spec)),
        batch_examples: spec.batch_size,
        warmup: spec.warmup as f32,
        weight_decay: spec.weight_decay as f32,
        clip_norm: spec.clip_norm as f32,
        dropout: spec.dropout as f32,
        train_word_embeddings: spec.train_embeddings,
        seed: spec.seed,
        ..TrainingSettings::default()
    }
}

fn unwatched_epochs(spec: &FitSpec) -> usize {
    match spec.epochs {
        Epochs::Fixed(epochs) => epochs,
        Epochs::Auto => UNWATCHED_EPOCHS,
    }
}

/// Passes over *train* that fitting takes at least and at most.
pub(super) fn passes(spec: &FitSpec, is_watched: bool) -> RangeInclusive<usize> {
    match spec.epochs {
        Epochs::Auto if is_watched => {
            // The best pass, those without a gain, and the one in which the
            // learning rate falls.
            let most = spec.most_epochs + 1;
            (spec.patience + 2).min(most)..=most
        }
        _ => unwatched_epochs(spec)..=unwatched_epochs(spec),
    }
}

/// The settings of Full retraining over `rows`: as long as the base was fitted,
/// and the learning rate moves as it did then.
pub(super) fn settings_like_the_base(
    spec: &FitSpec,
    curve: Option<&FitCurve>,
    rows: &[TrainingExample],
) -> TrainingSettings {
    let settings = settings(spec);
    let Some(curve) = curve else {
        return settings;
    };
    TrainingSettings {
        duration: Duration::Epochs(curve.length),
        schedule: schedule(rows, &settings, spec.patience),
        ..settings
    }
}

/// The reference base with its weights.
#[derive(Clone)]
pub struct Base {
    /// Where it is and what it is called.
    pub info: BaseModel,
    /// The model.
    pub model: Arc<Classifier>,
    /// Seconds that fitting it took, here or where it was shipped from.
    pub fit_seconds: f64,
}

impl From<&Base> for Fitted {
    fn from(base: &Base) -> Self {
        Self {
            model: (*base.model).clone(),
            seconds: base.fit_seconds,
            curve: base.info.curve.clone(),
        }
    }
}

/// What the step "fit" leaves behind.
#[derive(Serialize, Deserialize)]
struct FitRecord {
    model: String,
    seconds: f64,
    /// How it went on *validation*, where that decided how long.
    #[serde(default)]
    curve: Option<FitCurve>,
    /// Names the corrected labels of *train* that it was fitted with.
    #[serde(default)]
    corrected: Option<String>,
}

impl OpenProject {
    /// The reference base: the model as it is if it brings a head, else the
    /// one fitted here, else the one shipped, else it is fitted now. With
    /// `again` it is fitted in any case.
    ///
    /// # Errors
    /// When it should be fitted `again` but is used as it is, when there is no model to fit, a file is damaged, or when cancelled.
    pub fn base(&self, again: bool, progress: &Progress) -> Result<Base> {
        if self.workspace.is_as_it_is() {
            return match again {
                false => self.base_as_it_is(progress),
                true => Err(Error::input(
                    "the model brings its own head and is the base as it is: nothing is fitted",
                )
                .hint("write refit = true under [model] in project.toml to fit it on train")),
            };
        }
        if !again {
            if let Some(record) = self.fit_record()? {
                self.warn_of_corrections(record.corrected.as_deref(), progress);
                return self.fitted_base(&record);
            }
            if let Some(shipped) = Shipped::with_base(&self.workspace)? {
                progress.stage("Verifying the shipped base", None);
                self.warn_of_corrections(None, progress);
                return Ok(Base {
                    info: shipped.base(),
                    model: self.base_called(&shipped.index.model)?,
                    fit_seconds: shipped.index.fit_seconds,
                });
            }
        }
        let truths = self.truths(&self.store.document());
        let fitted = fit_base(&self.workspace, &truths, progress)?;
        self.keep_base(&fitted, &truths)
    }

    /// The base stays the one whose errors people look at when they correct
    /// labels of *train*, until they ask for another.
    fn warn_of_corrections(&self, fitted_with: Option<&str>, progress: &Progress) {
        let (dataset, train) = (&self.workspace.dataset, [Role::Train]);
        let truths = self.truths(&self.store.document());
        if truths.fingerprint(dataset, &train).as_deref() != fitted_with {
            let now = match truths.corrections(dataset, &train) {
                none if none.is_empty() => "none any more".to_owned(),
                some => some.to_string(),
            };
            progress.warn(format!(
                "labels of train were corrected after the base was fitted ({now}): retraining \
                 uses them, the base only once it is fitted again"
            ));
        }
    }

    /// The reference base as the faces show it, if there is one, without
    /// loading its weights.
    ///
    /// # Errors
    /// When the state or the list of what is shipped cannot be read.
    pub fn known_base(&self) -> Result<Option<BaseModel>> {
        if self.is_black_box()? {
            return imported_base(self);
        }
        if self.workspace.is_as_it_is() {
            return self.known_as_it_is();
        }
        if let Some(record) = self.fit_record()? {
            return Ok(Some(self.base_info(&record)));
        }
        Ok(Shipped::with_base(&self.workspace)?.map(|shipped| shipped.base()))
    }

    fn fit_step(&self) -> Result<StepKey> {
        let spec = &self.workspace.manifest.fit;
        let model = self.workspace.pretrained_key()?;
        let inputs = [("data", self.workspace.fingerprint()), ("model", model)];
        StepKey::new("fit", CODE_VERSION, spec, &inputs)
    }

    fn fit_record(&self) -> Result<Option<FitRecord>> {
        let output = self.store.step_output(&self.fit_step()?)?;
        let record = output.and_then(|output| serde_json::from_value(output).ok());
        // Weights that somebody deleted are fitted again.
        Ok(record.filter(|record| self.base_info(record).path.exists()))
    }

    fn fitted_base(&self, record: &FitRecord) -> Result<Base> {
        Ok(Base {
            info: self.base_info(record),
            model: self.base_called(&record.model)?,
            fit_seconds: record.seconds,
        })
    }

    /// A base by its fingerprint: the reference base, or one that rounds
    /// continued from before it was fitted again.
    ///
    /// # Errors
    /// When its weights are gone or damaged.
    pub(super) fn base_called(&self, id: &str) -> Result<Arc<Classifier>> {
        self.loaded(id, || {
            let pretrained = self.workspace.pretrained()?;
            if self.workspace.is_as_it_is() && pretrained.fingerprint() == id {
                return Ok((*pretrained).clone());
            }
            let path = self.store.files().path(&Key::base(id));
            if path.exists() {
                let again = "`blindspot fit --again` fits it anew";
                let file = TensorFile::open(&path).map_err(|e| e.hint(again))?;
                return pretrained.with_checkpoint(&file);
            }
            match Shipped::find(&self.workspace)? {
                Some(shipped) if shipped.index.model == id => shipped.classifier(&pretrained),
                _ => Err(Error::input(format!(
                    "the base model {} that the round continued from is gone",
                    id.get(..12).unwrap_or(id)
                ))
                .hint("retrain: a new round continues from the base that there is now")),
            }
        })
    }

    fn base_info(&self, record: &FitRecord) -> BaseModel {
        BaseModel {
            id: record.model.clone(),
            path: self.store.files().path(&Key::base(&record.model)),
            origin: "fitted here".into(),
            curve: record.curve.clone(),
        }
    }

    pub(super) fn keep_base(&self, fitted: &Fitted, truths: &Truths) -> Result<Base> {
        let record = FitRecord {
            model: fitted.model.fingerprint(),
            seconds: fitted.seconds,
            curve: fitted.curve.clone(),
            corrected: truths.fingerprint(&self.workspace.dataset, &[Role::Train]),
        };
        self.store.check_writable("the base")?;
        let place = self.store.files().place(&Key::base(&record.model))?;
        let pretrained = self.workspace.pretrained()?;
        let notes = Notes::new();
        fitted.model.write_checkpoint(&pretrained, &place, &notes)?;
        let output = serde_json::to_value(&record)
            .map_err(|e| Error::program("cannot describe the fit").because(e))?;
        self.store.finish_step(&self.fit_step()?, &output)?;
        Ok(Base {
            info: self.base_info(&record),
            model: self.loaded(&record.model, || Ok(fitted.model.clone()))?,
            fit_seconds: fitted.seconds,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::model::TokenizedText;
    use crate::support::Update;

    #[test]
    fn batches_smaller_than_asked_for_are_told() {
        let told = |batch_size: usize, tokens: usize| {
            let settings = settings(&FitSpec {
                batch_size,
                ..FitSpec::default()
            });
            let row = TrainingExample {
                text: TokenizedText {
                    ids: vec![1; tokens],
                    type_ids: vec![0; tokens],
                },
                label: 0,
                soft: None,
                weight: 1.0,
            };
            let warnings: Arc<Mutex<Vec<Update>>> = Arc::default();
            let sink = Arc::clone(&warnings);
            let progress = Progress::new(move |update| sink.lock().expect("whole").push(update));
            tell_short_batches(&vec![row; 200], &settings, &progress);
            warnings.lock().expect("whole").clone()
        };
        assert_eq!(told(32, 128), [], "the usual sizes fit");
        let said = told(64, 512);
        let [Update::Warning(said)] = said.as_slice() else {
            panic!("one warning: {said:?}");
        };
        assert!(
            said.contains("batch_size = 64") && said.contains("only 8"),
            "{said}"
        );
    }
}
