//! Columns and values that are not what their names say.

use super::{Given, Plain, ROWS, Written};
use crate::tables::{Cells, Table};

const MISSING_GROUP: &str = "[data]\n[data.columns]\ngroup = \"thread\"\n";
const NAMES_IN_ORDER: &str = "labels = [\"good\", \"bad\"]\n";
const NAMES_SWAPPED: &str = "labels = [\"bad\", \"good\"]\n";
const CLASS_LABEL: &str =
    r#"{"features": {"label": {"names": ["good", "bad"], "_type": "ClassLabel"}}}"#;

/// Written as it is in every format.
fn in_all(change: impl Fn(&Plain, &str) -> Given + 'static) -> Written {
    Box::new(move |suffix| Some(change(&Plain::english(), suffix)))
}

/// The table with one column in the place of another.
fn replaced(table: Table, column: &str, name: &str, cells: Cells) -> Table {
    let columns = table
        .columns
        .into_iter()
        .map(|(known, old)| match known == column {
            true => (name.to_owned(), cells.clone()),
            false => (known, old),
        });
    Table {
        columns: columns.collect(),
    }
}

/// A column in the place of another of the plain table.
fn instead(column: &'static str, name: &'static str, cells: Cells) -> Written {
    in_all(move |plain, suffix| {
        let table = replaced(plain.table(), column, name, cells.clone());
        plain.given(table.written(suffix))
    })
}

/// One more column, which must not be read for that of the plain table.
fn beside(name: &'static str) -> Written {
    in_all(move |plain, suffix| {
        let drafts = (0..ROWS).map(|row| ["x", "y", "z"][row % 3]);
        let table = plain.table().with(name, Cells::texts(drafts));
        let mut given = plain.given(table.written(suffix));
        if name == "label" && suffix == "jsonl" {
            // Of two keys the last counts, as in every reader of JSON.
            for (row, id) in Plain::ids().enumerate() {
                let meant = given.meant.get_mut(&id).expect("a row");
                meant.label = ["x", "y", "z"][row % 3].to_owned();
            }
        }
        given
    })
}

/// Some cells of a column are empty; `key` says whether JSON has their key.
fn gaps(column: &'static str, empty: impl Fn(usize) -> bool + 'static, key: bool) -> Written {
    in_all(move |plain, suffix| {
        let table = plain.table();
        let (_, cells) = table
            .columns
            .iter()
            .find(|(name, _)| name == column)
            .expect("there");
        let Cells::Texts(all) = cells.clone() else {
            unreachable!("the plain table holds texts");
        };
        let cells = all.into_iter().enumerate();
        let cells = Cells::Texts(
            cells
                .map(|(row, cell)| cell.filter(|_| !empty(row)))
                .collect(),
        );
        let mut bytes = replaced(table, column, column, cells).written(suffix);
        if suffix == "jsonl" && !key {
            let text = String::from_utf8(bytes).expect("UTF-8");
            bytes = text
                .replace(&format!(", \"{column}\": null"), "")
                .into_bytes();
        }
        let mut given = plain.given(bytes);
        for (row, id) in Plain::ids().enumerate().filter(|(row, _)| empty(*row)) {
            if let Some(meant) = given.meant.get_mut(&id) {
                assert!(row < ROWS);
                meant.role = meant.role.filter(|_| column != "role");
            }
        }
        given
    })
}

/// Numbers for labels, with settings and perhaps the names beside the file.
fn numbered(first: i64, toml: &'static str, named_by_file: bool) -> Written {
    in_all(move |plain, suffix| {
        let numbers = (0..ROWS).map(|row| Some(first + (row % 2) as i64));
        let numbers = Cells::Whole(numbers.collect());
        let table = replaced(plain.table(), "label", "label", numbers);
        let mut given = plain.given(table.written(suffix)).with(toml);
        if named_by_file {
            given
                .beside
                .push(("dataset_info.json", CLASS_LABEL.to_owned()));
        }
        given
    })
}

/// Ids as numbers, and how they are meant.
fn numbers_for_ids(cells: Cells, meant: impl Fn(usize) -> String + 'static) -> Written {
    in_all(move |plain, suffix| {
        let table = replaced(plain.table(), "id", "id", cells.clone());
        let mut given = plain.given(table.written(suffix));
        let rows = Plain::ids().enumerate();
        let renamed = rows.map(|(row, id)| (meant(row), given.meant[&id].clone()));
        given.meant = renamed.collect();
        given
    })
}

/// A text in the place of a plain one.
fn text(at: usize, text: Option<&'static str>) -> Written {
    in_all(move |plain, suffix| {
        let mut plain = plain.clone();
        let mut cells: Vec<Option<String>> = plain.texts.iter().cloned().map(Some).collect();
        cells[at] = text.map(str::to_owned);
        let table = replaced(plain.table(), "text", "text", Cells::Texts(cells));
        plain.texts[at] = text.unwrap_or_default().to_owned();
        plain.given(table.written(suffix))
    })
}

/// A row that holds the names of the columns, as joined files have.
fn header_again() -> Written {
    in_all(|plain, suffix| {
        let columns = plain.table().columns.into_iter().map(|(name, cells)| {
            let Cells::Texts(mut all) = cells else {
                unreachable!("the plain table holds texts");
            };
            all.insert(ROWS / 2, Some(name.clone()));
            (name, Cells::Texts(all))
        });
        let table = Table {
            columns: columns.collect(),
        };
        let mut given = plain.given(table.written(suffix));
        let header = given.meant["r0"].clone();
        given.meant.insert("the header".to_owned(), header);
        given
    })
}

pub(super) fn all() -> Vec<(&'static str, Written)> {
    let names = |all: [&'static str; 6]| Cells::texts((0..ROWS).map(move |row| all[row / 2 % 6]));
    let drawn = |written: Written| -> Written {
        Box::new(move |suffix| {
            let mut given = written(suffix)?;
            for row in given.meant.values_mut() {
                row.role = None;
            }
            Some(given)
        })
    };
    let upper = [
        "TRAIN",
        "Reserve",
        "VALIDATION",
        "Discovery",
        "CHECK",
        "Final",
    ];
    let foreign = ["train", "train", "dev", "dev", "test", "test"];
    let groups = Cells::texts((0..ROWS).map(|row| format!("group {}", row / 2)));
    let unknown = (0..ROWS).map(|row| match row / 2 % 6 {
        0 => "unknown".to_owned(),
        _ => format!("group {row}"),
    });
    let with = |name: &'static str, cells: Cells| {
        in_all(move |plain, suffix| {
            plain.given(plain.table().with(name, cells.clone()).written(suffix))
        })
    };
    let numbers =
        |all: fn(usize) -> f64| Cells::Numbers((0..ROWS).map(|row| Some(all(row))).collect());
    vec![
        (
            "`role` in the last third only, null before",
            gaps("role", |row| row < 40, true),
        ),
        (
            "`role` in the last third only, no key before",
            gaps("role", |row| row < 40, false),
        ),
        (
            "`subset` holds names of roles",
            drawn(instead("role", "subset", names(foreign))),
        ),
        ("roles in capitals", instead("role", "role", names(upper))),
        (
            "roles of other names",
            instead("role", "role", names(foreign)),
        ),
        ("two columns `label`", beside("label")),
        ("`Label` beside `label`", beside("Label")),
        (
            "`label` with a zero-width space beside `label`",
            beside("la\u{200b}bel"),
        ),
        (
            "a zero-width space in `text`",
            instead(
                "text",
                "te\u{200b}xt",
                Cells::texts(&Plain::english().texts),
            ),
        ),
        ("a group", with("group", groups)),
        (
            "a group called `unknown`",
            with("author", Cells::texts(unknown)),
        ),
        (
            "a column of project.toml that is not there",
            in_all(|plain, suffix| {
                plain
                    .given(plain.table().written(suffix))
                    .with(MISSING_GROUP)
            }),
        ),
        ("numbers that the file names", numbered(0, "", true)),
        (
            "numbers that the file and project.toml name alike",
            numbered(0, NAMES_IN_ORDER, true),
        ),
        (
            "numbers that project.toml names otherwise than the file",
            numbered(0, NAMES_SWAPPED, true),
        ),
        (
            "numbers from 1, project.toml names two",
            numbered(1, NAMES_IN_ORDER, false),
        ),
        (
            "ids 0.0, 1.0, …",
            numbers_for_ids(numbers(|row| row as f64), |row| row.to_string()),
        ),
        (
            "ids 0.5, 1.5, …",
            numbers_for_ids(numbers(|row| row as f64 + 0.5), |row| format!("{row}.5")),
        ),
        (
            "ids with leading zeros",
            numbers_for_ids(
                Cells::texts((0..ROWS).map(|row| format!("{row:05}"))),
                |row| format!("{row:05}"),
            ),
        ),
        (
            "ids below zero",
            numbers_for_ids(
                Cells::Whole((0..ROWS).map(|row| Some(row as i64 - 30)).collect()),
                |row| (row as i64 - 30).to_string(),
            ),
        ),
        ("no text", text(7, None)),
        ("a text `nan`", text(7, Some("nan"))),
        ("a text `=1+1`", text(7, Some("=1+1"))),
        (
            "a text of several lines",
            text(7, Some("One line,\nand \"another\";\n\nthe last")),
        ),
        ("the header once more", header_again()),
    ]
}
