//! One transformer block: forward that saves what backward needs, and backward
//! by hand. LayerNorm comes behind the residual as in BERT ([`post_norm`]) or
//! in front of each half as in ModernBERT ([`pre_norm`]); attention is the same
//! to both ([`attending`]). Beside the first block of some models stands a
//! [`convolution`], which counts as a part of it.

mod attending;
mod buffers;
mod convolution;
mod distances;
mod post_norm;
mod pre_norm;

use super::attention::Queries;
use super::attention::places::Places;
use super::config::Config;
use super::kernels::dropout::{Dropout, Mask};
use super::layout::BlockParts;
use super::linear::{linear, linear_backward};
use super::matrix::{Into, Order};
use super::pack::Pack;

pub use buffers::{BlockBuffers, Scratch};

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

/// A block at work on one pack.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    /// Sizes.
    pub config: &'a Config,
    /// The sequences.
    pub pack: &'a Pack,
    /// What is known of the places of their tokens.
    pub places: &'a Places,
    /// The rows computed.
    pub queries: Queries,
    /// Dropout of this step.
    pub dropout: Dropout,
    /// Number of the block, from 0.
    pub number: usize,
    /// How the weights lie.
    pub order: Order,
}

/// The gradients that go through a block besides those of its weights.
pub struct Flow<'a> {
    /// Comes in as the gradient of the output, `[query rows, hidden]`. With
    /// [`Queries::All`] it goes out as the gradient of the input.
    pub output: &'a mut [f32],
    /// With [`Queries::First`] the gradient of the input, `[tokens, hidden]`.
    pub input: &'a mut [f32],
    /// Whether the gradient of the input is wanted; else neither holds it.
    pub deeper: bool,
    /// Added to: the gradient of the table of distances that all blocks share;
    /// empty if nobody wants it.
    pub table: &'a mut [f32],
}

impl Flow<'_> {
    fn reborrow(&mut self) -> Flow<'_> {
        Flow {
            output: self.output,
            input: self.input,
            deeper: self.deeper,
            table: self.table,
        }
    }
}

impl Block<'_> {
    fn rows(&self) -> usize {
        self.queries.rows(self.pack.size())
    }

    /// The rows that ask: those that attention reads, or of each text the
    /// first, which were gathered.
    fn asking<'r>(&self, read: &'r [f32], first: &'r [f32]) -> &'r [f32] {
        match self.queries {
            Queries::All => read,
            Queries::First => &first[..self.rows() * self.config.hidden],
        }
    }

    fn mask(&self, place: usize) -> Mask {
        self.dropout.mask(self.place(place))
    }

    /// The number of a place in the block among those of the model.
    fn place(&self, place: usize) -> usize {
        // Place 0 belongs to the embeddings.
        1 + self.number * DROPOUTS + place
    }

    /// Where LayerNorm comes first nothing is dropped in the blocks.
    fn attention_dropout(&self) -> Dropout {
        match self.config.norms_first() {
            true => Dropout::OFF,
            false => self.dropout,
        }
    }

    /// Forward: `input` is `[tokens, hidden]`; the result is
    /// [`BlockBuffers::output`].
    pub fn forward(&self, weights: &BlockParts<&[f32]>, input: &[f32], buffers: &mut BlockBuffers) {
        match self.config.norms_first() {
            true => pre_norm::forward(self, weights, input, buffers),
            false => post_norm::forward(self, weights, input, buffers),
        }
        if let Some(convolution) = self.config.convolution_of(self.number) {
            convolution::forward(self, convolution, weights, input, buffers);
        }
    }

    /// Backward: writes the gradients of all weights into `into`.
    pub fn backward(
        &self,
        weights: &BlockParts<&[f32]>,
        input: &[f32],
        buffers: &BlockBuffers,
        scratch: &mut Scratch,
        mut into: BlockParts<&mut [f32]>,
        mut flow: Flow,
    ) {
        let convolution = self.config.convolution_of(self.number);
        if convolution.is_some() {
            convolution::backward(self, weights, buffers, scratch, &mut into, &mut flow);
        }
        let through = flow.reborrow();
        match self.config.norms_first() {
            true => pre_norm::backward(self, weights, input, buffers, scratch, into, through),
            false => post_norm::backward(self, weights, input, buffers, scratch, into, through),
        }
        if let Some(convolution) = convolution.filter(|_| flow.deeper) {
            convolution::add_input_gradient(self, convolution, &scratch.windows, flow.output);
        }
    }

    fn linear(&self, out: &mut [f32], into: Into, input: &[f32], weight: &[f32], rows: usize) {
        match self.order {
            Order::OutIn => linear(out, into, input, weight, rows),
            // The same as a step backwards through the transposed matrix.
            Order::InOut => linear_backward(out, into, input, weight, rows),
        }
    }
}
