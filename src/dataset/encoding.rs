//! Character encodings of text files: UTF-8, recognised Windows-1252, UTF-16
//! with a byte order mark, or what project.toml names.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::Path;

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::support::{Error, Progress, Result};

const CHUNK: usize = 1 << 20;

/// Opens a text file as a stream of UTF-8, and says what it was.
///
/// `wanted` is the encoding that project.toml names, if it names one; `name`
/// is the file's name in messages. Fails on bytes that are neither UTF-8 nor
/// Windows-1252, naming the line of the first.
pub(crate) fn open(
    path: &Path,
    name: &str,
    wanted: Option<&str>,
    progress: &Progress,
) -> Result<(Box<dyn Read>, &'static Encoding)> {
    let failed = |error| Error::file("read", path, error);
    let mut file = File::open(path).map_err(failed)?;
    let encoding = match wanted {
        Some(label) => Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            Error::input(format!("project.toml: `{label}` is no encoding"))
                .hint("use a name such as utf-8, windows-1252, iso-8859-2, shift_jis, utf-16le")
        })?,
        None => detect(&mut file, path, name, progress)?,
    };
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    if encoding == UTF_8 && wanted.is_none() {
        skip_mark(&mut file).map_err(failed)?;
        return Ok((Box::new(file), encoding));
    }
    let decoder = encoding.new_decoder_with_bom_removal();
    Ok((Box::new(Decoding::new(file, decoder)), encoding))
}

fn skip_mark(file: &mut File) -> std::io::Result<()> {
    let mut start = Vec::with_capacity(3);
    file.by_ref().take(3).read_to_end(&mut start)?;
    let skipped = if start == b"\xef\xbb\xbf" { 3 } else { 0 };
    file.seek(SeekFrom::Start(skipped)).map(|_| ())
}

/// What a pass over the bytes found.
#[derive(Default)]
struct Survey {
    /// Well-formed sequences of several bytes.
    multibyte: u64,
    /// Bytes that are not UTF-8.
    invalid: u64,
    /// Offset of the first of them.
    first_invalid: Option<u64>,
    /// Invalid bytes that Windows-1252 does not define either.
    undefined: u64,
    /// Zero bytes, which no text holds.
    zeros: u64,
}

impl Survey {
    fn take(&mut self, bytes: &[u8], at_end: bool, offset: u64) -> usize {
        if bytes.is_ascii() {
            self.zeros += bytes.iter().filter(|byte| **byte == 0).count() as u64;
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
            self.zeros += good.iter().filter(|byte| **byte == 0).count() as u64;
            self.multibyte += good.iter().filter(|byte| **byte >= 0xc0).count() as u64;
            if bad > 0 {
                self.invalid += bad as u64;
                self.first_invalid
                    .get_or_insert(offset + (start + valid) as u64);
                let undefined = [0x81, 0x8d, 0x8f, 0x90, 0x9d];
                let wrong = &rest[valid..valid + bad];
                self.undefined += wrong.iter().filter(|b| undefined.contains(*b)).count() as u64;
            }
            start += valid + bad;
            if bad == 0 {
                break;
            }
        }
        start
    }
}

fn detect(
    file: &mut File,
    path: &Path,
    name: &str,
    progress: &Progress,
) -> Result<&'static Encoding> {
    let failed = |error| Error::file("read", path, error);
    let mut survey = Survey::default();
    let mut buffer: Vec<u8> = Vec::with_capacity(CHUNK + 4);
    let mut offset = 0_u64;
    loop {
        progress.check()?;
        let before = buffer.len();
        let limit = (CHUNK - before) as u64;
        file.by_ref()
            .take(limit)
            .read_to_end(&mut buffer)
            .map_err(failed)?;
        if offset == 0 {
            match buffer.as_slice() {
                [0xff, 0xfe, ..] => return Ok(UTF_16LE),
                [0xfe, 0xff, ..] => return Ok(UTF_16BE),
                _ => {}
            }
        }
        let at_end = buffer.len() == before;
        let used = survey.take(&buffer, at_end, offset);
        offset += used as u64;
        buffer.drain(..used);
        if at_end {
            break;
        }
    }
    judge(&survey, file, path, name)
}

fn judge(survey: &Survey, file: &mut File, path: &Path, name: &str) -> Result<&'static Encoding> {
    if survey.zeros > 0 {
        return Err(Error::input(format!("`{name}` holds binary data, not text")).hint(
            "save it as UTF-8 text; if it is UTF-16, write encoding = \"utf-16le\" under [data]",
        ));
    }
    let Some(first) = survey.first_invalid else {
        return Ok(UTF_8);
    };
    // Accented letters of Windows-1252 hardly ever look like UTF-8 by chance.
    let mixed = survey.multibyte * 10 > survey.invalid;
    if !mixed && survey.undefined == 0 {
        return Ok(WINDOWS_1252);
    }
    let line = line_at(file, first).map_err(|error| Error::file("read", path, error))?;
    let what = if mixed {
        "is UTF-8 with broken bytes in it"
    } else {
        "is neither UTF-8 nor Windows-1252"
    };
    Err(Error::input(format!(
        "`{name}` {what}: the first is in line {line}, {} bytes in all",
        survey.invalid
    ))
    .hint(
        "save the file as UTF-8, mend that line, or name the encoding under [data], \
         for instance encoding = \"iso-8859-2\"",
    ))
}

fn line_at(file: &mut File, offset: u64) -> std::io::Result<u64> {
    file.seek(SeekFrom::Start(0))?;
    let mut line = 1;
    let mut left = offset;
    let mut buffer = vec![0_u8; 1 << 16];
    while left > 0 {
        let size = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = file.read(&mut buffer[..size])?;
        if read == 0 {
            break;
        }
        line += buffer[..read].iter().filter(|byte| **byte == b'\n').count() as u64;
        left -= read as u64;
    }
    Ok(line)
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

    fn decoded(bytes: &[u8], wanted: Option<&str>) -> Result<(String, &'static str)> {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        std::fs::write(file.path(), bytes).expect("writes");
        let (mut reader, encoding) = open(file.path(), "x.csv", wanted, &Progress::silent())?;
        let mut text = String::new();
        reader
            .read_to_string(&mut text)
            .expect("decoded text is UTF-8");
        Ok((text, encoding.name()))
    }

    #[test]
    fn recognises_encodings_and_drops_the_mark() {
        let cases: [(&[u8], &str, &str); 4] = [
            (b"\xef\xbb\xbfgr\xc3\xbcn", "grün", "UTF-8"),
            (b"gr\xfcn \x80", "grün €", "windows-1252"),
            (b"\xff\xfeg\0r\0", "gr", "UTF-16LE"),
            (b"plain", "plain", "UTF-8"),
        ];
        for (bytes, text, name) in cases {
            assert_eq!(decoded(bytes, None).expect("text"), (text.to_owned(), name));
        }
    }

    #[test]
    fn broken_utf8_names_the_line() {
        let mut bytes = "größer\nschöner\n".as_bytes().to_vec();
        bytes.extend(b"br\xc3ken\n");
        let error = decoded(&bytes, None).expect_err("broken").to_string();
        assert!(error.contains("line 3"), "{error}");
        assert!(
            decoded(b"a\0b", None)
                .expect_err("binary")
                .to_string()
                .contains("binary")
        );
    }

    #[test]
    fn a_letter_cut_by_the_chunk_border_is_whole() {
        let mut bytes = vec![b'a'; CHUNK - 1];
        bytes.extend("ü\n".as_bytes());
        let (text, name) = decoded(&bytes, None).expect("text");
        assert_eq!(name, "UTF-8");
        assert!(text.ends_with("aü\n"));
    }

    #[test]
    fn a_named_encoding_is_used() {
        let (text, _) = decoded(b"\xb1", Some("iso-8859-2")).expect("text");
        assert_eq!(text, "ą");
        assert!(decoded(b"a", Some("klingon")).is_err());
    }
}
