//! What `config.json` says about a model: its family, its sizes, its labels.

mod labels;
mod read;
mod shape;
mod write;

use std::path::Path;

use serde_json::{Map, Value};

use super::family::Family;
use crate::support::{Error, Result, user_file};

use labels::ClassNames;
pub use read::MPNET_BUCKETS;
pub use shape::{
    Activation, Biases, Convolution, Disentangled, Distances, HeadShape, Pooling, Rotary,
};

/// Sizes of an encoder, as read from `config.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Which names the weights have, and what follows from them.
    pub family: Family,
    /// Rows of the word embedding table.
    pub vocabulary: usize,
    /// Width of a word embedding: the hidden one, but for ELECTRA.
    pub embedding: usize,
    /// Width of a token's hidden state.
    pub hidden: usize,
    /// Number of transformer blocks.
    pub layers: usize,
    /// Attention heads per block.
    pub heads: usize,
    /// Width between the two feed-forward products.
    pub intermediate: usize,
    /// Longest sequence in tokens.
    pub positions: usize,
    /// Rows of the position table; 0 when the model has none.
    pub position_rows: usize,
    /// Row of the first token in that table; what is below stands for padding.
    pub first_position: usize,
    /// Rows of the token type table; 0 when the model has none.
    pub token_types: usize,
    /// Id of the padding token.
    pub padding: u32,
    /// Between the feed-forward products.
    pub activation: Activation,
    /// In front of the classifier.
    pub head: HeadShape,
    /// Which layers add a bias.
    pub biases: Biases,
    /// How attention knows how far two tokens stand apart.
    pub distances: Distances,
    /// A convolution beside the first block, if there is one (DeBERTa-v2).
    pub convolution: Option<Convolution>,
    /// Added to the variance in every LayerNorm.
    pub norm_epsilon: f32,
    /// Label names by class; empty when the file names none.
    pub labels: Vec<String>,
    /// The classes of the head where several of them mean one label, whose
    /// probabilities are added up; empty where the labels are the classes.
    pub grouped: Vec<GroupedClass>,
}

/// A class of a head that counts for a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupedClass {
    /// Its name in the model's files.
    pub name: String,
    /// The label that it counts for.
    pub label: usize,
}

impl Config {
    /// Number of classes of the head.
    pub fn classes(&self) -> usize {
        match self.grouped.len() {
            0 => self.labels.len(),
            grouped => grouped,
        }
    }

    /// Names of the classes of the head.
    pub fn class_names(&self) -> Vec<&str> {
        match self.grouped.is_empty() {
            true => self.labels.iter().map(String::as_str).collect(),
            false => self
                .grouped
                .iter()
                .map(|class| class.name.as_str())
                .collect(),
        }
    }

    /// Reads `config.json` of a model directory, and says what had to be
    /// guessed about the names of its labels.
    ///
    /// # Errors
    /// When the file is missing or is no JSON, when the family, the activation
    /// or the task is another one, or when sizes are missing or do not fit.
    pub fn load(path: &Path) -> Result<(Self, Vec<String>)> {
        let text = user_file::text(path).map_err(|error| {
            error.hint("a model directory holds config.json, model.safetensors and tokenizer.json")
        })?;
        Self::parse_and_say(&text).map_err(|e| e.context(format!("`{}`", path.display())))
    }

    /// Reads the text of a `config.json`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_and_say(text).map(|(config, _)| config)
    }

    fn parse_and_say(text: &str) -> Result<(Self, Vec<String>)> {
        let fields: Map<String, Value> = serde_json::from_str(text).map_err(|e| {
            Error::input("not a JSON object")
                .because(e)
                .hint("copy config.json again from where the model came from")
        })?;
        let ClassNames { names, notes } = ClassNames::parse(&fields)?;
        let config = Self {
            labels: names,
            ..read::config(family(&fields)?, &fields)?
        };
        Ok((config, notes))
    }

    /// Width of one attention head.
    pub fn head_width(&self) -> usize {
        self.hidden / self.heads
    }

    /// Outputs of the first feed-forward product: what is activated and, in
    /// ModernBERT, what gates it (Shazeer 2020).
    pub fn widened(&self) -> usize {
        match self.norms_first() {
            true => 2 * self.intermediate,
            false => self.intermediate,
        }
    }

    /// Whether LayerNorm comes in front of attention and of the feed-forward
    /// layers, as in ModernBERT, and not behind them.
    pub fn norms_first(&self) -> bool {
        self.family == Family::ModernBert
    }

    /// Whether a block norms what goes into attention or comes out of it.
    pub fn norms_attention(&self, block: usize) -> bool {
        // ModernBERT's embeddings are normed already.
        !(self.norms_first() && block == 0)
    }

    /// Whether a block norms its output: the last one, where LayerNorms come
    /// first.
    pub fn norms_output(&self, block: usize) -> bool {
        self.norms_first() && block + 1 == self.layers
    }

    /// The convolution beside a block, if there is one: beside the first.
    pub fn convolution_of(&self, block: usize) -> Option<&Convolution> {
        self.convolution.as_ref().filter(|_| block == 0)
    }

    /// Whether nobody reads more of a block's output than the first token of
    /// each text: that of the last one, where the head pools it.
    pub fn reads_first_only(&self, block: usize) -> bool {
        let is_last = block + 1 == self.layers;
        is_last && self.head.pooling == Pooling::First && self.convolution_of(block).is_none()
    }

    /// Whether embeddings are projected to the width of the blocks.
    pub fn projects(&self) -> bool {
        self.embedding != self.hidden
    }

    /// Whether the table of distances has a LayerNorm.
    pub fn norms_distances(&self) -> bool {
        self.disentangled().is_some_and(|shape| shape.normed)
    }

    /// The sizes of disentangled attention, if the model has a table for it.
    pub fn disentangled(&self) -> Option<&Disentangled> {
        match &self.distances {
            Distances::Disentangled(shape) if shape.relative => Some(shape),
            _ => None,
        }
    }

    /// Whether distances are projected by the weights of the tokens.
    pub fn shares_projections(&self) -> bool {
        self.disentangled().is_some_and(|shape| shape.shared)
    }

    /// Whether attention works on some queries at a time and keeps no scores:
    /// where it must know how far tokens stand apart or sees only some of them,
    /// and where texts may be so long that scores of all pairs would fill the
    /// memory.
    pub fn tiles_attention(&self) -> bool {
        const LONGEST_KEPT: usize = 1024;
        match &self.distances {
            Distances::Untold => self.positions > LONGEST_KEPT,
            Distances::Disentangled(shape) => shape.relative,
            Distances::Biased(_) | Distances::Rotary(_) => true,
        }
    }

    /// Whether queries and keys are turned by their places.
    pub fn turns(&self) -> bool {
        matches!(self.distances, Distances::Rotary(_))
    }

    /// How many tokens to either side a block sees, if not all.
    pub fn reach(&self, block: usize) -> Option<usize> {
        match &self.distances {
            Distances::Rotary(rotary) if !rotary.is_global[block] => Some(rotary.reach),
            _ => None,
        }
    }

    /// How many products make up a score: that of query and key, and those
    /// with distances. DeBERTa divides by the root of their number, too, even
    /// where it has no table of distances.
    pub fn score_parts(&self) -> usize {
        match &self.distances {
            Distances::Disentangled(shape) => {
                1 + usize::from(shape.content_to_position) + usize::from(shape.position_to_content)
            }
            _ => 1,
        }
    }

    /// Whether blocks have weights of their own that make keys, and such that
    /// make queries, of distances.
    pub fn own_distance_projections(&self) -> (bool, bool) {
        let own = self.disentangled().filter(|shape| !shape.shared);
        own.map_or((false, false), |shape| {
            (shape.content_to_position, shape.position_to_content)
        })
    }

    /// Whether a token's type reaches the model: for the family of RoBERTa
    /// transformers gives every token the type 0.
    pub fn reads_token_types(&self) -> bool {
        self.token_types > 0
            && !matches!(
                self.family,
                Family::Roberta | Family::XlmRoberta | Family::Camembert
            )
    }

    /// The `config.json` that Python's transformers reads.
    pub fn to_json(&self) -> Value {
        write::fields(self)
    }
}

fn family(fields: &Map<String, Value>) -> Result<Family> {
    match fields.get("model_type").and_then(Value::as_str) {
        Some(model_type) => Family::of(model_type),
        None => Err(Error::input("there is no `model_type`")
            .hint("add the one that belongs to the model, such as \"model_type\": \"bert\"")),
    }
}

fn required_size(fields: &Map<String, Value>, name: &str) -> Result<usize> {
    fields
        .get(name)
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| (1..=1 << 24).contains(size))
        .ok_or_else(|| {
            Error::input(format!("`{name}` is missing or not a sensible size"))
                .hint("copy config.json again from where the model came from")
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::fixture::tiny_config;

    #[test]
    fn survives_its_own_json_in_every_family() {
        for family in Family::ALL {
            let config = tiny_config(family, 100, &["negative", "positive"]).expect("parses");
            let text = config.to_json().to_string();
            assert_eq!(Config::parse(&text).expect("own output"), config);
        }
    }

    /// One field of a tiny model's configuration changed.
    fn with(family: Family, name: &str, value: Value) -> Result<Config> {
        let config = tiny_config(family, 100, &["negative", "positive"])?;
        let mut fields = config.to_json();
        fields[name] = value;
        Config::parse(&fields.to_string())
    }

    #[test]
    fn what_the_engine_cannot_do_is_refused_by_name() {
        let cases = [
            (
                Family::Bert,
                "hidden_act",
                json!("quick_gelu"),
                "`quick_gelu`",
            ),
            (Family::Bert, "hidden_act", json!(["gelu"]), "gelu"),
            (Family::DistilBert, "activation", json!("mish"), "`mish`"),
            (
                Family::ModernBert,
                "hidden_activation",
                json!("relu6"),
                "`relu6`",
            ),
            (
                Family::DebertaV2,
                "pooler_hidden_act",
                json!("selu"),
                "`selu`",
            ),
            (
                Family::Roberta,
                "position_embedding_type",
                json!("relative_key"),
                "`relative_key`",
            ),
            (Family::Electra, "is_decoder", json!(true), "`is_decoder`"),
            (
                Family::Roberta,
                "problem_type",
                json!("multi_label_classification"),
                "multi_label",
            ),
            (
                Family::Roberta,
                "problem_type",
                json!("regression"),
                "regression",
            ),
            (
                Family::Bert,
                "id2label",
                json!({"0": "LABEL_0"}),
                "single label",
            ),
            (
                Family::DebertaV2,
                "conv_kernel_size",
                json!(4),
                "`conv_kernel_size`",
            ),
            (
                Family::DebertaV2,
                "conv_kernel_size",
                json!("three"),
                "`conv_kernel_size`",
            ),
            (Family::DebertaV2, "conv_groups", json!(4), "`conv_groups`"),
            (Family::DebertaV2, "conv_act", json!("mish"), "`mish`"),
            (
                Family::DebertaV2,
                "embedding_size",
                json!(16),
                "`embedding_size`",
            ),
            (
                Family::ModernBert,
                "classifier_pooling",
                json!("max"),
                "max",
            ),
            (
                Family::ModernBert,
                "rope_scaling",
                json!({"rope_type": "yarn"}),
                "`yarn`",
            ),
            (
                Family::MpNet,
                "relative_attention_num_buckets",
                json!(8),
                "buckets",
            ),
            (
                Family::Bert,
                "vocab_size",
                json!(1_000_000_000),
                "`vocab_size`",
            ),
            (
                Family::Roberta,
                "max_position_embeddings",
                json!(2),
                "`max_position_embeddings`",
            ),
        ];
        for (family, name, value, said) in cases {
            let error = with(family, name, value.clone()).expect_err(name);
            assert!(error.to_string().contains(said), "{error}");
            assert!(error.remedy().is_some(), "{error} has no hint");
        }
    }

    #[test]
    fn activations_go_by_all_their_names() {
        for (name, activation) in [
            ("gelu", Activation::Gelu),
            ("gelu_new", Activation::GeluTanh),
            ("gelu_fast", Activation::GeluTanh),
            ("gelu_pytorch_tanh", Activation::GeluTanh),
            ("relu", Activation::Relu),
            ("silu", Activation::Silu),
            ("swish", Activation::Silu),
        ] {
            for (family, field) in [
                (Family::Bert, "hidden_act"),
                (Family::DistilBert, "activation"),
                (Family::ModernBert, "hidden_activation"),
            ] {
                let config = with(family, field, json!(name)).expect("known");
                assert_eq!(config.activation, activation, "{name}");
            }
        }
    }

    #[test]
    fn older_files_of_modernbert_and_deberta_say_the_same_in_other_words() {
        let modern = tiny_config(Family::ModernBert, 100, &["no", "yes"]).expect("parses");
        let mut fields = modern.to_json();
        for name in ["rope_parameters", "layer_types"] {
            fields.as_object_mut().expect("an object").remove(name);
        }
        fields["global_attn_every_n_layers"] = json!(3);
        assert_eq!(Config::parse(&fields.to_string()).expect("parses"), modern);
        let deberta = with(Family::DebertaV2, "pos_att_type", json!("p2c|c2p")).expect("parses");
        let listed = with(Family::DebertaV2, "pos_att_type", json!(["c2p", "p2c"]));
        assert_eq!(listed.expect("parses"), deberta);
    }

    #[test]
    fn names_the_missing_size() {
        let error = Config::parse(r#"{"model_type": "bert", "vocab_size": 10}"#)
            .expect_err("sizes are missing");
        assert!(error.to_string().contains("`hidden_size`"), "{error}");
    }
}
