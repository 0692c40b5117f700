//! Views of the body: the parts of the embeddings, of a block and of the head.
//!
//! Each `divide` cuts its parts off in the order in which the layout lists
//! their tensors; a part that a family lacks is empty.

use crate::model::config::{Config, Distances};

/// What lies in front of the blocks.
pub struct EmbeddingParts<S> {
    /// `[position rows, embedding]`.
    pub positions: S,
    /// `[token types, embedding]`.
    pub types: S,
    /// LayerNorm weight, `[embedding]`.
    pub scale: S,
    /// LayerNorm bias, `[embedding]`.
    pub shift: S,
    /// From the width of embeddings to that of the blocks, `[hidden,
    /// embedding]`; empty where both are the same.
    pub project_weight: S,
    /// `[hidden]`.
    pub project_bias: S,
    /// What all blocks know of distances: MPNet's biases, `[buckets, heads]`,
    /// or DeBERTa's table, `[2 · span, hidden]`.
    pub distances: S,
    /// LayerNorm weight of DeBERTa's table, `[hidden]`.
    pub distance_scale: S,
    /// LayerNorm bias of DeBERTa's table, `[hidden]`.
    pub distance_shift: S,
}

impl<S> EmbeddingParts<S> {
    /// Divides the embedding part; `take` cuts off that many elements.
    pub fn divide(config: &Config, mut take: impl FnMut(usize) -> S) -> Self {
        let (width, hidden) = (config.embedding, config.hidden);
        let projected = if config.projects() { hidden } else { 0 };
        let normed = if config.norms_distances() { hidden } else { 0 };
        Self {
            positions: take(config.position_rows * width),
            types: take(config.token_types * width),
            scale: take(width),
            shift: take(if config.biases.norm { width } else { 0 }),
            project_weight: take(projected * width),
            project_bias: take(projected),
            distances: take(distance_elements(config)),
            distance_scale: take(normed),
            distance_shift: take(normed),
        }
    }
}

/// Elements of the table of distances.
fn distance_elements(config: &Config) -> usize {
    match &config.distances {
        Distances::Biased(rows) => rows * config.heads,
        Distances::Disentangled(shape) if shape.relative => 2 * shape.span * config.hidden,
        Distances::Disentangled(_) | Distances::Untold | Distances::Rotary(_) => 0,
    }
}

/// The parts of a transformer block; linear weights are `[out, in]`.
pub struct BlockParts<S> {
    /// `[hidden, hidden]`.
    pub query_weight: S,
    /// Key above value: `[2 · hidden, hidden]`.
    pub key_value_weight: S,
    /// `[hidden]`.
    pub query_bias: S,
    /// `[2 · hidden]`.
    pub key_value_bias: S,
    /// Makes keys of distances, `[hidden, hidden]`; only in DeBERTa, and empty
    /// where the keys' own weights do it.
    pub distance_key_weight: S,
    /// `[hidden]`.
    pub distance_key_bias: S,
    /// Makes queries of distances, see `distance_key_weight`.
    pub distance_query_weight: S,
    /// `[hidden]`.
    pub distance_query_bias: S,
    /// `[hidden, hidden]`.
    pub output_weight: S,
    /// `[hidden]`.
    pub output_bias: S,
    /// LayerNorm after attention, or in front of it, `[hidden]` each; empty in
    /// ModernBERT's first block, whose input is normed already.
    pub attention_scale: S,
    /// See `attention_scale`.
    pub attention_shift: S,
    /// `[widened, hidden]`, see [`Config::widened`].
    pub widen_weight: S,
    /// `[widened]`.
    pub widen_bias: S,
    /// `[hidden, intermediate]`.
    pub narrow_weight: S,
    /// `[hidden]`.
    pub narrow_bias: S,
    /// LayerNorm after the feed-forward layers, or in front of them, `[hidden]`
    /// each.
    pub output_scale: S,
    /// See `output_scale`.
    pub output_shift: S,
    /// The convolution beside the first block, `[hidden, hidden, kernel]`: out,
    /// in, place in the neighbourhood; only in larger DeBERTa-v2 models.
    pub convolution_weight: S,
    /// `[hidden]`.
    pub convolution_bias: S,
    /// LayerNorm behind the convolution, `[hidden]` each.
    pub convolution_scale: S,
    /// See `convolution_scale`.
    pub convolution_shift: S,
    /// LayerNorm behind the last block, `[hidden]` each; only there, and only
    /// in ModernBERT.
    pub final_scale: S,
    /// See `final_scale`.
    pub final_shift: S,
}

impl<S> BlockParts<S> {
    /// Divides block `number`; `take` cuts off that many elements.
    pub fn divide(config: &Config, number: usize, mut take: impl FnMut(usize) -> S) -> Self {
        let (hidden, wide) = (config.hidden, config.intermediate);
        let if_there = |there: bool, length: usize| if there { length } else { 0 };
        let biases = config.biases;
        let (keys, queries) = config.own_distance_projections();
        let attention_norm = if_there(config.norms_attention(number), hidden);
        let final_norm = if_there(config.norms_output(number), hidden);
        let kernel = config.convolution_of(number).map_or(0, |made| made.kernel);
        let convolved = if_there(kernel > 0, hidden);
        Self {
            query_weight: take(hidden * hidden),
            key_value_weight: take(2 * hidden * hidden),
            query_bias: take(if_there(biases.attention, hidden)),
            key_value_bias: take(if_there(biases.attention, 2 * hidden)),
            distance_key_weight: take(if_there(keys, hidden * hidden)),
            distance_key_bias: take(if_there(keys, hidden)),
            distance_query_weight: take(if_there(queries, hidden * hidden)),
            distance_query_bias: take(if_there(queries, hidden)),
            output_weight: take(hidden * hidden),
            output_bias: take(if_there(biases.attention, hidden)),
            attention_scale: take(attention_norm),
            attention_shift: take(if_there(biases.norm, attention_norm)),
            widen_weight: take(config.widened() * hidden),
            widen_bias: take(if_there(biases.feed_forward, config.widened())),
            narrow_weight: take(hidden * wide),
            narrow_bias: take(if_there(biases.feed_forward, hidden)),
            output_scale: take(hidden),
            output_shift: take(if_there(biases.norm, hidden)),
            convolution_weight: take(hidden * hidden * kernel),
            convolution_bias: take(convolved),
            convolution_scale: take(convolved),
            convolution_shift: take(convolved),
            final_scale: take(final_norm),
            final_shift: take(if_there(biases.norm, final_norm)),
        }
    }
}

/// What lies behind the blocks.
pub struct HeadParts<S> {
    /// Pooler, pre-classifier or dense layer, `[hidden, hidden]`.
    pub dense_weight: S,
    /// `[hidden]`.
    pub dense_bias: S,
    /// LayerNorm behind the dense layer, `[hidden]` each; only in ModernBERT.
    pub norm_scale: S,
    /// See `norm_scale`.
    pub norm_shift: S,
    /// `[classes, hidden]`.
    pub classifier_weight: S,
    /// `[classes]`.
    pub classifier_bias: S,
}

impl<S> HeadParts<S> {
    /// Divides the head; `take` cuts off that many elements.
    pub fn divide(config: &Config, mut take: impl FnMut(usize) -> S) -> Self {
        let (hidden, classes) = (config.hidden, config.classes());
        let if_there = |there: bool| if there { hidden } else { 0 };
        let normed = config.head.normed;
        Self {
            dense_weight: take(hidden * hidden),
            dense_bias: take(if_there(config.biases.head)),
            norm_scale: take(if_there(normed)),
            norm_shift: take(if_there(normed && config.biases.norm)),
            classifier_weight: take(classes * hidden),
            classifier_bias: take(classes),
        }
    }
}

/// Cuts shared slices off the front of one slice, for the `divide` functions.
pub fn cutter<'a>(mut rest: &'a [f32]) -> impl FnMut(usize) -> &'a [f32] {
    move |length| {
        let (front, back) = rest.split_at(length);
        rest = back;
        front
    }
}

/// Cuts mutable slices off the front of one slice, for the `divide` functions.
pub fn cutter_mut<'a>(mut rest: &'a mut [f32]) -> impl FnMut(usize) -> &'a mut [f32] {
    move |length| {
        let (front, back) = std::mem::take(&mut rest).split_at_mut(length);
        rest = back;
        front
    }
}
