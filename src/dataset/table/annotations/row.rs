//! A row of an export as its tool means it.

use super::rule::Answer;
use crate::dataset::cell::{Kind, Value};
use crate::dataset::report::Skip;
use crate::dataset::table::Table;

/// What a row says, in the words of every tool.
#[derive(Debug, Default)]
pub(super) struct Annotated {
    /// What the answers are about: rows with the same task are answers to one.
    /// Without it a row is a task of its own.
    pub(super) task: Option<String>,
    /// Texts and what else is said of the task.
    pub(super) fields: Vec<(String, Value)>,
    /// Answers to questions by their names.
    pub(super) answers: Vec<(String, Answer)>,
    /// Why an annotator, or all of them, answered nothing at all.
    pub(super) without: Vec<Skip>,
}

/// The cells of a row by the names of their columns.
pub(super) struct Cells<'a> {
    pub(super) table: &'a dyn Table,
    pub(super) columns: &'a [String],
}

impl Cells<'_> {
    /// The value of a cell; missing if there is no such column.
    pub(super) fn value(&self, column: &str) -> Value {
        let at = self.columns.iter().position(|name| name == column);
        at.map_or(Value::Missing, |at| self.value_at(at))
    }

    pub(super) fn value_at(&self, at: usize) -> Value {
        let text = self.table.cell(at);
        match self.table.kind(at) {
            _ if text.trim().is_empty() => Value::Missing,
            Kind::List | Kind::Object => {
                crate::dataset::cell::spelt(text).unwrap_or(Value::Missing)
            }
            Kind::Number => Value::Decimal(text.to_owned()),
            Kind::Unusable => Value::Unusable(text.to_owned().into()),
            _ => Value::Text(text.to_owned()),
        }
    }

    /// The words of a cell; none if it is missing.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        text(&self.value(column))
    }

    /// The values of all columns but some.
    pub(super) fn others(&self, left_out: impl Fn(&str) -> bool) -> Vec<(String, Value)> {
        let columns = self.columns.iter().enumerate();
        columns
            .filter(|(_, name)| !left_out(name))
            .map(|(at, name)| (name.clone(), self.value_at(at)))
            .collect()
    }
}

/// The words of a value; none if it is missing.
pub(super) fn text(value: &Value) -> Option<String> {
    let text = value.clone().cell().text;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The elements of a list; a cell holds a list of one as its element.
pub(super) fn elements(value: Value) -> Vec<Value> {
    match value {
        Value::Missing => Vec::new(),
        Value::List(elements) => elements,
        one => vec![one],
    }
}

/// A field of an object.
pub(super) fn field<'v>(value: &'v Value, name: &str) -> &'v Value {
    match value {
        Value::Object(fields) => {
            let found = fields.iter().find(|(key, _)| key == name);
            found.map_or(&Value::Missing, |(_, value)| value)
        }
        _ => &Value::Missing,
    }
}

/// The fields of an object.
pub(super) fn fields(value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(fields) => fields,
        _ => Vec::new(),
    }
}

/// Whether a value says yes.
pub(super) fn is_true(value: &Value) -> bool {
    matches!(value, Value::Truth(true))
}
