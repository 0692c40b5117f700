//! What every step after the freezing of blind spots starts from.

use crate::inference::Predictions;
use crate::records::{Document, Lesson, Snapshot};
use crate::steps::OpenProject;
use crate::steps::evidence::Evidence;
use crate::steps::fit::Base;

/// A project with its base, frozen blind spots, and what people made of them:
/// rounds, hand-overs, lessons by language models and the table of teachers
/// start from it, each in a file of its own.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// The project.
    pub project: &'a OpenProject,
    /// The reference base.
    pub base: &'a Base,
    /// Its predictions on every role but *final*.
    pub reference: &'a Predictions,
    /// The frozen blind spots: for a round that was trained, those that it was
    /// trained for.
    pub snapshot: &'a Snapshot,
    /// Triage, moves and lessons.
    pub document: &'a Document,
}

impl<'a> Basis<'a> {
    /// What the blind spots rest on after triage and moves by hand.
    pub fn evidence(&self) -> Evidence<'a> {
        let dataset = &self.project.workspace.dataset;
        Evidence::new(dataset, self.reference, self.snapshot, self.document)
    }

    /// All lessons.
    pub fn lessons(&self) -> Vec<&'a Lesson> {
        self.document.lessons.values().map(AsRef::as_ref).collect()
    }
}
