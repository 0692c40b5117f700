//! Which words a model's answer rests on: each is left out in turn, and what
//! that does to the probability of the answer is its effect (occlusion). It
//! needs no gradient, means the same for every model, and is exact for what
//! it says: "without this word".

use std::ops::Range;

use super::predictions::{Prediction, softmax};
use super::score::{aside, classify};
use crate::model::tokenizer::Place;
use crate::model::{Classifier, TokenizedText};
use crate::records::{Label, Text};
use crate::support::{Progress, Result};

/// Variants of a text that are scored at most: in longer texts several words
/// in a row are left out together.
const MOST_VARIANTS: usize = 96;
/// Variants that are scored before a cancel is looked for, and before a live
/// prediction may come in between.
const AT_ONCE: usize = 8;

/// A word, or several in a row, and what it does to the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct WordEffect {
    /// Whether it stands in the second text of a pair.
    pub second: bool,
    /// Where it stands in its text, in bytes.
    pub range: Range<usize>,
    /// Probability of the answer minus its probability without the word:
    /// above 0, the word speaks for the answer.
    pub effect: f32,
}

impl WordEffect {
    /// The word as it stands in the text that it is of.
    pub fn of<'t>(&self, text: &'t Text) -> &'t str {
        let part = match self.second {
            true => text.second.as_deref().unwrap_or_default(),
            false => &text.first,
        };
        part.get(self.range.clone()).unwrap_or_default()
    }
}

/// What the words of a text do to a model's answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Saliency {
    /// The answer.
    pub label: Label,
    /// Its probability for the whole text.
    pub probability: f32,
    /// Temperature that all probabilities are made with.
    pub temperature: f32,
    /// The words that the model reads, in their order.
    pub words: Vec<WordEffect>,
    /// Whether the text is longer than what the model reads.
    pub cut: bool,
}

impl Saliency {
    /// The words with the largest effect, whatever its sign.
    pub fn strongest(&self, number: usize) -> Vec<&WordEffect> {
        let mut words: Vec<&WordEffect> = self.words.iter().collect();
        words.sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()));
        words.truncate(number);
        words
    }
}

/// Leaves out each word of a text in turn. The text is cut to `max_tokens`
/// first, so that no word that the model never read comes in where another
/// was taken out.
///
/// Confidences are divided by `temperature` as everywhere else. Runs on the
/// thread of live predictions, off the pool that trains.
///
/// # Errors
/// When the tokenizer fails, or when cancelled.
pub fn saliency(
    model: &Classifier,
    text: &Text,
    max_tokens: usize,
    temperature: f32,
    progress: &Progress,
) -> Result<Saliency> {
    let second = text.second.as_deref();
    let tokenizer = model.tokenizer();
    let (tokens, places) = tokenizer.encode_with_places(&text.first, second, max_tokens)?;
    let spans = spans(text, &places);
    let mut variants = vec![tokens.clone()];
    variants.extend(spans.iter().map(|span| without(&tokens, &span.tokens)));
    progress.stage("Leaving out each word", Some(variants.len() as u64));
    let mut answers = Vec::with_capacity(variants.len());
    for some in variants.chunks(AT_ONCE) {
        progress.check()?;
        let scores = aside(|| classify(model, some, &Progress::silent()))??;
        answers.extend(scores.rows().map(|logits| softmax(logits, temperature)));
        progress.done(answers.len() as u64);
    }
    let (whole, others) = answers
        .split_first()
        .map_or((&[][..], &[][..]), |(a, b)| (a, b));
    let answer = Prediction::among(whole);
    let words = spans
        .into_iter()
        .zip(others)
        .map(|(span, without)| WordEffect {
            second: span.second,
            range: span.range,
            effect: answer.confidence - without[usize::from(answer.label)],
        });
    Ok(Saliency {
        label: answer.label,
        probability: answer.confidence,
        temperature,
        words: words.collect(),
        cut: is_cut(text, &places),
    })
}

/// Some words in a row, and the tokens that stand for them.
struct Span {
    second: bool,
    range: Range<usize>,
    tokens: Range<usize>,
}

/// The words that the model reads, joined to at most [`MOST_VARIANTS`].
fn spans(text: &Text, places: &[Option<Place>]) -> Vec<Span> {
    let mut words: Vec<Span> = Vec::new();
    for (token, place) in places.iter().enumerate() {
        let Some(place) = place else { continue };
        let part = match (place.second, &text.second) {
            (true, Some(second)) => second,
            _ => &text.first,
        };
        match words.last_mut() {
            Some(last) if last.second == place.second && belongs(part, last, place) => {
                last.range.end = last.range.end.max(place.end);
                last.tokens.end = token + 1;
            }
            _ => words.push(Span {
                second: place.second,
                range: place.start..place.end,
                tokens: token..token + 1,
            }),
        }
    }
    let together = words.len().div_ceil(MOST_VARIANTS).max(1);
    let mut joined: Vec<Span> = Vec::new();
    let mut in_last = 0;
    for word in words {
        match joined.last_mut() {
            Some(last) if in_last < together && last.second == word.second => {
                last.range.end = word.range.end;
                last.tokens.end = word.tokens.end;
                in_last += 1;
            }
            _ => {
                joined.push(word);
                in_last = 1;
            }
        }
    }
    joined
}

/// Whether a token goes on with the word before it: pieces of a word, signs
/// within one such as the apostrophe of "isn't", and runs of signs have no
/// space between them; a sign at the end of a word is a word of its own.
fn belongs(part: &str, word: &Span, next: &Place) -> bool {
    let has_letters = |range: Range<usize>| {
        let written = part.get(range);
        written.is_some_and(|written| written.contains(char::is_alphanumeric))
    };
    if next.start > word.range.end {
        return false;
    }
    match (
        has_letters(word.range.clone()),
        has_letters(next.start..next.end),
    ) {
        (true, true) | (false, false) => true,
        (false, true) => false,
        (true, false) => {
            let rest = part.get(next.end..).unwrap_or_default();
            rest.starts_with(char::is_alphanumeric)
        }
    }
}

/// Whether the text goes on after the last token of one of its parts.
fn is_cut(text: &Text, places: &[Option<Place>]) -> bool {
    let read = |second: bool| {
        let of_part = places.iter().flatten().filter(|p| p.second == second);
        of_part.map(|place| place.end).max().unwrap_or(0)
    };
    let beyond =
        |part: &str, end: usize| part.get(end..).is_some_and(|rest| !rest.trim().is_empty());
    beyond(&text.first, read(false))
        || text
            .second
            .as_deref()
            .is_some_and(|part| beyond(part, read(true)))
}

fn without(tokens: &TokenizedText, range: &Range<usize>) -> TokenizedText {
    let rest = |at: &usize| !range.contains(at);
    let kept: Vec<usize> = (0..tokens.len()).filter(rest).collect();
    TokenizedText {
        ids: kept.iter().map(|at| tokens.ids[*at]).collect(),
        type_ids: kept.iter().map(|at| tokens.type_ids[*at]).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::predict_one;
    use crate::model::fixture::tiny_model;

    fn model() -> Classifier {
        let folder = tempfile::tempdir().expect("temporary folder");
        tiny_model(folder.path()).expect("writes");
        Classifier::load(folder.path()).expect("loads")
    }

    fn words<'a>(text: &'a Text, found: &Saliency) -> Vec<&'a str> {
        let part = |second: bool| match (second, &text.second) {
            (true, Some(part)) => part.as_str(),
            _ => text.first.as_str(),
        };
        let words = found.words.iter();
        words.map(|w| &part(w.second)[w.range.clone()]).collect()
    }

    #[test]
    fn an_effect_is_what_scoring_without_the_word_says() {
        let model = model();
        let text = Text::single("A great film, isn't it?");
        let found = saliency(&model, &text, 64, 1.0, &Progress::silent()).expect("works");
        let written = ["A", "great", "film", ",", "isn't", "it", "?"];
        assert_eq!(words(&text, &found), written);
        assert!(!found.cut);

        let says = |text: &str| {
            let tokens = model.tokenizer().encode(text, None, 64).expect("encodes");
            let (logits, _) = predict_one(&model, &tokens).expect("predicts");
            softmax(&logits, 1.0)[usize::from(found.label)]
        };
        assert!((found.probability - says(&text.first)).abs() < 1e-5);
        for (word, left) in [(1, "A film, isn't it?"), (4, "A great film, it?")] {
            let expected = says(&text.first) - says(left);
            let effect = found.words[word].effect;
            assert!((effect - expected).abs() < 1e-5, "{effect} {expected}");
        }
        let strongest = found.strongest(2);
        assert!(strongest[0].effect.abs() >= strongest[1].effect.abs());
    }

    #[test]
    fn pairs_accents_and_long_texts_keep_their_places() {
        let model = model();
        let long = "größer als gut ".repeat(400);
        let text = Text::pair(long, "zwei — Wörter");
        let found = saliency(&model, &text, 128, 1.0, &Progress::silent()).expect("works");
        assert!(found.cut);
        assert!(found.words.len() <= MOST_VARIANTS + 2);
        assert_eq!(words(&text, &found).last(), Some(&"Wörter"));
        let ends = found.words.windows(2);
        assert!(ends.into_iter().all(|two| two[0].second != two[1].second
            || two[0].range.end <= two[1].range.start));
    }

    #[test]
    fn a_cancel_is_heard() {
        let progress = Progress::silent();
        progress.cancel();
        let text = Text::single("a great film");
        assert!(saliency(&model(), &text, 64, 1.0, &progress).is_err());
    }
}
