//! Refuses samples that copy a text of *check* or *final*, however they came
//! in: by their words, or by the pretrained encoder's embedding.

mod seen;

pub(super) use seen::ENCODER;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataset::CopyGuard;
use crate::dataset::copies::{COPIED_COSINE, Copy};
use crate::inference::Predictions;
use crate::inference::neighbours::nearest;
use crate::model::Classifier;
use crate::records::{Document, Lesson, RecordId, Review, Role, Sample, Text};
use crate::steps::leakage_guard::seen::Seen;
use crate::steps::{OpenProject, score};
use crate::support::{Progress, Result};

/// Knows what must not be copied, by hashes and embeddings.
pub struct LeakageGuard {
    words: Arc<CopyGuard>,
    meaning: Predictions,
    encoder: Arc<Classifier>,
    /// Samples that were embedded before.
    seen: Seen,
}

impl LeakageGuard {
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
                project.kept(&model, &data, seen.embeddings_only()?)?
            }
        };
        Ok(Self {
            words: workspace.copy_guard(),
            meaning,
            seen: Seen::read(project, &encoder),
            encoder,
        })
    }

    /// For each text the reason why it is refused, if it is. How the encoder
    /// sees the texts is kept for the next time.
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
        if project.store.read_only().is_none() {
            self.seen.keep(project.store.files(), texts, &seen)?;
        }
        self.judge_embedded(texts, &seen, progress)
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
        self.seen.embed(project, &self.encoder, texts, progress)
    }

    /// As [`LeakageGuard::judge`], for texts with their rows of
    /// [`LeakageGuard::embed`].
    ///
    /// # Errors
    /// When cancelled.
    pub fn judge_embedded(
        &self,
        texts: &[&Text],
        seen: &Predictions,
        progress: &Progress,
    ) -> Result<Vec<Option<Copy>>> {
        let near = are_near(seen, &self.meaning, progress)?;
        let texts = texts.iter().zip(near);
        Ok(texts
            .map(|(text, near)| {
                let by_meaning = near.then_some(Copy::Meaning);
                self.words.refuses(text).or(by_meaning)
            })
            .collect())
    }
}

/// For each row of `seen` whether some row of `guarded` is as near as
/// [`COPIED_COSINE`]. A row of zeros is like nothing.
fn are_near(seen: &Predictions, guarded: &Predictions, progress: &Progress) -> Result<Vec<bool>> {
    let (queries, width) = (seen.embeddings(), seen.width());
    let found = nearest(queries, guarded.embeddings(), width, 1, progress)?;
    let rows = found.iter().enumerate();
    Ok(rows
        .map(|(row, nearest)| {
            let is_something = seen.embedding(row).iter().any(|x| *x != 0.0);
            let cosine = nearest.first().map(|neighbour| neighbour.cosine());
            is_something && cosine.is_some_and(|cosine| cosine >= COPIED_COSINE)
        })
        .collect())
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
        let words = project.workspace.copy_guard();
        texts.iter().map(|text| words.refuses(text)).collect()
    } else {
        LeakageGuard::new(project, progress)?.judge(project, &texts, progress)?
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
    let accepted = samples.filter(|sample| sample.is_accepted());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_embeddings_are_refused_whatever_their_length() {
        let rows = |values: &[f32]| {
            let count = values.len() / 3;
            Predictions::new((0..count).collect(), 0, Vec::new(), 3, values.to_vec())
                .expect("shapes fit")
        };
        let guarded = rows(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let seen = rows(&[3.0, 0.3, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        let near = are_near(&seen, &guarded, &Progress::silent()).expect("not cancelled");
        assert_eq!(near, [true, false, false]);
    }
}
