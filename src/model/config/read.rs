//! `config.json` of each family, with the defaults that Python's transformers
//! has for what a file leaves out.

use serde_json::{Map, Value};

use super::shape::{
    Activation, Biases, Convolution, Disentangled, Distances, HeadShape, Pooling, Rotary,
};
use super::{Config, required_size};
use crate::model::family::Family;
use crate::support::{Error, Result};

const OWN_PREDICTIONS: &str = "import predictions and embeddings of your own model instead";

type Fields = Map<String, Value>;

/// The configuration that the fields of a `config.json` describe.
pub(super) fn config(family: Family, fields: &Fields) -> Result<Config> {
    refuse_other_tasks(fields)?;
    refuse_variants(family, fields)?;
    let distil = family == Family::DistilBert;
    let size = |usual: &str, distilbert: &str| {
        required_size(fields, if distil { distilbert } else { usual })
    };
    let hidden = size("hidden_size", "dim")?;
    let layers = size("num_hidden_layers", "n_layers")?;
    let position_rows = required_size(fields, "max_position_embeddings")?;
    let first_position = first_position(family, fields)?;
    let has_positions = match family {
        Family::ModernBert => false,
        Family::DebertaV2 => flag(fields, "position_biased_input", true),
        _ => true,
    };
    if first_position >= position_rows {
        return Err(Error::input(format!(
            "`max_position_embeddings` is {position_rows}, of which the first {first_position} \
             are never used"
        ))
        .hint("copy config.json again from where the model came from"));
    }
    let config = Config {
        family,
        vocabulary: required_size(fields, "vocab_size")?,
        embedding: embedding(family, fields, hidden)?,
        hidden,
        layers,
        heads: size("num_attention_heads", "n_heads")?,
        intermediate: size("intermediate_size", "hidden_dim")?,
        positions: position_rows - first_position,
        position_rows: if has_positions { position_rows } else { 0 },
        first_position,
        token_types: token_types(family, fields)?,
        padding: whole(fields, "pad_token_id", default_padding(family)).unwrap_or(0),
        activation: activation(fields, &["hidden_act", "activation", "hidden_activation"])?,
        head: head(family, fields)?,
        biases: biases(family, fields),
        distances: distances(family, fields, layers, position_rows)?,
        convolution: convolution(family, fields)?,
        norm_epsilon: norm_epsilon(family, fields),
        labels: Vec::new(),
        grouped: Vec::new(),
    };
    check(&config)?;
    Ok(config)
}

fn check(config: &Config) -> Result<()> {
    let hint = "config.json and the weights must come from the same model";
    if !config.hidden.is_multiple_of(config.heads) {
        return Err(Error::input(format!(
            "the hidden size {} is not a multiple of the {} attention heads",
            config.hidden, config.heads
        ))
        .hint(hint));
    }
    let rotary = matches!(config.distances, Distances::Rotary(_));
    if rotary && !config.head_width().is_multiple_of(2) {
        return Err(Error::input(format!(
            "an attention head is {} wide, but rotary positions need an even width",
            config.head_width()
        ))
        .hint(hint));
    }
    Ok(())
}

/// A head that answers another question than "which one of these classes".
fn refuse_other_tasks(fields: &Fields) -> Result<()> {
    let problem = fields.get("problem_type").and_then(Value::as_str);
    let single = ["id2label", "label2id"].iter().any(|name| {
        let named = fields.get(*name).and_then(Value::as_object);
        named.is_some_and(|named| named.len() == 1)
    });
    let counted = fields.get("num_labels").and_then(Value::as_u64) == Some(1);
    let what = match problem {
        Some("multi_label_classification") => {
            "the model gives a text any number of labels (`problem_type` is \
             multi_label_classification), but exactly one is looked for here"
        }
        Some("regression") => {
            "the model gives a text a number (`problem_type` is regression), not one of several \
             labels"
        }
        _ if single || counted => {
            "the model has a single label: it gives a text a number, not one of several labels"
        }
        _ => return Ok(()),
    };
    Err(Error::input(what).hint(OWN_PREDICTIONS))
}

/// What a member of a family may do that the engine does not.
fn refuse_variants(family: Family, fields: &Fields) -> Result<()> {
    let refuse = |what: String| Err(Error::input(what).hint(OWN_PREDICTIONS));
    if flag(fields, "is_decoder", false) {
        return refuse("`is_decoder` is true: such a model reads a text only backwards".into());
    }
    let positions = fields
        .get("position_embedding_type")
        .and_then(Value::as_str);
    // ModernBERT's files say `absolute` and mean nothing by it.
    if let Some(positions) = positions.filter(|positions| *positions != "absolute") {
        return refuse(format!(
            "position embeddings of type `{positions}` are not supported"
        ));
    }
    if family == Family::DebertaV2 {
        return refuse_variants_of_deberta(fields);
    }
    Ok(())
}

fn refuse_variants_of_deberta(fields: &Fields) -> Result<()> {
    let refuse = |what: String| Err(Error::input(what).hint(OWN_PREDICTIONS));
    let hidden = fields.get("hidden_size").and_then(Value::as_u64);
    let heads = fields.get("num_attention_heads").and_then(Value::as_u64);
    let width = hidden
        .zip(heads)
        .and_then(|(hidden, heads)| hidden.checked_div(heads));
    for (name, usual) in [
        ("embedding_size", hidden),
        ("pooler_hidden_size", hidden),
        ("attention_head_size", width),
    ] {
        let own = fields.get(name).and_then(Value::as_u64);
        if own.is_some() && own != usual {
            return refuse(format!(
                "`{name}` differs from what the other sizes say, which is not supported"
            ));
        }
    }
    Ok(())
}

/// Width of the word embeddings.
fn embedding(family: Family, fields: &Fields, hidden: usize) -> Result<usize> {
    match family {
        Family::Electra if fields.contains_key("embedding_size") => {
            required_size(fields, "embedding_size")
        }
        Family::Electra => Ok(128),
        _ => Ok(hidden),
    }
}

/// The row of the position table that the first token of a text has: in the
/// family of RoBERTa those up to the padding's are kept free.
fn first_position(family: Family, fields: &Fields) -> Result<usize> {
    match family {
        Family::Roberta | Family::XlmRoberta | Family::Camembert => {
            let padding = whole(fields, "pad_token_id", 1);
            let padding = padding.ok_or_else(|| {
                Error::input("`pad_token_id` is no token id")
                    .hint("copy config.json again from where the model came from")
            })?;
            Ok(padding as usize + 1)
        }
        Family::MpNet => Ok(2),
        _ => Ok(0),
    }
}

fn default_padding(family: Family) -> u32 {
    match family {
        Family::Roberta | Family::XlmRoberta | Family::Camembert | Family::MpNet => 1,
        _ => 0,
    }
}

fn token_types(family: Family, fields: &Fields) -> Result<usize> {
    let given = |default: usize| match fields.get("type_vocab_size") {
        None => Ok(default),
        Some(none) if none.as_u64() == Some(0) => Ok(0),
        Some(_) => required_size(fields, "type_vocab_size"),
    };
    match family {
        Family::DistilBert | Family::MpNet | Family::ModernBert => Ok(0),
        Family::DebertaV2 => given(0),
        Family::Bert => required_size(fields, "type_vocab_size"),
        _ => given(2),
    }
}

/// The activation under the first of these names that a file has.
fn activation(fields: &Fields, names: &[&str]) -> Result<Activation> {
    let found = names.iter().find_map(|name| fields.get(*name));
    match found {
        None | Some(Value::Null) => Ok(Activation::Gelu),
        Some(Value::String(name)) => Activation::of(name),
        Some(other) => Activation::of(&other.to_string()),
    }
}

/// The convolution beside the first block of a DeBERTa-v2. An even kernel
/// would leave one token fewer, which transformers cannot add up, either.
fn convolution(family: Family, fields: &Fields) -> Result<Option<Convolution>> {
    const WIDEST: i64 = 99;
    let refuse = |what: String| Err(Error::input(what).hint(OWN_PREDICTIONS));
    let kernel = match fields.get("conv_kernel_size") {
        _ if family != Family::DebertaV2 => return Ok(None),
        None | Some(Value::Null) => return Ok(None),
        Some(kernel) => kernel,
    };
    let kernel = match kernel.as_i64() {
        Some(..=0) => return Ok(None),
        Some(size) if size % 2 == 1 && size <= WIDEST => size as usize,
        _ => {
            return refuse(format!(
                "`conv_kernel_size` is {kernel}, but a convolution reads an odd number of tokens \
                 up to {WIDEST}"
            ));
        }
    };
    let groups = fields.get("conv_groups");
    if let Some(groups) = groups.filter(|groups| groups.as_i64() != Some(1)) {
        return refuse(format!(
            "`conv_groups` is {groups}: a convolution in groups is not supported"
        ));
    }
    let activation = match fields.contains_key("conv_act") {
        true => activation(fields, &["conv_act"])?,
        false => Activation::Tanh,
    };
    Ok(Some(Convolution { kernel, activation }))
}

fn head(family: Family, fields: &Fields) -> Result<HeadShape> {
    let simple = |activation, drops_input| HeadShape {
        pooling: Pooling::First,
        activation,
        drops_input,
        normed: false,
    };
    Ok(match family {
        Family::Bert => simple(Activation::Tanh, false),
        Family::DistilBert => simple(Activation::Relu, false),
        Family::Roberta | Family::XlmRoberta | Family::Camembert | Family::MpNet => {
            simple(Activation::Tanh, true)
        }
        Family::Electra => simple(Activation::Gelu, true),
        Family::DebertaV2 => simple(activation(fields, &["pooler_hidden_act"])?, false),
        Family::ModernBert => HeadShape {
            pooling: match fields.get("classifier_pooling").map(Value::as_str) {
                None | Some(Some("cls")) => Pooling::First,
                Some(Some("mean")) => Pooling::Mean,
                Some(other) => {
                    let other = other.unwrap_or("nothing");
                    return Err(Error::input(format!(
                        "`classifier_pooling` is {other}, but cls and mean are all there are"
                    ))
                    .hint(OWN_PREDICTIONS));
                }
            },
            activation: activation(fields, &["classifier_activation"])?,
            drops_input: false,
            normed: true,
        },
    })
}

fn biases(family: Family, fields: &Fields) -> Biases {
    if family != Family::ModernBert {
        return Biases::ALL;
    }
    Biases {
        attention: flag(fields, "attention_bias", false),
        feed_forward: flag(fields, "mlp_bias", false),
        norm: flag(fields, "norm_bias", false),
        head: flag(fields, "classifier_bias", false),
    }
}

fn norm_epsilon(family: Family, fields: &Fields) -> f32 {
    let (name, default) = match family {
        // transformers does not ask the file.
        Family::DistilBert => return 1e-12,
        Family::DebertaV2 => ("layer_norm_eps", 1e-7),
        Family::ModernBert => ("norm_eps", 1e-5),
        _ => ("layer_norm_eps", 1e-12),
    };
    fields.get(name).and_then(Value::as_f64).unwrap_or(default) as f32
}

fn distances(
    family: Family,
    fields: &Fields,
    layers: usize,
    positions: usize,
) -> Result<Distances> {
    match family {
        Family::MpNet => biased(fields),
        Family::DebertaV2 => disentangled(fields, positions),
        Family::ModernBert => rotary(fields, layers),
        _ => Ok(Distances::Untold),
    }
}

/// transformers always makes 32 buckets of the distances, whatever the table
/// has.
pub const MPNET_BUCKETS: usize = 32;

fn biased(fields: &Fields) -> Result<Distances> {
    let name = "relative_attention_num_buckets";
    let rows = match fields.contains_key(name) {
        true => required_size(fields, name)?,
        false => MPNET_BUCKETS,
    };
    if rows < MPNET_BUCKETS {
        return Err(Error::input(format!(
            "`{name}` is {rows}, but distances are put into {MPNET_BUCKETS} buckets"
        ))
        .hint("copy config.json again from where the model came from"));
    }
    Ok(Distances::Biased(rows))
}

fn disentangled(fields: &Fields, positions: usize) -> Result<Distances> {
    let kinds: Vec<String> = match fields.get("pos_att_type") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(all)) => all.split('|').map(|s| s.trim().to_lowercase()).collect(),
        Some(Value::Array(all)) => {
            let names = all.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        }
        Some(_) => {
            return Err(Error::input("`pos_att_type` is no list of names")
                .hint("copy config.json again from where the model came from"));
        }
    };
    let positive = |name: &str| {
        let given = fields.get(name).and_then(Value::as_i64);
        given.filter(|size| *size > 0 && *size <= 1 << 24)
    };
    let farthest = positive("max_relative_positions").map_or(positions, |size| size as usize);
    let buckets = positive("position_buckets").map_or(0, |size| size as usize);
    if buckets == 1 || (buckets > 0 && farthest <= buckets / 2 + 1) {
        return Err(Error::input(format!(
            "`position_buckets` is {buckets}, which does not fit distances up to {farthest}"
        ))
        .hint("copy config.json again from where the model came from"));
    }
    let norm = fields.get("norm_rel_ebd").and_then(Value::as_str);
    let norm = norm.unwrap_or("none").to_lowercase();
    Ok(Distances::Disentangled(Disentangled {
        span: if buckets > 0 { buckets } else { farthest },
        buckets,
        farthest,
        content_to_position: kinds.iter().any(|kind| kind == "c2p"),
        position_to_content: kinds.iter().any(|kind| kind == "p2c"),
        shared: flag(fields, "share_att_key", false),
        normed: norm.split('|').any(|word| word.trim() == "layer_norm"),
        relative: flag(fields, "relative_attention", false),
    }))
}

fn rotary(fields: &Fields, layers: usize) -> Result<Distances> {
    let parameters = |kind: &str| {
        let all = fields.get("rope_parameters").and_then(Value::as_object);
        all.and_then(|all| all.get(kind)).and_then(Value::as_object)
    };
    let scaled = |fields: &Fields| {
        let kind = fields.get("rope_type").or(fields.get("type"));
        let kind = kind.and_then(Value::as_str);
        kind.filter(|kind| *kind != "default").map(str::to_owned)
    };
    let of_file = fields.get("rope_scaling").and_then(Value::as_object);
    let kinds = [
        parameters("full_attention"),
        parameters("sliding_attention"),
        of_file,
    ];
    if let Some(kind) = kinds.into_iter().flatten().find_map(scaled) {
        return Err(Error::input(format!(
            "rotary positions of the type `{kind}` are not supported"
        ))
        .hint(OWN_PREDICTIONS));
    }
    let theta = |kind: &str, old: &str| {
        let new = parameters(kind).and_then(|own| own.get("rope_theta"));
        let given = new.or_else(|| fields.get(old)).and_then(Value::as_f64);
        given.filter(|theta| *theta > 0.0)
    };
    let global_theta = theta("full_attention", "global_rope_theta").unwrap_or(160_000.0);
    // Files that say null mean that all blocks turn alike.
    let same = fields.get("local_rope_theta").is_some_and(Value::is_null);
    let local_default = if same { global_theta } else { 10_000.0 };
    let window = match fields.contains_key("local_attention") {
        true => required_size(fields, "local_attention")?,
        false => 128,
    };
    Ok(Distances::Rotary(Rotary {
        global_theta,
        local_theta: theta("sliding_attention", "local_rope_theta").unwrap_or(local_default),
        reach: window / 2,
        is_global: global_blocks(fields, layers)?,
    }))
}

fn global_blocks(fields: &Fields, layers: usize) -> Result<Vec<bool>> {
    let Some(kinds) = fields.get("layer_types").and_then(Value::as_array) else {
        let every = whole(fields, "global_attn_every_n_layers", 3)
            .unwrap_or(3)
            .max(1) as usize;
        return Ok((0..layers)
            .map(|layer| layer.is_multiple_of(every))
            .collect());
    };
    let is_global = kinds.iter().map(|kind| match kind.as_str() {
        Some("full_attention") => Some(true),
        Some("sliding_attention") => Some(false),
        _ => None,
    });
    let is_global: Option<Vec<bool>> = is_global.collect();
    is_global.filter(|all| all.len() == layers).ok_or_else(|| {
        Error::input(format!(
            "`layer_types` does not say of each of the {layers} blocks whether its attention \
                 is full_attention or sliding_attention"
        ))
        .hint("copy config.json again from where the model came from")
    })
}

fn flag(fields: &Fields, name: &str, default: bool) -> bool {
    fields.get(name).and_then(Value::as_bool).unwrap_or(default)
}

/// A whole number from 0; `None` when something else stands there.
fn whole(fields: &Fields, name: &str, default: u32) -> Option<u32> {
    match fields.get(name) {
        None | Some(Value::Null) => Some(default),
        Some(value) => value.as_u64().and_then(|number| u32::try_from(number).ok()),
    }
}
