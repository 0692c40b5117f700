//! The convolution beside the first block of the larger DeBERTa-v2 models (He
//! et al. 2021): `norm(output + activation(dropout(W · window + b)))`, where
//! the window of a token are the states around it in the block's *input*.
//!
//! It is computed as a linear layer over windows that are copied out. Beyond
//! the ends of a text stand zeros.

use super::buffers::{BlockBuffers, Scratch, norm};
use super::{Block, Flow};
use crate::model::config::Convolution;
use crate::model::kernels::activation::{activate, activate_backward};
use crate::model::kernels::dropout::{Dropout, drop_in_place};
use crate::model::kernels::norm::{NormGradients, norm_backward, norm_rows};
use crate::model::kernels::{add_all, add_bias};
use crate::model::layout::BlockParts;
use crate::model::linear::{linear_backward, weight_gradient};
use crate::model::matrix::Into;
use crate::model::pack::Pack;
use crate::model::sequences::{Parts, each_sequence};

/// Where its dropout draws its mask from: no block's place, and none of the
/// head's.
const DROPOUT_PLACE: usize = usize::MAX - 2;

/// Replaces the block's output.
pub(super) fn forward(
    block: &Block,
    convolution: &Convolution,
    weights: &BlockParts<&[f32]>,
    input: &[f32],
    buffers: &mut BlockBuffers,
) {
    let (tokens, hidden) = (block.pack.tokens(), block.config.hidden);
    let states = tokens * hidden;
    let made = &mut buffers.convolved;
    let windows = &mut made.windows[..states * convolution.kernel];
    gather_windows(windows, input, block.pack, hidden, convolution.kernel);
    let slope = &mut made.slope[..states];
    let into = add_bias(slope, weights.convolution_bias);
    block.linear(slope, into, windows, weights.convolution_weight, tokens);
    let mask = block.dropout.mask(DROPOUT_PLACE);
    let drop = |values: &mut [f32]| {
        if block.dropout.is_on() {
            drop_in_place(values, mask);
        }
    };
    drop(slope);
    let sum = &mut made.normed.out[..states];
    activate(convolution.activation, slope, &vec![0.0; hidden], sum);
    drop(slope);
    let output = &mut buffers.narrowed.out[..states];
    add_all(sum, output);
    let (scale, shift) = (weights.convolution_scale, weights.convolution_shift);
    norm_rows(
        sum,
        norm(block.config, scale, shift),
        &mut made.normed.normalised[..states],
        &mut made.normed.inverse[..tokens],
        output,
    );
}

/// Backward of [`forward`]: `flow.output` becomes the gradient of the block's
/// output without the convolution, and `scratch.windows` that of the windows,
/// if anybody wants it.
pub(super) fn backward(
    block: &Block,
    weights: &BlockParts<&[f32]>,
    buffers: &BlockBuffers,
    scratch: &mut Scratch,
    into: &mut BlockParts<&mut [f32]>,
    flow: &mut Flow,
) {
    let (tokens, hidden) = (block.pack.tokens(), block.config.hidden);
    let states = tokens * hidden;
    let saved = &buffers.convolved;
    let gradient = &mut flow.output[..states];
    norm_backward(
        gradient,
        saved.normed.saved(tokens, hidden),
        weights.convolution_scale,
        Dropout::OFF.mask(0),
        NormGradients {
            scale: into.convolution_scale,
            shift: into.convolution_shift,
            bias: &mut [],
        },
        &mut scratch.partials,
    );
    let branch = &mut scratch.branch[..states];
    branch.copy_from_slice(gradient);
    let bias = &mut *into.convolution_bias;
    activate_backward(branch, &saved.slope[..states], bias, &mut scratch.partials);
    let kernel = weights.convolution_weight.len() / (hidden * hidden);
    let windows = &saved.windows[..states * kernel];
    weight_gradient(into.convolution_weight, branch, windows, tokens);
    if flow.deeper {
        let of_windows = &mut scratch.windows[..windows.len()];
        let weight = weights.convolution_weight;
        linear_backward(of_windows, Into::Overwrite, branch, weight, tokens);
    }
}

/// Copies the neighbourhood of each token together, in the order of the
/// weights: for each column its values from front to back.
fn gather_windows(windows: &mut [f32], states: &[f32], pack: &Pack, hidden: usize, kernel: usize) {
    let parts = [Parts::new(windows, pack.offsets(), hidden * kernel)];
    each_sequence(pack.sequences(), parts, |s, [windows]: [&mut [f32]; 1]| {
        let states = &states[pack.offsets()[s] * hidden..pack.offsets()[s + 1] * hidden];
        windows.fill(0.0);
        for (token, window) in windows.chunks_exact_mut(hidden * kernel).enumerate() {
            for place in 0..kernel {
                if let Some(row) = neighbour(states, hidden, token + place, kernel) {
                    for (values, x) in window.chunks_exact_mut(kernel).zip(row) {
                        values[place] = *x;
                    }
                }
            }
        }
    });
}

/// Adds the gradient of the windows to that of the states, `gradient`.
pub(super) fn add_input_gradient(
    block: &Block,
    convolution: &Convolution,
    windows: &[f32],
    gradient: &mut [f32],
) {
    let (pack, hidden, kernel) = (block.pack, block.config.hidden, convolution.kernel);
    let width = hidden * kernel;
    let parts = [Parts::new(gradient, pack.offsets(), hidden)];
    each_sequence(pack.sequences(), parts, |s, [gradient]: [&mut [f32]; 1]| {
        let windows = &windows[pack.offsets()[s] * width..pack.offsets()[s + 1] * width];
        for (token, sum) in gradient.chunks_exact_mut(hidden).enumerate() {
            for place in 0..kernel {
                // In the window of the token behind by as much as it stands in front.
                let place_there = kernel - 1 - place;
                if let Some(window) = neighbour(windows, width, token + place, kernel) {
                    for (x, values) in sum.iter_mut().zip(window.chunks_exact(kernel)) {
                        *x += values[place_there];
                    }
                }
            }
        }
    });
}

/// The row of a place in a window: `from` counts from as many rows in front of
/// the first one as a window reaches back. None beyond either end.
fn neighbour(rows: &[f32], width: usize, from: usize, kernel: usize) -> Option<&[f32]> {
    let row = from.checked_sub(kernel / 2)?;
    rows.get(row * width..(row + 1) * width)
}
