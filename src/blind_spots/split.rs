//! Splits a bucket of errors into groups, none of them too small to teach.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

use super::buckets::Bucket;
use super::kmeans::{kmeans, squared_distance};
use crate::support::{Progress, Result};

/// Which group each point belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Split {
    /// Group of each point. Groups can be empty.
    pub groups: Vec<usize>,
    /// Centre of each group, `[groups, width]`.
    pub centres: Array2<f32>,
}

/// k-means with the bucket's k over points (`[n, width]`, n ≥ 1); groups with
/// fewer points than the bucket allows are given up.
///
/// `stream` names the purpose of the random numbers.
///
/// # Errors
/// When values are not finite, or when cancelled.
pub(super) fn split(
    points: ArrayView2<'_, f32>,
    bucket: &Bucket,
    restarts: usize,
    seed: u64,
    stream: &str,
    progress: &Progress,
) -> Result<Split> {
    let found = kmeans(points, bucket.k, restarts, seed, stream, progress)?;
    let split = Split {
        groups: found.clusters,
        centres: found.centres,
    };
    Ok(split.without_small(points, bucket.smallest))
}

/// The nearest of some centres, the first of equals.
pub(super) fn nearest_centre(point: ArrayView1<'_, f32>, centres: &Array2<f32>) -> usize {
    let mut best = (f32::INFINITY, 0);
    for (group, centre) in centres.rows().into_iter().enumerate() {
        let distance = squared_distance(point.iter(), centre.iter());
        if distance < best.0 {
            best = (distance, group);
        }
    }
    best.1
}

impl Split {
    /// Gives up the smallest group, its points going to the nearest other
    /// centre, until all have `smallest` points or there is one left.
    fn without_small(mut self, points: ArrayView2<'_, f32>, smallest: usize) -> Self {
        while self.centres.nrows() > 1 {
            let mut sizes = vec![0_usize; self.centres.nrows()];
            for group in &self.groups {
                sizes[*group] += 1;
            }
            let least = (0..sizes.len()).min_by_key(|group| sizes[*group]);
            let Some(given_up) = least.filter(|group| sizes[*group] < smallest) else {
                break;
            };
            let others: Vec<usize> = (0..sizes.len())
                .filter(|group| *group != given_up)
                .collect();
            self.centres = self.centres.select(Axis(0), &others);
            for (group, point) in self.groups.iter_mut().zip(points.rows()) {
                *group = match (*group).cmp(&given_up) {
                    std::cmp::Ordering::Less => *group,
                    std::cmp::Ordering::Equal => nearest_centre(point, &self.centres),
                    std::cmp::Ordering::Greater => *group - 1,
                };
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_small_group_goes_to_its_nearest_neighbour_and_the_last_one_stays() {
        let points = array![[0.0], [0.1], [5.0], [5.1], [5.2], [6.0], [9.0]];
        let split = Split {
            groups: vec![0, 0, 1, 1, 1, 2, 3],
            centres: array![[0.05], [5.1], [6.0], [9.0]],
        };
        let of = |smallest: usize| split.clone().without_small(points.view(), smallest).groups;
        assert_eq!(of(1), split.groups);
        // Group 2 is given up first; group 3, now 2, is nearest to group 1.
        assert_eq!(of(2), [0, 0, 1, 1, 1, 1, 1]);
        assert_eq!(of(3), [0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(of(100), [0; 7]);
    }
}
