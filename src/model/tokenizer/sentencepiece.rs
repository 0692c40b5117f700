//! Models of the sentencepiece library (`spm.model`, `sentencepiece.bpe.model`):
//! the few fields of its protocol buffer that say how texts are cut.
//!
//! The message is described in sentencepiece's `sentencepiece_model.proto`;
//! the encoding in the documentation of protocol buffers. Fields that are not
//! needed are passed over.

use std::path::Path;

use crate::support::{Error, Result, user_file};

/// What a piece stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// Text, the unknown token, or a byte.
    Other,
    /// A special token such as `<s>`.
    Control,
    /// Text that is never cut apart.
    UserDefined,
}

/// One piece of the vocabulary; its place in the list is its number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// The piece, with `▁` for a space.
    pub(super) text: String,
    /// Logarithm of its probability.
    pub(super) score: f32,
    /// What it stands for.
    pub(super) kind: PieceKind,
}

/// A sentencepiece model of the kind Unigram.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SentencePieces {
    /// All pieces in the order of their numbers.
    pub(super) pieces: Vec<Piece>,
    /// Number of the unknown token.
    pub(super) unknown: usize,
    /// The table that normalises characters, as sentencepiece packs it; empty
    /// if there is none.
    pub(super) characters: Vec<u8>,
}

/// The value of `TrainerSpec.model_type` for Unigram models, also when it is
/// missing.
const UNIGRAM: u64 = 1;

impl SentencePieces {
    /// Reads a model file.
    ///
    /// # Errors
    /// When the file cannot be read, is no sentencepiece model, or is one of
    /// another kind than Unigram.
    pub(super) fn load(path: &Path) -> Result<Self> {
        let bytes = user_file::bytes(path)?;
        let broken = || {
            Error::input(format!("`{}` is not a sentencepiece model", path.display()))
                .hint("copy the file again from where the model came from")
        };
        let (model, kind) = parse(&bytes).ok_or_else(broken)?;
        if model.pieces.is_empty() || model.unknown >= model.pieces.len() {
            return Err(broken());
        }
        if kind != UNIGRAM {
            return Err(Error::input(format!(
                "`{}` is not a Unigram model of sentencepiece, the only kind that is read",
                path.display()
            ))
            .hint("save the tokenizer with transformers, which writes a tokenizer.json"));
        }
        Ok(model)
    }
}

/// The model and its kind; none if the bytes are no such message.
fn parse(bytes: &[u8]) -> Option<(SentencePieces, u64)> {
    let mut model = SentencePieces {
        pieces: Vec::new(),
        unknown: 0,
        characters: Vec::new(),
    };
    let mut kind = UNIGRAM;
    for (field, value) in fields(bytes)? {
        match (field, value) {
            (1, Field::Bytes(piece)) => model.pieces.push(parse_piece(piece)?),
            (2, Field::Bytes(trainer)) => {
                for (field, value) in fields(trainer)? {
                    match (field, value) {
                        (3, Field::Number(number)) => kind = number,
                        (40, Field::Number(number)) => {
                            model.unknown = usize::try_from(number).ok()?;
                        }
                        _ => {}
                    }
                }
            }
            (3, Field::Bytes(normaliser)) => {
                for (field, value) in fields(normaliser)? {
                    if let (2, Field::Bytes(table)) = (field, value) {
                        model.characters = table.to_vec();
                    }
                }
            }
            _ => {}
        }
    }
    Some((model, kind))
}

fn parse_piece(bytes: &[u8]) -> Option<Piece> {
    let mut piece = Piece {
        text: String::new(),
        score: 0.0,
        kind: PieceKind::Other,
    };
    for (field, value) in fields(bytes)? {
        match (field, value) {
            (1, Field::Bytes(text)) => piece.text = std::str::from_utf8(text).ok()?.to_owned(),
            (2, Field::Four(bits)) => piece.score = f32::from_le_bytes(bits),
            (3, Field::Number(3)) => piece.kind = PieceKind::Control,
            (3, Field::Number(4)) => piece.kind = PieceKind::UserDefined,
            _ => {}
        }
    }
    Some(piece)
}

/// What a field of a message holds.
enum Field<'a> {
    Number(u64),
    Four([u8; 4]),
    Eight,
    Bytes(&'a [u8]),
}

/// The numbered fields of a message; none if the bytes are not one.
fn fields(mut rest: &[u8]) -> Option<Vec<(u64, Field<'_>)>> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        let key = number(&mut rest)?;
        let field = match key & 7 {
            0 => Field::Number(number(&mut rest)?),
            1 => take(&mut rest, 8).map(|_| Field::Eight)?,
            2 => {
                let length = usize::try_from(number(&mut rest)?).ok()?;
                Field::Bytes(take(&mut rest, length)?)
            }
            5 => Field::Four(take(&mut rest, 4)?.try_into().ok()?),
            _ => return None,
        };
        all.push((key >> 3, field));
    }
    Some(all)
}

/// A number of seven bits a byte, the lowest first.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (front, back) = rest.split_at_checked(length)?;
    *rest = back;
    Some(front)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<unk>`, the control piece `<s>` and `▁a` with score -1.5; unknown 0.
    const SMALL: &[u8] = b"\x0a\x09\x0a\x05<unk>\x18\x02\x0a\x07\x0a\x03<s>\x18\x03\
        \x0a\x0b\x0a\x04\xe2\x96\x81a\x15\x00\x00\xc0\xbf\
        \x12\x05\x18\x01\xc0\x02\x00\x1a\x04\x12\x02\x01\x02";

    #[test]
    fn a_model_is_read_with_its_pieces_and_characters() {
        let (model, kind) = parse(SMALL).expect("reads");
        assert_eq!(kind, UNIGRAM);
        let texts: Vec<&str> = model.pieces.iter().map(|piece| &piece.text[..]).collect();
        assert_eq!(texts, ["<unk>", "<s>", "▁a"]);
        assert_eq!(model.pieces[1].kind, PieceKind::Control);
        assert_eq!(model.pieces[2].score, -1.5);
        assert_eq!(model.characters, [1, 2]);
    }

    #[test]
    fn a_file_cut_off_within_a_field_is_refused() {
        assert!(parse(&SMALL[..SMALL.len() - 1]).is_none());
        assert!(parse(&SMALL[..5]).is_none());
    }

    #[test]
    fn other_kinds_of_models_are_refused() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("spm.model");
        let bpe: Vec<u8> = [SMALL, b"\x12\x02\x18\x02"].concat();
        std::fs::write(&path, bpe).expect("writes");
        let error = SentencePieces::load(&path).expect_err("another kind");
        assert!(error.to_string().contains("Unigram"), "{error}");
        std::fs::write(&path, "not a model").expect("writes");
        let error = SentencePieces::load(&path).expect_err("no model");
        assert_eq!(error.exit_code(), 2);
        assert!(error.remedy().is_some());
    }
}
