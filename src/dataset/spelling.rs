//! When two values are spellings of one: they differ in case, in spaces or
//! dashes, in characters that nobody sees, in quotation marks around them, in
//! how an accented letter is put together, or in how a number is written.

use icu_normalizer::ComposingNormalizerBorrowed;

use super::cell;

/// A value as it sounds: equal for all spellings of one.
pub(crate) fn key(value: &str) -> String {
    let seen = visible(value).replace(DASHES, "-");
    let bare = seen.trim_matches(|c: char| c.is_whitespace() || MARKS.contains(c));
    let value = if bare.is_empty() { &seen } else { bare };
    let lower = value.to_lowercase();
    if let Some(number) = number(&lower).or_else(|| expanded(&lower)) {
        return number;
    }
    // What joins words; a sign in front of something is none.
    let joins = |c: char| c.is_whitespace() || matches!(c, '_' | '-');
    let words: Vec<&str> = lower.split(joins).filter(|word| !word.is_empty()).collect();
    match words.is_empty() || lower.starts_with(joins) || lower.ends_with(joins) {
        true => lower.split_whitespace().collect::<Vec<_>>().join(" "),
        false => words.join(" "),
    }
}

/// A value without what nobody sees, its letters composed.
pub(super) fn visible(value: &str) -> String {
    let composed = ComposingNormalizerBorrowed::new_nfkc().normalize(value);
    composed.chars().filter(|c| !is_invisible(*c)).collect()
}

/// Hyphens, dashes and the minus sign.
const DASHES: [char; 8] = ['‐', '‑', '‒', '–', '—', '―', '−', '﹣'];

/// Quotation marks that programs leave around a value.
const MARKS: &str = "\"'`´‘’‚“”„«»‹›";

/// A whole number that is written with an exponent, in digits: what a
/// spreadsheet makes of long ones.
fn expanded(text: &str) -> Option<String> {
    let (_, exponent) = text.split_once('e')?;
    exponent
        .parse::<u8>()
        .ok()
        .or_else(|| exponent.strip_prefix('+')?.parse().ok())?;
    let value: f64 = text.parse().ok()?;
    let is_exact = value.fract() == 0.0 && value.abs() < 9e15;
    is_exact.then(|| format!("{value:.0}"))
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

/// Whether a value holds characters that nobody sees, or spaces other than the
/// usual ones.
pub(super) fn hides_something(value: &str) -> bool {
    let odd_space = |c: char| c.is_whitespace() && !matches!(c, ' ' | '\n' | '\r' | '\t');
    value.chars().any(|c| is_invisible(c) || odd_space(c))
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

/// A value for a line of TOML that a message proposes.
pub(crate) fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    match escaped == value {
        true => format!("\"{}\"", shown(value)),
        false => format!("\"{escaped}\""),
    }
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
            ("good", "\"good\""),
            ("‘good’", "'Good'"),
            ("-1", "−1"),
            ("not spam", "not_spam"),
            ("e-mail", "e–mail"),
            ("1", "1.0E+00"),
            ("120000", "1.2e5"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
        for (one, other) in [
            ("C", "C++"),
            ("-1", "1"),
            ("1.10", "1.1"),
            ("no", "none"),
            ("-a", "a"),
            ("-", "_"),
            ("1e-3", "1"),
            ("''", ""),
        ] {
            assert_ne!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn proposals_are_toml() {
        for value in ["good", "\"good\"", "\\N", "a\u{200b}b", "pra\u{308}mie"] {
            let line: toml::Table = format!("v = {}", quoted(value)).parse().expect("TOML");
            assert_eq!(line["v"].as_str(), Some(value));
        }
    }

    #[test]
    fn what_nobody_sees_is_written_out() {
        assert_eq!(shown("a\u{200b}b"), "a\\u200Bb");
        assert_eq!(shown("a\u{308}"), "a\\u0308");
        assert_eq!(shown("grün und gut"), "grün und gut");
    }
}
