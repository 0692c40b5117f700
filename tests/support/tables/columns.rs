//! The cells of a column, by their type, as each format has them.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray};
use serde_json::Value as Json;

use crate::workbook;

/// The cells of a column.
#[derive(Debug, Clone)]
pub(crate) enum Cells {
    Texts(Vec<Option<String>>),
    Whole(Vec<Option<i64>>),
    Numbers(Vec<Option<f64>>),
    Truths(Vec<Option<bool>>),
    /// Days since 1970.
    Dates(Vec<i32>),
    Lists(Vec<Vec<String>>),
}

impl Cells {
    /// Texts that are all there.
    pub(crate) fn texts(all: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Cells::Texts(all.into_iter().map(|text| Some(text.into())).collect())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Cells::Texts(all) => all.len(),
            Cells::Whole(all) => all.len(),
            Cells::Numbers(all) => all.len(),
            Cells::Truths(all) => all.len(),
            Cells::Dates(all) => all.len(),
            Cells::Lists(all) => all.len(),
        }
    }

    /// As JSON has them.
    pub(crate) fn json(&self) -> Vec<Json> {
        match self {
            Cells::Texts(all) => all.iter().map(|cell| cell.clone().into()).collect(),
            Cells::Whole(all) => all.iter().map(|cell| (*cell).into()).collect(),
            Cells::Numbers(all) => all.iter().map(|cell| (*cell).into()).collect(),
            Cells::Truths(all) => all.iter().map(|cell| (*cell).into()).collect(),
            Cells::Dates(all) => all.iter().map(|days| date(*days).into()).collect(),
            Cells::Lists(all) => all.iter().map(|cell| cell.clone().into()).collect(),
        }
    }

    /// As a table without types has them.
    pub(crate) fn printed(&self) -> Vec<String> {
        let json = self.json().into_iter();
        json.map(|cell| match cell {
            Json::Null => String::new(),
            Json::String(text) => text,
            other => other.to_string(),
        })
        .collect()
    }

    /// The rest of a workbook's cell, from its attributes on; nothing where
    /// there is none.
    pub(crate) fn of_workbook(&self) -> Vec<String> {
        if let Cells::Dates(all) = self {
            // Workbooks count days from 30 December 1899.
            let days = all.iter().map(|days| days + 25_569);
            return days.map(workbook_date).collect();
        }
        let cell = |cell: Json| match cell {
            Json::Null => String::new(),
            Json::Bool(truth) => format!("t=\"b\"><v>{}</v>", u8::from(truth)),
            Json::Number(number) => format!("><v>{number}</v>"),
            Json::String(text) => workbook::inline(&text),
            list => workbook::inline(&list.to_string()),
        };
        self.json().into_iter().map(cell).collect()
    }

    pub(crate) fn arrow(&self) -> ArrayRef {
        match self.clone() {
            Cells::Texts(all) => Arc::new(StringArray::from(all)),
            Cells::Whole(all) => Arc::new(Int64Array::from(all)),
            Cells::Numbers(all) => Arc::new(Float64Array::from(all)),
            Cells::Truths(all) => Arc::new(BooleanArray::from(all)),
            Cells::Dates(all) => Arc::new(Date32Array::from(all)),
            Cells::Lists(all) => {
                let mut lists = ListBuilder::new(StringBuilder::new());
                for list in all {
                    lists.append_value(list.into_iter().map(Some));
                }
                Arc::new(lists.finish())
            }
        }
    }
}

/// The rest of a workbook's cell that holds a day by its number and is shown as
/// a date.
pub(crate) fn workbook_date(day: i32) -> String {
    format!("s=\"1\"><v>{day}</v>")
}

fn date(days: i32) -> String {
    let first = jiff::civil::date(1970, 1, 1);
    let span = jiff::SignedDuration::from_hours(24 * i64::from(days));
    first.checked_add(span).expect("a date").to_string()
}
