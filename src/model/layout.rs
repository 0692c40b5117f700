//! Where each tensor of a model lies: its place in memory, its shape and its
//! name in Hugging Face files.
//!
//! All parameters but the word embeddings lie in one slice, the *body*, in the
//! order of the forward pass: embeddings, blocks, head. So "everything from
//! block 4 upwards" is a suffix, an optimiser step is one pass over a slice,
//! and query, key and value weights are neighbours that one product can use.

mod names;
mod parts;

use std::ops::Range;

use super::config::{Config, Distances};
use names::Names;
pub use parts::{BlockParts, EmbeddingParts, HeadParts, cutter, cutter_mut};

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
    /// Whether it has a row for each class.
    pub by_class: bool,
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
        layout.head(config);
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

    fn push(&mut self, name: String, shape: &[usize]) {
        let size: usize = shape.iter().product();
        let range = self.length..self.length + size;
        self.length = range.end;
        self.tensors.push(Tensor {
            decays: decays(&name),
            name,
            shape: shape.to_vec(),
            place: Place::Body(range),
            head: false,
            by_class: false,
        });
    }

    /// A weight and, if there is one, its bias.
    fn layer(&mut self, name: &str, weight: &[usize], bias: bool) {
        self.push(format!("{name}.weight"), weight);
        if bias {
            self.push(format!("{name}.bias"), &weight[..1]);
        }
    }

    fn embeddings(&mut self, config: &Config, names: &Names) {
        let (width, hidden) = (config.embedding, config.hidden);
        let name = |part: &str| format!("{}.{part}", config.family.prefix());
        self.tensors.push(Tensor {
            name: name(&format!("{}.weight", names.words)),
            shape: vec![config.vocabulary, width],
            place: Place::Words,
            decays: true,
            head: false,
            by_class: false,
        });
        if config.position_rows > 0 {
            let positions = [config.position_rows, width];
            self.layer(&name("embeddings.position_embeddings"), &positions, false);
        }
        if config.token_types > 0 {
            let types = [config.token_types, width];
            self.layer(&name("embeddings.token_type_embeddings"), &types, false);
        }
        self.layer(&name(names.embedding_norm), &[width], config.biases.norm);
        if config.projects() {
            self.layer(&name("embeddings_project"), &[hidden, width], true);
        }
        match &config.distances {
            Distances::Biased(rows) => {
                let shape = [*rows, config.heads];
                self.layer(&name("encoder.relative_attention_bias"), &shape, false);
            }
            Distances::Disentangled(shape) if shape.relative => {
                let table = [2 * shape.span, hidden];
                self.layer(&name("encoder.rel_embeddings"), &table, false);
                if shape.normed {
                    self.layer(&name("encoder.LayerNorm"), &[hidden], true);
                }
            }
            Distances::Disentangled(_) | Distances::Untold | Distances::Rotary(_) => {}
        }
    }

    fn block(&mut self, config: &Config, names: &Names, block: usize) {
        let (hidden, biases) = (config.hidden, config.biases);
        let prefix = format!("{}.{}.{block}.", config.family.prefix(), names.blocks);
        let name = |part: &str| format!("{prefix}{part}");
        let rows = 3 * hidden / names.attention.len();
        for part in names.attention {
            self.push(name(&format!("{part}.weight")), &[rows, hidden]);
        }
        for part in names.attention.iter().filter(|_| biases.attention) {
            self.push(name(&format!("{part}.bias")), &[rows]);
        }
        let (keys, queries) = config.own_distance_projections();
        for (part, there) in [("pos_key_proj", keys), ("pos_query_proj", queries)] {
            if there {
                let part = format!("attention.self.{part}");
                self.layer(&name(&part), &[hidden, hidden], true);
            }
        }
        let square = [hidden, hidden];
        self.layer(&name(names.attention_output), &square, biases.attention);
        if config.norms_attention(block) {
            self.layer(&name(names.attention_norm), &[hidden], biases.norm);
        }
        let widen = [config.widened(), hidden];
        self.layer(&name(names.widen), &widen, biases.feed_forward);
        let narrow = [hidden, config.intermediate];
        self.layer(&name(names.narrow), &narrow, biases.feed_forward);
        self.layer(&name(names.output_norm), &[hidden], biases.norm);
        if let Some(convolution) = config.convolution_of(block) {
            let name = |part: &str| format!("{}.encoder.conv.{part}", config.family.prefix());
            let weight = [hidden, hidden, convolution.kernel];
            self.layer(&name("conv"), &weight, true);
            self.layer(&name("LayerNorm"), &[hidden], true);
        }
        if config.norms_output(block) {
            let name = format!("{}.final_norm", config.family.prefix());
            self.layer(&name, &[hidden], biases.norm);
        }
    }

    fn head(&mut self, config: &Config) {
        let (hidden, classes) = (config.hidden, config.classes());
        let first = self.tensors.len();
        let dense = config.family.head_dense();
        self.layer(dense, &[hidden, hidden], config.biases.head);
        if config.head.normed {
            self.layer("head.norm", &[hidden], config.biases.norm);
        }
        let last = self.tensors.len();
        self.layer(config.family.classifier(), &[classes, hidden], true);
        for (number, tensor) in self.tensors.iter_mut().enumerate().skip(first) {
            tensor.head = true;
            tensor.by_class = number >= last;
        }
    }
}

/// Weight decay pulls matrices towards zero, not offsets and scales
/// (Loshchilov and Hutter 2019, as BERT's authors applied it).
fn decays(name: &str) -> bool {
    !is_norm(name) && !name.ends_with(".bias") && !name.ends_with("attention_bias.weight")
}

/// Whether a tensor is the scale or the shift of a LayerNorm.
fn is_norm(name: &str) -> bool {
    let layer = name.rsplit('.').nth(1).unwrap_or_default();
    layer == "LayerNorm" || layer.ends_with("norm")
}

impl Tensor {
    /// Whether it is a factor after normalising, which starts as 1.
    pub fn is_scale(&self) -> bool {
        is_norm(&self.name) && self.name.ends_with(".weight")
    }
}
