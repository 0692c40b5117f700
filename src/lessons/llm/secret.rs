//! API keys: held, sent, and never shown.

use std::fmt;

/// What stands in the place of a key that a server repeated.
const HIDDEN: &str = "(key hidden)";

/// Shortest part of a key that is hidden where it stands alone, in bytes:
/// what keys of one provider begin with is shorter.
const PART: usize = 12;

/// An API key. Neither `Debug` nor `Display` prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a key, without the white space around it.
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// The key itself, for the request header alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` with every occurrence of the key replaced, and of longer parts
    /// of it.
    ///
    /// Servers and proxies like to repeat what they were sent, at times cut
    /// short or broken over lines.
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let text = text.replace(&self.0, HIDDEN);
        let mut rest = text.as_str();
        let mut out = String::with_capacity(text.len());
        while let Some(c) = rest.chars().next() {
            let shared = self.longest_part(rest);
            if shared >= PART {
                out.push_str(HIDDEN);
                rest = &rest[shared..];
            } else {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        out
    }

    /// Bytes of the longest part of the key that `text` starts with.
    fn longest_part(&self, text: &str) -> usize {
        let starts = self.0.char_indices().map(|(at, _)| &self.0[at..]);
        let shared = starts.map(|part| {
            let pairs = part.chars().zip(text.chars());
            pairs
                .take_while(|(a, b)| a == b)
                .map(|(c, _)| c.len_utf8())
                .sum()
        });
        shared.max().unwrap_or(0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nothing_and_hides_echoes() {
        let key = Secret::new(" sk-abcdef\n");
        assert_eq!(format!("{key} {key:?}"), format!("{HIDDEN} {HIDDEN}"));
        assert_eq!(
            key.scrub("Incorrect key sk-abcdef given (sk-abcdef)"),
            format!("Incorrect key {HIDDEN} given ({HIDDEN})")
        );
        let long = Secret::new("sk-proj-0123456789abcdef");
        for (said, shown) in [
            (
                "the key sk-proj-0123456… is wrong",
                format!("the key {HIDDEN}… is wrong"),
            ),
            ("…56789abcdef", "…56789abcdef".to_owned()),
            (
                "…3456789abcdef and sk-proj-",
                format!("…{HIDDEN} and sk-proj-"),
            ),
        ] {
            assert_eq!(long.scrub(said), shown);
        }
    }
}
