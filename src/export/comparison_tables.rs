//! Every figure of the comparisons, one table for each kind of figure. Their
//! columns come from the list of figures.

use super::table::{Row, Table};
use crate::comparison::figures::{self, CURVES};
use crate::comparison::{ArmFigures, Comparison, SliceTable};
use crate::steps::State;
use crate::support::figures::{Cell, cells};

/// Comparisons of one kind, each with the cells that say which one it is.
struct Comparisons<'a> {
    /// What the names of the tables begin with.
    prefix: &'static str,
    /// The columns that say which comparison it is.
    which: [&'static str; 2],
    all: Vec<(Row, &'a Comparison)>,
}

/// All tables on the comparisons of all rounds and, if there are any, on those
/// with second models.
pub(super) fn all(state: &State) -> Vec<Table> {
    let of_rounds = state.rounds.iter().flat_map(|result| {
        result.comparisons.iter().map(|comparison| {
            let which = vec![result.round.number.into(), comparison.role.name().into()];
            (which, comparison.as_ref())
        })
    });
    let of_seconds = state.second_models.iter().map(|result| {
        let comparison = result.comparison.as_ref();
        let which = vec![result.model.number.into(), comparison.role.name().into()];
        (which, comparison)
    });
    let rounds = Comparisons {
        prefix: "",
        which: ["round", "role"],
        all: of_rounds.collect(),
    };
    let seconds = Comparisons {
        prefix: "second_model_",
        which: ["second_model", "role"],
        all: of_seconds.collect(),
    };
    let mut tables = rounds.tables();
    if !seconds.all.is_empty() {
        tables.push(second_models(state));
        tables.extend(seconds.tables());
    }
    tables
}

/// One row for each second model.
fn second_models(state: &State) -> Table {
    let mut table = Table::new(
        "second_models",
        &["second_model", "name", "fingerprint", "base", "snapshot"],
    );
    for column in ["compared", "to_know"] {
        table = table.column(column);
    }
    for result in &state.second_models {
        let model = &result.model;
        let outdated = state.outdated_second(result);
        let said: Vec<&str> = (model.said.iter().chain(&outdated))
            .map(String::as_str)
            .collect();
        table.rows.push(vec![
            model.number.into(),
            model.name().as_str().into(),
            model.fingerprint.as_str().into(),
            model.base.as_str().into(),
            model.snapshot.into(),
            model.created.as_str().into(),
            said.join("; ").as_str().into(),
        ]);
    }
    table
}

/// What says where an arm stands inside of a comparison.
const PLACE: [&str; 2] = ["slice", "arm"];

impl<'a> Comparisons<'a> {
    fn tables(&self) -> Vec<Table> {
        vec![
            self.arms(),
            self.versus(),
            self.endpoints(),
            self.sizes(),
            self.worths(),
            self.seeds(),
            self.blind_spot_outcomes(),
            self.created(),
            self.curves(),
        ]
    }

    /// An empty table of this kind of comparison.
    fn table(&self, name: &str, more: &[&str]) -> Table {
        let name = format!("{}{name}", self.prefix);
        Table::new(name, &[&self.which[..], more].concat())
    }

    /// Every arm of every slice of every comparison, with the cells that say
    /// which one it is.
    fn each_arm(&self) -> impl Iterator<Item = (Row, &'a SliceTable, &'a ArmFigures)> {
        self.all.iter().flat_map(|(which, comparison)| {
            comparison.slices.iter().flat_map(move |slice| {
                slice.arms.iter().map(move |arm| {
                    let place = [slice.slice.to_string(), arm.arm.to_string()].map(Cell::from);
                    ([&which[..], &place].concat(), slice, arm)
                })
            })
        })
    }

    /// One row for each arm of each slice.
    fn arms(&self) -> Table {
        let size = figures::slice();
        let mut figures = figures::errors();
        figures.extend(figures::answers());
        figures.extend(figures::verdict());
        let mut table = self
            .table("comparison", &PLACE)
            .figures(&size)
            .figures(&figures);
        for (mut row, slice, arm) in self.each_arm() {
            row.extend(cells(&size, slice).chain(cells(&figures, arm)));
            table.rows.push(row);
        }
        table
    }

    /// One row for each arm and control of each slice.
    fn versus(&self) -> Table {
        let figures = figures::against_controls();
        let mut table = self.table("against_controls", &PLACE).figures(&figures);
        for (place, _, arm) in self.each_arm() {
            for versus in &arm.versus {
                let row = place.iter().cloned();
                table
                    .rows
                    .push(row.chain(cells(&figures, versus)).collect());
            }
        }
        table
    }

    /// Errors at matched coverage of every single run.
    fn seeds(&self) -> Table {
        let mut table = self
            .table("by_seed", &PLACE)
            .column("seed")
            .figures(&[figures::matched_errors()]);
        for (place, _, arm) in self.each_arm() {
            for (position, errors) in arm.matched_errors_by_seed.iter().enumerate() {
                let seed = arm.seeds.get(position).copied();
                let run: [Cell; 2] = [seed.into(), (*errors).into()];
                table.rows.push([&place[..], &run].concat());
            }
        }
        table
    }

    /// One row for each arm in the region of each blind spot.
    fn blind_spot_outcomes(&self) -> Table {
        let (mut before, mut after) = (figures::spot(), figures::region());
        before.push(figures::unseen());
        after.extend(figures::kept_back());
        let mut table = self
            .table("blind_spot_outcomes", &[])
            .figures(&before)
            .column("arm")
            .figures(&after);
        for (which, comparison) in &self.all {
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
    fn created(&self) -> Table {
        let (count, groups) = (figures::created(), figures::created_group());
        let mut table = self
            .table("created_unknown_unknowns", &[])
            .column("arm")
            .figures(&count)
            .figures(&groups);
        for (which, comparison) in &self.all {
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
    fn curves(&self) -> Table {
        let mut table = self.table("curves", &PLACE);
        for column in ["curve", "x", "y", "rows"] {
            table = table.column(column);
        }
        for (place, _, arm) in self.each_arm() {
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

    /// One row for each endpoint of each arm and control of each slice.
    fn endpoints(&self) -> Table {
        let figures = figures::endpoint_against();
        let mut table = self.table("endpoints", &PLACE).figures(&figures);
        for (place, _, arm) in self.each_arm() {
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
    fn sizes(&self) -> Table {
        let figures = figures::size_figures();
        let mut table = self.table("size_curves", &[]).figures(&figures);
        for (which, comparison) in &self.all {
            for row in comparison.sizes.iter().flat_map(figures::size_rows) {
                let cells = which.iter().cloned().chain(cells(&figures, &row));
                table.rows.push(cells.collect());
            }
        }
        table
    }

    /// One row for what each arm with lessons is worth on each source.
    fn worths(&self) -> Table {
        let figures = figures::worth_figures();
        let mut table = self.table("worth_in_labels", &[]).figures(&figures);
        for (which, comparison) in &self.all {
            for row in comparison.sizes.iter().flat_map(figures::worths) {
                let cells = which.iter().cloned().chain(cells(&figures, &row));
                table.rows.push(cells.collect());
            }
        }
        table
    }
}
