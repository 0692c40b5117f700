//! Text → token ids, as the model's own tokenizer cuts it.

mod added;
mod class;
mod parts;
mod pipeline;
mod sentencepiece;
mod settings;

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use tokenizers::utils::truncation::truncate_encodings;
use tokenizers::{
    Encoding, PostProcessor as _, TruncationDirection, TruncationParams, TruncationStrategy,
};

use self::pipeline::Pipeline;
use super::files::{ADDED_TOKENS, SPECIAL_TOKENS, TOKENIZER, TOKENIZER_SETTINGS, VOCABULARY};
use crate::support::{Error, Result, atomic_file, guard, hash};

/// A text as the encoder reads it, `[CLS]` and `[SEP]` included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenizedText {
    /// Rows of the word embedding table.
    pub ids: Vec<u32>,
    /// 0 for tokens of the first text, 1 for those of the second.
    pub type_ids: Vec<u8>,
}

impl TokenizedText {
    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no token at all; never so for encoded texts.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// The part of a text, in bytes, that a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Whether it lies in the second text of a pair.
    pub second: bool,
    /// Where it begins.
    pub start: usize,
    /// Where the next one may begin.
    pub end: usize,
}

/// The tokenizer of a model's folder, as Python's transformers would build it
/// from the same files, with padding and truncation of its file switched
/// off: files such as MiniLM's pad and cut every text to 128 tokens.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    json: String,
    roles: Map<String, Value>,
    tells_types: Option<bool>,
    direction: TruncationDirection,
    longest: Option<usize>,
    unknown: Option<u32>,
    notes: Vec<String>,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").finish_non_exhaustive()
    }
}

/// The parts of `tokenizer.json` that name the unknown token: by its word, or by
/// its place in a sentencepiece vocabulary.
#[derive(Deserialize)]
struct Parts {
    model: ModelPart,
}

#[derive(Deserialize)]
struct ModelPart {
    unk_token: Option<String>,
    unk_id: Option<u32>,
}

fn unknown_token(inner: &tokenizers::Tokenizer, json: &str) -> Option<u32> {
    let parts: Parts = serde_json::from_str(json).ok()?;
    let by_word = parts
        .model
        .unk_token
        .and_then(|word| inner.token_to_id(&word));
    by_word.or(parts.model.unk_id)
}

impl Tokenizer {
    /// Reads the tokenizer of a model directory: `tokenizer.json`, or
    /// `vocab.txt`, or `vocab.json` and `merges.txt`, or a sentencepiece model,
    /// with what `tokenizer_config.json`, `special_tokens_map.json` and
    /// `added_tokens.json` say of it.
    ///
    /// # Errors
    /// When there is none, or when what is there cannot be read.
    pub fn load(dir: &Path) -> Result<Self> {
        let unusable = || {
            Error::input(format!(
                "the tokenizer of the model directory `{}` is damaged",
                dir.display()
            ))
            .hint("copy the tokenizer's files again from where the model came from")
        };
        let built = guard::unless_it_panics(|| {
            let pipeline = Pipeline::of(dir)?;
            let inner = tokenizers::Tokenizer::from_bytes(&pipeline.json)
                .map_err(|e| unusable().because(e))?;
            let tokenizer = Self::plain(inner, pipeline)?;
            // What fails or panics on every text does so now, not in a job.
            tokenizer
                .encode("a B1 ü 字 [MASK]", Some(""), 16)
                .map_err(|e| unusable().because(e))?;
            Ok(tokenizer)
        });
        built.unwrap_or_else(|| Err(unusable()))
    }

    fn plain(mut inner: tokenizers::Tokenizer, pipeline: Pipeline) -> Result<Self> {
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|e| Error::program("cannot switch truncation off").because(e))?;
        inner.set_encode_special_tokens(pipeline.splits_special);
        let json = inner
            .to_string(false)
            .map_err(|e| Error::program("cannot write the tokenizer as JSON").because(e))?;
        Ok(Self {
            unknown: unknown_token(&inner, &json),
            inner,
            json,
            roles: pipeline.roles,
            tells_types: pipeline.tells_types,
            direction: match pipeline.cuts_left {
                true => TruncationDirection::Left,
                false => TruncationDirection::Right,
            },
            longest: pipeline.longest,
            notes: pipeline.notes,
        })
    }

    /// What the user should know about how the files were taken.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Tokens of a text at most, if the files set a limit.
    pub fn longest(&self) -> Option<usize> {
        self.longest
    }

    /// Token that stands for whatever the vocabulary lacks; a vocabulary of
    /// bytes has none.
    pub fn unknown(&self) -> Option<u32> {
        self.unknown
    }

    /// Cuts a text, or a pair of texts, into at most `max_tokens` tokens;
    /// of a pair the longer text is shortened first.
    ///
    /// # Errors
    /// When the tokenizer itself fails.
    pub fn encode(
        &self,
        first: &str,
        second: Option<&str>,
        max_tokens: usize,
    ) -> Result<TokenizedText> {
        careful(|| {
            let fast = |text| self.inner.encode_fast(text, false);
            let first = fast(first).map_err(failed)?;
            let second = second.map(fast).transpose().map_err(failed)?;
            Ok(self.text_of(&self.whole(first, second, max_tokens)?))
        })
    }

    /// As [`Tokenizer::encode`], with the place in the texts that each token
    /// stands for; none for `[CLS]` and `[SEP]`. Slower.
    ///
    /// # Errors
    /// When the tokenizer itself fails.
    pub fn encode_with_places(
        &self,
        first: &str,
        second: Option<&str>,
        max_tokens: usize,
    ) -> Result<(TokenizedText, Vec<Option<Place>>)> {
        let whole = careful(|| {
            let slow = |text| self.inner.encode(text, false);
            let first = slow(first).map_err(failed)?;
            let second = second.map(slow).transpose().map_err(failed)?;
            self.whole(first, second, max_tokens)
        })?;
        let sequences = whole.get_sequence_ids();
        let special = whole.get_special_tokens_mask();
        let places = (whole.get_offsets().iter().zip(sequences).zip(special))
            .map(|((&(start, end), sequence), &special)| {
                (special == 0).then_some(Place {
                    second: sequence == Some(1),
                    start,
                    end,
                })
            })
            .collect();
        Ok((self.text_of(&whole), places))
    }

    /// Shortens what was cut without special tokens, so that shortening keeps
    /// them, and adds them.
    fn whole(
        &self,
        first: Encoding,
        second: Option<Encoding>,
        max_tokens: usize,
    ) -> Result<Encoding> {
        let special = self.special_tokens(second.is_some());
        let limit = TruncationParams {
            max_length: max_tokens.max(special + 2) - special,
            strategy: TruncationStrategy::LongestFirst,
            stride: 0,
            direction: self.direction,
        };
        let (first, second) = truncate_encodings(first, second, &limit).map_err(failed)?;
        self.inner.post_process(first, second, true).map_err(failed)
    }

    /// The text of a `tokenizer.json` that neither pads nor truncates.
    pub fn to_json(&self) -> &str {
        &self.json
    }

    /// One more than the largest token id: the embedding rows it needs.
    pub fn vocabulary(&self) -> usize {
        self.inner
            .get_vocab(true)
            .into_values()
            .max()
            .map_or(0, |largest| largest as usize + 1)
    }

    fn text_of(&self, encoding: &Encoding) -> TokenizedText {
        let told = self.tells_types.unwrap_or(true);
        let types = encoding.get_type_ids().iter();
        TokenizedText {
            ids: encoding.get_ids().to_vec(),
            type_ids: types.map(|&id| u8::from(told && id > 0)).collect(),
        }
    }

    /// Writes tokenizer.json, and the tokenizer_config.json with which Python's
    /// transformers uses it as it is; for a model that reads so many tokens,
    /// with token types or without.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self, dir: &Path, longest: usize, types: bool) -> Result<()> {
        let types = types && self.tells_types.unwrap_or(true);
        let mut inputs = vec!["input_ids", "attention_mask"];
        if types {
            inputs.insert(1, "token_type_ids");
        }
        let mut fields = self.roles.clone();
        fields.insert("tokenizer_class".into(), "PreTrainedTokenizerFast".into());
        fields.insert("model_max_length".into(), longest.into());
        fields.insert("model_input_names".into(), inputs.into());
        if self.direction == TruncationDirection::Left {
            fields.insert("truncation_side".into(), "left".into());
        }
        if self.inner.get_encode_special_tokens() {
            fields.insert("split_special_tokens".into(), true.into());
        }
        let settings = format!("{:#}\n", Value::Object(fields));
        for (name, text) in [(TOKENIZER, &self.json), (TOKENIZER_SETTINGS, &settings)] {
            atomic_file::write(&dir.join(name), |out| out.write_all(text.as_bytes()))?;
        }
        Ok(())
    }

    fn special_tokens(&self, pair: bool) -> usize {
        self.inner
            .get_post_processor()
            .map_or(0, |processor| processor.added_tokens(pair))
    }
}

/// Runs the tokenizers library on a text; a panic in it is an error.
fn careful<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let broken = || {
        Error::input("the model's tokenizer breaks off on a text")
            .hint("copy the tokenizer's files again from where the model came from")
    };
    guard::unless_it_panics(work).unwrap_or_else(|| Err(broken()))
}

fn failed(reason: tokenizers::Error) -> Error {
    Error::input("the model's tokenizer cannot cut a text into tokens")
        .because(reason)
        .hint("copy the tokenizer's files again from where the model came from")
}

/// What decides how a folder's texts are cut, by name and checksum. A
/// tokenizer.json that is used as it is stands for itself alone.
pub(super) fn checksums(dir: &Path) -> Vec<(&'static str, String)> {
    let file = |name| (name, hash::file(&dir.join(name)).unwrap_or_default());
    let there = |name: &str| dir.join(name).exists();
    // What earlier versions computed for such a folder stays valid.
    if there(VOCABULARY)
        && ![TOKENIZER, SPECIAL_TOKENS, ADDED_TOKENS, TOKENIZER_SETTINGS]
            .into_iter()
            .any(there)
    {
        return vec![file(VOCABULARY), file(TOKENIZER_SETTINGS)];
    }
    let pipeline = guard::unless_it_panics(|| Pipeline::of(dir));
    let Some(Ok(pipeline)) = pipeline else {
        return vec![file(TOKENIZER), file(VOCABULARY), file(TOKENIZER_SETTINGS)];
    };
    let mut all = match pipeline.as_written {
        true => vec![file(TOKENIZER)],
        false => vec![("pipeline", hash::bytes(&pipeline.json))],
    };
    if pipeline.cuts_left || pipeline.splits_special || pipeline.limits {
        let rules = format!(
            "{} {} {:?}",
            pipeline.cuts_left, pipeline.splits_special, pipeline.longest
        );
        all.push(("rules", rules));
    }
    all
}

fn unreadable(path: &Path, reason: tokenizers::Error) -> Error {
    Error::input(format!("cannot read the tokenizer `{}`", path.display()))
        .because(reason)
        .hint("copy the file again from where the model came from")
}

#[cfg(test)]
mod tests;
