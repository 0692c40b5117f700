//! The tables of answers that belong to a state, made again only where what
//! they come from has changed.

use std::sync::Arc;

use super::State;
use super::shipped_round::Standing;
use crate::discovery::calibration::fit_temperature;
use crate::discovery::{AnswerTable, Truths};
use crate::drawing::ArmHues;
use crate::inference::Predictions;
use crate::records::{Arm, Lesson, Role, Snapshot};

/// What is true, and what the models say.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    truths: Arc<Truths>,
    /// The base's answers under the current settings.
    base: Option<Arc<AnswerTable>>,
    /// The base's answers under the snapshot in use.
    frozen: Option<Arc<AnswerTable>>,
    /// What the model in use answers, under the current settings.
    in_use: Option<Arc<AnswerTable>>,
    /// The colours of arms.
    hues: ArmHues,
    /// How the round that came with the project stands to what it is now.
    shipped: Option<Standing>,
}

impl Tables {
    /// Nobody has been asked yet.
    pub(super) fn of(truths: Arc<Truths>) -> Self {
        Self {
            truths,
            ..Self::default()
        }
    }

    /// Whether lessons were written since a round came with the project.
    pub(super) fn has_further_lessons(&self) -> bool {
        self.shipped == Some(Standing::FurtherLessons)
    }

    /// Why the round that came with the project is not of what it is now.
    pub(super) fn shipped_is_stale(&self) -> Option<&str> {
        match &self.shipped {
            Some(Standing::Stale(why)) => Some(why),
            _ => None,
        }
    }
}

impl State {
    /// The true labels: the data's but where people corrected them.
    pub fn truths(&self) -> &Arc<Truths> {
        &self.tables.truths
    }

    /// The base's answers under the current settings, once it was asked.
    pub fn answers(&self) -> Option<&Arc<AnswerTable>> {
        self.tables.base.as_ref()
    }

    /// The base's answers under the τ and temperature of the snapshot in use,
    /// or else under the current settings.
    pub fn frozen_answers(&self) -> Option<&Arc<AnswerTable>> {
        self.tables.frozen.as_ref()
    }

    /// The base's answers under the τ and temperature of any snapshot.
    pub fn answers_for(&self, snapshot: &Snapshot) -> Option<Arc<AnswerTable>> {
        let said = self.predictions.as_ref()?;
        Some(self.table(said, (snapshot.settings.tau, snapshot.temperature)))
    }

    /// What the model in use answers: the base, or the model of the round that
    /// was chosen. None while that is still being read.
    pub fn answers_in_use(&self) -> Option<&Arc<AnswerTable>> {
        self.tables.in_use.as_ref()
    }

    /// Makes the tables follow the document, the predictions and the rounds:
    /// to be called after any change of these.
    pub fn refresh(&mut self) {
        self.follow_corrections();
        let settings = &self.document.settings;
        let now = (settings.tau, self.effective_temperature());
        let frozen = (self.snapshot()).map_or(now, |s| (s.settings.tau, s.temperature));
        let base = self.predictions.as_ref();
        let shipped = self.shipped_round.as_ref();
        let shipped = shipped.and_then(|read| read.as_ref().ok());
        let tables = Tables {
            truths: Arc::clone(&self.tables.truths),
            base: base.map(|base| self.table(base, now)),
            frozen: base.map(|base| self.table(base, frozen)),
            in_use: self.predictions_in_use().map(|said| self.table(said, now)),
            hues: self.named_arms(),
            shipped: shipped.map(|round| round.standing(self)),
        };
        self.tables = tables;
        let unlisted = &self.document.unlisted_seconds;
        let all = self.all_second_models.iter();
        let listed = all.filter(|result| !unlisted.contains(&result.model.number));
        self.second_models = listed.cloned().collect();
    }

    /// The colours of arms, the same on every face.
    pub fn hues(&self) -> &ArmHues {
        &self.tables.hues
    }

    /// Teachers by their first lesson, then those of whom rounds alone know,
    /// then second models: whoever comes later takes no colour away.
    fn named_arms(&self) -> ArmHues {
        let mut lessons: Vec<&Lesson> = self.document.lessons.values().map(AsRef::as_ref).collect();
        lessons.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
        let of_lessons = lessons.into_iter();
        let mut arms: Vec<Arm> = of_lessons
            .map(|lesson| Arm::Lessons(lesson.teacher.clone()))
            .collect();
        let shipped = self.shipped_round.iter().flatten();
        let shipped = shipped.map(|shipped| &shipped.result);
        let rounds = self.rounds.iter().map(AsRef::as_ref).chain(shipped);
        arms.extend(rounds.flat_map(|result| result.round.plan.arms.iter().cloned()));
        let others = self.all_second_models.iter();
        arms.extend(others.map(|result| Arm::Other(result.model.name())));
        ArmHues::of(&arms)
    }

    /// A correction on *validation* changes the temperature too.
    fn follow_corrections(&mut self) {
        let truths = Truths::new(&self.dataset, &self.document.triage);
        let of_validation =
            |truths: &Truths| truths.fingerprint(&self.dataset, &[Role::Validation]);
        if truths == *self.tables.truths {
            return;
        }
        let refit = of_validation(&truths) != of_validation(&self.tables.truths);
        if let Some(predictions) = self.predictions.as_ref().filter(|_| refit) {
            let fitted = fit_temperature(&self.dataset, predictions, &truths);
            self.temperature = fitted.temperature;
        }
        self.tables.truths = Arc::new(truths);
    }

    /// The table of some predictions, from a table that is there if one fits.
    fn table(&self, said: &Arc<Predictions>, (tau, temperature): (f32, f32)) -> Arc<AnswerTable> {
        let Tables {
            truths,
            base,
            frozen,
            in_use,
            ..
        } = &self.tables;
        let there = || [base, frozen, in_use].into_iter().flatten();
        let same = there().filter(|table| table.is_of(said, temperature));
        match same.clone().next() {
            Some(table) => {
                let wanted = table.under(Arc::clone(truths), tau);
                let known = same.clone().find(|table| table.is_same(&wanted));
                known.map_or_else(|| Arc::new(wanted), Arc::clone)
            }
            None => {
                let (dataset, said) = (Arc::clone(&self.dataset), Arc::clone(said));
                let truths = Arc::clone(truths);
                Arc::new(AnswerTable::new(dataset, said, truths, tau, temperature))
            }
        }
    }
}
