//! How well discovery finds blind spots that were planted, in several ways of
//! grouping.

mod seen;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::blind_spots::ways::{Way, grouped};
use crate::blind_spots::{adjusted_rand_index, most_stable, stability_by_k};
use crate::discovery::UnknownUnknown;
use crate::inference::Predictions;
use crate::records::{Document, Role};
use crate::steps::OpenProject;
use crate::steps::discover::answers_under;
use crate::steps::plant::{Fault, Plant, plants_of};
use crate::support::{Progress, Result};

/// With fewer errors in it a plant is none: the model was not led astray.
const FEWEST_ERRORS: usize = 5;
/// Nor was it if it is right about more than two of three of its rows: the
/// errors among them may as well be those that it makes anywhere.
const ONE_IN: usize = 3;
/// So many of a blind spot's most central errors are looked at first.
const FIRST: usize = 10;

/// What became of a plant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoundPlant {
    /// The project that it was planted in.
    pub project: String,
    /// What it is.
    pub plant: String,
    /// Its kind.
    pub fault: Fault,
    /// Its rows in *discovery*.
    pub rows: usize,
    /// Those that the model is confidently wrong about.
    pub errors: usize,
    /// How well each way finds these; empty where the model was not led
    /// astray.
    pub found: Vec<Fit>,
}

/// How well one way finds a plant.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fit {
    /// The way of grouping.
    pub way: Way,
    /// F1 of the group that fits best.
    pub f1: f64,
    /// Share of the plant among that group's ten most central errors.
    pub precision_at_10: f64,
}

/// What became of all plants of a project.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bench {
    /// Plant by plant.
    pub plants: Vec<FoundPlant>,
    /// For each way the adjusted Rand index between plants and groups, over
    /// errors of plants.
    pub agreement: Vec<(Way, f64)>,
    /// All unknown unknowns of *discovery*.
    pub unknown_unknowns: usize,
    /// Groups that the way in use makes.
    pub groups: usize,
}

/// How well one way finds plants over all.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// The way of grouping.
    pub way: Way,
    /// Plants with enough errors.
    pub plants: usize,
    /// Mean F1 of the groups that fit best.
    pub f1: f64,
    /// Its standard error over plants.
    pub standard_error: f64,
    /// Plants that a group fits with F1 0.8 or more.
    pub well: usize,
    /// Mean precision of the ten most central errors.
    pub precision_at_10: f64,
    /// Mean adjusted Rand index over projects.
    pub agreement: f64,
}

/// Whether so many errors among the rows of a plant are its doing.
fn was_led_astray(errors: usize, rows: usize) -> bool {
    errors >= FEWEST_ERRORS && ONE_IN * errors >= rows
}

/// Each way over all plants that led the model astray; empty without any.
pub fn summaries(benches: &[Bench]) -> Vec<Summary> {
    let of_way = |way: Way| {
        let plants = benches.iter().flat_map(|bench| &bench.plants);
        let fits: Vec<&Fit> = (plants.flat_map(|plant| &plant.found))
            .filter(|fit| fit.way == way)
            .collect();
        let n = fits.len() as f64;
        let f1 = fits.iter().map(|fit| fit.f1).sum::<f64>() / n;
        let squares: f64 = fits.iter().map(|fit| (fit.f1 - f1).powi(2)).sum();
        let agreements: Vec<f64> = (benches.iter().flat_map(|bench| &bench.agreement))
            .filter(|(of, _)| *of == way)
            .map(|(_, value)| *value)
            .collect();
        (!fits.is_empty()).then(|| Summary {
            way,
            plants: fits.len(),
            f1,
            standard_error: (squares / (n - 1.0).max(1.0) / n).sqrt(),
            well: fits.iter().filter(|fit| fit.f1 >= 0.8).count(),
            precision_at_10: fits.iter().map(|fit| fit.precision_at_10).sum::<f64>() / n,
            agreement: agreements.iter().sum::<f64>() / agreements.len() as f64,
        })
    };
    Way::ALL.into_iter().filter_map(of_way).collect()
}

/// Fits the base of a planted project where it is not fitted yet, finds its
/// errors, and groups them in every way.
///
/// # Errors
/// When nothing was planted there, or whatever a step says.
pub fn bench(project: &OpenProject, progress: &Progress) -> Result<Bench> {
    let workspace = &project.workspace;
    let plants = plants_of(&workspace.folder)?;
    let base = project.base(false, progress)?;
    let predictions = project.reference(&base, progress)?;
    let document = project.document()?;
    let uus = unknown_unknowns(project, &document, &predictions);
    let dataset = &workspace.dataset;
    let settings = &document.settings;
    let seen = seen::seen(workspace, (&base.model, &predictions), &uus, progress)?;
    let by_k = stability_by_k(dataset, &predictions, &uus, settings, progress)?;
    let stable = most_stable(&by_k).map(|best| best.k);
    let mut groupings = Vec::new();
    for way in Way::ALL {
        let groups = grouped(way, &seen, &uus, settings, stable, progress)?;
        groupings.push((way, groups));
    }
    let inside = |plant: &Plant| -> Vec<bool> {
        let keys = uus.iter().map(|uu| &dataset.examples[uu.example].key);
        keys.map(|key| plant.members.contains(key)).collect()
    };
    let members: Vec<Vec<bool>> = plants.iter().map(inside).collect();
    let name = workspace
        .folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let found = plants.iter().zip(&members).map(|(plant, inside)| {
        let errors = inside.iter().filter(|inside| **inside).count();
        let fits = groupings
            .iter()
            .map(|(way, groups)| fit(*way, groups, inside, &seen.points));
        FoundPlant {
            project: name.clone().unwrap_or_default(),
            plant: plant.said(),
            fault: plant.fault,
            rows: plant.members.len(),
            errors,
            found: match was_led_astray(errors, plant.members.len()) {
                true => fits.collect(),
                false => Vec::new(),
            },
        }
    });
    Ok(Bench {
        plants: found.collect(),
        agreement: groupings
            .iter()
            .map(|(way, groups)| (*way, agreement(groups, &members)))
            .collect(),
        unknown_unknowns: uus.len(),
        groups: groupings.first().map_or(0, |(_, groups)| {
            groups.iter().max().map_or(0, |largest| largest + 1)
        }),
    })
}

fn unknown_unknowns(
    project: &OpenProject,
    document: &Document,
    predictions: &Arc<Predictions>,
) -> Vec<UnknownUnknown> {
    let (dataset, truths) = (&project.workspace.dataset, project.truths(document));
    let said = Arc::clone(predictions);
    let answers = answers_under(&document.settings, dataset, said, truths);
    answers.unknown_unknowns(Role::Discovery)
}

/// The group with the highest F1 for a plant, the first of equals.
fn fit(way: Way, groups: &[usize], inside: &[bool], points: &ndarray::Array2<f32>) -> Fit {
    let mut of_group: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, group) in groups.iter().enumerate() {
        of_group.entry(*group).or_default().push(place);
    }
    let all = inside.iter().filter(|inside| **inside).count();
    let held = |members: &[usize]| members.iter().filter(|place| inside[**place]).count();
    let f1 = |members: &[usize]| 2.0 * held(members) as f64 / (all + members.len()) as f64;
    let best = of_group.values().reduce(|best, members| {
        if f1(members) > f1(best) {
            members
        } else {
            best
        }
    });
    let Some(best) = best else {
        return Fit {
            way,
            f1: 0.0,
            precision_at_10: 0.0,
        };
    };
    let first = most_central(best, points);
    Fit {
        way,
        f1: f1(best),
        precision_at_10: held(&first) as f64 / first.len().max(1) as f64,
    }
}

fn most_central(members: &[usize], points: &ndarray::Array2<f32>) -> Vec<usize> {
    let rows = points.select(ndarray::Axis(0), members);
    let Some(centre) = rows.mean_axis(ndarray::Axis(0)) else {
        return Vec::new();
    };
    let mut by_distance: Vec<(f32, usize)> = (members.iter().zip(rows.rows()))
        .map(|(member, row)| {
            let apart = row
                .iter()
                .zip(&centre)
                .map(|(x, y)| (x - y) * (x - y))
                .sum();
            (apart, *member)
        })
        .collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    by_distance
        .into_iter()
        .take(FIRST)
        .map(|(_, member)| member)
        .collect()
}

/// Adjusted Rand index over the errors that belong to some plant.
fn agreement(groups: &[usize], members: &[Vec<bool>]) -> f64 {
    let plant_of = |place: usize| members.iter().position(|inside| inside[place]);
    let planted: Vec<(usize, usize)> = (groups.iter().enumerate())
        .filter_map(|(place, group)| Some((plant_of(place)?, *group)))
        .collect();
    let (plants, groups): (Vec<usize>, Vec<usize>) = planted.into_iter().unzip();
    adjusted_rand_index(&plants, &groups)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Six errors in three groups, four of them of the plant.
    const GROUPS: [usize; 6] = [0, 0, 0, 1, 2, 2];
    const INSIDE: [bool; 6] = [true, true, false, true, true, false];

    #[test]
    fn the_group_that_fits_best_is_scored_and_its_central_errors() {
        let points = array![[0.0], [1.0], [9.0], [0.5], [7.0], [8.0]];
        let found = fit(Way::InUse, &GROUPS, &INSIDE, &points);
        // Two of three in it, two of four found.
        assert!((found.f1 - 4.0 / 7.0).abs() < 1e-12, "{found:?}");
        assert!((found.precision_at_10 - 2.0 / 3.0).abs() < 1e-12);
        let none = fit(Way::InUse, &[], &[], &ndarray::Array2::zeros((0, 1)));
        assert!(none.f1 == 0.0 && none.precision_at_10 == 0.0);
    }

    #[test]
    fn groups_that_follow_plants_agree_and_errors_of_no_plant_do_not_count() {
        let first = vec![true, true, false, false, false];
        let second = vec![false, false, true, true, false];
        let follows = agreement(&[3, 3, 1, 1, 3], &[first.clone(), second.clone()]);
        assert!((follows - 1.0).abs() < 1e-12, "{follows}");
        let across = agreement(&[0, 1, 0, 1, 0], &[first, second]);
        assert!(across <= 0.0, "{across}");
    }

    #[test]
    fn a_plant_counts_where_a_third_of_its_rows_are_errors() {
        assert!(was_led_astray(5, 15));
        assert!(!was_led_astray(5, 16), "as many errors are made anywhere");
        assert!(!was_led_astray(4, 4), "too few to find");
    }
}
