//! The backward pass of one head, some queries at a time.

use super::{Head, Tile, Tiled, Work};
use crate::model::attention::terms::{Gradients, HeadTerms};
use crate::model::kernels::softmax::softmax_rows_backward;
use crate::model::matrix::{Into, Matrix, MatrixMut, multiply_serial};

/// The gradients that one head of a sequence writes.
pub(super) struct HeadGradients<'g> {
    /// `[queries, width]`.
    pub(super) query: MatrixMut<'g>,
    /// `[keys, width]`.
    pub(super) key: MatrixMut<'g>,
    /// `[keys, width]`.
    pub(super) value: MatrixMut<'g>,
    /// Of what distances add: see [`Terms::by_head`].
    pub(super) terms: [MatrixMut<'g>; 2],
}

/// The backward pass of one head of a sequence.
pub(super) struct HeadBackward<'g, 'a> {
    pub(super) tiled: Tiled<'a>,
    /// Of the sequence and of the head.
    pub(super) number: (usize, usize),
    /// Gradient of the context.
    pub(super) context: Matrix<'g>,
    pub(super) query: MatrixMut<'g>,
    pub(super) key: MatrixMut<'g>,
    pub(super) value: MatrixMut<'g>,
}

impl HeadBackward<'_, '_> {
    /// Adds what the queries of a tile do; its probabilities lie in `work`.
    pub(super) fn tile(
        &mut self,
        tile: &Tile,
        views: Head,
        terms: &HeadTerms,
        work: &mut Work,
        gradients: &mut Gradients,
    ) {
        let shape = self.tiled.shape;
        let (asked, seen) = (tile.queries.len(), tile.keys.len());
        let probabilities = &work.scores[..tile.size()];
        let weights = match shape.mask {
            Some(_) => &work.dropped[..tile.size()],
            None => probabilities,
        };
        let scores = &mut work.gradient[..tile.size()];
        let context = self.context.rows(tile.queries.clone());
        multiply_serial(
            self.value.rows(tile.keys.clone()),
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
        let (s, head) = self.number;
        shape.drop_backward(scores, self.tiled.number(s, head, tile));
        softmax_rows_backward(scores, probabilities, tile.stride);
        let of_scores = Matrix::strided(scores, asked, seen, tile.stride);
        multiply_serial(
            self.query.rows(tile.queries.clone()),
            Into::Overwrite,
            shape.scale,
            of_scores,
            views.key.rows(tile.keys.clone()),
        );
        multiply_serial(
            self.key.rows(tile.keys.clone()),
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
            self.query.rows(tile.queries.clone()),
        );
    }
}
