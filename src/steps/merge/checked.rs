//! Lessons that come in from elsewhere, whichever way: joined with those of
//! the project, their samples checked, and divided into those to train on and
//! those to test with.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::records::{Document, Lesson, RecordId, Review, Sample};
use crate::steps::fit::Base;
use crate::steps::merge::{Merged, merge, read_lessons_of, teaches_here};
use crate::steps::sample_checks::{Candidate, SampleChecker};
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
    let back = read_lessons_of(file)?;
    let base = project.base(false, progress)?;
    take_in(project, &base, state, back, progress)
}

/// Runs the sample checks: accepted samples that do not pass are rejected, and
/// drafts stay drafts. Lessons on blind spots that are not there are left as
/// they are.
///
/// # Errors
/// When a text does not fit the model, or when cancelled.
pub fn take_in(
    project: &OpenProject,
    base: &Base,
    state: &State,
    lessons: Vec<Lesson>,
    progress: &Progress,
) -> Result<CheckedLessons> {
    let mut checked = CheckedLessons {
        lessons,
        ..CheckedLessons::default()
    };
    let is_known = |lesson: &&mut Lesson| teaches_here(lesson, &state.snapshots);
    let known = checked.lessons.iter_mut().filter(is_known);
    let mut samples: Vec<&mut Sample> = known.flat_map(|lesson| &mut lesson.samples).collect();
    let new: Vec<Sample> = samples.iter().map(|sample| (**sample).clone()).collect();
    let replaced: BTreeSet<&RecordId> = new.iter().map(|sample| &sample.id).collect();
    let here = state.document.lessons.values();
    let here = here.flat_map(|lesson| &lesson.samples);
    let kept = here.filter(|sample| !replaced.contains(&sample.id));
    // What was rejected before stands in nobody's way.
    let accepted = |sample: &&Sample| sample.review == Review::Accepted;
    let among: Vec<&Sample> = kept.chain(&new).filter(accepted).collect();
    let candidates: Vec<Candidate<'_>> = new.iter().map(Candidate::from).collect();
    let checker = SampleChecker::new(project, progress)?;
    let model = (&*base.model, state.effective_temperature());
    let checks = checker.check(&candidates, model, &among, progress)?;
    for (sample, check) in samples.iter_mut().zip(checks) {
        if sample.review != Review::Accepted {
            continue;
        }
        match check.problem() {
            None => checked.accepted += 1,
            Some(reason) => {
                checked.refused.push((sample.id.clone(), reason.clone()));
                sample.review = Review::Rejected { reason };
            }
        }
        sample.model_said.get_or_insert(check.said);
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
