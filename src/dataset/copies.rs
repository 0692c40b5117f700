//! Refusal of samples that copy a *check* or *final* text: a model taught its
//! own examination would pass it.
//!
//! The guard holds hashes only, and answers whether there is a copy, never of
//! what, so that nobody learns a sealed text by asking.

use std::collections::HashSet;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::Dataset;
use crate::records::{Role, Text};
use crate::support::text;

/// Words of a run that make a copy.
pub const COPIED_WORDS: usize = 8;

/// Cosine similarity of embeddings from which a sample counts as a copy.
pub const COPIED_COSINE: f32 = 0.95;

/// Why a sample is refused. It tells nothing of the text that is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    /// Equal after folding case, spaces and punctuation.
    Equal,
    /// Shares a run of [`COPIED_WORDS`] words.
    Words,
    /// Its embedding is nearer than [`COPIED_COSINE`].
    Meaning,
}

impl Copy {
    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Copy::Equal => "it equals a text that the comparison is made on",
            Copy::Words => {
                "it shares eight words in a row with a text that the comparison is made on"
            }
            Copy::Meaning => "it says nearly the same as a text that the comparison is made on",
        }
    }

    /// What a sample is rejected with.
    pub fn refusal(self) -> String {
        format!("refused: {}", self.reason())
    }
}

/// Knows the texts of *check* and *final* by their hashes.
#[derive(Debug, Clone, Default)]
pub struct CopyGuard {
    whole: HashSet<u64>,
    runs: HashSet<u64>,
}

impl CopyGuard {
    /// A guard of the *check* and *final* texts of a data set.
    pub fn new(dataset: &Dataset) -> Self {
        let guarded: Vec<&Text> = dataset
            .examples
            .iter()
            .filter(|example| matches!(example.role, Role::Check | Role::Final))
            .map(|example| example.sealed_text())
            .collect();
        let hashed: Vec<(u64, Vec<u64>)> = guarded
            .par_iter()
            .map(|text| (whole(text), parts(text).flat_map(runs).collect()))
            .collect();
        let mut guard = Self::default();
        for (whole, runs) in hashed {
            guard.whole.insert(whole);
            guard.runs.extend(runs);
        }
        guard
    }

    /// Whether a text copies a guarded one by its words.
    ///
    /// Of a pair, each part is held against each part of the guarded texts:
    /// one premise may serve several rows, but not across the border between
    /// teaching and comparing.
    pub fn refuses(&self, text: &Text) -> Option<Copy> {
        if self.whole.contains(&whole(text)) {
            return Some(Copy::Equal);
        }
        let shares_run = parts(text)
            .flat_map(runs)
            .any(|run| self.runs.contains(&run));
        shares_run.then_some(Copy::Words)
    }
}

/// Whether an embedding is nearer than [`COPIED_COSINE`] to a guarded one.
///
/// `guarded` holds rows of `sample.len()` numbers, one behind the other. Rows
/// and sample need not be normalised; a row of zeros is like nothing.
pub fn refuses_embedding(sample: &[f32], guarded: &[f32]) -> Option<Copy> {
    let norm = dot(sample, sample).sqrt();
    if sample.is_empty() || norm <= 0.0 {
        return None;
    }
    let near = guarded.chunks_exact(sample.len()).any(|row| {
        let lengths = norm * dot(row, row).sqrt();
        lengths > 0.0 && dot(sample, row) >= COPIED_COSINE * lengths
    });
    near.then_some(Copy::Meaning)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn parts(text: &Text) -> impl Iterator<Item = &str> {
    std::iter::once(text.first.as_str()).chain(text.second.as_deref())
}

fn whole(text: &Text) -> u64 {
    let folded: Vec<String> = parts(text).map(text::folded).collect();
    hash(&folded)
}

fn runs(part: &str) -> Vec<u64> {
    text::words(part).windows(COPIED_WORDS).map(hash).collect()
}

fn hash(words: &[String]) -> u64 {
    let mut hasher = Sha256::new();
    for word in words {
        hasher.update((word.len() as u64).to_le_bytes());
        hasher.update(word);
    }
    let digest = hasher.finalize();
    digest
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Example, Origin};
    use crate::records::ExampleKey;

    fn guard(texts: &[(&str, Role)]) -> CopyGuard {
        let origin = Origin { file: 0, row: 1 };
        let examples = texts.iter().enumerate().map(|(number, (text, role))| {
            let key = ExampleKey(number.to_string());
            Example::new(key, Text::single(*text), 0, *role, 0, 0, origin)
        });
        CopyGuard::new(&Dataset {
            examples: examples.collect(),
            ..Dataset::default()
        })
    }

    #[test]
    fn copies_of_check_and_final_are_refused_and_others_not() {
        let long = "I bought this for my mother and she has used it every day since then.";
        let guard = guard(&[
            (long, Role::Final),
            ("Works great!", Role::Check),
            (
                "A train text that may well be used again in a lesson",
                Role::Train,
            ),
        ]);
        let refuses = |text: &str| guard.refuses(&Text::single(text));
        assert_eq!(refuses("works GREAT"), Some(Copy::Equal));
        let part = "As she has used it every day since then, no doubt";
        assert_eq!(refuses(part), Some(Copy::Words));
        assert_eq!(refuses("it works great for me"), None);
        assert_eq!(refuses("she has used it every day since"), None);
        assert_eq!(
            refuses("A train text that may well be used again in a lesson"),
            None
        );
    }

    #[test]
    fn near_embeddings_are_refused_whatever_their_length() {
        let guarded = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(
            refuses_embedding(&[3.0, 0.3, 0.0], &guarded),
            Some(Copy::Meaning)
        );
        assert_eq!(refuses_embedding(&[1.0, 1.0, 0.0], &guarded), None);
        assert_eq!(refuses_embedding(&[0.0; 3], &guarded), None);
    }
}
