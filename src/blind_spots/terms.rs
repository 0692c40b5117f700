//! Words that tell a blind spot from the examples that the model gets right.

use std::collections::{BTreeMap, BTreeSet};

use super::naming;
use crate::records::{Term, Text};
use crate::support::folding::terms;

/// Added to every count, so that a word seen on one side only has a finite
/// ratio.
const SMOOTHING: f32 = 0.5;
/// Terms that are listed at most.
const MOST_TERMS: usize = 12;

/// In how many of some texts each word occurs.
#[derive(Debug, Default)]
pub(super) struct WordCounts {
    texts: usize,
    by_word: BTreeMap<String, usize>,
}

impl WordCounts {
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a Text>) -> Self {
        let mut counts = Self::default();
        for text in texts {
            counts.texts += 1;
            let terms = text.parts().flat_map(terms);
            let distinct: BTreeSet<String> = terms.map(|(_, term)| term).collect();
            for word in distinct {
                *counts.by_word.entry(word).or_default() += 1;
            }
        }
        counts
    }

    fn of_word(&self, word: &str) -> usize {
        self.by_word.get(word).copied().unwrap_or(0)
    }
}

/// The words that are commoner inside than outside, best first.
///
/// The score is the smoothed log-odds ratio of a text holding the word, in
/// standard errors, so that neither a stop word (common everywhere) nor a
/// word that happened to occur once inside comes first (Monroe, Colaresi,
/// Quinn: Fightin' Words, Political Analysis 16, 2008; here on texts rather
/// than occurrences, with a flat prior). A word must occur in two texts
/// inside, or in all of fewer than two. Those that make its name are kept
/// however weak they are beside others.
pub(super) fn distinctive(inside: &WordCounts, outside: &WordCounts) -> Vec<Term> {
    if outside.texts == 0 {
        return Vec::new();
    }
    let fewest = inside.texts.min(2);
    let mut terms: Vec<Term> = (inside.by_word.iter())
        .filter(|(_, count)| **count >= fewest)
        .map(|(word, count)| {
            let beyond = outside.of_word(word);
            Term {
                word: word.clone(),
                inside: *count,
                outside: beyond,
                score: score((*count, inside.texts), (beyond, outside.texts)),
            }
        })
        .filter(|term| term.score > 0.0)
        .collect();
    terms.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.word.cmp(&b.word)));
    let mut place = 0;
    let mut named = 0;
    terms.retain(|term| {
        place += 1;
        let in_name = named < naming::MOST && naming::names(term, inside.texts);
        named += usize::from(in_name);
        place <= MOST_TERMS || in_name
    });
    terms
}

/// Log-odds ratio in standard errors of two `(texts with the word, texts)`.
fn score(inside: (usize, usize), outside: (usize, usize)) -> f32 {
    let side = |(with, texts): (usize, usize)| {
        let with_word = with as f32 + SMOOTHING;
        let without = (texts - with) as f32 + SMOOTHING;
        ((with_word / without).ln(), 1.0 / with_word + 1.0 / without)
    };
    let ((log_in, variance_in), (log_out, variance_out)) = (side(inside), side(outside));
    (log_in - log_out) / (variance_in + variance_out).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(texts: &[&str]) -> WordCounts {
        let texts: Vec<Text> = texts.iter().map(|text| Text::single(*text)).collect();
        WordCounts::of(&texts)
    }

    #[test]
    fn the_planted_word_comes_before_stop_words_and_accidents() {
        let inside: Vec<String> = (0..12)
            .map(|i| format!("The film is funny, the joke it's about no{i}"))
            .collect();
        let outside: Vec<String> = (0..80)
            .map(|i| {
                let the = if i % 5 == 0 { "a" } else { "the" };
                format!("{the} film is about no{i}, 42")
            })
            .collect();
        let of = |texts: &[String]| counts(&texts.iter().map(String::as_str).collect::<Vec<_>>());
        let terms = distinctive(&of(&inside), &of(&outside));
        let best: Vec<&str> = terms
            .iter()
            .take(3)
            .map(|term| term.word.as_str())
            .collect();
        assert_eq!(best, ["funny", "it", "joke"]);
        assert_eq!((terms[0].inside, terms[0].outside), (12, 0));
        assert!(terms.iter().all(|term| !term.word.starts_with("no")));
    }

    #[test]
    fn nothing_distinctive_makes_no_name() {
        let same = counts(&["one text", "one text"]);
        assert!(distinctive(&same, &same).is_empty());
        assert!(distinctive(&WordCounts::default(), &same).is_empty());
        assert!(distinctive(&same, &WordCounts::default()).is_empty());
    }
}
