//! The single items of an answer, in whatever a model wrapped them: a list
//! under the wanted name or another, numbered keys, one object alone, or JSON
//! written into a string.

use serde_json::{Map, Value, json};

use super::parse::{is_data, values};

/// Deepest wrapping that is followed.
const DEPTH: usize = 12;

/// Keys of lists of plain strings, beside the one that was asked for.
const LISTS: [&str; 14] = [
    "texts",
    "sentences",
    "examples",
    "items",
    "list",
    "data",
    "results",
    "result",
    "answers",
    "answer",
    "output",
    "outputs",
    "response",
    "final",
];

/// Parts of keys under which a model reasons within its answer.
const REASONED: [&str; 9] = [
    "think",
    "thought",
    "reason",
    "analysis",
    "draft",
    "scratch",
    "reflect",
    "critique",
    "rationale",
];

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Key of the list, as the schema names it.
    pub(super) list: &'static str,
    /// Fields that make an object an item; the first that is there holds what
    /// the item is about.
    pub(super) fields: &'static [&'static str],
}

/// One item and the number it stood under.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    pub(super) value: Value,
    pub(super) number: Option<u64>,
}

/// All items of a reply, in their order.
pub(super) fn elements(reply: &str, wanted: Wanted) -> Vec<Element> {
    let mut search = Search {
        wanted,
        found: Vec::new(),
    };
    for value in values(reply) {
        let top = Place {
            depth: 0,
            lists: true,
            listed: false,
            label: None,
            number: None,
        };
        search.look(&value, top);
    }
    search.found
}

/// Where in an answer a value stands.
#[derive(Debug, Clone, Copy)]
struct Place<'v> {
    depth: usize,
    /// Whether an array here lists items.
    lists: bool,
    /// Whether a plain string here is an item.
    listed: bool,
    /// The label that an object around it gives.
    label: Option<&'v Value>,
    number: Option<u64>,
}

struct Search {
    wanted: Wanted,
    found: Vec<Element>,
}

impl Search {
    fn look(&mut self, value: &Value, place: Place<'_>) {
        if place.depth > DEPTH {
            return;
        }
        let deeper = Place {
            depth: place.depth + 1,
            ..place
        };
        match value {
            Value::Array(items) => {
                let item = Place {
                    listed: place.lists,
                    number: None,
                    ..deeper
                };
                for value in items {
                    self.look(value, item);
                }
            }
            Value::Object(fields) => self.object(fields, deeper),
            Value::String(text) => self.string(text, deeper),
            _ => {}
        }
    }

    fn object(&mut self, fields: &Map<String, Value>, place: Place<'_>) {
        let label = fields.get("label").or(place.label);
        if let Some(list) = fields.get(self.wanted.list) {
            let listed = Place {
                lists: true,
                listed: true,
                label,
                ..place
            };
            return self.look(list, listed);
        }
        let about = self.wanted.fields.iter().find_map(|name| fields.get(*name));
        if let Some(about) = about {
            return self.item(fields, about, place);
        }
        if let Some(numbered) = numbered(fields) {
            for (number, value) in numbered {
                let item = Place {
                    listed: place.lists,
                    label,
                    number: Some(number),
                    ..place
                };
                self.look(value, item);
            }
            return;
        }
        for (key, value) in fields {
            let key = key.to_lowercase();
            if !REASONED.iter().any(|part| key.contains(part)) {
                let under = Place {
                    lists: LISTS.contains(&key.as_str()),
                    listed: false,
                    label,
                    ..place
                };
                self.look(value, under);
            }
        }
    }

    /// An object that is an item itself, unless what it is about is JSON that
    /// holds the items.
    fn item(&mut self, fields: &Map<String, Value>, about: &Value, place: Place<'_>) {
        let wraps = match about {
            Value::String(text) => is_data(text),
            other => other.is_object() || other.is_array(),
        };
        if wraps {
            let before = self.found.len();
            let inside = Place {
                lists: true,
                listed: false,
                label: fields.get("label").or(place.label),
                ..place
            };
            self.look(about, inside);
            if self.found.len() > before {
                return;
            }
        }
        let mut fields = fields.clone();
        if let Some(label) = place.label {
            fields.entry("label").or_insert_with(|| label.clone());
        }
        self.push(Value::Object(fields), place);
    }

    fn string(&mut self, text: &str, place: Place<'_>) {
        let before = self.found.len();
        // A reply that is one string holds the whole answer, at times twice.
        let whole = place.depth == 1;
        if is_data(text) || whole {
            for value in values(text) {
                let depth = if value.is_string() { 0 } else { place.depth };
                self.look(&value, Place { depth, ..place });
            }
        }
        if self.found.len() == before && place.listed {
            let value = match place.label {
                None => Value::String(text.to_owned()),
                Some(label) => json!({self.wanted.fields[0]: text, "label": label}),
            };
            self.push(value, place);
        }
    }

    fn push(&mut self, value: Value, place: Place<'_>) {
        self.found.push(Element {
            value,
            number: place.number,
        });
    }
}

/// The fields of an object in the order of their numbers, if all its keys are
/// numbers or end in one (`sample_2`).
fn numbered(fields: &Map<String, Value>) -> Option<Vec<(u64, &Value)>> {
    let number = |key: &str| -> Option<u64> {
        let name = key.trim_end_matches(|c: char| c.is_ascii_digit());
        key[name.len()..].parse().ok()
    };
    let numbered = fields
        .iter()
        .map(|(key, value)| Some((number(key)?, value)));
    let mut numbered = numbered.collect::<Option<Vec<_>>>()?;
    numbered.sort_by_key(|(number, _)| *number);
    Some(numbered)
}

#[cfg(test)]
mod tests;
