//! Byte order marks, which are no part of a text.

use std::io::Read;

use crate::dataset::ready::Ready;

const MARK: &[u8] = "\u{feff}".as_bytes();

/// UTF-8 without the marks that its lines begin with: programs that join files
/// leave them in the middle, and two at the beginning.
pub(super) struct WithoutMarks<R> {
    text: R,
    at_line_start: bool,
    /// The beginning of what may be a mark.
    held: Vec<u8>,
    ready: Ready,
}

impl<R: Read> WithoutMarks<R> {
    pub(super) fn new(text: R) -> Self {
        Self {
            text,
            at_line_start: true,
            held: Vec::new(),
            ready: Ready::default(),
        }
    }

    /// Takes in what was read, nothing at the end.
    fn take(&mut self, read: &[u8]) {
        let bytes = [std::mem::take(&mut self.held).as_slice(), read].concat();
        self.ready.renew();
        let mut rest = bytes.as_slice();
        while let [first, behind @ ..] = rest {
            if self.at_line_start && rest.starts_with(MARK) {
                rest = &rest[MARK.len()..];
                continue;
            }
            let may_follow = !read.is_empty() && MARK.starts_with(rest);
            if self.at_line_start && may_follow {
                self.held = rest.to_vec();
                return;
            }
            self.at_line_start = matches!(first, b'\n' | b'\r');
            self.ready.bytes.push(*first);
            rest = behind;
        }
    }
}

impl<R: Read> Read for WithoutMarks<R> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if !self.ready.is_spent() {
                return Ok(self.ready.give(target));
            }
            let count = self.text.read(target)?;
            let read = &target[..count];
            if self.held.is_empty() && !read.contains(&MARK[0]) {
                if let Some(last) = read.last() {
                    self.at_line_start = matches!(last, b'\n' | b'\r');
                }
                return Ok(count);
            }
            self.take(read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
            let size = self.1.min(self.0.len()).min(target.len());
            target[..size].copy_from_slice(&self.0[..size]);
            self.0 = &self.0[size..];
            Ok(size)
        }
    }

    #[test]
    fn marks_go_where_lines_begin_and_nowhere_else() {
        for (text, without) in [
            ("\u{feff}a,b\nc\n", "a,b\nc\n"),
            ("\u{feff}\u{feff}a", "a"),
            ("a\n\u{feff}\"b, c\"\r\u{feff}d", "a\n\"b, c\"\rd"),
            ("a\u{feff}b\n", "a\u{feff}b\n"),
            ("ａｂ\nｃ", "ａｂ\nｃ"),
            ("\u{feff}", ""),
        ] {
            for size in 1..9 {
                let mut passed = String::new();
                let mut marks = WithoutMarks::new(Drip(text.as_bytes(), size));
                marks.read_to_string(&mut passed).expect("reads");
                assert_eq!(passed, without, "{size} bytes at a time");
            }
        }
        let mut cut = Vec::new();
        let mut marks = WithoutMarks::new(&b"\n\xef\xbb"[..]);
        marks.read_to_end(&mut cut).expect("reads");
        assert_eq!(cut, b"\n\xef\xbb");
    }
}
