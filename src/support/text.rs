//! Wording: counts, plurals and figures as people write them.

/// A text that no spreadsheet takes for a formula when it opens a CSV file:
/// one that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an
/// apostrophe in front, unless it is a plain number. So does one that begins
/// with apostrophes of its own: what is read again is what was written.
pub fn without_formula(text: &str) -> String {
    let inside = text.trim_start_matches('\'');
    let looks_disarmed = inside.len() < text.len() && is_plain_number(inside);
    if is_formula(inside) || looks_disarmed {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// What [`without_formula`] made of a text, as it was.
pub fn with_formula(text: &str) -> &str {
    let inside = text.strip_prefix('\'');
    let bare = text.trim_start_matches('\'');
    inside
        .filter(|_| is_formula(bare) || is_plain_number(bare))
        .unwrap_or(text)
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_plain_number(text)
}

/// Digits with a sign, a point and an exponent at most: nothing to compute.
fn is_plain_number(text: &str) -> bool {
    text.ends_with(|last: char| last.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok()
}

/// A count with its noun, in the singular for one.
pub fn many(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// A number of bytes in the unit that leaves one to three digits before the
/// point.
pub fn size(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "bytes";
    for larger in ["kB", "MB", "GB", "TB"] {
        if value < 999.5 {
            break;
        }
        (value, unit) = (value / 1e3, larger);
    }
    let decimals = if unit == "bytes" || value >= 9.95 {
        0
    } else {
        1
    };
    format!("{value:.decimals$} {unit}")
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

/// A number with so many digits after the point and its sign, a true minus;
/// what rounds to nothing has none.
pub fn signed(value: f64, digits: usize) -> String {
    let text = format!("{:.digits$}", value.abs());
    if text.chars().all(|c| matches!(c, '0' | '.')) {
        text
    } else if value < 0.0 {
        format!("−{text}")
    } else {
        format!("+{text}")
    }
}

/// A text that begins with a capital letter.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The beginning of a text in one line of so many characters at most.
pub fn shortened(text: &str, most: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

/// How often, in words: "never", "once", "3 times".
pub fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_belongs_to_what_is_printed() {
        assert_eq!(signed(-1.25, 1), "−1.2");
        assert_eq!(signed(0.26, 1), "+0.3");
        assert_eq!(signed(-0.04, 1), "0.0");
    }

    #[test]
    fn what_is_disarmed_is_read_again_as_it_was() {
        for text in [
            "=1+1", "'=1+1", "''=x", "-5", "'-5", "''7", "'", "''", "'plain", "-a", "+1+1", "\tx",
            "", "7",
        ] {
            let disarmed = without_formula(text);
            assert!(!is_formula(&disarmed), "{disarmed}");
            assert_eq!(with_formula(&disarmed), text, "{disarmed}");
        }
        assert_eq!(with_formula("'-5"), "-5", "as others disarm numbers");
    }

    #[test]
    fn sizes_have_one_to_three_digits_before_the_point() {
        let said = [0, 999, 1_000, 9_949, 9_950, 999_499, 999_500, 21_998_964].map(size);
        let expected = [
            "0 bytes",
            "999 bytes",
            "1.0 kB",
            "9.9 kB",
            "10 kB",
            "999 kB",
            "1.0 MB",
            "22 MB",
        ];
        assert_eq!(said, expected);
    }
}
