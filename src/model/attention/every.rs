//! Attention in which every token asks.

use super::{Shape, each_head};
use crate::model::kernels::softmax::{softmax_rows, softmax_rows_backward};
use crate::model::matrix::{Into, Matrix, MatrixMut, multiply_serial};
use crate::model::sequences::{Parts, each_sequence};

/// The projected tokens.
#[derive(Clone, Copy)]
pub struct Projected<'a> {
    /// `[tokens, hidden]`.
    pub query: &'a [f32],
    /// Key beside value, `[tokens, 2 · hidden]`.
    pub key_value: &'a [f32],
}

/// A head of a sequence, cut out of the projected tokens.
struct Head<'a> {
    query: Matrix<'a>,
    key: Matrix<'a>,
    value: Matrix<'a>,
}

impl<'a> Projected<'a> {
    fn head(self, shape: Shape, s: usize, head: usize) -> Head<'a> {
        let (hidden, width, keys) = (shape.hidden(), shape.width, shape.keys(s));
        let start = shape.pack.offsets()[s];
        let query = &self.query[start * hidden + head * width..];
        let key = &self.key_value[start * 2 * hidden + head * width..];
        Head {
            query: Matrix::strided(query, keys, width, hidden),
            key: Matrix::strided(key, keys, width, 2 * hidden),
            value: Matrix::strided(&key[hidden..], keys, width, 2 * hidden),
        }
    }
}

/// What forward writes.
pub struct Forward<'a> {
    /// Softmax of the scores, `[heads, tokens, tokens]` for each sequence, rows
    /// filled up with zeros to whole vectors.
    pub probabilities: &'a mut [f32],
    /// The same after dropout; empty when nothing is dropped.
    pub dropped: &'a mut [f32],
    /// Weighted sums of the values, `[tokens, hidden]`.
    pub context: &'a mut [f32],
}

/// Attention of all sequences.
pub fn forward(shape: Shape, projected: Projected, out: Forward) {
    let (pack, hidden, width) = (shape.pack, shape.hidden(), shape.width);
    let parts = [
        Parts::new(out.probabilities, pack.squares(), shape.heads),
        Parts::new(out.dropped, pack.squares(), shape.dropped_heads()),
        Parts::new(out.context, pack.offsets(), hidden),
    ];
    let sequence = |s, [probabilities, dropped, context]: [&mut [f32]; 3]| {
        let (keys, stride) = (shape.keys(s), shape.row_stride(s));
        let size = keys * stride;
        let mut dropped = dropped.chunks_exact_mut(size.max(1));
        let contexts = MatrixMut::new(context, keys, hidden).stripes(width);
        let parts = probabilities.chunks_exact_mut(size.max(1)).zip(contexts);
        let parts = parts.map(|(own, context)| (own, dropped.next().unwrap_or_default(), context));
        let of_head = |(): &mut (), head, parts: (&mut [f32], &mut [f32], MatrixMut)| {
            let (probabilities, dropped, context) = parts;
            let number = pack.squares()[s] * shape.heads + head * size;
            let parts = projected.head(shape, s, head);
            multiply_serial(
                MatrixMut::strided(probabilities, keys, keys, stride),
                Into::Overwrite,
                shape.scale,
                parts.query,
                parts.key.transposed(),
            );
            softmax_rows(probabilities, stride, keys);
            let weights = shape.drop(probabilities, dropped, number);
            multiply_serial(
                context,
                Into::Overwrite,
                1.0,
                Matrix::strided(weights, keys, keys, stride),
                parts.value,
            );
        };
        each_head(keys, parts.collect(), || (), of_head);
    };
    each_sequence(pack.sequences(), parts, sequence);
}

/// What the backward pass reads.
#[derive(Clone, Copy)]
pub struct Saved<'a> {
    /// As written by [`forward`].
    pub probabilities: &'a [f32],
    /// As written by [`forward`].
    pub dropped: &'a [f32],
    /// Gradient of the context, `[tokens, hidden]`.
    pub context: &'a [f32],
}

/// What the backward pass writes.
pub struct Backward<'a> {
    /// Scratch as large as the probabilities.
    pub scores: &'a mut [f32],
    /// Gradient of the queries.
    pub query: &'a mut [f32],
    /// Gradient of keys and values.
    pub key_value: &'a mut [f32],
}

/// Backward of [`forward`].
pub fn backward(shape: Shape, projected: Projected, saved: Saved, out: Backward) {
    let (pack, hidden, width) = (shape.pack, shape.hidden(), shape.width);
    let parts = [
        Parts::new(out.scores, pack.squares(), shape.heads),
        Parts::new(out.query, pack.offsets(), hidden),
        Parts::new(out.key_value, pack.offsets(), 2 * hidden),
    ];
    let sequence = |s, [scores, query, key_value]: [&mut [f32]; 3]| {
        let (keys, stride) = (shape.keys(s), shape.row_stride(s));
        let size = keys * stride;
        let context = &saved.context[pack.offsets()[s] * hidden..];
        let queries = MatrixMut::new(query, keys, hidden).stripes(width);
        let mut of_keys = MatrixMut::new(key_value, keys, 2 * hidden).stripes(width);
        let of_values = of_keys.split_off(shape.heads);
        let parts = scores.chunks_exact_mut(size.max(1)).zip(queries);
        let parts = parts.zip(of_keys.into_iter().zip(of_values)).collect();
        type OfHead<'a> = (
            (&'a mut [f32], MatrixMut<'a>),
            (MatrixMut<'a>, MatrixMut<'a>),
        );
        let of_head = |(): &mut (), head, ((scores, query), (key, value)): OfHead| {
            let parts = projected.head(shape, s, head);
            let number = pack.squares()[s] * shape.heads + head * size;
            let place = number..number + size;
            let probabilities = &saved.probabilities[place.clone()];
            let weights = match shape.mask {
                Some(_) => &saved.dropped[place],
                None => probabilities,
            };
            let context = Matrix::strided(&context[head * width..], keys, width, hidden);
            multiply_serial(
                value,
                Into::Overwrite,
                1.0,
                Matrix::strided(weights, keys, keys, stride).transposed(),
                context,
            );
            multiply_serial(
                MatrixMut::strided(scores, keys, keys, stride),
                Into::Overwrite,
                1.0,
                context,
                parts.value.transposed(),
            );
            shape.drop_backward(scores, number);
            softmax_rows_backward(scores, probabilities, stride);
            let scores = Matrix::strided(scores, keys, keys, stride);
            multiply_serial(query, Into::Overwrite, shape.scale, scores, parts.key);
            let scores = scores.transposed();
            multiply_serial(key, Into::Overwrite, shape.scale, scores, parts.query);
        };
        each_head(keys, parts, || (), of_head);
    };
    each_sequence(pack.sequences(), parts, sequence);
}
