//! Folding of texts for comparing them: case, spaces and punctuation do not
//! make two texts different.

use std::collections::BTreeSet;

/// The words of a text: lower case, letters and digits only.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// A text folded for equality: its words joined by one space.
///
/// Texts without any letter or digit (emoticons, say) fold to their trimmed
/// self, so that ":)" and ":(" stay apart.
pub fn folded(text: &str) -> String {
    let words = words(text);
    if words.is_empty() {
        text.trim().to_owned()
    } else {
        words.join(" ")
    }
}

/// A text that no spreadsheet takes for a formula when it opens a CSV file:
/// one that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an
/// apostrophe in front.
pub fn without_formula(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A count with its noun, in the singular for one.
pub fn many(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// The form of a word that goes with a count: "occurs" with one, "occur" with
/// more.
pub fn agreeing<'a>(count: usize, one: &'a str, more: &'a str) -> &'a str {
    if count == 1 { one } else { more }
}

/// A count that may be a mean: whole if it is one, else with one decimal.
pub fn mean_count(value: f64) -> String {
    let digits = if value.fract() == 0.0 { 0 } else { 1 };
    format!("{value:.digits$}")
}

/// How often, in words: "never", "once", "3 times".
pub fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

/// A figure with so many digits after the point; a dash if there is none.
pub fn figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

/// All runs of `n` words of a text; empty if it has fewer than `n`.
pub fn ngrams(text: &str, n: usize) -> BTreeSet<String> {
    words(text).windows(n).map(|run| run.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_spaces_and_punctuation() {
        assert_eq!(
            folded("  It's GREAT -- really!"),
            folded("it s great, really")
        );
        assert_ne!(folded(":)"), folded(":("));
    }

    #[test]
    fn ngrams_need_enough_words() {
        assert_eq!(ngrams("a b c", 2).len(), 2);
        assert!(ngrams("a b c", 8).is_empty());
    }
}
