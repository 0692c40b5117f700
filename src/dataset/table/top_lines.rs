//! Lines above the header of a delimited file.

use super::dialect::CANDIDATES;

/// Lines above the header that may be comments.
const MOST_COMMENTS: usize = 100;

/// What stands above the header.
#[derive(Debug, Default)]
pub(super) struct Top {
    pub(super) lines: u64,
    pub(super) delimiter: Option<u8>,
    pub(super) told: Option<String>,
}

impl Top {
    /// A line `sep=;`, as spreadsheets read and write it; lines that begin
    /// with `#`, unless the last of them has as many cells as the line below
    /// it and so is the header.
    pub(super) fn of(sample: &[u8]) -> Self {
        let lines: Vec<&[u8]> = sample
            .split(|byte| *byte == b'\n')
            .take(MOST_COMMENTS + 2)
            .collect();
        let first = lines.first().map_or(&[][..], |line| line.trim_ascii());
        let named = first
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"sep="));
        // A tab is white space: the line is not trimmed behind the sign.
        let rest = lines
            .first()
            .and_then(|line| line.strip_suffix(b"\r").or(Some(line)));
        if let (true, Some([_, _, _, _, delimiter])) = (named, rest) {
            return Self {
                lines: 1,
                delimiter: Some(*delimiter),
                told: Some(format!(
                    "its first line, `sep={}`, names the delimiter",
                    char::from(*delimiter)
                )),
            };
        }
        let mut comments = lines
            .iter()
            .take_while(|line| line.starts_with(b"#"))
            .count();
        if let (Some(last), Some(below)) = (comments.checked_sub(1), lines.get(comments)) {
            let cells = |line: &[u8]| {
                let count = |wanted: u8| line.iter().filter(|byte| **byte == wanted).count();
                CANDIDATES.into_iter().map(count).max().unwrap_or(0)
            };
            if cells(lines[last]) > 0 && cells(lines[last]) == cells(below) {
                comments -= 1;
            }
        }
        let told = (comments > 0).then(|| {
            format!(
                "{comments} {} at its top that {} with # {} left out",
                if comments == 1 { "line" } else { "lines" },
                if comments == 1 { "begins" } else { "begin" },
                if comments == 1 { "is" } else { "are" }
            )
        });
        Self {
            lines: comments as u64,
            delimiter: None,
            told,
        }
    }

    /// The sample without the lines at its top.
    pub(super) fn below<'s>(&self, sample: &'s [u8]) -> &'s [u8] {
        let mut rest = sample;
        for _ in 0..self.lines {
            let end = rest.iter().position(|byte| *byte == b'\n');
            rest = end.map_or(&[][..], |end| &rest[end + 1..]);
        }
        rest
    }
}
