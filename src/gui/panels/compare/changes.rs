//! What became of each visible row under one retrained model.

use crate::discovery::{Fate, Outcome};
use crate::drawing::Mark;
use crate::gui::read::Read;
use crate::inference::Prediction;
use crate::records::{ArmRun, Role};
use crate::steps::RoundResult;

/// A row before and after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change {
    /// What the base said.
    pub before: Prediction,
    /// What the retrained model says.
    pub after: Prediction,
    /// Whether the base was confidently wrong.
    pub was_uu: bool,
    /// One of the four outcomes, or none of them.
    pub outcome: Mark,
}

/// All rows, kept until round, run or state change.
#[derive(Default)]
pub(super) struct Changes {
    key: Option<Key>,
    /// The run that is looked at; chosen by hand, else the model of the round.
    pub run: Option<ArmRun>,
    /// One for each row of the base's predictions; empty while the answers are
    /// being read.
    pub rows: Vec<Change>,
    /// Grows with every change.
    pub revision: u64,
}

#[derive(PartialEq)]
struct Key {
    round: u32,
    run: Option<ArmRun>,
    derived: u64,
    read: bool,
}

impl Changes {
    /// Follows the round that is looked at.
    pub(super) fn update(&mut self, result: &RoundResult, read: &Read<'_>) {
        let runs = &result.round.runs;
        if self.run.as_ref().is_none_or(|run| !runs.contains(run)) {
            self.run = result.round.model().cloned();
        }
        let key = Key {
            round: result.round.number,
            run: self.run.clone(),
            derived: read.derived.revision,
            read: !result.answers.is_empty(),
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        self.revision += 1;
        self.rows = self.of_run(result, read).unwrap_or_default();
    }

    fn of_run(&self, result: &RoundResult, read: &Read<'_>) -> Option<Vec<Change>> {
        let base = read.state.predictions.as_ref()?;
        let after = result.answers_of(self.run.as_ref()?)?;
        let mut snapshots = read.state.snapshots.iter();
        let snapshot = snapshots.find(|snapshot| snapshot.version == result.round.snapshot)?;
        let (tau, temperature) = (snapshot.settings.tau, snapshot.temperature);
        let rows = base.examples().iter().enumerate();
        rows.map(|(row, example)| {
            let truth = read.derived.rows.get(row)?.truth;
            let before = base.prediction(row, temperature);
            let after = after.of_example(*example, temperature)?;
            let [was, is] = [before, after].map(|answer| Outcome::of(truth, answer, tau));
            Some(Change {
                before,
                after,
                was_uu: was == Outcome::UnknownUnknown,
                outcome: Fate::of(was, is).into(),
            })
        })
        .collect()
    }

    /// How many rows of a role have an outcome.
    pub(super) fn count(&self, outcome: Mark, role: Role, read: &Read<'_>) -> usize {
        let rows = self.rows.iter().enumerate();
        rows.filter(|(row, change)| {
            let of = read.example(*row).map(|example| example.role);
            change.outcome == outcome && of == Some(role)
        })
        .count()
    }
}
