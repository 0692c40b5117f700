//! Which round is shown where nobody chose one: the project's own last, or the
//! one that came with it.

use crate::comparison::Comparison;
use crate::records::{ArmRun, Opening, Role};
use crate::steps::shipped_round::ShippedRound;
use crate::steps::{RoundResult, State};
use crate::support::text::times;

/// What is said of a round that came with a project and is not of all lessons.
const FURTHER_LESSONS: &str = "Lessons were written since; these figures are of those that came \
    with the project. Retrain to see what yours do";

/// The round that is shown.
#[derive(Debug, Clone, Copy)]
pub enum ShownRound<'a> {
    /// The last round of the project.
    Own(&'a RoundResult),
    /// The round that came with it, as long as it has none of its own: only to
    /// be looked at.
    CameWith(&'a ShippedRound),
}

impl<'a> ShownRound<'a> {
    /// The record with the comparisons.
    pub fn result(self) -> &'a RoundResult {
        match self {
            ShownRound::Own(result) => result,
            ShownRound::CameWith(shipped) => &shipped.result,
        }
    }

    /// The comparison on *final* if it was opened, else the one on *check*.
    pub fn comparison(self) -> Option<&'a Comparison> {
        let of = |role| self.result().comparison(role).map(AsRef::as_ref);
        of(Role::Final).or_else(|| of(Role::Check))
    }

    /// Openings of *final* where the round was trained, for whatever round.
    pub fn openings(self, state: &'a State) -> &'a [Opening] {
        match self {
            ShownRound::Own(_) => &state.openings,
            ShownRound::CameWith(shipped) => &shipped.openings,
        }
    }

    /// The run that draws the map after retraining;
    /// [`RoundResult::answers_of`] says what it answers.
    pub fn run(self) -> Option<&'a ArmRun> {
        match self {
            ShownRound::Own(result) => result.round.model(),
            ShownRound::CameWith(shipped) => shipped.answering(),
        }
    }

    /// One line that says so of a round that came with the project.
    pub fn came_with(self) -> Option<String> {
        match self {
            ShownRound::Own(_) => None,
            ShownRound::CameWith(shipped) => Some(shipped.said()),
        }
    }

    /// Why its figures may not stand for the project as it is now.
    pub fn outdated(self, state: &State) -> Option<String> {
        match self {
            ShownRound::Own(result) => state.outdated(&result.round),
            ShownRound::CameWith(shipped) => {
                let further = || FURTHER_LESSONS.to_owned();
                let is_further = state.tables.has_further_lessons();
                (shipped.corrected_since(state)).or_else(|| is_further.then(further))
            }
        }
    }
}

impl State {
    /// The round that is shown where nobody chose another: the last of the
    /// project, or the one that came with it and is still of this base, these
    /// blind spots and these lessons.
    pub fn shown_round(&self) -> Option<ShownRound<'_>> {
        match self.rounds.last() {
            Some(last) => Some(ShownRound::Own(last)),
            None => self.came_with().map(ShownRound::CameWith),
        }
    }

    /// The round that came with the project, if that is the one to show.
    pub fn came_with(&self) -> Option<&ShippedRound> {
        let shipped = self.shipped_round.as_ref()?.as_ref().ok()?;
        let shows = self.rounds.is_empty() && self.tables.shipped_is_stale().is_none();
        shows.then_some(shipped.as_ref())
    }

    /// How often *final* was opened, by whom: in the same words wherever it is
    /// said, to go on from “The texts of *final* were”.
    pub fn openings_said(&self) -> String {
        let elsewhere = self.came_with().map_or(0, |shipped| shipped.openings.len());
        let there = format!(
            "opened {} for the round that came with the project",
            times(elsewhere)
        );
        match (self.openings.len(), elsewhere) {
            (0, 0) => "never opened".to_owned(),
            (here, 0) => format!("opened {}", times(here)),
            (0, _) => format!("never opened here; {there}"),
            (here, _) => format!("opened {} here; {there}", times(here)),
        }
    }

    /// Why a round that came with the project is not shown though it has none
    /// of its own; in words, with what to do.
    pub fn round_left_aside(&self) -> Option<&str> {
        let why = match self.shipped_round.as_ref()? {
            Ok(_) => self.tables.shipped_is_stale()?,
            Err(why) => why,
        };
        self.rounds.is_empty().then_some(why)
    }
}
