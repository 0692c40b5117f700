//! Batches without padding: the tokens of several texts, one after another.

use std::ops::Range;

use super::kernels::math::LANES;
use super::tokenizer::TokenizedText;

/// Texts packed into one list of tokens. Its buffers are reused.
#[derive(Debug, Clone, Default)]
pub struct Pack {
    ids: Vec<u32>,
    type_ids: Vec<u8>,
    /// Where each sequence begins, and last where the tokens end.
    offsets: Vec<usize>,
    /// As `offsets`, for the lengths filled up to whole vectors.
    padded: Vec<usize>,
    /// As `offsets`, for tokens × filled-up lengths.
    squares: Vec<usize>,
}

/// How large buffers for a pack must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PackSize {
    /// Number of sequences.
    pub sequences: usize,
    /// Number of tokens over all sequences.
    pub tokens: usize,
    /// Sum of the lengths filled up to whole vectors: the elements of one
    /// head's attention when each sequence asks once.
    pub padded: usize,
    /// The same when every token asks: sum of tokens × filled-up lengths.
    pub squares: usize,
}

/// A row of attention scores over so many tokens, filled up to whole vectors.
pub fn padded(length: usize) -> usize {
    length.next_multiple_of(LANES)
}

impl PackSize {
    /// The size that holds either.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self {
            sequences: self.sequences.max(other.sequences),
            tokens: self.tokens.max(other.tokens),
            padded: self.padded.max(other.padded),
            squares: self.squares.max(other.squares),
        }
    }

    /// The size of a pack with these lengths.
    pub fn of(lengths: impl IntoIterator<Item = usize>) -> Self {
        let mut size = Self::default();
        for length in lengths {
            size.sequences += 1;
            size.tokens += length;
            size.padded += padded(length);
            size.squares += length * padded(length);
        }
        size
    }
}

impl Pack {
    /// Packs texts.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a TokenizedText>) -> Self {
        let mut pack = Self::default();
        pack.refill(texts);
        pack
    }

    /// Replaces the content, keeping the memory.
    pub fn refill<'a>(&mut self, texts: impl IntoIterator<Item = &'a TokenizedText>) {
        self.clear();
        for text in texts {
            self.ids.extend_from_slice(&text.ids);
            self.type_ids.extend_from_slice(&text.type_ids);
            self.push_length(text.len());
        }
    }

    /// Replaces the content by sequences of these lengths without words, for
    /// work that starts at hidden states.
    pub fn refill_lengths(&mut self, lengths: &[usize]) {
        self.clear();
        for length in lengths {
            self.push_length(*length);
        }
    }

    fn clear(&mut self) {
        self.ids.clear();
        self.type_ids.clear();
        self.offsets.clear();
        self.padded.clear();
        self.squares.clear();
        self.offsets.push(0);
        self.padded.push(0);
        self.squares.push(0);
    }

    fn push_length(&mut self, length: usize) {
        self.offsets.push(self.tokens() + length);
        let last = |ends: &[usize]| ends.last().copied().unwrap_or(0);
        let (filled, squares) = (last(&self.padded), last(&self.squares));
        self.padded.push(filled + padded(length));
        self.squares.push(squares + length * padded(length));
    }

    /// Divides texts of these lengths, in order, into packs of at most so many
    /// tokens; a longer text gets its own.
    pub fn ranges(lengths: &[usize], most_tokens: usize) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let (mut start, mut tokens) = (0, 0);
        for (text, length) in lengths.iter().enumerate() {
            if text > start && tokens + length > most_tokens {
                ranges.push(start..text);
                (start, tokens) = (text, 0);
            }
            tokens += length;
        }
        if start < lengths.len() {
            ranges.push(start..lengths.len());
        }
        ranges
    }

    /// How large buffers must be.
    pub fn size(&self) -> PackSize {
        PackSize {
            sequences: self.sequences(),
            tokens: self.tokens(),
            padded: self.padded.last().copied().unwrap_or(0),
            squares: self.squares.last().copied().unwrap_or(0),
        }
    }

    /// Number of sequences.
    pub fn sequences(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Number of tokens over all sequences.
    pub fn tokens(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// Word id of each token.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Token type of each token.
    pub fn type_ids(&self) -> &[u8] {
        &self.type_ids
    }

    /// Where each sequence begins, and last where the tokens end.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// As [`Pack::offsets`], for the lengths filled up to whole vectors.
    pub fn padded(&self) -> &[usize] {
        &self.padded
    }

    /// As [`Pack::offsets`], for tokens × filled-up lengths.
    pub fn squares(&self) -> &[usize] {
        &self.squares
    }
}
