//! Exact nearest neighbours among embeddings, by blocked matrix products.
//!
//! Used for contrasts (the nearest correct examples of an error), for refusing
//! samples that copy a sealed text, for the regions of blind spots, and for
//! placing points on the map.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

use crate::support::{Error, Progress, Result};

/// Queries that one task handles. Fixed, so that sums are the same for any
/// number of threads.
const QUERY_BLOCK: usize = 128;
/// Candidates in one matrix product; a block of products stays in cache.
const CANDIDATE_BLOCK: usize = 1024;
/// Candidates that one task goes through: many rows keep all threads busy even
/// for one query.
const CANDIDATE_SPAN: usize = 64 * CANDIDATE_BLOCK;

/// A neighbour of a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbour {
    /// Row among the candidates.
    pub row: usize,
    /// Squared Euclidean distance, ≥ 0.
    pub squared_distance: f32,
}

impl Neighbour {
    /// Cosine of the angle between query and neighbour, if both are
    /// L2-normalised.
    pub fn cosine(self) -> f32 {
        1.0 - 0.5 * self.squared_distance
    }
}

/// A candidate that is still among the best; the greatest is the worst, so
/// that a heap gives it up first. Equal distances go to the earlier row.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Kept(Neighbour);

impl Eq for Kept {}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.squared_distance)
            .total_cmp(&other.0.squared_distance)
            .then(self.0.row.cmp(&other.0.row))
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The `count` nearest candidates of each query, nearest first.
///
/// `queries`: `[q, width]`; `candidates`: `[n, width]`. Candidates whose
/// distance is not a number are never neighbours, so there can be fewer than
/// `count`.
///
/// # Errors
/// When the shapes do not fit, or when cancelled.
pub fn nearest(
    queries: &[f32],
    candidates: &[f32],
    width: usize,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Neighbour>>> {
    let candidates = Candidates::all(as_matrix(candidates, width)?);
    nearest_of(as_matrix(queries, width)?, candidates, count, progress)
}

/// As [`nearest`], among some rows of the points only.
///
/// # Errors
/// When the shapes do not fit, or when cancelled.
pub fn nearest_among(
    queries: &[f32],
    (points, rows): (&[f32], &[usize]),
    width: usize,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Neighbour>>> {
    let candidates = Candidates {
        points: as_matrix(points, width)?,
        rows: Some(rows),
    };
    nearest_of(as_matrix(queries, width)?, candidates, count, progress)
}

fn nearest_of(
    queries: ArrayView2<'_, f32>,
    candidates: Candidates<'_>,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Neighbour>>> {
    let spans = |start: &usize| {
        let start = *start;
        let spans = (0..candidates.len()).step_by(CANDIDATE_SPAN);
        spans.map(move |first| (start, first))
    };
    let starts: Vec<usize> = (0..queries.nrows()).step_by(QUERY_BLOCK).collect();
    let tasks: Vec<(usize, usize)> = starts.iter().flat_map(spans).collect();
    let found: Vec<Vec<Vec<Kept>>> = tasks
        .par_iter()
        .map(|(start, first)| {
            let end = (start + QUERY_BLOCK).min(queries.nrows());
            let last = (first + CANDIDATE_SPAN).min(candidates.len());
            let block = queries.slice(s![*start..end, ..]);
            nearest_of_block(block, candidates, *first..last, count, progress)
        })
        .collect::<Result<_>>()?;
    let mut nearest: Vec<Vec<Kept>> = vec![Vec::new(); queries.nrows()];
    for ((start, _), block) in tasks.into_iter().zip(found) {
        for (of_query, more) in nearest[start..].iter_mut().zip(block) {
            of_query.extend(more);
            of_query.sort_unstable();
            of_query.truncate(count);
        }
    }
    let rows = nearest.into_iter();
    Ok(rows
        .map(|kept| kept.into_iter().map(|kept| kept.0).collect())
        .collect())
}

/// Points that can be neighbours.
#[derive(Clone, Copy)]
struct Candidates<'a> {
    points: ArrayView2<'a, f32>,
    /// Which of them; all without.
    rows: Option<&'a [usize]>,
}

impl<'a> Candidates<'a> {
    fn all(points: ArrayView2<'a, f32>) -> Self {
        Self { points, rows: None }
    }

    fn len(self) -> usize {
        self.rows.map_or(self.points.nrows(), <[usize]>::len)
    }

    fn row(self, position: usize) -> usize {
        self.rows.map_or(position, |rows| rows[position])
    }

    /// Copies a block of them into `buffer`, unless they lie together already.
    fn block<'b>(
        &'b self,
        range: Range<usize>,
        buffer: &'b mut Array2<f32>,
    ) -> ArrayView2<'b, f32> {
        let Some(rows) = self.rows else {
            return self.points.slice(s![range, ..]);
        };
        let count = range.len();
        for (mut to, from) in buffer.rows_mut().into_iter().zip(&rows[range]) {
            to.assign(&self.points.row(*from));
        }
        buffer.slice(s![..count, ..])
    }
}

/// The `count` nearest other points of each point, nearest first.
///
/// `points`: `[n, width]`.
///
/// # Errors
/// When the shape does not fit, or when cancelled.
pub fn nearest_others(
    points: &[f32],
    width: usize,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Neighbour>>> {
    let mut found = nearest(points, points, width, count + 1, progress)?;
    for (row, neighbours) in found.iter_mut().enumerate() {
        // Among many equal points a point need not be among its own nearest.
        neighbours.retain(|neighbour| neighbour.row != row);
        neighbours.truncate(count);
    }
    Ok(found)
}

/// Twice what rounding can do to a distance between vectors no longer than 1.
const ROUNDING: f32 = 1e-3;

/// For each centre the points within its radius, ascending.
///
/// `centres`: `[c, width]` with `c` radii; `points`: `[n, width]`, all no
/// longer than 1. Distances near a radius are computed term by term, so that
/// a point on the border does not depend on how products were rounded.
///
/// # Errors
/// When the shapes do not fit, or when cancelled.
pub fn within(
    (centres, radii): (&[f32], &[f32]),
    points: &[f32],
    width: usize,
    progress: &Progress,
) -> Result<Vec<Vec<usize>>> {
    let centres = as_matrix(centres, width)?;
    let points = as_matrix(points, width)?;
    let spans: Vec<usize> = (0..points.nrows()).step_by(CANDIDATE_SPAN).collect();
    let found: Vec<Vec<Vec<usize>>> = spans
        .into_par_iter()
        .map(|start| {
            let span = start..(start + CANDIDATE_SPAN).min(points.nrows());
            let mut inside = vec![Vec::new(); centres.nrows()];
            let all = Candidates::all(points);
            each_distance(centres, all, span, progress, |centre, point, squared| {
                let (mut distance, radius) = (squared.max(0.0).sqrt(), radii[centre]);
                if (distance - radius).abs() < ROUNDING {
                    let exact = squared_distance(points.row(point), centres.row(centre));
                    distance = exact.sqrt();
                }
                let is_inside = distance <= radius;
                if is_inside {
                    inside[centre].push(point);
                }
            })?;
            Ok(inside)
        })
        .collect::<Result<_>>()?;
    let mut all = vec![Vec::new(); centres.nrows()];
    for span in found {
        for (of_centre, more) in all.iter_mut().zip(span) {
            of_centre.extend(more);
        }
    }
    Ok(all)
}

/// Squared Euclidean distance, term by term.
pub fn squared_distance<'a, 'b>(
    a: impl IntoIterator<Item = &'a f32>,
    b: impl IntoIterator<Item = &'b f32>,
) -> f32 {
    a.into_iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn as_matrix(values: &[f32], width: usize) -> Result<ArrayView2<'_, f32>> {
    let rows = values.len().checked_div(width).unwrap_or(0);
    ArrayView2::from_shape((rows, width), values).map_err(|error| {
        Error::program(format!(
            "{} values are no matrix of width {width}",
            values.len()
        ))
        .because(error)
    })
}

/// The nearest of a range of candidates for some queries, nearest first.
fn nearest_of_block(
    queries: ArrayView2<'_, f32>,
    candidates: Candidates<'_>,
    range: Range<usize>,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Vec<Kept>>> {
    let mut best = vec![BinaryHeap::with_capacity(count + 1); queries.nrows()];
    each_distance(
        queries,
        candidates,
        range,
        progress,
        |query, row, distance| {
            keep(&mut best[query], count, row, distance);
        },
    )?;
    Ok(best.into_iter().map(BinaryHeap::into_sorted_vec).collect())
}

/// Visits the squared distance of each query to each of a range of candidates,
/// which come in ascending order. Rounding can make it slightly negative.
fn each_distance(
    queries: ArrayView2<'_, f32>,
    candidates: Candidates<'_>,
    range: Range<usize>,
    progress: &Progress,
    mut visit: impl FnMut(usize, usize, f32),
) -> Result<()> {
    let squares = |rows: ArrayView2<'_, f32>| -> Vec<f32> {
        rows.rows().into_iter().map(|row| row.dot(&row)).collect()
    };
    let of_queries = squares(queries);
    let mut products = Array2::<f32>::zeros((queries.nrows(), CANDIDATE_BLOCK));
    let gathered = candidates.rows.map_or(0, |_| CANDIDATE_BLOCK);
    let mut buffer = Array2::<f32>::zeros((gathered, queries.ncols()));
    for start in range.clone().step_by(CANDIDATE_BLOCK) {
        progress.check()?;
        let end = (start + CANDIDATE_BLOCK).min(range.end);
        let block = candidates.block(start..end, &mut buffer);
        let of_block = squares(block);
        let mut products = products.slice_mut(s![.., ..end - start]);
        general_mat_mul(1.0, &queries, &block.t(), 0.0, &mut products);
        for (query, row) in products.rows().into_iter().enumerate() {
            for (offset, product) in row.iter().enumerate() {
                let distance = of_queries[query] + of_block[offset] - 2.0 * product;
                visit(query, candidates.row(start + offset), distance);
            }
        }
    }
    Ok(())
}

/// Keeps a candidate if it is among the `count` nearest so far. Rows come in
/// ascending order, so an equal distance never displaces an earlier row.
fn keep(heap: &mut BinaryHeap<Kept>, count: usize, row: usize, squared_distance: f32) {
    let full = heap.len() == count;
    let near_enough = match heap.peek() {
        Some(worst) if full => squared_distance < worst.0.squared_distance,
        _ => !full && !squared_distance.is_nan(),
    };
    if near_enough {
        if full {
            heap.pop();
        }
        heap.push(Kept(Neighbour {
            row,
            // Rounding can leave a point at a tiny negative distance of itself.
            squared_distance: squared_distance.max(0.0),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_brute_force(queries: &[f32], candidates: &[f32], width: usize) -> Vec<Vec<f32>> {
        queries
            .chunks(width)
            .map(|query| {
                let mut distances: Vec<f32> = candidates
                    .chunks(width)
                    .map(|c| c.iter().zip(query).map(|(a, b)| (a - b).powi(2)).sum())
                    .collect();
                distances.sort_by(f32::total_cmp);
                distances
            })
            .collect()
    }

    proptest! {
        #[test]
        fn agrees_with_brute_force(
            queries in prop::collection::vec(-1.0f32..1.0, 3 * 7),
            candidates in prop::collection::vec(-1.0f32..1.0, 0..3 * 40),
            count in 0usize..12,
        ) {
            let candidates = &candidates[..candidates.len() / 3 * 3];
            let found = nearest(&queries, candidates, 3, count, &Progress::silent()).unwrap();
            let even: Vec<usize> = (0..candidates.len() / 3).step_by(2).collect();
            let among = (candidates, even.as_slice());
            let of_even = nearest_among(&queries, among, 3, count, &Progress::silent()).unwrap();
            let all = nearest(&queries, candidates, 3, 40, &Progress::silent()).unwrap();
            for (found, all) in of_even.iter().zip(all) {
                let mut expected = all;
                expected.retain(|neighbour| neighbour.row % 2 == 0);
                expected.truncate(count);
                let rows = |list: &[Neighbour]| list.iter().map(|n| n.row).collect::<Vec<_>>();
                prop_assert_eq!(rows(found), rows(&expected));
            }
            for (found, expected) in found.iter().zip(by_brute_force(&queries, candidates, 3)) {
                prop_assert_eq!(found.len(), count.min(expected.len()));
                for (neighbour, distance) in found.iter().zip(expected) {
                    prop_assert!((neighbour.squared_distance - distance).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn a_point_is_not_its_own_neighbour_and_ties_go_to_the_earlier_row() {
        let points = [0.0, 0.0, 1.0, 1.0, 1.0];
        let others = nearest_others(&points, 1, 2, &Progress::silent()).unwrap();
        let rows = |i: usize| others[i].iter().map(|n| n.row).collect::<Vec<_>>();
        assert_eq!(rows(0), [1, 2]);
        assert_eq!(rows(3), [2, 4]);
    }

    #[test]
    fn points_within_a_radius_include_those_on_the_border() {
        let points: Vec<f32> = (0..3000).flat_map(|i| [i as f32 / 3000.0, 0.0]).collect();
        let inside = within(
            (&[0.0, 0.0, 1.0, 0.0], &[0.5, 0.25]),
            &points,
            2,
            &Progress::silent(),
        );
        let inside = inside.unwrap();
        assert_eq!(inside[0], (0..=1500).collect::<Vec<_>>());
        assert_eq!(inside[1].first(), Some(&2250));
        assert_eq!(inside[1].last(), Some(&2999));
    }

    #[test]
    fn points_that_are_not_numbers_are_nobodys_neighbours() {
        let found = nearest(&[0.0], &[f32::NAN, 5.0, 1.0], 1, 3, &Progress::silent()).unwrap();
        assert_eq!(found[0].iter().map(|n| n.row).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn more_points_than_one_block_and_a_cancel() {
        let points: Vec<f32> = (0..3000).map(|i| i as f32).collect();
        let found = nearest_others(&points, 1, 1, &Progress::silent()).unwrap();
        assert_eq!(found[2047][0].row, 2046);
        let progress = Progress::silent();
        progress.cancel();
        assert!(
            nearest(&points, &points, 1, 1, &progress)
                .unwrap_err()
                .is_cancelled()
        );
    }
}
