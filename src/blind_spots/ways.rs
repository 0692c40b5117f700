//! Other ways of grouping errors, to be measured beside the one in use.

use std::fmt;

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use serde::Serialize;

use super::buckets::{Bucket, buckets};
use super::cluster::split_buckets;
use super::kmeans::squared_distance;
use crate::discovery::UnknownUnknown;
use crate::records::DiscoverySettings;
use crate::support::{Error, Progress, Result};

/// Length of a coordinate that says which label was given or predicted, beside
/// embeddings of length 1.
const ANSWER: f32 = 0.5;

/// A way of grouping errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// k-means over embeddings within each confusion: the one in use.
    InUse,
    /// k-means over embeddings, confusions mixed.
    Mixed,
    /// k-means over embeddings and, as coordinates, true and predicted label,
    /// as the mixture of Domino has them (arXiv 2203.14960).
    WithAnswers,
    /// k-means within each confusion, every coordinate divided by its deviation
    /// among the errors.
    Scaled,
    /// Average linkage within each confusion: a reference.
    Linked,
}

impl Way {
    /// All of them, the one in use first.
    pub const ALL: [Self; 5] = [
        Self::InUse,
        Self::Mixed,
        Self::WithAnswers,
        Self::Scaled,
        Self::Linked,
    ];
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InUse => "in use",
            Self::Mixed => "confusions mixed",
            Self::WithAnswers => "labels as coordinates",
            Self::Scaled => "coordinates scaled",
            Self::Linked => "average linkage",
        })
    }
}

/// Group of each unknown unknown.
///
/// `points`: embeddings of the unknown unknowns, `[uus, width]`.
///
/// # Errors
/// When values are not finite, or when cancelled.
pub fn grouped(
    way: Way,
    points: &Array2<f32>,
    uus: &[UnknownUnknown],
    settings: &DiscoverySettings,
    progress: &Progress,
) -> Result<Vec<usize>> {
    let mixes = matches!(way, Way::Mixed | Way::WithAnswers);
    let settings = DiscoverySettings {
        mix_confusions: mixes || settings.mix_confusions,
        ..settings.clone()
    };
    let buckets = buckets(uus, &settings);
    let points = match way {
        Way::InUse | Way::Mixed | Way::Linked => points.clone(),
        Way::WithAnswers => with_answers(points, uus)?,
        Way::Scaled => scaled(points),
    };
    let groups = match way {
        Way::Linked => linked_buckets(&points, &buckets, progress)?,
        _ => split_buckets(&points, &buckets, &settings, progress)?,
    };
    let mut of_each = vec![0; uus.len()];
    for (number, members) in groups.iter().enumerate() {
        for member in members {
            of_each[*member] = number;
        }
    }
    Ok(of_each)
}

fn with_answers(points: &Array2<f32>, uus: &[UnknownUnknown]) -> Result<Array2<f32>> {
    let labels = uus
        .iter()
        .map(|uu| uu.true_label.max(uu.predicted))
        .max()
        .unwrap_or(0);
    let labels = usize::from(labels) + 1;
    let mut answers = Array2::zeros((uus.len(), 2 * labels));
    for (row, uu) in uus.iter().enumerate() {
        answers[[row, usize::from(uu.true_label)]] = ANSWER;
        answers[[row, labels + usize::from(uu.predicted)]] = ANSWER;
    }
    concatenate(Axis(1), &[points.view(), answers.view()])
        .map_err(|e| Error::program("embeddings and labels do not fit").because(e))
}

fn scaled(points: &Array2<f32>) -> Array2<f32> {
    let deviation = points
        .std_axis(Axis(0), 0.0)
        .mapv(|x| if x > 0.0 { x } else { 1.0 });
    points / &deviation
}

fn linked_buckets(
    points: &Array2<f32>,
    buckets: &[Bucket],
    progress: &Progress,
) -> Result<Vec<Vec<usize>>> {
    let mut groups = Vec::new();
    for bucket in buckets {
        progress.check()?;
        let rows = points.select(Axis(0), &bucket.members);
        let linked = average_linkage(rows.view(), bucket.k);
        groups.extend(linked.into_iter().map(|group| {
            group
                .into_iter()
                .map(|place| bucket.members[place])
                .collect()
        }));
    }
    Ok(groups)
}

/// Joins the two groups whose points are nearest on average until `k` are left
/// (Sokal and Michener, 1958). For some hundreds of points: its time grows with
/// their cube.
fn average_linkage(points: ArrayView2<'_, f32>, k: usize) -> Vec<Vec<usize>> {
    let n = points.nrows();
    let mut groups: Vec<Vec<usize>> = (0..n).map(|place| vec![place]).collect();
    let between = |a: usize, b: usize| squared_distance(points.row(a), points.row(b));
    let mut apart = Array2::from_shape_fn((n, n), |(a, b)| between(a, b).sqrt());
    while groups.len() > k.max(1) {
        let (mut nearest, mut best) = ((0, 1), f32::INFINITY);
        for a in 0..groups.len() {
            for b in a + 1..groups.len() {
                if apart[[a, b]] < best {
                    (nearest, best) = ((a, b), apart[[a, b]]);
                }
            }
        }
        let (a, b) = nearest;
        let (in_a, in_b) = (groups[a].len() as f32, groups[b].len() as f32);
        let last = groups.len() - 1;
        for other in 0..groups.len() {
            let joined = (in_a * apart[[a, other]] + in_b * apart[[b, other]]) / (in_a + in_b);
            apart[[a, other]] = joined;
            apart[[other, a]] = joined;
        }
        let members = groups.swap_remove(b);
        groups[a].extend(members);
        for other in 0..last {
            let moved = apart[[last, other]];
            apart[[b, other]] = moved;
            apart[[other, b]] = moved;
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_linkage_finds_groups_that_lie_apart() {
        let at = |x: f32| [x, 0.0];
        let points = [
            at(0.0),
            at(5.0),
            at(0.1),
            at(9.0),
            at(5.2),
            at(0.2),
            at(9.1),
        ];
        let points = Array2::from(points.to_vec());
        let mut groups = average_linkage(points.view(), 3);
        for group in &mut groups {
            group.sort_unstable();
        }
        groups.sort();
        assert_eq!(groups, [vec![0, 2, 5], vec![1, 4], vec![3, 6]]);
    }
}
