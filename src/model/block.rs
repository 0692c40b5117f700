//! One transformer block in BERT's order (LayerNorm after the residual):
//! forward that saves what backward needs, and backward by hand.

use super::attention::{Queries, Shape, every, first};
use super::buffer::Buffer;
use super::config::Config;
use super::kernels::activation::{activate, activate_backward, activate_in_place};
use super::kernels::dropout::{Dropout, Mask};
use super::kernels::norm::{Norm, NormGradients, NormSaved, residual_norm, residual_norm_backward};
use super::kernels::{column_sums, fill_rows, gather_first, partial_length, scatter_first};
use super::layout::BlockParts;
use super::linear::{linear, linear_backward, weight_gradient};
use super::matrix::{Into, Order};
use super::pack::{Pack, PackSize};

/// Places in a block where dropout acts.
const DROPOUTS: usize = 3;

/// What the buffers of a block keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The output alone, for scoring.
    Output,
    /// All that backward needs.
    ForBackward {
        /// Whether attention drops anything.
        dropout: bool,
    },
}

/// What forward leaves for backward; reused from step to step.
#[derive(Debug, Clone)]
pub struct BlockBuffers {
    /// The first row of each sequence, if only these are computed.
    first: Buffer,
    query: Buffer,
    attention: Attention,
    context: Buffer,
    attended: Normed,
    /// Slope of the activation; empty when no backward follows.
    slope: Buffer,
    activated: Buffer,
    narrowed: Normed,
}

/// What attention leaves for backward.
#[derive(Debug, Clone)]
enum Attention {
    Every {
        key_value: Buffer,
        probabilities: Buffer,
        dropped: Buffer,
    },
    First(first::Buffers),
}

impl Attention {
    fn new(config: &Config, size: PackSize, queries: Queries, keep: Keep) -> Self {
        let (heads, hidden) = (config.heads, config.hidden);
        let dropout = keep == Keep::ForBackward { dropout: true };
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

/// A LayerNorm's output and what its backward needs.
#[derive(Debug, Clone)]
struct Normed {
    normalised: Buffer,
    inverse: Buffer,
    out: Buffer,
}

impl Normed {
    fn new(rows: usize, width: usize) -> Self {
        Self {
            normalised: Buffer::zeros(rows * width),
            inverse: Buffer::zeros(rows),
            out: Buffer::zeros(rows * width),
        }
    }

    fn saved(&self, rows: usize, width: usize) -> NormSaved<'_> {
        NormSaved {
            normalised: &self.normalised[..rows * width],
            inverse_deviation: &self.inverse[..rows],
        }
    }
}

impl BlockBuffers {
    /// Buffers for packs of up to this size.
    pub fn new(config: &Config, size: PackSize, queries: Queries, keep: Keep) -> Self {
        let (hidden, wide) = (config.hidden, config.intermediate);
        let rows = queries.rows(size);
        let zeros = Buffer::zeros;
        Self {
            first: zeros(match queries {
                Queries::All => 0,
                Queries::First => rows * hidden,
            }),
            query: zeros(rows * hidden),
            attention: Attention::new(config, size, queries, keep),
            context: zeros(rows * hidden),
            attended: Normed::new(rows, hidden),
            slope: zeros(match keep {
                Keep::ForBackward { .. } => rows * wide,
                Keep::Output => 0,
            }),
            activated: zeros(rows * wide),
            narrowed: Normed::new(rows, hidden),
        }
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

/// What backward works in; shared by all blocks.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    branch: Buffer,
    wide: Buffer,
    context: Buffer,
    scores: Buffer,
    query: Buffer,
    key_value: Buffer,
    first: first::Scratch,
    /// Partial sums over chunks of rows.
    pub partials: Buffer,
}

impl Scratch {
    /// Scratch for packs of up to this size.
    pub fn new(config: &Config, size: PackSize) -> Self {
        let (tokens, hidden) = (size.tokens, config.hidden);
        let zeros = Buffer::zeros;
        let columns = config.intermediate.max(3 * hidden);
        Self {
            branch: zeros(tokens * hidden),
            wide: zeros(tokens * config.intermediate),
            context: zeros(tokens * hidden),
            scores: zeros(size.squares * config.heads),
            query: zeros(tokens * hidden),
            key_value: zeros(tokens * 2 * hidden),
            first: first::Scratch::new(config.heads, hidden, size),
            partials: zeros(partial_length(tokens, columns)),
        }
    }
}

/// A block at work on one pack.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    /// Sizes.
    pub config: &'a Config,
    /// The sequences.
    pub pack: &'a Pack,
    /// The rows computed.
    pub queries: Queries,
    /// Dropout of this step.
    pub dropout: Dropout,
    /// Number of the block, from 0.
    pub number: usize,
    /// How the weights lie.
    pub order: Order,
}

impl Block<'_> {
    fn rows(&self) -> usize {
        self.queries.rows(self.pack.size())
    }

    fn mask(&self, place: usize) -> Mask {
        self.dropout.mask(self.place(place))
    }

    /// The number of a place in the block among those of the model.
    fn place(&self, place: usize) -> usize {
        // Place 0 belongs to the embeddings.
        1 + self.number * DROPOUTS + place
    }

    fn shape(&self) -> Shape<'_> {
        Shape::new(self.config, self.pack).with_dropout(self.dropout, self.place(0))
    }

    fn key_value<'w>(&self, weights: &BlockParts<&'w [f32]>) -> first::KeyValue<'w> {
        first::KeyValue {
            weight: weights.key_value_weight,
            bias: weights.key_value_bias,
            order: self.order,
        }
    }

    /// Forward: `input` is `[tokens, hidden]`; the result is
    /// [`BlockBuffers::output`].
    pub fn forward(&self, weights: &BlockParts<&[f32]>, input: &[f32], buffers: &mut BlockBuffers) {
        let (tokens, rows) = (self.pack.tokens(), self.rows());
        let (hidden, wide) = (self.config.hidden, self.config.intermediate);
        let input = &input[..tokens * hidden];
        if self.queries == Queries::First {
            let first = &mut buffers.first[..rows * hidden];
            gather_first(first, input, self.pack.offsets(), hidden);
        }
        let asking = match self.queries {
            Queries::All => input,
            Queries::First => &buffers.first[..rows * hidden],
        };
        let query = &mut buffers.query[..rows * hidden];
        fill_rows(query, weights.query_bias);
        self.linear(query, Into::Add, asking, weights.query_weight, rows);
        let context = &mut buffers.context[..rows * hidden];
        match &mut buffers.attention {
            Attention::Every {
                key_value,
                probabilities,
                dropped,
            } => {
                let key_value = &mut key_value[..tokens * 2 * hidden];
                fill_rows(key_value, weights.key_value_bias);
                let weight = weights.key_value_weight;
                self.linear(key_value, Into::Add, input, weight, tokens);
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
                    states: input,
                };
                let weights = self.key_value(weights);
                first::forward(self.shape(), weights, projected, buffers, context);
            }
        }
        let context = &buffers.context[..rows * hidden];
        let attended = &mut buffers.attended;
        let branch = &mut attended.normalised[..rows * hidden];
        self.linear(
            branch,
            Into::Overwrite,
            context,
            weights.output_weight,
            rows,
        );
        residual_norm(
            branch,
            weights.output_bias,
            self.mask(1),
            asking,
            self.norm(weights.attention_scale, weights.attention_shift),
            &mut attended.inverse[..rows],
            &mut attended.out[..rows * hidden],
        );
        let middle = &attended.out[..rows * hidden];
        let activated = &mut buffers.activated[..rows * wide];
        let widen = |out: &mut [f32]| {
            self.linear(out, Into::Overwrite, middle, weights.widen_weight, rows);
        };
        if buffers.slope.is_empty() {
            widen(activated);
            activate_in_place(self.config.activation, activated, weights.widen_bias);
        } else {
            let slope = &mut buffers.slope[..rows * wide];
            widen(slope);
            activate(self.config.activation, slope, weights.widen_bias, activated);
        }
        let narrowed = &mut buffers.narrowed;
        let branch = &mut narrowed.normalised[..rows * hidden];
        self.linear(
            branch,
            Into::Overwrite,
            activated,
            weights.narrow_weight,
            rows,
        );
        residual_norm(
            branch,
            weights.narrow_bias,
            self.mask(2),
            middle,
            self.norm(weights.output_scale, weights.output_shift),
            &mut narrowed.inverse[..rows],
            &mut narrowed.out[..rows * hidden],
        );
    }

    fn linear(&self, out: &mut [f32], into: Into, input: &[f32], weight: &[f32], rows: usize) {
        match self.order {
            Order::OutIn => linear(out, into, input, weight, rows),
            // The same as a step backwards through the transposed matrix.
            Order::InOut => linear_backward(out, into, input, weight, rows),
        }
    }

    fn norm<'n>(&self, scale: &'n [f32], shift: &'n [f32]) -> Norm<'n> {
        Norm {
            scale,
            shift,
            epsilon: self.config.norm_epsilon,
        }
    }

    /// Backward: writes the gradients of all weights into `into`.
    ///
    /// `gradient` comes in as the gradient of the output, `[query rows,
    /// hidden]`. With [`Queries::All`] it goes out as the gradient of the
    /// input; with [`Queries::First`] that is written to `input_gradient`,
    /// `[tokens, hidden]`. Unless `deeper`, neither is computed.
    #[expect(
        clippy::too_many_arguments,
        reason = "weights, saved, scratch and three kinds of gradients are all there is to a backward pass"
    )]
    pub fn backward(
        &self,
        weights: &BlockParts<&[f32]>,
        input: &[f32],
        buffers: &BlockBuffers,
        scratch: &mut Scratch,
        into: BlockParts<&mut [f32]>,
        gradient: &mut [f32],
        input_gradient: &mut [f32],
        deeper: bool,
    ) {
        let (tokens, rows) = (self.pack.tokens(), self.rows());
        let (hidden, wide) = (self.config.hidden, self.config.intermediate);
        let input = &input[..tokens * hidden];
        let asking = match self.queries {
            Queries::All => input,
            Queries::First => &buffers.first[..rows * hidden],
        };
        let gradient = &mut gradient[..rows * hidden];
        let branch = &mut scratch.branch[..rows * hidden];
        residual_norm_backward(
            gradient,
            buffers.narrowed.saved(rows, hidden),
            weights.output_scale,
            self.mask(2),
            branch,
            NormGradients {
                scale: into.output_scale,
                shift: into.output_shift,
                bias: into.narrow_bias,
            },
            &mut scratch.partials,
        );
        let activated = &buffers.activated[..rows * wide];
        weight_gradient(into.narrow_weight, branch, activated, rows);
        let widened = &mut scratch.wide[..rows * wide];
        linear_backward(
            widened,
            Into::Overwrite,
            branch,
            weights.narrow_weight,
            rows,
        );
        let slope = &buffers.slope[..rows * wide];
        activate_backward(widened, slope, into.widen_bias, &mut scratch.partials);
        let middle = &buffers.attended.out[..rows * hidden];
        weight_gradient(into.widen_weight, widened, middle, rows);
        linear_backward(gradient, Into::Add, widened, weights.widen_weight, rows);

        residual_norm_backward(
            gradient,
            buffers.attended.saved(rows, hidden),
            weights.attention_scale,
            self.mask(1),
            branch,
            NormGradients {
                scale: into.attention_scale,
                shift: into.attention_shift,
                bias: into.output_bias,
            },
            &mut scratch.partials,
        );
        let context = &buffers.context[..rows * hidden];
        weight_gradient(into.output_weight, branch, context, rows);
        let context = &mut scratch.context[..rows * hidden];
        linear_backward(
            context,
            Into::Overwrite,
            branch,
            weights.output_weight,
            rows,
        );
        let query = &mut scratch.query[..rows * hidden];
        match &buffers.attention {
            Attention::Every {
                key_value,
                probabilities,
                dropped,
            } => {
                let projected = every::Projected {
                    query: &buffers.query,
                    key_value,
                };
                let saved = every::Saved {
                    probabilities,
                    dropped,
                    context,
                };
                let key_value = &mut scratch.key_value[..tokens * 2 * hidden];
                let out = every::Backward {
                    scores: &mut scratch.scores,
                    query,
                    key_value,
                };
                every::backward(self.shape(), projected, saved, out);
                column_sums(into.key_value_bias, key_value, &mut scratch.partials);
                weight_gradient(into.key_value_weight, key_value, input, tokens);
                if deeper {
                    let weight = weights.key_value_weight;
                    linear_backward(gradient, Into::Add, key_value, weight, tokens);
                }
            }
            Attention::First(saved) => {
                let projected = first::Projected {
                    query: &buffers.query,
                    states: input,
                };
                let states: &mut [f32] = if deeper {
                    &mut input_gradient[..tokens * hidden]
                } else {
                    &mut []
                };
                first::backward(
                    self.shape(),
                    self.key_value(weights),
                    projected,
                    saved,
                    context,
                    &mut scratch.first,
                    first::Backward {
                        query,
                        weight: into.key_value_weight,
                        bias: into.key_value_bias,
                        states,
                    },
                );
            }
        }
        column_sums(into.query_bias, query, &mut scratch.partials);
        weight_gradient(into.query_weight, query, asking, rows);
        if !deeper {
            return;
        }
        linear_backward(gradient, Into::Add, query, weights.query_weight, rows);
        if self.queries == Queries::First {
            let all = &mut input_gradient[..tokens * hidden];
            scatter_first(all, gradient, self.pack.offsets(), hidden);
        }
    }
}
