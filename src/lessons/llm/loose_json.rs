//! A JSON reader that forgives what language models do wrong: trailing or
//! missing commas, names without quotes, comments, raw line breaks in strings,
//! unknown escapes, and an end in mid-value, where it keeps what was complete.

use serde_json::{Map, Value};

/// Deepest nesting followed; answers have three levels.
const DEPTH: usize = 32;

/// One value and how it ended.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) value: Value,
    /// Whether the value was closed before the text ended.
    pub(super) complete: bool,
    /// Bytes of the text that it took.
    pub(super) length: usize,
}

/// Bytes that tries at many places of one text may read in all, so that a
/// text made to take long is given up instead.
#[derive(Debug)]
pub(super) struct Effort(usize);

impl Effort {
    /// Enough for every bracket in prose around an answer.
    pub(super) fn for_text(text: &str) -> Self {
        Self(text.len().saturating_mul(16).saturating_add(4096))
    }
}

/// Reads the value that `text` starts with and ignores what follows it.
///
/// An object in an array that was cut is dropped; an outer object that was cut
/// keeps its complete fields and the complete elements of its last array.
pub(super) fn parse(text: &str, effort: &mut Effort) -> Option<Parsed> {
    if effort.0 == 0 {
        return None;
    }
    let mut reader = Reader { text, at: 0 };
    let read = reader.value(0);
    effort.0 = effort.0.saturating_sub(reader.at + 1);
    let (value, complete) = read?;
    Some(Parsed {
        value,
        complete,
        length: reader.at,
    })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over white space and comments.
    fn skip_space(&mut self) {
        loop {
            while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.at += 1;
            }
            let rest = &self.text[self.at..];
            let end = match rest.as_bytes() {
                [b'/', b'/', ..] => rest.find('\n'),
                [b'/', b'*', ..] => rest.find("*/").map(|end| end + 2),
                _ => return,
            };
            self.at += end.unwrap_or(rest.len());
        }
    }

    /// The value here and whether it was complete; `None` if there is none,
    /// because the text is malformed or over.
    fn value(&mut self, depth: usize) -> Option<(Value, bool)> {
        self.skip_space();
        match self.peek()? {
            b'{' if depth < DEPTH => self.object(depth),
            b'[' if depth < DEPTH => self.array(depth),
            b'"' => {
                let (string, complete) = self.string();
                Some((Value::String(string), complete))
            }
            _ => self.plain(),
        }
    }

    fn array(&mut self, depth: usize) -> Option<(Value, bool)> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => return Some((Value::Array(items), false)),
                Some(b']') => {
                    self.at += 1;
                    return Some((Value::Array(items), true));
                }
                Some(b',') => self.at += 1,
                Some(_) => match self.value(depth + 1) {
                    Some((item, true)) => items.push(item),
                    Some((item @ Value::Array(_), false)) => {
                        items.push(item);
                        return Some((Value::Array(items), false));
                    }
                    Some((_, false)) => return Some((Value::Array(items), false)),
                    None => return self.broken(Value::Array(items)),
                },
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<(Value, bool)> {
        self.at += 1;
        let mut fields = Map::new();
        loop {
            self.skip_space();
            match self.peek() {
                None => return Some((Value::Object(fields), false)),
                Some(b'}') => {
                    self.at += 1;
                    return Some((Value::Object(fields), true));
                }
                Some(b',') => self.at += 1,
                Some(byte) if byte == b'"' || byte == b'_' || byte.is_ascii_alphanumeric() => {
                    let name = self.name();
                    self.skip_space();
                    match self.peek() {
                        Some(b':') => self.at += 1,
                        None => return Some((Value::Object(fields), false)),
                        Some(_) => return None,
                    }
                    match self.value(depth + 1) {
                        Some((value, true)) => {
                            fields.insert(name, value);
                        }
                        Some((value @ (Value::Array(_) | Value::Object(_)), false)) => {
                            fields.insert(name, value);
                            return Some((Value::Object(fields), false));
                        }
                        Some((_, false)) => return Some((Value::Object(fields), false)),
                        None => return self.broken(Value::Object(fields)),
                    }
                }
                Some(_) => return None,
            }
        }
    }

    /// The name of a field, with or without quotes.
    fn name(&mut self) -> String {
        if self.peek() == Some(b'"') {
            return self.string().0;
        }
        let rest = &self.text[self.at..];
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        self.at += length;
        rest[..length].to_owned()
    }

    /// What is kept when no value could be read: everything so far if the
    /// text is simply over, nothing if it is no JSON.
    fn broken(&mut self, so_far: Value) -> Option<(Value, bool)> {
        self.skip_space();
        self.peek().is_none().then_some((so_far, false))
    }

    /// A string and whether its closing quote was there.
    fn string(&mut self) -> (String, bool) {
        self.at += 1;
        let mut out = String::new();
        let mut chars = self.text[self.at..].char_indices();
        let start = self.at;
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + offset + 1;
                    return (out, true);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((_, 'r')) => out.push('\r'),
                    Some((_, 'b')) => out.push('\u{8}'),
                    Some((_, 'f')) => out.push('\u{c}'),
                    Some((at, 'u')) => {
                        let (decoded, used) = unicode_escape(&self.text[start + at + 1..]);
                        out.push(decoded);
                        for _ in 0..used {
                            chars.next();
                        }
                    }
                    Some((_, other)) => out.push(other),
                    None => {}
                },
                other => out.push(other),
            }
        }
        self.at = self.text.len();
        (out, false)
    }

    /// A number or one of the three words. At the very end of a cut text a
    /// number may have lost digits, so it does not count as complete.
    fn plain(&mut self) -> Option<(Value, bool)> {
        let rest = &self.text[self.at..];
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        let value = match serde_json::from_str::<Value>(word) {
            Ok(value) => value,
            Err(_) if length > 0 && length == rest.len() => Value::Null,
            Err(_) => return None,
        };
        self.at += length;
        Some((value, length < rest.len()))
    }
}

/// The character of `XXXX` or of a pair `XXXX\uYYYY`, and how many characters
/// were read. Halves of pairs and bad digits become U+FFFD.
fn unicode_escape(rest: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 4)?;
        let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
        hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
    };
    let Some(first) = unit(0) else {
        return (char::REPLACEMENT_CHARACTER, 0);
    };
    if let Some(Ok(single)) = char::decode_utf16([first]).next() {
        return (single, 4);
    }
    let second = rest
        .get(4..6)
        .filter(|mark| *mark == "\\u")
        .and_then(|_| unit(6));
    match second.and_then(|second| char::decode_utf16([first, second]).next()) {
        Some(Ok(pair)) => (pair, 10),
        _ => (char::REPLACEMENT_CHARACTER, 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value_of(text: &str) -> Value {
        let parsed = parse(text, &mut Effort::for_text(text));
        parsed.map(|parsed| parsed.value).unwrap_or_default()
    }

    #[test]
    fn forgives_what_models_write() {
        assert_eq!(
            value_of("[\"two\nlines\", 'x']"),
            Value::Null,
            "single quotes are no JSON"
        );
        assert_eq!(value_of("[\"two\nlines\", 1.5, true,]")[0], "two\nlines");
        assert_eq!(
            value_of(r#"["it\'s \ud83d\ude00 \ud83d x"]"#)[0],
            "it's 😀 \u{fffd} x"
        );
        assert_eq!(value_of(r#"{"a":1,"b":[1,2],}"#)["b"][1], 2);
        let loose = "{1: {text: \"http://x\" /* b */}, // c\n 2: [3 4]}";
        assert_eq!(
            value_of(loose),
            serde_json::json!({"1": {"text": "http://x"}, "2": [3, 4]})
        );
    }

    #[test]
    fn numbers_at_the_cut_are_not_trusted() {
        let text = r#"{"a":1,"b":23"#;
        let cut = parse(text, &mut Effort::for_text(text)).expect("object");
        assert!(!cut.complete);
        assert_eq!(cut.value, serde_json::json!({"a": 1}));
    }

    proptest! {
        #[test]
        fn agrees_with_strict_json_and_never_panics(texts in prop::collection::vec(".{0,20}", 0..5), cut in 0_usize..200) {
            let value = serde_json::json!({"samples": texts});
            let strict = value.to_string();
            prop_assert_eq!(value_of(&strict), value);
            let mut cut = cut.min(strict.len());
            while !strict.is_char_boundary(cut) {
                cut -= 1;
            }
            if let Some(kept) = parse(&strict[..cut], &mut Effort::for_text(&strict)) {
                let kept = kept.value["samples"].as_array().cloned().unwrap_or_default();
                prop_assert!(kept.len() <= texts.len());
                for (kept, text) in kept.iter().zip(&texts) {
                    prop_assert_eq!(kept, text);
                }
            }
        }

        #[test]
        fn any_text_is_survived(text in "[\\[\\]{}\",:\\\\u0-9a-f\n <>/é😀]{0,80}") {
            let _parsed = parse(&text, &mut Effort::for_text(&text));
        }
    }
}
