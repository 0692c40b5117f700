//! Wording: counts, plurals and figures as people write them.

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
