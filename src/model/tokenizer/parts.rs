//! The vocabulary of a tokenizer, from whichever files hold it.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tokenizers::AddedToken;
use tokenizers::models::bpe::BPE;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::Precompiled;

use super::class::Class;
use super::sentencepiece::{PieceKind, SentencePieces};
use super::unreadable;
use crate::model::files::{MERGES, PIECES, SENTENCEPIECES, TOKENIZER, VOCABULARY};
use crate::support::{Error, Result};

/// Vocabulary and added tokens, before a class makes a tokenizer of them.
pub(super) struct Parts {
    /// The file that they come from.
    pub(super) path: PathBuf,
    /// A whole tokenizer.json, or the vocabulary alone as its `model`.
    pub(super) file: Map<String, Value>,
    /// The table of characters of a sentencepiece model.
    pub(super) characters: Value,
    /// Tokens that a sentencepiece model sets apart.
    pub(super) extras: Option<Vec<AddedToken>>,
    /// Number of the unknown token in a sentencepiece model.
    pub(super) unknown: Option<usize>,
}

impl Parts {
    /// The parts of a whole tokenizer.json.
    pub(super) fn of_file(path: &Path, file: Map<String, Value>) -> Self {
        let normalizer = file.get("normalizer").unwrap_or(&Value::Null);
        let steps = match normalizer.get("normalizers").and_then(Value::as_array) {
            Some(steps) => steps.as_slice(),
            None => std::slice::from_ref(normalizer),
        };
        let table = steps.iter().find(|step| step["type"] == "Precompiled");
        Self {
            path: path.to_owned(),
            characters: table.cloned().unwrap_or_default(),
            file,
            extras: None,
            unknown: None,
        }
    }

    fn of_model(path: PathBuf, model: Value) -> Self {
        Self {
            path,
            file: Map::from_iter([("model".to_owned(), model)]),
            characters: Value::Null,
            extras: None,
            unknown: None,
        }
    }

    /// Reads the vocabulary files that a class has in place of a tokenizer.json.
    ///
    /// # Errors
    /// When they are missing or damaged.
    pub(super) fn read(dir: &Path, class: Class) -> Result<Self> {
        match class.model_type() {
            "WordPiece" => Self::word_pieces(dir),
            "BPE" => Self::byte_pairs(dir),
            _ => Self::sentence_pieces(dir, class),
        }
    }

    fn word_pieces(dir: &Path) -> Result<Self> {
        let path = dir.join(VOCABULARY);
        if !path.exists() {
            return Err(no_tokenizer(dir, &[TOKENIZER, VOCABULARY]));
        }
        let vocabulary =
            WordPiece::read_file(&path.to_string_lossy()).map_err(|e| unreadable(&path, e))?;
        let model = json!({
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": numbered(vocabulary),
        });
        Ok(Self::of_model(path, model))
    }

    fn byte_pairs(dir: &Path) -> Result<Self> {
        let (path, merges) = (dir.join(PIECES), dir.join(MERGES));
        if !path.exists() || !merges.exists() {
            return Err(no_tokenizer(dir, &[TOKENIZER, PIECES, MERGES]));
        }
        let (vocabulary, merges) =
            BPE::read_file(&path.to_string_lossy(), &merges.to_string_lossy())
                .map_err(|e| unreadable(&path, e))?;
        let model = json!({
            "type": "BPE",
            "dropout": null,
            "unk_token": null,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "",
            "fuse_unk": false,
            "byte_fallback": false,
            "ignore_merges": false,
            "vocab": numbered(vocabulary),
            "merges": merges,
        });
        Ok(Self::of_model(path, model))
    }

    fn sentence_pieces(dir: &Path, class: Class) -> Result<Self> {
        let path = SENTENCEPIECES.iter().map(|name| dir.join(name));
        let Some(path) = path.into_iter().find(|path| path.exists()) else {
            return Err(no_tokenizer(
                dir,
                &[TOKENIZER, SENTENCEPIECES[0], SENTENCEPIECES[1]],
            ));
        };
        let pieces = SentencePieces::load(&path)?;
        let special = |text: &str, score: f64| json!([text, score]);
        let entries = |skipped: usize| {
            let rest = pieces.pieces.iter().skip(skipped);
            rest.map(|piece| json!([piece.text, piece.score]))
        };
        // The pieces of fairseq's models come after its own special tokens.
        let vocabulary: Vec<Value> = match class {
            Class::XlmRoberta => ["<s>", "<pad>", "</s>", "<unk>"]
                .map(|text| special(text, 0.0))
                .into_iter()
                .chain(entries(3))
                .chain([special("<mask>", 0.0)])
                .collect(),
            Class::Camembert => ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>"]
                .map(|text| special(text, 0.0))
                .into_iter()
                .chain([special("<unk>NOTUSED", -100.0)])
                .chain(entries(1))
                .chain([special("<mask>", 0.0)])
                .collect(),
            _ => entries(0).collect(),
        };
        let characters = match pieces.characters.is_empty() {
            true => Value::Null,
            false => {
                let table = Precompiled::from(&pieces.characters)
                    .map_err(|e| unreadable(&path, e.into()))?;
                serde_json::to_value(table)
                    .map_err(|e| Error::program("cannot write a table of characters").because(e))?
            }
        };
        let apart = pieces.pieces.iter().filter_map(|piece| match piece.kind {
            PieceKind::Control => Some(AddedToken::from(piece.text.clone(), true)),
            PieceKind::UserDefined => {
                Some(AddedToken::from(piece.text.clone(), false).normalized(false))
            }
            PieceKind::Other => None,
        });
        let model = json!({
            "type": "Unigram",
            "unk_id": pieces.unknown,
            "byte_fallback": false,
            "vocab": vocabulary,
        });
        Ok(Self {
            characters,
            extras: Some(apart.collect()),
            unknown: Some(pieces.unknown),
            ..Self::of_model(path, model)
        })
    }
}

fn numbered(vocabulary: impl IntoIterator<Item = (String, u32)>) -> Value {
    let entries = vocabulary.into_iter();
    Value::Object(entries.map(|(text, id)| (text, id.into())).collect())
}

/// Says which files were looked for.
pub(super) fn no_tokenizer(dir: &Path, names: &[&str]) -> Error {
    let names = match names {
        [only] => (*only).to_owned(),
        [first, rest @ ..] => format!("{first}, nor {}", rest.join(" and ")),
        [] => String::new(),
    };
    Error::input(format!(
        "the model directory `{}` has no {names}",
        dir.display()
    ))
    .hint("copy the tokenizer's files from where the model came from")
}
