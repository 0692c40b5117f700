//! Text → token ids, as the model's own tokenizer cuts it.

use std::path::Path;

use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::utils::truncation::truncate_encodings;
use tokenizers::{
    Encoding, Model as _, PostProcessor as _, TruncationDirection, TruncationParams,
    TruncationStrategy,
};

use super::files::{TOKENIZER, TOKENIZER_SETTINGS, VOCABULARY};
use crate::support::{Error, Result};

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

/// A WordPiece tokenizer with padding and truncation of its file switched
/// off: files such as MiniLM's pad and cut every text to 128 tokens.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    json: String,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer").finish_non_exhaustive()
    }
}

impl Tokenizer {
    /// Reads `tokenizer.json` of a model directory, or makes an uncased or
    /// cased WordPiece tokenizer from its `vocab.txt`.
    ///
    /// # Errors
    /// When neither file is there or what is there cannot be read.
    pub fn load(dir: &Path) -> Result<Self> {
        let json = dir.join(TOKENIZER);
        let vocabulary = dir.join(VOCABULARY);
        if json.exists() {
            let text = std::fs::read(&json).map_err(|e| Error::file("read", &json, e))?;
            let inner =
                tokenizers::Tokenizer::from_bytes(&text).map_err(|e| unreadable(&json, e))?;
            Self::plain(inner)
        } else if vocabulary.exists() {
            let lower_case = lower_case_setting(&dir.join(TOKENIZER_SETTINGS))?;
            Self::from_vocabulary(&vocabulary, lower_case)
        } else {
            Err(Error::input(format!(
                "the model directory `{}` has neither tokenizer.json nor vocab.txt",
                dir.display()
            ))
            .hint("copy one of them from where the model came from"))
        }
    }

    fn from_vocabulary(path: &Path, lower_case: bool) -> Result<Self> {
        let model = WordPiece::from_file(&path.to_string_lossy())
            .unk_token("[UNK]".into())
            .build()
            .map_err(|e| unreadable(path, e))?;
        let special = |token: &str| {
            let id = model.token_to_id(token).ok_or_else(|| {
                Error::input(format!("`{}` has no token `{token}`", path.display()))
                    .hint("use the vocabulary that belongs to the model")
            })?;
            Ok((token.to_owned(), id))
        };
        special("[UNK]")?;
        let processor = BertProcessing::new(special("[SEP]")?, special("[CLS]")?);
        let mut inner = tokenizers::Tokenizer::new(model);
        inner
            .with_normalizer(Some(BertNormalizer::new(true, true, None, lower_case)))
            .map_err(|e| unreadable(path, e))?;
        inner.with_pre_tokenizer(Some(BertPreTokenizer));
        inner.with_post_processor(Some(processor));
        Self::plain(inner)
    }

    fn plain(mut inner: tokenizers::Tokenizer) -> Result<Self> {
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|e| Error::program("cannot switch truncation off").because(e))?;
        let json = inner
            .to_string(false)
            .map_err(|e| Error::program("cannot write the tokenizer as JSON").because(e))?;
        Ok(Self { inner, json })
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
        let fast = |text| self.inner.encode_fast(text, false);
        let first = fast(first).map_err(failed)?;
        let second = second.map(fast).transpose().map_err(failed)?;
        Ok(text_of(&self.whole(first, second, max_tokens)?))
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
        let slow = |text| self.inner.encode(text, false);
        let first = slow(first).map_err(failed)?;
        let second = second.map(slow).transpose().map_err(failed)?;
        let whole = self.whole(first, second, max_tokens)?;
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
        Ok((text_of(&whole), places))
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
            direction: TruncationDirection::Right,
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

    fn special_tokens(&self, pair: bool) -> usize {
        self.inner
            .get_post_processor()
            .map_or(0, |processor| processor.added_tokens(pair))
    }
}

fn failed(reason: tokenizers::Error) -> Error {
    Error::program("cannot cut a text into tokens").because(reason)
}

fn text_of(encoding: &Encoding) -> TokenizedText {
    let types = encoding.get_type_ids().iter();
    TokenizedText {
        ids: encoding.get_ids().to_vec(),
        type_ids: types.map(|&id| u8::from(id > 0)).collect(),
    }
}

/// Whether `tokenizer_config.json` asks for lower case; yes when it is silent
/// or not there.
fn lower_case_setting(path: &Path) -> Result<bool> {
    if !path.exists() {
        return Ok(true);
    }
    let text = std::fs::read_to_string(path).map_err(|e| Error::file("read", path, e))?;
    let settings: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| unreadable(path, e.into()))?;
    Ok(settings["do_lower_case"].as_bool().unwrap_or(true))
}

fn unreadable(path: &Path, reason: tokenizers::Error) -> Error {
    Error::input(format!("cannot read the tokenizer `{}`", path.display()))
        .because(reason)
        .hint("copy the file again from where the model came from")
}
