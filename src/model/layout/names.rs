//! How each family names its parts in the files of Python's transformers.

use crate::model::family::Family;

/// Names of a family's parts, without its prefix unless said otherwise.
pub(super) struct Names {
    /// The word embedding table.
    pub words: &'static str,
    /// The LayerNorm of the embeddings.
    pub embedding_norm: &'static str,
    /// What stands in front of a block's number.
    pub blocks: &'static str,
    /// Query, key and value, as one layer or as three.
    pub attention: &'static [&'static str],
    /// The projection behind attention.
    pub attention_output: &'static str,
    /// The LayerNorm behind attention, or in front of it.
    pub attention_norm: &'static str,
    /// The first feed-forward layer.
    pub widen: &'static str,
    /// The second one.
    pub narrow: &'static str,
    /// The LayerNorm behind the feed-forward layers, or in front of them.
    pub output_norm: &'static str,
}

const BERT: Names = Names {
    words: "embeddings.word_embeddings",
    embedding_norm: "embeddings.LayerNorm",
    blocks: "encoder.layer",
    attention: &[
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
    ],
    attention_output: "attention.output.dense",
    attention_norm: "attention.output.LayerNorm",
    widen: "intermediate.dense",
    narrow: "output.dense",
    output_norm: "output.LayerNorm",
};

impl Names {
    pub(super) fn of(family: Family) -> Self {
        match family {
            Family::Bert
            | Family::Roberta
            | Family::XlmRoberta
            | Family::Camembert
            | Family::Electra => BERT,
            Family::DistilBert => Self {
                blocks: "transformer.layer",
                attention: &["attention.q_lin", "attention.k_lin", "attention.v_lin"],
                attention_output: "attention.out_lin",
                attention_norm: "sa_layer_norm",
                widen: "ffn.lin1",
                narrow: "ffn.lin2",
                output_norm: "output_layer_norm",
                ..BERT
            },
            Family::MpNet => Self {
                attention: &["attention.attn.q", "attention.attn.k", "attention.attn.v"],
                attention_output: "attention.attn.o",
                attention_norm: "attention.LayerNorm",
                ..BERT
            },
            Family::DebertaV2 => Self {
                attention: &[
                    "attention.self.query_proj",
                    "attention.self.key_proj",
                    "attention.self.value_proj",
                ],
                ..BERT
            },
            Family::ModernBert => Self {
                words: "embeddings.tok_embeddings",
                embedding_norm: "embeddings.norm",
                blocks: "layers",
                attention: &["attn.Wqkv"],
                attention_output: "attn.Wo",
                attention_norm: "attn_norm",
                widen: "mlp.Wi",
                narrow: "mlp.Wo",
                output_norm: "mlp_norm",
            },
        }
    }
}
