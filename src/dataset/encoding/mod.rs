//! Character encodings of text files, decided on all their bytes: UTF-8,
//! UTF-16 with or without a byte order mark, what project.toml names, or the
//! likeliest of the older ones, by how often their letters stand beside each
//! other. Such a guess is always told.

mod decoding;
mod letters;
mod marks;
mod survey;
#[cfg(test)]
mod tests;

use std::io::Read;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::table::{Layout, Lined, Source};
use crate::support::{Error, Progress, Result};
use decoding::Decoding;
use marks::WithoutMarks;
use survey::Survey;

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

impl How {
    /// Why the encoding is taken for that of the file.
    fn evidence(self, encoding: &'static Encoding) -> &'static str {
        match self {
            How::Named => "as project.toml says",
            How::NamedAgainstUtf8 => "as project.toml says, though its bytes are UTF-8",
            How::Certain if is_utf16(encoding) => "its lines and letters are written so",
            How::Certain => "all its bytes fit",
            How::Guessed => "guessed, by which letters stand beside each other",
        }
    }
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
    /// The file as UTF-8, without byte order marks.
    pub(crate) fn decoded(self, source: &Source) -> Result<Box<dyn Read>> {
        let bytes = source.bytes()?;
        let text: Box<dyn Read> = match self.encoding == UTF_8 && self.how == How::Certain {
            true => bytes,
            false => {
                let decoder = self.encoding.new_decoder_with_bom_removal();
                Box::new(Decoding::new(bytes, decoder))
            }
        };
        Ok(Box::new(WithoutMarks::new(Lined::new(text))))
    }

    /// Says in the layout what it is and how sure that is.
    pub(crate) fn tell(self, layout: &mut Layout) {
        let name = self.encoding.name();
        layout.encoding = Some(name);
        layout.evidence.push(format!(
            "encoding {name}: {}",
            self.how.evidence(self.encoding)
        ));
        match self.how {
            How::Guessed if self.encoding != WINDOWS_1252 => layout.doubts.push(format!(
                "its bytes are not UTF-8; by its letters it was read as {name}, which may be \
                 wrong: if letters look strange, save it as UTF-8, or write its encoding under [data], \
                 for instance encoding = \"{}\", and this line if they look right",
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
