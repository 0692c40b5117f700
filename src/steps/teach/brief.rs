//! What a language model is told about a blind spot of a project: the shown
//! errors and what the model gets right near them, never what is kept back.

use std::collections::BTreeMap;

use crate::discovery::{AnswerTable, UnknownUnknown};
use crate::lessons::llm::{Contrast, LessonBrief, MinimalPair, ShownError};
use crate::records::{BlindSpot, Document, ExampleKey, Label, Sample, Snapshot};
use crate::steps::evidence::Evidence;

/// What briefs are made from.
#[derive(Clone)]
pub struct Briefing<'a> {
    /// Task description of project.toml.
    pub task: &'a str,
    /// What labels mean, by name.
    pub meanings: &'a BTreeMap<String, String>,
    /// The base's answers.
    pub answers: AnswerTable,
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
        let evidence = Evidence::new(&self.answers, self.snapshot, self.document);
        let mut shown = Vec::new();
        let mut errors = Vec::new();
        for found in evidence.shown(spot.id) {
            if let Some(error) = self.error(found) {
                shown.push(self.answers.dataset().examples[found.example].key.clone());
                errors.push(error);
            }
        }
        let contrasts = evidence.contrasts(spot).into_iter();
        let contrasts = contrasts.filter_map(|index| self.contrast(index));
        let brief = LessonBrief {
            task: self.task.trim().to_owned(),
            labels: self.answers.dataset().labels.clone(),
            meanings: self.meanings.clone(),
            contrasts: contrasts.collect(),
            pairs: self.pairs(&shown, &errors),
            shown: errors,
        };
        Briefed { brief, shown }
    }

    fn error(&self, found: &UnknownUnknown) -> Option<ShownError> {
        Some(ShownError {
            text: self.answers.dataset().examples[found.example]
                .text()?
                .clone(),
            label: self.name(found.true_label),
            predicted: self.name(found.predicted),
            confidence: found.confidence,
        })
    }

    /// A text that the base gets right: what it says is the label.
    fn contrast(&self, index: usize) -> Option<Contrast> {
        let said = self.answers.answer(self.answers.row_of(index)?);
        Some(Contrast {
            text: self.answers.dataset().examples[index].text()?.clone(),
            label: self.name(said.label),
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
        self.answers.dataset().label_name(label).to_owned()
    }
}

fn is_right_edit(sample: &Sample) -> bool {
    let said = sample.model_answer.as_ref();
    sample.is_accepted() && said.is_some_and(|said| said.label == sample.label)
}
