//! Checks samples against the project: what the model says to them, what they
//! are near to, and whether they copy what the comparison is made on.

use std::collections::BTreeSet;

use crate::dataset::copies::Copy;
use crate::inference::neighbours::nearest;
use crate::inference::{self, Prediction, Predictions};
use crate::lessons::checks::{
    NearestExample, SameTexts, SampleCheck, UNCHANGED, edit_ratio, percentile, problem,
};
use crate::model::{Classifier, TokenizedText};
use crate::records::{Document, ExampleKey, ModelAnswer, RecordId, Review, Role, Sample, Text};
use crate::steps::leakage_guard::LeakageGuard;
use crate::steps::{OpenProject, State, score};
use crate::support::{Error, Progress, Result};

/// A text with its intended label, saved as a sample or still being typed.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The text.
    pub text: &'a Text,
    /// Name of the intended label.
    pub label: &'a str,
    /// The example that it is an edit of.
    pub edit_of: Option<&'a ExampleKey>,
}

/// Knows all that samples are checked against. Making one embeds the training
/// texts once for a project; checking takes milliseconds a sample.
pub struct SampleChecker {
    project: OpenProject,
    guard: LeakageGuard,
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
        let guard = LeakageGuard::new(project, progress)?;
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
            guard,
            lengths,
        })
    }

    /// Checks one text with a model's answer to it, on a thread of its own, off
    /// the pool that trains: for use while somebody types. Whether another
    /// sample has the same text is left open.
    ///
    /// `temperature` divides the model's logits (1: none).
    ///
    /// # Errors
    /// When the text does not fit the model.
    pub fn check(
        &self,
        candidate: Candidate<'_>,
        model: (&Classifier, f32),
    ) -> Result<SampleCheck> {
        inference::aside(|| self.check_here(candidate, model))?
    }

    fn check_here(
        &self,
        candidate: Candidate<'_>,
        model: (&Classifier, f32),
    ) -> Result<SampleCheck> {
        let (texts, silent) = ([candidate.text], Progress::silent());
        let said = answers(&self.project, model, &texts, &silent)?;
        let said = said.into_iter().next();
        let said = said.ok_or_else(|| Error::program("a model gave no answer to a text"))?;
        let seen = self.guard.embed(&self.project, &texts, &silent)?;
        let copies = self.guard.judge_embedded(&texts, &seen, &silent)?;
        Ok(SampleCheck {
            fools: said.label != candidate.label,
            said,
            nearest: self.nearest(&seen, &silent)?,
            refused: copies.into_iter().next().flatten(),
            repeats: repeated(&self.project, candidate.text, &BTreeSet::new()),
            edit_ratio: candidate
                .edit_of
                .and_then(|of| self.edit_ratio(of, &candidate)),
            length_percentile: percentile(length(candidate.text), &self.lengths),
            duplicate_of: None,
        })
    }

    /// The training example nearest to the one text that was `seen`.
    fn nearest(&self, seen: &Predictions, progress: &Progress) -> Result<Option<NearestExample>> {
        if self.training.is_empty() {
            return Ok(None);
        }
        let examples = &self.project.workspace.dataset.examples;
        let (queries, training) = (seen.embeddings(), self.training.embeddings());
        let found = nearest(queries, training, seen.width(), 1, progress)?;
        let found = found.first().and_then(|neighbours| neighbours.first());
        Ok(found.map(|nearest| NearestExample {
            key: examples[self.training.examples()[nearest.row]].key.clone(),
            cosine: nearest.cosine(),
        }))
    }

    fn edit_ratio(&self, of: &ExampleKey, candidate: &Candidate<'_>) -> Option<f32> {
        let dataset = &self.project.workspace.dataset;
        let example = &dataset.examples[dataset.index_of(of)?];
        Some(edit_ratio(example.text()?, candidate.text))
    }
}

/// Why samples that come in are not let in, in words: they copy *check* or
/// *final*, an earlier one of `same` has their text, or they are a text of the
/// project itself; `shown` are the errors that teachers see. `None` for those that
/// may stay.
///
/// # Errors
/// When a text does not fit the encoder, or when cancelled.
pub fn problems(
    project: &OpenProject,
    guard: &LeakageGuard,
    samples: &[&Sample],
    (same, shown): (&SameTexts, &BTreeSet<&ExampleKey>),
    progress: &Progress,
) -> Result<Vec<Option<String>>> {
    let texts: Vec<&Text> = samples.iter().map(|sample| &sample.text).collect();
    let copies = guard.judge(project, &texts, progress)?;
    let dataset = &project.workspace.dataset;
    let unchanged = |sample: &Sample| {
        let error = &dataset.examples[dataset.index_of(sample.edit_of.as_ref()?)?];
        let is_same = error.text()?.folded() == sample.text.folded();
        is_same.then(|| UNCHANGED.to_owned())
    };
    let judged = samples.iter().zip(copies);
    Ok(judged
        .map(|(sample, copy)| {
            let own = unchanged(sample).or_else(|| repeated(project, &sample.text, shown));
            // What it is word for word says more than what it is like.
            match copy {
                None | Some(Copy::Meaning) if own.is_some() => own,
                copy => problem(copy, same.before(sample)),
            }
        })
        .collect())
}

impl State {
    /// The errors that teachers of any snapshot are shown.
    pub fn shown_errors(&self) -> BTreeSet<&ExampleKey> {
        let spots = self.snapshots.iter().flat_map(|one| &one.blind_spots);
        spots.flat_map(|spot| &spot.shown).collect()
    }
}

/// What is wrong with a text that the project has already, word for word: as a
/// row that is learnt from anyway, or as an error of those that are `shown`.
fn repeated(project: &OpenProject, text: &Text, shown: &BTreeSet<&ExampleKey>) -> Option<String> {
    let workspace = &project.workspace;
    let row = workspace.own_texts().example_with(text)?;
    let example = &workspace.dataset.examples[row];
    Some(match shown.contains(&example.key) {
        true => UNCHANGED.to_owned(),
        false => format!(
            "refused: it is a text of *{}* as it stands: change it, so that it shows something new",
            example.role.name()
        ),
    })
}

/// Notes what a model says to each draft, and rejects copies of *check* and
/// *final* and texts that an accepted sample of `document`, or an earlier one of
/// `samples`, has. Samples that are no drafts are left as they are.
///
/// # Errors
/// When a text does not fit the model, or when cancelled.
pub fn check_drafts(
    project: &OpenProject,
    model: (&Classifier, f32),
    guard: &LeakageGuard,
    samples: &mut [Sample],
    document: &Document,
) -> Result<()> {
    let own: BTreeSet<RecordId> = samples.iter().map(|sample| sample.id.clone()).collect();
    let lessons = document.lessons.values();
    let others = lessons
        .flat_map(|lesson| &lesson.samples)
        .filter(|other| other.is_accepted() && !own.contains(&other.id));
    let rejected = |sample: &&Sample| matches!(sample.review, Review::Rejected { .. });
    let own = samples.iter().filter(|sample| !rejected(sample));
    let same = SameTexts::of(others.chain(own));
    let is_draft = |sample: &&mut Sample| sample.review == Review::Draft;
    let mut drafts: Vec<&mut Sample> = samples.iter_mut().filter(is_draft).collect();
    if drafts.is_empty() {
        return Ok(());
    }
    let new: Vec<&Sample> = drafts.iter().map(|sample| &**sample).collect();
    let texts: Vec<&Text> = new.iter().map(|sample| &sample.text).collect();
    let silent = Progress::silent();
    let said = answers(project, model, &texts, &silent)?;
    let lessons = document.lessons.values();
    let shown = lessons.flat_map(|lesson| &lesson.shown).collect();
    let problems = problems(project, guard, &new, (&same, &shown), &silent)?;
    for (sample, (said, problem)) in drafts.iter_mut().zip(said.into_iter().zip(problems)) {
        if let Some(reason) = problem {
            sample.review = Review::Rejected { reason };
        }
        sample.model_answer = Some(said);
    }
    Ok(())
}

/// What a model says to texts.
///
/// `temperature` divides its logits (1: none).
///
/// # Errors
/// When a text does not fit the model, or when cancelled.
pub fn answers(
    project: &OpenProject,
    (model, temperature): (&Classifier, f32),
    texts: &[&Text],
    progress: &Progress,
) -> Result<Vec<ModelAnswer>> {
    let encode = |text: &&Text| project.workspace.encode(model, text);
    let tokens: Vec<TokenizedText> = texts.iter().map(encode).collect::<Result<_>>()?;
    let scores = inference::classify(model, &tokens, progress)?;
    Ok((scores.rows())
        .map(|logits| said(model, logits, temperature))
        .collect())
}

/// A model's answer from its logits.
pub fn said(model: &Classifier, logits: &[f32], temperature: f32) -> ModelAnswer {
    let answer = Prediction::of(logits, temperature);
    let label = model.labels().get(usize::from(answer.label));
    ModelAnswer {
        label: label.cloned().unwrap_or_default(),
        confidence: answer.confidence,
    }
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
    project.kept(&model, &data, training)
}
