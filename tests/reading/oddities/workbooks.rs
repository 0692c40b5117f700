//! What workbooks hold beside cells with values.

use std::fmt::Write as _;

use super::{Given, Plain, ROWS, Written};
use crate::tables::workbook_date;
use crate::workbook::{inline, workbook_of};

/// A workbook of the plain rows; `label` gives the cell of a row's label, and
/// `hidden` says which rows it hides.
fn of(
    plain: &Plain,
    label: impl Fn(usize) -> String,
    hidden: impl Fn(usize) -> bool,
    (settings, behind): (&str, &str),
) -> Given {
    let mut rows = String::new();
    let mut add = |number: usize, cells: [String; 4], is_hidden: bool| {
        let hidden = if is_hidden { " hidden=\"1\"" } else { "" };
        write!(rows, "<row r=\"{number}\"{hidden}>").expect("writes");
        for (letter, cell) in ["A", "B", "C", "D"].iter().zip(cells) {
            if !cell.is_empty() {
                write!(rows, "<c r=\"{letter}{number}\" {cell}</c>").expect("writes");
            }
        }
        rows += "</row>";
    };
    add(1, ["id", "text", "label", "role"].map(inline), false);
    for (row, id) in Plain::ids().enumerate() {
        let cells = [
            inline(&id),
            inline(&plain.texts[row]),
            label(row),
            inline(Plain::role(row).name()),
        ];
        add(row + 2, cells, hidden(row));
    }
    let sheet = format!("<sheetData>{rows}</sheetData>{behind}");
    plain.given(workbook_of(&sheet, settings))
}

fn workbook(make: impl Fn(&Plain) -> Given + 'static) -> Written {
    Box::new(move |suffix| (suffix == "xlsx").then(|| make(&Plain::english())))
}

const MERGED: &str = "<mergeCells count=\"1\"><mergeCell ref=\"C12:C13\"/></mergeCells>";

pub(super) fn all() -> Vec<(&'static str, Written)> {
    let plain_label = |plain: &Plain| {
        let labels = plain.labels;
        move |row: usize| inline(labels[row % 2])
    };
    vec![
        (
            "a formula without a stored result",
            workbook(move |plain| {
                let label = plain_label(plain);
                let cell = |row| match row {
                    5 => "><f>IF(1,\"good\",\"bad\")</f>".to_owned(),
                    row => label(row),
                };
                of(plain, cell, |_| false, ("", ""))
            }),
        ),
        (
            "an error in a cell",
            workbook(move |plain| {
                let label = plain_label(plain);
                let cell = |row| match row {
                    5 => "t=\"e\"><v>#N/A</v>".to_owned(),
                    row => label(row),
                };
                of(plain, cell, |_| false, ("", ""))
            }),
        ),
        (
            "merged cells",
            workbook(move |plain| {
                let label = plain_label(plain);
                // Row 13 of the sheet holds the second of the merged cells.
                let cell = |row| if row == 11 { String::new() } else { label(row) };
                of(plain, cell, |_| false, ("", MERGED))
            }),
        ),
        (
            "hidden rows",
            workbook(move |plain| of(plain, plain_label(plain), |row| row % 3 == 0, ("", ""))),
        ),
        (
            "dates counted from 1900",
            workbook(|plain| dates(plain, 46_024, "")),
        ),
        (
            "dates counted from 1904",
            workbook(|plain| dates(plain, 44_562, "<workbookPr date1904=\"1\"/>")),
        ),
    ]
}

/// Labels that are two days, the first by its number.
fn dates(plain: &Plain, first: i32, settings: &str) -> Given {
    let days = |row: usize| first + 62 * (row % 2) as i32;
    let plain = Plain {
        labels: ["2026-01-02", "2026-03-05"],
        ..plain.clone()
    };
    assert_eq!(plain.texts.len(), ROWS);
    of(
        &plain,
        |row| workbook_date(days(row)),
        |_| false,
        (settings, ""),
    )
}
