//! A mixture of Gaussians, with which Domino groups errors (arXiv 2203.14960):
//! a reference for the groups that k-means makes.

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_clustering::GaussianMixtureModel;
use ndarray::{Array2, ArrayView2};

use crate::support::rng;

/// Added to every variance, of coordinates whose variance over all errors is 1:
/// groups have few more points than coordinates.
const LEAST_VARIANCE: f64 = 0.1;
/// Random starts, of which the likeliest counts.
const STARTS: u64 = 5;

/// The likeliest of `k` Gaussians for each point, `[n, width]`. A mixture of
/// which one would have no points is made of one fewer.
pub(super) fn mixture(points: ArrayView2<'_, f32>, k: usize, seed: u64) -> Vec<usize> {
    let points: Array2<f64> = points.mapv(f64::from);
    let data = DatasetBase::from(points.view());
    (2..=k.min(points.nrows()))
        .rev()
        .find_map(|k| {
            let fitted = GaussianMixtureModel::params_with_rng(k, rng::seeded(seed, "mixture"))
                .n_runs(STARTS)
                .reg_covariance(LEAST_VARIANCE)
                .fit(&data);
            fitted.ok().map(|model| model.predict(&points).to_vec())
        })
        .unwrap_or_else(|| vec![0; points.nrows()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_that_lie_apart_are_told_apart() {
        // Two short lines of points side by side.
        let points = Array2::from_shape_fn((40, 2), |(row, axis)| match axis {
            0 => (row / 2) as f32 / 10.0,
            _ => (row % 2) as f32 * 2.0 + (row % 3) as f32 * 0.01,
        });
        let groups = mixture(points.view(), 2, 0);
        let agrees = (0..40).filter(|row| (groups[*row] == groups[0]) == (row % 2 == 0));
        assert_eq!(agrees.count(), 40, "{groups:?}");
        assert_eq!(mixture(points.view(), 1, 0), vec![0; 40]);
    }
}
