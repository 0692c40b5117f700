//! How stable groups are: whether resampled errors fall into the same ones.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2, Axis};
use rand::Rng as _;
use rayon::prelude::*;

use super::buckets::Bucket;
use super::split::{nearest_centre, split};
use crate::records::DiscoverySettings;
use crate::support::{Progress, Result, rng};

/// Bootstrap resamples of each bucket.
const RESAMPLES: usize = 20;
/// Restarts of k-means on a resample.
const RESTARTS: usize = 3;
/// Larger buckets are represented by this many of their errors.
const MOST_POINTS: usize = 2000;

/// Mean adjusted Rand index between the groups of all points and the groups
/// that bootstrap resamples put the same points into; `None` when no
/// bucket was split.
///
/// Only points within one bucket are compared: that confusions come out
/// apart is no finding. Buckets count by their size.
///
/// # Errors
/// When cancelled.
pub(super) fn measure(
    points: &Array2<f32>,
    buckets: &[Bucket],
    settings: &DiscoverySettings,
    progress: &Progress,
) -> Result<Option<f32>> {
    let (mut total, mut weight) = (0.0, 0.0);
    for bucket in buckets.iter().filter(|bucket| bucket.k > 1) {
        let step = bucket.members.len().div_ceil(MOST_POINTS);
        let represented = Bucket {
            members: bucket.members.iter().step_by(step).copied().collect(),
            smallest: bucket.smallest.div_ceil(step),
            ..bucket.clone()
        };
        let rows = points.select(Axis(0), &represented.members);
        let size = bucket.members.len() as f64;
        total += size * of_bucket(rows.view(), &represented, settings, progress)?;
        weight += size;
    }
    Ok((weight > 0.0).then(|| (total / weight) as f32))
}

fn of_bucket(
    points: ArrayView2<'_, f32>,
    bucket: &Bucket,
    settings: &DiscoverySettings,
    progress: &Progress,
) -> Result<f64> {
    let (name, seed) = (bucket.stream(), settings.seed);
    let reference = split(points, bucket, settings.restarts, seed, &name, progress)?.groups;
    let indices: Vec<f64> = (0..RESAMPLES)
        .into_par_iter()
        .map(|resample| {
            let stream = format!("{name} resample {resample}");
            let mut rng = rng::seeded(seed, &stream);
            let drawn: Vec<usize> = (0..points.nrows())
                .map(|_| rng.gen_range(0..points.nrows()))
                .collect();
            let sample = points.select(Axis(0), &drawn);
            let found = split(sample.view(), bucket, RESTARTS, seed, &stream, progress)?;
            let assigned: Vec<usize> = (points.rows().into_iter())
                .map(|point| nearest_centre(point, &found.centres))
                .collect();
            Ok(adjusted_rand_index(&reference, &assigned))
        })
        .collect::<Result<_>>()?;
    Ok(indices.iter().sum::<f64>() / RESAMPLES as f64)
}

/// Agreement of two partitions of the same items beyond chance: 1 when they
/// are the same, about 0 when they are unrelated.
///
/// Hubert and Arabie: Comparing partitions, Journal of Classification 2, 1985.
pub fn adjusted_rand_index(a: &[usize], b: &[usize]) -> f64 {
    let mut cells = BTreeMap::<(usize, usize), u64>::new();
    let (mut rows, mut columns) = (BTreeMap::<usize, u64>::new(), BTreeMap::<usize, u64>::new());
    for (a, b) in a.iter().zip(b) {
        *cells.entry((*a, *b)).or_default() += 1;
        *rows.entry(*a).or_default() += 1;
        *columns.entry(*b).or_default() += 1;
    }
    let pairs = |count: u64| (count * count.saturating_sub(1)) as f64 / 2.0;
    let together: f64 = cells.values().copied().map(pairs).sum();
    let in_a: f64 = rows.values().copied().map(pairs).sum();
    let in_b: f64 = columns.values().copied().map(pairs).sum();
    let all = pairs(a.len().min(b.len()) as u64);
    if all == 0.0 {
        return 1.0;
    }
    let expected = in_a * in_b / all;
    let most = 0.5 * (in_a + in_b);
    if most == expected {
        1.0
    } else {
        (together - expected) / (most - expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjusted_rand_index_of_known_partitions() {
        assert_eq!(adjusted_rand_index(&[0, 0, 1, 1], &[5, 5, 2, 2]), 1.0);
        // sklearn.metrics.adjusted_rand_score([0,0,1,1], [0,0,1,2]) = 4/7
        let partly = adjusted_rand_index(&[0, 0, 1, 1], &[0, 0, 1, 2]);
        assert!((partly - 4.0 / 7.0).abs() < 1e-12);
        assert!(adjusted_rand_index(&[0, 1, 0, 1], &[0, 0, 1, 1]) <= 0.0);
        assert_eq!(adjusted_rand_index(&[], &[]), 1.0);
    }
}
