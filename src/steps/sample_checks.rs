//! Checks samples against the project: what the model says to them, what they
//! are near to, and whether they copy what the comparison is made on.

use crate::inference::neighbours::nearest;
use crate::inference::{self, Prediction, Predictions};
use crate::lessons::checks::{NearestExample, SampleCheck, edit_ratio, percentile};
use crate::model::{Classifier, TokenizedText};
use crate::records::{ExampleKey, ModelSaid, RecordId, Role, Sample, Text};
use crate::steps::copy_guard::Refusals;
use crate::steps::{OpenProject, score};
use crate::support::{Error, Progress, Result};

/// A text with its intended label, saved as a sample or still being typed.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its id, once it is a sample.
    pub id: Option<&'a RecordId>,
    /// The text.
    pub text: &'a Text,
    /// Name of the intended label.
    pub label: &'a str,
    /// The example that it is an edit of.
    pub edit_of: Option<&'a ExampleKey>,
}

impl<'a> From<&'a Sample> for Candidate<'a> {
    fn from(sample: &'a Sample) -> Self {
        Self {
            id: Some(&sample.id),
            text: &sample.text,
            label: &sample.label,
            edit_of: sample.edit_of.as_ref(),
        }
    }
}

/// Knows all that samples are checked against. Making one embeds the training
/// texts once for a project; checking takes milliseconds a sample.
pub struct SampleChecker {
    project: OpenProject,
    refusals: Refusals,
    /// Training texts as the pretrained encoder sees them.
    training: Predictions,
    /// Lengths of the training texts in characters, ascending.
    lengths: Vec<usize>,
}

impl SampleChecker {
    /// Embeds what has not been embedded in an earlier session.
    ///
    /// # Errors
    /// When the project has no encoder, or when cancelled.
    pub fn new(project: &OpenProject, progress: &Progress) -> Result<Self> {
        let refusals = Refusals::new(project, progress)?;
        let examples = &project.workspace.dataset.examples;
        let texts = examples
            .iter()
            .filter(|example| example.role == Role::Train);
        let mut lengths: Vec<usize> = texts
            .filter_map(|example| example.text())
            .map(length)
            .collect();
        lengths.sort_unstable();
        Ok(Self {
            training: training(project, progress)?,
            project: project.clone(),
            refusals,
            lengths,
        })
    }

    /// Checks some texts with a model's answers to them. `among` are samples
    /// whose texts may not be repeated: of equal ones the first stands.
    ///
    /// `temperature` divides the model's logits (1: none).
    ///
    /// # Errors
    /// When a text does not fit the model, or when cancelled.
    pub fn check(
        &self,
        candidates: &[Candidate<'_>],
        (model, temperature): (&Classifier, f32),
        among: &[&Sample],
        progress: &Progress,
    ) -> Result<Vec<SampleCheck>> {
        let texts: Vec<&Text> = candidates.iter().map(|candidate| candidate.text).collect();
        let encode = |text: &&Text| self.project.workspace.encode(model, text);
        let tokens: Vec<TokenizedText> = texts.iter().map(encode).collect::<Result<_>>()?;
        let scores = inference::classify(model, &tokens, progress)?;

        let seen = self.refusals.embed(&self.project, &texts, progress)?;
        let copies = self.refusals.judge_embedded(&texts, &seen, progress)?;
        let near = self.nearest(&seen, progress)?;
        let checked = candidates
            .iter()
            .zip(scores.rows())
            .zip(copies.iter().zip(near));
        Ok(checked
            .map(|((candidate, logits), (copy, nearest))| {
                let said = said(model, logits, temperature);
                SampleCheck {
                    fools: said.label != candidate.label,
                    said,
                    nearest,
                    refused: *copy,
                    edit_ratio: candidate
                        .edit_of
                        .and_then(|of| self.edit_ratio(of, candidate)),
                    length_percentile: percentile(length(candidate.text), &self.lengths),
                    duplicate_of: duplicate(candidate, among),
                }
            })
            .collect())
    }

    /// Checks one text on a thread of its own, off the pool that trains: for
    /// use while somebody types.
    ///
    /// # Errors
    /// When the text does not fit the model.
    pub fn check_one(
        &self,
        candidate: Candidate<'_>,
        model: (&Classifier, f32),
        among: &[&Sample],
    ) -> Result<SampleCheck> {
        let checked =
            inference::aside(|| self.check(&[candidate], model, among, &Progress::silent()))??;
        let first = checked.into_iter().next();
        first.ok_or_else(|| Error::program("a check of one sample gave no result"))
    }

    fn nearest(
        &self,
        seen: &Predictions,
        progress: &Progress,
    ) -> Result<Vec<Option<NearestExample>>> {
        let examples = &self.project.workspace.dataset.examples;
        let (queries, training) = (seen.embeddings(), self.training.embeddings());
        if self.training.is_empty() {
            return Ok(vec![None; seen.len()]);
        }
        let found = nearest(queries, training, seen.width(), 1, progress)?;
        let named = found.into_iter().map(|neighbours| {
            let nearest = neighbours.first()?;
            Some(NearestExample {
                key: examples[self.training.examples()[nearest.row]].key.clone(),
                cosine: nearest.cosine(),
            })
        });
        Ok(named.collect())
    }

    fn edit_ratio(&self, of: &ExampleKey, candidate: &Candidate<'_>) -> Option<f32> {
        let dataset = &self.project.workspace.dataset;
        let example = &dataset.examples[dataset.index_of(of)?];
        Some(edit_ratio(example.text()?, candidate.text))
    }
}

/// A model's answer from its logits.
pub fn said(model: &Classifier, logits: &[f32], temperature: f32) -> ModelSaid {
    let answer = Prediction::of(logits, temperature);
    let label = model.labels().get(usize::from(answer.label));
    ModelSaid {
        label: label.cloned().unwrap_or_default(),
        confidence: answer.confidence,
    }
}

/// The first of `among` with the same text; for a sample that is one of them
/// only those before it count.
pub fn duplicate(candidate: &Candidate<'_>, among: &[&Sample]) -> Option<RecordId> {
    let text = candidate.text.folded();
    among
        .iter()
        .take_while(|sample| Some(&sample.id) != candidate.id)
        .find(|sample| sample.text.folded() == text)
        .map(|sample| sample.id.clone())
}

fn length(text: &Text) -> usize {
    text.joined().chars().count()
}

/// The training texts as the pretrained encoder sees them, kept in the
/// project's state. Fine-tuned embeddings would lie close together for all
/// texts of a class.
fn training(project: &OpenProject, progress: &Progress) -> Result<Predictions> {
    let workspace = &project.workspace;
    let encoder = workspace.pretrained()?;
    let (model, data) = (
        format!("{} on train", encoder.fingerprint()),
        project.scored_data()?,
    );
    if let Some(kept) = project.store.predictions(&model, &data)? {
        return Ok(kept);
    }
    let progress = progress.within("Reading the training texts for the sample checks");
    let examples = score::with_roles(workspace, &[Role::Train]);
    let training = score::score(workspace, &encoder, examples, &progress)?;
    if project.store.read_only().is_none() {
        project.store.put_predictions(&model, &data, &training)?;
    }
    Ok(training)
}
