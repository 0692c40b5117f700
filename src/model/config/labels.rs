//! The names of the classes, as people write them in `config.json`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::support::{Error, Result};

/// Most classes that a head has room for in what is kept of a text.
const MOST_CLASSES: usize = 1 << 16;

/// Names of a head's classes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassNames {
    /// In the order of the classes; empty if there are none.
    pub(crate) names: Vec<String>,
    /// What had to be guessed.
    pub(crate) notes: Vec<String>,
}

impl ClassNames {
    /// Reads `id2label`: an object with numbers for keys, or a list; else
    /// `label2id`, turned round. A name may be a number or a truth value.
    ///
    /// # Errors
    /// When a class is numbered twice or by something else than 0, 1, 2, …, when
    /// two classes have one name, or when a name is no text.
    pub(crate) fn parse(fields: &Map<String, Value>) -> Result<Self> {
        let turned = turned_round(fields.get("label2id"));
        let by_id = match fields.get("id2label") {
            Some(Value::Object(named)) => Some(
                named
                    .iter()
                    .map(|(id, name)| Ok((number(&Value::String(id.clone()))?, text(name)?)))
                    .collect::<Result<Vec<_>>>()?,
            ),
            Some(Value::Array(names)) => {
                let names = names.iter().enumerate();
                Some(
                    names
                        .map(|(id, name)| Ok((id, text(name)?)))
                        .collect::<Result<_>>()?,
                )
            }
            None | Some(Value::Null) => None,
            Some(_) => return Err(unreadable("`id2label` is neither an object nor a list")),
        };
        let by_id = by_id.filter(|named| !named.is_empty());
        let mut notes = Vec::new();
        let by_id = match (by_id, turned) {
            (Some(by_id), Some(Ok(turned))) => {
                let other = turned.iter().any(|entry| !by_id.contains(entry));
                if other && !turned.is_empty() {
                    notes.push(
                        "config.json numbers the labels otherwise in `label2id` than in \
                         `id2label`, which is used"
                            .to_owned(),
                    );
                }
                by_id
            }
            (Some(by_id), _) => by_id,
            (None, Some(turned)) => turned?,
            (None, None) => return Ok(Self::default()),
        };
        let (names, gaps) = in_order(by_id)?;
        if !gaps.is_empty() {
            let gaps: Vec<String> = gaps.iter().map(usize::to_string).collect();
            notes.push(format!(
                "config.json names no label for class {}: there it stands as LABEL_{}",
                gaps.join(", "),
                gaps.first().map_or("", String::as_str)
            ));
        }
        Ok(Self { names, notes })
    }
}

/// `label2id` as pairs of number and name.
fn turned_round(named: Option<&Value>) -> Option<Result<Vec<(usize, String)>>> {
    let named = named?.as_object()?;
    let pairs = named.iter();
    Some(
        pairs
            .map(|(name, id)| Ok((number(id)?, name.clone())))
            .collect(),
    )
}

/// Names by class, with the usual ones in the gaps, and the gaps.
fn in_order(by_id: Vec<(usize, String)>) -> Result<(Vec<String>, Vec<usize>)> {
    let mut names: BTreeMap<usize, String> = BTreeMap::new();
    for (id, name) in by_id {
        if names.insert(id, name).is_some() {
            return Err(unreadable(&format!("config.json numbers two labels {id}")));
        }
    }
    let classes = names.keys().last().map_or(0, |last| last + 1);
    let gaps: Vec<usize> = (0..classes).filter(|id| !names.contains_key(id)).collect();
    for id in &gaps {
        names.insert(*id, format!("LABEL_{id}"));
    }
    let mut known = BTreeMap::new();
    for (id, name) in &names {
        if let Some(other) = known.insert(name, id) {
            return Err(unreadable(&format!(
                "config.json gives the classes {other} and {id} the same name `{name}`"
            )));
        }
    }
    Ok((names.into_values().collect(), gaps))
}

/// The number of a class, written as a number or as text.
fn number(id: &Value) -> Result<usize> {
    let number = match id {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_u64().and_then(|id| usize::try_from(id).ok()),
        _ => None,
    };
    number
        .filter(|id| *id < MOST_CLASSES)
        .ok_or_else(|| unreadable(&format!("config.json numbers a label {id}, not 0, 1, 2, …")))
}

/// A name as the data would write it.
fn text(name: &Value) -> Result<String> {
    match name {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(truth) => Ok(truth.to_string()),
        _ => Err(unreadable("a label in config.json's `id2label` is no text")),
    }
}

fn unreadable(what: &str) -> Error {
    Error::input(what)
        .hint("write `id2label` with one name for each class: {\"0\": \"…\", \"1\": \"…\"}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(fields: Value) -> Result<ClassNames> {
        ClassNames::parse(fields.as_object().expect("an object"))
    }

    #[test]
    fn names_are_read_in_every_way_that_people_write_them() {
        let written = [
            json!({"id2label": {"0": "bad", "1": "good"}}),
            json!({"id2label": {"1": "good", "0": "bad"}, "label2id": {"bad": 0, "good": "1"}}),
            json!({"id2label": ["bad", "good"]}),
            json!({"label2id": {"good": 1, "bad": 0}}),
            json!({"id2label": {}, "label2id": {"good": "1", "bad": "0"}}),
            json!({"id2label": null, "label2id": {"good": 1, "bad": 0}}),
        ];
        for fields in written {
            let read = parse(fields.clone()).expect("reads");
            assert_eq!(read.names, ["bad", "good"], "{fields}");
            assert!(read.notes.is_empty(), "{fields}");
        }
        let numbers = parse(json!({"id2label": {"0": 0, "1": 1.5, "2": true}})).expect("reads");
        assert_eq!(numbers.names, ["0", "1.5", "true"]);
        assert!(parse(json!({})).expect("reads").names.is_empty());
        let eleven: Vec<String> = (0..11).map(|id| format!("c{id}")).collect();
        let by_id = eleven.iter().enumerate();
        let by_id: Map<_, _> = by_id
            .map(|(id, name)| (id.to_string(), json!(name)))
            .collect();
        assert_eq!(
            parse(json!({"id2label": by_id})).expect("reads").names,
            eleven
        );
    }

    #[test]
    fn gaps_and_contradictions_are_told() {
        let gap = parse(json!({"id2label": {"0": "a", "3": "b"}})).expect("reads");
        assert_eq!(gap.names, ["a", "LABEL_1", "LABEL_2", "b"]);
        assert!(gap.notes[0].contains("class 1, 2"), "{:?}", gap.notes);
        let turned = json!({"id2label": ["a", "b"], "label2id": {"a": 1, "b": 0}});
        let read = parse(turned).expect("reads");
        assert_eq!(read.names, ["a", "b"]);
        assert!(read.notes[0].contains("label2id"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for fields in [
            json!({"id2label": {"0": "a", "00": "b"}}),
            json!({"id2label": {"0": "a", "1": "a"}}),
            json!({"id2label": {"zero": "a"}}),
            json!({"id2label": {"-1": "a", "0": "b"}}),
            json!({"id2label": {"0": ["a"]}}),
            json!({"id2label": {"4000000000": "a"}}),
            json!({"id2label": "a, b"}),
            json!({"label2id": {"a": 0, "b": 0}}),
        ] {
            let error = parse(fields.clone()).expect_err("unreadable");
            assert_eq!(error.exit_code(), 2, "{fields}");
            assert!(error.remedy().is_some());
        }
    }
}
