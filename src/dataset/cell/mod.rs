//! One rule for each type of cell, the same for every format.
//!
//! | the file holds | the cell is |
//! |---|---|
//! | nothing, null, NaN, an empty text or list | missing |
//! | a text | itself |
//! | a whole number | its digits |
//! | another number | the shortest decimal that reads back; `.0` is dropped where all of a column are whole |
//! | true, false | `true`, `false` |
//! | a date, or a moment at midnight | `2026-01-02` |
//! | another moment | `2026-01-02T10:30:00` |
//! | a time of day | `10:30:00` |
//! | a decimal | its digits |
//! | a list of one element | that element |
//! | a longer list, an object | refused where a text, label, role, source, group or id is wanted |
//! | a formula without a stored result, an error of a spreadsheet, bytes that are not UTF-8 | the row is left out and named |

mod nested;

use std::borrow::Cow;

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};
use serde_json::Value as Json;

use super::report::Skip;

pub(crate) use nested::{at_path, paths, spelt};

/// A value as a format gives it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Missing,
    Text(String),
    /// A whole number's digits.
    Whole(String),
    Number(f64),
    /// A number of single precision: its shortest decimal has fewer digits.
    Single(f32),
    Truth(bool),
    Moment(DateTime),
    TimeOfDay(Time),
    Decimal(String),
    List(Vec<Value>),
    Object(Vec<(String, Value)>),
    /// Nothing that can be used; says what is wrong.
    Unusable(Cow<'static, str>),
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// What kind of value a cell holds, as far as reading must know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The row ends before this cell.
    Absent,
    /// Something in letters or digits, or nothing.
    #[default]
    Plain,
    /// A number of whatever type, so not a name in digits.
    Number,
    /// A date or a time, also one that a spreadsheet made.
    Date,
    /// Several values.
    List,
    /// Named values.
    Object,
    /// The cell's text says why it holds no value.
    Unusable,
    /// Nobody gave a value that counts: why its row is left out.
    Without(Skip),
}

/// A cell as everything above a format sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

impl Cell {
    /// The text of a row's cell in a column; none beyond the row's end.
    pub(crate) fn text_of(row: &[Self], column: usize) -> &str {
        row.get(column).map_or("", |cell| cell.text.as_str())
    }

    /// What a row's cell in a column held; nothing beyond the row's end.
    pub(crate) fn kind_of(row: &[Self], column: usize) -> Kind {
        row.get(column).map_or(Kind::Absent, |cell| cell.kind)
    }
}

impl Value {
    /// A moment from seconds and nanoseconds since 1970; `None` beyond the
    /// calendar.
    pub(crate) fn since_1970(seconds: i64, nanoseconds: i32) -> Self {
        let moment = EPOCH.checked_add(SignedDuration::new(seconds, nanoseconds));
        moment.map_or(Value::Unusable("a date beyond the calendar".into()), |at| {
            Value::Moment(at)
        })
    }

    /// A moment from a number of parts of a second since 1970.
    pub(crate) fn parts_since_1970(since: i64, parts: i64) -> Self {
        let nanoseconds = since.rem_euclid(parts) * (1_000_000_000 / parts);
        let nanoseconds = i32::try_from(nanoseconds).unwrap_or(0);
        Self::since_1970(since.div_euclid(parts), nanoseconds)
    }

    /// A time of day from a number of parts of a second since midnight; `None`
    /// beyond the day.
    pub(crate) fn parts_since_midnight(since: i64, parts: i64) -> Self {
        match Self::parts_since_1970(since, parts) {
            Value::Moment(at) if at.date() == EPOCH.date() => Value::TimeOfDay(at.time()),
            _ => Value::Unusable("a time beyond the day".into()),
        }
    }

    /// A date from days since 1970.
    pub(crate) fn date(days: i64) -> Self {
        Self::since_1970(days.saturating_mul(86_400), 0)
    }

    /// A value from the text of a JSON value; numbers keep their digits.
    pub(crate) fn of_json_text(raw: &str) -> Self {
        match raw.as_bytes().first() {
            Some(b'-' | b'0'..=b'9') => number(raw),
            // What is no text of JSON's own is one of the `\u` that writes half a
            // character.
            _ => serde_json::from_str(raw).map_or(
                Value::Unusable("a text with half a character (a lone surrogate)".into()),
                Self::of_json,
            ),
        }
    }

    /// A value from JSON.
    pub(crate) fn of_json(json: Json) -> Self {
        match json {
            Json::Null => Value::Missing,
            Json::Bool(truth) => Value::Truth(truth),
            Json::Number(digits) => number(&digits.to_string()),
            Json::String(text) => Value::Text(text),
            Json::Array(elements) => Value::List(elements.into_iter().map(Self::of_json).collect()),
            Json::Object(fields) => {
                let fields = fields.into_iter();
                Value::Object(
                    fields
                        .map(|(key, value)| (key, Self::of_json(value)))
                        .collect(),
                )
            }
        }
    }

    /// Text from bytes that a format does not call a text.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Unusable("bytes that are no UTF-8 text".into()),
        }
    }

    /// The cell by the rule above.
    pub(crate) fn cell(self) -> Cell {
        let plain = |text| Cell {
            text,
            kind: Kind::Plain,
        };
        let number = |text| Cell {
            text,
            kind: Kind::Number,
        };
        match self {
            Value::Missing => Cell::default(),
            Value::Text(text) => plain(text),
            Value::Whole(digits) | Value::Decimal(digits) => number(digits),
            Value::Number(value) if value.is_nan() => Cell::default(),
            Value::Single(value) if value.is_nan() => Cell::default(),
            Value::Number(value) => number(decimal(value)),
            // By way of its digits: 0.1 in single precision is 0.1.
            Value::Single(value) => number(
                format!("{value:?}")
                    .parse()
                    .map_or(format!("{value:?}"), decimal),
            ),
            Value::Truth(truth) => plain(truth.to_string()),
            Value::Moment(at) => Cell {
                text: shown(at),
                kind: Kind::Date,
            },
            Value::TimeOfDay(at) => Cell {
                text: at.to_string(),
                kind: Kind::Date,
            },
            Value::List(mut elements) => match elements.len() {
                0 => Cell::default(),
                1 => elements.remove(0).cell(),
                _ => Cell {
                    text: Value::List(elements).json().to_string(),
                    kind: Kind::List,
                },
            },
            Value::Object(_) => Cell {
                text: self.json().to_string(),
                kind: Kind::Object,
            },
            Value::Unusable(why) => Cell {
                text: why.into_owned(),
                kind: Kind::Unusable,
            },
        }
    }

    fn json(self) -> Json {
        match self {
            Value::Text(text) => Json::String(text),
            Value::Truth(truth) => Json::Bool(truth),
            Value::List(elements) => elements.into_iter().map(Value::json).collect(),
            Value::Object(fields) => {
                let fields = fields.into_iter();
                Json::Object(fields.map(|(key, value)| (key, value.json())).collect())
            }
            Value::Whole(_) | Value::Decimal(_) | Value::Number(_) | Value::Single(_) => {
                let text = self.cell().text;
                serde_json::from_str(&text).unwrap_or(Json::Null)
            }
            Value::Moment(at) => Json::String(shown(at)),
            Value::TimeOfDay(at) => Json::String(at.to_string()),
            Value::Missing | Value::Unusable(_) => Json::Null,
        }
    }
}

/// A number of JSON: whole ones keep all their digits.
fn number(digits: &str) -> Value {
    match digits.contains(['.', 'e', 'E']) {
        false => Value::Whole(digits.to_owned()),
        true => digits.parse().map_or(Value::Missing, Value::Number),
    }
}

/// The shortest decimal that reads back, with digits behind the point.
fn decimal(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e19 {
        format!("{value:.1}")
    } else {
        format!("{value:?}")
    }
}

/// A moment; those at midnight are dates.
fn shown(at: DateTime) -> String {
    match at.time() == jiff::civil::Time::midnight() {
        true => at.date().to_string(),
        false => at.to_string(),
    }
}

/// Whole numbers without the `.0` that some programs add: `1.0` of one format
/// is the `1` of another.
pub(crate) fn without_zeros(text: &str) -> &str {
    let text = text.trim();
    match text.split_once('.') {
        Some((whole, zeros))
            if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') && is_whole(whole) =>
        {
            whole
        }
        _ => text,
    }
}

/// Whether a text is a whole number, of any length.
pub(crate) fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: Value) -> (String, Kind) {
        let cell = value.cell();
        (cell.text, cell.kind)
    }

    #[test]
    fn each_type_has_one_spelling() {
        let list = |elements: &[&str]| {
            Value::List(
                elements
                    .iter()
                    .map(|e| Value::Text((*e).to_owned()))
                    .collect(),
            )
        };
        let cases = [
            (Value::Number(f64::NAN), "", Kind::Plain),
            (Value::Number(1.0), "1.0", Kind::Number),
            (Value::Number(-1.0), "-1.0", Kind::Number),
            (Value::Number(0.1), "0.1", Kind::Number),
            (Value::Single(0.1), "0.1", Kind::Number),
            (Value::Single(-2.0), "-2.0", Kind::Number),
            (Value::date(20_455), "2026-01-02", Kind::Date),
            (
                Value::since_1970(1_767_312_000, 0),
                "2026-01-02",
                Kind::Date,
            ),
            (
                Value::since_1970(1_767_312_061, 500_000_000),
                "2026-01-02T00:01:01.5",
                Kind::Date,
            ),
            (
                Value::since_1970(i64::MAX, 0),
                "a date beyond the calendar",
                Kind::Unusable,
            ),
            (list(&[]), "", Kind::Plain),
            (list(&["bad"]), "bad", Kind::Plain),
            (list(&["a", "b"]), "[\"a\",\"b\"]", Kind::List),
            (
                Value::of_json_text("123456789012345678901234567890"),
                "123456789012345678901234567890",
                Kind::Number,
            ),
            (Value::of_json_text("1.50"), "1.5", Kind::Number),
            (Value::of_json_text("\"a\\u00e4\""), "aä", Kind::Plain),
            (
                Value::of_bytes(b"\xff"),
                "bytes that are no UTF-8 text",
                Kind::Unusable,
            ),
        ];
        for (value, text, kind) in cases {
            assert_eq!(cell(value), (text.to_owned(), kind));
        }
    }

    #[test]
    fn lists_are_read_as_python_prints_them_too() {
        for (text, inside) in [
            ("[\"bad\"]", Some("bad")),
            ("['bad']", Some("bad")),
            ("['it\\'s \"so\"']", Some("it's \"so\"")),
            ("[\"it's\"]", Some("it's")),
            ("[3]", Some("3")),
            ("[None]", Some("")),
            ("[spam]", None),
            ("plain", None),
        ] {
            let found = spelt(text).map(|value| value.cell().text);
            assert_eq!(found.as_deref(), inside, "{text}");
        }
    }

    #[test]
    fn objects_tell_the_paths_to_what_they_hold() {
        let json = r#"[{"user": "u0", "value": {"choice": "bad"}}]"#;
        let value = Value::of_json_text(json);
        let found = paths(&value, "label");
        assert_eq!(found, ["label.user", "label.value.choice"]);
        let inside = at_path(value, "value.choice".split('.'));
        assert_eq!(inside, Value::Text("bad".into()));
    }

    #[test]
    fn whole_numbers_of_any_length_lose_their_zeros() {
        for (text, without) in [
            ("2.0", "2"),
            ("-1.00", "-1"),
            (" 12345678901234567890123.0 ", "12345678901234567890123"),
            ("2.50", "2.50"),
            ("007", "007"),
            ("v1.0", "v1.0"),
            (".0", ".0"),
        ] {
            assert_eq!(without_zeros(text), without);
        }
    }
}
