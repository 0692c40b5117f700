//! Principal components: the map that is there at once, and the coordinates
//! that the neighbour-preserving map starts from.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rand::Rng as _;
use rayon::prelude::*;

use crate::support::{Error, Progress, Result, rng};

/// Rows that one task adds up. Fixed, so that sums are the same for any
/// number of threads.
const ROW_BLOCK: usize = 1024;
/// Directions that are iterated beside the wanted ones: they make the wanted
/// ones converge faster.
const OVERSAMPLING: usize = 8;
const MOST_ITERATIONS: usize = 100;
/// Relative change of the explained variance at which iterating stops.
const TOLERANCE: f32 = 1e-5;

/// Mean and principal directions of some embeddings.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// Mean, `[width]`.
    mean: Array1<f32>,
    /// Directions as rows, unit length, most variance first:
    /// `[components, width]`.
    directions: Array2<f32>,
}

impl Pca {
    /// Finds the first principal components by subspace iteration on the
    /// covariance matrix.
    ///
    /// `embeddings`: `[n, width]`, finite. `components` is lowered to the
    /// width. Each direction's sign is such that its largest entry is
    /// positive.
    ///
    /// # Errors
    /// When the values are no matrix of that width or not finite, or when
    /// cancelled.
    pub fn fit(
        embeddings: &[f32],
        width: usize,
        components: usize,
        progress: &Progress,
    ) -> Result<Self> {
        let rows = as_finite_matrix(embeddings, width)?;
        let mean = rows
            .mean_axis(Axis(0))
            .unwrap_or_else(|| Array1::zeros(width));
        let covariance = covariance(rows, &mean, progress)?;
        let directions = leading_directions(&covariance, components.min(width), progress)?;
        Ok(Self { mean, directions })
    }

    /// Number of components.
    pub fn components(&self) -> usize {
        self.directions.nrows()
    }

    /// Coordinates of embeddings: `[n, components]`, row by row.
    ///
    /// # Errors
    /// When the values are no matrix of the fitted width or not finite.
    pub fn transform(&self, embeddings: &[f32]) -> Result<Vec<f32>> {
        let rows = as_finite_matrix(embeddings, self.mean.len())?;
        let shift = self.directions.dot(&self.mean);
        let blocks: Vec<Vec<f32>> = row_blocks(rows.nrows())
            .into_par_iter()
            .map(|block| {
                let projected = rows.slice(s![block, ..]).dot(&self.directions.t());
                (projected - &shift).into_iter().collect()
            })
            .collect();
        Ok(blocks.concat())
    }
}

/// The first two principal components of embeddings (`[n, width]`): a map in
/// well under a second.
///
/// # Errors
/// When the values are no matrix of that width or not finite, or when
/// cancelled.
pub fn pca_map(embeddings: &[f32], width: usize, progress: &Progress) -> Result<Vec<[f32; 2]>> {
    let pca = Pca::fit(embeddings, width, 2, progress)?;
    let coordinates = pca.transform(embeddings)?;
    let coordinate = |row: &[f32], axis: usize| row.get(axis).copied().unwrap_or(0.0);
    let positions = (coordinates.chunks(pca.components().max(1)))
        .map(|row| [coordinate(row, 0), coordinate(row, 1)])
        .collect();
    Ok(super::normalised(positions))
}

fn as_finite_matrix(values: &[f32], width: usize) -> Result<ArrayView2<'_, f32>> {
    let count = values.len().checked_div(width).unwrap_or(0);
    let rows = ArrayView2::from_shape((count, width), values).map_err(|error| {
        let message = format!("{} values are no matrix of width {width}", values.len());
        Error::program(message).because(error)
    })?;
    let broken = |row: &[f32]| row.iter().any(|x| !x.is_finite());
    match values.chunks(width.max(1)).position(broken) {
        None => Ok(rows),
        Some(row) => Err(Error::input(format!(
            "embedding number {} holds values that are no finite numbers",
            row + 1
        ))
        .hint("compute or export the embeddings again")),
    }
}

fn row_blocks(rows: usize) -> Vec<std::ops::Range<usize>> {
    (0..rows)
        .step_by(ROW_BLOCK)
        .map(|start| start..(start + ROW_BLOCK).min(rows))
        .collect()
}

/// Covariance matrix, `[width, width]`; blocks are added up in their order.
fn covariance(
    rows: ArrayView2<'_, f32>,
    mean: &Array1<f32>,
    progress: &Progress,
) -> Result<Array2<f32>> {
    /// Blocks in flight at once: bounds the memory.
    const WAVE: usize = 16;
    let mut total = Array2::zeros((rows.ncols(), rows.ncols()));
    for wave in row_blocks(rows.nrows()).chunks(WAVE) {
        progress.check()?;
        let parts: Vec<Array2<f32>> = wave
            .par_iter()
            .map(|block| {
                let centred = &rows.slice(s![block.clone(), ..]) - mean;
                centred.t().dot(&centred)
            })
            .collect();
        for part in parts {
            total += &part;
        }
    }
    Ok(total / rows.nrows().max(1) as f32)
}

/// Eigenvectors of the largest eigenvalues of a symmetric positive
/// semi-definite matrix, as rows.
///
/// Subspace iteration with Rayleigh–Ritz: the subspace is multiplied by the
/// matrix and made orthonormal until the variance it explains stands still;
/// within it the directions come from a Jacobi rotation of the small
/// projected matrix.
fn leading_directions(
    matrix: &Array2<f32>,
    components: usize,
    progress: &Progress,
) -> Result<Array2<f32>> {
    let width = matrix.nrows();
    let size = (components + OVERSAMPLING).min(width);
    let mut rng = rng::seeded(0, "principal components");
    let mut basis = Array2::from_shape_simple_fn((size, width), || rng.gen_range(-1.0..1.0));
    orthonormalise(&mut basis);
    let mut explained = f32::MIN;
    for _ in 0..MOST_ITERATIONS {
        progress.check()?;
        basis = basis.dot(matrix);
        orthonormalise(&mut basis);
        let now = (basis.dot(matrix) * &basis).sum();
        if (now - explained).abs() <= TOLERANCE * now.abs() {
            break;
        }
        explained = now;
    }
    let projected = basis.dot(matrix).dot(&basis.t());
    let rotation = symmetric_eigenvectors(projected);
    let mut directions = rotation.dot(&basis).slice(s![..components, ..]).to_owned();
    directions.rows_mut().into_iter().for_each(|mut row| {
        let largest = row
            .iter()
            .fold(0.0_f32, |a, b| if b.abs() > a.abs() { *b } else { a });
        if largest < 0.0 {
            row.mapv_inplace(|x| -x);
        }
    });
    Ok(directions)
}

/// Gram–Schmidt on the rows, twice for accuracy. Rows that depend on the ones
/// before become zero.
fn orthonormalise(basis: &mut Array2<f32>) {
    for current in 0..basis.nrows() {
        let (before, mut rest) = basis.view_mut().split_at(Axis(0), current);
        let mut row = rest.row_mut(0);
        let scale = row.dot(&row).sqrt();
        for _ in 0..2 {
            for other in before.rows() {
                let along = other.dot(&row);
                row.scaled_add(-along, &other);
            }
        }
        let norm = row.dot(&row).sqrt();
        if norm > 1e-6 * scale {
            row /= norm;
        } else {
            row.fill(0.0);
        }
    }
}

/// Eigenvectors of a small symmetric matrix as rows, largest eigenvalue first,
/// by cyclic Jacobi rotations.
fn symmetric_eigenvectors(matrix: Array2<f32>) -> Array2<f32> {
    const SWEEPS: usize = 30;
    let size = matrix.nrows();
    let mut a = matrix.mapv(f64::from);
    let mut vectors = Array2::<f64>::eye(size);
    for _ in 0..SWEEPS {
        for p in 0..size {
            for q in p + 1..size {
                if a[[p, q]].abs() <= f64::EPSILON * (a[[p, p]] * a[[q, q]]).abs().sqrt() {
                    continue;
                }
                let theta = (a[[q, q]] - a[[p, p]]) / (2.0 * a[[p, q]]);
                let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
                let cosine = 1.0 / (t * t + 1.0).sqrt();
                let sine = t * cosine;
                for k in 0..size {
                    let (kp, kq) = (a[[k, p]], a[[k, q]]);
                    a[[k, p]] = cosine * kp - sine * kq;
                    a[[k, q]] = sine * kp + cosine * kq;
                }
                for k in 0..size {
                    let (pk, qk) = (a[[p, k]], a[[q, k]]);
                    a[[p, k]] = cosine * pk - sine * qk;
                    a[[q, k]] = sine * pk + cosine * qk;
                    let (pk, qk) = (vectors[[p, k]], vectors[[q, k]]);
                    vectors[[p, k]] = cosine * pk - sine * qk;
                    vectors[[q, k]] = sine * pk + cosine * qk;
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|i, j| a[[*j, *j]].total_cmp(&a[[*i, *i]]));
    vectors.select(Axis(0), &order).mapv(|x| x as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points that vary by `scales[i]` along axis i.
    fn ellipsoid(n: usize, scales: &[f32]) -> Vec<f32> {
        let mut rng = rng::seeded(1, "ellipsoid");
        (0..n)
            .flat_map(|_| {
                scales
                    .iter()
                    .map(|scale| 5.0 + scale * rng.gen_range(-1.0_f32..1.0))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn finds_the_axes_of_most_variance_in_order() {
        let scales: Vec<f32> = (0..20)
            .map(|i| {
                if i == 7 {
                    3.0
                } else if i == 2 {
                    2.0
                } else {
                    0.3
                }
            })
            .collect();
        let points = ellipsoid(3000, &scales);
        let pca = Pca::fit(&points, 20, 2, &Progress::silent()).unwrap();
        assert!(pca.directions[[0, 7]] > 0.99, "{}", pca.directions);
        assert!(pca.directions[[1, 2]] > 0.99, "{}", pca.directions);
        let map = pca_map(&points, 20, &Progress::silent()).unwrap();
        let spread = |axis: usize| map.iter().map(|p| p[axis].powi(2)).sum::<f32>().sqrt();
        let ratio = spread(0) / spread(1);
        assert!(
            (ratio - 1.5).abs() < 0.1,
            "one scale for both axes, not {ratio}"
        );
    }

    #[test]
    fn directions_are_orthonormal_and_the_same_for_any_number_of_threads() {
        let points = ellipsoid(2500, &[1.0, 0.9, 0.8, 0.7, 0.6, 0.5]);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| Pca::fit(&points, 6, 4, &Progress::silent()).unwrap())
        };
        let pca = with(1);
        assert_eq!(pca, with(3));
        let products = pca.directions.dot(&pca.directions.t());
        for ((i, j), product) in products.indexed_iter() {
            assert!((product - f32::from(u8::from(i == j))).abs() < 1e-4);
        }
    }

    #[test]
    fn degenerate_inputs_make_flat_maps_or_clear_errors() {
        let silent = Progress::silent();
        assert!(pca_map(&[], 4, &silent).unwrap().is_empty());
        assert!(pca_map(&[], 0, &silent).unwrap().is_empty());
        assert_eq!(pca_map(&[1.0, 2.0], 1, &silent).unwrap()[0][1], 0.0);
        let same = pca_map(&[0.5; 12], 4, &silent).unwrap();
        assert!(same.iter().flatten().all(|x| x.abs() < 1e-6), "{same:?}");
        let error = pca_map(&[0.0, 1.0, f32::NAN, 0.0], 2, &silent).unwrap_err();
        assert!(error.to_string().contains("number 2"), "{error}");
    }
}
