//! Which files of a folder hold its weights.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Error, Result, user_file};

/// The files of a model's weights.
pub(super) struct Found {
    /// At least one.
    pub(super) files: Vec<PathBuf>,
    /// What was guessed.
    pub(super) note: Option<String>,
}

/// Suffixes of files with weights, in the order in which they are preferred,
/// and the beginnings that transformers gives them.
const FORMATS: [(&str, &str); 2] = [("model", "safetensors"), ("pytorch_model", "bin")];

/// Weights that other programs read.
const ELSEWHERE: [(&str, &str, &str); 6] = [
    (
        "onnx",
        "ONNX",
        "fetch the same model with PyTorch or safetensors weights",
    ),
    (
        "h5",
        "TensorFlow",
        "convert it with an earlier transformers: `AutoModelForSequenceClassification.\
         from_pretrained(FOLDER, from_tf=True).save_pretrained(NEW)`",
    ),
    (
        "msgpack",
        "Flax",
        "convert it with an earlier transformers: `AutoModelForSequenceClassification.\
         from_pretrained(FOLDER, from_flax=True).save_pretrained(NEW)`",
    ),
    (
        "gguf",
        "llama.cpp",
        "fetch the same model with safetensors weights",
    ),
    ("ckpt", "PyTorch Lightning or TensorFlow", SAVE_AGAIN),
    ("pt", "PyTorch alone", SAVE_AGAIN),
];

const SAVE_AGAIN: &str = "load it in the program that wrote it, and save it with transformers: \
                          `model.save_pretrained(FOLDER)`";

/// Finds the weights, as transformers does: whole before sharded, safetensors
/// before PyTorch; then those with a variant in the name.
pub(super) fn find(dir: &Path) -> Result<Found> {
    let names = names_in(dir)?;
    for (stem, suffix) in FORMATS {
        let whole = format!("{stem}.{suffix}");
        if names.contains(&whole) {
            let adapter = names.contains("adapter_config.json").then(|| {
                "the folder also holds an adapter, which is not used: only the whole model is"
                    .to_owned()
            });
            return Ok(Found {
                files: vec![dir.join(whole)],
                note: adapter,
            });
        }
        let index = format!("{whole}.index.json");
        if names.contains(&index) {
            let files = shards(dir, &index, &names)?;
            return Ok(Found { files, note: None });
        }
    }
    for (stem, suffix) in FORMATS {
        if let Some(found) = variant(dir, stem, suffix, &names)? {
            return Ok(found);
        }
    }
    Err(no_weights(dir, &names))
}

/// The files that a model's checksum covers besides its configuration: those
/// with the weights, or the usual one where they cannot be found.
pub(in crate::model) fn weight_files(dir: &Path) -> Vec<String> {
    let usual = || vec![format!("{}.{}", FORMATS[0].0, FORMATS[0].1)];
    let Ok(found) = find(dir) else {
        return usual();
    };
    let name = |path: &PathBuf| Some(path.file_name()?.to_str()?.to_owned());
    found.files.iter().filter_map(name).collect()
}

fn names_in(dir: &Path) -> Result<BTreeSet<String>> {
    let entries = std::fs::read_dir(dir).map_err(|e| Error::file("read", dir, e))?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.collect())
}

/// The shards that an index names.
fn shards(dir: &Path, index: &str, names: &BTreeSet<String>) -> Result<Vec<PathBuf>> {
    let path = dir.join(index);
    let damaged = || {
        Error::input(format!("`{}` does not list the weights", path.display()))
            .hint("copy the file again from where the model came from")
    };
    let listed: Value =
        serde_json::from_slice(&user_file::bytes(&path)?).map_err(|e| damaged().because(e))?;
    let listed = listed.get("weight_map").and_then(Value::as_object);
    let files: Option<BTreeSet<&str>> = listed
        .ok_or_else(damaged)?
        .values()
        .map(|file| file.as_str().filter(|name| !name.contains(['/', '\\'])))
        .collect();
    let files = files
        .filter(|files| !files.is_empty())
        .ok_or_else(damaged)?;
    let missing: Vec<&str> = files
        .iter()
        .copied()
        .filter(|file| !names.contains(*file))
        .collect();
    if missing.is_empty() {
        return Ok(files.into_iter().map(|file| dir.join(file)).collect());
    }
    Err(Error::input(format!(
        "`{}` names files that are missing: {}",
        path.display(),
        missing.join(", ")
    ))
    .hint("copy them into the folder from where the model came from"))
}

/// Weights such as `model.fp16.safetensors`, whole or sharded.
fn variant(
    dir: &Path,
    stem: &str,
    suffix: &str,
    names: &BTreeSet<String>,
) -> Result<Option<Found>> {
    let beginning = format!("{stem}.");
    let is_variant = |name: &&String| name.starts_with(&beginning);
    // Both `model.safetensors.index.fp16.json` and `model.fp16.safetensors.index.json` are written.
    let index = names.iter().filter(is_variant).find(|name| {
        name.ends_with(".json") && name.contains(&format!(".{suffix}.index."))
            || name.ends_with(&format!(".{suffix}.index.json"))
    });
    if let Some(index) = index {
        let files = shards(dir, index, names)?;
        let note = Some(format!("the weights are those of `{index}`"));
        return Ok(Some(Found { files, note }));
    }
    let ending = format!(".{suffix}");
    let is_shard = |name: &str| name.contains("-of-");
    let all: Vec<&String> = names
        .iter()
        .filter(is_variant)
        .filter(|name| name.ends_with(&ending) && !is_shard(name))
        .collect();
    let size = |name: &String| dir.join(name).metadata().map_or(0, |file| file.len());
    let Some(largest) = all.iter().copied().max_by_key(|name| size(name)) else {
        return Ok(None);
    };
    let note = match all.len() {
        1 => format!("the weights are those of `{largest}`"),
        _ => format!("there are several files with weights: `{largest}`, the largest, is used"),
    };
    Ok(Some(Found {
        files: vec![dir.join(largest)],
        note: Some(note),
    }))
}

/// Says what the folder holds instead of weights.
fn no_weights(dir: &Path, names: &BTreeSet<String>) -> Error {
    let of = format!("the model directory `{}`", dir.display());
    let is_adapter = |name: &String| name.starts_with("adapter_");
    if names.iter().any(is_adapter) {
        return Error::input(format!(
            "{of} holds an adapter, not a whole model: what a fine-tuning with peft adds to a \
             model that lies elsewhere"
        ))
        .hint(
            "merge it into its model and save that: \
             `PeftModel.from_pretrained(model, FOLDER).merge_and_unload().save_pretrained(NEW)`, \
             and the tokenizer beside it",
        );
    }
    let is_shard = |name: &&String| name.contains("-of-");
    if let Some(shard) = names.iter().find(is_shard) {
        return Error::input(format!(
            "{of} holds `{shard}` but no index that says which parts belong together"
        ))
        .hint("copy model.safetensors.index.json too, from where the model came from");
    }
    let sub = names_in(&dir.join("onnx")).unwrap_or_default();
    let everything = names.iter().chain(&sub);
    for (suffix, program, remedy) in ELSEWHERE {
        let ending = format!(".{suffix}");
        if everything.clone().any(|name| name.ends_with(&ending)) {
            return Error::input(format!(
                "{of} holds weights for {program} (.{suffix}), but no model.safetensors"
            ))
            .hint(remedy);
        }
    }
    Error::input(format!(
        "{of} has no model.safetensors, nor other weights that are read"
    ))
    .hint("copy model.safetensors, all its parts with their index, or pytorch_model.bin")
}
