//! Lessons that come in from elsewhere, whichever way: joined with those of
//! the project, their samples checked, and divided into those to train on and
//! those to test with.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::hand_over::{Merged, merge, read_lessons_of};
use super::open_project::{Base, OpenProject};
use super::sample_checks::{Candidate, SampleChecker};
use crate::lessons::split::split;
use crate::lessons::{Lesson, RecordId, Review, Sample};
use crate::session::{Document, State};
use crate::support::{Progress, Result};

/// Lessons that came in, checked but not kept yet.
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
pub(super) fn list_refused(
    refused: &[(RecordId, String)],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    refused
        .iter()
        .try_for_each(|(sample, reason)| write!(f, "\n  {sample}: {reason}"))
}

/// Reads the lessons of a file that came back from an expert and takes them
/// in.
///
/// # Errors
/// When the file holds no lessons, the base cannot be loaded, or when
/// cancelled.
pub fn take_back(
    project: &OpenProject,
    state: &State,
    file: &Path,
    progress: &Progress,
) -> Result<TakenIn> {
    let back = read_lessons_of(file)?;
    let base = project.base(false, progress)?;
    take_in(project, &base, state, back, progress)
}

/// Joins lessons with those of the project, runs the sample checks and sets
/// the use of the samples.
///
/// # Errors
/// When a text does not fit the model, or when cancelled.
pub fn take_in(
    project: &OpenProject,
    base: &Base,
    state: &State,
    lessons: Vec<Lesson>,
    progress: &Progress,
) -> Result<TakenIn> {
    let merged = merge(&state.document, &state.snapshots, lessons);
    let mut taken = TakenIn {
        merged,
        ..TakenIn::default()
    };
    taken.check(project, base, state, progress)?;
    let settled = state.settled_samples();
    for lesson in &mut taken.merged.lessons {
        split(lesson, &settled);
    }
    // A copy that was refused before and comes back changes nothing.
    taken.merged.count(&state.document);
    Ok(taken)
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

impl TakenIn {
    /// Runs the sample checks: accepted samples that do not pass are rejected,
    /// and drafts stay drafts.
    fn check(
        &mut self,
        project: &OpenProject,
        base: &Base,
        state: &State,
        progress: &Progress,
    ) -> Result<()> {
        let lessons = &mut self.merged.lessons;
        let replaced: BTreeSet<RecordId> = lessons.iter().map(|l| l.id.clone()).collect();
        let new: Vec<Sample> = lessons.iter().flat_map(|l| l.samples.clone()).collect();
        let kept = state.document.lessons.values();
        let kept = kept.filter(|lesson| !replaced.contains(&lesson.id));
        // What was rejected before stands in nobody's way.
        let among: Vec<&Sample> = kept
            .flat_map(|lesson| &lesson.samples)
            .chain(&new)
            .filter(|sample| sample.review == Review::Accepted)
            .collect();
        let candidates: Vec<Candidate<'_>> = new.iter().map(Candidate::from).collect();
        let checker = SampleChecker::new(project, progress)?;
        let model = (&*base.model, state.effective_temperature());
        let checks = checker.check(&candidates, model, &among, progress)?;
        let samples = lessons.iter_mut().flat_map(|lesson| &mut lesson.samples);
        for (sample, check) in samples.zip(checks) {
            if sample.review != Review::Accepted {
                continue;
            }
            match check.problem() {
                None => self.accepted += 1,
                Some(reason) => {
                    self.refused.push((sample.id.clone(), reason.clone()));
                    sample.review = Review::Rejected { reason };
                }
            }
            sample.model_said.get_or_insert(check.said);
        }
        Ok(())
    }
}
