//! Reads what a person typed as a pattern: see the table of the module above.

use std::str::FromStr;

use regex::RegexBuilder;

use super::{Comparison, Condition, Counted, Pattern, Test};
use crate::support::folding;
use crate::support::{Error, Result};

/// Longest pattern, in characters.
const LONGEST: usize = 2_000;
/// Largest prepared expression, in bytes: some thousand letters of any
/// alphabet.
const LARGEST: usize = 4 << 20;

impl FromStr for Pattern {
    type Err = Error;

    /// Reads what a person typed.
    ///
    /// # Errors
    /// Input errors in plain words, for whoever is typing.
    fn from_str(typed: &str) -> Result<Self> {
        let typed = typed.trim();
        if typed.chars().count() > LONGEST {
            return Err(
                Error::input(format!("a pattern has at most {LONGEST} characters"))
                    .hint("name the few words that matter most"),
            );
        }
        let mut rest = typed;
        let mut any_of = Vec::new();
        let mut all = Vec::new();
        loop {
            let (condition, after) = next_condition(rest)?;
            all.extend(condition);
            let Some(separator) = after.chars().next() else {
                break;
            };
            if separator == ',' && !all.is_empty() {
                any_of.push(std::mem::take(&mut all));
            }
            rest = &after[separator.len_utf8()..];
        }
        if !all.is_empty() {
            any_of.push(all);
        }
        if any_of.is_empty() {
            return Err(Error::input("a pattern cannot be empty")
                .hint("type a word, words in a row, or a regular expression between slashes"));
        }
        Ok(Self {
            typed: typed.to_owned(),
            any_of,
        })
    }
}

/// The condition at the beginning, if there is one, and what follows: nothing,
/// or the separator with all behind it.
fn next_condition(typed: &str) -> Result<(Option<Condition>, &str)> {
    let typed = typed.trim_start();
    let bare = typed.strip_prefix('-').filter(|rest| {
        let next = rest.chars().next();
        next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '"' | '“' | '/'))
    });
    let (without, typed) = (bare.is_some(), bare.unwrap_or(typed));
    let (test, after) = match typed.chars().next() {
        Some('/') => regular_expression(typed)?,
        Some(open @ ('"' | '“')) => exact(typed, open)?,
        _ => {
            let (words, after) = typed.split_at(end_of_words(typed));
            (test_of(words.trim())?, after)
        }
    };
    let condition = test.map(|test| Condition { without, test });
    Ok((condition, after))
}

/// Where bare words end: at a comma, or at a plus between spaces ("C++" has
/// none).
fn end_of_words(typed: &str) -> usize {
    let comma = typed.find(',');
    let plus = typed.starts_with("+ ").then_some(0);
    let plus = plus.or_else(|| {
        let spaced = typed.find(" + ").map(|at| at + 1);
        spaced.or_else(|| typed.ends_with(" +").then(|| typed.len() - 1))
    });
    let ends = [comma, plus].into_iter().flatten();
    ends.min().unwrap_or(typed.len())
}

/// What may stand behind a quoted condition: nothing or a separator.
fn separated(after: &str) -> Option<&str> {
    let after = after.trim_start();
    (after.is_empty() || after.starts_with([',', '+'])).then_some(after)
}

fn exact(typed: &str, open: char) -> Result<(Option<Test>, &str)> {
    let inside = &typed[open.len_utf8()..];
    let close = match open {
        '“' => '”',
        other => other,
    };
    let found = inside.split_once(close);
    let Some((characters, after)) = found else {
        return Err(Error::input("a quotation mark is not closed")
            .hint(format!("put {close} behind the characters that are meant")));
    };
    let Some(after) = separated(after) else {
        return Err(Error::input(format!(
            "after {open}{characters}{close} comes something that is neither a comma nor a plus"
        ))
        .hint("a comma means “or”, a plus between spaces “and”"));
    };
    let test = (!characters.is_empty()).then(|| Test::Exact(characters.to_owned()));
    Ok((test, after))
}

/// The expression between slashes. The closing one is the first that a
/// separator or the end follows, so that `/https?://\w+/` needs no escape.
fn regular_expression(typed: &str) -> Result<(Option<Test>, &str)> {
    let (mut escaped, mut in_class) = (false, false);
    for (at, c) in typed.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let after = &typed[at + 1..];
                let (ignore_case, after) = match after.strip_prefix('i') {
                    Some(after) if separated(after).is_some() => (true, after),
                    _ => (false, after),
                };
                if let Some(after) = separated(after) {
                    let test = compiled(&typed[1..at], ignore_case)?;
                    return Ok((Some(test), after));
                }
            }
            _ => {}
        }
    }
    Err(Error::input("the regular expression is not closed")
        .hint("end it with a slash, as in /good|bad/; put a word with a slash in quotation marks"))
}

fn compiled(expression: &str, ignore_case: bool) -> Result<Test> {
    if expression.is_empty() {
        return Err(
            Error::input("the regular expression between the slashes is empty")
                .hint("write what is looked for between them, as in /good|bad/"),
        );
    }
    let compiled = RegexBuilder::new(expression)
        .case_insensitive(ignore_case)
        .size_limit(LARGEST)
        .build();
    compiled.map(Test::Regex).map_err(|error| bad_regex(&error))
}

/// What is wrong with a regular expression, for somebody who may have met
/// their first one today.
fn bad_regex(error: &regex::Error) -> Error {
    const KNOWN: [(&str, &str, &str); 8] = [
        (
            "unclosed group",
            "an opening bracket ( is never closed",
            "add the closing one, or write \\( for a bracket in the text",
        ),
        (
            "unopened group",
            "a closing bracket ) was never opened",
            "remove it, or write \\) for a bracket in the text",
        ),
        (
            "unclosed character class",
            "a bracket [ is never closed",
            "add the ], or write \\[ for a bracket in the text",
        ),
        (
            "repetition operator missing expression",
            "before * + ? or { stands nothing that could be repeated",
            "write \\* \\+ \\? or \\{ for the character in the text",
        ),
        (
            "look-around",
            "what stands before or behind cannot be asked with (?= (?! (?<= or (?<!",
            "join terms instead: “funny + -not” is “funny” without “not”",
        ),
        (
            "backreferences",
            "\\1 and the like, which repeat an earlier match, are not supported",
            "write out what is repeated",
        ),
        (
            "unrecognized escape sequence",
            "a backslash stands before a letter that means nothing there",
            "\\d is a digit, \\w a letter or digit, \\s a space, \\b the edge of a word",
        ),
        (
            "incomplete escape sequence",
            "a backslash at the end escapes nothing",
            "write \\\\ for a backslash in the text",
        ),
    ];
    let said = match error {
        regex::Error::CompiledTooBig(_) => {
            return Error::input("the regular expression grows too large when it is prepared")
                .hint("use smaller numbers in { }, and no repetition within a repetition");
        }
        regex::Error::Syntax(said) => said.as_str(),
        _ => "it cannot be used",
    };
    match KNOWN.iter().find(|(sign, ..)| said.contains(sign)) {
        Some((_, what, remedy)) => {
            Error::input(format!("the regular expression cannot be read: {what}")).hint(*remedy)
        }
        None => {
            // The last line says it; those before point at the place.
            let last = said.lines().last().unwrap_or(said);
            let last = last.trim().trim_start_matches("error: ");
            Error::input(format!("the regular expression cannot be read: {last}"))
                .hint("words without slashes are looked for as they are")
        }
    }
}

/// A bare condition: a count, a source, or words.
fn test_of(bare: &str) -> Result<Option<Test>> {
    if bare.is_empty() {
        return Ok(None);
    }
    if let Some(test) = count(bare)? {
        return Ok(Some(test));
    }
    if let Some(name) = source(bare) {
        return Ok(Some(Test::Source(folding::folded(name))));
    }
    let (stem, goes_on) = match bare.strip_suffix('*') {
        Some(stem) if stem.ends_with(char::is_alphanumeric) => (stem, true),
        _ => (bare, false),
    };
    let words = folding::words(stem);
    if words.is_empty() {
        // Marks such as “?” or “:(” fold to nothing.
        return Ok(Some(Test::Exact(bare.to_owned())));
    }
    if stem.contains('*') {
        return Err(Error::input("a * can stand only at the end of a term")
            .hint("`disappoint*` finds words that begin so, and /\\w+ing\\b/ those that end so"));
    }
    Ok(Some(Test::Words { words, goes_on }))
}

/// `words > 30`.
fn count(bare: &str) -> Result<Option<Test>> {
    const COUNTED: [(&str, Counted); 2] = [
        ("words", Counted::Words),
        ("characters", Counted::Characters),
    ];
    const SIGNS: [(&str, Comparison); 7] = [
        ("<=", Comparison::AtMost),
        ("≤", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("≥", Comparison::AtLeast),
        ("<", Comparison::Less),
        (">", Comparison::More),
        ("=", Comparison::Exactly),
    ];
    /// What comes first, and what follows it.
    fn begins<'t, T: Copy>(text: &'t str, all: &[(&str, T)]) -> Option<(T, &'t str)> {
        let mut begun = all
            .iter()
            .filter_map(|(name, meant)| Some((*meant, text.strip_prefix(name)?)));
        begun.next().map(|(meant, rest)| (meant, rest.trim()))
    }
    let lower = bare.to_lowercase();
    let Some((of, rest)) = begins(&lower, &COUNTED) else {
        return Ok(None);
    };
    let Some((is, than)) = begins(rest, &SIGNS) else {
        return Ok(None);
    };
    let than = than.parse().map_err(|_| {
        Error::input(format!("`{than}` is no number of words or characters"))
            .hint("write it as in “words > 30”, or put the words in quotation marks")
    })?;
    Ok(Some(Test::Count { of, is, than }))
}

/// The name in `source = tweets`.
fn source(bare: &str) -> Option<&str> {
    let (word, name) = bare.split_once('=')?;
    let name = name.trim();
    (word.trim().eq_ignore_ascii_case("source") && !name.is_empty()).then_some(name)
}
