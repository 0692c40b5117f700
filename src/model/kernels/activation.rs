//! Bias and activation in one pass, forward and backward, plain and gated.

use rayon::prelude::*;

use super::math::{
    gelu, gelu_and_slope, gelu_tanh_and_slope, relu_and_slope, silu_and_slope, tanh_and_slope,
    vectorised,
};
use super::{CHUNK, add_partials, partial_length};
use crate::model::config::Activation;

/// A function and its derivative, as a type, so that a loop over it is
/// compiled for it alone.
trait Function {
    /// Value and slope.
    fn with_slope(x: f32) -> (f32, f32);

    /// The value, with the same bits as [`Function::with_slope`].
    #[inline(always)]
    fn value(x: f32) -> f32 {
        Self::with_slope(x).0
    }
}

struct Gelu;
struct GeluTanh;
struct Relu;
struct Silu;
struct Tanh;

impl Function for Gelu {
    #[inline(always)]
    fn with_slope(x: f32) -> (f32, f32) {
        gelu_and_slope(x)
    }

    #[inline(always)]
    fn value(x: f32) -> f32 {
        gelu(x)
    }
}

impl Function for GeluTanh {
    #[inline(always)]
    fn with_slope(x: f32) -> (f32, f32) {
        gelu_tanh_and_slope(x)
    }
}

impl Function for Relu {
    #[inline(always)]
    fn with_slope(x: f32) -> (f32, f32) {
        relu_and_slope(x)
    }
}

impl Function for Silu {
    #[inline(always)]
    fn with_slope(x: f32) -> (f32, f32) {
        silu_and_slope(x)
    }
}

impl Function for Tanh {
    #[inline(always)]
    fn with_slope(x: f32) -> (f32, f32) {
        tanh_and_slope(x)
    }
}

/// Calls one of the functions below for the type of an activation.
macro_rules! for_function {
    ($activation:expr, $call:ident($($argument:expr),*)) => {
        match $activation {
            Activation::Gelu => $call::<Gelu>($($argument),*),
            Activation::GeluTanh => $call::<GeluTanh>($($argument),*),
            Activation::Relu => $call::<Relu>($($argument),*),
            Activation::Silu => $call::<Silu>($($argument),*),
            Activation::Tanh => $call::<Tanh>($($argument),*),
        }
    };
}

/// `activated = f(product + bias)`; `product` becomes the slope there, which
/// is all that the backward pass needs.
pub fn activate(activation: Activation, product: &mut [f32], bias: &[f32], activated: &mut [f32]) {
    for_function!(activation, activate_each(product, bias, activated));
}

fn activate_each<F: Function>(product: &mut [f32], bias: &[f32], activated: &mut [f32]) {
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
                            (*y, *x) = F::with_slope(*x + b);
                        }
                    }
                },
            );
        });
}

/// `product = f(product + bias)`, for scoring, which needs no slope.
pub fn activate_in_place(activation: Activation, product: &mut [f32], bias: &[f32]) {
    for_function!(activation, activate_each_in_place(product, bias));
}

fn activate_each_in_place<F: Function>(product: &mut [f32], bias: &[f32]) {
    let columns = bias.len();
    product.par_chunks_mut(CHUNK * columns).for_each(|product| {
        vectorised(
            #[inline(always)]
            || {
                for row in product.chunks_exact_mut(columns) {
                    for (x, b) in row.iter_mut().zip(bias) {
                        *x = F::value(*x + b);
                    }
                }
            },
        );
    });
}

/// `gradient *= slope`, and its column sums, the gradient of the bias.
pub fn activate_backward(
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

/// A gated linear unit (Shazeer 2020): each row of `product` is what is
/// activated beside its gate, `[rows, 2 · columns]`, and `out = f(active) ·
/// gate`, `[rows, columns]`.
///
/// `product` becomes the derivatives of `out` by either, beside each other.
pub fn gate(activation: Activation, product: &mut [f32], out: &mut [f32], columns: usize) {
    for_function!(activation, gate_each(product, out, columns));
}

fn gate_each<F: Function>(product: &mut [f32], out: &mut [f32], columns: usize) {
    product
        .par_chunks_mut(CHUNK * 2 * columns)
        .zip(out.par_chunks_mut(CHUNK * columns))
        .for_each(|(product, out)| {
            vectorised(
                #[inline(always)]
                || {
                    let rows = product.chunks_exact_mut(2 * columns);
                    for (row, out) in rows.zip(out.chunks_exact_mut(columns)) {
                        let (active, gates) = row.split_at_mut(columns);
                        for ((x, g), y) in active.iter_mut().zip(gates).zip(out) {
                            let (value, slope) = F::with_slope(*x);
                            *y = value * *g;
                            *x = slope * *g;
                            *g = value;
                        }
                    }
                },
            );
        });
}

/// Backward of [`gate`]: `gradient`, `[rows, columns]`, spread over what was
/// activated and its gate, `[rows, 2 · columns]`.
pub fn gate_backward(spread: &mut [f32], gradient: &[f32], slopes: &[f32], columns: usize) {
    spread
        .par_chunks_mut(CHUNK * 2 * columns)
        .zip(gradient.par_chunks(CHUNK * columns))
        .zip(slopes.par_chunks(CHUNK * 2 * columns))
        .for_each(|((spread, gradient), slopes)| {
            vectorised(
                #[inline(always)]
                || {
                    let rows = spread.chunks_exact_mut(2 * columns);
                    let rows = rows.zip(gradient.chunks_exact(columns));
                    for ((out, d), slopes) in rows.zip(slopes.chunks_exact(2 * columns)) {
                        let (active, gates) = out.split_at_mut(columns);
                        let (by_active, by_gate) = slopes.split_at(columns);
                        for ((x, d), s) in active.iter_mut().zip(d).zip(by_active) {
                            *x = d * s;
                        }
                        for ((x, d), s) in gates.iter_mut().zip(d).zip(by_gate) {
                            *x = d * s;
                        }
                    }
                },
            );
        });
}
