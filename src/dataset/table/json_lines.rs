//! JSON Lines, one object a line, and arrays of objects; the columns are the keys
//! of all of them.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::records::Records;
use super::source::Source;
use super::{Format, Layout, RowRead, Table};
use crate::dataset::cell::{Cell, Kind, Value};
use crate::dataset::encoding;
use crate::records::DataSpec;
use crate::support::{Error, Progress, Result};

/// Lines between two looks at the cancel flag.
const CHECK_EVERY: u32 = 16_384;

struct JsonLines {
    records: Records,
    columns: Vec<String>,
    cells: Vec<Cell>,
}

/// Opens a JSON Lines file. It is gone through once for its keys: one that
/// only late lines have is a column like any other.
pub(super) fn open(
    source: &Source,
    spec: &DataSpec,
    progress: &Progress,
) -> Result<(Box<dyn Table>, Layout)> {
    let encoding = encoding::found(source, spec.encoding.as_deref(), progress)?;
    let records = || Records::of(encoding.decoded(source)?, source);
    let survey = Survey::of(&mut records()?, progress)?;
    if survey.keys.is_empty() {
        let (line, reason) = survey.first_failure.unwrap_or((1, "no object".to_owned()));
        return Err(Error::input(format!(
            "`{}`, row {line}: no JSON object ({reason})",
            source.name()
        ))
        .hint("JSON Lines holds one object a line, such as {\"text\": \"…\", \"label\": \"…\"}"));
    }
    let columns: Vec<String> = survey.keys.into_iter().collect();
    let mut layout = Layout::new(Format::JsonLines, columns.clone());
    encoding.tell(&mut layout);
    if survey.of_array {
        layout
            .notes
            .push("a JSON array: its rows are counted by its elements".to_owned());
    }
    if let Some((line, key)) = survey.first_doubled {
        layout.doubts.push(format!(
            "{} of its objects have a key twice, the first `{key}` in row {line}: the last \
             value of the key counts",
            survey.doubled
        ));
    }
    let table = JsonLines {
        cells: vec![Cell::default(); columns.len()],
        records: records()?,
        columns,
    };
    Ok((Box::new(table), layout))
}

/// What a pass over all lines found.
#[derive(Default)]
struct Survey {
    keys: BTreeSet<String>,
    first_failure: Option<(u32, String)>,
    of_array: bool,
    doubled: usize,
    first_doubled: Option<(u32, String)>,
}

impl Survey {
    fn of(records: &mut Records, progress: &Progress) -> Result<Self> {
        let mut survey = Self::default();
        while let Some(line) = records.next()? {
            if line.is_multiple_of(CHECK_EVERY) {
                progress.check()?;
            }
            match object::<IgnoredAny>(records.record()) {
                Err(reason) => {
                    survey.first_failure.get_or_insert((line, reason));
                }
                Ok(object) => survey.take(line, object),
            }
        }
        survey.of_array = records.is_array();
        Ok(survey)
    }

    fn take(&mut self, line: u32, object: Object<IgnoredAny>) {
        let mut twice = None;
        for (position, (key, _)) in object.0.iter().enumerate() {
            if object.0[..position]
                .iter()
                .any(|(earlier, _)| earlier == key)
            {
                twice = Some(key.clone());
            }
        }
        if let Some(key) = twice {
            self.doubled += 1;
            self.first_doubled.get_or_insert((line, key));
        }
        for (key, _) in object.0 {
            if !self.keys.contains(&key) {
                self.keys.insert(key);
            }
        }
    }
}

/// The object of a record, or what is wrong with it.
fn object<V: serde::de::DeserializeOwned>(record: &str) -> Result<Object<V>, String> {
    let read = serde_json::from_str(record);
    // Python writes NaN for a missing number, which JSON does not have.
    let read = match read {
        Err(_) if has_unquoted_name(record) => serde_json::from_str(&with_null(record)),
        read => read,
    };
    read.map_err(|error| error.to_string())
}

/// The keys of an object with their values, also those that come twice.
struct Object<V>(Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Object<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<V>(std::marker::PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Fields<V> {
            type Value = Object<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<V>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields(std::marker::PhantomData))
    }
}

const NAMES_OF_NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

fn has_unquoted_name(line: &str) -> bool {
    NAMES_OF_NUMBERS.iter().any(|name| line.contains(name))
}

/// The line with null in place of the names of numbers that stand outside of
/// texts.
fn with_null(line: &str) -> String {
    let mut mended = String::with_capacity(line.len());
    let (mut quoted, mut escaped) = (false, false);
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let name = NAMES_OF_NUMBERS
            .iter()
            .find(|name| rest.starts_with(**name));
        if let (false, Some(name)) = (quoted, name) {
            mended.push_str("null");
            rest = &rest[name.len()..];
            continue;
        }
        quoted ^= letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        mended.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    mended
}

impl Table for JsonLines {
    fn advance(&mut self) -> Result<Option<RowRead>> {
        let Some(number) = self.records.next()? else {
            return Ok(None);
        };
        let object = match object::<Box<RawValue>>(self.records.record()) {
            Ok(object) => object,
            Err(error) => {
                let reason = format!("it is no JSON object ({error})");
                return Ok(Some(RowRead::Broken(number, reason)));
            }
        };
        self.cells.fill(Cell::default());
        for (key, value) in object.0 {
            if let Ok(column) = self.columns.binary_search(&key) {
                self.cells[column] = Value::of_json_text(value.get()).cell();
            }
        }
        Ok(Some(RowRead::Row(number)))
    }

    fn cell(&self, column: usize) -> &str {
        Cell::text_of(&self.cells, column)
    }

    fn kind(&self, column: usize) -> Kind {
        Cell::kind_of(&self.cells, column)
    }
}
