//! Every figure of the comparisons, one table for each kind of figure.

use super::table::{Cell, Kind, Row, Table};
use crate::comparison::curves::{Curves, Point};
use crate::comparison::intervals::Difference;
use crate::comparison::metrics::ReliabilityBin;
use crate::comparison::{
    ArmFigures, BlindSpotFigures, BlindSpotTable, Comparison, Outcomes, SliceTable,
};
use crate::steps::State;

/// All tables on the comparisons of all rounds.
pub(super) fn all(state: &State) -> Vec<Table> {
    vec![
        arms(state),
        versus(state),
        seeds(state),
        blind_spot_outcomes(state),
        curves(state),
    ]
}

/// Calls `rows` for every arm of every slice of every comparison, with the
/// cells that say which one it is.
fn each_arm(state: &State, mut rows: impl FnMut(Row, &SliceTable, &ArmFigures)) {
    each_comparison(state, |round, comparison| {
        for table in &comparison.slices {
            for figures in &table.arms {
                let place = vec![
                    round.into(),
                    comparison.role.name().into(),
                    table.slice.to_string().into(),
                    figures.arm.to_string().into(),
                ];
                rows(place, table, figures);
            }
        }
    });
}

fn each_comparison(state: &State, mut call: impl FnMut(u32, &Comparison)) {
    for result in &state.rounds {
        for comparison in &result.comparisons {
            call(result.round.number, comparison);
        }
    }
}

const PLACE: [(&str, Kind); 4] = [
    ("round", Kind::Whole),
    ("role", Kind::Text),
    ("slice", Kind::Text),
    ("arm", Kind::Text),
];

fn with_place(name: &'static str, more: &[(&str, Kind)]) -> Table {
    Table::new(name, &[&PLACE, more].concat())
}

/// A difference as mean, bounds of its 95 % interval and standard error.
fn difference(difference: Option<&Difference>) -> [Cell; 4] {
    [
        difference.map(|d| d.mean).into(),
        difference.map(|d| d.interval.lower).into(),
        difference.map(|d| d.interval.upper).into(),
        difference.map(|d| d.standard_error).into(),
    ]
}

/// One row for each arm of each slice.
fn arms(state: &State) -> Table {
    let number = Kind::Number;
    let mut table = with_place(
        "comparison",
        &[
            ("seeds", Kind::Whole),
            ("rows", Kind::Whole),
            ("groups", Kind::Whole),
            ("confident_rows_of_base", Kind::Whole),
            ("errors_among_most_confident", number),
            ("best_control", Kind::Text),
            ("difference_to_best_control", number),
            ("difference_lower", number),
            ("difference_upper", number),
            ("difference_standard_error", number),
            ("unknown_unknowns", number),
            ("unknown_unknowns_scaled", number),
            ("corrected", number),
            ("quieted", number),
            ("remaining", number),
            ("new", number),
            ("accuracy", number),
            ("accuracy_change_points", number),
            ("accuracy_change_lower", number),
            ("accuracy_change_upper", number),
            ("accuracy_change_standard_error", number),
            ("calibration_error", number),
            ("calibration_error_scaled", number),
            ("brier", number),
            ("risk_coverage_area", number),
            ("verdict", Kind::Text),
            ("p_adjusted", number),
            ("verdict_sentence", Kind::Text),
        ],
    );
    each_arm(state, |mut row, slice, figures| {
        let best = figures.versus.first();
        let verdict = figures.verdict.as_ref();
        let outcomes = &figures.outcomes;
        row.extend([
            figures.seeds.len().into(),
            slice.rows.into(),
            slice.groups.into(),
            slice.confident.into(),
            figures.matched_errors.into(),
            best.map(|versus| versus.control.to_string()).into(),
        ]);
        row.extend(difference(best.map(|versus| &versus.difference)));
        row.extend([
            figures.unknown_unknowns.into(),
            figures.unknown_unknowns_scaled.into(),
            outcomes.corrected.into(),
            outcomes.quieted.into(),
            outcomes.remaining.into(),
            outcomes.new.into(),
            figures.accuracy.into(),
        ]);
        row.extend(difference(Some(&figures.accuracy_change)));
        row.extend([
            figures.calibration_error.into(),
            figures.calibration_error_scaled.into(),
            figures.brier.into(),
            figures.risk_coverage_area.into(),
            verdict.map(|verdict| verdict.call.to_string()).into(),
            verdict.map(|verdict| verdict.p_adjusted).into(),
            verdict.map(|verdict| verdict.sentence.clone()).into(),
        ]);
        table.rows.push(row);
    });
    table
}

/// One row for each arm and control of each slice.
fn versus(state: &State) -> Table {
    let mut table = with_place(
        "against_controls",
        &[
            ("control", Kind::Text),
            ("seeds", Kind::Whole),
            ("difference", Kind::Number),
            ("lower", Kind::Number),
            ("upper", Kind::Number),
            ("standard_error", Kind::Number),
            ("degrees_of_freedom", Kind::Number),
            ("groups_fewer", Kind::Whole),
            ("groups_more", Kind::Whole),
            ("p_fewer", Kind::Number),
            ("p_more", Kind::Number),
        ],
    );
    each_arm(state, |place, _, figures| {
        for versus in &figures.versus {
            let mut row = place.clone();
            row.push(versus.control.to_string().into());
            row.push(versus.difference.seeds.into());
            row.extend(difference(Some(&versus.difference)));
            row.extend([
                versus.difference.degrees_of_freedom.into(),
                versus.groups_fewer.into(),
                versus.groups_more.into(),
                versus.p_fewer.into(),
                versus.p_more.into(),
            ]);
            table.rows.push(row);
        }
    });
    table
}

/// The primary endpoint of every single run.
fn seeds(state: &State) -> Table {
    let columns = [
        ("seed", Kind::Whole),
        ("errors_among_most_confident", Kind::Number),
    ];
    let mut table = with_place("by_seed", &columns);
    each_arm(state, |place, _, figures| {
        for (position, errors) in figures.matched_errors_by_seed.iter().enumerate() {
            let mut row = place.clone();
            row.push(figures.seeds.get(position).copied().into());
            row.push((*errors).into());
            table.rows.push(row);
        }
    });
    table
}

/// One row for each arm in the region of each blind spot.
fn blind_spot_outcomes(state: &State) -> Table {
    let number = Kind::Number;
    let mut table = Table::new(
        "blind_spot_outcomes",
        &[
            ("round", Kind::Whole),
            ("role", Kind::Text),
            ("blind_spot", Kind::Whole),
            ("name", Kind::Text),
            ("taught", Kind::Flag),
            ("rows", Kind::Whole),
            ("enough_rows", Kind::Flag),
            ("before", number),
            ("arm", Kind::Text),
            ("after", number),
            ("share_lower", number),
            ("share_upper", number),
            ("corrected", number),
            ("quieted", number),
            ("remaining", number),
            ("new", number),
            ("kept_back", Kind::Whole),
            ("kept_back_corrected", number),
            ("kept_back_quieted", number),
            ("kept_back_remaining", number),
        ],
    );
    let row =
        |round: u32, comparison: &Comparison, spot: &BlindSpotTable, arm: &BlindSpotFigures| {
            let outcomes = &arm.outcomes;
            let kept_back = |part: fn(&Outcomes) -> f64| arm.kept_back.as_ref().map(part).into();
            vec![
                round.into(),
                comparison.role.name().into(),
                spot.blind_spot.0.into(),
                spot.name.as_str().into(),
                spot.taught.into(),
                spot.rows.into(),
                spot.enough_rows.into(),
                spot.before.count.into(),
                arm.arm.to_string().into(),
                arm.after.count.into(),
                arm.after.share.lower.into(),
                arm.after.share.upper.into(),
                outcomes.corrected.into(),
                outcomes.quieted.into(),
                outcomes.remaining.into(),
                outcomes.new.into(),
                spot.kept_back.into(),
                kept_back(|o| o.corrected),
                kept_back(|o| o.quieted),
                kept_back(|o| o.remaining),
            ]
        };
    each_comparison(state, |round, comparison| {
        for spot in &comparison.blind_spots {
            let rows = spot
                .arms
                .iter()
                .map(|arm| row(round, comparison, spot, arm));
            table.rows.extend(rows);
        }
    });
    table
}

/// All curves as points.
fn curves(state: &State) -> Table {
    let columns = [
        ("curve", Kind::Text),
        ("x", Kind::Number),
        ("y", Kind::Number),
        ("rows", Kind::Number),
    ];
    let mut table = with_place("curves", &columns);
    each_arm(state, |place, _, figures| {
        for (name, x, y, rows) in points(&figures.curves) {
            let mut row = place.clone();
            row.extend([name.into(), x.into(), y.into(), rows.into()]);
            table.rows.push(row);
        }
    });
    table
}

fn points(curves: &Curves) -> Vec<(&'static str, f64, f64, Option<f64>)> {
    let mut all = Vec::new();
    let lines: [(&'static str, &[Point]); 3] = [
        ("risk over coverage", &curves.risk_coverage),
        ("unknown unknowns over τ", &curves.over_tau),
        ("unknown unknowns over τ, scaled", &curves.over_tau_scaled),
    ];
    for (name, line) in lines {
        all.extend(line.iter().map(|point| (name, point.x, point.y, None)));
    }
    let bins: [(&'static str, &[ReliabilityBin]); 2] = [
        ("accuracy over confidence", &curves.reliability),
        (
            "accuracy over confidence, scaled",
            &curves.reliability_scaled,
        ),
    ];
    for (name, bins) in bins {
        all.extend(
            bins.iter()
                .map(|bin| (name, bin.confidence, bin.accuracy, Some(bin.rows))),
        );
    }
    all
}
