//! What `config.json` says about a model: its family, its sizes, its labels.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::support::{Error, Result};

/// The encoder families that can be trained here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// BERT: token types, and a tanh pooler in front of the classifier.
    Bert,
    /// DistilBERT: no token types, and a ReLU layer in front of the classifier.
    DistilBert,
}

/// Sizes of an encoder, as read from `config.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Which names and which head the weights have.
    pub family: Family,
    /// Rows of the word embedding table.
    pub vocabulary: usize,
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
    /// Rows of the token type table; 0 for DistilBERT.
    pub token_types: usize,
    /// Added to the variance in every LayerNorm.
    pub norm_epsilon: f32,
    /// Label names by class; empty when the file names none.
    pub labels: Vec<String>,
}

impl Config {
    /// Reads `config.json` of a model directory.
    ///
    /// # Errors
    /// When the file is missing or is no JSON, when the family or the
    /// activation is another one, or when sizes are missing or do not fit.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Error::file("read", path, e)
                .hint("a model directory holds config.json, model.safetensors and tokenizer.json")
        })?;
        Self::parse(&text).map_err(|e| e.context(format!("`{}`", path.display())))
    }

    /// Reads the text of a `config.json`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str) -> Result<Self> {
        let fields: Map<String, Value> = serde_json::from_str(text).map_err(|e| {
            Error::input("not a JSON object")
                .because(e)
                .hint("copy config.json again from where the model came from")
        })?;
        let family = family(&fields)?;
        let distil = family == Family::DistilBert;
        let size = |bert: &str, distilbert: &str| {
            let name = if distil { distilbert } else { bert };
            required_size(&fields, name)
        };
        let config = Self {
            family,
            vocabulary: required_size(&fields, "vocab_size")?,
            hidden: size("hidden_size", "dim")?,
            layers: size("num_hidden_layers", "n_layers")?,
            heads: size("num_attention_heads", "n_heads")?,
            intermediate: size("intermediate_size", "hidden_dim")?,
            positions: required_size(&fields, "max_position_embeddings")?,
            token_types: if distil {
                0
            } else {
                required_size(&fields, "type_vocab_size")?
            },
            norm_epsilon: fields
                .get("layer_norm_eps")
                .and_then(Value::as_f64)
                .unwrap_or(1e-12) as f32,
            labels: labels(&fields)?,
        };
        config.check(&fields)?;
        Ok(config)
    }

    /// Width of one attention head.
    pub fn head_width(&self) -> usize {
        self.hidden / self.heads
    }

    fn check(&self, fields: &Map<String, Value>) -> Result<()> {
        if !self.hidden.is_multiple_of(self.heads) {
            return Err(Error::input(format!(
                "the hidden size {} is not a multiple of the {} attention heads",
                self.hidden, self.heads
            ))
            .hint("config.json and the weights must come from the same model"));
        }
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let activation = text("hidden_act").or(text("activation")).unwrap_or("gelu");
        if activation != "gelu" {
            return Err(
                Error::input(format!("the activation `{activation}` is not supported"))
                    .hint("use a model whose config.json says `gelu`"),
            );
        }
        let positions = text("position_embedding_type").unwrap_or("absolute");
        if positions != "absolute" {
            return Err(Error::input(format!(
                "position embeddings of type `{positions}` are not supported"
            ))
            .hint("use a model whose config.json says `absolute`"));
        }
        Ok(())
    }

    /// The `config.json` that Python's transformers reads.
    pub fn to_json(&self) -> Value {
        let by_id: Map<String, Value> = self
            .labels
            .iter()
            .enumerate()
            .map(|(id, label)| (id.to_string(), json!(label)))
            .collect();
        let by_label: Map<String, Value> = self
            .labels
            .iter()
            .enumerate()
            .map(|(id, label)| (label.clone(), json!(id)))
            .collect();
        let mut fields = match self.family {
            Family::Bert => json!({
                "architectures": ["BertForSequenceClassification"],
                "model_type": "bert",
                "hidden_size": self.hidden,
                "num_hidden_layers": self.layers,
                "num_attention_heads": self.heads,
                "intermediate_size": self.intermediate,
                "hidden_act": "gelu",
                "type_vocab_size": self.token_types,
                "hidden_dropout_prob": 0.1,
                "attention_probs_dropout_prob": 0.1,
                "layer_norm_eps": f64::from(self.norm_epsilon),
                "position_embedding_type": "absolute",
            }),
            Family::DistilBert => json!({
                "architectures": ["DistilBertForSequenceClassification"],
                "model_type": "distilbert",
                "dim": self.hidden,
                "n_layers": self.layers,
                "n_heads": self.heads,
                "hidden_dim": self.intermediate,
                "activation": "gelu",
                "dropout": 0.1,
                "attention_dropout": 0.1,
                "seq_classif_dropout": 0.2,
                "sinusoidal_pos_embds": false,
            }),
        };
        fields["vocab_size"] = json!(self.vocabulary);
        fields["max_position_embeddings"] = json!(self.positions);
        fields["pad_token_id"] = json!(0);
        fields["problem_type"] = json!("single_label_classification");
        fields["id2label"] = Value::Object(by_id);
        fields["label2id"] = Value::Object(by_label);
        fields
    }
}

fn family(fields: &Map<String, Value>) -> Result<Family> {
    match fields.get("model_type").and_then(Value::as_str) {
        Some("bert") => Ok(Family::Bert),
        Some("distilbert") => Ok(Family::DistilBert),
        Some(other) => Err(Error::input(format!(
            "models of the family `{other}` are not supported"
        ))
        .hint(
            "use a BERT or DistilBERT model, or import predictions and embeddings of your own model",
        )),
        None => Err(Error::input("there is no `model_type`")
            .hint("add \"model_type\": \"bert\" or \"distilbert\" if it is one of these")),
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

/// Label names in class order from `id2label`; empty when it is missing.
fn labels(fields: &Map<String, Value>) -> Result<Vec<String>> {
    let Some(named) = fields.get("id2label").and_then(Value::as_object) else {
        return Ok(Vec::new());
    };
    let gap = || {
        Error::input("`id2label` does not number the labels 0, 1, 2, …")
            .hint("write one entry per class, starting at \"0\"")
    };
    let mut by_id = BTreeMap::new();
    for (id, label) in named {
        let id: usize = id.parse().map_err(|_| gap())?;
        by_id.insert(id, label.as_str().ok_or_else(gap)?.to_owned());
    }
    if by_id.keys().copied().eq(0..by_id.len()) {
        Ok(by_id.into_values().collect())
    } else {
        Err(gap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_other_families_by_name() {
        let error = Config::parse(r#"{"model_type": "roberta"}"#).expect_err("another family");
        assert!(error.to_string().contains("`roberta`"));
        assert!(error.remedy().is_some());
    }

    #[test]
    fn survives_its_own_json_in_both_families() {
        for family in [Family::Bert, Family::DistilBert] {
            let config = Config {
                family,
                vocabulary: 100,
                hidden: 32,
                layers: 2,
                heads: 4,
                intermediate: 64,
                positions: 128,
                token_types: if family == Family::Bert { 2 } else { 0 },
                norm_epsilon: 1e-12,
                labels: vec!["negative".into(), "positive".into()],
            };
            let text = config.to_json().to_string();
            assert_eq!(Config::parse(&text).expect("own output"), config);
        }
    }

    #[test]
    fn names_the_missing_size() {
        let error = Config::parse(r#"{"model_type": "bert", "vocab_size": 10}"#)
            .expect_err("sizes are missing");
        assert!(error.to_string().contains("`hidden_size`"), "{error}");
    }
}
