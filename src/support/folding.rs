//! One folding of texts for comparing them: what case, spaces, punctuation or
//! the way of writing a letter tell apart is equal; what carries meaning is
//! not.
//!
//! "It's GREAT!" is "it s great", and "ＧＯＯＤ" in wide letters is "good"; but
//! "Nice 😡" is not "Nice 😍", "C++" is neither "C#" nor "C", and "5" neither "-5"
//! nor "5%". Faces made of punctuation count as punctuation beside words.

use std::borrow::Cow;
use std::sync::LazyLock;

use icu_normalizer::ComposingNormalizerBorrowed;
use regex::{Match, Regex};

/// Scripts that put no spaces between words, by blocks: Thai and Lao, Burmese
/// and Tai, Khmer, kana and bopomofo, Han.
const UNSPACED: [(char, char); 17] = [
    ('\u{0E00}', '\u{0EFF}'),
    ('\u{1000}', '\u{109F}'),
    ('\u{1780}', '\u{17FF}'),
    ('\u{1950}', '\u{19DF}'),
    ('\u{1A20}', '\u{1AAF}'),
    ('\u{2E80}', '\u{2FDF}'),
    ('\u{3005}', '\u{3007}'),
    ('\u{3021}', '\u{3029}'),
    ('\u{3040}', '\u{312F}'),
    ('\u{31A0}', '\u{31FF}'),
    ('\u{3400}', '\u{4DBF}'),
    ('\u{4E00}', '\u{9FFF}'),
    ('\u{A9E0}', '\u{A9FF}'),
    ('\u{AA60}', '\u{AADF}'),
    ('\u{F900}', '\u{FAFF}'),
    ('\u{1B000}', '\u{1B16F}'),
    ('\u{20000}', '\u{3FFFF}'),
];

/// A character of a script without spaces, with the marks on it; or a run of
/// other letters and digits with their marks, and `+` or `#` right after it;
/// or a symbol: an emoji, a star, an arrow, a currency. ASCII symbols draw
/// lines and markup more often than they mean something.
static PIECE: LazyLock<Regex> = LazyLock::new(|| {
    let unspaced: String = UNSPACED
        .iter()
        .map(|(first, last)| format!("{first}-{last}"))
        .collect();
    let alphanumeric = r"\p{Alphabetic}\p{N}";
    let pattern = [
        format!(r"[{alphanumeric}&&[{unspaced}]--\p{{M}}]\p{{M}}*"),
        format!(r"[{alphanumeric}--[{unspaced}]][{alphanumeric}\p{{M}}--[{unspaced}]]*[+#]*"),
        r"[\p{So}\p{Sm}\p{Sc}--[<=>|~+©®]]".to_owned(),
    ];
    #[expect(
        clippy::expect_used,
        reason = "the pattern never varies; every test compiles it"
    )]
    Regex::new(&pattern.join("|")).expect("a valid pattern")
});

/// What a piece of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word of a script that puts spaces between words, or a number.
    Word,
    /// One character of a script that does not, with the marks on it.
    Character,
    /// A symbol that carries meaning.
    Symbol,
}

/// The pieces of a text that tell it from others, in their order, each folded.
pub fn pieces(text: &str) -> Vec<(Kind, String)> {
    let composed = match text.is_ascii() {
        true => Cow::Borrowed(text),
        false => ComposingNormalizerBorrowed::new_nfkc().normalize(text),
    };
    let folded = composed.to_lowercase();
    let mut pieces = Vec::new();
    for found in PIECE.find_iter(&folded) {
        let piece = without_joint(found, &folded);
        let kind = match piece.chars().next() {
            Some(letter) if !letter.is_alphanumeric() => Kind::Symbol,
            Some(letter) if is_unspaced(letter) => Kind::Character,
            _ => Kind::Word,
        };
        pieces.push((kind, with_signs(piece, found, &folded)));
    }
    pieces
}

/// A word without the `+` or `#` that only joins it to the next, as in "a+b".
fn without_joint<'t>(found: Match<'t>, text: &str) -> &'t str {
    let piece = found.as_str();
    match text[found.end()..].starts_with(char::is_alphanumeric) {
        true => piece.trim_end_matches(['+', '#']),
        false => piece,
    }
}

/// A number with what makes it another one: a minus before it that joins it to
/// nothing, as in "at -5" and not in "2-5" or "so--5", and a per cent sign after
/// it. The minus sign (U+2212) is a symbol of its own.
fn with_signs(piece: &str, found: Match<'_>, text: &str) -> String {
    let is_number = |letter: char| letter.is_ascii_digit();
    let (before, after) = (&text[..found.start()], &text[found.end()..]);
    let is_negative = piece.starts_with(is_number)
        && before
            .strip_suffix(['-', '\u{2013}'])
            .is_some_and(|before| {
                let last = before.chars().next_back();
                last.is_none_or(|last| !last.is_alphanumeric() && last != '-')
            });
    let is_share = piece.ends_with(is_number) && after.trim_start_matches(' ').starts_with('%');
    let (minus, percent) = (
        if is_negative { "-" } else { "" },
        if is_share { "%" } else { "" },
    );
    format!("{minus}{piece}{percent}")
}

fn is_unspaced(letter: char) -> bool {
    (UNSPACED.iter()).any(|(first, last)| (*first..=*last).contains(&letter))
}

/// The words of a text; characters of scripts without spaces and symbols count
/// as words of their own.
pub fn words(text: &str) -> Vec<String> {
    pieces(text).into_iter().map(|(_, piece)| piece).collect()
}

/// What a text is about: its words and symbols and, of scripts without spaces,
/// pairs of neighbouring characters, which are near to words there. Single
/// letters (mostly what an apostrophe leaves behind) and bare numbers say
/// nothing.
pub fn terms(text: &str) -> Vec<(Kind, String)> {
    let pieces = pieces(text);
    let pairs = pieces.windows(2).filter_map(|pair| match pair {
        [(Kind::Character, first), (Kind::Character, second)] => {
            Some((Kind::Character, format!("{first}{second}")))
        }
        _ => None,
    });
    let pairs: Vec<_> = pairs.collect();
    let tells = |(kind, piece): &(Kind, String)| match kind {
        Kind::Word => piece.len() > 1 && !is_bare_number(piece),
        Kind::Character => false,
        Kind::Symbol => !piece.is_ascii(),
    };
    pieces.into_iter().filter(tells).chain(pairs).collect()
}

fn is_bare_number(piece: &str) -> bool {
    let digits = piece.trim_start_matches('-').trim_end_matches('%');
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text folded for equality: its words joined by one space.
///
/// Texts without any (emoticons, say) fold to their trimmed self, so that ":)"
/// and ":(" stay apart.
pub fn folded(text: &str) -> String {
    let words = words(text);
    if words.is_empty() {
        text.trim().to_owned()
    } else {
        words.join(" ")
    }
}

/// All runs of a number of words in a row, whatever symbols stand between
/// them; none of a shorter text. Two characters of a script without spaces
/// count as one word.
pub fn runs(text: &str, length: usize) -> Vec<Vec<String>> {
    let (weights, words): (Vec<usize>, Vec<String>) = pieces(text)
        .into_iter()
        .filter_map(|(kind, piece)| match kind {
            Kind::Word => Some((2, piece)),
            Kind::Character => Some((1, piece)),
            Kind::Symbol => None,
        })
        .unzip();
    let (mut runs, mut end, mut weight) = (Vec::new(), 0, 0);
    for start in 0..words.len() {
        while weight < 2 * length && end < words.len() {
            weight += weights[end];
            end += 1;
        }
        if weight < 2 * length {
            break;
        }
        runs.push(words[start..end].to_vec());
        weight -= weights[start];
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_spaces_punctuation_and_ways_of_writing_make_no_difference() {
        for (one, other) in [
            ("  It's GREAT -- really!", "it s great, really"),
            ("#happy @home", "Happy home"),
            ("a+b", "a b"),
            ("Ｃ＋＋ is ｆｕｎ", "C++ is fun"),
            ("cafe\u{301}", "CAFÉ"),
            ("今天 天气，很好！", "今天天气很好"),
            ("ｶﾞﾝﾀﾞﾑ", "ガンダム"),
            ("สวัสดี ครับ", "สวัสดีครับ"),
            ("👍🏽 yes ❤️", "👍yes❤"),
            ("2-5 people, so--5", "2 5 people so 5"),
            ("the 2020-21 season", "The 2020 21 season"),
            ("film - 5 stars", "Film, 5 stars"),
            ("it was \u{2013}5 degrees", "it was -5 degrees"),
            ("- 5 stars, 10 % off", "5 stars 10% off"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
    }

    #[test]
    fn what_carries_meaning_tells_texts_apart() {
        for (one, other) in [
            ("Nice 😡", "Nice 😍"),
            ("Nice 😡", "Nice"),
            ("I write C++", "I write C#"),
            ("I write C++", "I write C"),
            ("★★★★★ food", "★ food"),
            ("only 5 €", "only 5 $"),
            (":)", ":("),
            ("-1", "1"),
            ("\u{FF0D}1", "1"),
            ("it is -5 outside", "it is 5 outside"),
            ("it is \u{2212}5 outside", "it is 5 outside"),
            ("$5", "5%"),
            ("5% less", "5 less"),
            ("มา", "ม้า"),
            ("不好", "好不"),
            ("तल", "तेल"),
        ] {
            assert_ne!(folded(one), folded(other));
        }
    }

    #[test]
    fn marks_stay_with_their_letters() {
        assert_eq!(words("हिन्दी भाषा"), ["हिन्दी", "भाषा"]);
        assert_eq!(words("ที่นี่"), ["ที่", "นี่"].map(str::to_owned));
        assert_eq!(words("買ったiPhoneは"), ["買", "っ", "た", "iphone", "は"]);
    }

    #[test]
    fn terms_are_words_symbols_and_pairs_of_characters() {
        let of =
            |text: &str| -> Vec<String> { terms(text).into_iter().map(|(_, term)| term).collect() };
        assert_eq!(of("It's 5 $ or -5% 😒"), ["it", "or", "😒"]);
        assert_eq!(of("不好看, 5"), ["不好", "好看"]);
    }

    #[test]
    fn runs_need_enough_words_and_cross_symbols() {
        assert_eq!(runs("a b c", 2), [["a", "b"], ["b", "c"]]);
        assert!(runs("a b c", 8).is_empty());
        assert_eq!(runs("a 😒 b", 2), [["a", "b"]]);
        assert_eq!(runs("很好看x", 2).len(), 2);
    }
}
