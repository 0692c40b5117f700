//! Patterns: a question to a text that needs no judge but the program.
//!
//! A person types one as they would search for texts:
//!
//! | typed | holds for texts with |
//! |---|---|
//! | `funny` | the word, however it is written: case, accents in other encodings and punctuation aside |
//! | `not good` | the words in a row |
//! | `disappoint*` | a word that begins so |
//! | `funny, hilarious` | one of them |
//! | `funny + not` | all of them |
//! | `funny + -not` | the first and not the second |
//! | `"US"` | exactly these characters, anywhere |
//! | `/\d{4}/`, `/good/i` | a match of the regular expression; `i` ignores case |
//! | `words > 30`, `characters <= 20` | so many words or characters |
//! | `source = tweets` | that source; texts without one have none |
//!
//! Regular expressions are those of the `regex` crate, which takes time in
//! proportion to the text whatever is typed; what would grow too large while
//! it is prepared is refused.

mod reading;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::fmt;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::Text;
use crate::support::folding;
use crate::support::{Error, Result};

/// A pattern that a person or the program made: see the module's table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    typed: String,
    /// One of these holds: of each, all.
    any_of: Vec<Vec<Condition>>,
}

/// What is asked of a text.
#[derive(Debug, Clone)]
struct Condition {
    /// Whether it must not hold.
    without: bool,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    /// Words in a row, folded; the last may go on.
    Words {
        words: Vec<String>,
        goes_on: bool,
    },
    /// Characters as they are.
    Exact(String),
    Regex(Regex),
    Count {
        of: Counted,
        is: Comparison,
        than: usize,
    },
    /// The folded name of a source.
    Source(String),
}

#[derive(Debug, Clone, Copy)]
enum Counted {
    Words,
    Characters,
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    Less,
    AtMost,
    Exactly,
    AtLeast,
    More,
}

impl Comparison {
    fn holds(self, count: usize, than: usize) -> bool {
        match self {
            Comparison::Less => count < than,
            Comparison::AtMost => count <= than,
            Comparison::Exactly => count == than,
            Comparison::AtLeast => count >= than,
            Comparison::More => count > than,
        }
    }
}

impl Pattern {
    /// Whether it holds for a text of which no source is known.
    pub fn matches(&self, text: &Text) -> bool {
        self.matches_from(text, None)
    }

    /// Whether it holds for a text from a source. Of a pair either part may
    /// hold what is looked for; counts are of both together.
    pub fn matches_from(&self, text: &Text, source: Option<&str>) -> bool {
        let asked = Asked {
            text,
            source,
            words: OnceCell::new(),
        };
        let holds = |condition: &Condition| asked.holds(&condition.test) != condition.without;
        self.any_of.iter().any(|all| all.iter().all(holds))
    }

    /// As it was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }
}

/// A text while it is asked.
struct Asked<'t> {
    text: &'t Text,
    source: Option<&'t str>,
    /// The folded words of each part.
    words: OnceCell<Vec<Vec<String>>>,
}

impl Asked<'_> {
    fn holds(&self, test: &Test) -> bool {
        match test {
            Test::Words { words, goes_on } => {
                let mut parts = self.words().iter();
                parts.any(|part| {
                    part.windows(words.len())
                        .any(|run| is(run, words, *goes_on))
                })
            }
            Test::Exact(characters) => {
                let mut parts = self.text.parts();
                parts.any(|part| part.contains(characters.as_str()))
            }
            Test::Regex(regex) => self.text.parts().any(|part| regex.is_match(part)),
            Test::Count { of, is, than } => is.holds(self.count(*of), *than),
            Test::Source(name) => {
                let source = self.source.map(folding::folded);
                source.is_some_and(|source| source == *name)
            }
        }
    }

    fn count(&self, of: Counted) -> usize {
        match of {
            Counted::Words => self.words().iter().map(Vec::len).sum(),
            Counted::Characters => self.text.parts().map(|part| part.chars().count()).sum(),
        }
    }

    fn words(&self) -> &[Vec<String>] {
        self.words
            .get_or_init(|| self.text.parts().map(folding::words).collect())
    }
}

fn is(run: &[String], words: &[String], goes_on: bool) -> bool {
    let last = words.len().saturating_sub(1);
    let mut pairs = run.iter().zip(words).enumerate();
    pairs.all(|(at, (there, wanted))| match goes_on && at == last {
        true => there.starts_with(wanted.as_str()),
        false => there == wanted,
    })
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.typed == other.typed
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

impl TryFrom<String> for Pattern {
    type Error = Error;

    fn try_from(typed: String) -> Result<Self> {
        typed.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.typed
    }
}
