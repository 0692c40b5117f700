//! A block in ModernBERT's order (Warner et al. 2024): LayerNorm comes in front
//! of attention and of the gated feed-forward layers, whose results are added
//! to a stream that is normed only behind the last block.
//!
//! Nothing is dropped out in it: ModernBERT is trained without.

use super::attending::Read;
use super::buffers::norm;
use super::{Block, BlockBuffers, Flow, Scratch};
use crate::model::attention::Queries;
use crate::model::kernels::activation::{gate, gate_backward};
use crate::model::kernels::dropout::Dropout;
use crate::model::kernels::norm::{NormGradients, NormSaved, norm_backward};
use crate::model::kernels::{add_all, add_bias, add_row, column_sums, gather_first, scatter_first};
use crate::model::layout::BlockParts;
use crate::model::linear::{linear_backward, weight_gradient};
use crate::model::matrix::Into;

/// See [`Block::forward`].
pub(super) fn forward(
    block: &Block,
    weights: &BlockParts<&[f32]>,
    input: &[f32],
    buffers: &mut BlockBuffers,
) {
    let config = block.config;
    let (tokens, rows) = (block.pack.tokens(), block.rows());
    let (hidden, wide) = (config.hidden, config.intermediate);
    let input = &input[..tokens * hidden];
    let entered = if config.norms_attention(block.number) {
        let entered = &mut buffers.entered;
        let norm = norm(config, weights.attention_scale, weights.attention_shift);
        entered.of(input, norm, tokens, hidden);
        &entered.out[..tokens * hidden]
    } else {
        input
    };
    if block.queries == Queries::First {
        let first = &mut buffers.first[..rows * hidden];
        gather_first(first, entered, block.pack.offsets(), hidden);
    }
    let asking = block.asking(entered, &buffers.first);
    let read = Read {
        asking,
        input: entered,
    };
    block.attend(weights, read, &mut buffers.attending);

    // The stream behind attention.
    let middle = &mut buffers.middle[..rows * hidden];
    match block.queries {
        Queries::All => middle.copy_from_slice(input),
        Queries::First => gather_first(middle, input, block.pack.offsets(), hidden),
    }
    let context = &buffers.attending.context[..rows * hidden];
    let weight = weights.output_weight;
    add_row(middle, weights.output_bias);
    block.linear(middle, Into::Add, context, weight, rows);

    let attended = &mut buffers.attended;
    let output_norm = norm(config, weights.output_scale, weights.output_shift);
    attended.of(middle, output_norm, rows, hidden);
    let widened = &mut buffers.slope[..rows * 2 * wide];
    let into = add_bias(widened, weights.widen_bias);
    let normed = &attended.out[..rows * hidden];
    block.linear(widened, into, normed, weights.widen_weight, rows);
    let activated = &mut buffers.activated[..rows * wide];
    gate(config.activation, widened, activated, wide);

    // The stream behind the block; `middle` has been read for the last time.
    add_row(middle, weights.narrow_bias);
    block.linear(middle, Into::Add, activated, weights.narrow_weight, rows);
    let narrowed = &mut buffers.narrowed;
    if config.norms_output(block.number) {
        let norm = norm(config, weights.final_scale, weights.final_shift);
        narrowed.of(middle, norm, rows, hidden);
    } else {
        narrowed.out[..rows * hidden].copy_from_slice(middle);
    }
}

/// See [`Block::backward`].
pub(super) fn backward(
    block: &Block,
    weights: &BlockParts<&[f32]>,
    input: &[f32],
    buffers: &BlockBuffers,
    scratch: &mut Scratch,
    mut into: BlockParts<&mut [f32]>,
    flow: Flow,
) {
    let config = block.config;
    let (tokens, rows, hidden) = (block.pack.tokens(), block.rows(), config.hidden);
    let gradient = &mut flow.output[..rows * hidden];
    if config.norms_output(block.number) {
        let sums = gradients(into.final_scale, into.final_shift);
        let saved = buffers.narrowed.saved(rows, hidden);
        through_norm(gradient, saved, weights.final_scale, sums, scratch);
    }
    feed_forward_backward(block, weights, buffers, scratch, &mut into, gradient);

    let saved = &buffers.attending;
    bias_gradient(into.output_bias, gradient, scratch);
    let context = &saved.context[..rows * hidden];
    weight_gradient(into.output_weight, gradient, context, rows);
    let context = &mut scratch.context[..rows * hidden];
    let weight = weights.output_weight;
    linear_backward(context, Into::Overwrite, gradient, weight, rows);
    let normed = config.norms_attention(block.number);
    let entered = match normed {
        true => &buffers.entered.out[..tokens * hidden],
        false => &input[..tokens * hidden],
    };
    let asking = block.asking(entered, &buffers.first);
    let read = Read {
        asking,
        input: entered,
    };
    block.attend_backward(
        weights,
        read,
        saved,
        scratch,
        &mut into,
        &mut [],
        flow.table,
    );
    if !(normed || flow.deeper) {
        return;
    }
    // To what attention read, through its LayerNorm, and to the stream.
    let mut asked = std::mem::take(&mut scratch.branch);
    let made = (&scratch.query[..], &scratch.key_value[..]);
    let to_asked = (&mut asked[..rows * hidden], Into::Overwrite);
    block.read_backward(weights, saved, made, to_asked, flow.input);
    let entered = match block.queries {
        Queries::All => &mut asked[..tokens * hidden],
        Queries::First => &mut flow.input[..tokens * hidden],
    };
    if normed {
        let sums = gradients(into.attention_scale, into.attention_shift);
        let saved = buffers.entered.saved(tokens, hidden);
        through_norm(entered, saved, weights.attention_scale, sums, scratch);
    }
    match block.queries {
        Queries::All => add_all(gradient, entered),
        Queries::First => scatter_first(entered, gradient, block.pack.offsets(), hidden),
    }
    scratch.branch = asked;
}

/// The feed-forward half: adds to `gradient`, that of the stream.
fn feed_forward_backward(
    block: &Block,
    weights: &BlockParts<&[f32]>,
    buffers: &BlockBuffers,
    scratch: &mut Scratch,
    into: &mut BlockParts<&mut [f32]>,
    gradient: &mut [f32],
) {
    let (rows, hidden) = (block.rows(), block.config.hidden);
    let wide = block.config.intermediate;
    bias_gradient(into.narrow_bias, gradient, scratch);
    let activated = &buffers.activated[..rows * wide];
    weight_gradient(into.narrow_weight, gradient, activated, rows);
    let gated = &mut scratch.gated[..rows * wide];
    let weight = weights.narrow_weight;
    linear_backward(gated, Into::Overwrite, gradient, weight, rows);
    let widened = &mut scratch.wide[..rows * 2 * wide];
    let slopes = &buffers.slope[..rows * 2 * wide];
    gate_backward(widened, gated, slopes, wide);
    if !into.widen_bias.is_empty() {
        column_sums(into.widen_bias, widened, &mut scratch.partials);
    }
    let normed = &buffers.attended.out[..rows * hidden];
    weight_gradient(into.widen_weight, widened, normed, rows);
    let branch = &mut scratch.branch[..rows * hidden];
    let weight = weights.widen_weight;
    linear_backward(branch, Into::Overwrite, widened, weight, rows);
    let saved = buffers.attended.saved(rows, hidden);
    let mask = Dropout::OFF.mask(0);
    let sums = gradients(&mut *into.output_scale, &mut *into.output_shift);
    let scale = weights.output_scale;
    norm_backward(branch, saved, scale, mask, sums, &mut scratch.partials);
    add_all(gradient, branch);
}

fn gradients<'a>(scale: &'a mut [f32], shift: &'a mut [f32]) -> NormGradients<'a> {
    NormGradients {
        scale,
        shift,
        bias: &mut [],
    }
}

fn through_norm(
    gradient: &mut [f32],
    saved: NormSaved,
    scale: &[f32],
    sums: NormGradients,
    scratch: &mut Scratch,
) {
    let mask = Dropout::OFF.mask(0);
    norm_backward(gradient, saved, scale, mask, sums, &mut scratch.partials);
}

fn bias_gradient(bias: &mut [f32], gradient: &[f32], scratch: &mut Scratch) {
    if !bias.is_empty() {
        column_sums(bias, gradient, &mut scratch.partials);
    }
}
