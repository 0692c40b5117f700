//! Files that hold no table, known by how they begin: better refused by name
//! than read as rows of rubbish.

/// What a file is that is no table, and what to do instead.
pub(super) fn what_it_is(start: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it first";
    const COPY: &str = "copy the texts with their labels into a table, and save that as CSV";
    const CSV: &str = "write its table as CSV, JSON Lines or Parquet";
    Some(match start {
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => ("compressed twice", "unpack it once"),
        [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            let what = "compressed in a way other than gzip and Zstandard";
            (what, UNPACK)
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            ("an old Office file (.xls, .doc)", "save it as .xlsx or CSV")
        }
        [b'7', b'z', 0xbc, 0xaf, ..] | [b'R', b'a', b'r', b'!', ..] => ("an archive", UNPACK),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] | [b'G', b'I', b'F', b'8', ..] => {
            ("a picture", COPY)
        }
        [0x7f, b'E', b'L', b'F', ..] => ("a program", "name a file with texts and labels"),
        [0x80, 2..=5, ..] => ("a Python pickle", CSV),
        _ if start.starts_with(b"SQLite format 3\0") => ("a SQLite database", CSV),
        _ if start.starts_with(b"\x89HDF") => ("an HDF5 file", CSV),
        _ => return of_text(start, (COPY, CSV)),
    })
}

/// The same of what begins with letters, behind blanks and byte order marks.
fn of_text(
    start: &[u8],
    (copy, csv): (&'static str, &'static str),
) -> Option<(&'static str, &'static str)> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text = text.trim_ascii_start();
    let begins = |with: &str| {
        let there = text.get(..with.len());
        there.is_some_and(|there| there.eq_ignore_ascii_case(with.as_bytes()))
    };
    if begins("%PDF-") {
        Some(("a PDF", copy))
    } else if begins("%!PS") {
        Some(("a PostScript file", copy))
    } else if begins("{\\rtf") {
        Some(("a formatted document (RTF)", copy))
    } else if begins("<!doctype html") || begins("<html") {
        Some(("a web page", copy))
    } else if begins("<?xml") || begins("<svg") {
        Some(("an XML file", csv))
    } else if is_binary(start) {
        Some(("no text and no table of a known format", csv))
    } else {
        None
    }
}

/// Whether control characters that no text has come again and again. In UTF-16
/// they are halves of letters, and lines end with a zero beside the line feed.
fn is_binary(start: &[u8]) -> bool {
    let has = |pair: &[u8]| start.windows(2).any(|two| two == pair);
    let is_wide = has(b"\n\0") || has(b"\0\n") || start.starts_with(b"\xff\xfe");
    if is_wide || start.starts_with(b"\xfe\xff") {
        return false;
    }
    let is_odd = |byte: &&u8| matches!(**byte, 1..=6 | 14..=26 | 28..=31);
    let odd = start.iter().filter(is_odd).count();
    odd * 20 > start.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_table_is_called_by_its_name() {
        for (start, name) in [
            (
                &b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>"[..],
                "a PDF",
            ),
            (b"\xef\xbb\xbf\n%pdf-1.4\n", "a PDF"),
            (b"{\\rtf1\\ansi text", "a formatted document (RTF)"),
            (b"  <!DOCTYPE HTML><title>a,b</title>", "a web page"),
            (b"<?xml version=\"1.0\"?><rows/>", "an XML file"),
            (b"\x89PNG\r\n\x1a\n", "a picture"),
            (b"SQLite format 3\0\x10", "a SQLite database"),
            (b"\x80\x04\x95\x10", "a Python pickle"),
            (b"7z\xbc\xaf\x27\x1c", "an archive"),
            (
                b"\x03\x01\x1f\x02ab\x05\x06",
                "no text and no table of a known format",
            ),
        ] {
            assert_eq!(what_it_is(start).map(|(what, _)| what), Some(name));
        }
    }

    #[test]
    fn texts_and_tables_pass() {
        let utf16: Vec<u8> = "text,label\nПривет,1\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for start in [
            &b"text,label\n<b>bold</b>,1\n"[..],
            b"%,PDF\n1,2\n",
            b"{\"text\": \"a\"}\n",
            b"a\x1b[0m,1\nb,2\n",
            &utf16,
        ] {
            assert_eq!(what_it_is(start), None);
        }
    }
}
