//! What distances add to the scores of one head of a sequence, some queries at
//! a time, and the gradients of that.

use std::ops::Range;

use super::Shape;
use super::distances::{DistanceRows, Projections, Terms};
use crate::model::buffer::Buffer;
use crate::model::kernels::add;
use crate::model::kernels::math::vectorised;
use crate::model::matrix::{Into, Matrix, MatrixMut, multiply_serial};
use crate::model::sequences::Parts;

impl<'a> Terms<'a> {
    /// Divides the gradients of what distances add among the sequences: of the
    /// biases, `[sequences, rows · heads]`, or of the keys and the queries of
    /// the rows that each uses.
    pub(super) fn gradient_parts<'p>(
        self,
        shape: Shape,
        [first, second]: [&'p mut [f32]; 2],
    ) -> [Parts<'p>; 2]
    where
        'a: 'p,
    {
        let hidden = shape.hidden();
        match self {
            Terms::None => [Parts::rows(first, 0), Parts::rows(second, 0)],
            Terms::Biased(table, _) => [Parts::rows(first, table.len()), Parts::rows(second, 0)],
            Terms::Disentangled(made) => {
                let width = |of: &[f32]| if of.is_empty() { 0 } else { hidden };
                let starts = made.rows.starts();
                [
                    Parts::new(first, starts, width(made.keys)),
                    Parts::new(second, starts, width(made.queries)),
                ]
            }
        }
    }

    /// Divides a part of these among the heads: of the biases `[rows, 1]`, of
    /// keys or queries `[rows, width]`.
    pub(super) fn by_head<'p>(self, shape: Shape, part: &'p mut [f32]) -> Vec<MatrixMut<'p>> {
        let width = match self {
            Terms::None | Terms::Biased(..) => 1,
            Terms::Disentangled(_) => shape.width,
        };
        let columns = shape.heads * width;
        let rows = part.len() / columns;
        MatrixMut::new(part, rows, columns).stripes(width)
    }
}

/// What distances add to the scores of one head of a sequence.
pub(super) enum HeadTerms<'a> {
    None,
    Biased(Biased<'a>),
    Disentangled(Disentangled<'a>),
}

/// A bias for each distance.
pub(super) struct Biased<'a> {
    /// For all distances in the sequence, falling as in [`DistanceRows::from`].
    biases: Vec<f32>,
    /// The row of each in the table.
    rows: &'a [u32],
    length: usize,
}

/// Keys and queries of the distances in the sequence.
pub(super) struct Disentangled<'a> {
    rows: &'a DistanceRows,
    used: Range<usize>,
    /// `[rows used, width]`.
    keys: Option<Matrix<'a>>,
    /// `[rows used, width]`.
    queries: Option<Matrix<'a>>,
    /// What each row asks each token, `[tokens, rows used]`.
    of_tokens: Buffer,
    scale: f32,
}

impl<'a> HeadTerms<'a> {
    /// For a head of sequence `s` with these keys.
    pub(super) fn new(shape: Shape, terms: Terms<'a>, s: usize, head: usize, key: Matrix) -> Self {
        let length = shape.keys(s);
        match terms {
            Terms::None => Self::None,
            Terms::Biased(table, rows) => {
                let rows = &rows.from(length - 1, 0)[..2 * length - 1];
                let bias = |row: &u32| table[*row as usize * shape.heads + head];
                Self::Biased(Biased {
                    biases: rows.iter().map(bias).collect(),
                    rows,
                    length,
                })
            }
            Terms::Disentangled(made) => {
                Self::Disentangled(Disentangled::new(shape, made, length, head, key))
            }
        }
    }

    /// Adds to the scores of the queries from place `asked` on, rows `stride`
    /// apart, for these keys.
    pub(super) fn add(
        &self,
        scores: &mut [f32],
        stride: usize,
        asked: usize,
        keys: Range<usize>,
        query: Matrix,
    ) {
        match self {
            Self::None => {}
            Self::Biased(biased) => biased.add(scores, stride, asked, keys),
            Self::Disentangled(made) => made.add(scores, stride, asked, keys, query),
        }
    }
}

impl Biased<'_> {
    /// Biases of a query for the keys from a place on.
    fn from(&self, query: usize, key: usize) -> usize {
        key + self.length - 1 - query
    }

    fn add(&self, scores: &mut [f32], stride: usize, asked: usize, keys: Range<usize>) {
        vectorised(
            #[inline(always)]
            || {
                for (i, row) in scores.chunks_exact_mut(stride).enumerate() {
                    let biases = &self.biases[self.from(asked + i, keys.start)..];
                    add(&mut row[..keys.len()], biases);
                }
            },
        );
    }
}

impl<'a> Disentangled<'a> {
    fn new(shape: Shape, made: Projections<'a>, length: usize, head: usize, key: Matrix) -> Self {
        let (hidden, width) = (shape.hidden(), shape.width);
        let used = made.rows.used(length);
        let start = (used.start - made.rows.all_used().start) * hidden + head * width;
        let of_head = |made: &'a [f32]| {
            let there = !made.is_empty();
            there.then(|| Matrix::strided(&made[start..], used.len(), width, hidden))
        };
        let queries = of_head(made.queries);
        let mut of_tokens = Buffer::default();
        if let Some(queries) = queries {
            of_tokens = Buffer::zeros(length * used.len());
            multiply_serial(
                MatrixMut::new(&mut of_tokens, length, used.len()),
                Into::Overwrite,
                shape.scale,
                key,
                queries.transposed(),
            );
        }
        Self {
            rows: made.rows,
            keys: of_head(made.keys),
            queries,
            of_tokens,
            scale: shape.scale,
            used,
        }
    }

    /// Calls `work` with each row of scores, what it reads of the rows of
    /// distances, and the number of the row.
    fn each_row<'s>(
        &self,
        scores: impl Iterator<Item = &'s mut [f32]>,
        asked: usize,
        keys: &Range<usize>,
        mut work: impl FnMut(usize, &'s mut [f32], &[u32]),
    ) {
        for (i, row) in scores.enumerate() {
            let rows = &self.rows.from(asked + i, keys.start)[..keys.len()];
            work(i, &mut row[..keys.len()], rows);
        }
    }

    fn add(
        &self,
        scores: &mut [f32],
        stride: usize,
        asked: usize,
        keys: Range<usize>,
        query: Matrix,
    ) {
        let (count, first) = (self.used.len(), self.used.start);
        if let Some(of_distances) = self.keys {
            let queries = query.row_count();
            let mut asking = Buffer::zeros(queries * count);
            multiply_serial(
                MatrixMut::new(&mut asking, queries, count),
                Into::Overwrite,
                self.scale,
                query,
                of_distances.transposed(),
            );
            let scores = scores.chunks_exact_mut(stride);
            self.each_row(scores, asked, &keys, |i, scores, rows| {
                let asking = &asking[i * count..(i + 1) * count];
                for (score, row) in scores.iter_mut().zip(rows) {
                    *score += asking[*row as usize - first];
                }
            });
        }
        if self.queries.is_some() {
            let of_tokens = &self.of_tokens[keys.start * count..];
            let scores = scores.chunks_exact_mut(stride);
            self.each_row(scores, asked, &keys, |_, scores, rows| {
                let of_tokens = of_tokens.chunks_exact(count);
                for ((score, row), token) in scores.iter_mut().zip(rows).zip(of_tokens) {
                    *score += token[*row as usize - first];
                }
            });
        }
    }
}

/// Gradients of what distances add to the scores of a head.
pub(super) enum Gradients<'p> {
    None,
    Biased {
        /// Of the head's biases, `[rows, 1]`.
        table: MatrixMut<'p>,
        /// Of the bias of each distance.
        biases: Vec<f32>,
    },
    Disentangled {
        /// Of the keys of distances, `[rows used, width]`.
        keys: MatrixMut<'p>,
        /// Of the queries of distances, `[rows used, width]`.
        queries: MatrixMut<'p>,
        /// Of what each row asks each token, `[tokens, rows used]`.
        of_tokens: Buffer,
    },
}

impl<'p> Gradients<'p> {
    /// Begins a head; its share is added to its parts, see [`Terms::by_head`].
    pub(super) fn new(terms: &HeadTerms, [first, second]: [MatrixMut<'p>; 2]) -> Self {
        match terms {
            HeadTerms::None => Self::None,
            HeadTerms::Biased(biased) => Self::Biased {
                table: first,
                biases: vec![0.0; biased.biases.len()],
            },
            HeadTerms::Disentangled(made) => Self::Disentangled {
                keys: first,
                queries: second,
                of_tokens: Buffer::zeros(made.of_tokens.len()),
            },
        }
    }

    /// Takes in the gradient of the scores of some queries, whose own gradient
    /// is added to. See [`HeadTerms::add`].
    #[expect(
        clippy::too_many_arguments,
        reason = "scores and their place, and both sides of the product that made them"
    )]
    pub(super) fn add(
        &mut self,
        terms: &HeadTerms,
        scores: &mut [f32],
        stride: usize,
        asked: usize,
        keys: Range<usize>,
        query: Matrix,
        query_gradient: MatrixMut,
    ) {
        match (self, terms) {
            (Self::Biased { biases, .. }, HeadTerms::Biased(biased)) => vectorised(
                #[inline(always)]
                || {
                    for (i, row) in scores.chunks_exact(stride).enumerate() {
                        let from = biased.from(asked + i, keys.start);
                        add(&mut biases[from..], &row[..keys.len()]);
                    }
                },
            ),
            (
                Self::Disentangled {
                    keys: of_distances,
                    of_tokens,
                    ..
                },
                HeadTerms::Disentangled(made),
            ) => {
                let count = made.used.len();
                if made.queries.is_some() {
                    let of_tokens = &mut of_tokens[keys.start * count..];
                    made.spread_over_tokens(scores, stride, asked, &keys, of_tokens);
                }
                if made.keys.is_some() {
                    let asking = made.spread_over_queries(scores, stride, asked, &keys);
                    made.collect_keys(&asking, query, query_gradient, of_distances);
                }
            }
            _ => {}
        }
    }

    /// Ends a head; `key` are its keys, whose gradient is added to.
    pub(super) fn finish(self, terms: &HeadTerms, key_gradient: MatrixMut, key: Matrix) {
        match (self, terms) {
            (Self::Biased { mut table, biases }, HeadTerms::Biased(biased)) => {
                for (row, gradient) in biased.rows.iter().zip(biases) {
                    for sum in table.row(*row as usize) {
                        *sum += gradient;
                    }
                }
            }
            (
                Self::Disentangled {
                    queries, of_tokens, ..
                },
                HeadTerms::Disentangled(made),
            ) => {
                let (Some(of_distances), count) = (made.queries, made.used.len()) else {
                    return;
                };
                let of_tokens = Matrix::new(&of_tokens, key.row_count(), count);
                let scale = made.scale;
                multiply_serial(key_gradient, Into::Add, scale, of_tokens, of_distances);
                multiply_serial(queries, Into::Add, scale, of_tokens.transposed(), key);
            }
            _ => {}
        }
    }
}

impl Disentangled<'_> {
    /// Adds each score's gradient to that of what its row asks its token.
    fn spread_over_tokens(
        &self,
        scores: &mut [f32],
        stride: usize,
        asked: usize,
        keys: &Range<usize>,
        of_tokens: &mut [f32],
    ) {
        let (count, first) = (self.used.len(), self.used.start);
        let scores = scores.chunks_exact_mut(stride);
        self.each_row(scores, asked, keys, |_, scores, rows| {
            let of_tokens = of_tokens.chunks_exact_mut(count);
            for ((score, row), token) in scores.iter().zip(rows).zip(of_tokens) {
                token[*row as usize - first] += score;
            }
        });
    }

    /// Sums up each score's gradient for what its query asks its row,
    /// `[queries, rows used]`.
    fn spread_over_queries(
        &self,
        scores: &mut [f32],
        stride: usize,
        asked: usize,
        keys: &Range<usize>,
    ) -> Buffer {
        let (count, first) = (self.used.len(), self.used.start);
        let mut asking = Buffer::zeros(scores.len() / stride * count);
        let scores = scores.chunks_exact_mut(stride);
        self.each_row(scores, asked, keys, |i, scores, rows| {
            let asking = &mut asking[i * count..(i + 1) * count];
            for (score, row) in scores.iter().zip(rows) {
                asking[*row as usize - first] += score;
            }
        });
        asking
    }

    /// From the gradient of what queries ask of rows: those of the queries and
    /// of the keys of the rows.
    fn collect_keys(
        &self,
        asking: &[f32],
        query: Matrix,
        query_gradient: MatrixMut,
        of_distances: &mut MatrixMut,
    ) {
        let Some(keys) = self.keys else {
            return;
        };
        let asking = Matrix::new(asking, query.row_count(), self.used.len());
        multiply_serial(query_gradient, Into::Add, self.scale, asking, keys);
        let of_distances = of_distances.rows(0..self.used.len());
        let asking = asking.transposed();
        multiply_serial(of_distances, Into::Add, self.scale, asking, query);
    }
}
