//! Attention some queries at a time. Scores are made anew in the backward pass
//! instead of being kept (as Dao et al. 2022 do), so that memory grows with the
//! length of a text and not with its square; where a token sees only its
//! neighbourhood, so does the work.

mod backward;

use std::ops::Range;

use super::distances::Terms;
use super::terms::{Gradients, HeadTerms};
use super::{Queries, Shape, each_head};
use crate::model::buffer::Buffer;
use crate::model::kernels::softmax::softmax_rows;
use crate::model::matrix::{Into, Matrix, MatrixMut, multiply_serial};
use crate::model::pack::padded;
use crate::model::sequences::{Parts, each_sequence};
use backward::{HeadBackward, HeadGradients};

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

/// What the heads of a sequence are worked on in, one after the other.
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
            let stripes = MatrixMut::new(context, self.asked(s).0, hidden).stripes(width);
            let work = || Work::new(self, s, false);
            let of_head = |work: &mut Work, head, mut context: MatrixMut| {
                let views = self.head(projected, s, head);
                let terms = HeadTerms::new(self.shape, self.terms, s, head, views.key);
                for tile in self.tiles(s) {
                    let weights = self.weights(s, head, &tile, views, &terms, work);
                    multiply_serial(
                        context.rows(tile.queries.clone()),
                        Into::Overwrite,
                        1.0,
                        Matrix::strided(weights, tile.queries.len(), tile.keys.len(), tile.stride),
                        views.value.rows(tile.keys),
                    );
                }
            };
            each_head(self.shape.keys(s), stripes, work, of_head);
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
            for gradient in [&mut *key_value, &mut *first, &mut *second] {
                gradient.fill(0.0);
            }
            let parts = self.by_head(s, query, key_value, [first, second]);
            let work = || Work::new(self, s, true);
            let of_head = |work: &mut Work, head, gradients: HeadGradients| {
                let views = self.head(projected, s, head);
                let terms = HeadTerms::new(self.shape, self.terms, s, head, views.key);
                let mut of_terms = Gradients::new(&terms, gradients.terms);
                let mut out = HeadBackward {
                    tiled: self,
                    number: (s, head),
                    context: self.rows_of_head(context, s, head),
                    query: gradients.query,
                    key: gradients.key,
                    value: gradients.value,
                };
                for tile in self.tiles(s) {
                    self.weights(s, head, &tile, views, &terms, work);
                    out.tile(&tile, views, &terms, work, &mut of_terms);
                }
                of_terms.finish(&terms, out.key, views.key);
            };
            each_head(self.shape.keys(s), parts, work, of_head);
        };
        each_sequence(pack.sequences(), parts, sequence);
    }

    /// Divides the gradients of sequence `s` among its heads.
    fn by_head<'g>(
        self,
        s: usize,
        query: &'g mut [f32],
        key_value: &'g mut [f32],
        terms: [&'g mut [f32]; 2],
    ) -> Vec<HeadGradients<'g>> {
        let (heads, hidden) = (self.shape.heads, self.shape.hidden());
        let (asked, width) = (self.asked(s).0, self.shape.width);
        let queries = MatrixMut::new(query, asked, hidden).stripes(width);
        let mut keys = MatrixMut::new(key_value, self.shape.keys(s), 2 * hidden).stripes(width);
        let values = keys.split_off(heads);
        let [first, second] = terms.map(|part| self.terms.by_head(self.shape, part));
        let parts = queries.into_iter().zip(keys).zip(values);
        let parts = parts.zip(first.into_iter().zip(second));
        let gradients = |(((query, key), value), (first, second))| HeadGradients {
            query,
            key,
            value,
            terms: [first, second],
        };
        parts.map(gradients).collect()
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

#[cfg(test)]
mod tests;
