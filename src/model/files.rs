//! The files of a model directory in Hugging Face layout, and checksums over
//! them: where one was replaced, another model lies.

use std::path::Path;

use super::stored::weight_files;
use super::tokenizer;
use crate::support::hash::{self, StepHash};

pub(super) const CONFIG: &str = "config.json";
pub(super) const WEIGHTS: &str = "model.safetensors";
pub(super) const TOKENIZER: &str = "tokenizer.json";
pub(super) const VOCABULARY: &str = "vocab.txt";
pub(super) const PIECES: &str = "vocab.json";
pub(super) const MERGES: &str = "merges.txt";
pub(super) const SENTENCEPIECES: [&str; 5] = [
    "sentencepiece.bpe.model",
    "spm.model",
    "spiece.model",
    "sentencepiece.model",
    "tokenizer.model",
];
pub(super) const TOKENIZER_SETTINGS: &str = "tokenizer_config.json";
pub(super) const SPECIAL_TOKENS: &str = "special_tokens_map.json";
pub(super) const ADDED_TOKENS: &str = "added_tokens.json";

/// SHA-256 over the files that a classifier is loaded from. One that cannot be
/// read counts as empty: loading the model says what is wrong with it.
pub fn model_checksum(dir: &Path) -> String {
    let weights = weight_files(dir);
    let names = std::iter::once(CONFIG).chain(weights.iter().map(String::as_str));
    let file = |name| (name, hash::file(&dir.join(name)).unwrap_or_default());
    checksum(names.map(file).chain(tokenizer::checksums(dir)))
}

/// SHA-256 over the files that decide how texts are cut into tokens.
pub fn tokenizer_checksum(dir: &Path) -> String {
    checksum(tokenizer::checksums(dir).into_iter())
}

fn checksum<'a>(parts: impl Iterator<Item = (&'a str, String)>) -> String {
    let all = parts.fold(StepHash::default(), |all, (name, part)| {
        all.with(name, part.as_bytes())
    });
    all.finish()
}
