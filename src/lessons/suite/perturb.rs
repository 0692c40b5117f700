//! Changes of a text that must not change the answer: what a model does under
//! them is asked without anybody labelling a new text (the invariance tests of
//! Ribeiro, Wu, Guestrin, Singh: Beyond Accuracy, ACL 2020).
//!
//! Each text draws from a generator of its own, so a text that joins or leaves
//! the suite changes no other.

use std::sync::LazyLock;

use rand::Rng as _;
use rand::seq::SliceRandom as _;
use regex::Regex;

use crate::records::{Rewrite, Text};
use crate::support::rng::{self, Rng};

/// Letters of the shortest word that gets a typo.
const SHORTEST: usize = 4;
/// One word in this many gets a typo, at least one of a text.
const TYPO_ONE_IN: usize = 10;

/// First names that are no other words, by who bears them: a name is exchanged
/// for one that “he” and “she” in the text still fit.
const NAMES: [&[&str]; 2] = [
    &[
        "Anna", "Maria", "Laura", "Julia", "Emma", "Sarah", "Lisa", "Nina", "Sofia", "Elena",
        "Fatima", "Aisha", "Priya", "Jennifer", "Jessica", "Olga",
    ],
    &[
        "John", "Michael", "David", "Peter", "Paul", "Thomas", "Daniel", "James", "Robert",
        "Ahmed", "Omar", "Ivan", "Carlos", "Kevin", "Brian", "Johannes",
    ],
];
/// Accounts that nobody is asked about.
const ACCOUNTS: [&str; 4] = ["@someone", "@friend", "@user123", "@neighbour"];

/// What ends a sentence that is no question and no exclamation.
const FULL_STOPS: [char; 4] = ['.', '。', '।', '۔'];

static LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:https?://|www\.)\S+").ok());
static MENTION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(^|\s)@\w+").ok());

/// A kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Perturbation {
    /// Two neighbouring letters inside a word change places.
    Typos,
    /// Capitals become small; a text without any gets one.
    Case,
    /// The full stop at the end goes, or comes.
    Punctuation,
    /// First names become others.
    Names,
    /// Links become another, or one is added.
    Links,
    /// Mentioned accounts become others, or one is added.
    Mentions,
}

impl Perturbation {
    /// All of them, in the order of the tables.
    pub const ALL: [Self; 6] = [
        Self::Typos,
        Self::Case,
        Self::Punctuation,
        Self::Names,
        Self::Links,
        Self::Mentions,
    ];

    /// Its name in tables and ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::Typos => "typos",
            Self::Case => "case",
            Self::Punctuation => "punctuation",
            Self::Names => "names",
            Self::Links => "links",
            Self::Mentions => "mentions",
        }
    }

    /// The text so changed; `None` where there is nothing to change, as without
    /// a first name in it.
    pub fn of(self, text: &Text, seed: u64) -> Option<Text> {
        let mut rng = rng::seeded(seed, &format!("{} {}", self.name(), text.joined()));
        let in_each = |change: fn(&str, &mut Rng) -> String, rng: &mut Rng| Text {
            first: change(&text.first, rng),
            second: text.second.as_deref().map(|second| change(second, rng)),
        };
        let in_first = |change: fn(&str, &mut Rng) -> String, rng: &mut Rng| Text {
            first: change(&text.first, rng),
            second: text.second.clone(),
        };
        let changed = match self {
            Self::Typos => in_each(typos, &mut rng),
            Self::Case => in_each(case, &mut rng),
            Self::Punctuation => in_each(punctuation, &mut rng),
            Self::Names => in_each(names, &mut rng),
            Self::Links => in_first(links, &mut rng),
            Self::Mentions => in_first(mentions, &mut rng),
        };
        (changed != *text).then_some(changed)
    }
}

/// A text rewritten by a pattern of the project; `None` where it finds nothing.
pub fn rewritten(text: &Text, pattern: &Regex, of: &Rewrite) -> Option<Text> {
    let part = |part: &str| pattern.replace_all(part, of.replace.as_str()).into_owned();
    let changed = Text {
        first: part(&text.first),
        second: text.second.as_deref().map(part),
    };
    (changed != *text).then_some(changed)
}

/// Runs of letters, as ranges of bytes, without those of links, mentions and
/// hashtags.
fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut words = Vec::new();
    let mut from = 0;
    for token in text.split_inclusive(char::is_whitespace) {
        let is_address =
            token.contains("://") || token.starts_with(['@', '#']) || token.starts_with("www.");
        if !is_address {
            let mut start = None;
            let ends = token.char_indices().chain([(token.len(), ' ')]);
            for (at, letter) in ends {
                match (letter.is_alphabetic(), start) {
                    (true, None) => start = Some(at),
                    (false, Some(begun)) => {
                        words.push(from + begun..from + at);
                        start = None;
                    }
                    _ => {}
                }
            }
        }
        from += token.len();
    }
    words
}

/// Two neighbouring letters inside some words change places. Only alphabets
/// with capitals: elsewhere two exchanged signs may well be another word.
fn typos(text: &str, rng: &mut Rng) -> String {
    let all = words(text);
    let has_case = |letter: char| letter.is_lowercase() || letter.is_uppercase();
    let swaps = |word: &std::ops::Range<usize>| -> Vec<usize> {
        let letters: Vec<char> = text[word.clone()].chars().collect();
        if letters.len() < SHORTEST || !letters.iter().all(|letter| has_case(*letter)) {
            return Vec::new();
        }
        let inside = 1..letters.len() - 2;
        inside
            .filter(|at| letters[*at] != letters[at + 1])
            .collect()
    };
    let mut able: Vec<_> = all.iter().filter(|word| !swaps(word).is_empty()).collect();
    able.shuffle(rng);
    able.truncate((all.len() / TYPO_ONE_IN).max(1));
    able.sort_by_key(|word| word.start);
    let (mut changed, mut done) = (String::with_capacity(text.len()), 0);
    for word in able {
        let mut letters: Vec<char> = text[word.clone()].chars().collect();
        if let Some(at) = swaps(word).choose(rng) {
            letters.swap(*at, at + 1);
        }
        changed += &text[done..word.start];
        changed.extend(letters);
        done = word.end;
    }
    changed + &text[done..]
}

fn case(text: &str, _: &mut Rng) -> String {
    let small = text.to_lowercase();
    if small != text {
        return small;
    }
    let first = text
        .char_indices()
        .find(|(_, letter)| letter.is_lowercase());
    match first {
        Some((at, letter)) => {
            let after = at + letter.len_utf8();
            format!("{}{}{}", &text[..at], letter.to_uppercase(), &text[after..])
        }
        None => small,
    }
}

fn punctuation(text: &str, _: &mut Rng) -> String {
    let bare = text.trim_end();
    match bare.strip_suffix(FULL_STOPS) {
        // Of three dots, one less would be a mistake and not a change.
        Some(rest) if !rest.ends_with(FULL_STOPS) => rest.to_owned(),
        None if bare.ends_with(|last: char| last.is_lowercase() || last.is_ascii_digit()) => {
            format!("{bare}.")
        }
        _ => text.to_owned(),
    }
}

fn names(text: &str, rng: &mut Rng) -> String {
    let mut exchanged: Vec<(&str, &str)> = Vec::new();
    let (mut changed, mut done) = (String::with_capacity(text.len()), 0);
    for word in words(text) {
        let name = &text[word.clone()];
        let Some(others) = NAMES.iter().find(|names| names.contains(&name)) else {
            continue;
        };
        let known = exchanged.iter().find(|(before, _)| *before == name);
        let new = match known {
            Some((_, new)) => new,
            None => {
                let others: Vec<&&str> = others
                    .iter()
                    .filter(|other| !text.contains(**other))
                    .collect();
                let Some(new) = others.choose(rng) else {
                    continue;
                };
                exchanged.push((name, new));
                **new
            }
        };
        changed += &text[done..word.start];
        changed += new;
        done = word.end;
    }
    changed + &text[done..]
}

fn links(text: &str, rng: &mut Rng) -> String {
    let page: String = (0..6).map(|_| rng.gen_range('a'..='z')).collect();
    let link = format!("https://example.org/{page}");
    match LINK.as_ref().filter(|pattern| pattern.is_match(text)) {
        Some(pattern) => pattern.replace_all(text, link.as_str()).into_owned(),
        None => format!("{} {link}", text.trim_end()),
    }
}

fn mentions(text: &str, rng: &mut Rng) -> String {
    let free: Vec<&&str> = ACCOUNTS
        .iter()
        .filter(|account| !text.contains(**account))
        .collect();
    let Some(account) = free.choose(rng) else {
        return text.to_owned();
    };
    match MENTION.as_ref().filter(|pattern| pattern.is_match(text)) {
        Some(pattern) => pattern
            .replace_all(text, format!("${{1}}{account}"))
            .into_owned(),
        None => format!("{account} {}", text.trim_start()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn changed(kind: Perturbation, text: &str) -> Option<String> {
        kind.of(&Text::single(text), 0).map(|text| text.first)
    }

    #[test]
    fn each_kind_changes_what_it_is_about_and_nothing_else() {
        use Perturbation::{Case, Links, Mentions, Names, Punctuation, Typos};
        let typo = changed(Typos, "see https://a.example/funny wonderful #lovely").expect("a word");
        assert!(typo.starts_with("see https://a.example/funny w") && typo.ends_with("l #lovely"));
        assert_ne!(typo, "see https://a.example/funny wonderful #lovely");
        assert_eq!(changed(Typos, "oh no"), None, "no word is long enough");
        assert_eq!(changed(Typos, "不好看的电影"), None);

        assert_eq!(changed(Case, "So GOOD").as_deref(), Some("so good"));
        assert_eq!(changed(Case, "so good").as_deref(), Some("So good"));
        assert_eq!(changed(Case, "很好"), None);

        assert_eq!(changed(Punctuation, "fine.").as_deref(), Some("fine"));
        assert_eq!(changed(Punctuation, "fine").as_deref(), Some("fine."));
        for kept in ["really?", "wait...", "wow!", ":)"] {
            assert_eq!(changed(Punctuation, kept), None, "{kept}");
        }

        let named = changed(Names, "John and Anna, so John").expect("names");
        let words: Vec<&str> = named.split(' ').collect();
        assert_eq!(words[0], words[4], "{named}");
        assert!(
            NAMES[1].contains(&words[0]) && words[0] != "John",
            "{named}"
        );
        assert!(
            NAMES[0].contains(&words[2].trim_end_matches(',')),
            "{named}"
        );
        assert_eq!(changed(Names, "he said it is funny"), None);

        let link = changed(Links, "look").expect("added");
        assert!(link.starts_with("look https://example.org/"), "{link}");
        let link = changed(Links, "look www.a.example/x now").expect("replaced");
        assert!(
            link.starts_with("look https://example.org/") && link.ends_with(" now"),
            "{link}"
        );

        let mention = changed(Mentions, "hi @anna_b and mail a@b.example").expect("replaced");
        assert!(mention.ends_with(" and mail a@b.example"), "{mention}");
        assert!(!mention.contains("@anna_b"), "{mention}");
        assert!(changed(Mentions, "hi").expect("added").ends_with(" hi"));
    }

    #[test]
    fn a_pattern_of_the_project_rewrites_both_texts_of_a_pair() {
        let of = Rewrite {
            name: "products".into(),
            find: r"\bacme (\w+)".into(),
            replace: "other $1".into(),
        };
        let pattern = Regex::new(&of.find).expect("a pattern");
        let pair = Text::pair("acme phone", "the acme phone");
        let changed = rewritten(&pair, &pattern, &of);
        assert_eq!(changed, Some(Text::pair("other phone", "the other phone")));
        assert_eq!(rewritten(&Text::single("phone"), &pattern, &of), None);
    }

    proptest! {
        /// Whatever the text: the same seed gives the same change, and a change
        /// is one.
        #[test]
        fn any_text_can_be_changed(text in "\\PC{0,60}", seed in 0u64..9) {
            for kind in Perturbation::ALL {
                let text = Text::single(text.clone());
                let changed = kind.of(&text, seed);
                prop_assert_eq!(&changed, &kind.of(&text, seed));
                prop_assert_ne!(changed, Some(text));
            }
        }
    }
}
