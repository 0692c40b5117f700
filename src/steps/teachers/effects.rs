//! What became of the errors after retraining with each teacher alone.

use std::collections::{BTreeMap, BTreeSet};

use crate::comparison::{Comparison, Slice, SliceTable};
use crate::discovery::UnknownUnknown;
use crate::records::{Arm, ExampleKey, Round};
use crate::steps::Basis;
use crate::steps::teachers::{AfterRetraining, Overlap, SourceFigures};
use crate::support::Result;

pub(super) fn after(
    teacher: &str,
    arm: &Arm,
    round: &Round,
    comparison: &Comparison,
    money: Option<f64>,
) -> AfterRetraining {
    let sources: Vec<SourceFigures> = (comparison.slices.iter())
        .filter_map(|table| source_figures(table, arm))
        .collect();
    let removed: f64 = sources
        .iter()
        .map(|figures| figures.base - figures.errors)
        .sum();
    AfterRetraining {
        teacher: teacher.to_owned(),
        round: round.number,
        sources,
        removed,
        money_per_removed: money.filter(|_| removed > 0.0).map(|money| money / removed),
    }
}

fn source_figures(table: &SliceTable, arm: &Arm) -> Option<SourceFigures> {
    let Slice::Source(source) = &table.slice else {
        return None;
    };
    let figures = table.arm(arm)?;
    let base = table
        .arm(&Arm::Base)
        .or_else(|| table.arm(&Arm::Reference))?;
    let best = figures.versus.first();
    Some(SourceFigures {
        source: source.clone(),
        rows: table.rows,
        base: base.matched_errors,
        errors: figures.matched_errors,
        best_control: best.map(|versus| versus.control.clone()),
        against_best: best.map(|versus| (versus.difference.mean, versus.difference.interval)),
        seeds: figures.seeds.len(),
    })
}

/// Keys of the errors that an arm's models get right in most seeds.
///
/// # Errors
/// When the answers of a model are gone or damaged.
pub(super) fn most_seeds_right(
    basis: &Basis<'_>,
    round: &Round,
    arm: &Arm,
    errors: &[UnknownUnknown],
) -> Result<BTreeSet<ExampleKey>> {
    let examples = &basis.project.workspace.dataset.examples;
    let mut right: BTreeMap<usize, usize> = BTreeMap::new();
    let mut seeds = 0;
    for run in round.runs.iter().filter(|run| run.arm == *arm) {
        let predictions = basis.project.result_of(run)?;
        seeds += 1;
        for error in errors {
            let answer = predictions.of_example(error.example, 1.0);
            if answer.is_some_and(|answer| answer.label == error.true_label) {
                *right.entry(error.example).or_default() += 1;
            }
        }
    }
    let most = right.into_iter().filter(|(_, count)| 2 * count > seeds);
    Ok(most.map(|(index, _)| examples[index].key.clone()).collect())
}

pub(super) fn overlaps(corrected: &[(&str, BTreeSet<ExampleKey>)], of: usize) -> Vec<Overlap> {
    let mut overlaps = Vec::new();
    for (at, (first, one)) in corrected.iter().enumerate() {
        for (second, other) in &corrected[at + 1..] {
            overlaps.push(Overlap {
                first: (*first).to_owned(),
                second: (*second).to_owned(),
                of,
                both: one.intersection(other).cloned().collect(),
                only_first: one.difference(other).cloned().collect(),
                only_second: other.difference(one).cloned().collect(),
            });
        }
    }
    overlaps
}

#[cfg(test)]
mod tests {
    use crate::steps::teachers::effects::*;

    #[test]
    fn equal_numbers_of_removed_errors_can_be_others() {
        let keys = |names: &[&str]| names.iter().map(|n| ExampleKey((*n).into())).collect();
        let corrected = [("human", keys(&["a", "b"])), ("model", keys(&["b", "c"]))];
        let overlap = &overlaps(&corrected, 5)[0];
        assert_eq!(overlap.both, [ExampleKey("b".into())]);
        assert_eq!(overlap.only_first, [ExampleKey("a".into())]);
        assert_eq!(overlap.only_second, [ExampleKey("c".into())]);
    }
}
