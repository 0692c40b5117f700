//! The records of a JSON file: its lines, or the elements of the one array that
//! it is. An array is never held as a whole.

use std::io::{BufRead as _, BufReader, Read};

use super::limits::longest_record;
use super::source::Source;
use crate::support::{Error, Result};

/// The records of a file, one after the other.
pub(super) struct Records {
    text: BufReader<Box<dyn Read>>,
    record: String,
    number: u32,
    is_array: bool,
    ended: bool,
    source: Source,
}

impl Records {
    /// The records of a decoded text.
    pub(super) fn of(text: Box<dyn Read>, source: &Source) -> Result<Self> {
        let mut records = Self {
            text: BufReader::with_capacity(1 << 20, text),
            record: String::new(),
            number: 0,
            is_array: false,
            ended: false,
            source: source.clone(),
        };
        while let Some(byte) = records.ahead()? {
            if !byte.is_ascii_whitespace() {
                records.is_array = byte == b'[';
                break;
            }
            if byte == b'\n' {
                records.number += 1;
            }
            records.text.consume(1);
        }
        if records.is_array {
            records.number = 0;
            records.text.consume(1);
        }
        Ok(records)
    }

    /// Whether they are elements of an array and not lines.
    pub(super) fn is_array(&self) -> bool {
        self.is_array
    }

    /// The text of the current record.
    pub(super) fn record(&self) -> &str {
        &self.record
    }

    /// Goes to the next record; gives its number: its line, or which element of
    /// the array it is.
    pub(super) fn next(&mut self) -> Result<Option<u32>> {
        loop {
            self.record.clear();
            let is_there = match self.is_array {
                true => self.element()?,
                false => self.line()?,
            };
            if !is_there {
                return Ok(None);
            }
            let is_blank = self.record.trim().is_empty();
            if !(is_blank && self.is_array) {
                self.number = self.number.saturating_add(1);
            }
            if !is_blank {
                return Ok(Some(self.number));
            }
        }
    }

    fn ahead(&mut self) -> Result<Option<u8>> {
        let bytes = self.text.fill_buf();
        let bytes = bytes.map_err(|error| self.source.unreadable(error))?;
        Ok(bytes.first().copied())
    }

    fn line(&mut self) -> Result<bool> {
        let read = self.text.read_line(&mut self.record);
        Ok(read.map_err(|error| self.source.unreadable(error))? > 0)
    }

    /// Reads an element up to the comma or bracket behind it.
    fn element(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let mut bytes = Vec::new();
        let mut scan = Scan::default();
        loop {
            let ahead = self.text.fill_buf();
            let ahead = ahead.map_err(|error| self.source.unreadable(error))?;
            if ahead.is_empty() {
                return Err(self.cut_off());
            }
            let end = ahead.iter().position(|byte| scan.is_end(*byte));
            bytes.extend_from_slice(&ahead[..end.unwrap_or(ahead.len())]);
            longest_record(bytes.len()).map_err(|error| self.source.unreadable(error))?;
            let closes = end.is_some_and(|at| ahead[at] == b']');
            let used = end.map_or(ahead.len(), |at| at + 1);
            self.text.consume(used);
            if closes {
                self.ended = true;
                self.nothing_behind()?;
            }
            if end.is_some() {
                break;
            }
        }
        self.record = String::from_utf8(bytes)
            .map_err(|error| self.source.unreadable(std::io::Error::other(error)))?;
        Ok(true)
    }

    fn cut_off(&self) -> Error {
        Error::input(format!(
            "`{}` ends inside of its JSON array, after element {}",
            self.source.name(),
            self.number
        ))
        .hint("the file was cut off: write it again from its origin")
    }

    fn nothing_behind(&mut self) -> Result<()> {
        while let Some(byte) = self.ahead()? {
            if !byte.is_ascii_whitespace() && byte != 0 {
                return Err(Error::input(format!(
                    "`{}` goes on behind its JSON array of {} elements",
                    self.source.name(),
                    self.number + 1
                ))
                .hint("keep one array, or write one object a line (JSON Lines)"));
            }
            self.text.consume(1);
        }
        Ok(())
    }
}

/// Where in an element a byte is.
#[derive(Default)]
struct Scan {
    depth: usize,
    quoted: bool,
    escaped: bool,
}

impl Scan {
    /// Whether a byte is the comma or bracket behind the element.
    fn is_end(&mut self, byte: u8) -> bool {
        if self.quoted {
            self.quoted = self.escaped || byte != b'"';
            self.escaped = byte == b'\\' && !self.escaped;
            return false;
        }
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => self.depth -= 1,
            b',' | b']' => return self.depth == 0,
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Result<Vec<(u32, String)>> {
        let source = Source::new("x.json".as_ref(), "x.json");
        let text = Box::new(std::io::Cursor::new(text.to_owned().into_bytes()));
        let mut records = Records::of(text, &source)?;
        let mut found = Vec::new();
        while let Some(number) = records.next()? {
            found.push((number, records.record().trim().to_owned()));
        }
        Ok(found)
    }

    #[test]
    fn lines_and_elements_are_the_same_records() {
        let objects = [r#"{"a": "x, ] \" }\\"}"#, r#"{"b": [1, {"c": "["}]}"#, "{}"];
        let numbered: Vec<(u32, String)> = (1..).zip(objects.map(str::to_owned)).collect();
        let joined = |before: &str, between: &str, after: &str| {
            format!("{before}{}{after}", objects.join(between))
        };
        for text in [
            joined("", "\n", ""),
            joined("[", ",", "]"),
            joined(" \n[\n ", ",\n\n", ",\n]\n\n"),
        ] {
            assert_eq!(records(&text).expect(&text), numbered, "{text}");
        }
        let spaced = records("\n\n{}\n\n{}\n").expect("lines");
        assert_eq!(
            spaced.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
            [3, 5]
        );
    }

    #[test]
    fn an_array_that_is_cut_off_or_goes_on_is_refused_with_its_place() {
        for (text, said) in [
            ("[{}, {}", "after element 1"),
            ("[{}, {\"a\": \"", "after element 1"),
            ("[{}] [{}]", "behind its JSON array of 1 element"),
            ("[", "after element 0"),
        ] {
            let error = records(text).expect_err(text);
            assert!(error.to_string().contains(said), "{error}");
            assert!(error.remedy().is_some());
        }
    }
}
