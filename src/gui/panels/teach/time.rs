//! How long a person has been teaching a lesson: counted while they are at it,
//! and recorded in its cost.

use std::sync::Arc;

use super::{TeachForm, written};
use crate::gui::read::Cx;
use crate::records::{Author, Cost, Lesson, RecordId};
use crate::session::Command;
use crate::steps::State;

impl TeachForm {
    /// The time on the lesson that is written which has not been recorded yet,
    /// as the project is being left.
    pub fn time_left_over(&mut self, state: &State) -> Option<Command> {
        if self.clock.unrecorded().is_zero() {
            return None;
        }
        let on_spot = |lesson: &&Arc<Lesson>| {
            self.spot == Some(lesson.blind_spot) && lesson.author == Author::Human
        };
        let lessons = state.document.lessons.values();
        let lesson = written(lessons.filter(on_spot), self.lesson.as_ref())?;
        Some(self.counted(&lesson.id, Some(lesson), state))
    }

    /// Adds the active time since the last record to a lesson's cost.
    pub(super) fn record_time(&mut self, id: &RecordId, lesson: Option<&Lesson>, cx: &mut Cx<'_>) {
        cx.ask(self.counted(id, lesson, cx.state));
    }

    /// What records the time up to now; counting starts anew.
    fn counted(&mut self, id: &RecordId, lesson: Option<&Lesson>, state: &State) -> Command {
        let so_far = self.so_far(id, lesson);
        let mut cost = self.clock.added_to(&so_far);
        cost.hourly_rate = cost.hourly_rate.or(state.hourly_rate);
        self.recorded = Some((id.clone(), cost.active_seconds));
        let lesson = id.clone();
        Command::SetCost { lesson, cost }
    }

    /// A lesson's cost with the time that was recorded last, which the lesson
    /// itself shows a little later: nothing is counted from an older one.
    fn so_far(&self, id: &RecordId, lesson: Option<&Lesson>) -> Cost {
        let cost = lesson.map_or_else(Cost::default, |lesson| lesson.cost.clone());
        let recorded = self.recorded.as_ref().filter(|(of, _)| of == id);
        let recorded = recorded.map_or(0.0, |(_, seconds)| *seconds);
        Cost {
            active_seconds: cost.active_seconds.max(recorded),
            ..cost
        }
    }

    /// Seconds of teaching on a lesson, up to now.
    pub(super) fn seconds_on(&self, lesson: &Lesson) -> f64 {
        let so_far = self.so_far(&lesson.id, Some(lesson));
        so_far.active_seconds + self.clock.unrecorded().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_counted_from_what_was_recorded_last() {
        let [taught, other] = ["taught", "other"].map(|id| RecordId(id.into()));
        let form = TeachForm {
            recorded: Some((taught.clone(), 75.0)),
            ..TeachForm::default()
        };
        assert_eq!(form.so_far(&taught, None).active_seconds, 75.0);
        assert_eq!(form.so_far(&other, None).active_seconds, 0.0);
    }
}
