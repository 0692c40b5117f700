//! A tiny model made by code, for the tests of the whole project: two blocks,
//! hidden size 32, a vocabulary of a few hundred English words and letters.

use std::path::Path;
use std::sync::Arc;

use super::classifier::Classifier;
use super::config::{Config, Family};
use super::tokenizer::Tokenizer;
use super::weights_file::Precision;
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

/// As [`tiny_model`], of either family, with or without a head.
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
    let config = Config {
        family,
        vocabulary: vocabulary.len(),
        hidden: 32,
        layers: 2,
        heads: 4,
        intermediate: 64,
        positions: 128,
        token_types: if family == Family::Bert { 2 } else { 0 },
        norm_epsilon: 1e-12,
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
    };
    let tokenizer = Arc::new(Tokenizer::load(dir)?);
    let mut model = Classifier::zeroed(config, tokenizer);
    fill(&mut model);
    model.save(dir, Precision::F32)
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
        let super::layout::Place::Body(range) = tensor.place else {
            continue;
        };
        let is_scale = !tensor.decays && tensor.name.ends_with("weight");
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
