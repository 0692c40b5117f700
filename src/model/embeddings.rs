//! Word, position and token type embeddings, as far as the family has them,
//! their LayerNorm, and in ELECTRA the way up to the width of the blocks.

use rayon::prelude::*;

use super::buffer::Buffer;
use super::config::Config;
use super::kernels::dropout::Dropout;
use super::kernels::math::vectorised;
use super::kernels::norm::{Norm, NormGradients, NormSaved, norm_backward, normalise};
use super::kernels::{CHUNK, add, column_sums, fill_rows};
use super::layout::EmbeddingParts;
use super::linear::{linear, linear_backward, weight_gradient};
use super::matrix::Into;
use super::pack::{Pack, PackSize};

/// What forward leaves for backward.
#[derive(Debug, Clone, Default)]
pub struct EmbeddingBuffers {
    normalised: Buffer,
    inverse: Buffer,
    /// What is projected, `[tokens, embedding]`; empty where nothing is. In the
    /// backward pass its gradient.
    narrow: Buffer,
    /// The embedded tokens, `[tokens, hidden]`.
    pub out: Buffer,
    /// Row of each token in the position table.
    positions: Vec<u32>,
}

impl EmbeddingBuffers {
    /// Buffers for packs of up to this size.
    pub fn new(config: &Config, size: PackSize) -> Self {
        let width = config.embedding;
        let narrow = if config.projects() { width } else { 0 };
        Self {
            normalised: Buffer::zeros(size.tokens * width),
            inverse: Buffer::zeros(size.tokens),
            narrow: Buffer::zeros(size.tokens * narrow),
            out: Buffer::zeros(size.tokens * config.hidden),
            positions: Vec::with_capacity(size.tokens),
        }
    }

    /// The gradient of each token's word row after [`Embeddings::backward`],
    /// which left it in `gradient` unless the embeddings are projected.
    pub fn word_gradients<'a>(&'a self, config: &Config, gradient: &'a [f32]) -> &'a [f32] {
        match config.projects() {
            true => &self.narrow,
            false => gradient,
        }
    }

    /// Numbers the tokens of each sequence. As in transformers, padding that
    /// stands in a text keeps its own row and is not counted.
    fn number(&mut self, config: &Config, pack: &Pack) {
        self.positions.clear();
        let first = config.first_position as u32;
        for ends in pack.offsets().windows(2) {
            let mut next = first;
            for id in &pack.ids()[ends[0]..ends[1]] {
                if first > 0 && *id == config.padding {
                    self.positions.push(first - 1);
                } else {
                    self.positions.push(next);
                    next += 1;
                }
            }
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
    /// Embeds a pack into `buffers.out`; `words` is `[vocabulary, embedding]`.
    ///
    /// Word ids, positions and token types must lie inside the tables; the
    /// classifier checks that once for each text.
    pub fn forward(
        &self,
        words: &[f32],
        weights: &EmbeddingParts<&[f32]>,
        buffers: &mut EmbeddingBuffers,
    ) {
        let Self { config, pack, .. } = *self;
        let (tokens, width) = (pack.tokens(), config.embedding);
        buffers.number(config, pack);
        let out = match config.projects() {
            true => &mut buffers.narrow,
            false => &mut buffers.out,
        };
        let mask = self.dropout.mask(0);
        let norm = Norm {
            scale: weights.scale,
            shift: weights.shift,
            epsilon: config.norm_epsilon,
        };
        let positions = &buffers.positions;
        buffers.normalised[..tokens * width]
            .par_chunks_mut(CHUNK * width)
            .zip(buffers.inverse[..tokens].par_chunks_mut(CHUNK))
            .zip(out[..tokens * width].par_chunks_mut(CHUNK * width))
            .enumerate()
            .for_each(|(chunk, ((rows, inverse), out))| {
                vectorised(
                    #[inline(always)]
                    || {
                        let rows = rows.chunks_exact_mut(width).zip(inverse);
                        for (i, ((row, inverse), out)) in
                            rows.zip(out.chunks_exact_mut(width)).enumerate()
                        {
                            let token = chunk * CHUNK + i;
                            row.copy_from_slice(row_of(words, pack.ids()[token] as usize, width));
                            if config.position_rows > 0 {
                                let position = positions[token] as usize;
                                add(row, row_of(weights.positions, position, width));
                            }
                            if config.token_types > 0 {
                                let kind = self.token_type(token);
                                add(row, row_of(weights.types, kind, width));
                            }
                            *inverse = normalise(row, norm, out);
                            let mut index = (token * width) as u32;
                            for x in out.iter_mut() {
                                *x *= mask.factor(index);
                                index = index.wrapping_add(1);
                            }
                        }
                    },
                );
            });
        if config.projects() {
            let out = &mut buffers.out[..tokens * config.hidden];
            fill_rows(out, weights.project_bias);
            let narrow = &buffers.narrow[..tokens * width];
            linear(out, Into::Add, narrow, weights.project_weight, tokens);
        }
    }

    fn token_type(&self, token: usize) -> usize {
        match self.config.reads_token_types() {
            true => usize::from(self.pack.type_ids()[token]),
            false => 0,
        }
    }

    /// Backward of [`Self::forward`]: `gradient`, `[tokens, hidden]`, becomes the
    /// gradient of the summed embeddings, which is that of each token's word
    /// row (see [`EmbeddingBuffers::word_gradients`]). The gradients of the
    /// table of distances are none of its business.
    pub fn backward(
        &self,
        weights: &EmbeddingParts<&[f32]>,
        buffers: &mut EmbeddingBuffers,
        into: EmbeddingParts<&mut [f32]>,
        gradient: &mut [f32],
        partials: &mut [f32],
    ) {
        let Self { config, pack, .. } = *self;
        let (tokens, width) = (pack.tokens(), config.embedding);
        let mut gradient = &mut gradient[..tokens * config.hidden];
        if config.projects() {
            let narrow = &mut buffers.narrow[..tokens * width];
            column_sums(into.project_bias, gradient, partials);
            weight_gradient(into.project_weight, gradient, narrow, tokens);
            let weight = weights.project_weight;
            linear_backward(narrow, Into::Overwrite, gradient, weight, tokens);
            gradient = narrow;
        }
        norm_backward(
            gradient,
            NormSaved {
                normalised: &buffers.normalised[..tokens * width],
                inverse_deviation: &buffers.inverse[..tokens],
            },
            weights.scale,
            self.dropout.mask(0),
            NormGradients {
                scale: into.scale,
                shift: into.shift,
                bias: &mut [],
            },
            partials,
        );
        let gradient = &*gradient;
        let positions = &buffers.positions;
        into.positions
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(position, sum)| {
                sum.fill(0.0);
                // The row of the padding gets none in PyTorch, either.
                let Some(counted) = position.checked_sub(config.first_position) else {
                    return;
                };
                for ends in pack.offsets().windows(2) {
                    // Padding in front of it may have pushed it back.
                    let mut tokens = ends[0] + counted..ends[1];
                    let token = tokens.find(|token| positions[*token] as usize == position);
                    if let Some(token) = token {
                        add(sum, row_of(gradient, token, width));
                    }
                }
            });
        into.types
            .par_chunks_mut(width)
            .enumerate()
            .for_each(|(kind, sum)| {
                sum.fill(0.0);
                for (token, row) in gradient.chunks_exact(width).enumerate() {
                    if self.token_type(token) == kind {
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
