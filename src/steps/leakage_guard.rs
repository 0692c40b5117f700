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

/// Rows of *discovery* that are measured at most, where the encoder's embeddings
/// have an order of their own.
const MEASURED: usize = 400;
/// Share of them that may not be called copies.
const MEASURED_SHARE: f64 = 0.99;

/// Knows what must not be copied, by hashes and embeddings.
pub struct LeakageGuard {
    words: Arc<CopyGuard>,
    meaning: Predictions,
    encoder: Arc<Classifier>,
    /// Cosine from which a text counts as a copy.
    copied: f32,
    /// Samples that were embedded before.
    seen: Seen,
}

impl LeakageGuard {
    /// Embeds *check* and *final* with the pretrained encoder, once for a
    /// project: fine-tuned embeddings lie close together for all texts of a
    /// class and would refuse far too much. A model that is used as it is has no
    /// others; there a sample has to lie nearer than nearly all texts of
    /// *discovery* do, none of which is a copy.
    ///
    /// # Errors
    /// When there is no encoder, or when cancelled.
    pub fn new(project: &OpenProject, progress: &Progress) -> Result<Self> {
        let workspace = &project.workspace;
        let encoder = workspace.pretrained()?;
        // A model as it is is the base too, and what it says is kept by its name.
        let model = match workspace.is_as_it_is() {
            true => format!("{} guarding", encoder.fingerprint()),
            false => encoder.fingerprint(),
        };
        let data = project.scored_data()?;
        let meaning = match project.store.predictions(&model, &data)? {
            Some(kept) => kept,
            None => {
                let progress = progress.within("Guarding check and final");
                let examples = score::with_roles(workspace, &[Role::Check, Role::Final]);
                let seen = score::score(workspace, &encoder, examples, &progress)?;
                project.kept(&model, &data, seen.embeddings_only()?)?
            }
        };
        let mut guard = Self {
            words: workspace.copy_guard(),
            meaning,
            copied: COPIED_COSINE,
            seen: Seen::read(project, &encoder),
            encoder,
        };
        if workspace.is_as_it_is() {
            guard.copied = guard.nearest_without_copying(project, progress)?;
            guard.seen = Seen::read(project, &guard.encoder);
        }
        Ok(guard)
    }

    /// The cosine that [`MEASURED_SHARE`] of the texts of *discovery* stay
    /// below, and [`COPIED_COSINE`] at least.
    fn nearest_without_copying(&self, project: &OpenProject, progress: &Progress) -> Result<f32> {
        let dataset = &project.workspace.dataset;
        let discovery = dataset.with_role(Role::Discovery);
        let every = discovery.len().div_ceil(MEASURED).max(1);
        let some = discovery.into_iter().step_by(every);
        let texts: Vec<&Text> = some
            .filter_map(|row| dataset.examples[row].text())
            .collect();
        if texts.is_empty() || self.meaning.is_empty() {
            return Ok(COPIED_COSINE);
        }
        let progress = progress.within("Guarding check and final");
        let seen = self.embed_and_keep(project, &texts, &progress)?;
        let cosines = nearest_cosines(&seen, &self.meaning, &progress)?;
        Ok(above_nearly_all(cosines).max(COPIED_COSINE))
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
        let seen = self.embed_and_keep(project, texts, progress)?;
        self.judge_embedded(texts, &seen, progress)
    }

    fn embed_and_keep(
        &self,
        project: &OpenProject,
        texts: &[&Text],
        progress: &Progress,
    ) -> Result<Predictions> {
        let seen = self.embed(project, texts, progress)?;
        if project.store.read_only().is_none() {
            self.seen.keep(project.store.files(), texts, &seen)?;
        }
        Ok(seen)
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
        let near = are_near(seen, (&self.meaning, self.copied), progress)?;
        let texts = texts.iter().zip(near);
        Ok(texts
            .map(|(text, near)| {
                let by_meaning = near.then_some(Copy::Meaning);
                self.words.refuses(text).or(by_meaning)
            })
            .collect())
    }
}

/// For each row of `seen` whether some row of `guarded` is as near as a cosine.
/// A row of zeros is like nothing.
fn are_near(
    seen: &Predictions,
    (guarded, copied): (&Predictions, f32),
    progress: &Progress,
) -> Result<Vec<bool>> {
    let cosines = nearest_cosines(seen, guarded, progress)?.into_iter();
    Ok(cosines
        .enumerate()
        .map(|(row, cosine)| {
            let is_something = seen.embedding(row).iter().any(|x| *x != 0.0);
            is_something && cosine >= copied
        })
        .collect())
}

/// Cosine of each row of `seen` to the nearest row of `guarded`; less than any
/// where there is none.
fn nearest_cosines(
    seen: &Predictions,
    guarded: &Predictions,
    progress: &Progress,
) -> Result<Vec<f32>> {
    let found = nearest(
        seen.embeddings(),
        guarded.embeddings(),
        seen.width(),
        1,
        progress,
    )?;
    let first = found.iter().map(|nearest| nearest.first());
    Ok(first
        .map(|first| first.map_or(f32::NEG_INFINITY, |neighbour| neighbour.cosine()))
        .collect())
}

/// The least value above [`MEASURED_SHARE`] of some cosines, of which there is
/// one at least.
fn above_nearly_all(mut cosines: Vec<f32>) -> f32 {
    cosines.sort_by(f32::total_cmp);
    let place = (MEASURED_SHARE * (cosines.len() - 1) as f64).round() as usize;
    cosines[place].next_up()
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
        let near = are_near(&seen, (&guarded, 0.95), &Progress::silent()).expect("not cancelled");
        assert_eq!(near, [true, false, false]);
    }

    #[test]
    fn one_in_a_hundred_texts_may_be_as_near_as_a_copy() {
        let cosines: Vec<f32> = (0..=200).rev().map(|x| x as f32 / 200.0).collect();
        let above = above_nearly_all(cosines);
        assert!(above > 0.99 && above < 0.995, "{above}");
        assert!(above_nearly_all(vec![0.5]) > 0.5);
    }
}
