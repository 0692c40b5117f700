//! Bias and GELU in one pass, forward and backward.

use rayon::prelude::*;

use super::math::{gelu, gelu_and_slope, vectorised};
use super::{CHUNK, add_partials, partial_length};

/// `activated = gelu(product + bias)`; `product` becomes the slope there,
/// which is all that the backward pass needs.
pub fn gelu_forward(product: &mut [f32], bias: &[f32], activated: &mut [f32]) {
    let columns = bias.len();
    product
        .par_chunks_mut(CHUNK * columns)
        .zip(activated.par_chunks_mut(CHUNK * columns))
        .for_each(|(product, activated)| {
            vectorised(
                #[inline(always)]
                || {
                    let rows = product.chunks_exact_mut(columns);
                    for (row, out) in rows.zip(activated.chunks_exact_mut(columns)) {
                        for ((x, y), b) in row.iter_mut().zip(out).zip(bias) {
                            (*y, *x) = gelu_and_slope(*x + b);
                        }
                    }
                },
            );
        });
}

/// `product = gelu(product + bias)`, for scoring, which needs no slope.
pub fn gelu_in_place(product: &mut [f32], bias: &[f32]) {
    let columns = bias.len();
    product.par_chunks_mut(CHUNK * columns).for_each(|product| {
        vectorised(
            #[inline(always)]
            || {
                for row in product.chunks_exact_mut(columns) {
                    for (x, b) in row.iter_mut().zip(bias) {
                        *x = gelu(*x + b);
                    }
                }
            },
        );
    });
}

/// `gradient *= slope`, and its column sums, the gradient of the bias.
pub fn gelu_backward(
    gradient: &mut [f32],
    slope: &[f32],
    bias_gradient: &mut [f32],
    partials: &mut [f32],
) {
    let columns = bias_gradient.len();
    let partials = &mut partials[..partial_length(gradient.len() / columns, columns)];
    gradient
        .par_chunks_mut(CHUNK * columns)
        .zip(slope.par_chunks(CHUNK * columns))
        .zip(partials.par_chunks_mut(columns))
        .for_each(|((gradient, slope), partial)| {
            vectorised(
                #[inline(always)]
                || {
                    partial.fill(0.0);
                    let rows = gradient.chunks_exact_mut(columns);
                    for (row, slope) in rows.zip(slope.chunks_exact(columns)) {
                        for ((d, s), sum) in row.iter_mut().zip(slope).zip(partial.iter_mut()) {
                            *d *= s;
                            *sum += *d;
                        }
                    }
                },
            );
        });
    add_partials(bias_gradient, partials);
}
