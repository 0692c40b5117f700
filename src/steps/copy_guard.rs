//! Refuses samples that copy a text of *check* or *final*, however they came
//! in: by their words, or by the pretrained encoder's embedding.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataset::CopyGuard;
use crate::dataset::copies::{Copy, refuses_embedding};
use crate::inference::{self, Predictions};
use crate::model::Classifier;
use crate::records::{Document, Lesson, RecordId, Review, Role, Sample, Text};
use crate::steps::{OpenProject, score};
use crate::support::{Progress, Result};

/// Knows what must not be copied, by hashes and embeddings.
pub struct Refusals {
    words: CopyGuard,
    meaning: Predictions,
    encoder: Arc<Classifier>,
}

impl Refusals {
    /// Embeds *check* and *final* with the pretrained encoder, once for a
    /// project: fine-tuned embeddings lie close together for all texts of a
    /// class and would refuse far too much.
    ///
    /// # Errors
    /// When there is no encoder, or when cancelled.
    pub fn new(project: &OpenProject, progress: &Progress) -> Result<Self> {
        let workspace = &project.workspace;
        let encoder = workspace.pretrained()?;
        let (model, data) = (encoder.fingerprint(), project.scored_data()?);
        let meaning = match project.store.predictions(&model, &data)? {
            Some(kept) => kept,
            None => {
                let progress = progress.within("Guarding check and final");
                let examples = score::with_roles(workspace, &[Role::Check, Role::Final]);
                let seen = score::score(workspace, &encoder, examples, &progress)?;
                let meaning = seen.embeddings_only()?;
                if project.store.read_only().is_none() {
                    project.store.put_predictions(&model, &data, &meaning)?;
                }
                meaning
            }
        };
        Ok(Self {
            words: CopyGuard::new(&workspace.dataset),
            meaning,
            encoder,
        })
    }

    /// For each text the reason why it is refused, if it is.
    ///
    /// # Errors
    /// When a text does not fit the encoder, or when cancelled.
    pub fn judge(
        &self,
        project: &OpenProject,
        texts: &[&Text],
        progress: &Progress,
    ) -> Result<Vec<Option<Copy>>> {
        let seen = self.embed(project, texts, progress)?;
        Ok(self.judge_embedded(texts, &seen))
    }

    /// Texts as the pretrained encoder sees them, one row for each.
    ///
    /// # Errors
    /// When a text does not fit the encoder, or when cancelled.
    pub fn embed(
        &self,
        project: &OpenProject,
        texts: &[&Text],
        progress: &Progress,
    ) -> Result<Predictions> {
        let tokens: Vec<_> = texts
            .iter()
            .map(|text| project.workspace.encode(&self.encoder, text))
            .collect::<Result<_>>()?;
        let scores = inference::score(&self.encoder, &tokens, progress)?;
        score::predictions((0..texts.len()).collect(), scores)
    }

    /// As [`Refusals::judge`], for texts with their rows of
    /// [`Refusals::embed`].
    pub fn judge_embedded(&self, texts: &[&Text], seen: &Predictions) -> Vec<Option<Copy>> {
        let rows = texts.iter().enumerate();
        rows.map(|(row, text)| {
            self.words
                .refuses(text)
                .or_else(|| refuses_embedding(seen.embedding(row), self.meaning.embeddings()))
        })
        .collect()
    }
}

/// The samples among some that copy a text of *check* or *final*. A black box
/// brings no encoder: there they are told by their words alone.
///
/// # Errors
/// When a text does not fit the encoder, or when cancelled.
pub fn copies<'s>(
    project: &OpenProject,
    samples: impl Iterator<Item = &'s Sample>,
    progress: &Progress,
) -> Result<BTreeMap<RecordId, Copy>> {
    let samples: Vec<&Sample> = samples.collect();
    if samples.is_empty() {
        return Ok(BTreeMap::new());
    }
    let texts: Vec<&Text> = samples.iter().map(|sample| &sample.text).collect();
    let judged = if project.is_black_box()? {
        let words = CopyGuard::new(&project.workspace.dataset);
        texts.iter().map(|text| words.refuses(text)).collect()
    } else {
        Refusals::new(project, progress)?.judge(project, &texts, progress)?
    };
    let judged = samples.iter().zip(judged);
    Ok(judged
        .filter_map(|(sample, copy)| Some((sample.id.clone(), copy?)))
        .collect())
}

/// The accepted samples of some lessons that [`copies`] finds; each is named
/// in a warning.
///
/// # Errors
/// As [`copies`].
pub fn refused<'l>(
    project: &OpenProject,
    lessons: impl Iterator<Item = &'l Lesson>,
    progress: &Progress,
) -> Result<BTreeMap<RecordId, Copy>> {
    let samples = lessons.flat_map(|lesson| &lesson.samples);
    let accepted = samples.filter(|sample| sample.review == Review::Accepted);
    let refused = copies(project, accepted, progress)?;
    for (sample, copy) in &refused {
        progress.warn(format!("sample {sample} is left out: {}", copy.reason()));
    }
    Ok(refused)
}

/// A document as it may be handed on: accepted samples that are [`refused`]
/// count as rejected. Lessons of `lessons.jsonl` were never checked before.
///
/// # Errors
/// As [`copies`].
pub fn without_copies(
    project: &OpenProject,
    document: &Document,
    progress: &Progress,
) -> Result<Document> {
    let lessons = document.lessons.values().map(AsRef::as_ref);
    let refused = refused(project, lessons, progress)?;
    let mut document = document.clone();
    if refused.is_empty() {
        return Ok(document);
    }
    for lesson in document.lessons.values_mut() {
        for sample in &mut Arc::make_mut(lesson).samples {
            if let Some(copy) = refused.get(&sample.id) {
                sample.review = Review::Rejected {
                    reason: copy.refusal(),
                };
            }
        }
    }
    Ok(document)
}

/// Lessons as they may leave the project: without the samples that [`copies`]
/// finds, rejected ones and drafts too, since their texts would tell what is
/// sealed.
///
/// # Errors
/// As [`copies`].
pub fn without_copied_texts<'l>(
    project: &OpenProject,
    lessons: impl Iterator<Item = &'l Lesson>,
    progress: &Progress,
) -> Result<Vec<Lesson>> {
    let mut lessons: Vec<Lesson> = lessons.cloned().collect();
    let samples = lessons.iter().flat_map(|lesson| &lesson.samples);
    let copies = copies(project, samples, progress)?;
    for lesson in &mut lessons {
        let samples = &mut lesson.samples;
        samples.retain(|sample| !copies.contains_key(&sample.id));
    }
    Ok(lessons)
}
