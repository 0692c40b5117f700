//! Everything between the matrix products, fused and on all threads.
//!
//! Each kernel goes over fixed-size chunks of rows; a sum over rows is first
//! taken inside each chunk, then over the chunks in order. The number of
//! threads therefore decides who works, never what comes out.

pub mod activation;
pub mod dropout;
pub mod math;
pub mod norm;
pub mod softmax;

use rayon::prelude::*;

use super::matrix::Into;
use math::vectorised;

/// Rows of a chunk.
pub const CHUNK: usize = 32;

/// Elements needed for partial sums of `columns` columns over `rows` rows.
pub fn partial_length(rows: usize, columns: usize) -> usize {
    rows.div_ceil(CHUNK) * columns
}

/// Writes the same row into each row of `[rows, row.len()]`.
pub fn fill_rows(destination: &mut [f32], row: &[f32]) {
    destination
        .par_chunks_mut(CHUNK * row.len())
        .for_each(|chunk| {
            for place in chunk.chunks_exact_mut(row.len()) {
                place.copy_from_slice(row);
            }
        });
}

/// Prepares the destination of a product for the bias of its layer: writes it
/// into each row, if there is one.
pub fn add_bias(destination: &mut [f32], bias: &[f32]) -> Into {
    if bias.is_empty() {
        return Into::Overwrite;
    }
    fill_rows(destination, bias);
    Into::Add
}

/// Column sums of `[rows, sums.len()]`; `partials` is scratch.
pub fn column_sums(sums: &mut [f32], matrix: &[f32], partials: &mut [f32]) {
    let columns = sums.len();
    let partials = &mut partials[..partial_length(matrix.len() / columns, columns)];
    matrix
        .par_chunks(CHUNK * columns)
        .zip(partials.par_chunks_mut(columns))
        .for_each(|(chunk, partial)| {
            vectorised(
                #[inline(always)]
                || {
                    partial.fill(0.0);
                    for row in chunk.chunks_exact(columns) {
                        add(partial, row);
                    }
                },
            );
        });
    add_partials(sums, partials);
}

/// Sums partial rows in order into `sums`.
pub fn add_partials(sums: &mut [f32], partials: &[f32]) {
    vectorised(
        #[inline(always)]
        || {
            sums.fill(0.0);
            for partial in partials.chunks_exact(sums.len()) {
                add(sums, partial);
            }
        },
    );
}

/// `destination += source`, inside a vectorised loop.
#[inline(always)]
pub fn add(destination: &mut [f32], source: &[f32]) {
    for (a, b) in destination.iter_mut().zip(source) {
        *a += b;
    }
}

/// `destination += source`, on all threads.
pub fn add_all(destination: &mut [f32], source: &[f32]) {
    const LENGTH: usize = 1 << 13;
    destination
        .par_chunks_mut(LENGTH)
        .zip(source.par_chunks(LENGTH))
        .for_each(|(destination, source)| {
            vectorised(
                #[inline(always)]
                || add(destination, source),
            );
        });
}

/// Adds the same row to each row of `[rows, row.len()]`; an empty one changes
/// nothing.
pub fn add_row(destination: &mut [f32], row: &[f32]) {
    if row.is_empty() {
        return;
    }
    for place in destination.chunks_exact_mut(row.len()) {
        add(place, row);
    }
}

/// Transposes a matrix `[rows, columns]`, tile by tile to stay in the cache.
pub fn transpose(matrix: &[f32], transposed: &mut [f32], columns: usize) {
    const TILE: usize = 16;
    let rows = matrix.len() / columns.max(1);
    for top in (0..rows).step_by(TILE) {
        let bottom = (top + TILE).min(rows);
        for left in (0..columns).step_by(TILE) {
            for column in left..(left + TILE).min(columns) {
                for row in top..bottom {
                    transposed[column * rows + row] = matrix[row * columns + column];
                }
            }
        }
    }
}

/// Copies the first row of each sequence together: `[sequences, width]`.
pub fn gather_first(rows: &mut [f32], matrix: &[f32], offsets: &[usize], width: usize) {
    for (row, start) in rows.chunks_exact_mut(width).zip(offsets) {
        row.copy_from_slice(&matrix[start * width..(start + 1) * width]);
    }
}

/// Adds one row per sequence to the first row of each sequence.
pub fn scatter_first(matrix: &mut [f32], rows: &[f32], offsets: &[usize], width: usize) {
    for (row, start) in rows.chunks_exact(width).zip(offsets) {
        add(&mut matrix[start * width..(start + 1) * width], row);
    }
}

/// Gives every row of a sequence its share of the gradient of their mean.
pub fn spread_mean(matrix: &mut [f32], means: &[f32], offsets: &[usize], width: usize) {
    for (mean, ends) in means.chunks_exact(width).zip(offsets.windows(2)) {
        let share = 1.0 / (ends[1] - ends[0]).max(1) as f32;
        for row in matrix[ends[0] * width..ends[1] * width].chunks_exact_mut(width) {
            for (x, mean) in row.iter_mut().zip(mean) {
                *x = mean * share;
            }
        }
    }
}

/// Mean over the rows of each sequence: `[sequences, width]`.
pub fn mean_rows(means: &mut [f32], matrix: &[f32], offsets: &[usize], width: usize) {
    means
        .par_chunks_mut(width)
        .zip(offsets.par_windows(2))
        .for_each(|(mean, ends)| {
            vectorised(
                #[inline(always)]
                || {
                    mean.fill(0.0);
                    for row in matrix[ends[0] * width..ends[1] * width].chunks_exact(width) {
                        add(mean, row);
                    }
                    let share = 1.0 / (ends[1] - ends[0]).max(1) as f32;
                    for x in mean.iter_mut() {
                        *x *= share;
                    }
                },
            );
        });
}
