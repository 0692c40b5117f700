//! Character encodings of text files, decided on all their bytes: UTF-8,
//! UTF-16 with or without a byte order mark, what project.toml names, or the
//! likeliest of the older ones, by how often their letters stand beside each
//! other. Such a guess is always told.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::table::{Layout, Lined, Source};
use crate::support::{Error, Progress, Result};

const CHUNK: usize = 1 << 20;

/// The encoding of a file, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    encoding: &'static Encoding,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// project.toml names it.
    Named,
    /// Named, but the bytes are UTF-8 with letters beyond ASCII.
    NamedAgainstUtf8,
    /// No other fits the bytes.
    Certain,
    /// Others fit the bytes as well.
    Guessed,
}

/// Finds the encoding of a file; `wanted` is the one that project.toml names,
/// if it names one.
///
/// Fails on bytes that no text holds, naming the line of the first.
pub(crate) fn found(source: &Source, wanted: Option<&str>, progress: &Progress) -> Result<Found> {
    let survey = Survey::of(source, progress)?;
    if let Some(label) = wanted {
        let encoding = Encoding::for_label(label.trim().as_bytes()).ok_or_else(|| {
            Error::input(format!("project.toml: `{label}` is no encoding"))
                .hint("use a name such as utf-8, windows-1252, iso-8859-2, shift_jis, utf-16le")
        })?;
        let is_utf8 = survey.first_invalid.is_none() && survey.multibyte > 0 && survey.zeros() == 0;
        let how = match is_utf8 && encoding != UTF_8 {
            true => How::NamedAgainstUtf8,
            false => How::Named,
        };
        if !is_utf16(encoding) {
            survey.refuse_zeros(source)?;
        }
        return Ok(Found { encoding, how });
    }
    survey.judge(source, progress)
}

fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

impl Found {
    /// The file as UTF-8, without byte order marks at its beginning.
    pub(crate) fn decoded(self, source: &Source) -> Result<Box<dyn Read>> {
        let bytes = source.bytes()?;
        let text: Box<dyn Read> = match self.encoding == UTF_8 && self.how == How::Certain {
            true => bytes,
            false => {
                let decoder = self.encoding.new_decoder_with_bom_removal();
                Box::new(Decoding::new(bytes, decoder))
            }
        };
        without_marks(Box::new(Lined::new(text))).map_err(|error| source.unreadable(error))
    }

    /// Says in the layout what it is and how sure that is.
    pub(crate) fn tell(self, layout: &mut Layout) {
        let name = self.encoding.name();
        layout.encoding = Some(name);
        match self.how {
            How::Guessed if self.encoding != WINDOWS_1252 => layout.doubts.push(format!(
                "its bytes are not UTF-8; by its letters it was read as {name}, which may be \
                 wrong: if letters look strange, write its encoding under [data], for instance \
                 encoding = \"{}\", and this line if they look right",
                if name == "windows-1251" {
                    "koi8-r"
                } else {
                    "windows-1252"
                }
            )),
            How::NamedAgainstUtf8 => layout.doubts.push(format!(
                "project.toml names the encoding {name}, but its bytes are UTF-8 letter for \
                 letter: if letters look strange, delete `encoding` under [data]"
            )),
            _ if self.encoding != UTF_8 => {
                layout.notes.push(format!("read as {name}, not UTF-8"));
            }
            _ => {}
        }
    }
}

/// The text without the byte order marks that it begins with: programs that
/// join files leave two.
fn without_marks(mut text: Box<dyn Read>) -> std::io::Result<Box<dyn Read>> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    loop {
        let mut start = Vec::with_capacity(MARK.len());
        text.by_ref()
            .take(MARK.len() as u64)
            .read_to_end(&mut start)?;
        if start != MARK {
            return Ok(Box::new(std::io::Cursor::new(start).chain(text)));
        }
    }
}

/// What a pass over the bytes found.
#[derive(Default)]
struct Survey {
    /// A byte order mark of UTF-16.
    marked: Option<&'static Encoding>,
    /// Well-formed sequences of several bytes.
    multibyte: u64,
    /// Bytes that are not UTF-8.
    invalid: u64,
    /// Offset of the first of them.
    first_invalid: Option<u64>,
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
    fn of(source: &Source, progress: &Progress) -> Result<Self> {
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

    fn take(&mut self, bytes: &[u8], at_end: bool, offset: u64) -> usize {
        if bytes.is_ascii() {
            return bytes.len();
        }
        let mut start = 0;
        while start < bytes.len() {
            let rest = &bytes[start..];
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
        start
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

    fn zeros(&self) -> u64 {
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

    fn judge(&self, source: &Source, progress: &Progress) -> Result<Found> {
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
            return found(UTF_8, How::Certain);
        };
        // Accented letters of one byte hardly ever look like UTF-8 by chance.
        if self.multibyte * 10 > self.invalid {
            let guessed = likeliest(source, progress)?;
            // Two bytes for a letter, as in East Asia, do so more often.
            if guessed.is_single_byte() || decodes(guessed, source)? > 0 {
                return Err(self.broken(source, first)?);
            }
            return found(guessed, How::Guessed);
        }
        found(likeliest(source, progress)?, How::Guessed)
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

    fn refuse_zeros(&self, source: &Source) -> Result<()> {
        let Some(first) = self.first_zero else {
            return Ok(());
        };
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
fn decodes(encoding: &'static Encoding, source: &Source) -> Result<u64> {
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

/// Turns a stream of some encoding into UTF-8; what cannot be decoded becomes
/// U+FFFD, which the check of the data counts.
struct Decoding<R> {
    source: R,
    decoder: Decoder,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
    at_end: bool,
}

impl<R: Read> Decoding<R> {
    fn new(source: R, decoder: Decoder) -> Self {
        Self {
            source,
            decoder,
            raw: vec![0; 1 << 16],
            decoded: Vec::new(),
            given: 0,
            at_end: false,
        }
    }

    fn refill(&mut self) -> std::io::Result<()> {
        let read = self.source.read(&mut self.raw)?;
        self.at_end = read == 0;
        let size = self
            .decoder
            .max_utf8_buffer_length(read)
            .unwrap_or(read * 3 + 16);
        self.decoded.resize(size, 0);
        let input = &self.raw[..read];
        let (_, _, written, _) = self
            .decoder
            .decode_to_utf8(input, &mut self.decoded, self.at_end);
        self.decoded.truncate(written);
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.decoded.len() {
            if self.at_end {
                return Ok(0);
            }
            self.refill()?;
        }
        let ready = &self.decoded[self.given..];
        let size = ready.len().min(target.len());
        target[..size].copy_from_slice(&ready[..size]);
        self.given += size;
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], wanted: Option<&str>) -> Result<(String, Found)> {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), bytes).expect("writes");
        let source = Source::new(file.path(), "x.csv");
        let found = found(&source, wanted, &Progress::silent())?;
        let mut text = String::new();
        found
            .decoded(&source)?
            .read_to_string(&mut text)
            .expect("decoded text is UTF-8");
        Ok((text, found))
    }

    #[test]
    fn recognises_encodings_and_drops_the_marks() {
        let cases: [(&[u8], &str, &str); 5] = [
            (b"\xef\xbb\xbfgr\xc3\xbcn", "grün", "UTF-8"),
            (b"\xef\xbb\xbf\xef\xbb\xbfx", "x", "UTF-8"),
            (b"gr\xfcn \x80", "grün €", "windows-1252"),
            (b"\xff\xfeg\0r\0", "gr", "UTF-16LE"),
            (b"plain", "plain", "UTF-8"),
        ];
        for (bytes, text, name) in cases {
            let (found, encoding) = decoded(bytes, None).expect("text");
            assert_eq!((found.as_str(), encoding.encoding.name()), (text, name));
        }
    }

    /// Sentences in the languages of an encoding, as many as a small file has.
    fn sentences(of: &[&str]) -> String {
        let rows = (0..60).map(|row| format!("{} {row};x\n", of[row % of.len()]));
        rows.collect()
    }

    #[test]
    fn older_encodings_are_told_by_their_letters_and_doubted() {
        let cases: [(&str, &[&str]); 6] = [
            (
                "windows-1251",
                &["Этот каталог нас разочаровал", "Очень хорошая услуга"],
            ),
            (
                "koi8-r",
                &["Этот каталог нас разочаровал", "Очень хорошая услуга"],
            ),
            (
                "iso-8859-2",
                &[
                    "Źle się stało, że ją zgubiłem",
                    "Świetny wózek, którą mąż kupił",
                ],
            ),
            (
                "windows-1250",
                &[
                    "Źle się stało, że ją zgubiłem",
                    "Świetny wózek, którą mąż kupił",
                ],
            ),
            (
                "gbk",
                &["那班渡船又坏了真是很差", "这个水壶用得很好我们都喜欢"],
            ),
            (
                "shift_jis",
                &["この電車はとても遅いです", "サービスが良かったと思います"],
            ),
        ];
        for (label, texts) in cases {
            let encoding = Encoding::for_label(label.as_bytes()).expect("an encoding");
            let text = sentences(texts);
            let (bytes, _, unmappable) = encoding.encode(&text);
            assert!(!unmappable, "{label}");
            let (found, how) = decoded(&bytes, None).expect(label);
            assert_eq!(found, text, "{label} read as {:?}", how.encoding);
            let mut layout = Layout::new(super::super::table::Format::Delimited, Vec::new());
            how.tell(&mut layout);
            assert!(layout.doubts[0].contains(how.encoding.name()));
        }
        let western = sentences(&["Die Grüße kamen später an", "Où est passé mon été"]);
        let (bytes, _, _) = WINDOWS_1252.encode(&western);
        let (found, how) = decoded(&bytes, None).expect("western");
        assert_eq!((found, how.encoding), (western, WINDOWS_1252));
    }

    #[test]
    fn utf16_needs_no_mark_and_a_nul_is_named_by_its_line() {
        for text in ["text,label\nplain,a\n", "текст,метка\nплохо,б\nхорошо,а\n"]
        {
            let units = text.encode_utf16();
            let low: Vec<u8> = units.clone().flat_map(u16::to_le_bytes).collect();
            let high: Vec<u8> = units.flat_map(u16::to_be_bytes).collect();
            for (bytes, name) in [(low, "UTF-16LE"), (high, "UTF-16BE")] {
                let (found, how) = decoded(&bytes, None).expect("UTF-16");
                assert_eq!((found.as_str(), how.encoding.name()), (text, name));
            }
        }
        for bytes in [&b"a,b\nc\0,d\n"[..], b"a,b\n\0\n\0", b"a,b\nd\0"] {
            let error = decoded(bytes, None).expect_err("a NUL").to_string();
            assert!(error.contains("line 2") && error.contains("NUL"), "{error}");
            assert!(decoded(bytes, Some("utf-8")).is_err());
        }
    }

    #[test]
    fn broken_utf8_names_the_line() {
        let mut bytes = "größer\nschöner\n".as_bytes().to_vec();
        bytes.extend(b"br\xc3ken\n");
        let error = decoded(&bytes, None).expect_err("broken").to_string();
        assert!(error.contains("line 3"), "{error}");
    }

    #[test]
    fn a_letter_cut_by_the_chunk_border_is_whole() {
        let mut bytes = vec![b'a'; CHUNK - 1];
        bytes.extend("ü\n".as_bytes());
        let (text, found) = decoded(&bytes, None).expect("text");
        assert_eq!(found.encoding, UTF_8);
        assert!(text.ends_with("aü\n"));
    }

    #[test]
    fn a_named_encoding_is_used() {
        let (text, _) = decoded(b"\xb1", Some("iso-8859-2")).expect("text");
        assert_eq!(text, "ą");
        assert!(decoded(b"a", Some("klingon")).is_err());
    }
}
