//! What a text has, yes or no: the words in it, and simple features.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::records::{Pattern, Text};
use crate::support::folding::terms;
use crate::support::function_words::as_written;

/// Words that turn a text round: English ones, and the commonest of a few
/// other languages.
const NEGATIONS: &str = "not, no, never, nothing, nobody, none, neither, nor, without, cannot, \
    nicht, kein, keine, nie, jamais, nunca";

/// Something that a text has or has not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// A word or symbol, folded.
    Word(String),
    /// More than so many characters, as three quarters of the texts have not.
    Long(usize),
    /// Fewer than so many characters, as three quarters of the texts have not.
    Short(usize),
    /// A negation.
    Negation,
    /// A question mark.
    Question,
    /// A digit.
    Digits,
    /// A mentioned account.
    Mention,
    /// A link, or what stands for one.
    Link,
    /// An emoji.
    Emoji,
    /// A word in capitals.
    Capitals,
}

impl Feature {
    /// What it is called.
    pub fn name(&self) -> String {
        match self {
            Self::Word(word) => as_written(word),
            Self::Long(than) => format!("more than {than} characters"),
            Self::Short(than) => format!("fewer than {than} characters"),
            Self::Negation => "a negation".into(),
            Self::Question => "a question mark".into(),
            Self::Digits => "a digit".into(),
            Self::Mention => "a mention".into(),
            Self::Link => "a link".into(),
            Self::Emoji => "an emoji".into(),
            Self::Capitals => "a word in capitals".into(),
        }
    }

    /// The hypothesis that it suggests, to be thought about.
    pub fn hypothesis(&self) -> String {
        match self {
            Self::Word(word) => format!("The text has “{}” in it", as_written(word)),
            Self::Long(_) | Self::Short(_) => format!("The text has {}", self.name()),
            other => format!("The text has {} in it", other.name()),
        }
    }

    /// The pattern of the texts that have it; none for a word that cannot be
    /// asked for.
    pub fn pattern(&self) -> Option<Pattern> {
        let typed = match self {
            Self::Word(word) if word.chars().all(char::is_alphanumeric) => word.clone(),
            // A sign of the language of patterns, or a symbol.
            Self::Word(word) => format!("\"{}\"", word.replace('"', "")),
            Self::Long(than) => format!("characters > {than}"),
            Self::Short(than) => format!("characters < {than}"),
            Self::Negation => format!(r"{NEGATIONS}, /n['’]t\b/i"),
            Self::Question => r"/[?？؟]/".into(),
            Self::Digits => r"/\p{Nd}/".into(),
            Self::Mention => r"/(^|\s)@\w/".into(),
            Self::Link => r"/https?\b|\bwww\.|\[url/i".into(),
            Self::Emoji => r"/\p{Extended_Pictographic}/".into(),
            Self::Capitals => r"/\b\p{Lu}{2,}\b/".into(),
        };
        typed.parse().ok()
    }
}

/// The simple features, with what finds them.
pub(super) struct Simple(Vec<(Feature, Pattern)>);

impl Simple {
    /// For texts that are short or long among some texts.
    pub(super) fn among<'a>(texts: impl Iterator<Item = &'a Text>) -> Self {
        let mut lengths: Vec<usize> = texts.map(length).collect();
        lengths.sort_unstable();
        let at = |quarter: usize| lengths.get(lengths.len() * quarter / 4).copied();
        Self::with((at(1).unwrap_or(0), at(3).unwrap_or(usize::MAX)))
    }

    fn with((short, long): (usize, usize)) -> Self {
        let all = [
            Feature::Long(long),
            Feature::Short(short),
            Feature::Negation,
            Feature::Question,
            Feature::Digits,
            Feature::Mention,
            Feature::Link,
            Feature::Emoji,
            Feature::Capitals,
        ];
        let found = all.into_iter();
        Self(
            found
                .filter_map(|one| Some((one.clone(), one.pattern()?)))
                .collect(),
        )
    }

    /// All that a text has: words and simple features.
    pub(super) fn of(&self, text: &Text) -> BTreeSet<Feature> {
        let words = text.parts().flat_map(terms);
        let words = words.map(|(_, word)| Feature::Word(word));
        let simple = self.0.iter().filter(|(_, pattern)| pattern.matches(text));
        words
            .chain(simple.map(|(feature, _)| feature.clone()))
            .collect()
    }
}

fn length(text: &Text) -> usize {
    text.parts().map(|part| part.chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_features_are_found_and_are_not_where_they_are_not() {
        let simple = Simple::with((5, 40));
        let of = |text: &str| -> Vec<Feature> {
            let found = simple.of(&Text::single(text)).into_iter();
            found
                .filter(|feature| !matches!(feature, Feature::Word(_)))
                .collect()
        };
        use Feature::{Capitals, Digits, Emoji, Link, Long, Mention, Negation, Question, Short};
        assert_eq!(of("a fine film, and I mean it"), []);
        assert_eq!(of("isn't it fine? ok"), [Negation, Question]);
        assert_eq!(of("@ann see 2 of http://t.co"), [Digits, Mention, Link]);
        assert_eq!(of("so GOOD 😍"), [Emoji, Capitals]);
        assert_eq!(of("oh"), [Short(5)]);
        assert_eq!(of(&"long ".repeat(20)), [Long(40)]);
        assert_eq!(of("mail a@b and wait..."), []);
    }

    #[test]
    fn a_word_is_asked_for_as_it_is_found() {
        for (text, word) in [
            ("I write C++ now", "c++"),
            ("so funny", "funny"),
            ("5 😒", "😒"),
        ] {
            let word = Feature::Word(word.into());
            let text = Text::single(text);
            assert!(Simple::with((0, 99)).of(&text).contains(&word), "{word:?}");
            let lower = Text::single(text.first.to_lowercase());
            let pattern = word.pattern().expect("can be asked for");
            assert!(pattern.matches(&lower), "{pattern:?}");
        }
    }
}
