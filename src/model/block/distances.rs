//! What a block does with the table of distances that all blocks share: makes
//! keys and queries of its rows, and passes gradients back.

use rayon::prelude::*;

use super::Block;
use super::buffers::Scratch;
use crate::model::attention::distances::{Projections, Terms};
use crate::model::buffer::Buffer;
use crate::model::config::Distances;
use crate::model::kernels::{add, add_bias, column_sums};
use crate::model::layout::BlockParts;
use crate::model::matrix::{Into, Matrix, MatrixMut, Order, multiply};

/// What distances add to the scores of a block, from what [`project`] made.
pub(super) fn terms<'t>(block: &'t Block, made: &'t [Buffer; 2]) -> Terms<'t> {
    let rows = &block.places.rows;
    match &block.config.distances {
        Distances::Biased(_) => Terms::Biased(block.places.table(), rows),
        Distances::Disentangled(_) => {
            let used = rows.all_used().len() * block.config.hidden;
            let used = |made: &'t Buffer| &made[..used.min(made.len())];
            Terms::Disentangled(Projections {
                keys: used(&made[0]),
                queries: used(&made[1]),
                rows,
            })
        }
        Distances::Untold | Distances::Rotary(_) => Terms::None,
    }
}

/// A layer that makes keys or queries of distances.
struct Layer<'w> {
    /// `[hidden, hidden]`, out by in.
    weight: Matrix<'w>,
    bias: &'w [f32],
}

/// The layer for keys (0) or queries (1): the block's own, or that of the
/// tokens.
fn layer<'w>(block: &Block, weights: &BlockParts<&'w [f32]>, number: usize) -> Layer<'w> {
    let hidden = block.config.hidden;
    let (weight, columns, bias) = match (block.config.shares_projections(), number) {
        (true, 0) => (
            weights.key_value_weight,
            2 * hidden,
            &weights.key_value_bias[..hidden],
        ),
        (true, _) => (weights.query_weight, hidden, weights.query_bias),
        (false, 0) => (
            weights.distance_key_weight,
            hidden,
            weights.distance_key_bias,
        ),
        (false, _) => (
            weights.distance_query_weight,
            hidden,
            weights.distance_query_bias,
        ),
    };
    Layer {
        weight: match block.order {
            Order::OutIn => Matrix::new(&weight[..hidden * hidden], hidden, hidden),
            Order::InOut => Matrix::strided(weight, hidden, hidden, columns).transposed(),
        },
        bias,
    }
}

/// Makes keys and queries of the rows of distances that the pack uses.
pub(super) fn project(block: &Block, weights: &BlockParts<&[f32]>, made: &mut [Buffer; 2]) {
    let hidden = block.config.hidden;
    let used = block.places.rows.all_used();
    let wanted = made.iter_mut().enumerate();
    for (number, made) in wanted.filter(|(_, made)| !made.is_empty()) {
        let table = &block.places.table()[used.start * hidden..used.end * hidden];
        let layer = layer(block, weights, number);
        let made = &mut made[..used.len() * hidden];
        let into = add_bias(made, layer.bias);
        multiply(
            MatrixMut::new(made, used.len(), hidden),
            into,
            1.0,
            Matrix::new(table, used.len(), hidden),
            layer.weight.transposed(),
        );
    }
}

/// Backward of [`project`], from the gradients of each sequence in
/// `scratch.terms`; adds to `table`, the gradient of the shared table, unless
/// nobody wants it.
pub(super) fn backward(
    block: &Block,
    weights: &BlockParts<&[f32]>,
    scratch: &mut Scratch,
    into: &mut BlockParts<&mut [f32]>,
    table: &mut [f32],
) {
    match &block.config.distances {
        Distances::Biased(_) if !table.is_empty() => {
            let sequences = block.pack.sequences();
            let parts = scratch.terms[0].chunks_exact(table.len());
            for part in parts.take(sequences) {
                add(table, part);
            }
        }
        Distances::Disentangled(shape) => {
            let kinds = [shape.content_to_position, shape.position_to_content];
            for number in [0, 1].into_iter().filter(|number| kinds[*number]) {
                backward_of(block, weights, number, scratch, into, table);
            }
        }
        Distances::Biased(_) | Distances::Untold | Distances::Rotary(_) => {}
    }
}

fn backward_of(
    block: &Block,
    weights: &BlockParts<&[f32]>,
    number: usize,
    scratch: &mut Scratch,
    into: &mut BlockParts<&mut [f32]>,
    table: &mut [f32],
) {
    let hidden = block.config.hidden;
    let used = block.places.rows.all_used();
    let gradient = &mut scratch.distances[..used.len() * hidden];
    sum_sequences(block, &scratch.terms[number], gradient);
    let (weight, bias): (&mut [f32], &mut [f32]) = match (block.config.shares_projections(), number)
    {
        (true, 0) => (
            &mut into.key_value_weight[..hidden * hidden],
            &mut into.key_value_bias[..hidden],
        ),
        (true, _) => (into.query_weight, into.query_bias),
        (false, 0) => (into.distance_key_weight, into.distance_key_bias),
        (false, _) => (into.distance_query_weight, into.distance_query_bias),
    };
    if !block.config.shares_projections() {
        weight.fill(0.0);
        bias.fill(0.0);
    }
    let mut sums = vec![0.0; hidden];
    column_sums(&mut sums, gradient, &mut scratch.partials);
    add(bias, &sums);
    let range = used.start * hidden..used.end * hidden;
    let rows = Matrix::new(&block.places.table()[range.clone()], used.len(), hidden);
    let gradient = Matrix::new(gradient, used.len(), hidden);
    multiply(
        MatrixMut::new(weight, hidden, hidden),
        Into::Add,
        1.0,
        gradient.transposed(),
        rows,
    );
    if !table.is_empty() {
        multiply(
            MatrixMut::new(&mut table[range], used.len(), hidden),
            Into::Add,
            1.0,
            gradient,
            layer(block, weights, number).weight,
        );
    }
}

/// Sums up the gradients of the rows that each sequence uses, in order.
fn sum_sequences(block: &Block, parts: &[f32], sums: &mut [f32]) {
    let (hidden, rows) = (block.config.hidden, &block.places.rows);
    let first = rows.all_used().start;
    let lengths = block
        .pack
        .offsets()
        .windows(2)
        .map(|ends| ends[1] - ends[0]);
    let used: Vec<_> = lengths.map(|length| rows.used(length)).collect();
    sums.par_chunks_mut(hidden)
        .enumerate()
        .for_each(|(number, sum)| {
            let row = first + number;
            sum.fill(0.0);
            for (used, start) in used.iter().zip(rows.starts()) {
                if used.contains(&row) {
                    let place = (start + row - used.start) * hidden;
                    add(sum, &parts[place..place + hidden]);
                }
            }
        });
}
