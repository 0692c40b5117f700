//! API keys: held, sent, and never shown.

use std::fmt;

/// What stands in the place of a key that a server repeated.
const HIDDEN: &str = "(key hidden)";

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

    /// `text` with every occurrence of the key replaced.
    ///
    /// Servers and proxies like to repeat what they were sent.
    pub fn scrub(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(&self.0, HIDDEN)
        }
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
    }
}
