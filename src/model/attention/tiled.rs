//! Attention some queries at a time. Scores are made anew in the backward pass
//! instead of being kept (as Dao et al. 2022 do), so that memory grows with the
//! length of a text and not with its square; where a token sees only its
//! neighbourhood, so does the work.

use std::ops::Range;

use super::distances::Terms;
use super::terms::{Gradients, HeadTerms};
use super::{Queries, Shape};
use crate::model::buffer::Buffer;
use crate::model::kernels::softmax::{softmax_rows, softmax_rows_backward};
use crate::model::matrix::{Into, Matrix, MatrixMut, multiply_serial};
use crate::model::pack::padded;
use crate::model::sequences::{Parts, each_sequence};

/// Queries that are worked on at once.
const TILE: usize = 64;

/// Attention of one block at work on one pack.
#[derive(Clone, Copy)]
pub struct Tiled<'a> {
    /// Sizes and dropout.
    pub shape: Shape<'a>,
    /// Who asks.
    pub queries: Queries,
    /// How many tokens to either side a query sees, if not all.
    pub reach: Option<usize>,
    /// What distances add to the scores.
    pub terms: Terms<'a>,
}

/// The projected tokens.
#[derive(Clone, Copy)]
pub struct Projected<'a> {
    /// `[query rows, hidden]`.
    pub query: &'a [f32],
    /// Key beside value, `[tokens, 2 · hidden]`.
    pub key_value: &'a [f32],
}

/// What the backward pass writes.
pub struct Backward<'a> {
    /// Gradient of the queries, `[query rows, hidden]`.
    pub query: &'a mut [f32],
    /// Gradient of keys and values, `[tokens, 2 · hidden]`.
    pub key_value: &'a mut [f32],
    /// Gradients of what distances add, one for each sequence: see
    /// [`Terms::gradient_parts`].
    pub terms: [&'a mut [f32]; 2],
}

/// A head of a sequence.
#[derive(Clone, Copy)]
struct Head<'a> {
    query: Matrix<'a>,
    key: Matrix<'a>,
    value: Matrix<'a>,
}

/// Some queries of a sequence and the keys that they see.
struct Tile {
    queries: Range<usize>,
    keys: Range<usize>,
    /// From one row of scores to the next.
    stride: usize,
}

impl Tile {
    fn size(&self) -> usize {
        self.queries.len() * self.stride
    }
}

/// What one sequence is worked on in.
struct Work {
    scores: Buffer,
    dropped: Buffer,
    gradient: Buffer,
}

impl Work {
    fn new(tiled: Tiled, s: usize, backward: bool) -> Self {
        let sizes = tiled.tiles(s).map(|tile| tile.size());
        let size = sizes.max().unwrap_or(0);
        let if_wanted = |wanted: bool| Buffer::zeros(if wanted { size } else { 0 });
        Self {
            scores: Buffer::zeros(size),
            dropped: if_wanted(tiled.shape.mask.is_some()),
            gradient: if_wanted(backward),
        }
    }
}

impl<'a> Tiled<'a> {
    /// Weighted sums of the values, `[query rows, hidden]`.
    pub fn forward(self, projected: Projected, context: &mut [f32]) {
        let (pack, hidden, width) = (self.shape.pack, self.shape.hidden(), self.shape.width);
        let parts = [self.by_query(context)];
        let sequence = |s, [context]: [&mut [f32]; 1]| {
            let mut work = Work::new(self, s, false);
            for head in 0..self.shape.heads {
                let views = self.head(projected, s, head);
                let terms = HeadTerms::new(self.shape, self.terms, s, head, views.key);
                for tile in self.tiles(s) {
                    let weights = self.weights(s, head, &tile, views, &terms, &mut work);
                    let place = tile.queries.start * hidden + head * width;
                    multiply_serial(
                        MatrixMut::strided(
                            &mut context[place..],
                            tile.queries.len(),
                            width,
                            hidden,
                        ),
                        Into::Overwrite,
                        1.0,
                        Matrix::strided(weights, tile.queries.len(), tile.keys.len(), tile.stride),
                        views.value.rows(tile.keys),
                    );
                }
            }
        };
        each_sequence(pack.sequences(), parts, sequence);
    }

    /// Backward of [`Tiled::forward`] from `context`, the gradient of the
    /// context.
    pub fn backward(self, projected: Projected, context: &[f32], out: Backward) {
        let (pack, hidden) = (self.shape.pack, self.shape.hidden());
        let [first, second] = self.terms.gradient_parts(self.shape, out.terms);
        let parts = [
            self.by_query(out.query),
            Parts::new(out.key_value, pack.offsets(), 2 * hidden),
            first,
            second,
        ];
        let sequence = |s, [query, key_value, first, second]: [&mut [f32]; 4]| {
            key_value.fill(0.0);
            first.fill(0.0);
            second.fill(0.0);
            let mut work = Work::new(self, s, true);
            for head in 0..self.shape.heads {
                let views = self.head(projected, s, head);
                let terms = HeadTerms::new(self.shape, self.terms, s, head, views.key);
                let mut gradients = Gradients::new(&terms, [&mut *first, &mut *second]);
                let mut out = HeadBackward {
                    tiled: self,
                    head,
                    context: self.rows_of_head(context, s, head),
                    query: &mut *query,
                    key_value: &mut *key_value,
                };
                for tile in self.tiles(s) {
                    self.weights(s, head, &tile, views, &terms, &mut work);
                    out.tile(s, &tile, views, &terms, &mut work, &mut gradients);
                }
                gradients.finish(&terms, out.keys(views.key.row_count()), views.key);
            }
        };
        each_sequence(pack.sequences(), parts, sequence);
    }

    /// A slice in which each sequence has the rows of its queries.
    fn by_query<'p>(self, rows: &'p mut [f32]) -> Parts<'p>
    where
        'a: 'p,
    {
        match self.queries {
            Queries::All => Parts::new(rows, self.shape.pack.offsets(), self.shape.hidden()),
            Queries::First => Parts::rows(rows, self.shape.hidden()),
        }
    }

    /// Queries of sequence `s`, and the row of the first of them.
    fn asked(self, s: usize) -> (usize, usize) {
        match self.queries {
            Queries::All => (self.shape.keys(s), self.shape.pack.offsets()[s]),
            Queries::First => (1, s),
        }
    }

    /// A head's columns of the rows of a sequence's queries.
    fn rows_of_head<'m>(self, rows: &'m [f32], s: usize, head: usize) -> Matrix<'m> {
        let (hidden, width) = (self.shape.hidden(), self.shape.width);
        let (asked, start) = self.asked(s);
        Matrix::strided(&rows[start * hidden + head * width..], asked, width, hidden)
    }

    fn head<'m>(self, projected: Projected<'m>, s: usize, head: usize) -> Head<'m> {
        let (hidden, width, keys) = (self.shape.hidden(), self.shape.width, self.shape.keys(s));
        let start = self.shape.pack.offsets()[s];
        let key = &projected.key_value[start * 2 * hidden + head * width..];
        Head {
            query: self.rows_of_head(projected.query, s, head),
            key: Matrix::strided(key, keys, width, 2 * hidden),
            value: Matrix::strided(&key[hidden..], keys, width, 2 * hidden),
        }
    }

    fn tiles(self, s: usize) -> impl Iterator<Item = Tile> {
        let (length, (asked, _)) = (self.shape.keys(s), self.asked(s));
        (0..asked).step_by(TILE).map(move |from| {
            let to = (from + TILE).min(asked);
            let keys = match self.reach {
                None => 0..length,
                Some(reach) => from.saturating_sub(reach)..(to + reach).min(length),
            };
            Tile {
                queries: from..to,
                stride: padded(keys.len()),
                keys,
            }
        })
    }

    /// The probabilities of a tile, left in `work.scores`, and what is left of
    /// them after dropout, which is given back.
    fn weights<'w>(
        self,
        s: usize,
        head: usize,
        tile: &Tile,
        views: Head,
        terms: &HeadTerms,
        work: &'w mut Work,
    ) -> &'w [f32] {
        let scores = &mut work.scores[..tile.size()];
        let query = views.query.rows(tile.queries.clone());
        multiply_serial(
            MatrixMut::strided(scores, tile.queries.len(), tile.keys.len(), tile.stride),
            Into::Overwrite,
            self.shape.scale,
            query,
            views.key.rows(tile.keys.clone()).transposed(),
        );
        let asked = tile.queries.start;
        terms.add(scores, tile.stride, asked, tile.keys.clone(), query);
        if let Some(reach) = self.reach {
            hide(scores, tile, reach);
        }
        softmax_rows(scores, tile.stride, tile.keys.len());
        match self.shape.mask {
            None => scores,
            Some(_) => {
                let dropped = &mut work.dropped[..tile.size()];
                self.shape.drop(scores, dropped, self.number(s, head, tile))
            }
        }
    }

    /// The number of a tile's first weight among those of the block, for the
    /// mask of dropout.
    fn number(self, s: usize, head: usize, tile: &Tile) -> usize {
        let of_head = self.shape.keys(s) * self.shape.row_stride(s);
        self.shape.pack.squares()[s] * self.shape.heads
            + head * of_head
            + tile.queries.start * self.shape.row_stride(s)
    }
}

/// Hides what a query does not see: its probability becomes 0.
fn hide(scores: &mut [f32], tile: &Tile, reach: usize) {
    let rows = scores.chunks_exact_mut(tile.stride);
    for (query, row) in tile.queries.clone().zip(rows) {
        let row = &mut row[..tile.keys.len()];
        let from = query.saturating_sub(reach).saturating_sub(tile.keys.start);
        let to = (query + reach + 1 - tile.keys.start).min(row.len());
        row[..from].fill(f32::MIN);
        row[to..].fill(f32::MIN);
    }
}

/// The backward pass of one head of a sequence.
struct HeadBackward<'o, 'a> {
    tiled: Tiled<'a>,
    head: usize,
    /// Gradient of the context.
    context: Matrix<'o>,
    /// The sequence's gradients.
    query: &'o mut [f32],
    key_value: &'o mut [f32],
}

impl HeadBackward<'_, '_> {
    /// The gradient of the keys.
    fn keys(&mut self, length: usize) -> MatrixMut<'_> {
        let (hidden, width) = (self.tiled.shape.hidden(), self.tiled.shape.width);
        let keys = &mut self.key_value[self.head * width..];
        MatrixMut::strided(keys, length, width, 2 * hidden)
    }

    /// Adds what the queries of a tile do; its probabilities lie in `work`.
    fn tile(
        &mut self,
        s: usize,
        tile: &Tile,
        views: Head,
        terms: &HeadTerms,
        work: &mut Work,
        gradients: &mut Gradients,
    ) {
        let shape = self.tiled.shape;
        let (hidden, width) = (shape.hidden(), shape.width);
        let (asked, seen) = (tile.queries.len(), tile.keys.len());
        let probabilities = &work.scores[..tile.size()];
        let weights = match shape.mask {
            Some(_) => &work.dropped[..tile.size()],
            None => probabilities,
        };
        let scores = &mut work.gradient[..tile.size()];
        let context = self.context.rows(tile.queries.clone());
        let key_place = tile.keys.start * 2 * hidden + self.head * width;
        multiply_serial(
            MatrixMut::strided(
                &mut self.key_value[key_place + hidden..],
                seen,
                width,
                2 * hidden,
            ),
            Into::Add,
            1.0,
            Matrix::strided(weights, asked, seen, tile.stride).transposed(),
            context,
        );
        multiply_serial(
            MatrixMut::strided(scores, asked, seen, tile.stride),
            Into::Overwrite,
            1.0,
            context,
            views.value.rows(tile.keys.clone()).transposed(),
        );
        shape.drop_backward(scores, self.tiled.number(s, self.head, tile));
        softmax_rows_backward(scores, probabilities, tile.stride);
        let place = tile.queries.start * hidden + self.head * width;
        let query = &mut self.query[place..];
        let of_scores = Matrix::strided(scores, asked, seen, tile.stride);
        multiply_serial(
            MatrixMut::strided(query, asked, width, hidden),
            Into::Overwrite,
            shape.scale,
            of_scores,
            views.key.rows(tile.keys.clone()),
        );
        multiply_serial(
            MatrixMut::strided(&mut self.key_value[key_place..], seen, width, 2 * hidden),
            Into::Add,
            shape.scale,
            of_scores.transposed(),
            views.query.rows(tile.queries.clone()),
        );
        gradients.add(
            terms,
            scores,
            tile.stride,
            tile.queries.start,
            tile.keys.clone(),
            views.query.rows(tile.queries.clone()),
            MatrixMut::strided(&mut self.query[place..], asked, width, hidden),
        );
    }
}
