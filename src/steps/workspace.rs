//! A project opened for work: its settings, its data, and the model parts
//! that several steps share, each loaded once when first needed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use crate::dataset::{self, CopyGuard, Dataset, OwnTexts, ReadReport};
use crate::model::label_names::{Matched, Matching, Open, matching};
use crate::model::{Classifier, TokenizedText, head_labels, model_checksum, tokenizer_checksum};
use crate::records::{Manifest, ModelBase, Role, Text};
use crate::steps::label_question::LabelQuestion;
use crate::steps::{model_use, state_folder};
use crate::support::hash::StepHash;
use crate::support::{Error, Progress, Result, assets};

/// Texts are cut to this number of tokens unless project.toml says otherwise.
pub const USUAL_MAX_TOKENS: usize = 128;

/// The model that project.toml names.
pub struct NamedModel {
    /// The model: with a head for the project's labels, or with its own as long
    /// as that is an open question.
    pub model: Arc<Classifier>,
    /// What is done with its head.
    pub head: Head,
}

/// What is done with the classification head of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// It is fitted here on *train*.
    Fitted,
    /// The model is the base as it is; its classes mean the labels.
    AsItIs(Matched),
    /// The same, but what its classes mean is not known yet.
    Open(Open),
}

/// A project's settings and data, with its encoder and token ids on demand.
pub struct Workspace {
    /// The project's folder.
    pub folder: PathBuf,
    /// Its settings.
    pub manifest: Manifest,
    /// Its data.
    pub dataset: Arc<Dataset>,
    /// What was noticed while reading.
    pub report: ReadReport,
    /// Whether the model's own head is kept.
    as_it_is: bool,
    model: Mutex<Option<Arc<NamedModel>>>,
    tokens: Mutex<Option<Arc<Vec<TokenizedText>>>>,
    fingerprint: OnceLock<String>,
    copy_guard: OnceLock<Arc<CopyGuard>>,
    own_texts: OnceLock<Arc<OwnTexts>>,
    pretrained_key: OnceLock<String>,
}

impl Workspace {
    /// Reads a project's settings and data.
    ///
    /// # Errors
    /// When `project.toml` or a data file cannot be read or makes no sense.
    pub fn open(folder: &Path, progress: &Progress) -> Result<Self> {
        Self::of(Manifest::load(folder)?, folder, progress)
    }

    /// The same with the model used as was chosen in the window, if it was.
    ///
    /// # Errors
    /// As [`Workspace::open`].
    pub fn in_use(folder: &Path, state_dir: Option<&Path>, progress: &Progress) -> Result<Self> {
        let mut manifest = Manifest::load(folder)?;
        model_use::apply(&mut manifest, &state_folder(folder, state_dir), progress)?;
        Self::of(manifest, folder, progress)
    }

    /// Reads the data that settings name; they need not be written anywhere.
    ///
    /// # Errors
    /// When a data file cannot be read or makes no sense.
    pub fn of(manifest: Manifest, folder: &Path, progress: &Progress) -> Result<Self> {
        let as_it_is = keeps_head(&manifest, folder);
        let loaded = dataset::load_for(&manifest, folder, as_it_is, progress)?;
        let dataset::Loaded { dataset, report } = loaded;
        Ok(Self {
            as_it_is,
            folder: folder.to_owned(),
            manifest,
            dataset: Arc::new(dataset),
            report,
            model: Mutex::new(None),
            tokens: Mutex::new(None),
            fingerprint: OnceLock::new(),
            copy_guard: OnceLock::new(),
            own_texts: OnceLock::new(),
            pretrained_key: OnceLock::new(),
        })
    }

    /// Whether the model brings a head and is the base as it is: nothing is
    /// fitted.
    pub fn is_as_it_is(&self) -> bool {
        self.as_it_is
    }

    /// Whether the model's folder has a classification head, kept or not.
    pub fn brings_head(&self) -> bool {
        has_head(&self.manifest, &self.folder)
    }

    /// The role whose rows a retraining sees beside what is added: *train* or,
    /// without such rows, *discovery*, of which those are replayed that the
    /// base gets right.
    pub fn trained_role(&self) -> Role {
        let mut examples = self.dataset.examples.iter();
        match examples.any(|example| example.role == Role::Train) {
            true => Role::Train,
            false => Role::Discovery,
        }
    }

    /// The model that every training starts from: the pretrained encoder with
    /// a head for the project's labels, or the model as it is.
    ///
    /// # Errors
    /// When the model's files are missing or do not fit, or when nobody has
    /// said what its classes mean.
    pub fn pretrained(&self) -> Result<Arc<Classifier>> {
        let named = self.model()?;
        match &named.head {
            Head::Fitted | Head::AsItIs(_) => Ok(Arc::clone(&named.model)),
            Head::Open(open) => Err(LabelQuestion::of(self, open)?.refusal()),
        }
    }

    /// The model that project.toml names, whatever its classes mean.
    ///
    /// # Errors
    /// When its files are missing or do not fit, or when the mapping of its
    /// classes cannot be.
    pub fn model(&self) -> Result<Arc<NamedModel>> {
        once(&self.model, || {
            let folder = match self.manifest.model_base(&self.folder)? {
                ModelBase::Builtin => assets::builtin_encoder()?,
                ModelBase::Folder(folder) => folder,
                ModelBase::Predictions => return Err(black_box()),
            };
            let (model, labels) = (Classifier::load(&folder)?, &self.dataset.labels);
            let spec = &self.manifest.model;
            if !spec.labels.is_empty() && model.labels().is_empty() {
                return Err(Error::input(
                    "[model.labels] says what classes mean, but the model has no classification \
                     head",
                )
                .hint("take the table out of project.toml: the model is fitted on train"));
            }
            let (model, head) = if self.as_it_is {
                match matching(model.labels(), labels, &spec.labels)? {
                    Matching::Open(open) => (model, Head::Open(open)),
                    Matching::Matched(found) => {
                        let model = model.with_classes(&found.classes, labels);
                        (model, Head::AsItIs(found))
                    }
                }
            } else {
                let seed = self.manifest.fit.seed;
                (model.with_new_head(labels, seed), Head::Fitted)
            };
            let model = Arc::new(model);
            Ok(NamedModel { model, head })
        })
    }

    /// Token ids of every example, sealed ones too, in the order of the data.
    ///
    /// # Errors
    /// When the tokenizer cannot be loaded, or when cancelled.
    pub fn tokens(&self, progress: &Progress) -> Result<Arc<Vec<TokenizedText>>> {
        let model = Arc::clone(&self.model()?.model);
        once(&self.tokens, || {
            progress.stage("Splitting texts into tokens", None);
            // That the built-in encoder has no head is no news.
            if matches!(
                self.manifest.model_base(&self.folder),
                Ok(ModelBase::Folder(_))
            ) {
                for note in model.notes() {
                    progress.warn(format!("the model's folder: {note}"));
                }
            }
            let most = model.max_tokens();
            if let Some(wanted) = self.manifest.max_tokens.filter(|wanted| *wanted > most) {
                progress.warn(format!(
                    "project.toml sets max_tokens = {wanted}, but the model reads {most} tokens of \
                     a text: what comes after them is left out"
                ));
            }
            self.dataset
                .examples
                .par_iter()
                .map(|example| {
                    progress.check()?;
                    self.encode(&model, example.sealed_text())
                })
                .collect()
        })
    }

    /// Names the pretrained model without loading it: a folder by the checksum
    /// of its files, so that a model whose files were replaced is another one.
    ///
    /// # Errors
    /// When project.toml names a folder outside the project.
    pub fn pretrained_key(&self) -> Result<&str> {
        let base = self.manifest.model_base(&self.folder)?;
        Ok(self.pretrained_key.get_or_init(|| match base {
            ModelBase::Folder(folder) => model_checksum(&folder),
            ModelBase::Builtin | ModelBase::Predictions => self.manifest.model.base.clone(),
        }))
    }

    /// Hash of every example's key, text, label, role and group, of how much
    /// of a text is read, and of the tokenizer unless it is the built-in one:
    /// changes when what a model sees of the data changes.
    pub fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| {
            let labels = self.dataset.labels.join("\n");
            let mut hash = StepHash::default().with("labels", labels.as_bytes());
            let unusual = |tokens: &usize| *tokens != USUAL_MAX_TOKENS;
            if let Some(tokens) = self.manifest.max_tokens.filter(unusual) {
                hash = hash.with("max_tokens", &tokens.to_le_bytes());
            }
            if let Ok(ModelBase::Folder(folder)) = self.manifest.model_base(&self.folder) {
                hash = hash.with("tokenizer", tokenizer_checksum(&folder).as_bytes());
            }
            let hash = self.dataset.examples.iter().fold(hash, |hash, example| {
                hash.with("key", example.key.0.as_bytes())
                    .with("text", example.sealed_text().joined().as_bytes())
                    .with("label", &example.label.to_le_bytes())
                    .with("role", example.role.name().as_bytes())
                    .with("group", &example.group.to_le_bytes())
            });
            hash.finish()
        })
    }

    /// Knows the words of *check* and *final*, which no sample may copy.
    pub fn copy_guard(&self) -> Arc<CopyGuard> {
        let guard = || Arc::new(CopyGuard::new(&self.dataset));
        Arc::clone(self.copy_guard.get_or_init(guard))
    }

    /// Knows the texts that a sample must not repeat word for word.
    pub fn own_texts(&self) -> Arc<OwnTexts> {
        let own = || Arc::new(OwnTexts::new(&self.dataset));
        Arc::clone(self.own_texts.get_or_init(own))
    }

    /// Token ids of one text.
    ///
    /// # Errors
    /// When the tokenizer refuses it.
    pub fn encode(&self, model: &Classifier, text: &Text) -> Result<TokenizedText> {
        let longest = self.longest_text(model);
        model
            .tokenizer()
            .encode(&text.first, text.second.as_deref(), longest)
    }

    /// Number of tokens that texts are cut to.
    pub fn longest_text(&self, model: &Classifier) -> usize {
        let wanted = self.manifest.max_tokens.unwrap_or(USUAL_MAX_TOKENS);
        wanted.min(model.max_tokens())
    }
}

/// Whether the model that settings name brings a head that is kept. A folder
/// that cannot be read says so when the model is loaded.
fn keeps_head(manifest: &Manifest, folder: &Path) -> bool {
    !manifest.model.refit && has_head(manifest, folder)
}

fn has_head(manifest: &Manifest, folder: &Path) -> bool {
    match manifest.model_base(folder) {
        Ok(ModelBase::Folder(dir)) => head_labels(&dir).is_ok_and(|labels| !labels.is_empty()),
        _ => false,
    }
}

/// Fills a slot on first use. The lock is held meanwhile, so that two jobs do
/// not do the same work.
fn once<T>(slot: &Mutex<Option<Arc<T>>>, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
    // A panic while filling leaves the slot empty, which is fine.
    let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(value) = &*slot {
        return Ok(Arc::clone(value));
    }
    let value = Arc::new(make()?);
    *slot = Some(Arc::clone(&value));
    Ok(value)
}

/// Says what cannot be done with imported predictions.
pub(crate) fn black_box() -> Error {
    Error::input("this project holds the predictions of a black box, not a model").hint(
        "its errors can be found, grouped, judged and exported; for what needs a model, name \
             one as `base` under [model] in project.toml",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::tiny_model;
    use crate::support::Update;

    #[test]
    fn a_limit_of_tokens_beyond_the_model_is_told() {
        let folder = tempfile::tempdir().expect("temporary folder");
        tiny_model(&folder.path().join("model")).expect("writes the model");
        let rows: String = (0..40)
            .map(|row| format!("film number {row},{}\n", ["good", "bad"][row % 2]))
            .collect();
        std::fs::write(
            folder.path().join("data.csv"),
            format!("text,label\n{rows}"),
        )
        .expect("writes");
        let data =
            "[data]\nfiles = [{ path = \"data.csv\" }]\n[model]\nbase = \"model\"\nrefit = true\n";
        let said = |max_tokens: usize| {
            let manifest = format!("max_tokens = {max_tokens}\n{data}");
            std::fs::write(folder.path().join("project.toml"), manifest).expect("writes");
            let workspace = Workspace::open(folder.path(), &Progress::silent()).expect("opens");
            let warnings: Arc<Mutex<Vec<String>>> = Arc::default();
            let sink = Arc::clone(&warnings);
            let progress = Progress::new(move |update| {
                if let Update::Warning(warning) = update {
                    sink.lock().expect("whole").push(warning);
                }
            });
            workspace.tokens(&progress).expect("cuts");
            warnings.lock().expect("whole").join("\n")
        };
        assert_eq!(said(16), "");
        assert!(said(100_000).contains("max_tokens = 100000"));
    }
}
