//! Average linkage: a reference for the groups that k-means makes.

use ndarray::{Array2, ArrayView2};

use crate::blind_spots::kmeans::squared_distance;

/// Joins the two groups whose points are nearest on average until `k` are left
/// (Sokal and Michener, 1958), and says each point's group. For some hundreds of
/// points, `[n, width]`: its time grows with their cube.
pub(super) fn average_linkage(points: ArrayView2<'_, f32>, k: usize) -> Vec<usize> {
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
    let mut of_each = vec![0; n];
    for (number, members) in groups.iter().enumerate() {
        for member in members {
            of_each[*member] = number;
        }
    }
    of_each
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
        let groups = average_linkage(points.view(), 3);
        let together = |a: usize, b: usize| groups[a] == groups[b];
        assert!(together(0, 2) && together(2, 5) && together(1, 4) && together(3, 6));
        assert!(!together(0, 1) && !together(0, 3) && !together(1, 3));
    }
}
