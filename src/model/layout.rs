//! Where each tensor of a model lies: its place in memory, its shape and its
//! name in Hugging Face files.
//!
//! All parameters but the word embeddings lie in one slice, the *body*, in the
//! order of the forward pass: embeddings, blocks, head. So "everything from
//! block 4 upwards" is a suffix, an optimiser step is one pass over a slice,
//! and query, key and value weights are neighbours that one product can use.

use std::ops::Range;

use super::config::{Config, Family};

/// Where a tensor lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// It is the word embedding table.
    Words,
    /// These elements of the body.
    Body(Range<usize>),
}

/// One named tensor of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Name in the files of Python's transformers, with the family's prefix.
    pub name: String,
    /// Shape as in these files; linear weights are `[out, in]`.
    pub shape: Vec<usize>,
    /// Where it lies.
    pub place: Place,
    /// Whether weight decay applies: not to biases and LayerNorms.
    pub decays: bool,
    /// Whether the tensor belongs to the head, which a file may lack.
    pub head: bool,
}

/// The places of all tensors of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    tensors: Vec<Tensor>,
    /// Where each block begins, and last where the head does.
    starts: Vec<usize>,
    length: usize,
}

impl Layout {
    /// The layout of a model with as many classes as it has labels.
    pub fn new(config: &Config) -> Self {
        let mut layout = Self {
            tensors: Vec::new(),
            starts: Vec::new(),
            length: 0,
        };
        let names = Names::of(config.family);
        layout.embeddings(config, &names);
        for block in 0..config.layers {
            layout.starts.push(layout.length);
            layout.block(config, &names, block);
        }
        layout.starts.push(layout.length);
        layout.head(config, &names);
        layout
    }

    /// All tensors; the word embeddings first, then in body order.
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// Elements of the body.
    pub fn body_length(&self) -> usize {
        self.length
    }

    /// Elements of the embedding part of the body, which comes first.
    pub fn embeddings_range(&self) -> Range<usize> {
        0..self.starts[0]
    }

    /// Elements of a block.
    pub fn block_range(&self, block: usize) -> Range<usize> {
        self.starts[block]..self.starts[block + 1]
    }

    /// Elements of the head.
    pub fn head_range(&self) -> Range<usize> {
        self.starts[self.starts.len() - 1]..self.length
    }

    fn push(&mut self, name: String, shape: &[usize], head: bool) {
        let size: usize = shape.iter().product();
        let range = self.length..self.length + size;
        self.length = range.end;
        self.tensors.push(Tensor {
            decays: decays(&name),
            name,
            shape: shape.to_vec(),
            place: Place::Body(range),
            head,
        });
    }

    fn embeddings(&mut self, config: &Config, names: &Names) {
        let hidden = config.hidden;
        let name = |part: &str| format!("{}.embeddings.{part}", names.prefix);
        self.tensors.push(Tensor {
            name: name("word_embeddings.weight"),
            shape: vec![config.vocabulary, hidden],
            place: Place::Words,
            decays: true,
            head: false,
        });
        let positions = [config.positions, hidden];
        self.push(name("position_embeddings.weight"), &positions, false);
        if config.token_types > 0 {
            let types = [config.token_types, hidden];
            self.push(name("token_type_embeddings.weight"), &types, false);
        }
        self.push(name("LayerNorm.weight"), &[hidden], false);
        self.push(name("LayerNorm.bias"), &[hidden], false);
    }

    fn block(&mut self, config: &Config, names: &Names, block: usize) {
        let (hidden, wide) = (config.hidden, config.intermediate);
        let name = |part: &str| format!("{}.{}.{block}.{part}", names.prefix, names.blocks);
        for kind in ["weight", "bias"] {
            for part in names.attention {
                let shape: &[usize] = if kind == "weight" {
                    &[hidden, hidden]
                } else {
                    &[hidden]
                };
                self.push(name(&format!("{part}.{kind}")), shape, false);
            }
        }
        let linear = |layout: &mut Self, part: &str, outputs: usize, inputs: usize| {
            layout.push(name(&format!("{part}.weight")), &[outputs, inputs], false);
            layout.push(name(&format!("{part}.bias")), &[outputs], false);
        };
        let norm = |layout: &mut Self, part: &str| {
            layout.push(name(&format!("{part}.weight")), &[hidden], false);
            layout.push(name(&format!("{part}.bias")), &[hidden], false);
        };
        linear(self, names.attention_output, hidden, hidden);
        norm(self, names.attention_norm);
        linear(self, names.widen, wide, hidden);
        linear(self, names.narrow, hidden, wide);
        norm(self, names.output_norm);
    }

    fn head(&mut self, config: &Config, names: &Names) {
        let (hidden, classes) = (config.hidden, config.labels.len());
        self.push(format!("{}.weight", names.dense), &[hidden, hidden], true);
        self.push(format!("{}.bias", names.dense), &[hidden], true);
        self.push("classifier.weight".into(), &[classes, hidden], true);
        self.push("classifier.bias".into(), &[classes], true);
    }
}

/// Weight decay pulls matrices towards zero, not offsets and scales
/// (Loshchilov and Hutter 2019, as BERT's authors applied it).
fn decays(name: &str) -> bool {
    let norm = name.contains("LayerNorm") || name.contains("layer_norm");
    !norm && !name.ends_with(".bias")
}

/// How a family names its parts.
struct Names {
    prefix: &'static str,
    blocks: &'static str,
    /// Query, key, value.
    attention: [&'static str; 3],
    attention_output: &'static str,
    attention_norm: &'static str,
    widen: &'static str,
    narrow: &'static str,
    output_norm: &'static str,
    /// The head's layer in front of the classifier.
    dense: &'static str,
}

impl Names {
    fn of(family: Family) -> Self {
        match family {
            Family::Bert => Self {
                prefix: "bert",
                blocks: "encoder.layer",
                attention: [
                    "attention.self.query",
                    "attention.self.key",
                    "attention.self.value",
                ],
                attention_output: "attention.output.dense",
                attention_norm: "attention.output.LayerNorm",
                widen: "intermediate.dense",
                narrow: "output.dense",
                output_norm: "output.LayerNorm",
                dense: "bert.pooler.dense",
            },
            Family::DistilBert => Self {
                prefix: "distilbert",
                blocks: "transformer.layer",
                attention: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
                attention_output: "attention.out_lin",
                attention_norm: "sa_layer_norm",
                widen: "ffn.lin1",
                narrow: "ffn.lin2",
                output_norm: "output_layer_norm",
                dense: "pre_classifier",
            },
        }
    }
}

/// The embedding part of the body.
pub struct EmbeddingParts<S> {
    /// `[positions, hidden]`.
    pub positions: S,
    /// `[token types, hidden]`; empty for DistilBERT.
    pub types: S,
    /// LayerNorm weight, `[hidden]`.
    pub scale: S,
    /// LayerNorm bias, `[hidden]`.
    pub shift: S,
}

impl<S> EmbeddingParts<S> {
    /// Divides the embedding part; `take` cuts off that many elements.
    pub fn divide(config: &Config, mut take: impl FnMut(usize) -> S) -> Self {
        let hidden = config.hidden;
        Self {
            positions: take(config.positions * hidden),
            types: take(config.token_types * hidden),
            scale: take(hidden),
            shift: take(hidden),
        }
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
    /// `[hidden, hidden]`.
    pub output_weight: S,
    /// `[hidden]`.
    pub output_bias: S,
    /// LayerNorm after attention, `[hidden]` each.
    pub attention_scale: S,
    /// See `attention_scale`.
    pub attention_shift: S,
    /// `[intermediate, hidden]`.
    pub widen_weight: S,
    /// `[intermediate]`.
    pub widen_bias: S,
    /// `[hidden, intermediate]`.
    pub narrow_weight: S,
    /// `[hidden]`.
    pub narrow_bias: S,
    /// LayerNorm at the end, `[hidden]` each.
    pub output_scale: S,
    /// See `output_scale`.
    pub output_shift: S,
}

impl<S> BlockParts<S> {
    /// Divides a block; `take` cuts off that many elements.
    pub fn divide(config: &Config, mut take: impl FnMut(usize) -> S) -> Self {
        let (hidden, wide) = (config.hidden, config.intermediate);
        Self {
            query_weight: take(hidden * hidden),
            key_value_weight: take(2 * hidden * hidden),
            query_bias: take(hidden),
            key_value_bias: take(2 * hidden),
            output_weight: take(hidden * hidden),
            output_bias: take(hidden),
            attention_scale: take(hidden),
            attention_shift: take(hidden),
            widen_weight: take(wide * hidden),
            widen_bias: take(wide),
            narrow_weight: take(hidden * wide),
            narrow_bias: take(hidden),
            output_scale: take(hidden),
            output_shift: take(hidden),
        }
    }
}

/// The parts of the classification head.
pub struct HeadParts<S> {
    /// BERT's pooler or DistilBERT's pre_classifier, `[hidden, hidden]`.
    pub dense_weight: S,
    /// `[hidden]`.
    pub dense_bias: S,
    /// `[classes, hidden]`.
    pub classifier_weight: S,
    /// `[classes]`.
    pub classifier_bias: S,
}

impl<S> HeadParts<S> {
    /// Divides the head; `take` cuts off that many elements.
    pub fn divide(config: &Config, mut take: impl FnMut(usize) -> S) -> Self {
        let (hidden, classes) = (config.hidden, config.labels.len());
        Self {
            dense_weight: take(hidden * hidden),
            dense_bias: take(hidden),
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
