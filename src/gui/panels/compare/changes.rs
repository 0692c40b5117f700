//! What became of each visible row under one other model than the base.

use std::collections::BTreeMap;
use std::sync::Arc;

use eframe::egui::Context;

use super::looked::Looked;
use crate::discovery::{AnswerTable, Fate, Outcome};
use crate::drawing::Mark;
use crate::gui::following::Following;
use crate::gui::read::Read;
use crate::inference::{Prediction, Predictions};
use crate::records::{ArmRun, Role};

/// A row before and after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change {
    /// What the base said.
    pub before: Prediction,
    /// What the other model says; none if its answer did not come along.
    pub after: Option<Prediction>,
    /// Whether the base was confidently wrong.
    pub was_uu: bool,
    /// One of the four outcomes, or none of them.
    pub outcome: Mark,
}

/// What became of all rows, kept until round, run or truths change.
#[derive(Default)]
pub(super) struct Changes {
    following: Following<Asked, Changed>,
    /// The run that is looked at; chosen by hand, else the model of the round.
    pub run: Option<ArmRun>,
    /// Empty while the answers are being read or held against each other.
    changed: Arc<Changed>,
}

/// What became of all rows.
#[derive(Default)]
pub(super) struct Changed {
    /// One for each row of the base's predictions.
    pub rows: Vec<Change>,
    /// Rows that have one of the four outcomes, ascending.
    pub with_outcome: Vec<usize>,
    /// How many rows of a role have an outcome.
    pub counts: BTreeMap<(Mark, Role), usize>,
}

/// What that is made of: what the base says under the blind spots of the
/// round, and what another model says.
#[derive(Clone)]
struct Asked {
    base: Arc<AnswerTable>,
    after: Arc<Predictions>,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.base.is_same(&other.base) && Arc::ptr_eq(&self.after, &other.after)
    }
}

impl Changes {
    /// Follows what is looked at.
    pub(super) fn update(&mut self, looked: Looked<'_>, read: &Read<'_>, ctx: &Context) {
        let runs = looked.runs();
        if self.run.as_ref().is_none_or(|run| !runs.contains(run)) {
            self.run = looked.usual_run().cloned();
        }
        let Some(asked) = self.asked(looked, read) else {
            self.following.clear();
            self.changed = Arc::default();
            return;
        };
        let (of, rows) = (asked.clone(), asked.base.len());
        let make = move || of.changed();
        if self.following.follow(asked, rows, ctx, make)
            && let Some(changed) = self.following.value()
        {
            self.changed = Arc::clone(changed);
        }
    }

    /// What became of all rows, as far as it is known.
    pub(super) fn known(&self) -> &Arc<Changed> {
        &self.changed
    }

    fn asked(&self, looked: Looked<'_>, read: &Read<'_>) -> Option<Asked> {
        let mut snapshots = read.state.snapshots.iter();
        let snapshot = snapshots.find(|snapshot| snapshot.version == looked.snapshot())?;
        Some(Asked {
            base: read.state.answers_for(snapshot)?,
            after: Arc::clone(looked.answers(self.run.as_ref())?),
        })
    }
}

impl Asked {
    /// A row that the other model was not asked about has no outcome, nor has
    /// one of *validation*, which decides how long is trained: the figures do
    /// not count it either.
    fn changed(&self) -> Changed {
        let mut changed = Changed::default();
        let (base, after) = (&self.base, self.base.of_another(Arc::clone(&self.after)));
        for row in base.rows() {
            let now = after.row_of(base.index(row));
            let role = base.example(row).role;
            let counts = role != Role::Validation;
            let fate = now.and_then(|now| Fate::of(base.outcome(row), after.outcome(now)));
            let outcome = fate.filter(|_| counts).into();
            if outcome != Mark::Plain {
                *changed.counts.entry((outcome, role)).or_default() += 1;
                changed.with_outcome.push(row);
            }
            changed.rows.push(Change {
                before: base.answer(row),
                after: now.map(|now| after.answer(now)),
                was_uu: counts && base.outcome(row) == Outcome::UnknownUnknown,
                outcome,
            });
        }
        changed
    }
}
