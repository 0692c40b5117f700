//! What every step after the freezing of blind spots starts from.

use std::sync::Arc;

use crate::discovery::AnswerTable;
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
    /// Data and durable state.
    pub project: &'a OpenProject,
    /// The reference base.
    pub base: &'a Base,
    /// Its predictions on every role but *final*.
    pub reference: &'a Arc<Predictions>,
    /// The frozen blind spots: for a round that was trained, those that it was
    /// trained for.
    pub snapshot: &'a Snapshot,
    /// Triage, moves and lessons.
    pub document: &'a Document,
}

impl<'a> Basis<'a> {
    /// What the base says, under the τ and temperature of the blind spots and
    /// beside labels as people corrected them.
    pub fn answers(&self) -> AnswerTable {
        let truths = self.project.truths(self.document);
        let reference = Arc::clone(self.reference);
        (self.project).answers_for(self.snapshot, reference, &truths)
    }

    /// What the blind spots rest on after triage and moves by hand.
    pub fn evidence(&self) -> Evidence<'a> {
        Evidence::new(&self.answers(), self.snapshot, self.document)
    }

    /// All lessons.
    pub fn lessons(&self) -> Vec<&'a Lesson> {
        self.document.lessons.values().map(AsRef::as_ref).collect()
    }
}
