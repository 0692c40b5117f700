//! A tiny model made by code, for the tests of the whole project: two blocks,
//! hidden size 32, a vocabulary of a few hundred English words and letters.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::classifier::Classifier;
use super::config::Config;
use super::family::Family;
use super::tokenizer::Tokenizer;
use super::weights_file::{Outgoing, Precision, serialise};
use crate::support::{Error, Result, rng};

const WORDS: &str = "the a an and or but not no never is was are were be been it its this that \
    these those i you he she we they my your his her our their of in on at to for with from by as \
    about into over under out up down very too so more most less least all any some one two three \
    film movie story plot actor acting cast scene director camera music script dialogue character \
    ending beginning comedy drama horror action romance good great fine best better nice funny \
    clever smart warm moving touching brilliant beautiful lovely superb excellent wonderful \
    charming enjoyable fresh bad worse worst poor awful terrible dull boring slow silly stupid \
    ugly weak flat tired annoying horrible mess waste fails failed lacks love loved loves like \
    liked likes hate hated hates enjoy enjoyed watch watched see seen saw make made makes feel \
    feels felt think thought look looks work works worked time way thing things people man woman \
    child life world day night year book phone camera battery screen price product service food \
    hotel room staff car sound quality easy hard new old big small long short high low first last \
    really quite just only even still also again there here when where what who how why if than \
    then because while after before without through would could should can will do does did has \
    have had get got give gave take took come came go went say said know knew want wanted buy \
    bought use used keep kept break broke money happy sad angry afraid fun cold hot";

/// Labels of the tiny model.
pub const LABELS: [&str; 2] = ["negative", "positive"];

/// Writes the tiny model as a directory in Hugging Face layout: config.json,
/// model.safetensors and vocab.txt, its head untrained.
///
/// # Errors
/// When a file cannot be written.
pub fn tiny_model(dir: &Path) -> Result<()> {
    tiny_model_of(dir, Family::Bert, true)
}

/// As [`tiny_model`], of any family, with or without a head.
///
/// # Errors
/// When a file cannot be written.
pub fn tiny_model_of(dir: &Path, family: Family, with_head: bool) -> Result<()> {
    std::fs::create_dir_all(dir).map_err(|e| Error::file("create", dir, e))?;
    let vocabulary = vocabulary();
    let path = dir.join("vocab.txt");
    std::fs::write(&path, vocabulary.join("\n") + "\n")
        .map_err(|e| Error::file("write", &path, e))?;
    let labels = if with_head { &LABELS[..] } else { &[] };
    let config = tiny_config(family, vocabulary.len(), labels)?;
    let tokenizer = Arc::new(Tokenizer::load(dir)?);
    let mut model = Classifier::zeroed(config, tokenizer);
    fill(&mut model);
    model.save(dir, Precision::F32)
}

/// The configuration of a tiny model of a family: sizes small enough for
/// tests, with everything that the family has.
///
/// # Errors
/// When the family is not read.
pub fn tiny_config(family: Family, vocabulary: usize, labels: &[&str]) -> Result<Config> {
    let (sizes, positions) = match family {
        Family::DistilBert => (
            json!({"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}),
            128,
        ),
        Family::Roberta | Family::XlmRoberta | Family::Camembert => {
            (json!({"type_vocab_size": 1, "layer_norm_eps": 1e-5}), 130)
        }
        Family::Electra => (json!({"embedding_size": 24}), 128),
        Family::MpNet => (json!({}), 130),
        Family::DebertaV2 => (
            json!({
                "relative_attention": true, "position_buckets": 16, "norm_rel_ebd": "layer_norm",
                "share_att_key": true, "pos_att_type": ["p2c", "c2p"],
                "position_biased_input": false, "max_relative_positions": -1,
                "conv_kernel_size": 3, "conv_act": "gelu",
            }),
            128,
        ),
        Family::ModernBert => (json!({"num_hidden_layers": 3, "local_attention": 16}), 128),
        Family::Bert => (json!({"type_vocab_size": 2}), 128),
    };
    let by_id = labels.iter().enumerate();
    let by_id = by_id.map(|(id, label)| (id.to_string(), json!(label)));
    let mut fields = json!({
        "model_type": family.model_type(),
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "max_position_embeddings": positions,
        "id2label": by_id.collect::<serde_json::Map<_, _>>(),
    });
    for (name, value) in sizes.as_object().into_iter().flatten() {
        fields[name] = value.clone();
    }
    Config::parse(&fields.to_string())
}

/// Writes the model of a file that `tests/engine/make_family_fixtures.py` made:
/// its configuration, weights by the script's formula, and a vocabulary of as
/// many made-up words.
///
/// # Errors
/// When the file is another one, or a file cannot be written.
pub fn write_from_formula(dir: &Path, fixture: &Value) -> Result<()> {
    let strange = || Error::program("not a file of make_family_fixtures.py");
    std::fs::create_dir_all(dir).map_err(|e| Error::file("create", dir, e))?;
    let write = |name: &str, content: &[u8]| {
        let path = dir.join(name);
        std::fs::write(&path, content).map_err(|e| Error::file("write", &path, e))
    };
    let config = &fixture["config"];
    let size = config["vocab_size"].as_u64().ok_or_else(strange)?;
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned);
    let words = (special.len() as u64..size).map(|number| format!("word{number}"));
    let vocabulary: Vec<String> = special.into_iter().chain(words).collect();
    // Whatever tokenizer the family has in life: texts come as ids.
    write("vocab.txt", (vocabulary.join("\n") + "\n").as_bytes())?;
    let tokenizer = Tokenizer::load(dir)?;
    write("tokenizer.json", tokenizer.to_json().as_bytes())?;
    write("config.json", config.to_string().as_bytes())?;
    let mut tensors = Vec::new();
    let listed = fixture["tensors"].as_array().ok_or_else(strange)?;
    for (stream, tensor) in listed.iter().enumerate() {
        let name = tensor["name"].as_str().ok_or_else(strange)?;
        let shape = tensor["shape"].as_array().ok_or_else(strange)?.iter();
        let shape: Option<Vec<usize>> = shape.map(|n| Some(n.as_u64()? as usize)).collect();
        let shape = shape.ok_or_else(strange)?;
        let number = |name: &str| tensor[name].as_f64().ok_or_else(strange);
        let (offset, amplitude) = (number("offset")?, number("amplitude")?);
        let values = (0..shape.iter().product::<usize>())
            .map(|index| (offset + amplitude * noise(index, stream)) as f32);
        tensors.push((name.to_owned(), shape, values.collect::<Vec<f32>>()));
    }
    let outgoing = tensors.iter().map(|(name, shape, values)| {
        let outgoing = Outgoing {
            shape: shape.clone(),
            values,
            precision: Precision::F32,
        };
        (name.clone(), outgoing)
    });
    let bytes = serialise(outgoing.collect(), HashMap::new())?;
    write("model.safetensors", &bytes)
}

/// A number from -1 to 1 by mixing the bits of an index and of a stream, as
/// the scripts that make fixtures have it.
pub fn noise(index: usize, stream: usize) -> f64 {
    let mut x = (index as u32)
        .wrapping_mul(2_654_435_761)
        .wrapping_add((stream as u32).wrapping_mul(97_003));
    x ^= x >> 16;
    x = x.wrapping_mul(2_246_822_519);
    x ^= x >> 13;
    x = x.wrapping_mul(3_266_489_917);
    x ^= x >> 16;
    f64::from(x) / f64::from(1_u32 << 31) - 1.0
}

/// A model of a configuration with made-up weights, as large as fresh ones: for
/// measurements, which its answers do not matter to.
pub fn made_up(config: Config, tokenizer: Arc<Tokenizer>) -> Classifier {
    let mut model = Classifier::zeroed(config, tokenizer);
    let small = |index: usize, stream: usize| 0.04 * noise(index, stream) as f32;
    for (index, value) in model.words_mut().iter_mut().enumerate() {
        *value = small(index, 0);
    }
    let tensors = model.layout().tensors().to_vec();
    for (stream, tensor) in tensors.iter().enumerate() {
        let super::layout::Place::Body(range) = &tensor.place else {
            continue;
        };
        let offset = if tensor.is_scale() { 1.0 } else { 0.0 };
        for (index, value) in model.body_mut()[range.clone()].iter_mut().enumerate() {
            *value = offset + small(index, 1 + stream);
        }
    }
    model
}

/// Random weights large enough that every path through the model matters.
fn fill(model: &mut Classifier) {
    use rand::Rng as _;
    let mut generator = rng::seeded(7, "tiny model");
    let tensors = model.layout().tensors().to_vec();
    for value in model.words_mut() {
        *value = generator.gen_range(-0.5..0.5);
    }
    for tensor in tensors {
        let is_scale = tensor.is_scale();
        let super::layout::Place::Body(range) = tensor.place else {
            continue;
        };
        for value in &mut model.body_mut()[range] {
            let noise: f32 = generator.gen_range(-0.25..0.25);
            *value = if is_scale { 1.0 + noise } else { noise };
        }
    }
}

fn vocabulary() -> Vec<String> {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned);
    let letters = ('a'..='z').chain('0'..='9');
    let pieces = letters
        .clone()
        .map(|letter| format!("##{letter}"))
        .chain(letters.map(String::from));
    let marks = ".,!?'\"-:;()".chars().map(String::from);
    let mut all: Vec<String> = special.into_iter().chain(pieces).chain(marks).collect();
    for word in WORDS.split_whitespace() {
        if !all.iter().any(|known| known == word) {
            all.push(word.to_owned());
        }
    }
    all
}
