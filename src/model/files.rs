//! The files of a model directory in Hugging Face layout, and checksums over
//! them: where one was replaced, another model lies.

use std::path::Path;

use crate::support::hash::{self, StepHash};

pub(super) const CONFIG: &str = "config.json";
pub(super) const WEIGHTS: &str = "model.safetensors";
pub(super) const TOKENIZER: &str = "tokenizer.json";
pub(super) const VOCABULARY: &str = "vocab.txt";
pub(super) const TOKENIZER_SETTINGS: &str = "tokenizer_config.json";

/// SHA-256 over the files that a classifier is loaded from. One that cannot be
/// read counts as empty: loading the model says what is wrong with it.
pub fn model_checksum(dir: &Path) -> String {
    let tokenizer = tokenizer_files(dir).iter();
    checksum(dir, [CONFIG, WEIGHTS].iter().chain(tokenizer))
}

/// SHA-256 over the files that decide how texts are cut into tokens.
pub fn tokenizer_checksum(dir: &Path) -> String {
    checksum(dir, tokenizer_files(dir).iter())
}

fn tokenizer_files(dir: &Path) -> &'static [&'static str] {
    if dir.join(TOKENIZER).exists() {
        &[TOKENIZER]
    } else {
        &[VOCABULARY, TOKENIZER_SETTINGS]
    }
}

fn checksum<'a>(dir: &Path, names: impl Iterator<Item = &'a &'a str>) -> String {
    let all = names.fold(StepHash::default(), |all, name| {
        let file = hash::file(&dir.join(name)).unwrap_or_default();
        all.with(name, file.as_bytes())
    });
    all.finish()
}
