//! A block in BERT's order: LayerNorm comes behind each residual.

use super::attending::Read;
use super::buffers::norm;
use super::{Block, BlockBuffers, Flow, Scratch};
use crate::model::attention::Queries;
use crate::model::kernels::activation::{activate, activate_backward, activate_in_place};
use crate::model::kernels::gather_first;
use crate::model::kernels::norm::{NormGradients, residual_norm, residual_norm_backward};
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
    let (tokens, rows) = (block.pack.tokens(), block.rows());
    let (hidden, wide) = (block.config.hidden, block.config.intermediate);
    let input = &input[..tokens * hidden];
    if block.queries == Queries::First {
        let first = &mut buffers.first[..rows * hidden];
        gather_first(first, input, block.pack.offsets(), hidden);
    }
    let asking = block.asking(input, &buffers.first);
    block.attend(weights, Read { asking, input }, &mut buffers.attending);
    let context = &buffers.attending.context[..rows * hidden];
    let attended = &mut buffers.attended;
    let branch = &mut attended.normalised[..rows * hidden];
    let weight = weights.output_weight;
    block.linear(branch, Into::Overwrite, context, weight, rows);
    residual_norm(
        branch,
        weights.output_bias,
        block.mask(1),
        asking,
        norm(
            block.config,
            weights.attention_scale,
            weights.attention_shift,
        ),
        &mut attended.inverse[..rows],
        &mut attended.out[..rows * hidden],
    );
    let middle = &attended.out[..rows * hidden];
    let activated = &mut buffers.activated[..rows * wide];
    let widen = |out: &mut [f32]| {
        block.linear(out, Into::Overwrite, middle, weights.widen_weight, rows);
    };
    let activation = block.config.activation;
    if buffers.slope.is_empty() {
        widen(activated);
        activate_in_place(activation, activated, weights.widen_bias);
    } else {
        let slope = &mut buffers.slope[..rows * wide];
        widen(slope);
        activate(activation, slope, weights.widen_bias, activated);
    }
    let narrowed = &mut buffers.narrowed;
    let branch = &mut narrowed.normalised[..rows * hidden];
    let weight = weights.narrow_weight;
    block.linear(branch, Into::Overwrite, activated, weight, rows);
    residual_norm(
        branch,
        weights.narrow_bias,
        block.mask(2),
        middle,
        norm(block.config, weights.output_scale, weights.output_shift),
        &mut narrowed.inverse[..rows],
        &mut narrowed.out[..rows * hidden],
    );
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
    let (tokens, rows) = (block.pack.tokens(), block.rows());
    let (hidden, wide) = (block.config.hidden, block.config.intermediate);
    let input = &input[..tokens * hidden];
    let asking = block.asking(input, &buffers.first);
    let gradient = &mut flow.output[..rows * hidden];
    let branch = &mut scratch.branch[..rows * hidden];
    residual_norm_backward(
        gradient,
        buffers.narrowed.saved(rows, hidden),
        weights.output_scale,
        block.mask(2),
        branch,
        NormGradients {
            scale: into.output_scale,
            shift: into.output_shift,
            bias: into.narrow_bias,
        },
        &mut scratch.partials,
    );
    let activated = &buffers.activated[..rows * wide];
    weight_gradient(into.narrow_weight, branch, activated, rows);
    let widened = &mut scratch.wide[..rows * wide];
    let weight = weights.narrow_weight;
    linear_backward(widened, Into::Overwrite, branch, weight, rows);
    let slope = &buffers.slope[..rows * wide];
    activate_backward(widened, slope, into.widen_bias, &mut scratch.partials);
    let middle = &buffers.attended.out[..rows * hidden];
    weight_gradient(into.widen_weight, widened, middle, rows);
    linear_backward(gradient, Into::Add, widened, weights.widen_weight, rows);

    residual_norm_backward(
        gradient,
        buffers.attended.saved(rows, hidden),
        weights.attention_scale,
        block.mask(1),
        branch,
        NormGradients {
            scale: into.attention_scale,
            shift: into.attention_shift,
            bias: into.output_bias,
        },
        &mut scratch.partials,
    );
    let saved = &buffers.attending;
    let context = &saved.context[..rows * hidden];
    weight_gradient(into.output_weight, branch, context, rows);
    let context = &mut scratch.context[..rows * hidden];
    let weight = weights.output_weight;
    linear_backward(context, Into::Overwrite, branch, weight, rows);
    let read = Read { asking, input };
    let states: &mut [f32] = match (block.queries, flow.deeper) {
        (Queries::First, true) => &mut flow.input[..tokens * hidden],
        _ => &mut [],
    };
    block.attend_backward(weights, read, saved, scratch, &mut into, states, flow.table);
    if flow.deeper {
        let made = (&scratch.query[..], &scratch.key_value[..]);
        block.read_backward(weights, saved, made, (gradient, Into::Add), flow.input);
    }
}
