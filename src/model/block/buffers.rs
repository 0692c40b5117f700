//! Memory that a block works in: what forward leaves for backward, and scratch.

use super::Keep;
use crate::model::attention::{Queries, first};
use crate::model::buffer::Buffer;
use crate::model::config::{Config, Distances};
use crate::model::kernels::norm::{Norm, NormSaved, norm_rows};
use crate::model::kernels::partial_length;
use crate::model::pack::PackSize;

/// What forward leaves for backward; reused from step to step.
#[derive(Debug, Clone)]
pub struct BlockBuffers {
    /// The first row of each sequence, if only these are computed.
    pub(super) first: Buffer,
    /// What attention reads, normed; empty where LayerNorm comes behind.
    pub(super) entered: Normed,
    pub(super) attending: Attending,
    /// Behind attention: the normed states, and where LayerNorm comes first
    /// those before it, too.
    pub(super) attended: Normed,
    pub(super) middle: Buffer,
    /// Slope of the activation; empty when nobody asks for it.
    pub(super) slope: Buffer,
    pub(super) activated: Buffer,
    pub(super) narrowed: Normed,
    pub(super) convolved: Convolved,
}

/// What a convolution leaves; empty where there is none.
#[derive(Debug, Clone, Default)]
pub(super) struct Convolved {
    /// The neighbourhood of each token in the block's input, `[tokens, hidden ·
    /// kernel]`.
    pub(super) windows: Buffer,
    /// Slope of the activation, `[tokens, hidden]`.
    pub(super) slope: Buffer,
    /// Of the sum with the block's output, which is `out`: what is made of it
    /// replaces the output.
    pub(super) normed: Normed,
}

impl Convolved {
    fn new(config: &Config, block: usize, size: PackSize) -> Self {
        let Some(convolution) = config.convolution_of(block) else {
            return Self::default();
        };
        let states = size.tokens * config.hidden;
        Self {
            windows: Buffer::zeros(states * convolution.kernel),
            slope: Buffer::zeros(states),
            normed: Normed::new(size.tokens, config.hidden),
        }
    }
}

/// The projected tokens, what attention leaves, and its result.
#[derive(Debug, Clone)]
pub(super) struct Attending {
    pub(super) query: Buffer,
    pub(super) kind: Attention,
    pub(super) context: Buffer,
}

/// What attention leaves for backward.
#[derive(Debug, Clone)]
pub(super) enum Attention {
    Every {
        key_value: Buffer,
        probabilities: Buffer,
        dropped: Buffer,
    },
    First(first::Buffers),
    Tiled {
        key_value: Buffer,
        /// Keys and queries of distances, `[rows, hidden]` each.
        distances: [Buffer; 2],
    },
}

impl Attention {
    fn new(config: &Config, size: PackSize, queries: Queries, keep: Keep) -> Self {
        let (heads, hidden) = (config.heads, config.hidden);
        let dropout = keep == Keep::ForBackward { dropout: true };
        if config.tiles_attention() {
            return Self::Tiled {
                key_value: Buffer::zeros(size.tokens * 2 * hidden),
                distances: distance_rows(config).map(|rows| Buffer::zeros(rows * hidden)),
            };
        }
        match queries {
            Queries::All => {
                let probabilities = size.squares * heads;
                Self::Every {
                    key_value: Buffer::zeros(size.tokens * 2 * hidden),
                    probabilities: Buffer::zeros(probabilities),
                    dropped: Buffer::zeros(if dropout { probabilities } else { 0 }),
                }
            }
            Queries::First => Self::First(first::Buffers::new(heads, hidden, size, dropout)),
        }
    }
}

/// Rows of distances that a block makes keys, and queries, of.
fn distance_rows(config: &Config) -> [usize; 2] {
    config.disentangled().map_or([0, 0], |shape| {
        let rows = |there: bool| if there { 2 * shape.span } else { 0 };
        [
            rows(shape.content_to_position),
            rows(shape.position_to_content),
        ]
    })
}

/// A LayerNorm's output and what its backward needs.
#[derive(Debug, Clone, Default)]
pub(super) struct Normed {
    pub(super) normalised: Buffer,
    pub(super) inverse: Buffer,
    pub(super) out: Buffer,
}

impl Normed {
    fn new(rows: usize, width: usize) -> Self {
        Self {
            normalised: Buffer::zeros(rows * width),
            inverse: Buffer::zeros(rows),
            out: Buffer::zeros(rows * width),
        }
    }

    /// Norms rows of a width.
    pub(super) fn of(&mut self, input: &[f32], norm: Norm<'_>, rows: usize, width: usize) {
        norm_rows(
            input,
            norm,
            &mut self.normalised[..rows * width],
            &mut self.inverse[..rows],
            &mut self.out[..rows * width],
        );
    }

    pub(super) fn saved(&self, rows: usize, width: usize) -> NormSaved<'_> {
        NormSaved {
            normalised: &self.normalised[..rows * width],
            inverse_deviation: &self.inverse[..rows],
        }
    }
}

impl BlockBuffers {
    /// Buffers of block `number` for packs of up to this size.
    pub fn new(
        config: &Config,
        number: usize,
        size: PackSize,
        queries: Queries,
        keep: Keep,
    ) -> Self {
        let (hidden, wide) = (config.hidden, config.intermediate);
        let rows = queries.rows(size);
        let zeros = Buffer::zeros;
        let norms_first = config.norms_first();
        let if_first = |length: usize| if norms_first { length } else { 0 };
        Self {
            first: zeros(match queries {
                Queries::All => 0,
                Queries::First => rows * hidden,
            }),
            entered: Normed::new(if_first(size.tokens), hidden),
            attending: Attending {
                query: zeros(rows * hidden),
                kind: Attention::new(config, size, queries, keep),
                context: zeros(rows * hidden),
            },
            attended: Normed::new(rows, hidden),
            middle: zeros(if_first(rows * hidden)),
            slope: zeros(match keep {
                Keep::ForBackward { .. } => rows * config.widened(),
                Keep::Output => if_first(rows * config.widened()),
            }),
            activated: zeros(rows * wide),
            narrowed: Normed::new(rows, hidden),
            convolved: Convolved::new(config, number, size),
        }
    }

    /// Values in all buffers.
    #[cfg(test)]
    pub fn elements(&self) -> usize {
        let attending = &self.attending;
        let of_attention = match &attending.kind {
            Attention::Every {
                key_value,
                probabilities,
                dropped,
            } => key_value.len() + probabilities.len() + dropped.len(),
            Attention::First(_) => 0,
            Attention::Tiled {
                key_value,
                distances,
            } => key_value.len() + distances.iter().map(|made| made.len()).sum::<usize>(),
        };
        let norms = [&self.entered, &self.attended, &self.narrowed];
        let of_norms = norms.map(|normed| 2 * normed.out.len() + normed.inverse.len());
        let others = [
            &self.first,
            &attending.query,
            &attending.context,
            &self.middle,
            &self.slope,
            &self.activated,
        ];
        let others = others.iter().map(|buffer| buffer.len()).sum::<usize>();
        of_attention + of_norms.iter().sum::<usize>() + others
    }

    /// The block's output, `[query rows, hidden]` at its front.
    pub fn output(&self) -> &[f32] {
        &self.narrowed.out
    }

    /// The buffer that holds the output, to swap it with the next input.
    pub fn output_mut(&mut self) -> &mut Buffer {
        &mut self.narrowed.out
    }
}

/// A LayerNorm by its weights.
pub(super) fn norm<'n>(config: &Config, scale: &'n [f32], shift: &'n [f32]) -> Norm<'n> {
    Norm {
        scale,
        shift,
        epsilon: config.norm_epsilon,
    }
}

/// What backward works in; shared by all blocks.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    pub(super) branch: Buffer,
    pub(super) wide: Buffer,
    /// Gradient of what a gate let through; empty where there is none.
    pub(super) gated: Buffer,
    pub(super) context: Buffer,
    pub(super) scores: Buffer,
    pub(super) query: Buffer,
    pub(super) key_value: Buffer,
    pub(super) first: first::Scratch,
    /// Gradient of a convolution's windows; empty where there is none.
    pub(super) windows: Buffer,
    /// Gradients of what distances add to scores: of each sequence.
    pub(super) terms: [Buffer; 2],
    /// The same over all sequences.
    pub(super) distances: Buffer,
    /// Partial sums over chunks of rows.
    pub partials: Buffer,
}

impl Scratch {
    /// Values in the buffers that attention and the feed-forward layers use.
    #[cfg(test)]
    pub fn elements(&self) -> usize {
        let all = [
            &self.branch,
            &self.wide,
            &self.gated,
            &self.windows,
            &self.context,
            &self.scores,
            &self.query,
            &self.key_value,
            &self.partials,
        ];
        all.iter().map(|buffer| buffer.len()).sum()
    }

    /// Scratch for packs of up to this size.
    pub fn new(config: &Config, size: PackSize) -> Self {
        let (tokens, hidden) = (size.tokens, config.hidden);
        let zeros = Buffer::zeros;
        let columns = config.widened().max(3 * hidden).max(2 * config.embedding);
        let tiled = config.tiles_attention();
        let if_kept = |length: usize| if tiled { 0 } else { length };
        let gated = if config.norms_first() {
            tokens * config.intermediate
        } else {
            0
        };
        let first_size = if tiled { PackSize::default() } else { size };
        let [keys, queries] = distance_rows(config);
        Self {
            branch: zeros(tokens * hidden),
            wide: zeros(tokens * config.widened()),
            gated: zeros(gated),
            context: zeros(tokens * hidden),
            scores: zeros(if_kept(size.squares * config.heads)),
            query: zeros(tokens * hidden),
            key_value: zeros(tokens * 2 * hidden),
            first: first::Scratch::new(config.heads, hidden, first_size),
            windows: {
                let kernel = config.convolution.as_ref().map_or(0, |made| made.kernel);
                zeros(tokens * hidden * kernel)
            },
            terms: match &config.distances {
                Distances::Biased(rows) => [zeros(size.sequences * rows * config.heads), zeros(0)],
                // A sequence uses at most two rows for each of its tokens.
                _ => [keys, queries]
                    .map(|rows| zeros((2 * tokens).min(size.sequences * rows) * hidden)),
            },
            distances: zeros(keys.max(queries) * hidden),
            partials: zeros(partial_length(tokens.max(keys).max(queries), columns)),
        }
    }
}
