//! What the bytes of a file say about its encoding.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::decoding::Decoding;
use super::letters::Letters;
use super::{CHUNK, Found, How};
use crate::dataset::table::Source;
use crate::support::{Error, Progress, Result};

/// What a pass over the bytes found.
#[derive(Default)]
pub(super) struct Survey {
    /// A byte order mark of UTF-16.
    marked: Option<&'static Encoding>,
    /// Well-formed sequences of several bytes.
    pub(super) multibyte: u64,
    /// Bytes that are not UTF-8.
    invalid: u64,
    /// Offset of the first of them.
    pub(super) first_invalid: Option<u64>,
    /// Lines with letters beyond ASCII that are UTF-8 throughout.
    whole_lines: u64,
    /// Lines that are not.
    broken_lines: u64,
    letters: Letters,
    /// Where ASCII changes to Japanese, in an encoding that needs no more.
    switches: u64,
    /// Zero bytes at even and at odd offsets.
    zeros_at: [u64; 2],
    /// Offset of the first of them.
    first_zero: Option<u64>,
    /// Line feeds that UTF-16 would write so, low or high byte first.
    feeds: [u64; 2],
    /// All bytes that a line feed has in ASCII.
    feed_bytes: u64,
    bytes: u64,
}

impl Survey {
    pub(super) fn of(source: &Source, progress: &Progress) -> Result<Self> {
        let mut survey = Self::default();
        let mut bytes = source.bytes()?;
        let mut buffer: Vec<u8> = Vec::with_capacity(CHUNK + 4);
        loop {
            progress.check()?;
            let before = buffer.len();
            let limit = (CHUNK - before) as u64;
            (bytes.by_ref().take(limit).read_to_end(&mut buffer))
                .map_err(|error| source.unreadable(error))?;
            let offset = survey.bytes;
            if offset == 0 {
                survey.marked = match buffer.as_slice() {
                    [0xff, 0xfe, 0, 0, ..] => None,
                    [0xff, 0xfe, ..] => Some(UTF_16LE),
                    [0xfe, 0xff, ..] => Some(UTF_16BE),
                    _ => None,
                };
            }
            let at_end = buffer.len() == before;
            let used = survey.take(&buffer, at_end, offset);
            survey.count_zeros(&buffer[..used], offset);
            survey.bytes += used as u64;
            buffer.drain(..used);
            if at_end {
                return Ok(survey);
            }
        }
    }

    /// Takes in bytes but for a letter that their end may cut; gives how many.
    fn take(&mut self, bytes: &[u8], at_end: bool, offset: u64) -> usize {
        self.count_switches(bytes);
        if bytes.is_ascii() {
            return bytes.len();
        }
        self.letters.count(bytes);
        let mut taken = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let used = match line.is_ascii() {
                true => line.len(),
                false => self.take_line(line, at_end, offset + taken as u64),
            };
            taken += used;
        }
        taken
    }

    fn take_line(&mut self, line: &[u8], at_end: bool, offset: u64) -> usize {
        let (multibyte, invalid) = (self.multibyte, self.invalid);
        let mut start = 0;
        while start < line.len() {
            let rest = &line[start..];
            let (valid, bad) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), 0),
                Err(error) => match error.error_len() {
                    Some(bad) => (error.valid_up_to(), bad),
                    None if at_end => (error.valid_up_to(), rest.len() - error.valid_up_to()),
                    None => (error.valid_up_to(), 0),
                },
            };
            let good = &rest[..valid];
            self.multibyte += good.iter().filter(|byte| **byte >= 0xc0).count() as u64;
            if bad > 0 {
                self.invalid += bad as u64;
                self.first_invalid
                    .get_or_insert(offset + (start + valid) as u64);
            }
            start += valid + bad;
            if bad == 0 {
                break;
            }
        }
        let is_broken = self.invalid > invalid;
        self.broken_lines += u64::from(is_broken);
        self.whole_lines += u64::from(!is_broken && self.multibyte > multibyte);
        start
    }

    fn count_switches(&mut self, bytes: &[u8]) {
        if !bytes.contains(&0x1b) {
            return;
        }
        let to_japanese = bytes
            .windows(3)
            .filter(|three| matches!(three, [0x1b, b'$', b'@' | b'B'] | [0x1b, b'(', b'I' | b'J']));
        self.switches += to_japanese.count() as u64;
    }

    /// Text has no zero bytes but in UTF-16, where every other byte of Latin
    /// letters, digits, spaces and line feeds is one.
    fn count_zeros(&mut self, bytes: &[u8], offset: u64) {
        self.feed_bytes += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        if !bytes.contains(&0) {
            return;
        }
        for (at, byte) in (offset..).zip(bytes) {
            if *byte == 0 {
                self.zeros_at[usize::from(at % 2 == 1)] += 1;
                self.first_zero.get_or_insert(at);
            }
        }
        for (at, pair) in (offset..).zip(bytes.windows(2)) {
            match pair {
                [b'\n', 0] if at % 2 == 0 => self.feeds[0] += 1,
                [0, b'\n'] if at % 2 == 0 => self.feeds[1] += 1,
                _ => {}
            }
        }
    }

    pub(super) fn zeros(&self) -> u64 {
        self.zeros_at[0] + self.zeros_at[1]
    }

    /// UTF-16 without a mark: nearly all lines end as it writes them, and
    /// nearly all zeros lie on one side.
    fn unmarked_utf16(&self) -> Option<&'static Encoding> {
        let [even, odd] = self.zeros_at;
        let fits = |feeds: u64, high: u64, low: u64| {
            self.bytes.is_multiple_of(2)
                && feeds > 0
                && feeds * 10 >= self.feed_bytes * 9
                && high >= 2 * feeds
                && low * 20 <= high
        };
        if fits(self.feeds[0], odd, even) {
            Some(UTF_16LE)
        } else if fits(self.feeds[1], even, odd) {
            Some(UTF_16BE)
        } else {
            None
        }
    }

    pub(super) fn judge(&self, source: &Source, progress: &Progress) -> Result<Found> {
        let found = |encoding, how| Ok(Found { encoding, how });
        if let Some(encoding) = self.marked {
            return found(encoding, How::Certain);
        }
        if self.zeros() > 0 {
            if let Some(encoding) = self.unmarked_utf16() {
                return found(encoding, How::Certain);
            }
            self.refuse_zeros(source)?;
        }
        let Some(first) = self.first_invalid else {
            return match self.multibyte == 0 && self.switches > 0 {
                true => found(ISO_2022_JP, How::Guessed),
                false => found(UTF_8, How::Certain),
            };
        };
        let likeliest = match self.letters.are_kana() && lost(SHIFT_JIS, source)? == 0 {
            true => SHIFT_JIS,
            false => likeliest(source, progress)?,
        };
        // Letters of other encodings look like UTF-8 by chance, but hardly ever
        // all those of a line; short lines of two bytes a letter may.
        if self.whole_lines * 10 > self.broken_lines {
            let is_rare = self.whole_lines < self.broken_lines;
            if !is_rare || likeliest.is_single_byte() || lost(likeliest, source)? > 0 {
                return Err(self.broken(source, first)?);
            }
        }
        let encoding = match likeliest == WINDOWS_1252 {
            true => self.letters.western(source)?,
            false => likeliest,
        };
        found(encoding, How::Guessed)
    }

    fn broken(&self, source: &Source, first: u64) -> Result<Error> {
        let line = line_at(source, first)?;
        Ok(Error::input(format!(
            "`{}` is UTF-8 with broken bytes in it: the first is in line {line}, {} bytes in all",
            source.name(),
            self.invalid
        ))
        .hint(
            "save the file as UTF-8, mend that line, or name the encoding under [data], \
             for instance encoding = \"iso-8859-2\"",
        ))
    }

    pub(super) fn refuse_zeros(&self, source: &Source) -> Result<()> {
        let Some(first) = self.first_zero else {
            return Ok(());
        };
        // Of four bytes of UTF-32 three are zeros in most scripts, of UTF-16 two.
        if self.zeros() * 8 > self.bytes * 5 {
            let is = format!("`{}` looks like UTF-32, which is not read", source.name());
            return Err(Error::input(is).hint("save the file as UTF-8"));
        }
        let line = line_at(source, first)?;
        Err(Error::input(format!(
            "`{}`, line {line}: it holds a NUL character, which no text does ({} in all)",
            source.name(),
            self.zeros()
        ))
        .hint(
            "delete the character, or write the file again from its origin; if it is UTF-16, \
             write encoding = \"utf-16le\" under [data]",
        ))
    }
}

/// The likeliest encoding of bytes that are not UTF-8.
fn likeliest(source: &Source, progress: &Progress) -> Result<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut bytes = source.bytes()?;
    let mut chunk = vec![0; CHUNK];
    loop {
        progress.check()?;
        let read = bytes.read(&mut chunk);
        let read = read.map_err(|error| source.unreadable(error))?;
        detector.feed(&chunk[..read], read == 0);
        if read == 0 {
            return Ok(detector.guess(None, Utf8Detection::Deny));
        }
    }
}

/// Number of characters that an encoding cannot read.
fn lost(encoding: &'static Encoding, source: &Source) -> Result<u64> {
    let mut text = Decoding::new(source.bytes()?, encoding.new_decoder_with_bom_removal());
    let mut chunk = vec![0; CHUNK];
    let mut lost = 0;
    loop {
        let read = text.read(&mut chunk);
        let read = read.map_err(|error| source.unreadable(error))?;
        if read == 0 {
            return Ok(lost);
        }
        let replaced = chunk[..read].windows(3);
        lost += replaced.filter(|bytes| *bytes == b"\xef\xbf\xbd").count() as u64;
    }
}

fn line_at(source: &Source, offset: u64) -> Result<u64> {
    let mut bytes = source.bytes()?.take(offset);
    let mut line = 1;
    let mut chunk = vec![0_u8; 1 << 16];
    loop {
        let read = bytes.read(&mut chunk);
        let read = read.map_err(|error| source.unreadable(error))?;
        if read == 0 {
            return Ok(line);
        }
        line += chunk[..read].iter().filter(|byte| **byte == b'\n').count() as u64;
    }
}
