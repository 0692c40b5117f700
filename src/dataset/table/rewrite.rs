//! Text of an unusual dialect, as the parser of the usual one reads it.

use std::io::Read;

use super::dialect::Dialect;
use crate::dataset::ready::Ready;

/// Passes delimited text on: quotation marks with a backslash in front become
/// doubled ones, spaces before quotation marks that open a cell are left out.
/// Line feeds stay, so that lines can be counted.
pub(super) struct Rewrite<R> {
    text: R,
    dialect: Dialect,
    raw: Vec<u8>,
    ready: Ready,
    state: State,
    /// Backslashes, or spaces at the beginning of a cell, that wait for what
    /// follows them.
    waiting: usize,
    /// Runs of backslashes before something else than a quotation mark: of odd
    /// and of even length.
    runs: [u64; 2],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellStart,
    Plain,
    Quoted,
    /// Behind a quotation mark in a quoted cell.
    Mark,
}

impl<R> Rewrite<R> {
    pub(super) fn new(text: R, dialect: Dialect) -> Self {
        Self {
            text,
            dialect,
            raw: vec![0; 1 << 16],
            ready: Ready::default(),
            state: State::CellStart,
            waiting: 0,
            runs: [0, 0],
        }
    }

    /// Whether the text so far doubles the backslashes inside of cells.
    pub(super) fn doubles_backslashes(&self) -> bool {
        self.runs[0] == 0 && self.runs[1] > 0
    }

    fn is_usual(&self) -> bool {
        !(self.dialect.backslash || self.dialect.spaced)
    }

    fn pass(&mut self, byte: u8) {
        match (self.state, byte) {
            (State::CellStart, b' ') if self.dialect.spaced => {
                self.waiting += 1;
                return;
            }
            (State::CellStart, _) => {
                let spaces = std::mem::take(&mut self.waiting);
                if byte != b'"' {
                    self.ready.bytes.extend(std::iter::repeat_n(b' ', spaces));
                }
            }
            (State::Quoted, b'\\') if self.dialect.backslash => {
                self.waiting += 1;
                return;
            }
            (State::Quoted, b'"') if self.waiting > 0 => {
                let run = std::mem::take(&mut self.waiting);
                self.ready.bytes.extend(std::iter::repeat_n(b'\\', run / 2));
                if run % 2 == 1 {
                    self.ready.bytes.extend(b"\"\"");
                    return;
                }
            }
            (State::Quoted, _) => self.end_run(),
            _ => {}
        }
        let ends_cell = byte == self.dialect.delimiter || byte == b'\n' || byte == b'\r';
        self.state = match (self.state, byte) {
            (State::Quoted, b'"') => State::Mark,
            (State::Quoted, _) | (State::CellStart | State::Mark, b'"') => State::Quoted,
            _ if ends_cell => State::CellStart,
            _ => State::Plain,
        };
        self.ready.bytes.push(byte);
    }

    /// Passes on backslashes that stand before no quotation mark.
    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.waiting);
        if run > 0 {
            self.runs[usize::from(run.is_multiple_of(2))] += 1;
            let halved = self.dialect.doubled_backslash && run.is_multiple_of(2);
            let run = if halved { run / 2 } else { run };
            self.ready.bytes.extend(std::iter::repeat_n(b'\\', run));
        }
    }
}

impl<R: Read> Read for Rewrite<R> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        if self.is_usual() {
            return self.text.read(target);
        }
        while self.ready.is_spent() {
            self.ready.renew();
            let read = self.text.read(&mut self.raw)?;
            for at in 0..read {
                self.pass(self.raw[at]);
            }
            if read == 0 {
                let filler = match self.state {
                    State::CellStart => b' ',
                    _ => b'\\',
                };
                let left = std::mem::take(&mut self.waiting);
                self.ready.bytes.extend(std::iter::repeat_n(filler, left));
                if self.ready.bytes.is_empty() {
                    return Ok(0);
                }
            }
        }
        Ok(self.ready.give(target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str, backslash: bool, doubled_backslash: bool, spaced: bool) -> String {
        let dialect = Dialect {
            delimiter: b',',
            quoting: true,
            backslash,
            doubled_backslash,
            spaced,
            line_feeds: true,
            top_lines: 0,
        };
        let mut passed = String::new();
        let mut rewrite = Rewrite::new(text.as_bytes(), dialect);
        rewrite.read_to_string(&mut passed).expect("reads");
        passed
    }

    #[test]
    fn escaped_marks_become_doubled_ones_and_other_backslashes_stay() {
        for (written, usual) in [
            (r#""say \"hi\", you",x"#, r#""say ""hi"", you",x"#),
            (r#""C:\new",x"#, r#""C:\new",x"#),
            (r#""C:\\",x"#, r#""C:\",x"#),
            (r#""a\\\"b",x"#, r#""a\""b",x"#),
            (r#"plain \"so\",x"#, r#"plain \"so\",x"#),
        ] {
            assert_eq!(rewritten(written, true, false, false), usual);
        }
        assert_eq!(rewritten(r#""a\\nb",x"#, true, true, false), r#""a\nb",x"#);
    }

    #[test]
    fn spaces_go_before_marks_that_open_a_cell_and_nowhere_else() {
        let written = "1,  \"a, b\", c \n \"d\",  e";
        let usual = "1,\"a, b\", c \n\"d\",  e";
        assert_eq!(rewritten(written, false, false, true), usual);
        assert_eq!(rewritten("a,  ", false, false, true), "a,  ");
    }
}
