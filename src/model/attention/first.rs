//! Attention in which only the first token of each sequence asks.
//!
//! With a single query the other tokens need neither keys nor values. For a
//! head with query q, key weights K and bias b, the score of a token x is
//! q·(K x + b) = (Kᵀq)·x + q·b, and softmax does not see q·b, which all tokens
//! of the sequence share. With value weights V and bias c, the weighted sum of
//! the values is Σ p (V x + c) = V (Σ p x) + c Σ p. So each head asks the
//! hidden states themselves with u = Kᵀq and mixes them into y = Σ p x, and
//! the two large products run over sequences instead of tokens.

use rayon::prelude::*;

use super::Shape;
use crate::model::buffer::Buffer;
use crate::model::kernels::math::{dot, sum, vectorised};
use crate::model::kernels::softmax::{softmax_rows, softmax_rows_backward};
use crate::model::matrix::{Into, Matrix, MatrixMut, Order, multiply_serial};
use crate::model::pack::PackSize;
use crate::model::sequences::{Parts, each_sequence};

/// What is projected.
#[derive(Clone, Copy)]
pub struct Projected<'a> {
    /// Queries of the first tokens, `[sequences, hidden]`.
    pub query: &'a [f32],
    /// Hidden states, `[tokens, hidden]`.
    pub states: &'a [f32],
}

impl<'a> Projected<'a> {
    /// The queries of a head, `[sequences, width]`.
    fn query(self, shape: Shape, head: usize) -> Matrix<'a> {
        of_head(shape, self.query, head)
    }

    /// The hidden states of sequence `s`, `[tokens, hidden]`.
    fn states(self, shape: Shape, s: usize) -> Matrix<'a> {
        let hidden = shape.hidden();
        let start = shape.pack.offsets()[s] * hidden;
        let keys = shape.keys(s);
        Matrix::new(&self.states[start..start + keys * hidden], keys, hidden)
    }
}

/// The weights that make keys and values, key above value.
#[derive(Clone, Copy)]
pub struct KeyValue<'a> {
    /// `[2 · hidden, hidden]`, or as `order` says.
    pub weight: &'a [f32],
    /// `[2 · hidden]`.
    pub bias: &'a [f32],
    /// How `weight` lies in memory.
    pub order: Order,
}

impl<'a> KeyValue<'a> {
    /// K of a head, `[width, hidden]`.
    fn key(self, shape: Shape, head: usize) -> Matrix<'a> {
        self.outputs(shape, head * shape.width)
    }

    /// V of a head, `[width, hidden]`.
    fn value(self, shape: Shape, head: usize) -> Matrix<'a> {
        self.outputs(shape, shape.hidden() + head * shape.width)
    }

    fn outputs(self, shape: Shape, first: usize) -> Matrix<'a> {
        let (hidden, width) = (shape.hidden(), shape.width);
        match self.order {
            Order::OutIn => Matrix::new(
                &self.weight[first * hidden..(first + width) * hidden],
                width,
                hidden,
            ),
            Order::InOut => {
                Matrix::strided(&self.weight[first..], hidden, width, 2 * hidden).transposed()
            }
        }
    }

    /// The bias of a head's values.
    fn value_bias(self, shape: Shape, head: usize) -> &'a [f32] {
        let start = shape.hidden() + head * shape.width;
        &self.bias[start..start + shape.width]
    }
}

/// A head's columns of a matrix `[sequences, hidden]`.
fn of_head<'a>(shape: Shape, matrix: &'a [f32], head: usize) -> Matrix<'a> {
    Matrix::strided(
        &matrix[head * shape.width..],
        shape.pack.sequences(),
        shape.width,
        shape.hidden(),
    )
}

/// As [`of_head`], to be written to.
fn of_head_mut<'a>(shape: Shape, matrix: &'a mut [f32], head: usize) -> MatrixMut<'a> {
    MatrixMut::strided(
        &mut matrix[head * shape.width..],
        shape.pack.sequences(),
        shape.width,
        shape.hidden(),
    )
}

/// A head's rows of `[sequences, heads, hidden]`: `[sequences, hidden]`.
fn all_of_head<'a>(shape: Shape, rows: &'a [f32], head: usize) -> Matrix<'a> {
    let hidden = shape.hidden();
    Matrix::strided(
        &rows[head * hidden..],
        shape.pack.sequences(),
        hidden,
        shape.heads * hidden,
    )
}

/// As [`all_of_head`], to be written to.
fn all_of_head_mut<'a>(shape: Shape, rows: &'a mut [f32], head: usize) -> MatrixMut<'a> {
    let hidden = shape.hidden();
    MatrixMut::strided(
        &mut rows[head * hidden..],
        shape.pack.sequences(),
        hidden,
        shape.heads * hidden,
    )
}

/// A sequence's rows of `[sequences, heads, hidden]`: `[heads, hidden]`.
fn of_sequence<'a>(shape: Shape, rows: &'a [f32], s: usize) -> Matrix<'a> {
    let size = shape.heads * shape.hidden();
    Matrix::new(&rows[s * size..(s + 1) * size], shape.heads, shape.hidden())
}

/// What forward leaves for backward.
#[derive(Debug, Clone)]
pub struct Buffers {
    /// u of each head, `[sequences, heads, hidden]`.
    asking: Buffer,
    /// Softmax of the scores, `[heads, tokens]` for each sequence, rows filled
    /// up with zeros to whole vectors.
    probabilities: Buffer,
    /// p: the same after dropout; empty when nothing is dropped.
    dropped: Buffer,
    /// Σ p of each head, `[sequences, heads]`.
    shares: Buffer,
    /// y of each head, `[sequences, heads, hidden]`.
    mixed: Buffer,
}

impl Buffers {
    /// Buffers for packs of up to this size in a model of this many heads.
    pub fn new(heads: usize, hidden: usize, size: PackSize, dropout: bool) -> Self {
        let zeros = |length: usize| Buffer::zeros(length);
        let probabilities = size.padded * heads;
        Self {
            asking: zeros(size.sequences * heads * hidden),
            probabilities: zeros(probabilities),
            dropped: zeros(if dropout { probabilities } else { 0 }),
            shares: zeros(size.sequences * heads),
            mixed: zeros(size.sequences * heads * hidden),
        }
    }
}

/// Attention of all first tokens; writes `context`, the weighted sums of the
/// values, `[sequences, hidden]`.
pub fn forward(
    shape: Shape,
    weights: KeyValue,
    projected: Projected,
    buffers: &mut Buffers,
    context: &mut [f32],
) {
    let (pack, heads, hidden) = (shape.pack, shape.heads, shape.hidden());
    for head in 0..heads {
        multiply_serial(
            all_of_head_mut(shape, &mut buffers.asking, head),
            Into::Overwrite,
            1.0,
            projected.query(shape, head),
            weights.key(shape, head),
        );
    }
    let asking = &buffers.asking;
    let parts = [
        Parts::new(&mut buffers.probabilities, pack.padded(), heads),
        Parts::new(&mut buffers.dropped, pack.padded(), shape.dropped_heads()),
        Parts::rows(&mut buffers.shares, heads),
        Parts::rows(&mut buffers.mixed, heads * hidden),
    ];
    let sequence = |s, [probabilities, dropped, shares, mixed]: [&mut [f32]; 4]| {
        let (keys, stride) = (shape.keys(s), shape.row_stride(s));
        let states = projected.states(shape, s);
        multiply_serial(
            MatrixMut::strided(probabilities, heads, keys, stride),
            Into::Overwrite,
            shape.scale,
            of_sequence(shape, asking, s),
            states.transposed(),
        );
        softmax_rows(probabilities, stride, keys);
        let weights = shape.drop(probabilities, dropped, pack.padded()[s] * heads);
        vectorised(
            #[inline(always)]
            || {
                for (share, row) in shares.iter_mut().zip(weights.chunks_exact(stride)) {
                    *share = sum(row);
                }
            },
        );
        multiply_serial(
            MatrixMut::new(mixed, heads, hidden),
            Into::Overwrite,
            1.0,
            Matrix::strided(weights, heads, keys, stride),
            states,
        );
    };
    each_sequence(pack.sequences(), parts, sequence);
    let shares = buffers.shares.chunks_exact(heads);
    for (row, shares) in context.chunks_exact_mut(hidden).zip(shares) {
        for (head, values) in row.chunks_exact_mut(shape.width).enumerate() {
            for (x, c) in values.iter_mut().zip(weights.value_bias(shape, head)) {
                *x = shares[head] * c;
            }
        }
    }
    for head in 0..heads {
        multiply_serial(
            of_head_mut(shape, context, head),
            Into::Add,
            1.0,
            all_of_head(shape, &buffers.mixed, head),
            weights.value(shape, head).transposed(),
        );
    }
}

/// What the backward pass works in.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    asking: Buffer,
    scores: Buffer,
    mixed: Buffer,
}

impl Scratch {
    /// Scratch for packs of up to this size in a model of this many heads.
    pub fn new(heads: usize, hidden: usize, size: PackSize) -> Self {
        let rows = size.sequences * heads * hidden;
        Self {
            asking: Buffer::zeros(rows),
            scores: Buffer::zeros(size.padded * heads),
            mixed: Buffer::zeros(rows),
        }
    }
}

/// What the backward pass writes.
pub struct Backward<'a> {
    /// Gradient of the queries, `[sequences, hidden]`.
    pub query: &'a mut [f32],
    /// Gradient of the weights of keys and values, `[2 · hidden, hidden]`.
    pub weight: &'a mut [f32],
    /// Gradient of their biases, `[2 · hidden]`.
    pub bias: &'a mut [f32],
    /// Gradient of the hidden states, `[tokens, hidden]`, but for what comes by
    /// way of the queries; empty if nobody wants it.
    pub states: &'a mut [f32],
}

/// Backward of [`forward`] from `context`, the gradient of the context. The
/// weights lie as in training, [`Order::OutIn`].
pub fn backward(
    shape: Shape,
    weights: KeyValue,
    projected: Projected,
    saved: &Buffers,
    context: &[f32],
    scratch: &mut Scratch,
    out: Backward,
) {
    let (pack, heads, hidden, width) = (shape.pack, shape.heads, shape.hidden(), shape.width);
    for head in 0..heads {
        multiply_serial(
            all_of_head_mut(shape, &mut scratch.mixed, head),
            Into::Overwrite,
            1.0,
            of_head(shape, context, head),
            weights.value(shape, head),
        );
    }
    let mixed = &scratch.mixed;
    let wanted = if out.states.is_empty() { 0 } else { hidden };
    let parts = [
        Parts::new(&mut scratch.scores, pack.padded(), heads),
        Parts::rows(&mut scratch.asking, heads * hidden),
        Parts::new(out.states, pack.offsets(), wanted),
    ];
    let sequence = |s, [scores, asking, gradient]: [&mut [f32]; 3]| {
        let (keys, stride) = (shape.keys(s), shape.row_stride(s));
        let states = projected.states(shape, s);
        let number = pack.padded()[s] * heads;
        let place = number..number + heads * stride;
        let probabilities = &saved.probabilities[place.clone()];
        multiply_serial(
            MatrixMut::strided(scores, heads, keys, stride),
            Into::Overwrite,
            1.0,
            of_sequence(shape, mixed, s),
            states.transposed(),
        );
        // What comes by way of Σ p is the same for all tokens.
        let context = &context[s * hidden..(s + 1) * hidden];
        vectorised(
            #[inline(always)]
            || {
                for (head, row) in scores.chunks_exact_mut(stride).enumerate() {
                    let context = &context[head * width..(head + 1) * width];
                    let shift = dot(context, weights.value_bias(shape, head));
                    for x in &mut row[..keys] {
                        *x += shift;
                    }
                }
            },
        );
        shape.drop_backward(scores, number);
        softmax_rows_backward(scores, probabilities, stride);
        let scores = Matrix::strided(scores, heads, keys, stride);
        multiply_serial(
            MatrixMut::new(asking, heads, hidden),
            Into::Overwrite,
            shape.scale,
            scores,
            states,
        );
        if gradient.is_empty() {
            return;
        }
        let weights = match shape.mask {
            Some(_) => &saved.dropped[place],
            None => probabilities,
        };
        multiply_serial(
            MatrixMut::new(gradient, keys, hidden),
            Into::Overwrite,
            1.0,
            Matrix::strided(weights, heads, keys, stride).transposed(),
            of_sequence(shape, mixed, s),
        );
        multiply_serial(
            MatrixMut::new(gradient, keys, hidden),
            Into::Add,
            shape.scale,
            scores.transposed(),
            of_sequence(shape, &saved.asking, s),
        );
    };
    each_sequence(pack.sequences(), parts, sequence);

    let asking = &scratch.asking;
    for head in 0..heads {
        multiply_serial(
            of_head_mut(shape, out.query, head),
            Into::Overwrite,
            1.0,
            all_of_head(shape, asking, head),
            weights.key(shape, head).transposed(),
        );
    }
    let (key, value) = out.weight.split_at_mut(hidden * hidden);
    let of_weight = |weight: &mut [f32], left: Matrix, right: Matrix| {
        multiply_serial(
            MatrixMut::new(weight, width, hidden),
            Into::Overwrite,
            1.0,
            left.transposed(),
            right,
        );
    };
    let by_head = key.par_chunks_mut(width * hidden);
    let by_head = by_head.zip(value.par_chunks_mut(width * hidden));
    by_head.enumerate().for_each(|(head, (key, value))| {
        of_weight(
            key,
            projected.query(shape, head),
            all_of_head(shape, asking, head),
        );
        let mixed = all_of_head(shape, &saved.mixed, head);
        of_weight(value, of_head(shape, context, head), mixed);
    });
    // The scores do not depend on the bias of the keys.
    let (key, value) = out.bias.split_at_mut(hidden);
    key.fill(0.0);
    value.fill(0.0);
    let shares = saved.shares.chunks_exact(heads);
    for (row, shares) in context.chunks_exact(hidden).zip(shares) {
        for (head, context) in row.chunks_exact(width).enumerate() {
            let bias = &mut value[head * width..(head + 1) * width];
            for (b, d) in bias.iter_mut().zip(context) {
                *b += shares[head] * d;
            }
        }
    }
}
