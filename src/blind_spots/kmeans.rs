//! k-means on a matrix of embeddings, from several random starts: linfa's, run
//! one iteration at a time so that it can be cancelled. Beyond a few thousand
//! points linfa works on a sample, and [`lloyd`] goes on from its centres; for
//! many clusters, where linfa takes time with the square of their number,
//! [`lloyd`] does it all.

use linfa::DatasetBase;
use linfa::prelude::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use ndarray::{Array2, ArrayView2, Axis};
use rand::Rng as _;
use rand::distributions::{Distribution as _, WeightedIndex};
use rand::seq::index;
use rayon::prelude::*;

use super::lloyd;
pub(crate) use crate::inference::neighbours::squared_distance;
use crate::support::{Error, Progress, Result, rng};

/// More points are represented by this many of them while linfa works: its
/// k-means++ takes time with the square of k on each.
const MOST_ROWS_FOR_LINFA: usize = 2000;
/// More clusters are looked for without linfa.
const MOST_CLUSTERS_FOR_LINFA: usize = 8;
const MOST_ITERATIONS: usize = 100;
/// Centres that move less than this (all together, in a space of unit
/// vectors) have come to rest.
const TOLERANCE: f32 = 1e-4;

/// Which cluster each point belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Cluster of each row, 0 to k − 1. Clusters can be empty.
    pub clusters: Vec<usize>,
    /// Centres, `[k, width]`.
    pub centres: Array2<f32>,
    /// Mean squared distance of the points to their centres.
    pub inertia: f32,
}

/// Splits points into `k` clusters: the best of several random starts by
/// inertia, the earliest of equals.
///
/// `points`: `[n, width]` with n ≥ 1; `k` is lowered to n. `stream` names the
/// purpose of the random numbers.
///
/// # Errors
/// When values are not finite, or when cancelled.
pub fn kmeans(
    points: ArrayView2<'_, f32>,
    k: usize,
    restarts: usize,
    seed: u64,
    stream: &str,
    progress: &Progress,
) -> Result<Assignment> {
    let k = k.clamp(1, points.nrows().max(1));
    if points.is_empty() || points.iter().any(|x| !x.is_finite()) {
        return Err(Error::program(
            "k-means needs at least one point, and only finite values",
        ));
    }
    let runs: Vec<Assignment> = (0..restarts.max(1))
        .into_par_iter()
        .map(|run| {
            let rng = rng::seeded(seed, &format!("k-means {stream} run {run}"));
            single_run(points, k, rng, progress)
        })
        .collect::<Result<_>>()?;
    runs.into_iter()
        .reduce(|best, run| {
            if run.inertia < best.inertia {
                run
            } else {
                best
            }
        })
        .ok_or_else(|| Error::program("k-means made no run"))
}

/// One start: centres of the points, or of a sample of them; then, for a
/// sample, Lloyd steps over all points.
fn single_run(
    points: ArrayView2<'_, f32>,
    k: usize,
    mut rng: rng::Rng,
    progress: &Progress,
) -> Result<Assignment> {
    let all = points.nrows();
    let most = MOST_ROWS_FOR_LINFA.max(k);
    let centres = if all <= most {
        centres_of(points, k, &mut rng, progress)?
    } else {
        let mut rows = index::sample(&mut rng, all, most).into_vec();
        rows.sort_unstable();
        let sample = points.select(Axis(0), &rows);
        centres_of(sample.view(), k, &mut rng, progress)?
    };
    let steps = if all <= most { 0 } else { MOST_ITERATIONS };
    let (centres, step) = at_rest(points, centres, steps, progress)?;
    // Counted and measured here: linfa 0.8.1's own cluster counts belong to
    // its last run, and its inertia to the centres before their last move.
    Ok(Assignment {
        clusters: step.clusters,
        centres,
        inertia: step.inertia,
    })
}

fn centres_of(
    points: ArrayView2<'_, f32>,
    k: usize,
    rng: &mut rng::Rng,
    progress: &Progress,
) -> Result<Array2<f32>> {
    if k <= MOST_CLUSTERS_FOR_LINFA {
        return linfa_centres(points, k, rng, progress);
    }
    let seeds = plus_plus(points, k, rng);
    Ok(at_rest(points, seeds, MOST_ITERATIONS, progress)?.0)
}

/// Lloyd steps, at most so many, until the centres have come to rest; with the
/// clusters round them.
fn at_rest(
    points: ArrayView2<'_, f32>,
    mut centres: Array2<f32>,
    most: usize,
    progress: &Progress,
) -> Result<(Array2<f32>, lloyd::Iteration)> {
    let mut step = lloyd::step(points, &centres, progress)?;
    for _ in 0..most {
        if distance(&step.means, &centres) < TOLERANCE {
            break;
        }
        centres = step.means;
        step = lloyd::step(points, &centres, progress)?;
    }
    Ok((centres, step))
}

/// First centres: points, each drawn with the square of its distance to the
/// nearest one so far as its weight (Arthur, Vassilvitskii: k-means++, SODA
/// 2007). Where all distances are 0, any point will do.
fn plus_plus(points: ArrayView2<'_, f32>, k: usize, rng: &mut rng::Rng) -> Array2<f32> {
    let norms: Vec<f32> = points.rows().into_iter().map(|x| x.dot(&x)).collect();
    let mut centres = Array2::zeros((k, points.ncols()));
    let mut nearest = vec![f32::INFINITY; points.nrows()];
    let mut drawn = rng.gen_range(0..points.nrows());
    for mut centre in centres.rows_mut() {
        centre.assign(&points.row(drawn));
        let products = points.dot(&centre);
        for (row, product) in products.iter().enumerate() {
            let squared = (norms[row] + norms[drawn] - 2.0 * product).max(0.0);
            nearest[row] = nearest[row].min(squared);
        }
        drawn = WeightedIndex::new(&nearest).map_or(0, |weights| weights.sample(rng));
    }
    centres
}

/// Centres by linfa, one iteration at a time.
fn linfa_centres(
    points: ArrayView2<'_, f32>,
    k: usize,
    rng: &rng::Rng,
    progress: &Progress,
) -> Result<Array2<f32>> {
    let data = DatasetBase::from(points);
    let mut init = KMeansInit::KMeansPlusPlus;
    let mut before: Option<Array2<f32>> = None;
    let mut iterations = 0;
    loop {
        progress.check()?;
        let model = KMeans::params_with_rng(k, rng.clone())
            .n_runs(1)
            .max_n_iterations(1)
            .init_method(init)
            .fit(&data)
            .map_err(|error| Error::program("k-means failed").because(error))?;
        iterations += 1;
        let centres = model.centroids().clone();
        let moved = before.map_or(f32::MAX, |before| distance(&centres, &before));
        if moved < TOLERANCE || iterations == MOST_ITERATIONS {
            return Ok(centres);
        }
        before = Some(centres.clone());
        init = KMeansInit::Precomputed(centres);
    }
}

/// How far all centres together are apart.
fn distance(a: &Array2<f32>, b: &Array2<f32>) -> f32 {
    squared_distance(a, b).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_points_are_grouped_from_a_sample_and_few_without() {
        let mut rng = rng::seeded(1, "k-means test");
        for n in [300, 9000] {
            let points = Array2::from_shape_fn((n, 8), |(row, column)| {
                f32::from(u8::from(row % 4 == column)) + rng.gen_range(-0.1..0.1)
            });
            let found = kmeans(points.view(), 4, 5, 0, "test", &Progress::silent()).unwrap();
            for (row, cluster) in found.clusters.iter().enumerate() {
                assert_eq!(*cluster, found.clusters[row % 4], "row {row} of {n}");
            }
            assert!(found.inertia < 0.1);
        }
    }

    #[test]
    fn many_clusters_are_found_however_many_points_there_are() {
        let mut rng = rng::seeded(2, "k-means test");
        for n in [240, 5000] {
            let points = Array2::from_shape_fn((n, 12), |(row, column)| {
                f32::from(u8::from(row % 12 == column)) + rng.gen_range(-0.05..0.05)
            });
            let found = kmeans(points.view(), 12, 10, 0, "test", &Progress::silent()).unwrap();
            for (row, cluster) in found.clusters.iter().enumerate() {
                assert_eq!(*cluster, found.clusters[row % 12], "row {row} of {n}");
            }
            assert!(found.inertia < 0.02);
        }
        let same = Array2::ones((30, 3));
        let found = kmeans(same.view(), 12, 1, 0, "test", &Progress::silent()).unwrap();
        assert_eq!(found.inertia, 0.0);
    }

    #[test]
    fn more_clusters_than_points_no_points_and_points_that_are_no_numbers() {
        let silent = Progress::silent();
        let one = Array2::ones((1, 3));
        let found = kmeans(one.view(), 5, 1, 0, "test", &silent).unwrap();
        assert_eq!(found.clusters, [0]);
        assert!(kmeans(Array2::zeros((0, 3)).view(), 1, 1, 0, "test", &silent).is_err());
        let broken = Array2::from_elem((20, 3), f32::NAN);
        assert!(kmeans(broken.view(), 2, 1, 0, "test", &silent).is_err());
    }
}
