//! A model's folder made a classifier: its tensors matched by name with what
//! its configuration asks for, and told where they do not match.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::classifier::{Classifier, initialise};
use super::config::Config;
use super::family::Family;
use super::files::CONFIG;
use super::layout::{Layout, Tensor};
use super::stored::Stored;
use super::tokenizer::Tokenizer;
use crate::support::text::many;
use crate::support::{Error, Result};

/// What programs put in front of the names of a model's tensors: training on
/// several processors, compiling, a module around the model.
const WRAPPERS: [&str; 3] = ["module.", "_orig_mod.", "model."];

/// Beginnings of what pretraining leaves in a file and nothing here needs.
const PRETRAINING: [&str; 9] = [
    "cls.",
    "lm_head.",
    "vocab_",
    "generator_",
    "discriminator_predictions.",
    "lm_predictions.",
    "mask_predictions.",
    "decoder.",
    "pooler.",
];

/// Names of tensors that a message lists before it counts the others.
const LISTED: usize = 6;

impl Classifier {
    /// Reads a model directory in Hugging Face layout: `config.json`, weights
    /// (`model.safetensors` or `pytorch_model.bin`, whole or in shards), and a
    /// tokenizer.
    ///
    /// Weights without a classification head give a classifier without labels:
    /// it embeds but does not classify until [`Classifier::with_new_head`].
    /// [`Classifier::notes`] says which tensors were not used or made anew.
    ///
    /// # Errors
    /// When a file is missing or damaged, a tensor is missing or misshaped, a
    /// head lacks the layer that it was trained on, the vocabulary does not
    /// fit, or the model is of another family.
    pub fn load(dir: &Path) -> Result<Self> {
        let (config, weights, mut notes) = opened(dir)?;
        let tokenizer = Tokenizer::load(dir)?;
        if tokenizer.vocabulary() > config.vocabulary {
            return Err(Error::input(format!(
                "the tokenizer of `{}` knows {} tokens, but the model has only {} word embeddings",
                dir.display(),
                tokenizer.vocabulary(),
                config.vocabulary
            ))
            .hint("use the tokenizer's files that belong to the model"));
        }
        let layout = Layout::new(&config);
        let of_folder = |e: Error| e.context(format!("`{}`", dir.display()));
        let found = Matched::of(&config, &layout, &weights).map_err(of_folder)?;
        notes.extend(found.notes());
        notes.extend(tokenizer.notes().iter().cloned());
        let mut model = Self::zeroed(config, Arc::new(tokenizer));
        let seed = 0; // a pooler that the file lacks starts the same each time
        for tensor in layout.tensors() {
            let values = model.values_mut(&tensor.place);
            match found.names.get(&tensor.name) {
                Some(name) => weights.read(name, &tensor.shape, values)?,
                None => initialise(tensor, values, seed),
            }
        }
        Ok(model.with_notes(notes))
    }
}

/// Label names of the head that a model directory holds, without loading the
/// model; none without a head.
///
/// # Errors
/// As [`Classifier::load`], as far as the configuration and the names of the
/// tensors go.
pub fn head_labels(dir: &Path) -> Result<Vec<String>> {
    Ok(opened(dir)?.0.labels)
}

/// A folder's configuration with the labels of its head, its weights, and what
/// is to be said of both. Whatever sizes the configuration claims, nothing is
/// allocated for them before the weights have them.
fn opened(dir: &Path) -> Result<(Config, Stored, Vec<String>)> {
    let path = dir.join(CONFIG);
    let weights = Stored::open(dir);
    let weights = match path.exists() {
        true => weights,
        // An adapter has none: then it is named, and not what is missing.
        false => Ok(weights?),
    };
    let (mut config, mut notes) = Config::load(&path)?;
    let weights = weights?;
    check_sizes(&config, &weights).map_err(|e| e.context(format!("`{}`", path.display())))?;
    let labels = labels_in(&config, &weights);
    config.labels = labels.map_err(|e| e.context(format!("`{}`", dir.display())))?;
    notes.extend(weights.notes().iter().cloned());
    Ok((config, weights, notes))
}

/// Refuses sizes that the weights cannot have.
fn check_sizes(config: &Config, weights: &Stored) -> Result<()> {
    let elements = weights.elements();
    let sizes = [
        ("rows of word embeddings", config.vocabulary, elements),
        ("as the width of embeddings", config.embedding, elements),
        ("as the hidden size", config.hidden, elements),
        ("as the intermediate size", config.intermediate, elements),
        ("rows of positions", config.position_rows, elements),
        ("token types", config.token_types, elements),
        ("blocks", config.layers, weights.len()),
    ];
    match sizes.iter().find(|(_, size, most)| size > most) {
        None => Ok(()),
        Some((what, size, _)) => Err(Error::input(format!(
            "it names {size} {what}, which is more than the weights have"
        ))
        .hint("config.json and the weights must come from the same model")),
    }
}

/// A tensor's name without what programs and the family put in front of it,
/// and with the newer names of LayerNorm's parameters.
fn bare(name: &str, family: Family) -> String {
    let own = format!("{}.", family.prefix());
    let mut rest = name;
    let cut = |rest: &str| {
        let fronts = WRAPPERS.iter().copied().chain([own.as_str()]);
        let mut cut = fronts.filter_map(|front| rest.strip_prefix(front).map(str::len));
        cut.next()
    };
    while let Some(length) = cut(rest) {
        rest = &rest[rest.len() - length..];
    }
    rest.replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias")
}

/// Label names if the weights have a classifier; the usual placeholders when
/// `config.json` names none.
fn labels_in(config: &Config, weights: &Stored) -> Result<Vec<String>> {
    let name = format!("{}.weight", config.family.classifier());
    let stored = weights
        .names()
        .find(|stored| bare(stored, config.family) == name);
    let Some(shape) = stored.and_then(|stored| weights.shape(stored)) else {
        return Ok(Vec::new());
    };
    let classes = shape.first().copied().unwrap_or(0);
    if classes == 1 {
        return Err(Error::input(format!(
            "`{name}` has one row: the model gives a text a number, not one of several labels"
        ))
        .hint("import predictions and embeddings of your own model instead"));
    }
    if config.labels.is_empty() {
        return Ok((0..classes).map(|class| format!("LABEL_{class}")).collect());
    }
    if config.labels.len() == classes {
        return Ok(config.labels.clone());
    }
    Err(Error::input(format!(
        "config.json names {} labels, but the classifier has {classes} classes",
        config.labels.len()
    ))
    .hint("correct `id2label` in config.json"))
}

/// Which stored tensor is which of the model's.
struct Matched {
    /// The stored name of each tensor that is there.
    names: BTreeMap<String, String>,
    /// Tensors of the head that are not.
    anew: Vec<String>,
    /// Stored names without their fronts that the model has no place for.
    unused: Vec<String>,
}

impl Matched {
    fn of(config: &Config, layout: &Layout, weights: &Stored) -> Result<Self> {
        let mut stored: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in weights.names() {
            let known = stored.entry(bare(name, config.family)).or_default();
            known.push(name);
        }
        let mut matched = Self {
            names: BTreeMap::new(),
            anew: Vec::new(),
            unused: Vec::new(),
        };
        let mut has_classes = false;
        for tensor in layout.tensors() {
            let Some(candidates) = stored.remove(&bare(&tensor.name, config.family)) else {
                if !tensor.head {
                    return Err(weights.missing(&tensor.name));
                }
                matched.anew.push(tensor.name.clone());
                continue;
            };
            let name = only(&candidates, weights)?;
            weights.check(name, &tensor.shape)?;
            has_classes |= tensor.by_class;
            matched.names.insert(tensor.name.clone(), name.to_owned());
        }
        matched.unused = stored.into_keys().collect();
        if has_classes {
            check_head(layout, &matched, weights)?;
        }
        Ok(matched)
    }

    /// What of the weights was not used, and what was made anew.
    fn notes(&self) -> Vec<String> {
        let left = |name: &&String| {
            let pretraining = PRETRAINING.iter().any(|front| name.starts_with(front));
            pretraining || name.ends_with("position_ids")
        };
        let (harmless, others): (Vec<&String>, Vec<&String>) = self.unused.iter().partition(left);
        let mut notes = Vec::new();
        if !self.anew.is_empty() {
            notes.push(format!(
                "{} not in the weights and made anew: {}",
                is(self.anew.len()),
                listed(&self.anew.iter().collect::<Vec<_>>())
            ));
        }
        if !harmless.is_empty() {
            notes.push(format!(
                "{} left from pretraining and not needed: {}",
                is(harmless.len()),
                listed(&harmless)
            ));
        }
        if !others.is_empty() {
            notes.push(format!(
                "{} in the weights and not used: {}; check that the model is what you meant",
                is(others.len()),
                listed(&others)
            ));
        }
        notes
    }
}

fn is(tensors: usize) -> String {
    let verb = if tensors == 1 { "is" } else { "are" };
    format!("{} {verb}", many(tensors, "tensor"))
}

/// The first few names.
fn listed(names: &[&String]) -> String {
    let first: Vec<&str> = names
        .iter()
        .take(LISTED)
        .map(|name| name.as_str())
        .collect();
    match names.len().saturating_sub(LISTED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The one tensor that several names stand for.
fn only<'a>(candidates: &[&'a str], weights: &Stored) -> Result<&'a str> {
    let (first, others) = candidates
        .split_first()
        .ok_or_else(|| weights.missing(""))?;
    for other in others {
        if !weights.same(first, other)? {
            return Err(Error::input(format!(
                "the weights hold two tensors for one place, `{first}` and `{other}`, with \
                 different values"
            ))
            .hint("save the model once more, with `model.save_pretrained(FOLDER)`"));
        }
    }
    Ok(first)
}

/// Refuses a classifier without the layers in front of it: what it learnt
/// means nothing behind others.
fn check_head(layout: &Layout, matched: &Matched, weights: &Stored) -> Result<()> {
    let anew: BTreeSet<&String> = matched.anew.iter().collect();
    let lacks = |tensor: &&Tensor| tensor.head && anew.contains(&tensor.name);
    match layout.tensors().iter().find(lacks) {
        None => Ok(()),
        Some(tensor) if tensor.by_class => Err(weights.missing(&tensor.name)),
        Some(tensor) => Err(Error::input(format!(
            "the weights hold a classification head, but not `{}`, a part of it that it was \
             trained with",
            tensor.name
        ))
        .hint(
            "save the whole model with `model.save_pretrained(FOLDER)`; to fit a new head on its \
             encoder, take the classifier's tensors out of the weights",
        )),
    }
}
