//! Word + position + token type embeddings and their LayerNorm.

use rayon::prelude::*;

use super::buffer::Buffer;
use super::config::Config;
use super::kernels::dropout::Dropout;
use super::kernels::math::vectorised;
use super::kernels::norm::{Norm, NormGradients, NormSaved, norm_backward, normalise};
use super::kernels::{CHUNK, add};
use super::layout::EmbeddingParts;
use super::pack::{Pack, PackSize};

/// What forward leaves for backward.
#[derive(Debug, Clone, Default)]
pub struct EmbeddingBuffers {
    normalised: Buffer,
    inverse: Buffer,
    /// The embedded tokens, `[tokens, hidden]`.
    pub out: Buffer,
    /// Position of each token in its sequence.
    positions: Vec<u32>,
}

impl EmbeddingBuffers {
    /// Buffers for packs of up to this size.
    pub fn new(config: &Config, size: PackSize) -> Self {
        Self {
            normalised: Buffer::zeros(size.tokens * config.hidden),
            inverse: Buffer::zeros(size.tokens),
            out: Buffer::zeros(size.tokens * config.hidden),
            positions: Vec::with_capacity(size.tokens),
        }
    }
}

/// The embeddings at work on one pack.
#[derive(Clone, Copy)]
pub struct Embeddings<'a> {
    /// Sizes.
    pub config: &'a Config,
    /// The sequences.
    pub pack: &'a Pack,
    /// Dropout of this step.
    pub dropout: Dropout,
}

impl Embeddings<'_> {
    /// Embeds a pack into `buffers.out`; `words` is `[vocabulary, hidden]`.
    ///
    /// Word ids, positions and token types must lie inside the tables; the
    /// classifier checks that once for each text.
    pub fn forward(
        &self,
        words: &[f32],
        weights: &EmbeddingParts<&[f32]>,
        buffers: &mut EmbeddingBuffers,
    ) {
        let Self {
            config,
            pack,
            dropout,
        } = *self;
        let (tokens, hidden) = (pack.tokens(), config.hidden);
        buffers.positions.clear();
        for ends in pack.offsets().windows(2) {
            buffers.positions.extend(0..(ends[1] - ends[0]) as u32);
        }
        let mask = dropout.mask(0);
        let norm = Norm {
            scale: weights.scale,
            shift: weights.shift,
            epsilon: config.norm_epsilon,
        };
        let positions = &buffers.positions;
        buffers.normalised[..tokens * hidden]
            .par_chunks_mut(CHUNK * hidden)
            .zip(buffers.inverse[..tokens].par_chunks_mut(CHUNK))
            .zip(buffers.out[..tokens * hidden].par_chunks_mut(CHUNK * hidden))
            .enumerate()
            .for_each(|(chunk, ((rows, inverse), out))| {
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = rows.chunks_exact_mut(hidden).zip(inverse);
                        for (i, ((row, inverse), out)) in
                            rows.zip(out.chunks_exact_mut(hidden)).enumerate()
                        {
                            let token = chunk * CHUNK + i;
                            row.copy_from_slice(row_of(words, pack.ids()[token] as usize, hidden));
                            let position = positions[token] as usize;
                            add(row, row_of(weights.positions, position, hidden));
                            if config.token_types > 0 {
                                let kind = usize::from(pack.type_ids()[token]);
                                add(row, row_of(weights.types, kind, hidden));
                            }
                            *inverse = normalise(row, norm, out);
                            let mut index = (token * hidden) as u32;
                            for x in out.iter_mut() {
                                *x *= mask.factor(index);
                                index = index.wrapping_add(1);
                            }
                        }
                    },
                );
            });
    }

    /// Backward of [`Self::forward`]: `gradient`, `[tokens, hidden]`, becomes the
    /// gradient of the summed embeddings, which is that of each token's word row.
    pub fn backward(
        &self,
        weights: &EmbeddingParts<&[f32]>,
        buffers: &EmbeddingBuffers,
        into: EmbeddingParts<&mut [f32]>,
        gradient: &mut [f32],
        partials: &mut [f32],
    ) {
        let Self {
            config,
            pack,
            dropout,
        } = *self;
        let (tokens, hidden) = (pack.tokens(), config.hidden);
        let gradient = &mut gradient[..tokens * hidden];
        norm_backward(
            gradient,
            NormSaved {
                normalised: &buffers.normalised[..tokens * hidden],
                inverse_deviation: &buffers.inverse[..tokens],
            },
            weights.scale,
            dropout.mask(0),
            NormGradients {
                scale: into.scale,
                shift: into.shift,
                bias: &mut [],
            },
            partials,
        );
        let gradient = &*gradient;
        into.positions
            .par_chunks_mut(hidden)
            .enumerate()
            .for_each(|(position, sum)| {
                sum.fill(0.0);
                for ends in pack.offsets().windows(2) {
                    if ends[0] + position < ends[1] {
                        add(sum, row_of(gradient, ends[0] + position, hidden));
                    }
                }
            });
        into.types
            .par_chunks_mut(hidden)
            .enumerate()
            .for_each(|(kind, sum)| {
                sum.fill(0.0);
                for (row, of) in gradient.chunks_exact(hidden).zip(pack.type_ids()) {
                    if usize::from(*of) == kind {
                        add(sum, row);
                    }
                }
            });
    }
}

#[inline(always)]
fn row_of(table: &[f32], row: usize, width: usize) -> &[f32] {
    &table[row * width..(row + 1) * width]
}
