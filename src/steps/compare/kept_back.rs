//! Whether what was taught carries over to errors that no teacher saw: those
//! kept back of each blind spot, asked before and after retraining.

use crate::comparison::outcomes::{mean_outcomes, outcomes};
use crate::comparison::{Comparison, Evaluation, Outcomes, Row, grade};
use crate::discovery::true_label;
use crate::inference::Predictions;
use crate::records::{Arm, ExampleKey, Label};
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
        let errors = KeptBack::new(from, &spot.kept_back);
        table.kept_back = errors.examples.len();
        for figures in &mut table.arms {
            if may_have_trained_on_them(&figures.arm) || table.kept_back == 0 {
                continue;
            }
            let runs = from.runs.iter().filter(|run| run.arm == figures.arm);
            let after: Vec<Outcomes> = runs
                .map(|run| errors.outcomes(from, run.predictions))
                .collect::<Result<_>>()?;
            figures.kept_back = Some(mean_outcomes(&after));
        }
    }
    Ok(())
}

/// These arms draw from all rows of *discovery*.
fn may_have_trained_on_them(arm: &Arm) -> bool {
    matches!(arm, Arm::Uus | Arm::RandomDiscovery)
}

/// Kept-back errors of a blind spot, without those that people judged to be
/// none.
struct KeptBack {
    examples: Vec<usize>,
    rows: Vec<Row>,
}

impl KeptBack {
    fn new(from: &Comparing<'_>, keys: &[ExampleKey]) -> Self {
        let row = |index: usize, truth: Label| {
            let example = &from.dataset.examples[index];
            Row {
                truth,
                group: example.group,
                source: example.source,
            }
        };
        let errors = keys.iter().filter_map(|key| {
            let index = from.dataset.index_of(key)?;
            let truth = true_label(&from.dataset.examples[index], from.triage)?;
            Some((index, row(index, truth)))
        });
        let (examples, rows) = errors.unzip();
        Self { examples, rows }
    }

    fn outcomes(&self, from: &Comparing<'_>, after: &Predictions) -> Result<Outcomes> {
        let positions: Vec<usize> = (0..self.rows.len()).collect();
        let graded = |predictions: &Predictions| {
            let temperature = from.snapshot.temperature;
            let said = Evaluation::from_predictions(
                predictions,
                &self.examples,
                temperature,
                temperature,
            )?;
            Ok(grade(&self.rows, &said, &positions))
        };
        let tau = from.snapshot.settings.tau;
        Ok(outcomes(&graded(from.reference)?, &graded(after)?, tau))
    }
}
