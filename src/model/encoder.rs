//! The whole network on one pack: embeddings, blocks, head; forward for
//! scoring, forward and backward for training.
//!
//! Either can start at a block instead of at the words, from hidden states
//! computed earlier: what Quick retraining does.

use super::attention::Queries;
use super::attention::places::Places;
use rayon::prelude::*;

use super::block::{Block, BlockBuffers, Flow, Keep, Scratch};
use super::buffer::Buffer;
use super::config::{Config, Pooling};
use super::embeddings::{EmbeddingBuffers, Embeddings};
use super::head::{self, HeadBuffers};
use super::kernels::dropout::Dropout;
use super::kernels::{gather_first, mean_rows, scatter_first, spread_mean, transpose};
use super::layout::{BlockParts, EmbeddingParts, HeadParts, Layout, cutter, cutter_mut};
use super::matrix::Order;
use super::pack::{Pack, PackSize};

/// A model's weights, borrowed.
#[derive(Clone, Copy)]
pub struct Weights<'a> {
    /// Sizes.
    pub config: &'a Config,
    /// Places in the body.
    pub layout: &'a Layout,
    /// `[vocabulary, hidden]`.
    pub words: &'a [f32],
    /// Everything else.
    pub body: &'a [f32],
    /// How the matrices of the blocks lie in the body.
    pub order: Order,
}

impl<'a> Weights<'a> {
    fn embeddings(self) -> EmbeddingParts<&'a [f32]> {
        let range = self.layout.embeddings_range();
        EmbeddingParts::divide(self.config, cutter(&self.body[range]))
    }

    fn block(self, number: usize) -> BlockParts<&'a [f32]> {
        let range = self.layout.block_range(number);
        BlockParts::divide(self.config, number, cutter(&self.body[range]))
    }

    /// The body with the matrices of the blocks from `from` on transposed
    /// ([`Order::InOut`]), so that products need not do it again each time.
    pub fn for_scoring(self, from: usize) -> Buffer {
        let mut body = Buffer::from(self.body);
        for number in from..self.config.layers {
            let range = self.layout.block_range(number);
            let out_in = self.block(number);
            let in_out = BlockParts::divide(self.config, number, cutter_mut(&mut body[range]));
            let (hidden, wide) = (self.config.hidden, self.config.intermediate);
            let convolution = self.config.convolution_of(number);
            let kernel = convolution.map_or(0, |made| made.kernel);
            let matrices = [
                (out_in.query_weight, in_out.query_weight, hidden),
                (out_in.key_value_weight, in_out.key_value_weight, hidden),
                (
                    out_in.distance_key_weight,
                    in_out.distance_key_weight,
                    hidden,
                ),
                (
                    out_in.distance_query_weight,
                    in_out.distance_query_weight,
                    hidden,
                ),
                (
                    out_in.convolution_weight,
                    in_out.convolution_weight,
                    hidden * kernel,
                ),
                (out_in.output_weight, in_out.output_weight, hidden),
                (out_in.widen_weight, in_out.widen_weight, hidden),
                (out_in.narrow_weight, in_out.narrow_weight, wide),
            ];
            matrices
                .into_par_iter()
                .for_each(|(from, into, inputs)| transpose(from, into, inputs));
        }
        body
    }

    /// These weights with a body that [`Weights::for_scoring`] made.
    #[must_use]
    pub fn laid_out(self, body: &'a [f32]) -> Self {
        Self {
            body,
            order: Order::InOut,
            ..self
        }
    }

    fn head(self) -> HeadParts<&'a [f32]> {
        let range = self.layout.head_range();
        HeadParts::divide(self.config, cutter(&self.body[range]))
    }
}

/// Where a pass starts.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    /// At the words.
    Words,
    /// At this block, from hidden states `[tokens, hidden]`.
    Block(usize, &'a [f32]),
}

impl Start<'_> {
    fn block(self) -> usize {
        match self {
            Start::Words => 0,
            Start::Block(block, _) => block,
        }
    }
}

/// Buffers for scoring, sized once.
pub struct ScoringBuffers {
    places: Places,
    embeddings: EmbeddingBuffers,
    block: BlockBuffers,
    /// Of the last block, if it computes only what the classifier reads.
    last: Option<BlockBuffers>,
    states: Buffer,
    head: HeadBuffers,
    pooled: Buffer,
}

/// Results of scoring one pack.
pub struct Scored<'a> {
    /// `[sequences, classes]`.
    pub logits: &'a [f32],
    /// Mean of the last hidden states over a sequence's tokens, in every family,
    /// whatever its head reads,
    /// `[sequences, hidden]`; empty when only logits were asked for.
    pub embeddings: &'a [f32],
}

impl ScoringBuffers {
    /// Buffers for packs of up to this size. Embeddings need every token of
    /// the last block ([`Queries::All`]), logits only the first of each
    /// sequence.
    pub fn new(config: &Config, size: PackSize, last: Queries) -> Self {
        let number = config.layers.saturating_sub(1);
        let first_only = last == Queries::First && config.reads_first_only(number);
        let pooled = match last {
            Queries::All => size.sequences * config.hidden,
            Queries::First => 0,
        };
        Self {
            places: Places::new(config),
            embeddings: EmbeddingBuffers::new(config, size),
            // The first block has all that others have, too.
            block: BlockBuffers::new(config, 0, size, Queries::All, Keep::Output),
            last: first_only.then(|| BlockBuffers::new(config, number, size, last, Keep::Output)),
            states: Buffer::zeros(size.tokens * config.hidden),
            head: HeadBuffers::new(config, size.sequences),
            pooled: Buffer::zeros(pooled),
        }
    }

    /// Hidden states in front of block `end`, `[tokens, hidden]`.
    pub fn states(&mut self, weights: Weights, pack: &Pack, start: Start, end: usize) -> &[f32] {
        let used = pack.tokens() * weights.config.hidden;
        let of_places = weights.embeddings();
        self.places.refill(weights.config, pack, &of_places);
        match start {
            Start::Words => {
                let out = &mut self.embeddings;
                embeddings(weights.config, pack, Dropout::OFF).forward(
                    weights.words,
                    &weights.embeddings(),
                    out,
                );
                std::mem::swap(&mut self.states, &mut self.embeddings.out);
            }
            Start::Block(_, states) => self.states[..used].copy_from_slice(&states[..used]),
        }
        for number in start.block()..end {
            let places = &self.places;
            let block = scoring_block(weights, pack, places, Queries::All, number);
            block.forward(&weights.block(number), &self.states, &mut self.block);
            std::mem::swap(&mut self.states, self.block.output_mut());
        }
        &self.states[..used]
    }

    /// Logits of a pack, and embeddings if the buffers were made for them.
    pub fn score(&mut self, weights: Weights, pack: &Pack, start: Start) -> Scored<'_> {
        let config = weights.config;
        let (sequences, hidden) = (pack.sequences(), config.hidden);
        let last = config.layers.saturating_sub(1);
        // A start behind the last block leaves nothing to save.
        let shortcut = self.last.is_some() && start.block() <= last;
        let end = if shortcut { last } else { config.layers };
        self.states(weights, pack, start, end);
        let first = &mut self.head.pooled[..sequences * hidden];
        match &mut self.last {
            Some(buffers) if shortcut => {
                let places = &self.places;
                let block = scoring_block(weights, pack, places, Queries::First, last);
                block.forward(&weights.block(last), &self.states, buffers);
                first.copy_from_slice(&buffers.output()[..sequences * hidden]);
            }
            _ => pool(config, first, &self.states, pack),
        }
        let pooled: &mut [f32] = match self.pooled.is_empty() {
            false => &mut self.pooled[..sequences * hidden],
            true => &mut [],
        };
        if !pooled.is_empty() {
            mean_rows(pooled, &self.states, pack.offsets(), hidden);
        }
        let parts = weights.head();
        head::forward(config, &parts, sequences, Dropout::OFF, &mut self.head);
        Scored {
            logits: &self.head.logits[..sequences * config.labels.len()],
            embeddings: pooled,
        }
    }
}

/// What the head reads of the last hidden states of each sequence.
fn pool(config: &Config, pooled: &mut [f32], states: &[f32], pack: &Pack) {
    match config.head.pooling {
        Pooling::First => gather_first(pooled, states, pack.offsets(), config.hidden),
        Pooling::Mean => mean_rows(pooled, states, pack.offsets(), config.hidden),
    }
}

/// Backward of [`pool`].
fn pool_backward(config: &Config, states: &mut [f32], pooled: &[f32], pack: &Pack) {
    let pooled = &pooled[..pack.sequences() * config.hidden];
    match config.head.pooling {
        Pooling::First => {
            states.fill(0.0);
            scatter_first(states, pooled, pack.offsets(), config.hidden);
        }
        Pooling::Mean => spread_mean(states, pooled, pack.offsets(), config.hidden),
    }
}

/// Buffers for training, sized once for the largest pack.
pub struct TrainingBuffers {
    places: Places,
    embeddings: EmbeddingBuffers,
    /// Hidden states that training starts from, if not at the words.
    given: Buffer,
    from_words: bool,
    first_block: usize,
    blocks: Vec<BlockBuffers>,
    head: HeadBuffers,
    scratch: Scratch,
    gradient: Buffer,
    first_gradient: Buffer,
    /// Gradient of the table of distances, if training starts at the words.
    table_gradient: Buffer,
}

/// The last block computes only what the classifier reads.
fn queries_of(config: &Config, number: usize) -> Queries {
    match config.reads_first_only(number) {
        true => Queries::First,
        false => Queries::All,
    }
}

impl TrainingBuffers {
    /// Buffers for training on packs of up to this size, from the words or,
    /// with `given`, from hidden states in front of that block.
    pub fn new(config: &Config, size: PackSize, given: Option<usize>, dropout: bool) -> Self {
        let of_words = match given {
            None => size,
            Some(_) => PackSize::default(),
        };
        let first_block = given.unwrap_or(0);
        let states = size.tokens * config.hidden;
        let keep = Keep::ForBackward { dropout };
        let blocks = (first_block..config.layers)
            .map(|number| BlockBuffers::new(config, number, size, queries_of(config, number), keep))
            .collect();
        let places = Places::new(config);
        let table = if given.is_none() {
            places.table().len()
        } else {
            0
        };
        Self {
            places,
            table_gradient: Buffer::zeros(table),
            embeddings: EmbeddingBuffers::new(config, of_words),
            from_words: given.is_none(),
            given: Buffer::zeros(if given.is_none() { 0 } else { states }),
            first_block,
            blocks,
            head: HeadBuffers::new(config, size.sequences),
            scratch: Scratch::new(config, size),
            gradient: Buffer::zeros(states),
            first_gradient: Buffer::zeros(size.sequences * config.hidden),
        }
    }

    /// Where hidden states go when training starts at a block.
    pub fn given_states(&mut self) -> &mut [f32] {
        &mut self.given
    }

    /// Gradient of each token's word embedding after [`Self::backward`] from
    /// the words, `[tokens, embedding]`.
    pub fn word_gradients(&self, config: &Config) -> &[f32] {
        self.embeddings.word_gradients(config, &self.gradient)
    }

    /// Forward; gives the logits, `[sequences, classes]`, where backward
    /// expects their gradient.
    pub fn forward(&mut self, weights: Weights, pack: &Pack, dropout: Dropout) -> &mut [f32] {
        let config = weights.config;
        let hidden = config.hidden;
        self.places.refill(config, pack, &weights.embeddings());
        if self.from_words {
            embeddings(config, pack, dropout).forward(
                weights.words,
                &weights.embeddings(),
                &mut self.embeddings,
            );
        }
        for i in 0..self.blocks.len() {
            let (below, above) = self.blocks.split_at_mut(i);
            let input = match below.last() {
                Some(block) => block.output(),
                None if self.from_words => &self.embeddings.out,
                None => &self.given,
            };
            let number = self.first_block + i;
            block(config, pack, &self.places, dropout, number).forward(
                &weights.block(number),
                input,
                &mut above[0],
            );
        }
        let sequences = pack.sequences();
        let first = &mut self.head.pooled[..sequences * hidden];
        match self.blocks.last() {
            Some(last) if config.reads_first_only(config.layers - 1) => {
                first.copy_from_slice(&last.output()[..sequences * hidden]);
            }
            Some(last) => pool(config, first, last.output(), pack),
            None => pool(config, first, &self.given, pack),
        }
        head::forward(config, &weights.head(), sequences, dropout, &mut self.head);
        &mut self.head.logits[..sequences * config.labels.len()]
    }

    /// Backward from the gradient of the logits; writes the gradients of the
    /// trained part of the body, which ends with the body, into `gradients`.
    pub fn backward(
        &mut self,
        weights: Weights,
        pack: &Pack,
        dropout: Dropout,
        gradients: &mut [f32],
    ) {
        let (config, layout) = (weights.config, weights.layout);
        let before = layout.body_length() - gradients.len();
        let within = |range: std::ops::Range<usize>| range.start - before..range.end - before;
        let head = &mut gradients[within(layout.head_range())];
        head::backward(
            config,
            &weights.head(),
            pack.sequences(),
            dropout,
            &mut self.head,
            HeadParts::divide(config, cutter_mut(head)),
            &mut self.first_gradient,
        );
        if !self.blocks.is_empty() && !config.reads_first_only(config.layers - 1) {
            pool_backward(config, &mut self.gradient, &self.first_gradient, pack);
        }
        self.table_gradient.fill(0.0);
        for i in (0..self.blocks.len()).rev() {
            let number = self.first_block + i;
            let (below, above) = self.blocks.split_at(i);
            let input_states = match below.last() {
                Some(block) => block.output(),
                None if self.from_words => &self.embeddings.out,
                None => &self.given,
            };
            let into = &mut gradients[within(layout.block_range(number))];
            let (output, input): (&mut [f32], &mut [f32]) = match queries_of(config, number) {
                Queries::First => (&mut self.first_gradient, &mut self.gradient),
                Queries::All => (&mut self.gradient, &mut []),
            };
            block(config, pack, &self.places, dropout, number).backward(
                &weights.block(number),
                input_states,
                &above[0],
                &mut self.scratch,
                BlockParts::divide(config, number, cutter_mut(into)),
                Flow {
                    output,
                    input,
                    deeper: i > 0 || self.from_words,
                    table: &mut self.table_gradient,
                },
            );
        }
        if self.from_words {
            let into = &mut gradients[within(layout.embeddings_range())];
            let mut into = EmbeddingParts::divide(config, cutter_mut(into));
            let (of_embeddings, partials) = (weights.embeddings(), &mut self.scratch.partials);
            let table = &mut self.table_gradient;
            self.places
                .backward(config, &of_embeddings, &mut into, table, partials);
            embeddings(config, pack, dropout).backward(
                &of_embeddings,
                &mut self.embeddings,
                into,
                &mut self.gradient,
                partials,
            );
        }
    }
}

fn scoring_block<'a>(
    weights: Weights<'a>,
    pack: &'a Pack,
    places: &'a Places,
    queries: Queries,
    number: usize,
) -> Block<'a> {
    Block {
        config: weights.config,
        pack,
        places,
        queries,
        dropout: Dropout::OFF,
        number,
        order: weights.order,
    }
}

fn block<'a>(
    config: &'a Config,
    pack: &'a Pack,
    places: &'a Places,
    dropout: Dropout,
    number: usize,
) -> Block<'a> {
    Block {
        config,
        pack,
        places,
        queries: queries_of(config, number),
        dropout,
        number,
        order: Order::OutIn,
    }
}

fn embeddings<'a>(config: &'a Config, pack: &'a Pack, dropout: Dropout) -> Embeddings<'a> {
    Embeddings {
        config,
        pack,
        // Where LayerNorm comes first, nothing but the head drops anything.
        dropout: if config.norms_first() {
            Dropout::OFF
        } else {
            dropout
        },
    }
}
