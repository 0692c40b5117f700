//! The attention of a block, forward and backward: from what it reads to the
//! context, whichever way the family looks at places.

use super::buffers::{Attending, Attention, Scratch};
use super::{Block, distances};
use crate::model::attention::rotary::Direction;
use crate::model::attention::tiled::{self, Tiled};
use crate::model::attention::{Queries, Shape, every, first};
use crate::model::kernels::{add_bias, column_sums, scatter_first};
use crate::model::layout::BlockParts;
use crate::model::linear::{linear_backward, weight_gradient};
use crate::model::matrix::Into;

/// What attention reads.
#[derive(Clone, Copy)]
pub(super) struct Read<'a> {
    /// The rows that ask, `[query rows, hidden]`.
    pub(super) asking: &'a [f32],
    /// All tokens, `[tokens, hidden]`.
    pub(super) input: &'a [f32],
}

impl Block<'_> {
    fn shape(&self) -> Shape<'_> {
        let dropout = self.attention_dropout();
        Shape::new(self.config, self.pack).with_dropout(dropout, self.place(0))
    }

    fn key_value<'w>(&self, weights: &BlockParts<&'w [f32]>) -> first::KeyValue<'w> {
        first::KeyValue {
            weight: weights.key_value_weight,
            bias: weights.key_value_bias,
            order: self.order,
        }
    }

    /// Attention with what distances add, for the families that know them.
    fn tiled<'t>(&'t self, made: &'t [crate::model::buffer::Buffer; 2]) -> Tiled<'t> {
        Tiled {
            shape: self.shape(),
            queries: self.queries,
            reach: self.config.reach(self.number),
            terms: distances::terms(self, made),
        }
    }

    /// Turns the queries and the keys of families that have rotary positions.
    fn turn(&self, query: &mut [f32], key_value: &mut [f32], direction: Direction) {
        if !self.config.turns() {
            return;
        }
        let (hidden, width) = (self.config.hidden, self.config.head_width());
        let is_global = self.config.reach(self.number).is_none();
        let turns = &self.places.turns;
        let of_query = (hidden, hidden, width);
        turns.turn(query, of_query, self.queries, is_global, direction);
        let of_key = (hidden, 2 * hidden, width);
        turns.turn(key_value, of_key, Queries::All, is_global, direction);
    }

    /// Writes the context, `[query rows, hidden]`.
    pub(super) fn attend(
        &self,
        weights: &BlockParts<&[f32]>,
        read: Read,
        attending: &mut Attending,
    ) {
        let (tokens, rows, hidden) = (self.pack.tokens(), self.rows(), self.config.hidden);
        let query = &mut attending.query[..rows * hidden];
        let into = add_bias(query, weights.query_bias);
        self.linear(query, into, read.asking, weights.query_weight, rows);
        let context = &mut attending.context[..rows * hidden];
        let project = |key_value: &mut [f32]| {
            let into = add_bias(key_value, weights.key_value_bias);
            let weight = weights.key_value_weight;
            self.linear(key_value, into, read.input, weight, tokens);
        };
        match &mut attending.kind {
            Attention::Every {
                key_value,
                probabilities,
                dropped,
            } => {
                let key_value = &mut key_value[..tokens * 2 * hidden];
                project(key_value);
                let projected = every::Projected { query, key_value };
                let out = every::Forward {
                    probabilities,
                    dropped,
                    context,
                };
                every::forward(self.shape(), projected, out);
            }
            Attention::First(buffers) => {
                let projected = first::Projected {
                    query,
                    states: read.input,
                };
                let weights = self.key_value(weights);
                first::forward(self.shape(), weights, projected, buffers, context);
            }
            Attention::Tiled {
                key_value,
                distances: made,
            } => {
                let key_value = &mut key_value[..tokens * 2 * hidden];
                project(key_value);
                distances::project(self, weights, made);
                self.turn(query, key_value, Direction::Forward);
                let projected = tiled::Projected { query, key_value };
                self.tiled(made).forward(projected, context);
            }
        }
    }

    /// Backward from `scratch.context`, the gradient of the context, to the
    /// gradients of the projections, in `scratch`, and of their weights.
    ///
    /// `states` is wanted of the attention of first tokens alone, which knows
    /// no keys: the gradient of all tokens, but for what comes by way of the
    /// queries; empty if nobody wants it. `table` is added to: the gradient of
    /// the table of distances; empty if nobody wants it.
    #[expect(
        clippy::too_many_arguments,
        reason = "weights, what was read and saved, scratch, and three kinds of gradients"
    )]
    pub(super) fn attend_backward(
        &self,
        weights: &BlockParts<&[f32]>,
        read: Read,
        saved: &Attending,
        scratch: &mut Scratch,
        into: &mut BlockParts<&mut [f32]>,
        states: &mut [f32],
        table: &mut [f32],
    ) {
        let (tokens, rows, hidden) = (self.pack.tokens(), self.rows(), self.config.hidden);
        let context = &scratch.context[..rows * hidden];
        let query = &mut scratch.query[..rows * hidden];
        let key_value = &mut scratch.key_value[..tokens * 2 * hidden];
        match &saved.kind {
            Attention::Every {
                key_value: projected,
                probabilities,
                dropped,
            } => {
                let projected = every::Projected {
                    query: &saved.query,
                    key_value: projected,
                };
                let saved = every::Saved {
                    probabilities,
                    dropped,
                    context,
                };
                let out = every::Backward {
                    scores: &mut scratch.scores,
                    query,
                    key_value,
                };
                every::backward(self.shape(), projected, saved, out);
            }
            Attention::First(buffers) => {
                let projected = first::Projected {
                    query: &saved.query,
                    states: read.input,
                };
                let out = first::Backward {
                    query,
                    weight: into.key_value_weight,
                    bias: into.key_value_bias,
                    states,
                };
                let weights = self.key_value(weights);
                let scratch = &mut scratch.first;
                first::backward(
                    self.shape(),
                    weights,
                    projected,
                    buffers,
                    context,
                    scratch,
                    out,
                );
            }
            Attention::Tiled {
                key_value: projected,
                distances: made,
            } => {
                let projected = tiled::Projected {
                    query: &saved.query,
                    key_value: projected,
                };
                let [first, second] = &mut scratch.terms;
                let out = tiled::Backward {
                    query,
                    key_value,
                    terms: [first, second],
                };
                self.tiled(made).backward(projected, context, out);
                self.turn(query, key_value, Direction::Back);
            }
        }
        let partials = &mut scratch.partials;
        if !matches!(saved.kind, Attention::First(_)) {
            if !into.key_value_bias.is_empty() {
                column_sums(into.key_value_bias, key_value, partials);
            }
            weight_gradient(into.key_value_weight, key_value, read.input, tokens);
        }
        if !into.query_bias.is_empty() {
            column_sums(into.query_bias, query, partials);
        }
        weight_gradient(into.query_weight, query, read.asking, rows);
        if let Attention::Tiled { .. } = &saved.kind {
            distances::backward(self, weights, scratch, into, table);
        }
    }

    /// From the gradients of the projections to those of what was read: of the
    /// rows that asked, and with [`Queries::First`] of all tokens, `all`, what
    /// the former are added to.
    pub(super) fn read_backward(
        &self,
        weights: &BlockParts<&[f32]>,
        saved: &Attending,
        scratch: (&[f32], &[f32]),
        (asked, into): (&mut [f32], Into),
        all: &mut [f32],
    ) {
        let (tokens, rows, hidden) = (self.pack.tokens(), self.rows(), self.config.hidden);
        let query = &scratch.0[..rows * hidden];
        let key_value = &scratch.1[..tokens * 2 * hidden];
        let key_value_weight = weights.key_value_weight;
        match self.queries {
            Queries::All => {
                linear_backward(asked, into, key_value, key_value_weight, tokens);
                linear_backward(asked, Into::Add, query, weights.query_weight, rows);
            }
            Queries::First => {
                let all = &mut all[..tokens * hidden];
                if !matches!(saved.kind, Attention::First(_)) {
                    linear_backward(all, Into::Overwrite, key_value, key_value_weight, tokens);
                }
                linear_backward(asked, into, query, weights.query_weight, rows);
                scatter_first(all, asked, self.pack.offsets(), hidden);
            }
        }
    }
}
