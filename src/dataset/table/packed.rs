//! Compressed files: gzip and Zstandard around a file of any format that is
//! read from its first byte to its last, and the parts of a zip archive.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use super::limits::Unpacked;

/// A way of compressing a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstandard,
}

impl Packing {
    /// How a file is compressed by its first bytes.
    pub(super) fn of(file: &mut File) -> io::Result<Option<Self>> {
        let mut start = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut start)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(match start[..] {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd] => Some(Self::Zstandard),
            _ => None,
        })
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstandard => "Zstandard",
        }
    }

    /// The bytes that a file of that many bytes unpacks to.
    pub(super) fn unpacked(self, file: File, length: u64) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            // Some programs write several parts one after the other.
            Self::Gzip => Box::new(Unpacked::new(
                flate2::read::MultiGzDecoder::new(file),
                length,
            )),
            Self::Zstandard => {
                let unpacking = zstd::stream::read::Decoder::new(file)?;
                Box::new(Unpacked::new(unpacking, length))
            }
        })
    }
}

/// A path without the suffix of a compression: `x.csv` for `x.csv.gz`.
pub(super) fn without_suffix(path: &Path) -> &Path {
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    let packed = suffix.is_some_and(|suffix| {
        ["gz", "gzip", "zst", "zstd"].contains(&suffix.to_ascii_lowercase().as_str())
    });
    match (packed, path.file_stem()) {
        (true, Some(stem)) => Path::new(stem),
        _ => path,
    }
}

/// Unpacks the parts of a zip archive one after the other and holds nothing:
/// fails where they come to more than a file of that length may. What the
/// archive says of their sizes is not believed. Gives the number of rows that
/// the sheets of a workbook hide.
pub(super) fn check_archive(file: &mut File) -> io::Result<usize> {
    let length = file.metadata()?.len();
    let mut total = 0;
    let mut hidden_rows = HiddenRows::default();
    for part in parts(file, length)? {
        file.seek(SeekFrom::Start(part.start))?;
        let packed = file.by_ref().take(part.length);
        let unpacked: Box<dyn Read> = match part.is_deflated {
            true => Box::new(flate2::read::DeflateDecoder::new(packed)),
            false => Box::new(packed),
        };
        let mut unpacked = Unpacked::new(unpacked, length).after(total);
        total += match part.is_sheet {
            true => io::copy(&mut unpacked, &mut hidden_rows)?,
            false => io::copy(&mut unpacked, &mut io::sink())?,
        };
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(hidden_rows.count)
}

struct Part {
    start: u64,
    length: u64,
    is_deflated: bool,
    is_sheet: bool,
}

/// Counts the rows that a sheet hides, from its XML as it passes.
#[derive(Default)]
struct HiddenRows {
    count: usize,
    /// What follows the last `<`, up to a length that no such tag needs.
    tag: Option<Vec<u8>>,
}

impl io::Write for HiddenRows {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const LONGEST: usize = 500;
        for byte in bytes {
            match (byte, &mut self.tag) {
                (b'<', tag) => *tag = Some(Vec::new()),
                (b'>', tag) => {
                    let tag = tag.take().unwrap_or_default();
                    let holds = |what: &[u8]| tag.windows(what.len()).any(|part| part == what);
                    let hides = holds(b" hidden=\"1\"") || holds(b" hidden=\"true\"");
                    self.count += usize::from(tag.starts_with(b"row ") && hides);
                }
                (_, Some(tag)) if tag.len() < LONGEST => tag.push(*byte),
                _ => {}
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The parts that the directory at the end of an archive lists. One that is
/// damaged lists none: the reader says what is wrong.
fn parts(file: &mut File, length: u64) -> io::Result<Vec<Part>> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let tail_start = length.saturating_sub(66_000);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(tail_start))?;
    file.by_ref().take(66_000).read_to_end(&mut tail)?;
    let end = tail.windows(END.len()).rposition(|bytes| bytes == END);
    let Some(end) = end.map(|at| &tail[at..]) else {
        return Ok(Vec::new());
    };
    let (Some(size), Some(start)) = (number(end, 12, 4), number(end, 16, 4)) else {
        return Ok(Vec::new());
    };
    let mut directory = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.by_ref().take(size).read_to_end(&mut directory)?;
    let mut parts = Vec::new();
    let mut rest = directory.as_slice();
    while rest.starts_with(ENTRY) {
        let field = |at, bytes| number(rest, at, bytes).unwrap_or(0);
        let lengths = field(28, 2) + field(30, 2) + field(32, 2);
        let header = field(42, 4);
        let mut local = [0; 30];
        file.seek(SeekFrom::Start(header))?;
        if file.read_exact(&mut local).is_ok() {
            let names = number(&local, 26, 2).unwrap_or(0) + number(&local, 28, 2).unwrap_or(0);
            parts.push(Part {
                start: header + 30 + names,
                length: field(20, 4),
                is_deflated: field(10, 2) == 8,
                is_sheet: rest
                    .get(46..)
                    .is_some_and(|name| name.starts_with(b"xl/worksheets/")),
            });
        }
        let used = usize::try_from(46 + lengths).unwrap_or(usize::MAX);
        rest = rest.get(used..).unwrap_or_default();
    }
    Ok(parts)
}

/// A little-endian number in some bytes.
fn number(bytes: &[u8], at: usize, count: usize) -> Option<u64> {
    let digits = bytes.get(at..at + count)?;
    Some(
        digits
            .iter()
            .rev()
            .fold(0, |sum, digit| sum << 8 | u64::from(*digit)),
    )
}
