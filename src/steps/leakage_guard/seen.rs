//! Texts of samples as the pretrained encoder sees them, kept from one session
//! to the next: whatever a project does with its lessons asks whether a sample
//! copies a sealed text, and the encoder sees a text always alike.

use std::collections::BTreeMap;

use crate::inference::{self, Predictions};
use crate::model::Classifier;
use crate::project::{Files, Key, Kind};
use crate::records::Text;
use crate::steps::project::CODE_VERSION;
use crate::steps::{OpenProject, score};
use crate::support::floats::Floats;
use crate::support::hash::StepHash;
use crate::support::tensor_file::{Dtype, Notes, Planned, TensorFile, Writer};
use crate::support::{Error, Progress, Result};

/// Texts that are kept at most; those that were not asked for go first.
const MOST_KEPT: usize = 50_000;

/// Characters of a text's hash, in hexadecimal.
const HASH: usize = 64;

/// The note that names the encoder.
pub(in crate::steps) const ENCODER: &str = "model";

/// The tensors of a file: hashes of the texts, and their embeddings.
const TEXTS: &str = "texts";
const EMBEDDINGS: &str = "embeddings";

/// Embeddings of texts, by the hashes of the texts.
pub(super) struct Seen {
    key: Key,
    encoder: String,
    rows: BTreeMap<String, usize>,
    /// `[rows, width]`, L2-normalised.
    embeddings: Floats,
    width: usize,
}

impl Seen {
    /// What was kept for an encoder that reads so many tokens of a text. A
    /// damaged file is none: it is made again.
    pub(super) fn read(project: &OpenProject, encoder: &Classifier) -> Self {
        let longest = project.workspace.longest_text(encoder);
        let made_from = StepHash::default()
            .with("encoder", encoder.fingerprint().as_bytes())
            .with("tokens", &longest.to_le_bytes())
            .with("code", &CODE_VERSION.to_le_bytes());
        let mut seen = Self {
            key: Key::new(Kind::Samples, "samples", made_from),
            encoder: encoder.fingerprint(),
            rows: BTreeMap::new(),
            embeddings: Floats::default(),
            width: encoder.hidden_size(),
        };
        let file = project.store.files().find(&seen.key).ok().flatten();
        if let Some((rows, embeddings)) = file.and_then(|file| parse(&file, seen.width)) {
            (seen.rows, seen.embeddings) = (rows, embeddings);
        }
        seen
    }

    /// Embeds texts, one row for each; only those that were not kept are read.
    ///
    /// # Errors
    /// When a text does not fit the encoder, or when cancelled.
    pub(super) fn embed(
        &self,
        project: &OpenProject,
        encoder: &Classifier,
        texts: &[&Text],
        progress: &Progress,
    ) -> Result<Predictions> {
        let hashes: Vec<String> = texts.iter().map(|text| hash(text)).collect();
        let mut new = BTreeMap::new();
        let mut tokens = Vec::new();
        for (text, hash) in texts.iter().zip(&hashes) {
            if !self.rows.contains_key(hash) && !new.contains_key(hash) {
                new.insert(hash, tokens.len());
                tokens.push(project.workspace.encode(encoder, text)?);
            }
        }
        let read = match tokens.len() {
            0 => None,
            count => {
                let scores = inference::score(encoder, &tokens, progress)?;
                Some(score::predictions((0..count).collect(), scores)?)
            }
        };
        let mut embeddings = Vec::with_capacity(texts.len() * self.width);
        for hash in &hashes {
            match (self.of(hash), &read, new.get(hash)) {
                (Some(kept), ..) => embeddings.extend_from_slice(kept),
                (None, Some(read), Some(row)) => embeddings.extend_from_slice(read.embedding(*row)),
                _ => return Err(Error::program("a text was not embedded")),
            }
        }
        let rows = (0..texts.len()).collect::<Vec<usize>>();
        Predictions::restore(rows, 0, Vec::new(), self.width, embeddings)
    }

    /// Keeps the rows of texts beside those that were kept before, unless all
    /// of them were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn keep(&self, files: &Files, texts: &[&Text], seen: &Predictions) -> Result<()> {
        let mut all = BTreeMap::new();
        for (row, text) in texts.iter().enumerate() {
            all.insert(hash(text), seen.embedding(row));
        }
        if all.keys().all(|hash| self.rows.contains_key(hash)) {
            return Ok(());
        }
        for hash in self.rows.keys() {
            if all.len() >= MOST_KEPT {
                break;
            }
            if let Some(kept) = self.of(hash) {
                all.entry(hash.clone()).or_insert(kept);
            }
        }
        let notes = Notes::from([(ENCODER.to_owned(), self.encoder.clone())]);
        let plan = [
            Planned::new(EMBEDDINGS, Dtype::F32, [all.len(), self.width]),
            Planned::new(TEXTS, Dtype::U8, [all.len(), HASH]),
        ];
        let mut writer = Writer::begin(&files.place(&self.key)?, &notes, &plan)?;
        for embedding in all.values() {
            writer.write_floats(embedding)?;
        }
        for hash in all.keys() {
            writer.write(hash.as_bytes())?;
        }
        writer.finish().map(drop)
    }

    fn of(&self, hash: &str) -> Option<&[f32]> {
        let start = self.rows.get(hash)? * self.width;
        self.embeddings.get(start..start + self.width)
    }
}

/// The rows of the texts, and the embeddings; `None` for what is no such file.
fn parse(file: &TensorFile, width: usize) -> Option<(BTreeMap<String, usize>, Floats)> {
    let embeddings = file.floats(EMBEDDINGS).ok()?;
    let (hashes, _) = file.raw(TEXTS).ok()?.as_chunks::<HASH>();
    let fits = embeddings.len() == hashes.len() * width;
    let hashes = hashes.iter().map(|hash| String::from_utf8_lossy(hash));
    fits.then(|| {
        (
            hashes.map(|hash| hash.into_owned()).zip(0..).collect(),
            embeddings,
        )
    })
}

fn hash(text: &Text) -> String {
    let first = StepHash::default().with("text", text.first.as_bytes());
    let whole = match &text.second {
        Some(second) => first.with("second", second.as_bytes()),
        None => first,
    };
    whole.finish()
}
