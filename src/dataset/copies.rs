//! Refusal of samples that copy a *check* or *final* text: a model taught its
//! own examination would pass it.
//!
//! The guard holds hashes only, and answers whether there is a copy, never of
//! what, so that nobody learns a sealed text by asking.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::Dataset;
use crate::records::{Role, Text};
use crate::support::folding;

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
            .map(|text| (whole(text), runs(text).collect()))
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
        let shares_run = runs(text).any(|run| self.runs.contains(&run));
        shares_run.then_some(Copy::Words)
    }
}

/// Knows the texts that anybody may see: *train*, *reserve*, *validation*,
/// *discovery*. A sample that repeats one of them teaches nothing new.
#[derive(Debug, Clone, Default)]
pub struct OwnTexts(HashMap<u64, usize>);

impl OwnTexts {
    /// The visible texts of a data set.
    pub fn new(dataset: &Dataset) -> Self {
        let examples: Vec<_> = dataset.examples.iter().enumerate().collect();
        let hashed: Vec<(u64, usize)> = examples
            .par_iter()
            .filter(|(_, example)| !matches!(example.role, Role::Check | Role::Final))
            .filter_map(|(index, example)| Some((whole(example.text()?), *index)))
            .collect();
        // Of equal texts the first one is named.
        Self(hashed.into_iter().rev().collect())
    }

    /// Index of the example with this text after folding case, spaces and
    /// punctuation, if there is one.
    pub fn example_with(&self, text: &Text) -> Option<usize> {
        self.0.get(&whole(text)).copied()
    }
}

fn whole(text: &Text) -> u64 {
    hash(&[text.folded()])
}

/// Hashes of the runs of [`COPIED_WORDS`] words in each part.
fn runs(text: &Text) -> impl Iterator<Item = u64> {
    let runs = text
        .parts()
        .flat_map(|part| folding::runs(part, COPIED_WORDS));
    runs.map(|run| hash(&run))
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
    fn visible_texts_are_known_again_however_they_are_written_and_sealed_ones_are_not() {
        let origin = Origin { file: 0, row: 1 };
        let texts = [
            ("Works great!", Role::Final),
            ("So, so bad.", Role::Train),
            ("so so BAD", Role::Discovery),
        ];
        let examples = texts.iter().enumerate().map(|(number, (text, role))| {
            let key = ExampleKey(number.to_string());
            Example::new(key, Text::single(*text), 0, *role, 0, 0, origin)
        });
        let own = OwnTexts::new(&Dataset {
            examples: examples.collect(),
            ..Dataset::default()
        });
        let found = |text: &str| own.example_with(&Text::single(text));
        assert_eq!(found("so so bad!"), Some(1));
        assert_eq!(found("works great"), None);
        assert_eq!(found("so bad"), None);
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
        let unspaced = "我给妈妈买了这个，她从那以后每天都在用，非常满意。";
        let guard_of_unspaced = self::guard(&[(unspaced, Role::Final), ("很好 😍", Role::Check)]);
        let refuses_unspaced = |text: &str| guard_of_unspaced.refuses(&Text::single(text));
        let copied = "真的：妈妈买了这个她从那以后每天都在用！";
        assert_eq!(refuses_unspaced(copied), Some(Copy::Words));
        assert_eq!(refuses_unspaced("她从那以后每天都在用"), None);
        assert_eq!(refuses_unspaced("很好😍"), Some(Copy::Equal));
        assert_eq!(refuses_unspaced("很好 😡"), None);
        assert_eq!(refuses("it works great for me"), None);
        assert_eq!(refuses("she has used it every day since"), None);
        assert_eq!(
            refuses("A train text that may well be used again in a lesson"),
            None
        );
    }
}
