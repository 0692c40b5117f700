//! Residual + LayerNorm (Ba, Kiros and Hinton 2016), fused with the bias and
//! the dropout of the branch that joins the residual.

use rayon::prelude::*;

use super::dropout::Mask;
use super::math::{dot, sum, vectorised};
use super::{CHUNK, partial_length};

/// Scale and shift of a LayerNorm, `[width]` each.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    /// Factor after normalising.
    pub scale: &'a [f32],
    /// Offset after normalising; empty where there is none.
    pub shift: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
}

/// What LayerNorm's backward pass needs, for each row.
pub struct NormSaved<'a> {
    /// The normalised rows before scale and shift, `[rows, width]`.
    pub normalised: &'a [f32],
    /// One over the standard deviation, `[rows]`.
    pub inverse_deviation: &'a [f32],
}

/// `out = norm(residual + mask ∘ (branch + bias))`.
///
/// `branch` becomes the normalised rows and `inverse` the inverse standard
/// deviations, as [`NormSaved`] wants them.
pub fn residual_norm(
    branch: &mut [f32],
    bias: &[f32],
    mask: Mask,
    residual: &[f32],
    norm: Norm,
    inverse: &mut [f32],
    out: &mut [f32],
) {
    let width = bias.len();
    branch
        .par_chunks_mut(CHUNK * width)
        .zip(residual.par_chunks(CHUNK * width))
        .zip(inverse.par_chunks_mut(CHUNK))
        .zip(out.par_chunks_mut(CHUNK * width))
        .enumerate()
        .for_each(|(chunk, (((branch, residual), inverse), out))| {
            vectorised(
                #[inline(always)]
                || {
                    let rows = branch
                        .chunks_exact_mut(width)
                        .zip(residual.chunks_exact(width))
                        .zip(inverse)
                        .zip(out.chunks_exact_mut(width));
                    for (i, (((branch, residual), inverse), out)) in rows.enumerate() {
                        let mut index = ((chunk * CHUNK + i) * width) as u32;
                        for ((x, b), r) in branch.iter_mut().zip(bias).zip(residual) {
                            *x = (*x + b).mul_add(mask.factor(index), *r);
                            index = index.wrapping_add(1);
                        }
                        *inverse = normalise(branch, norm, out);
                    }
                },
            );
        });
}

/// `out = norm(rows)`, with what backward needs, as [`NormSaved`] wants it.
pub fn norm_rows(
    rows: &[f32],
    norm: Norm,
    normalised: &mut [f32],
    inverse: &mut [f32],
    out: &mut [f32],
) {
    let width = norm.scale.len();
    rows.par_chunks(CHUNK * width)
        .zip(normalised.par_chunks_mut(CHUNK * width))
        .zip(inverse.par_chunks_mut(CHUNK))
        .zip(out.par_chunks_mut(CHUNK * width))
        .for_each(|(((rows, normalised), inverse), out)| {
            vectorised(
                #[inline(always)]
                || {
                    normalised.copy_from_slice(rows);
                    let rows = normalised.chunks_exact_mut(width).zip(inverse);
                    for ((row, inverse), out) in rows.zip(out.chunks_exact_mut(width)) {
                        *inverse = normalise(row, norm, out);
                    }
                },
            );
        });
}

/// Normalises one row in place, writes the scaled row, and gives one over its
/// standard deviation.
#[inline(always)]
pub fn normalise(row: &mut [f32], norm: Norm, out: &mut [f32]) -> f32 {
    let share = 1.0 / row.len() as f32;
    let mean = sum(row) * share;
    for x in row.iter_mut() {
        *x -= mean;
    }
    let variance = dot(row, row) * share;
    let inverse = 1.0 / (variance + norm.epsilon).sqrt();
    if norm.shift.is_empty() {
        for ((x, y), scale) in row.iter_mut().zip(out).zip(norm.scale) {
            *x *= inverse;
            *y = *x * scale;
        }
        return inverse;
    }
    for (((x, y), scale), shift) in row.iter_mut().zip(out).zip(norm.scale).zip(norm.shift) {
        *x *= inverse;
        *y = x.mul_add(*scale, *shift);
    }
    inverse
}

/// Gradients of a LayerNorm's parameters and of the bias in front of it.
pub struct NormGradients<'a> {
    /// Of the scale, `[width]`.
    pub scale: &'a mut [f32],
    /// Of the shift, `[width]`; empty where there is none.
    pub shift: &'a mut [f32],
    /// Of the branch's bias, `[width]`; empty when there is no branch.
    pub bias: &'a mut [f32],
}

/// Backward of [`residual_norm`]: `gradient` becomes that of the residual,
/// `branch` that of the product in front of the bias.
///
/// `partials` is scratch for three sums of `width` columns.
pub fn residual_norm_backward(
    gradient: &mut [f32],
    saved: NormSaved,
    scale: &[f32],
    mask: Mask,
    branch: &mut [f32],
    into: NormGradients,
    partials: &mut [f32],
) {
    let width = scale.len();
    let rows = gradient.len() / width;
    let partials = &mut partials[..partial_length(rows, 3 * width)];
    gradient
        .par_chunks_mut(CHUNK * width)
        .zip(saved.normalised.par_chunks(CHUNK * width))
        .zip(saved.inverse_deviation.par_chunks(CHUNK))
        .zip(branch.par_chunks_mut(CHUNK * width))
        .zip(partials.par_chunks_mut(3 * width))
        .enumerate()
        .for_each(
            |(chunk, ((((gradient, normalised), inverse), branch), partial))| {
                vectorised(
                    #[inline(always)]
                    || {
                        partial.fill(0.0);
                        let (sums, bias_sum) = partial.split_at_mut(2 * width);
                        let rows = gradient
                            .chunks_exact_mut(width)
                            .zip(normalised.chunks_exact(width))
                            .zip(inverse)
                            .zip(branch.chunks_exact_mut(width));
                        for (i, (((gradient, normalised), inverse), branch)) in rows.enumerate() {
                            norm_row_backward(gradient, normalised, *inverse, scale, sums);
                            let mut index = ((chunk * CHUNK + i) * width) as u32;
                            let columns = gradient.iter().zip(branch).zip(bias_sum.iter_mut());
                            for ((d, b), sum) in columns {
                                *b = d * mask.factor(index);
                                *sum += *b;
                                index = index.wrapping_add(1);
                            }
                        }
                    },
                );
            },
        );
    collect(into, partials, width);
}

/// Backward of a LayerNorm with dropout *behind* it and no branch, as after
/// the embeddings; `gradient` becomes that of the rows before normalising.
pub fn norm_backward(
    gradient: &mut [f32],
    saved: NormSaved,
    scale: &[f32],
    mask: Mask,
    into: NormGradients,
    partials: &mut [f32],
) {
    let width = scale.len();
    let rows = gradient.len() / width;
    let partials = &mut partials[..partial_length(rows, 2 * width)];
    gradient
        .par_chunks_mut(CHUNK * width)
        .zip(saved.normalised.par_chunks(CHUNK * width))
        .zip(saved.inverse_deviation.par_chunks(CHUNK))
        .zip(partials.par_chunks_mut(2 * width))
        .enumerate()
        .for_each(|(chunk, (((gradient, normalised), inverse), partial))| {
            vectorised(
                #[inline(always)]
                || {
                    partial.fill(0.0);
                    let rows = gradient
                        .chunks_exact_mut(width)
                        .zip(normalised.chunks_exact(width))
                        .zip(inverse);
                    for (i, ((gradient, normalised), inverse)) in rows.enumerate() {
                        let mut index = ((chunk * CHUNK + i) * width) as u32;
                        for d in gradient.iter_mut() {
                            *d *= mask.factor(index);
                            index = index.wrapping_add(1);
                        }
                        norm_row_backward(gradient, normalised, *inverse, scale, partial);
                    }
                },
            );
        });
    collect(into, partials, width);
}

/// Backward of one normalised row; `sums` holds the running gradients of
/// scale and shift, `[2 · width]`.
#[inline(always)]
fn norm_row_backward(
    gradient: &mut [f32],
    normalised: &[f32],
    inverse: f32,
    scale: &[f32],
    sums: &mut [f32],
) {
    let (scale_sum, shift_sum) = sums.split_at_mut(scale.len());
    let columns = gradient.iter_mut().zip(normalised).zip(scale);
    for (((d, x), scale), (scale_sum, shift_sum)) in
        columns.zip(scale_sum.iter_mut().zip(shift_sum))
    {
        *scale_sum = d.mul_add(*x, *scale_sum);
        *shift_sum += *d;
        *d *= scale;
    }
    let share = 1.0 / scale.len() as f32;
    let mean = sum(gradient) * share;
    let along = dot(gradient, normalised) * share;
    for (d, x) in gradient.iter_mut().zip(normalised) {
        *d = inverse * (*d - x.mul_add(along, mean));
    }
}

/// Adds up the partial sums of scale, shift and (if there is one) bias.
fn collect(into: NormGradients, partials: &[f32], width: usize) {
    let sets = if into.bias.is_empty() { 2 } else { 3 };
    for (set, sums) in [into.scale, into.shift, into.bias].into_iter().enumerate() {
        sums.fill(0.0);
        for partial in partials.chunks_exact(sets * width) {
            if !sums.is_empty() {
                super::add(sums, &partial[set * width..(set + 1) * width]);
            }
        }
    }
}
