//! What became of the errors after retraining with each teacher alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::comparison::intervals::Difference;
use crate::comparison::sizes::Price;
use crate::comparison::{Comparison, Slice, SliceTable};
use crate::discovery::UnknownUnknown;
use crate::records::{Arm, ExampleKey, Role, Round};
use crate::steps::Basis;
use crate::steps::compare::{Comparing, ScoredRun, removed};
use crate::steps::teachers::{AfterRetraining, Overlap, PerRemoved, Removed, SourceFigures};
use crate::support::{Progress, Result};

/// What retraining with one teacher alone removed, and what that cost: the
/// price of a sample for each that was trained on.
///
/// # Errors
/// When the answers of a model are gone or damaged, or when cancelled.
pub(super) fn after(
    basis: &Basis<'_>,
    (teacher, arm): (&str, &Arm),
    (round, comparison): (&Round, &Comparison),
    price: &Price,
    progress: &Progress,
) -> Result<AfterRetraining> {
    let sources = comparison.slices.iter();
    let sources = sources.filter_map(|table| source_figures(table, arm));
    let runs = || round.runs.iter();
    let against = match runs().any(|run| run.arm == Arm::Base) {
        true => Arm::Base,
        false => Arm::Reference,
    };
    let removed = over_sources(basis, round, (arm, &against), progress)?;
    let of_arm = runs().filter(|run| run.arm == *arm);
    let samples = of_arm.map(|run| run.added).max().unwrap_or(0);
    let removed = removed.map(|difference| Removed {
        errors: difference.mean,
        interval: difference.interval,
    });
    let money = price.money.map(|money| money * samples as f64);
    Ok(AfterRetraining {
        teacher: teacher.to_owned(),
        round: round.number,
        sources: sources.collect(),
        against,
        removed,
        samples,
        money,
        price_from: price.from.clone(),
        per_removed: removed.map(|removed| PerRemoved::of(removed, money)),
    })
}

/// Errors on *check* that an arm has fewer than another, with an interval over
/// seeds and groups; `None` where the round was trained from another base, or
/// one of the arms was not.
fn over_sources(
    basis: &Basis<'_>,
    round: &Round,
    (arm, against): (&Arm, &Arm),
    progress: &Progress,
) -> Result<Option<Difference>> {
    let project = basis.project;
    let snapshot = project.snapshot_of(round)?;
    if snapshot.model != basis.base.info.id {
        return Ok(None);
    }
    let truths = project.truths(basis.document);
    let reference = project.answers_for(&snapshot, Arc::clone(basis.reference), &truths);
    let runs = round.runs.iter();
    let read: Vec<_> = runs
        .filter(|run| run.arm == *arm || run.arm == *against)
        .map(|run| Ok((run, reference.of_another(project.result_of(run)?))))
        .collect::<Result<_>>()?;
    let runs: Vec<ScoredRun<'_>> = (read.iter())
        .map(|(run, answers)| ScoredRun {
            arm: run.arm.clone(),
            seed: run.seed,
            answers,
        })
        .collect();
    let comparing = Comparing {
        role: Role::Check,
        snapshot: &snapshot,
        names: &|id| id.to_string(),
        taught: &BTreeSet::new(),
        reference: &reference,
        runs: &runs,
        arms: &[arm.clone(), against.clone()],
        endpoints: &project.workspace.manifest.comparison,
        seed: 0,
    };
    removed(&comparing, (arm, against), progress)
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
    use crate::comparison::intervals::Interval;
    use crate::steps::teachers::effects::*;

    #[test]
    fn an_error_has_a_price_only_where_some_surely_went_away() {
        let removed = |errors, lower, upper| Removed {
            errors,
            interval: Interval { lower, upper },
        };
        let price = |removed| PerRemoved::of(removed, Some(6.0));
        let expected = PerRemoved::Money {
            money: 0.5,
            lower: 0.3,
            upper: 1.5,
        };
        assert_eq!(price(removed(12.0, 4.0, 20.0)), expected);
        assert_eq!(price(removed(12.0, -1.0, 25.0)), PerRemoved::NoneRemoved);
        assert_eq!(price(removed(-9.0, -12.0, -6.0)), PerRemoved::Added);
        let free = PerRemoved::of(removed(12.0, 4.0, 20.0), None);
        assert_eq!(free, PerRemoved::NoPrice);
    }

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
