//! Scaled dot-product attention (Vaswani et al. 2017), sequence by sequence
//! over a pack, forward and backward.
//!
//! Sequences are independent, so they are divided among the threads; within a
//! sequence everything runs on one thread.

use super::config::Config;
use super::kernels::dropout::Mask;
use super::kernels::math::{dot, softmax_rows, vectorised};
use super::matrix::{Into, Matrix, MatrixMut, multiply_serial};
use super::pack::{Pack, padded};

/// Which tokens of a sequence ask: the rows that a block computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queries {
    /// Every token.
    All,
    /// The first token only. The classifier reads nothing else of the last
    /// block, so training computes nothing else of it.
    First,
}

impl Queries {
    /// Rows over all sequences of a pack of this size.
    pub fn rows(self, size: super::pack::PackSize) -> usize {
        match self {
            Queries::All => size.tokens,
            Queries::First => size.sequences,
        }
    }

    /// Attention probabilities of one head over all sequences, each row with
    /// room for whole vectors.
    pub fn probabilities(self, size: super::pack::PackSize) -> usize {
        match self {
            Queries::All => size.squares,
            Queries::First => size.padded,
        }
    }

    /// Where sequence `s` begins among the query rows.
    fn row(self, pack: &Pack, s: usize) -> usize {
        match self {
            Queries::All => pack.offsets()[s],
            Queries::First => s,
        }
    }

    /// Where sequence `s` begins among one head's probabilities.
    fn probability(self, pack: &Pack, s: usize) -> usize {
        match self {
            Queries::All => pack.squares()[s],
            Queries::First => pack.padded()[s],
        }
    }
}

/// Sizes that attention needs, and who asks.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    /// The sequences.
    pub pack: &'a Pack,
    /// The rows computed.
    pub queries: Queries,
    /// Attention heads.
    pub heads: usize,
    /// Width of a head.
    pub width: usize,
    /// Dropout of the probabilities.
    pub mask: Mask,
    /// Whether `mask` drops anything.
    pub drops: bool,
}

impl<'a> Shape<'a> {
    /// The shape of attention in a model.
    pub fn new(config: &Config, pack: &'a Pack, queries: Queries) -> Self {
        Self {
            pack,
            queries,
            heads: config.heads,
            width: config.head_width(),
            mask: super::kernels::dropout::Dropout::OFF.mask(0),
            drops: false,
        }
    }

    fn hidden(self) -> usize {
        self.heads * self.width
    }

    fn scale(self) -> f32 {
        1.0 / (self.width as f32).sqrt()
    }

    /// Tokens of sequence `s`.
    fn keys(self, s: usize) -> usize {
        self.pack.offsets()[s + 1] - self.pack.offsets()[s]
    }

    /// Elements from one row of probabilities of sequence `s` to the next.
    fn row_stride(self, s: usize) -> usize {
        padded(self.keys(s))
    }

    /// Query rows of sequence `s`.
    fn asked(self, s: usize) -> usize {
        self.queries.row(self.pack, s + 1) - self.queries.row(self.pack, s)
    }
}

/// The projected tokens.
#[derive(Clone, Copy)]
pub struct Projected<'a> {
    /// `[query rows, hidden]`.
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
        let (hidden, width) = (shape.hidden(), shape.width);
        let query = &self.query[shape.queries.row(shape.pack, s) * hidden + head * width..];
        let key = &self.key_value[shape.pack.offsets()[s] * 2 * hidden + head * width..];
        let keys = shape.keys(s);
        Head {
            query: Matrix::strided(query, shape.asked(s), width, hidden),
            key: Matrix::strided(key, keys, width, 2 * hidden),
            value: Matrix::strided(&key[hidden..], keys, width, 2 * hidden),
        }
    }
}

/// What forward writes; cut at sequence borders while it is divided.
pub struct Forward<'a> {
    /// Softmax of the scores, `[heads, queries, keys]` for each sequence, rows
    /// filled up with zeros to whole vectors.
    pub probabilities: &'a mut [f32],
    /// The same after dropout; empty when nothing is dropped.
    pub dropped: &'a mut [f32],
    /// Weighted sums of the values, `[query rows, hidden]`.
    pub context: &'a mut [f32],
}

/// Attention of all sequences.
pub fn forward(shape: Shape, projected: Projected, out: Forward) {
    divide_forward(shape, projected, out, 0, shape.pack.sequences());
}

fn divide_forward(shape: Shape, projected: Projected, out: Forward, from: usize, to: usize) {
    if to <= from {
        return;
    }
    if to - from == 1 {
        return sequence_forward(shape, projected, out, from);
    }
    let (middle, probabilities, rows) = cut(shape, from, to);
    let (left_p, right_p) = out.probabilities.split_at_mut(probabilities);
    let (left_d, right_d) = out
        .dropped
        .split_at_mut(if shape.drops { probabilities } else { 0 });
    let (left_c, right_c) = out.context.split_at_mut(rows * shape.hidden());
    let part = |probabilities, dropped, context| Forward {
        probabilities,
        dropped,
        context,
    };
    let (left, right) = (
        part(left_p, left_d, left_c),
        part(right_p, right_d, right_c),
    );
    rayon::join(
        || divide_forward(shape, projected, left, from, middle),
        || divide_forward(shape, projected, right, middle, to),
    );
}

/// Halves sequences `from..to`: the border, and how many probabilities (of all
/// heads) and query rows lie before it.
fn cut(shape: Shape, from: usize, to: usize) -> (usize, usize, usize) {
    let middle = usize::midpoint(from, to);
    let count = |start: usize, end: usize| end - start;
    let probabilities = shape.heads
        * count(
            shape.queries.probability(shape.pack, from),
            shape.queries.probability(shape.pack, middle),
        );
    let rows = count(
        shape.queries.row(shape.pack, from),
        shape.queries.row(shape.pack, middle),
    );
    (middle, probabilities, rows)
}

fn sequence_forward(shape: Shape, projected: Projected, out: Forward, s: usize) {
    let (asked, keys, hidden) = (shape.asked(s), shape.keys(s), shape.hidden());
    let stride = shape.row_stride(s);
    let size = asked * stride;
    let before = shape.queries.probability(shape.pack, s) * shape.heads;
    for head in 0..shape.heads {
        let parts = projected.head(shape, s, head);
        let probabilities = &mut out.probabilities[head * size..(head + 1) * size];
        multiply_serial(
            MatrixMut::strided(probabilities, asked, keys, stride),
            Into::Overwrite,
            shape.scale(),
            parts.query,
            parts.key.transposed(),
        );
        vectorised(
            #[inline(always)]
            || softmax_rows(probabilities, stride, keys),
        );
        let weights = if shape.drops {
            let dropped = &mut out.dropped[head * size..(head + 1) * size];
            drop_some(dropped, probabilities, shape.mask, before + head * size);
            &*dropped
        } else {
            &*probabilities
        };
        multiply_serial(
            MatrixMut::strided(
                &mut out.context[head * shape.width..],
                asked,
                shape.width,
                hidden,
            ),
            Into::Overwrite,
            1.0,
            Matrix::strided(weights, asked, keys, stride),
            parts.value,
        );
    }
}

fn drop_some(dropped: &mut [f32], probabilities: &[f32], mask: Mask, first: usize) {
    vectorised(
        #[inline(always)]
        || {
            let mut index = first as u32;
            for (d, p) in dropped.iter_mut().zip(probabilities) {
                *d = p * mask.factor(index);
                index = index.wrapping_add(1);
            }
        },
    );
}

/// What the backward pass reads.
#[derive(Clone, Copy)]
pub struct Saved<'a> {
    /// As written by [`forward`].
    pub probabilities: &'a [f32],
    /// As written by [`forward`].
    pub dropped: &'a [f32],
    /// Gradient of the context, `[query rows, hidden]`.
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
    divide_backward(shape, projected, saved, out, 0, shape.pack.sequences());
}

fn divide_backward(
    shape: Shape,
    projected: Projected,
    saved: Saved,
    out: Backward,
    from: usize,
    to: usize,
) {
    if to <= from {
        return;
    }
    if to - from == 1 {
        return sequence_backward(shape, projected, saved, out, from);
    }
    let (middle, probabilities, rows) = cut(shape, from, to);
    let tokens = shape.pack.offsets()[middle] - shape.pack.offsets()[from];
    let (left_s, right_s) = out.scores.split_at_mut(probabilities);
    let (left_q, right_q) = out.query.split_at_mut(rows * shape.hidden());
    let (left_k, right_k) = out.key_value.split_at_mut(tokens * 2 * shape.hidden());
    let part = |scores, query, key_value| Backward {
        scores,
        query,
        key_value,
    };
    let (left, right) = (
        part(left_s, left_q, left_k),
        part(right_s, right_q, right_k),
    );
    rayon::join(
        || divide_backward(shape, projected, saved, left, from, middle),
        || divide_backward(shape, projected, saved, right, middle, to),
    );
}

fn sequence_backward(shape: Shape, projected: Projected, saved: Saved, out: Backward, s: usize) {
    let (asked, keys, hidden, width) = (shape.asked(s), shape.keys(s), shape.hidden(), shape.width);
    let stride = shape.row_stride(s);
    let size = asked * stride;
    let before = shape.queries.probability(shape.pack, s) * shape.heads;
    let context = &saved.context[shape.queries.row(shape.pack, s) * hidden..];
    for head in 0..shape.heads {
        let parts = projected.head(shape, s, head);
        let place = before + head * size..before + (head + 1) * size;
        let probabilities = &saved.probabilities[place.clone()];
        let weights = if shape.drops {
            &saved.dropped[place.clone()]
        } else {
            probabilities
        };
        let context = Matrix::strided(&context[head * width..], asked, width, hidden);
        let scores = &mut out.scores[head * size..(head + 1) * size];
        let value_place = hidden + head * width;
        multiply_serial(
            MatrixMut::strided(&mut out.key_value[value_place..], keys, width, 2 * hidden),
            Into::Overwrite,
            1.0,
            Matrix::strided(weights, asked, keys, stride).transposed(),
            context,
        );
        multiply_serial(
            MatrixMut::strided(scores, asked, keys, stride),
            Into::Overwrite,
            1.0,
            context,
            parts.value.transposed(),
        );
        softmax_rows_backward(scores, probabilities, stride, shape, place.start);
        let scores = Matrix::strided(scores, asked, keys, stride);
        multiply_serial(
            MatrixMut::strided(&mut out.query[head * width..], asked, width, hidden),
            Into::Overwrite,
            shape.scale(),
            scores,
            parts.key,
        );
        multiply_serial(
            MatrixMut::strided(&mut out.key_value[head * width..], keys, width, 2 * hidden),
            Into::Overwrite,
            shape.scale(),
            scores.transposed(),
            parts.query,
        );
    }
}

/// Turns gradients of the (dropped) probabilities into those of the scores.
/// What fills up a row meets a probability of 0 and becomes 0.
fn softmax_rows_backward(
    gradients: &mut [f32],
    probabilities: &[f32],
    stride: usize,
    shape: Shape,
    first: usize,
) {
    if shape.drops {
        let mask = shape.mask;
        vectorised(
            #[inline(always)]
            || {
                let mut index = first as u32;
                for d in gradients.iter_mut() {
                    *d *= mask.factor(index);
                    index = index.wrapping_add(1);
                }
            },
        );
    }
    vectorised(
        #[inline(always)]
        || {
            let rows = gradients.chunks_exact_mut(stride);
            for (row, probabilities) in rows.zip(probabilities.chunks_exact(stride)) {
                let mean = dot(row, probabilities);
                for (d, p) in row.iter_mut().zip(probabilities) {
                    *d = p * (*d - mean);
                }
            }
        },
    );
}
