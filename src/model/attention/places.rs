//! What all blocks share about the places of the tokens of a pack.

use super::distances::DistanceRows;
use super::rotary::Turns;
use crate::model::buffer::Buffer;
use crate::model::config::{Config, Distances};
use crate::model::kernels::dropout::Dropout;
use crate::model::kernels::norm::{Norm, NormGradients, NormSaved, norm_backward, norm_rows};
use crate::model::layout::EmbeddingParts;
use crate::model::pack::Pack;

/// Rows of the table of distances, the table as the blocks use it, and the
/// angles of rotary positions; made anew for each pack, as far as the family
/// has them.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Which row of the table belongs to which pair of tokens.
    pub rows: DistanceRows,
    /// By how much to turn which token.
    pub turns: Turns,
    table: Buffer,
    normalised: Buffer,
    inverse: Buffer,
}

impl Places {
    /// Places for a model.
    pub fn new(config: &Config) -> Self {
        let (elements, rows) = match &config.distances {
            Distances::Biased(rows) => (rows * config.heads, 0),
            Distances::Disentangled(shape) if shape.relative => {
                (2 * shape.span * config.hidden, 2 * shape.span)
            }
            Distances::Disentangled(_) | Distances::Untold | Distances::Rotary(_) => (0, 0),
        };
        let rows = if config.norms_distances() { rows } else { 0 };
        Self {
            table: Buffer::zeros(elements),
            normalised: Buffer::zeros(rows * config.hidden),
            inverse: Buffer::zeros(rows),
            ..Self::default()
        }
    }

    /// Fills everything in for a pack.
    pub fn refill(&mut self, config: &Config, pack: &Pack, weights: &EmbeddingParts<&[f32]>) {
        self.rows.refill(config, pack);
        self.turns.refill(config, pack);
        if config.norms_distances() {
            let norm = Norm {
                scale: weights.distance_scale,
                shift: weights.distance_shift,
                epsilon: config.norm_epsilon,
            };
            let (normalised, inverse) = (&mut self.normalised, &mut self.inverse);
            norm_rows(
                weights.distances,
                norm,
                normalised,
                inverse,
                &mut self.table,
            );
        } else {
            self.table.copy_from_slice(weights.distances);
        }
    }

    /// The table of distances: of biases, `[rows, heads]`, or of states,
    /// `[rows, hidden]`.
    pub fn table(&self) -> &[f32] {
        &self.table
    }

    /// From `gradient`, that of the table as the blocks use it, to those of
    /// the weights behind it.
    pub fn backward(
        &self,
        config: &Config,
        weights: &EmbeddingParts<&[f32]>,
        into: &mut EmbeddingParts<&mut [f32]>,
        gradient: &mut [f32],
        partials: &mut [f32],
    ) {
        if config.norms_distances() {
            let saved = NormSaved {
                normalised: &self.normalised,
                inverse_deviation: &self.inverse,
            };
            let sums = NormGradients {
                scale: &mut *into.distance_scale,
                shift: &mut *into.distance_shift,
                bias: &mut [],
            };
            let mask = Dropout::OFF.mask(0);
            norm_backward(
                gradient,
                saved,
                weights.distance_scale,
                mask,
                sums,
                partials,
            );
        }
        into.distances.copy_from_slice(gradient);
    }
}
