//! The `config.json` that Python's transformers reads.

use serde_json::{Map, Value, json};

use super::Config;
use super::shape::{Disentangled, Distances, Pooling, Rotary};
use crate::model::family::Family;

/// All fields of a configuration.
pub(super) fn fields(config: &Config) -> Value {
    let labels = || config.class_names().into_iter().enumerate();
    let by_id: Map<String, Value> = labels()
        .map(|(id, label)| (id.to_string(), json!(label)))
        .collect();
    let by_label: Map<String, Value> = labels()
        .map(|(id, label)| (label.to_owned(), json!(id)))
        .collect();
    let mut fields = match config.family {
        Family::DistilBert => json!({
            "dim": config.hidden,
            "n_layers": config.layers,
            "n_heads": config.heads,
            "hidden_dim": config.intermediate,
            "activation": config.activation.name(),
            "dropout": 0.1,
            "attention_dropout": 0.1,
            "seq_classif_dropout": 0.2,
            "sinusoidal_pos_embds": false,
        }),
        Family::ModernBert => modern(config),
        _ => usual(config),
    };
    fields["architectures"] = json!([config.family.architecture()]);
    fields["model_type"] = json!(config.family.model_type());
    fields["vocab_size"] = json!(config.vocabulary);
    fields["max_position_embeddings"] = json!(config.positions + config.first_position);
    fields["pad_token_id"] = json!(config.padding);
    fields["problem_type"] = json!("single_label_classification");
    fields["id2label"] = Value::Object(by_id);
    fields["label2id"] = Value::Object(by_label);
    fields
}

/// What BERT and most others write.
fn usual(config: &Config) -> Value {
    let mut fields = json!({
        "hidden_size": config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "intermediate_size": config.intermediate,
        "hidden_act": config.activation.name(),
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "layer_norm_eps": f64::from(config.norm_epsilon),
    });
    match &config.distances {
        Distances::Untold | Distances::Rotary(_) => {
            fields["type_vocab_size"] = json!(config.token_types);
            fields["position_embedding_type"] = json!("absolute");
        }
        Distances::Biased(rows) => fields["relative_attention_num_buckets"] = json!(rows),
        Distances::Disentangled(shape) => disentangled(&mut fields, config, shape),
    }
    if config.family == Family::Electra {
        fields["embedding_size"] = json!(config.embedding);
    }
    fields
}

fn disentangled(fields: &mut Value, config: &Config, shape: &Disentangled) {
    let kinds = [
        ("p2c", shape.position_to_content),
        ("c2p", shape.content_to_position),
    ];
    let kinds = kinds.iter().filter(|(_, on)| *on).map(|(name, _)| *name);
    fields["type_vocab_size"] = json!(config.token_types);
    fields["position_biased_input"] = json!(config.position_rows > 0);
    fields["relative_attention"] = json!(shape.relative);
    fields["pos_att_type"] = json!(kinds.collect::<Vec<_>>());
    fields["share_att_key"] = json!(shape.shared);
    fields["norm_rel_ebd"] = json!(if shape.normed { "layer_norm" } else { "none" });
    fields["max_relative_positions"] = json!(shape.farthest);
    fields["position_buckets"] = match shape.buckets {
        0 => json!(-1),
        buckets => json!(buckets),
    };
    if let Some(convolution) = &config.convolution {
        fields["conv_kernel_size"] = json!(convolution.kernel);
        fields["conv_act"] = json!(convolution.activation.name());
        fields["conv_groups"] = json!(1);
    }
    fields["pooler_hidden_act"] = json!(config.head.activation.name());
    fields["pooler_hidden_size"] = json!(config.hidden);
    fields["pooler_dropout"] = json!(0);
}

fn modern(config: &Config) -> Value {
    let mut fields = json!({
        "hidden_size": config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "intermediate_size": config.intermediate,
        "hidden_activation": config.activation.name(),
        "norm_eps": f64::from(config.norm_epsilon),
        "attention_bias": config.biases.attention,
        "mlp_bias": config.biases.feed_forward,
        "norm_bias": config.biases.norm,
        "classifier_bias": config.biases.head,
        "classifier_activation": config.head.activation.name(),
        "classifier_pooling": match config.head.pooling {
            Pooling::First => "cls",
            Pooling::Mean => "mean",
        },
    });
    if let Distances::Rotary(rotary) = &config.distances {
        turning(&mut fields, rotary);
    }
    fields
}

fn turning(fields: &mut Value, rotary: &Rotary) {
    let kinds = rotary.is_global.iter().map(|is_global| match is_global {
        true => "full_attention",
        false => "sliding_attention",
    });
    fields["layer_types"] = json!(kinds.collect::<Vec<_>>());
    fields["local_attention"] = json!(2 * rotary.reach);
    // Older versions of transformers read the second form.
    fields["rope_parameters"] = json!({
        "full_attention": {"rope_type": "default", "rope_theta": rotary.global_theta},
        "sliding_attention": {"rope_type": "default", "rope_theta": rotary.local_theta},
    });
    fields["global_rope_theta"] = json!(rotary.global_theta);
    fields["local_rope_theta"] = json!(rotary.local_theta);
}
