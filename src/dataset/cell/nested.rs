//! Values inside of values: lists and objects, and those that a text spells.

use super::Value;

/// The list or object that a text spells: of JSON, or as Python prints it.
/// Tables without types hold labels so when a program wrote a list there.
pub(crate) fn spelt(text: &str) -> Option<Value> {
    let text = text.trim();
    if !matches!(text.as_bytes(), [b'[', .., b']'] | [b'{', .., b'}']) {
        return None;
    }
    let json = serde_json::from_str(text).or_else(|_| serde_json::from_str(&of_python(text)));
    json.ok().map(Value::of_json)
}

/// JSON from what Python prints of a list or a dictionary.
fn of_python(text: &str) -> String {
    let mut json = String::with_capacity(text.len());
    let mut quote = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '\'' | '"') => {
                quote = Some(letter);
                json.push('"');
            }
            (Some(open), _) if letter == open => {
                quote = None;
                json.push('"');
            }
            (Some('\''), '"') => json.push_str("\\\""),
            (Some(_), '\\') => match letters.next() {
                Some('\'') => json.push('\''),
                Some(escaped) => json.extend(['\\', escaped]),
                None => json.push('\\'),
            },
            _ => json.push(letter),
        }
    }
    let unquoted = |json: String| match json.contains('"') {
        true => json,
        false => json
            .replace("None", "null")
            .replace("True", "true")
            .replace("False", "false"),
    };
    unquoted(json)
}

/// A value inside of objects, by the names on the way to it; lists of one
/// element are passed through.
pub(crate) fn at_path<'p>(value: Value, path: impl Iterator<Item = &'p str>) -> Value {
    let mut found = value;
    for name in path {
        while let Value::List(mut elements) = found {
            found = match elements.len() {
                1 => elements.remove(0),
                0 => Value::Missing,
                _ => return Value::List(elements),
            };
        }
        found = match found {
            Value::Object(fields) => {
                let field = fields.into_iter().find(|(key, _)| key == name);
                field.map_or(Value::Missing, |(_, value)| value)
            }
            _ => Value::Missing,
        };
    }
    found
}

/// The paths to the plain values in an object, at most a few.
pub(crate) fn paths(value: &Value, to: &str) -> Vec<String> {
    const FEW: usize = 6;
    let inner = match value {
        Value::Object(fields) => {
            let inner = fields.iter();
            inner
                .flat_map(|(key, value)| paths(value, &format!("{to}.{key}")))
                .collect()
        }
        Value::List(elements) => match elements.as_slice() {
            [only] => paths(only, to),
            [Value::Object(_), ..] => Vec::new(),
            _ => vec![to.to_owned()],
        },
        _ => vec![to.to_owned()],
    };
    inner.into_iter().take(FEW).collect()
}
