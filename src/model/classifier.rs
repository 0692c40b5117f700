//! A text classifier: encoder, head, tokenizer and label names.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rand::distributions::Distribution as _;
use sha2::{Digest as _, Sha256};

use super::buffer::Buffer;
use super::config::{Config, GroupedClass};
use super::encoder::Weights;
use super::files::{CONFIG, WEIGHTS};
use super::layout::{Layout, Place, Tensor};
use super::matrix::Order;
use super::tokenizer::{TokenizedText, Tokenizer};
use super::weights_file::{Outgoing, Precision, serialise};
use crate::support::hash::hex;
use crate::support::{Error, Result, atomic_file, rng};

/// Standard deviation of new weights, as in BERT.
const INITIAL_DEVIATION: f64 = 0.02;

/// A classifier of one of the families in memory, in single precision.
///
/// Clones share their weights until one of them is trained.
#[derive(Debug, Clone)]
pub struct Classifier {
    config: Arc<Config>,
    layout: Arc<Layout>,
    tokenizer: Arc<Tokenizer>,
    words: Arc<Buffer>,
    body: Arc<Buffer>,
    /// What the user should know about how the folder was taken.
    notes: Arc<Vec<String>>,
    /// Of all weights and the labels; empty until it is asked for.
    fingerprint: Arc<OnceLock<String>>,
    /// Of the weights below each block, and last below the head.
    encoder_fingerprints: Arc<OnceLock<Vec<String>>>,
}

impl Classifier {
    /// A model with all weights 0.
    pub(crate) fn zeroed(config: Config, tokenizer: Arc<Tokenizer>) -> Self {
        let layout = Layout::new(&config);
        Self {
            words: Arc::new(Buffer::zeros(config.vocabulary * config.embedding)),
            body: Arc::new(Buffer::zeros(layout.body_length())),
            layout: Arc::new(layout),
            config: Arc::new(config),
            tokenizer,
            notes: Arc::default(),
            fingerprint: Arc::default(),
            encoder_fingerprints: Arc::default(),
        }
    }

    /// The same encoder with a head for these labels.
    ///
    /// If the labels are the model's own, in whatever order, the head is kept
    /// and its classes are reordered; else a fresh one is made from `seed`.
    /// Labels are matched by name, ignoring case.
    #[must_use]
    pub fn with_new_head(self, labels: &[String], seed: u64) -> Self {
        self.with_head_of(labels, Vec::new(), seed)
    }

    /// The same where the classes of the head may count for labels together.
    pub(super) fn with_head_of(
        self,
        labels: &[String],
        grouped: Vec<GroupedClass>,
        seed: u64,
    ) -> Self {
        let old = match self.config.grouped.is_empty() {
            true => self.config.labels.clone(),
            false => Vec::new(),
        };
        let place_of = |label: &String| {
            old.iter()
                .position(|known| known.to_lowercase() == label.to_lowercase())
        };
        let places: Option<Vec<usize>> = labels.iter().map(place_of).collect();
        let same = places.filter(|_| old.len() == labels.len() && grouped.is_empty());
        let config = Config {
            labels: labels.to_vec(),
            grouped,
            ..(*self.config).clone()
        };
        let layout = Layout::new(&config);
        let kept = self.layout.head_range().start;
        let mut body = Buffer::zeros(layout.body_length());
        body[..kept].copy_from_slice(&self.body[..kept]);
        for (tensor, former) in layout.tensors().iter().zip(self.layout.tensors()) {
            let (Place::Body(to), Place::Body(from)) = (&tensor.place, &former.place) else {
                continue;
            };
            if !tensor.head {
                continue;
            }
            let into = &mut body[to.clone()];
            match &same {
                _ if !tensor.by_class => into.copy_from_slice(&self.body[from.clone()]),
                Some(places) => {
                    let width = into.len() / labels.len().max(1);
                    for (row, place) in into.chunks_exact_mut(width.max(1)).zip(places) {
                        let start = from.start + place * width;
                        row.copy_from_slice(&self.body[start..start + width]);
                    }
                }
                None => initialise(tensor, into, seed),
            }
        }
        Self {
            layout: Arc::new(layout),
            config: Arc::new(config),
            body: Arc::new(body),
            fingerprint: Arc::default(),
            ..self
        }
    }

    /// Label names by class; empty when there is no head yet.
    pub fn labels(&self) -> &[String] {
        &self.config.labels
    }

    /// Width of hidden states and embeddings.
    pub fn hidden_size(&self) -> usize {
        self.config.hidden
    }

    /// Longest sequence in tokens, `[CLS]` and `[SEP]` included: what the
    /// model has positions for, or less if its tokenizer says so.
    pub fn max_tokens(&self) -> usize {
        let said = self.tokenizer.longest().unwrap_or(usize::MAX);
        said.min(self.config.positions)
    }

    /// What the user should know about how the model's folder was taken.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(super) fn with_notes(self, notes: Vec<String>) -> Self {
        Self {
            notes: Arc::new(notes),
            ..self
        }
    }

    /// Number of weights.
    pub fn weight_count(&self) -> usize {
        self.words.len() + self.body.len()
    }

    /// Number of transformer blocks.
    pub fn layers(&self) -> usize {
        self.config.layers
    }

    /// The tokenizer that belongs to the model.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    /// The model's sizes.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where each tensor lies.
    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The weights, for forward and backward.
    pub(crate) fn weights(&self) -> Weights<'_> {
        Weights {
            config: &self.config,
            layout: &self.layout,
            words: &self.words,
            body: &self.body,
            order: Order::OutIn,
        }
    }

    /// The word embeddings, for training.
    pub(crate) fn words_mut(&mut self) -> &mut [f32] {
        self.forget_fingerprints();
        Arc::<Buffer>::make_mut(&mut self.words)
    }

    /// Everything but the word embeddings, for training.
    pub(crate) fn body_mut(&mut self) -> &mut [f32] {
        self.forget_fingerprints();
        Arc::<Buffer>::make_mut(&mut self.body)
    }

    /// Whether every weight is a number.
    pub(crate) fn is_finite(&self) -> bool {
        let mut weights = self.words.iter().chain(self.body.iter());
        weights.all(|weight| weight.is_finite())
    }

    fn forget_fingerprints(&mut self) {
        self.fingerprint = Arc::default();
        self.encoder_fingerprints = Arc::default();
    }

    /// Checks that a text fits the tables of the model.
    ///
    /// # Errors
    /// When it is empty, too long, or was cut by another model's tokenizer.
    pub fn check_text(&self, text: &TokenizedText) -> Result<()> {
        if text.is_empty() || text.len() != text.type_ids.len() {
            return Err(Error::program("a text has no tokens"));
        }
        if text.len() > self.config.positions {
            return Err(Error::program(format!(
                "a text of {} tokens was not cut to the {} that the model reads",
                text.len(),
                self.config.positions
            )));
        }
        let types = self.config.token_types;
        let strange = |kind: &u8| usize::from(*kind) >= types;
        if self.config.reads_token_types() && text.type_ids.iter().any(strange) {
            return Err(Error::input(format!(
                "the tokenizer gives the second text of a pair a type of its own, but the model \
                 knows {types}"
            ))
            .hint("use single texts, or a model that was made for pairs"));
        }
        let known = |id: &u32| (*id as usize) < self.config.vocabulary;
        if text.ids.iter().all(known) {
            Ok(())
        } else {
            Err(Error::program(
                "a text holds token ids that the model does not know",
            ))
        }
    }

    pub(super) fn values(&self, place: &Place) -> &[f32] {
        match place {
            Place::Words => &self.words,
            Place::Body(range) => &self.body[range.clone()],
        }
    }

    pub(super) fn values_mut(&mut self, place: &Place) -> &mut [f32] {
        match place {
            Place::Words => self.words_mut(),
            Place::Body(range) => &mut self.body_mut()[range.clone()],
        }
    }

    /// SHA-256 over all weights and label names: two models with the same
    /// fingerprint answer alike to the same tokens. The tokenizer is not in
    /// it, but in the fingerprint of the data.
    ///
    /// It is computed once for a model and its clones.
    pub fn fingerprint(&self) -> String {
        let compute = || {
            let mut hasher = Sha256::new();
            for label in self.labels() {
                hasher.update((label.len() as u64).to_le_bytes());
                hasher.update(label);
            }
            for class in &self.config.grouped {
                hasher.update((class.label as u64).to_le_bytes());
            }
            hasher.update(self.encoder_fingerprint(self.config.layers));
            hash_values(&mut hasher, &self.body[self.layout.head_range()]);
            hex(&hasher.finalize())
        };
        self.fingerprint.get_or_init(compute).clone()
    }

    /// SHA-256 over the weights below block `layers`. All of them come from
    /// one pass over the weights, once for a model and its clones.
    pub(crate) fn encoder_fingerprint(&self, layers: usize) -> &str {
        let compute = || {
            let mut hasher = Sha256::new();
            hash_values(&mut hasher, &self.words);
            let mut done = 0;
            let below = (0..=self.config.layers).map(|blocks| {
                let end = self.below(blocks).len();
                hash_values(&mut hasher, &self.body[done..end]);
                done = end;
                hex(&hasher.clone().finalize())
            });
            below.collect()
        };
        let known = self.encoder_fingerprints.get_or_init(compute);
        &known[layers.min(self.config.layers)]
    }

    /// The part of the body below block `blocks`, without the words.
    fn below(&self, blocks: usize) -> &[f32] {
        let end = match blocks < self.config.layers {
            true => self.layout.block_range(blocks).start,
            false => self.layout.head_range().start,
        };
        &self.body[..end]
    }

    /// Writes a directory that Python's transformers loads as a
    /// `…ForSequenceClassification` of the family.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, dir: &Path, precision: Precision) -> Result<()> {
        std::fs::create_dir_all(dir).map_err(|e| Error::file("create", dir, e))?;
        let config = format!("{:#}\n", self.config.to_json());
        let mut tensors = self.outgoing(precision);
        if self.labels().is_empty() {
            let classifier = format!("{}.", self.config.family.classifier());
            tensors.retain(|(name, _)| !name.starts_with(&classifier));
        }
        let notes = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        let weights = serialise(tensors, notes)?;
        let types = self.config.reads_token_types();
        self.tokenizer.save(dir, self.max_tokens(), types)?;
        let files: [(&str, &[u8]); 2] = [(CONFIG, config.as_bytes()), (WEIGHTS, &weights)];
        for (name, content) in files {
            atomic_file::write(&dir.join(name), |out| out.write_all(content))?;
        }
        Ok(())
    }

    fn outgoing(&self, precision: Precision) -> Vec<(String, Outgoing<'_>)> {
        let tensors = self.layout.tensors().iter();
        tensors
            .map(|tensor| {
                let outgoing = Outgoing {
                    shape: tensor.shape.clone(),
                    values: self.values(&tensor.place),
                    precision,
                };
                (tensor.name.clone(), outgoing)
            })
            .collect()
    }

    /// Whether the words, and everything below block `blocks`, are those of
    /// another model: then both have the same hidden states there.
    pub fn shares_below(&self, other: &Classifier, blocks: usize) -> bool {
        self.config == other.config
            && self.words[..] == other.words[..]
            && self.below(blocks) == other.below(blocks)
    }
}

/// Fresh values: biases 0, factors of LayerNorms 1, weights normal.
pub(super) fn initialise(tensor: &Tensor, values: &mut [f32], seed: u64) {
    values.fill(if tensor.is_scale() { 1.0 } else { 0.0 });
    if !tensor.decays {
        return;
    }
    let mut generator = rng::seeded(seed, &format!("initial {}", tensor.name));
    // Irwin-Hall: the sum of twelve uniform numbers is all but normal, and the
    // same on every machine.
    let uniform = rand::distributions::Uniform::new(0.0_f64, 1.0);
    for value in values {
        let sum: f64 = (0..12).map(|_| uniform.sample(&mut generator)).sum();
        *value = (INITIAL_DEVIATION * (sum - 6.0)) as f32;
    }
}

fn hash_values(hasher: &mut Sha256, values: &[f32]) {
    let mut bytes = Vec::with_capacity(4 * 4096);
    for part in values.chunks(4096) {
        bytes.clear();
        bytes.extend(part.iter().flat_map(|x| x.to_le_bytes()));
        hasher.update(&bytes);
    }
}
