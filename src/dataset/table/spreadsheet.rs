//! Office Open XML spreadsheets: one visible sheet that holds anything.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetVisible, Xlsx};
use jiff::civil::DateTime;

use super::limits::Allowance;
use super::packed;
use super::source::Source;
use super::{Format, Layout, RowRead, Table, damaged, guarded};
use crate::dataset::cell::{Cell, Kind, Value};
use crate::records::DataSpec;
use crate::support::text::{agreeing, many};
use crate::support::{Error, Result};

type Row = BTreeMap<u32, Cell>;

/// The sheet's rows: such a file is compressed as a whole and holds a million
/// rows at most.
struct Spreadsheet {
    rows: std::vec::IntoIter<(u32, Row)>,
    current: Row,
    positions: Vec<u32>,
}

/// A sheet with its rows.
struct Sheet {
    name: String,
    rows: Vec<(u32, Row)>,
    /// Ranges of merged cells below the first row, such as `B2:B5`.
    merged: Vec<String>,
}

/// What a workbook holds.
struct Workbook {
    /// The sheet that is read.
    read: Sheet,
    /// All visible sheets.
    visible: Vec<String>,
    /// Other visible sheets with rows, where nobody chose one.
    others: Vec<String>,
    hidden: Vec<String>,
}

/// Opens a spreadsheet.
pub(super) fn open(source: &Source, spec: &DataSpec) -> Result<(Box<dyn Table>, Layout)> {
    let (name, mut file) = (source.name(), source.file()?);
    let hidden_rows = packed::check_archive(&mut file);
    let hidden_rows = hidden_rows.map_err(|error| source.unreadable(error))?;
    let mut allowance = Allowance::of(source)?;
    let workbook = guarded(name, || {
        let wanted = spec.sheet.as_deref();
        sheets(BufReader::new(file), name, wanted, &mut allowance)
    })?;
    let mut rows = workbook.read.rows.into_iter();
    let Some((_, header)) = rows.next() else {
        return Err(
            Error::input(format!("`{name}` has no visible sheet with rows"))
                .hint("it needs a header row and rows under it"),
        );
    };
    let columns = header.values().map(|cell| cell.text.trim().to_owned());
    let mut layout = Layout::new(Format::Spreadsheet, columns.collect());
    let read = &workbook.read.name;
    if !workbook.others.is_empty() {
        layout.doubts.push(format!(
            "its sheet `{read}` is read and {} not; to read another, write sheet = \"…\" under \
             [data]",
            quoted(&workbook.others)
        ));
    }
    if !workbook.hidden.is_empty() {
        let hidden = quoted(&workbook.hidden);
        (layout.notes).push(format!("hidden sheets are not read: {hidden}"));
    }
    if hidden_rows > 0 {
        layout.doubts.push(format!(
            "{hidden_rows} of the rows in its sheets {} hidden, as a filter does, and read like \
             the others: delete what is not to be read",
            agreeing(hidden_rows, "is", "are")
        ));
    }
    if let Some(first) = workbook.read.merged.first() {
        layout.doubts.push(format!(
            "{} of merged cells, the first in {first}: only the first cell of each has its value, \
             the others are empty; unmerge them and fill what they mean",
            many(workbook.read.merged.len(), "range")
        ));
    }
    layout.sheet = Some(read.clone());
    layout.other_sheets = workbook.others;
    layout.sheets = workbook.visible;
    let table = Spreadsheet {
        rows,
        current: Row::new(),
        positions: header.into_keys().collect(),
    };
    Ok((Box::new(table), layout))
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn sheets(
    file: BufReader<File>,
    name: &str,
    wanted: Option<&str>,
    allowance: &mut Allowance,
) -> Result<Workbook> {
    let broken = |error: calamine::XlsxError| damaged(name).because(error);
    let mut book = Xlsx::new(file).map_err(broken)?;
    let (visible, hidden): (Vec<_>, Vec<_>) = book
        .sheets_metadata()
        .iter()
        .cloned()
        .partition(|sheet| sheet.visible == SheetVisible::Visible);
    let visible: Vec<String> = visible.into_iter().map(|sheet| sheet.name).collect();
    let hidden: Vec<String> = hidden.into_iter().map(|sheet| sheet.name).collect();
    if let Some(wanted) = wanted {
        let all = || visible.iter().chain(&hidden);
        if !all().any(|sheet| sheet == wanted) {
            let all: Vec<String> = all().cloned().collect();
            return Err(Error::input(format!("`{name}` has no sheet `{wanted}`"))
                .hint(format!("its sheets are {}", quoted(&all))));
        }
        let rows = rows_of(&mut book, wanted, (name, allowance))?;
        let read = Sheet {
            name: wanted.to_owned(),
            merged: merged(&mut book, wanted),
            rows,
        };
        return Ok(Workbook {
            read,
            visible,
            others: Vec::new(),
            hidden: Vec::new(),
        });
    }
    let mut filled = Vec::new();
    for sheet in &visible {
        let rows = rows_of(&mut book, sheet, (name, allowance))?;
        if !rows.is_empty() {
            filled.push(Sheet {
                merged: merged(&mut book, sheet),
                name: sheet.clone(),
                rows,
            });
        }
    }
    let mut filled = filled.into_iter();
    let read = filled.next().unwrap_or(Sheet {
        name: String::new(),
        rows: Vec::new(),
        merged: Vec::new(),
    });
    Ok(Workbook {
        read,
        visible,
        others: filled.map(|sheet| sheet.name).collect(),
        hidden,
    })
}

fn rows_of(
    book: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    (name, allowance): (&str, &mut Allowance),
) -> Result<Vec<(u32, Row)>> {
    let broken = |error: calamine::XlsxError| damaged(name).because(error);
    let mut cells = book.worksheet_cells_reader(sheet).map_err(broken)?;
    let mut rows: BTreeMap<u32, Row> = BTreeMap::new();
    while let Some(found) = cells.next_cell_with_formula().map_err(broken)? {
        let (row, column) = found.pos;
        let value = match found.value {
            DataRef::Empty if found.formula.is_some() => {
                Value::Unusable("a formula without a stored result".into())
            }
            value => of(&value),
        };
        let cell = value.cell();
        if !cell.text.is_empty() {
            allowance.cells(cell.text.len() as u64)?;
            rows.entry(row.saturating_add(1))
                .or_default()
                .insert(column, cell);
        }
    }
    Ok(rows.into_iter().collect())
}

/// The ranges of merged cells that hold a row of data; none where the list is
/// damaged, since it is no more than a warning.
fn merged(book: &mut Xlsx<BufReader<File>>, sheet: &str) -> Vec<String> {
    let merged = book.merge_cells_by_sheet_name(sheet).unwrap_or_default();
    let below = merged
        .into_iter()
        .filter(|range| range.end.0 > range.start.0 || range.start.0 > 0);
    below
        .map(|range| format!("{}:{}", address(range.start), address(range.end)))
        .collect()
}

/// A cell as a spreadsheet names it.
fn address((row, column): (u32, u32)) -> String {
    let mut letters = Vec::new();
    let mut left = u64::from(column) + 1;
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

fn of(value: &DataRef<'_>) -> Value {
    match value {
        DataRef::Empty => Value::Missing,
        DataRef::Error(error) => Value::Unusable(format!("the error {error}").into()),
        DataRef::SharedString(text) => Value::Text((*text).to_owned()),
        DataRef::String(text) => Value::Text(text.clone()),
        DataRef::DateTimeIso(text) => {
            let moment = text.parse::<DateTime>();
            moment.map_or_else(|_| Value::Text(text.clone()), Value::Moment)
        }
        DataRef::DurationIso(text) => Value::Text(text.clone()),
        DataRef::Int(number) => Value::Whole(number.to_string()),
        // A workbook has one type of number: whole ones are shown without a
        // point.
        DataRef::Float(number) if number.fract() == 0.0 => Value::Whole(number.to_string()),
        DataRef::Float(number) => Value::Number(*number),
        DataRef::Bool(truth) => Value::Truth(*truth),
        DataRef::DateTime(time) => moment(time),
    }
}

fn moment(time: &ExcelDateTime) -> Value {
    if time.is_duration() {
        let seconds = (time.as_f64() * 86_400.0).round();
        let minutes = (seconds / 60.0).floor();
        return Value::Text(format!(
            "{:02}:{:02}:{:02}",
            (minutes / 60.0).floor(),
            minutes % 60.0,
            seconds % 60.0
        ));
    }
    // Day 0 is none of the calendar: the cell shows a time.
    if (0.0..1.0).contains(&time.as_f64()) {
        let thousandths = (time.as_f64() * 86_400_000.0).round();
        return Value::parts_since_midnight(thousandths as i64, 1_000);
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let small = |number: u8| i8::try_from(number).unwrap_or(0);
    let moment = DateTime::new(
        i16::try_from(year).unwrap_or(0),
        small(month),
        small(day),
        small(hour),
        small(minute),
        small(second),
        i32::from(milli) * 1_000_000,
    );
    moment.map_or(
        Value::Unusable("a date beyond the calendar".into()),
        Value::Moment,
    )
}

impl Table for Spreadsheet {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        Ok(self.rows.next().map(|(number, row)| {
            self.current = row;
            RowRead::Row(number)
        }))
    }

    fn cell(&self, column: usize) -> &str {
        self.at(column).map_or("", |cell| cell.text.as_str())
    }

    fn kind(&self, column: usize) -> Kind {
        self.at(column).map_or(Kind::Plain, |cell| cell.kind)
    }
}

impl Spreadsheet {
    fn at(&self, column: usize) -> Option<&Cell> {
        self.current.get(self.positions.get(column)?)
    }
}
