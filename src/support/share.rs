//! Which part of some work one of several machines has.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Part `number` of `of`, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which part, from 1.
    pub number: usize,
    /// Number of parts.
    pub of: usize,
}

impl Share {
    /// All of the work.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Whether it has the item at a position, from 0, where all take turns.
    pub fn has_turn(self, position: usize) -> bool {
        position % self.of == self.number - 1
    }

    /// Its part of a list of `count` items, in order: the parts are equally
    /// long but for one item, and together they are the list.
    pub fn range(self, count: usize) -> Range<usize> {
        let end = |parts: usize| parts * count / self.of;
        end(self.number - 1)..end(self.number)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Share {
    type Err = String;

    /// Reads `I/N`, with I from 1 to N.
    fn from_str(typed: &str) -> Result<Self, String> {
        let numbers = typed.split_once('/');
        let numbers = numbers.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        let share = numbers.map(|(number, of)| Self { number, of });
        share
            .filter(|share| (1..=share.of).contains(&share.number))
            .ok_or_else(|| "it must be I/N, with I from 1 to N, such as 3/8".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_whole_and_equally_long() {
        for (count, of) in [(12, 5), (3, 8), (0, 2), (1_000, 7)] {
            let parts = (1..=of).map(|number| Share { number, of }.range(count));
            let parts: Vec<_> = parts.collect();
            let all: Vec<usize> = parts.iter().cloned().flatten().collect();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            let lengths = || parts.iter().map(Range::len);
            assert!(lengths().max() <= lengths().min().map(|least| least + 1));
        }
    }

    #[test]
    fn only_a_part_of_the_whole_is_read() {
        for typed in ["0/3", "4/3", "3", "1/0", "-1/3", "a/b", "1/3/5", ""] {
            assert!(typed.parse::<Share>().is_err(), "{typed}");
        }
        assert_eq!("3/8".parse(), Ok(Share { number: 3, of: 8 }));
    }
}
