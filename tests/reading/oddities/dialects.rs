//! Ways of writing rows of text that not every program shares.

use super::{Plain, Written};
use crate::tables::gzip;

const DELIMITED: [&str; 2] = ["csv", "tsv"];
const LINES: [&str; 3] = ["csv", "tsv", "jsonl"];

/// The plain rows with another text.
fn changed(
    formats: &'static [&'static str],
    change: impl Fn(String) -> String + 'static,
) -> Written {
    Box::new(move |suffix| {
        formats.contains(&suffix).then(|| {
            let plain = Plain::english();
            let text = String::from_utf8(plain.table().written(suffix)).expect("UTF-8");
            plain.given(change(text).into_bytes())
        })
    })
}

/// Rows by hand: each is its cells as they are written, `d` stands between.
fn by_hand(texts: impl Fn(usize) -> (String, String) + 'static) -> Written {
    Box::new(move |suffix| {
        let delimiter = match suffix {
            "csv" => ',',
            "tsv" => '\t',
            _ => return None,
        };
        let mut plain = Plain::english();
        let mut file = ["id", "text", "label", "role"].join(&delimiter.to_string()) + "\n";
        for (row, id) in Plain::ids().enumerate() {
            let (written, meant) = texts(row);
            let (label, role) = (plain.label(row), Plain::role(row));
            let cells = [&id, &written, label, role.name()];
            file += &(cells.join(&delimiter.to_string()) + "\n");
            plain.texts[row] = meant;
        }
        Some(plain.given(file.into_bytes()))
    })
}

/// Something at the end of some line.
fn at_line(number: usize, change: impl Fn(&mut String) + 'static) -> impl Fn(String) -> String {
    move |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        change(&mut lines[number]);
        lines.join("\n") + "\n"
    }
}

fn without_last_cell(line: &mut String) {
    let delimiter = if line.contains('\t') { '\t' } else { ',' };
    let end = line.rfind(delimiter).expect("several cells");
    let end = line[..end].rfind(delimiter).expect("several cells");
    line.truncate(end);
}

fn one_cell_more(line: &mut String) {
    let delimiter = if line.contains('\t') { '\t' } else { ',' };
    *line += &format!("{delimiter}more");
}

fn nul() -> Written {
    Box::new(|suffix| {
        if suffix == "xlsx" {
            return None;
        }
        let mut plain = Plain::english();
        plain.texts[9] = "A text\0with a NUL".to_owned();
        let mut bytes = plain.table().written(suffix);
        if suffix == "jsonl" {
            // As it is, not as JSON escapes it.
            let text = String::from_utf8(bytes).expect("UTF-8");
            bytes = text.replace("\\u0000", "\0").into_bytes();
        }
        Some(plain.given(bytes))
    })
}

fn escaped_in_json(escape: &'static str) -> Written {
    changed(&["jsonl"], move |text| {
        text.replacen("late", &format!("late {escape}"), 1)
    })
}

fn compressed(times: usize) -> Written {
    Box::new(move |suffix| {
        let plain = Plain::english();
        let bytes = plain.table().written(suffix);
        Some(plain.given((0..times).fold(bytes, |bytes, _| gzip(&bytes))))
    })
}

pub(super) fn all() -> Vec<(&'static str, Written)> {
    let said = |row: usize| {
        let says = |text: &str| format!("Row {row} says {text}");
        (says(r#"\"no\", and leaves"#), says(r#""no", and leaves"#))
    };
    let backslashes = move |row| {
        let (written, meant) = said(row);
        (format!("\"{written}\""), meant)
    };
    let spaced = |row| {
        (
            format!(" \"Row {row}, which is late\""),
            format!("Row {row}, which is late"),
        )
    };
    let late = |row| match row {
        0..40 => (format!("Row {row} is late"), format!("Row {row} is late")),
        _ => (
            format!("\"Row {row} is \"\"late\"\", they say\""),
            format!("Row {row} is \"late\", they say"),
        ),
    };
    let several = |row| {
        let text = format!("Row {row}\nand the rest");
        (format!("\"{text}\""), text)
    };
    vec![
        (
            "`sep=` above the header",
            changed(&DELIMITED, |text| {
                let delimiter = if text.contains('\t') { '\t' } else { ',' };
                format!("sep={delimiter}\n{text}")
            }),
        ),
        (
            "comment lines above the header",
            changed(&DELIMITED, |text| format!("# made in May\n#\n{text}")),
        ),
        (
            "blank lines",
            changed(&LINES, |text| text.replace('\n', "\n\n")),
        ),
        (
            "carriage returns and line feeds",
            changed(&LINES, |text| text.replace('\n', "\r\n")),
        ),
        (
            "carriage returns alone",
            changed(&DELIMITED, |text| text.replace('\n', "\r")),
        ),
        (
            "no line feed at the end",
            changed(&LINES, |text| text.trim_end().to_owned()),
        ),
        (
            "a row with a cell too many",
            changed(&DELIMITED, at_line(7, one_cell_more)),
        ),
        (
            "a row that ends early",
            changed(&DELIMITED, at_line(7, without_last_cell)),
        ),
        (
            "quotation marks escaped with backslashes",
            by_hand(backslashes),
        ),
        ("a space before quotation marks", by_hand(spaced)),
        ("quotation marks in the last rows only", by_hand(late)),
        ("cells of several lines", by_hand(several)),
        ("a NUL character", nul()),
        ("half a character (`\\ud83d`)", escaped_in_json("\\ud83d")),
        (
            "a line that is no object",
            changed(&["jsonl"], at_line(7, |line| line.truncate(20))),
        ),
        ("gzip around it", compressed(1)),
        ("gzip around gzip", compressed(2)),
    ]
}
