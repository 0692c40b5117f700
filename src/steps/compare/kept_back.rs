//! Whether what was taught carries over to errors that no teacher saw: those
//! kept back of each blind spot, asked before and after retraining.

use crate::comparison::outcomes::mean_outcomes;
use crate::comparison::{Comparison, Outcomes};
use crate::discovery::{AnswerTable, Fate, Outcome};
use crate::records::Arm;
use crate::steps::compare::Comparing;
use crate::support::Result;

/// Adds to each blind spot of a comparison what became of its kept-back
/// errors.
///
/// # Errors
/// When an error was not scored by some run.
pub(super) fn test_on_kept_back(from: &Comparing<'_>, comparison: &mut Comparison) -> Result<()> {
    for table in &mut comparison.blind_spots {
        let Some(spot) = from.snapshot.blind_spot(table.blind_spot) else {
            continue;
        };
        // Without those that people judged to be none: set aside, or right by the
        // corrected label.
        let keys = spot.kept_back.iter();
        let rows: Vec<usize> = keys
            .filter_map(|key| {
                from.reference
                    .row_of(from.reference.dataset().index_of(key)?)
            })
            .filter(|row| {
                let now = from.reference.outcome(*row);
                !matches!(now, Outcome::SetAside | Outcome::Right)
            })
            .collect();
        table.kept_back = rows.len();
        for figures in &mut table.arms {
            if may_have_trained_on_them(&figures.arm) || table.kept_back == 0 {
                continue;
            }
            let runs = from.runs.iter().filter(|run| run.arm == figures.arm);
            let after: Vec<Outcomes> = runs
                .map(|run| fates(from, &rows, run.answers))
                .collect::<Result<_>>()?;
            figures.kept_back = Some(mean_outcomes(&after));
        }
    }
    Ok(())
}

/// These arms draw from all rows of *discovery*.
fn may_have_trained_on_them(arm: &Arm) -> bool {
    matches!(arm, Arm::Uus | Arm::RandomDiscovery | Arm::LessonsAndLabels)
}

/// What became of the kept-back errors of a blind spot under one run.
///
/// # Errors
/// When the run was not asked about one.
fn fates(from: &Comparing<'_>, rows: &[usize], after: &AnswerTable) -> Result<Outcomes> {
    let mut outcomes = Outcomes::default();
    for row in rows {
        let now = after.asked(from.reference.index(*row))?;
        outcomes.count(Fate::of(from.reference.outcome(*row), after.outcome(now)));
    }
    Ok(outcomes)
}
