//! Hidden states of texts in front of the blocks that Quick retrains: computed
//! once, then read by every retraining and scoring.

use std::path::{Path, PathBuf};

use crate::model::attention::Queries;
use crate::model::encoder::Start;
use crate::model::scoring::{Part, each_pack};
use crate::model::{Classifier, TokenizedText};
use crate::support::hash::StepHash;
use crate::support::tensor_file::{Dtype, Notes, Planned, TensorFile, Writer};
use crate::support::{Error, Floats, Progress, Result};

/// The note of a file that says what its states were computed from.
const KEY: &str = "states of";

/// The tensor that holds the states.
const STATES: &str = "states";

/// Output of a model's frozen lower blocks for given texts, in their order.
///
/// 1,536 bytes a token at a width of 384; [`ActivationCache::build_file`]
/// keeps them on disk and maps them into memory.
#[derive(Debug)]
pub struct ActivationCache {
    header: Header,
    /// First token of each text, and last the number of tokens.
    offsets: Vec<usize>,
    /// `[tokens, hidden]`.
    states: Floats,
}

/// What states belong to.
#[derive(Debug, Clone, PartialEq)]
struct Header {
    /// Hash of the frozen weights and of the texts.
    key: String,
    /// Blocks below the states.
    frozen: usize,
    /// Width of a state.
    hidden: usize,
    /// Tokens of each text.
    lengths: Vec<usize>,
}

/// Says where the states of a key are kept.
pub type StatesPlace<'a> = &'a dyn Fn(&str) -> Result<PathBuf>;

impl ActivationCache {
    /// Computes the states of texts below the `upper_layers` highest blocks
    /// and holds them in memory.
    ///
    /// Works on the threads of the current pool; reports the stage "lower
    /// layers" in texts.
    ///
    /// # Errors
    /// When a text does not fit the model, or when the user cancels.
    pub fn build(
        model: &Classifier,
        texts: &[TokenizedText],
        upper_layers: usize,
        progress: &Progress,
    ) -> Result<Self> {
        let header = Header::new(model, texts, upper_layers)?;
        let mut states = Vec::with_capacity(header.tokens() * header.hidden);
        compute(model, texts, header.frozen, progress, |part| {
            states.extend_from_slice(part);
            Ok(())
        })?;
        Ok(Self::new(header, states.into()))
    }

    /// As [`ActivationCache::build`], but writes the states to a file as they
    /// are computed and maps it, so that memory stays flat. `place` says where
    /// states of a key ([`ActivationCache::key`]) are kept; `notes` are put
    /// into the file.
    ///
    /// A file that already holds these states of these texts is used as it is.
    ///
    /// # Errors
    /// Also when the file cannot be written.
    pub fn build_file(
        model: &Classifier,
        texts: &[TokenizedText],
        upper_layers: usize,
        (place, notes): (StatesPlace<'_>, &Notes),
        progress: &Progress,
    ) -> Result<Self> {
        let header = Header::new(model, texts, upper_layers)?;
        let path = place(&header.key)?;
        if let Some(ready) = ready(&path, &header) {
            return Ok(Self::new(header, ready));
        }
        let mut notes = notes.clone();
        notes.insert(KEY.into(), header.key.clone());
        let shape = [header.tokens(), header.hidden];
        let plan = [Planned::new(STATES, Dtype::F32, shape)];
        let mut out = Writer::begin(&path, &notes, &plan)?;
        compute(model, texts, header.frozen, progress, |part| {
            out.write_floats(part)
        })?;
        let file = out.finish_first(|theirs| header.is_of(theirs))?;
        let states = file.file().floats(STATES)?;
        Ok(Self::new(header, states))
    }

    fn new(header: Header, states: Floats) -> Self {
        let mut offsets = vec![0];
        let mut end = 0;
        for length in &header.lengths {
            end += length;
            offsets.push(end);
        }
        Self {
            header,
            offsets,
            states,
        }
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.header.lengths.len()
    }

    /// Whether there are no texts.
    pub fn is_empty(&self) -> bool {
        self.header.lengths.is_empty()
    }

    /// Tokens of each text.
    pub fn lengths(&self) -> &[usize] {
        &self.header.lengths
    }

    /// Width of a state.
    pub fn width(&self) -> usize {
        self.header.hidden
    }

    /// Number of blocks whose output is held; the model's others continue.
    pub fn frozen_layers(&self) -> usize {
        self.header.frozen
    }

    /// Hash of the frozen weights and of the texts.
    pub fn key(&self) -> &str {
        &self.header.key
    }

    /// Checks that the states were made from these texts by a model with the
    /// same lower blocks.
    ///
    /// # Errors
    /// When they were not.
    pub fn check(&self, model: &Classifier, texts: &[TokenizedText]) -> Result<()> {
        let upper = model.layers().saturating_sub(self.header.frozen);
        if Header::new(model, texts, upper)? == self.header {
            Ok(())
        } else {
            Err(Error::program(
                "the cached hidden states belong to another model or to other texts",
            ))
        }
    }

    /// Copies the states of a text, `[tokens, hidden]`.
    pub fn copy(&self, text: usize, into: &mut [f32]) {
        let place =
            self.offsets[text] * self.header.hidden..self.offsets[text + 1] * self.header.hidden;
        into.copy_from_slice(&self.states[place]);
    }
}

impl Header {
    fn new(model: &Classifier, texts: &[TokenizedText], upper_layers: usize) -> Result<Self> {
        if upper_layers > model.layers() {
            return Err(Error::input(format!(
                "upper_layers is {upper_layers}, but the model has {} layers",
                model.layers()
            ))
            .hint("lower upper_layers in project.toml"));
        }
        let frozen = model.layers() - upper_layers;
        let mut hash =
            StepHash::default().with("encoder", model.encoder_fingerprint(frozen).as_bytes());
        for text in texts {
            model.check_text(text)?;
            let ids: Vec<u8> = text.ids.iter().flat_map(|id| id.to_le_bytes()).collect();
            hash = hash.with("ids", &ids).with("types", &text.type_ids);
        }
        Ok(Self {
            key: hash.finish(),
            frozen,
            hidden: model.hidden_size(),
            lengths: texts.iter().map(TokenizedText::len).collect(),
        })
    }

    fn tokens(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// Whether a file holds these states.
    fn is_of(&self, file: &TensorFile) -> bool {
        file.note(KEY) == Some(self.key.as_str())
            && file.shape(STATES) == Some(&[self.tokens(), self.hidden][..])
    }
}

/// The states in a file, if it is whole and holds these.
fn ready(path: &Path, wanted: &Header) -> Option<Floats> {
    if !path.exists() {
        return None;
    }
    let file = TensorFile::open(path).ok()?;
    let fits = wanted.is_of(&file);
    fits.then(|| file.floats(STATES).ok()).flatten()
}

/// Runs the lower blocks over texts in order and hands out their states.
fn compute(
    model: &Classifier,
    texts: &[TokenizedText],
    frozen: usize,
    progress: &Progress,
    mut take: impl FnMut(&[f32]) -> Result<()>,
) -> Result<()> {
    let lengths: Vec<usize> = texts.iter().map(TokenizedText::len).collect();
    // Whatever lies above the frozen blocks is not run.
    let part = Part {
        from: 0,
        last: Queries::All,
    };
    progress.stage("lower layers", Some(texts.len() as u64));
    each_pack(
        model,
        &lengths,
        part,
        progress,
        |worker, range| {
            worker.pack.refill(&texts[range]);
            let (weights, pack) = (worker.weights, &worker.pack);
            worker
                .buffers
                .states(weights, pack, Start::Words, frozen)
                .to_vec()
        },
        |_, states| take(&states),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::{classify, classify_cached};
    use crate::model::fixture;

    fn model_and_texts() -> (Classifier, Vec<TokenizedText>) {
        let dir = tempfile::tempdir().expect("temporary folder");
        fixture::tiny_model(dir.path()).expect("fixture is written");
        let model = Classifier::load(dir.path()).expect("fixture loads");
        let texts = ["a good film", "the worst story of the year, sadly", "no"];
        let encode = |text: &&str| model.tokenizer().encode(text, None, 64).expect("encodes");
        let texts = texts.iter().map(encode).collect();
        (model, texts)
    }

    #[test]
    fn scoring_from_the_cache_equals_scoring_from_the_words() {
        let (model, texts) = model_and_texts();
        let silent = Progress::silent();
        let whole = classify(&model, &texts, &silent).expect("scores");
        // With no layer left above the cache every token was computed below it,
        // by products of other shapes: equal but for rounding.
        let cache = ActivationCache::build(&model, &texts, 0, &silent).expect("builds");
        let cached = classify_cached(&model, &cache, &silent).expect("scores");
        for (one, other) in whole.logits.iter().zip(cached.logits) {
            assert!((one - other).abs() < 1e-5, "{one} or {other}");
        }
        for upper in 1..=2 {
            let cache = ActivationCache::build(&model, &texts, upper, &silent).expect("builds");
            let cached = classify_cached(&model, &cache, &silent).expect("scores");
            assert_eq!(whole, cached, "{upper} upper layers");
        }
    }

    #[test]
    fn a_cache_file_is_reused_only_for_the_same_model_and_texts() {
        let (model, mut texts) = model_and_texts();
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("states");
        let silent = Progress::silent();
        let build = |model: &Classifier, texts: &[TokenizedText]| {
            let kept: (StatesPlace<'_>, _) = (&|_| Ok(path.clone()), &Notes::new());
            ActivationCache::build_file(model, texts, 1, kept, &silent).expect("builds")
        };
        let in_memory = ActivationCache::build(&model, &texts, 1, &silent).expect("builds");
        let on_disk = build(&model, &texts);
        let copy = |cache: &ActivationCache, text: usize| {
            let mut states = vec![0.0; cache.lengths()[text] * model.hidden_size()];
            cache.copy(text, &mut states);
            states
        };
        assert_eq!(copy(&in_memory, 1), copy(&on_disk, 1));
        let written = || {
            std::fs::metadata(&path)
                .and_then(|m| m.modified())
                .expect("exists")
        };
        let first = written();
        build(&model, &texts);
        assert_eq!(first, written(), "an equal cache is not made again");
        texts.swap(0, 1);
        let swapped = build(&model, &texts);
        assert_eq!(copy(&in_memory, 1), copy(&swapped, 0));
        std::fs::write(&path, b"cut off").expect("writes");
        assert_eq!(copy(&in_memory, 1), copy(&build(&model, &texts), 0));
    }

    #[test]
    fn a_cancel_leaves_no_file() {
        let (model, texts) = model_and_texts();
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("states");
        let progress = Progress::silent();
        progress.cancel();
        let kept: (StatesPlace<'_>, _) = (&|_| Ok(path.clone()), &Notes::new());
        let error = ActivationCache::build_file(&model, &texts, 1, kept, &progress);
        assert!(error.expect_err("was cancelled").is_cancelled());
        let left = std::fs::read_dir(dir.path()).expect("reads").count();
        assert_eq!(left, 0);
    }
}
