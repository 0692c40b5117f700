//! Lessons that come in from elsewhere, whichever way: joined with those of
//! the project, their samples checked, and divided into those to train on and
//! those to test with.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::lessons::checks::SameTexts;
use crate::records::{Document, Lesson, RecordId, Review, Sample, Text};
use crate::steps::copy_guard::Refusals;
use crate::steps::merge::{Merged, Teachable, merge, read_lessons_of};
use crate::steps::sample_checks::{answers, problems};
use crate::steps::{OpenProject, State};
use crate::support::{Progress, Result};

/// Lessons that came in: their samples are checked, but they are not joined
/// with those of the project. Checking takes long enough for somebody to go on
/// writing meanwhile.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CheckedLessons {
    /// The lessons as the file has them.
    pub lessons: Vec<Lesson>,
    /// Samples that the checks let through.
    pub accepted: usize,
    /// Samples that they did not, with the reason.
    pub refused: Vec<(RecordId, String)>,
}

impl CheckedLessons {
    /// Joins them with the lessons of the project as they are now, and divides
    /// their samples into those to train on and those to test with.
    #[must_use]
    pub fn joined(self, state: &State) -> TakenIn {
        let settled = state.settled_samples();
        TakenIn {
            merged: merge(&state.document, &state.snapshots, &settled, self.lessons),
            accepted: self.accepted,
            refused: self.refused,
        }
    }
}

/// Lessons that came in, joined but not kept yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TakenIn {
    /// What they change.
    pub merged: Merged,
    /// Samples that the checks let through.
    pub accepted: usize,
    /// Samples that they did not, with the reason.
    pub refused: Vec<(RecordId, String)>,
}

impl fmt::Display for TakenIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.merged.sentence())?;
        if !self.refused.is_empty() {
            write!(f, "; {} refused by the sample checks", self.refused.len())?;
        }
        list_refused(&self.refused, f)
    }
}

/// Writes a line for each refused sample.
pub(crate) fn list_refused(
    refused: &[(RecordId, String)],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    refused
        .iter()
        .try_for_each(|(sample, reason)| write!(f, "\n  {sample}: {reason}"))
}

/// Reads the lessons of a file that came back from an expert and checks their
/// samples.
///
/// # Errors
/// When the file holds no lessons, the base cannot be loaded, or when
/// cancelled.
pub fn take_back(
    project: &OpenProject,
    state: &State,
    file: &Path,
    progress: &Progress,
) -> Result<CheckedLessons> {
    take_in(project, state, read_lessons_of(file)?, progress)
}

/// Runs the sample checks: accepted samples that do not pass are rejected, and
/// drafts stay drafts. What the base says to accepted samples is noted, where
/// it was not noted before. Lessons on blind spots that are not there are left
/// as they are.
///
/// # Errors
/// When the base cannot be loaded, a text does not fit the model, or when
/// cancelled.
pub fn take_in(
    project: &OpenProject,
    state: &State,
    lessons: Vec<Lesson>,
    progress: &Progress,
) -> Result<CheckedLessons> {
    let mut checked = CheckedLessons {
        lessons,
        ..CheckedLessons::default()
    };
    let teachable = Teachable::of(&state.snapshots);
    let known = (checked.lessons.iter_mut()).filter(|lesson| teachable.is_taught_by(lesson));
    let mut replaced = BTreeSet::new();
    let is_accepted = |sample: &&mut Sample| sample.review == Review::Accepted;
    let mut samples: Vec<&mut Sample> = known
        .flat_map(|lesson| &mut lesson.samples)
        .inspect(|sample| {
            replaced.insert(sample.id.clone());
        })
        .filter(is_accepted)
        .collect();
    if samples.is_empty() {
        return Ok(checked);
    }
    let here = state.document.lessons.values();
    let here = here.flat_map(|lesson| &lesson.samples);
    // What was rejected before stands in nobody's way.
    let stays =
        |sample: &&Sample| sample.review == Review::Accepted && !replaced.contains(&sample.id);
    let new: Vec<&Sample> = samples.iter().map(|sample| &**sample).collect();
    let same = SameTexts::of(here.filter(stays).chain(new.iter().copied()));
    let guard = Refusals::new(project, progress)?;
    let problems = problems(project, &guard, &new, &same, progress)?;
    for (sample, problem) in samples.iter_mut().zip(problems) {
        match problem {
            None => checked.accepted += 1,
            Some(reason) => {
                checked.refused.push((sample.id.clone(), reason.clone()));
                sample.review = Review::Rejected { reason };
            }
        }
    }
    samples.retain(|sample| sample.model_said.is_none());
    if samples.is_empty() {
        return Ok(checked);
    }
    let base = project.base(false, progress)?;
    let model = (&*base.model, state.effective_temperature());
    let texts: Vec<&Text> = samples.iter().map(|sample| &sample.text).collect();
    let said = answers(project, model, &texts, progress)?;
    for (sample, said) in samples.into_iter().zip(said) {
        sample.model_said = Some(said);
    }
    Ok(checked)
}

/// Keeps lessons in the project's state.
///
/// # Errors
/// When it cannot be written.
pub fn keep(project: &OpenProject, mut document: Document, lessons: Vec<Lesson>) -> Result<()> {
    for lesson in lessons {
        document.lessons.insert(lesson.id.clone(), Arc::new(lesson));
    }
    project.store.save_document(&document)
}
