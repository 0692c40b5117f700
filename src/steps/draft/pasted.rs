//! A table that is no file yet, pasted from the clipboard or piped in: it is
//! written to a file, which is then read by the rules of any file.

use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::DraftFile;
use crate::dataset::table::{Format, format_of_bytes};
use crate::records::FileSpec;
use crate::support::text::size;
use crate::support::{Error, Result, atomic_file};

/// The largest table that is pasted or piped in, in bytes.
pub const MOST_BYTES: usize = 64 << 20;

/// Where a table comes from that is no file yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The clipboard.
    Clipboard,
    /// The standard input of a command.
    Pipe,
}

/// Keeps the file that a table was written to for as long as a draft needs it.
#[derive(Debug, Clone)]
pub struct Kept(Arc<TempDir>);

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Origin {
    fn name(self) -> &'static str {
        match self {
            Origin::Clipboard => "the clipboard",
            Origin::Pipe => "the standard input",
        }
    }

    /// What the file is called, without a suffix.
    fn stem(self) -> &'static str {
        match self {
            Origin::Clipboard => "pasted",
            Origin::Pipe => "piped",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Origin::Clipboard => {
                "copy the header and its rows together: cells of a spreadsheet, CSV or JSON Lines"
            }
            Origin::Pipe => "pipe in a whole file: its header and its rows",
        }
    }
}

impl DraftFile {
    /// A table of which there is no file yet; `number` tells it from others of
    /// one draft.
    ///
    /// # Errors
    /// When there is no table in it, when it is too large, or when it cannot be
    /// read or written.
    pub fn pasted(content: &[u8], origin: Origin, number: usize) -> Result<Self> {
        let from = origin.name();
        if content.len() > MOST_BYTES {
            return Err(Error::input(format!(
                "{from} holds more than {}, the limit for what is read from there",
                size(MOST_BYTES as u64)
            ))
            .hint("save it as a file and add that"));
        }
        if content.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::input(format!("{from} is empty")).hint(origin.hint()));
        }
        let (suffix, content) = written(content, origin)?;
        let folder = tempfile::Builder::new()
            .prefix("blindspot-table-")
            .tempdir();
        let folder = folder.map_err(|e| Error::program("no temporary folder").because(e))?;
        let stem = match number {
            0 => origin.stem().to_owned(),
            more => format!("{}-{}", origin.stem(), more + 1),
        };
        let path: PathBuf = folder.path().join(stem + suffix);
        atomic_file::write(&path, |out| out.write_all(&content))?;
        let guess = Self::look(&path, &FileSpec::default());
        let guess = guess.map_err(|error| error.context(from))?;
        Ok(Self {
            kept: Some(Kept(Arc::new(folder))),
            ..Self::new(path, guess)
        })
    }
}

/// The suffix of what a table is, and its content as it is written to a file.
fn written(content: &[u8], origin: Origin) -> Result<(&'static str, Vec<u8>)> {
    let start = &content[..content.len().min(4096)];
    let is_packed = matches!(start, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..]);
    let format = match is_packed {
        // What is inside is found when it is read.
        true => return Ok(("", content.to_vec())),
        false => format_of_bytes(start, origin.name())?,
    };
    let suffix = match format {
        Format::JsonLines => ".jsonl",
        Format::Parquet => ".parquet",
        Format::Arrow => ".arrow",
        Format::Spreadsheet => ".xlsx",
        Format::Delimited | Format::Texts => {
            let ends_line = |byte: &u8| matches!(byte, b'\n' | b'\r');
            if !content.trim_ascii().iter().any(ends_line) {
                let from = origin.name();
                let what = format!("{from} holds one line only, which is no table");
                return Err(Error::input(what).hint(origin.hint()));
            }
            if has_tabs(start) {
                return Ok((".tsv", unambiguous(content)));
            }
            ".csv"
        }
    };
    Ok((suffix, content.to_vec()))
}

/// Whether tabs stand in the first line that holds anything: spreadsheets put
/// them between cells.
fn has_tabs(start: &[u8]) -> bool {
    let mut lines = start.split(|byte| matches!(byte, b'\n' | b'\r'));
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    first.is_some_and(|line| line.contains(&b'\t'))
}

/// Cells as spreadsheets put them on the clipboard: those with line breaks in
/// quotation marks, others as they are, even if they begin with one. A mark
/// that encloses nothing would swallow what follows when a file is read, so such
/// cells are quoted as well.
fn unambiguous(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len());
    let mut rest = content;
    while !rest.is_empty() {
        let end = match rest.first() {
            Some(b'"') => match enclosed(rest) {
                Some(end) => end,
                None => {
                    let end = plain(rest);
                    out.push(b'"');
                    for byte in &rest[..end] {
                        out.extend(std::iter::repeat_n(*byte, 1 + usize::from(*byte == b'"')));
                    }
                    out.push(b'"');
                    rest = &rest[end..];
                    0
                }
            },
            _ => plain(rest),
        };
        // The separator goes with the cell before it.
        let end = (end + 1).min(rest.len());
        out.extend_from_slice(&rest[..end]);
        rest = &rest[end..];
    }
    out
}

fn ends_cell(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r')
}

/// Length of a cell without marks around it.
fn plain(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| ends_cell(*byte));
    end.unwrap_or(text.len())
}

/// Length of a cell that quotation marks enclose, with them; none if they do
/// not.
fn enclosed(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += 1 + text.get(at..)?.iter().position(|byte| *byte == b'"')?;
        match text.get(at) {
            Some(b'"') => at += 1,
            Some(byte) if !ends_cell(*byte) => return None,
            _ => return Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Guess;

    fn cells(text: &str) -> (String, Vec<Vec<String>>) {
        let file = DraftFile::pasted(text.as_bytes(), Origin::Clipboard, 0).expect("a table");
        let Guess {
            layout, preview, ..
        } = &file.guess;
        let mut rows = vec![layout.columns.clone()];
        rows.extend(preview.iter().cloned());
        (file.name(), rows)
    }

    #[test]
    fn tables_are_read_however_they_got_onto_the_clipboard() {
        let usual = [
            ["text", "label"],
            ["a good one", "pos"],
            ["bad, so bad", "neg"],
        ];
        for (text, name) in [
            (
                "text\tlabel\na good one\tpos\nbad, so bad\tneg\n",
                "pasted.tsv",
            ),
            (
                "text\tlabel\r\na good one\tpos\r\nbad, so bad\tneg",
                "pasted.tsv",
            ),
            (
                "text,label\na good one,pos\n\"bad, so bad\",neg\n",
                "pasted.csv",
            ),
            (
                "text;label\na good one;pos\nbad, so bad;neg\n",
                "pasted.csv",
            ),
            (
                "{\"text\":\"a good one\",\"label\":\"pos\"}\n\
                 {\"text\":\"bad, so bad\",\"label\":\"neg\"}\n",
                "pasted.jsonl",
            ),
            (
                "[{\"text\":\"a good one\",\"label\":\"pos\"},\n\
                 {\"text\":\"bad, so bad\",\"label\":\"neg\"}]",
                "pasted.jsonl",
            ),
        ] {
            assert_eq!(cells(text).0, name, "{text}");
            let mut rows = cells(text).1;
            // JSON Lines have their columns by name.
            if rows[0][0] == "label" {
                rows.iter_mut().for_each(|row| row.reverse());
            }
            assert_eq!(rows, usual, "{text}");
        }
    }

    #[test]
    fn quotation_marks_of_spreadsheets_are_read_as_they_were_meant() {
        for (cell, meant) in [
            ("\"two\nlines\"", "two\nlines"),
            (
                "\"two\r\nlines, \"\"so\"\" to say\"",
                "two\r\nlines, \"so\" to say",
            ),
            ("\"tab\there\"", "tab\there"),
            ("5\" tall", "5\" tall"),
            ("\"Great\" she said", "\"Great\" she said"),
            ("\"never closed", "\"never closed"),
            ("he said \"no\"", "he said \"no\""),
            ("\"a\" and \"b\"", "\"a\" and \"b\""),
        ] {
            for around in [1, 7] {
                let others = format!("{cell}\tneg\n").repeat(around);
                let text = format!("text\tlabel\nplain\tpos\n{others}\"first\nsecond\"\tpos\n");
                let rows = cells(&text).1;
                assert_eq!(rows.len(), around + 3, "{text}: {rows:?}");
                assert_eq!(rows[2], [meant, "neg"], "{text}");
                assert_eq!(rows[around + 2], ["first\nsecond", "pos"], "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_table_is_refused_with_what_to_copy() {
        for text in ["", "  \n", "one line", "a\tb"] {
            let error = DraftFile::pasted(text.as_bytes(), Origin::Clipboard, 0);
            let error = error.expect_err("no table");
            assert!(error.to_string().contains("the clipboard"), "{error}");
            assert!(error.remedy().is_some(), "{error}");
        }
        let huge = vec![b'x'; MOST_BYTES + 1];
        let error = DraftFile::pasted(&huge, Origin::Pipe, 0).expect_err("too large");
        assert!(error.to_string().contains("limit"), "{error}");
    }

    #[test]
    fn the_file_lasts_as_long_as_somebody_needs_it() {
        let file = DraftFile::pasted(b"text,label\na b c,x\n", Origin::Pipe, 1).expect("a table");
        assert_eq!(file.name(), "piped-2.csv");
        let (path, other) = (file.path.clone(), file.clone());
        drop(file);
        assert!(path.exists());
        drop(other);
        assert!(!path.exists());
    }
}
