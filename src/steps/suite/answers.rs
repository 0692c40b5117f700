//! What one model says to the texts of a suite: asked once, then kept.

use std::collections::BTreeMap;
use std::path::Path;

use super::{ModelRef, SuiteOrder};
use crate::comparison::behaviour::Answered;
use crate::inference::{Predictions, classify, file};
use crate::lessons::suite::Suite;
use crate::model::{Classifier, TokenizedText, model_checksum};
use crate::project::{Key, Kind};
use crate::records::{AnswersFrom, ArmRun, Round};
use crate::steps::OpenProject;
use crate::steps::compare::second::{Loaded, second_classifier};
use crate::steps::import_predictions::read_by_ids;
use crate::steps::score;
use crate::steps::workspace::USUAL_MAX_TOKENS;
use crate::support::hash::StepHash;
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

/// Raised when the same model would answer the same texts otherwise.
const CODE_VERSION: &[u8] = b"1";
/// The note that names the suite whose texts were asked.
pub(in crate::steps) const SUITE: &str = "suite";
/// The note with what there is to say of a model.
const SAID: &str = "said";

/// Where answers come from.
pub(super) enum Source<'a> {
    Base,
    Round(u32, &'a ArmRun),
    Folder(&'a Path),
    File(&'a Path),
}

impl<'a> Source<'a> {
    pub(super) fn of(which: &'a ModelRef, rounds: &'a [Round]) -> Result<Self> {
        match which {
            ModelRef::Base => Ok(Self::Base),
            ModelRef::Round(number) => {
                let round = rounds.iter().find(|round| round.number == *number);
                let round = round.ok_or_else(|| no_round(*number, rounds))?;
                let run = round.model().ok_or_else(|| {
                    Error::input(format!("the weights of round {number} were not kept"))
                        .hint("retrain: a round keeps the weights of all its arms")
                })?;
                Ok(Self::Round(*number, run))
            }
            ModelRef::Elsewhere(path) if path.is_dir() => Ok(Self::Folder(path)),
            ModelRef::Elsewhere(path) => Ok(Self::File(path)),
        }
    }
}

fn no_round(number: u32, rounds: &[Round]) -> Error {
    let known: Vec<String> = rounds
        .iter()
        .map(|round| round.number.to_string())
        .collect();
    let error = Error::input(format!("there is no round {number}"));
    match known.is_empty() {
        true => error.hint(
            "there are none here yet: `blindspot retrain PROJECT` trains one (a round that came \
             with the project brings its answers and no model)",
        ),
        false => error.hint(format!("there are: {}", known.join(", "))),
    }
}

impl OpenProject {
    /// The answers of a model to the texts of a suite, in their order; what
    /// there is to say of it goes to `notes`.
    pub(super) fn suite_answers(
        &self,
        suite: &Suite,
        source: &Source<'_>,
        order: &SuiteOrder,
        (notes, progress): (&mut Vec<String>, &Progress),
    ) -> Result<Answered> {
        match source {
            Source::Base => {
                let is_black_box = self.is_black_box()?;
                let base = self.known_base()?.filter(|_| !is_black_box);
                let base = base.ok_or_else(|| no_base(is_black_box))?;
                let key = self.suite_key(("base", &base.id), suite, order)?;
                let model = || {
                    Ok((
                        self.base(false, progress)?.model.as_ref().clone(),
                        String::new(),
                    ))
                };
                self.kept_or_asked((&key, suite), model, (notes, progress))
            }
            Source::Round(number, run) => {
                let weights = run.checkpoint.as_deref().unwrap_or_default();
                let key = self.suite_key((&format!("round-{number}"), weights), suite, order)?;
                let model = || Ok((self.retrained(run)?, String::new()));
                self.kept_or_asked((&key, suite), model, (notes, progress))
            }
            Source::Folder(folder) => {
                let checksum = model_checksum(folder);
                let wanted = AnswersFrom {
                    path: folder.to_path_buf(),
                    labels: order.labels.clone(),
                };
                let key = self.suite_key((&wanted.name(), &checksum), suite, order)?;
                let model = || match second_classifier(&self.workspace, &wanted)? {
                    Loaded::Ready(model, said) => Ok((*model, said.join("\n"))),
                    Loaded::Open(question) => Err(question.refusal_of_second(&wanted.name())),
                };
                self.kept_or_asked((&key, suite), model, (notes, progress))
            }
            Source::File(path) => {
                progress.stage("Reading predictions", None);
                self.answers_in_file(suite, path, (&order.labels, notes), progress)
            }
        }
    }

    /// Answers that are kept, else those of the model, which are kept then.
    fn kept_or_asked(
        &self,
        (key, suite): (&Key, &Suite),
        model: impl FnOnce() -> Result<(Classifier, String)>,
        (notes, progress): (&mut Vec<String>, &Progress),
    ) -> Result<Answered> {
        let path = self.store.files().path(key);
        let kept = path.exists().then(|| file::read(&path).ok()).flatten();
        let (answers, said) = match kept {
            Some((answers, kept)) => (answers, kept.note(SAID).unwrap_or_default().to_owned()),
            None => {
                let (model, said) = model()?;
                let answers = self.ask_suite(suite, &model, progress)?;
                (self.keep_suite((key, suite), answers, &said)?, said)
            }
        };
        notes.extend(said.lines().map(str::to_owned));
        Ok(in_order(&answers, suite))
    }

    /// What the answers of a model to a suite are called: by the texts, by all
    /// that decides how they are read, and by what its classes mean.
    fn suite_key(
        &self,
        (label, model): (&str, &str),
        suite: &Suite,
        order: &SuiteOrder,
    ) -> Result<Key> {
        let mapping = serde_json::to_vec(&order.labels)
            .map_err(|e| Error::program("cannot describe a mapping").because(e))?;
        let workspace = &self.workspace;
        let longest = workspace.manifest.max_tokens.unwrap_or(USUAL_MAX_TOKENS);
        let made_from = StepHash::default()
            .with("code", CODE_VERSION)
            .with("model", model.as_bytes())
            .with("labels", workspace.dataset.labels.join("\n").as_bytes())
            .with("mapping", &mapping)
            .with("max_tokens", &longest.to_le_bytes())
            .with(SUITE, suite.fingerprint().as_bytes());
        Ok(Key::new(Kind::Suite, label, made_from))
    }

    fn ask_suite(
        &self,
        suite: &Suite,
        model: &Classifier,
        progress: &Progress,
    ) -> Result<Predictions> {
        let texts = suite.texts.iter();
        let tokens: Vec<TokenizedText> = texts
            .map(|asked| self.workspace.encode(model, &asked.text))
            .collect::<Result<_>>()?;
        let scores = classify(model, &tokens, progress)?;
        score::predictions((0..tokens.len()).collect(), scores)
    }

    fn keep_suite(
        &self,
        (key, suite): (&Key, &Suite),
        answers: Predictions,
        said: &str,
    ) -> Result<Predictions> {
        if self.store.read_only().is_some() {
            return Ok(answers);
        }
        let notes = [(SUITE, suite.fingerprint()), (SAID, said.to_owned())];
        let notes = notes.map(|(name, value)| (name.to_owned(), value)).into();
        let place = self.store.files().place(key)?;
        file::write(&place, &answers, file::Embeddings::Left, &notes)
    }

    /// The answers of a file of predictions. It must hold every test sample;
    /// changed texts and originals of pairs may be missing.
    fn answers_in_file(
        &self,
        suite: &Suite,
        path: &Path,
        (labels, notes): (&BTreeMap<String, String>, &mut Vec<String>),
        progress: &Progress,
    ) -> Result<Answered> {
        let texts = suite.texts.iter().enumerate();
        let ids: BTreeMap<&str, usize> = texts.map(|(at, asked)| (asked.id.as_str(), at)).collect();
        let (answers, said) = read_by_ids(self, path, labels, &ids, progress)?;
        let answers = in_order(&answers, suite);
        let cases = suite.lessons.iter().flat_map(|lesson| &lesson.cases);
        let lacking = cases.filter(|case| answers[case.text].is_none()).count();
        if lacking > 0 {
            return Err(Error::input(format!(
                "`{}` has no prediction for {}",
                path.display(),
                many(lacking, "test sample")
            ))
            .hint(
                "`blindspot test PROJECT --texts FILE.jsonl` writes the texts with their ids: \
                 have the model answer all of them",
            ));
        }
        let unasked = answers.iter().filter(|answer| answer.is_none()).count();
        if unasked > 0 {
            notes.push(format!(
                "`{}` has no prediction for {}: what needs them is left out",
                path.display(),
                many(unasked, "changed or original text")
            ));
        }
        notes.extend(said);
        Ok(answers)
    }
}

fn no_base(is_black_box: bool) -> Error {
    match is_black_box {
        true => Error::input("a black box answers nothing but what it was asked").hint(
            "name the model to hold against with `--baseline FILE`: predictions for what \
             `blindspot test PROJECT --texts FILE.jsonl` writes",
        ),
        false => Error::input("there is no base model yet")
            .hint("`blindspot fit PROJECT` fits one, or name another model with `--baseline`"),
    }
}

fn in_order(answers: &Predictions, suite: &Suite) -> Answered {
    let texts = 0..suite.texts.len();
    let label = |text| answers.of_example(text, 1.0).map(|answer| answer.label);
    texts.map(label).collect()
}
