//! What a language model is told about a blind spot of a project: the shown
//! errors and what the model gets right near them, never what is kept back.

use std::collections::BTreeMap;

use crate::blind_spots::{BlindSpot, Snapshot};
use crate::dataset::{Dataset, ExampleKey, Label};
use crate::discovery::true_label;
use crate::inference::Predictions;
use crate::lessons::llm::{Contrast, LessonBrief, MinimalPair, ShownError};
use crate::lessons::{Review, Sample};
use crate::session::{Document, Placement};

/// What briefs are made from.
#[derive(Clone, Copy)]
pub struct Briefing<'a> {
    /// Task description of project.toml.
    pub task: &'a str,
    /// What labels mean, by name.
    pub meanings: &'a BTreeMap<String, String>,
    /// The data.
    pub dataset: &'a Dataset,
    /// The base's predictions.
    pub predictions: &'a Predictions,
    /// The frozen blind spots.
    pub snapshot: &'a Snapshot,
    /// Triage, moves, and samples that are minimal edits.
    pub document: &'a Document,
}

/// A brief and the keys of the errors in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Briefed {
    /// What the teacher is told.
    pub brief: LessonBrief,
    /// Keys of its shown errors, in the same order.
    pub shown: Vec<ExampleKey>,
}

impl Briefing<'_> {
    /// The brief of one blind spot.
    ///
    /// Errors that triage found to be none, and those moved elsewhere, are
    /// left out; a corrected label takes the place of the data's.
    pub fn of(&self, spot: &BlindSpot) -> Briefed {
        let rows = self.dataset.by_key();
        let mut shown = Vec::new();
        let mut errors = Vec::new();
        for key in self.shown_keys(spot) {
            let index = rows.get(key).copied();
            if let Some(error) = index.and_then(|index| self.error(index)) {
                shown.push(key.clone());
                errors.push(error);
            }
        }
        let contrasts = spot.contrasts.iter().filter_map(|key| {
            let index = *rows.get(key)?;
            self.contrast(index)
        });
        let brief = LessonBrief {
            task: self.task.trim().to_owned(),
            labels: self.dataset.labels.clone(),
            meanings: self.meanings.clone(),
            contrasts: contrasts.collect(),
            pairs: self.pairs(&shown, &errors),
            shown: errors,
        };
        Briefed { brief, shown }
    }

    /// Keys of the errors that a teacher of this blind spot may see: those of
    /// the frozen *shown* part that are in it still, and those moved into it
    /// from the shown part of another.
    fn shown_keys<'s>(&'s self, spot: &'s BlindSpot) -> impl Iterator<Item = &'s ExampleKey> {
        let own = spot.shown.iter().filter(|key| {
            let moved = self.document.moves.get(*key);
            moved.is_none_or(|place| *place == Placement::In(spot.id))
        });
        let others = self.snapshot.blind_spots.iter();
        let others = others.filter(|other| other.id != spot.id);
        let moved_in = others
            .flat_map(|other| &other.shown)
            .filter(|key| self.document.moves.get(*key) == Some(&Placement::In(spot.id)));
        own.chain(moved_in)
    }

    fn error(&self, index: usize) -> Option<ShownError> {
        let example = self.dataset.examples.get(index)?;
        let label = true_label(example, &self.document.triage)?;
        let row = self.predictions.row_of(index)?;
        let said = (self.predictions).prediction(row, self.snapshot.temperature);
        (said.label != label).then_some(ShownError {
            text: example.text()?.clone(),
            label: self.name(label),
            predicted: self.name(said.label),
            confidence: said.confidence,
        })
    }

    fn contrast(&self, index: usize) -> Option<Contrast> {
        let example = self.dataset.examples.get(index)?;
        let label = true_label(example, &self.document.triage)?;
        let row = self.predictions.row_of(index)?;
        (self.predictions.prediction(row, 1.0).label == label).then_some(Contrast {
            text: example.text()?.clone(),
            label: self.name(label),
        })
    }

    /// Shown errors beside accepted samples that are minimal edits of them and
    /// that the model got right when they were written.
    fn pairs(&self, shown: &[ExampleKey], errors: &[ShownError]) -> Vec<MinimalPair> {
        let lessons = self.document.lessons.values();
        let samples = lessons.flat_map(|lesson| &lesson.samples);
        let pairs = samples
            .filter(|sample| is_right_edit(sample))
            .filter_map(|sample| {
                let original = sample.edit_of.as_ref()?;
                let position = shown.iter().position(|key| key == original)?;
                Some(MinimalPair {
                    wrong: errors.get(position)?.clone(),
                    right: Contrast {
                        text: sample.text.clone(),
                        label: sample.label.clone(),
                    },
                })
            });
        pairs.collect()
    }

    fn name(&self, label: Label) -> String {
        self.dataset.label_name(label).to_owned()
    }
}

fn is_right_edit(sample: &Sample) -> bool {
    let said = sample.model_said.as_ref();
    sample.review == Review::Accepted && said.is_some_and(|said| said.label == sample.label)
}
