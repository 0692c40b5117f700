//! Every figure of the comparisons, one table for each kind of figure. Their
//! columns come from the list of figures.

use super::table::{Row, Table};
use crate::comparison::figures::{self, CURVES};
use crate::comparison::{ArmFigures, Comparison, SliceTable};
use crate::steps::State;
use crate::support::figures::{Cell, cells};

/// All tables on the comparisons of all rounds.
pub(super) fn all(state: &State) -> Vec<Table> {
    vec![
        arms(state),
        versus(state),
        endpoints(state),
        sizes(state),
        worths(state),
        seeds(state),
        blind_spot_outcomes(state),
        created(state),
        curves(state),
    ]
}

/// Every comparison with the cells that say which one it is.
fn comparisons(state: &State) -> impl Iterator<Item = (Row, &Comparison)> {
    state.rounds.iter().flat_map(|result| {
        result.comparisons.iter().map(|comparison| {
            let which = vec![result.round.number.into(), comparison.role.name().into()];
            (which, comparison.as_ref())
        })
    })
}

/// Every arm of every slice of every comparison, with the cells that say
/// which one it is.
fn each_arm(state: &State) -> impl Iterator<Item = (Row, &SliceTable, &ArmFigures)> {
    comparisons(state).flat_map(|(which, comparison)| {
        comparison.slices.iter().flat_map(move |slice| {
            let which = which.clone();
            slice.arms.iter().map(move |arm| {
                let place = [slice.slice.to_string(), arm.arm.to_string()].map(Cell::from);
                ([&which[..], &place].concat(), slice, arm)
            })
        })
    })
}

const ROUND: [&str; 2] = ["round", "role"];
const PLACE: [&str; 4] = ["round", "role", "slice", "arm"];

/// One row for each arm of each slice.
fn arms(state: &State) -> Table {
    let size = figures::slice();
    let mut figures = figures::errors();
    figures.extend(figures::answers());
    figures.extend(figures::verdict());
    let mut table = Table::new("comparison", &PLACE)
        .figures(&size)
        .figures(&figures);
    for (mut row, slice, arm) in each_arm(state) {
        row.extend(cells(&size, slice).chain(cells(&figures, arm)));
        table.rows.push(row);
    }
    table
}

/// One row for each arm and control of each slice.
fn versus(state: &State) -> Table {
    let figures = figures::against_controls();
    let mut table = Table::new("against_controls", &PLACE).figures(&figures);
    for (place, _, arm) in each_arm(state) {
        for versus in &arm.versus {
            let row = place.iter().cloned();
            table
                .rows
                .push(row.chain(cells(&figures, versus)).collect());
        }
    }
    table
}

/// One row for each endpoint of each arm and control of each slice.
fn endpoints(state: &State) -> Table {
    let figures = figures::endpoint_against();
    let mut table = Table::new("endpoints", &PLACE).figures(&figures);
    for (place, _, arm) in each_arm(state) {
        for against in figures::endpoints_against(arm) {
            let row = place.iter().cloned();
            table
                .rows
                .push(row.chain(cells(&figures, &against)).collect());
        }
    }
    table
}

/// One row for each endpoint of each arm at each size on each source.
fn sizes(state: &State) -> Table {
    let figures = figures::size_figures();
    let mut table = Table::new("size_curves", &ROUND).figures(&figures);
    for (which, comparison) in comparisons(state) {
        for row in comparison.sizes.iter().flat_map(figures::size_rows) {
            let cells = which.iter().cloned().chain(cells(&figures, &row));
            table.rows.push(cells.collect());
        }
    }
    table
}

/// One row for what each arm with lessons is worth on each source.
fn worths(state: &State) -> Table {
    let figures = figures::worth_figures();
    let mut table = Table::new("worth_in_labels", &ROUND).figures(&figures);
    for (which, comparison) in comparisons(state) {
        for row in comparison.sizes.iter().flat_map(figures::worths) {
            let cells = which.iter().cloned().chain(cells(&figures, &row));
            table.rows.push(cells.collect());
        }
    }
    table
}

/// Errors at matched coverage of every single run.
fn seeds(state: &State) -> Table {
    let mut table = Table::new("by_seed", &PLACE)
        .column("seed")
        .figures(&[figures::matched_errors()]);
    for (place, _, arm) in each_arm(state) {
        for (position, errors) in arm.matched_errors_by_seed.iter().enumerate() {
            let seed = arm.seeds.get(position).copied();
            let run: [Cell; 2] = [seed.into(), (*errors).into()];
            table.rows.push([&place[..], &run].concat());
        }
    }
    table
}

/// One row for each arm in the region of each blind spot.
fn blind_spot_outcomes(state: &State) -> Table {
    let (mut before, mut after) = (figures::spot(), figures::region());
    before.push(figures::unseen());
    after.extend(figures::kept_back());
    let mut table = Table::new("blind_spot_outcomes", &ROUND)
        .figures(&before)
        .column("arm")
        .figures(&after);
    for (which, comparison) in comparisons(state) {
        for spot in &comparison.blind_spots {
            for arm in &spot.arms {
                let mut row = which.clone();
                row.extend(cells(&before, spot));
                row.push(arm.arm.to_string().into());
                row.extend(cells(&after, arm));
                table.rows.push(row);
            }
        }
    }
    table
}

/// One row for each group of created unknown unknowns.
fn created(state: &State) -> Table {
    let (count, groups) = (figures::created(), figures::created_group());
    let mut table = Table::new("created_unknown_unknowns", &ROUND)
        .column("arm")
        .figures(&count)
        .figures(&groups);
    for (which, comparison) in comparisons(state) {
        for created in &comparison.created {
            for group in &created.groups {
                let mut row = which.clone();
                row.push(created.arm.to_string().into());
                row.extend(cells(&count, created).chain(cells(&groups, group)));
                table.rows.push(row);
            }
        }
    }
    table
}

/// All curves as points.
fn curves(state: &State) -> Table {
    let mut table = Table::new("curves", &PLACE);
    for column in ["curve", "x", "y", "rows"] {
        table = table.column(column);
    }
    for (place, _, arm) in each_arm(state) {
        for curve in CURVES {
            let plain = (curve.key.to_owned(), curve.points);
            let scaled = curve
                .scaled
                .map(|read| (format!("{}, scaled", curve.key), read));
            for (name, points) in std::iter::once(plain).chain(scaled) {
                table
                    .rows
                    .extend(points(&arm.curves).into_iter().map(|point| {
                        let numbers: [Cell; 3] =
                            [point.x.into(), point.y.into(), point.rows.into()];
                        [&place[..], &[name.as_str().into()], &numbers].concat()
                    }));
            }
        }
    }
    table
}
