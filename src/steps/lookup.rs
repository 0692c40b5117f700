//! What people and programs name, looked up: an error says what there is.

use std::sync::Arc;

use crate::dataset::Example;
use crate::records::{
    BlindSpot, BlindSpotId, ExampleKey, Hypothesis, Label, Lesson, RecordId, Role, Sample, Snapshot,
};
use crate::steps::compare::second::SecondResult;
use crate::steps::{RoundResult, State};
use crate::support::{Error, Result};

/// Names that an error lists at most.
const MOST_LISTED: usize = 20;

impl State {
    /// The blind spots in use.
    ///
    /// # Errors
    /// When nothing is frozen.
    pub fn require_snapshot(&self) -> Result<&Arc<Snapshot>> {
        self.snapshot().ok_or_else(|| {
            Error::input("there are no frozen blind spots yet")
                .hint("`blindspot discover PROJECT` finds and freezes them")
        })
    }

    /// A blind spot of the snapshot in use.
    ///
    /// # Errors
    /// Lists those that there are.
    pub fn require_blind_spot(&self, id: BlindSpotId) -> Result<&BlindSpot> {
        let snapshot = self.require_snapshot()?;
        snapshot.blind_spot(id).ok_or_else(|| {
            let spots = snapshot.blind_spots.iter();
            let named =
                spots.map(|spot| format!("{} ({})", spot.id, self.blind_spot_name(spot.id)));
            Error::input(format!("there is no blind spot {id}")).hint(there_are(named))
        })
    }

    /// An example that may be looked at.
    ///
    /// # Errors
    /// When there is none, or when it is sealed.
    pub fn require_example(&self, key: &ExampleKey) -> Result<&Example> {
        let found = self.dataset.index_of(key);
        let example = found.map(|index| &self.dataset.examples[index]);
        match example {
            Some(example) if example.role == Role::Final => Err(Error::input(format!(
                "{} is a row of final, which is sealed",
                self.dataset.place(example)
            ))
            .hint("nobody sees or judges rows of final: they alone give a verdict")),
            Some(example) => Ok(example),
            None => Err(Error::input(format!("there is no example `{key}`")).hint(
                "`blindspot show PROJECT blind-spot N` lists errors with their ids, and \
                 `blindspot export` writes all",
            )),
        }
    }

    /// An error of the blind spots in use.
    ///
    /// # Errors
    /// When there is no such example, or when it is in no blind spot.
    pub fn require_error(&self, key: &ExampleKey) -> Result<()> {
        self.require_example(key)?;
        let mut spots = self.require_snapshot()?.blind_spots.iter();
        match spots.any(|spot| spot.members().any(|member| member == key)) {
            true => Ok(()),
            false => Err(
                Error::input(format!("`{key}` is no error of the blind spots in use")).hint(
                    "only confident errors that were frozen can be moved; `blindspot show PROJECT \
                     blind-spot N` lists them",
                ),
            ),
        }
    }

    /// The label of a name, however it is written.
    ///
    /// # Errors
    /// Lists the labels.
    pub fn require_label(&self, name: &str) -> Result<Label> {
        self.dataset
            .label_meant(name)
            .ok_or_else(|| self.no_label(name))
    }

    /// The error for a label that is not there.
    pub(crate) fn no_label(&self, name: &str) -> Error {
        let labels = self.dataset.labels.iter().cloned();
        Error::input(format!("there is no label `{name}`")).hint(there_are(labels))
    }

    /// A lesson.
    ///
    /// # Errors
    /// Lists those that there are.
    pub fn require_lesson(&self, id: &RecordId) -> Result<&Arc<Lesson>> {
        let lessons = &self.document.lessons;
        lessons.get(id).ok_or_else(|| {
            let named = lessons.values();
            let named = named.map(|lesson| format!("{} (by {})", lesson.id, lesson.teacher));
            Error::input(format!("there is no lesson `{id}`")).hint(there_are(named))
        })
    }

    /// A hypothesis with its lesson.
    ///
    /// # Errors
    /// Lists those that there are.
    pub fn require_hypothesis(&self, id: &RecordId) -> Result<(&Lesson, &Hypothesis)> {
        let lessons = self.document.lessons.values();
        let mut all = lessons.flat_map(|lesson| {
            let lesson = lesson.as_ref();
            lesson.hypotheses.iter().map(move |h| (lesson, h))
        });
        let found = all.find(|(_, hypothesis)| hypothesis.id == *id);
        found.ok_or_else(|| self.no_hypothesis(id))
    }

    /// The error for a hypothesis that is not there.
    pub(crate) fn no_hypothesis(&self, id: &RecordId) -> Error {
        let lessons = self.document.lessons.values();
        let all = lessons.flat_map(|lesson| &lesson.hypotheses);
        Error::input(format!("there is no hypothesis `{id}` here"))
            .hint(there_are(all.map(|hypothesis| hypothesis.id.to_string())))
    }

    /// A sample with its lesson.
    ///
    /// # Errors
    /// Says where samples are listed.
    pub fn require_sample(&self, id: &RecordId) -> Result<(&Lesson, &Sample)> {
        let lessons = self.document.lessons.values();
        let mut all = lessons.flat_map(|lesson| {
            let lesson = lesson.as_ref();
            lesson.samples.iter().map(move |sample| (lesson, sample))
        });
        all.find(|(_, sample)| sample.id == *id).ok_or_else(|| {
            Error::input(format!("there is no sample `{id}`"))
                .hint("`blindspot show PROJECT lessons` lists samples with their ids")
        })
    }

    /// A round.
    ///
    /// # Errors
    /// Lists those that there are.
    pub fn require_round(&self, number: u32) -> Result<&Arc<RoundResult>> {
        self.round(number).ok_or_else(|| {
            let rounds = self.rounds.iter();
            let named = rounds.map(|result| result.round.number.to_string());
            Error::input(format!("there is no round {number}")).hint(there_are(named))
        })
    }

    /// A second model, listed or taken off the list.
    ///
    /// # Errors
    /// Lists those that there are.
    pub fn require_second_model(&self, number: u32) -> Result<&Arc<SecondResult>> {
        let mut all = self.all_second_models.iter();
        all.find(|result| result.model.number == number)
            .ok_or_else(|| {
                let numbers = self.all_second_models.iter();
                let named = numbers.map(|result| result.model.number.to_string());
                Error::input(format!("there is no second model {number}")).hint(there_are(named))
            })
    }
}

fn there_are(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(MOST_LISTED);
    names.truncate(MOST_LISTED);
    match (names.is_empty(), more) {
        (true, _) => "there are none yet".to_owned(),
        (false, 0) => format!("there are: {}", names.join(", ")),
        (false, more) => format!("there are: {} and {more} more", names.join(", ")),
    }
}

/// The error for what needs the base's answers.
pub(crate) fn not_scored() -> Error {
    Error::input("the examples have not been scored yet").hint("fit the base model first")
}
