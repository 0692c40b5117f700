//! When two values are spellings of one: they differ in case, in spaces, in
//! characters that nobody sees, in how an accented letter is put together, or
//! in how a number is written.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::cell;

/// A value as it sounds: equal for all spellings of one.
pub(crate) fn key(value: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(value);
    let seen: String = composed.chars().filter(|c| !is_invisible(*c)).collect();
    let words: Vec<&str> = seen.split_whitespace().collect();
    let words = words.join(" ").to_lowercase();
    number(&words).unwrap_or(words)
}

/// The one spelling of a whole number: without zeros in front or behind the
/// point. None of what is no whole number.
pub(crate) fn number(text: &str) -> Option<String> {
    let text = cell::without_zeros(text);
    let text = text.strip_prefix('+').unwrap_or(text);
    if !cell::is_whole(text) {
        return None;
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    match digits.trim_start_matches('0') {
        "" => Some("0".to_owned()),
        digits => Some(format!("{sign}{digits}")),
    }
}

/// Characters that take no place: joiners, marks of direction, soft hyphens,
/// byte order marks, control characters.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
        || (letter.is_control() && !letter.is_whitespace())
}

/// A value for a message, short, with what nobody sees written out as in a
/// TOML string.
pub(crate) fn shown(value: &str) -> String {
    let mut shown = String::new();
    for letter in value.chars().take(40) {
        let odd_space = letter.is_whitespace() && letter != ' ';
        match is_invisible(letter) || odd_space || is_combining(letter) {
            true => shown.push_str(&format!("\\u{:04X}", u32::from(letter))),
            false => shown.push(letter),
        }
    }
    shown
}

/// Accents that stand on the letter before them.
fn is_combining(letter: char) -> bool {
    ('\u{0300}'..='\u{036F}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_value_have_one_key_and_others_do_not() {
        for (one, other) in [
            ("Positive", "pos\u{200b}itive"),
            ("not spam", "Not  Spam\u{a0}"),
            ("Prämie", "Pra\u{308}mie"),
            ("soft", "so\u{ad}ft"),
            ("2", "2.0"),
            ("7", "007"),
            ("ｇｏｏｄ", "good"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        for (one, other) in [("C", "C++"), ("-1", "1"), ("1.10", "1.1"), ("no", "none")] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn what_nobody_sees_is_written_out() {
        assert_eq!(shown("a\u{200b}b"), "a\\u200Bb");
        assert_eq!(shown("a\u{308}"), "a\\u0308");
        assert_eq!(shown("grün und gut"), "grün und gut");
    }
}
