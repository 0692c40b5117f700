//! Finds the JSON in what a language model wrote.
//!
//! Servers that enforce a schema answer with JSON alone; others wrap it in
//! prose, code fences or `<think>` blocks, leave trailing commas, put raw line
//! breaks into strings, or stop in mid-array when their tokens run out. The
//! whole text is tried first, then each opening bracket in turn.

use serde_json::Value;

use super::loose_json;

/// Brackets tried as the start of the answer; prose has few, and each try
/// reads the text once.
const STARTS: usize = 64;

/// What was found in a reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// The JSON.
    pub(super) value: Value,
    /// Whether it ended as it should; otherwise the reply was cut and only
    /// what was complete is here.
    pub(super) complete: bool,
}

/// The first JSON object or array in `text` that `fits` accepts.
///
/// Brackets in prose ("Here are [5] texts") are passed over when what they
/// hold does not fit.
pub(super) fn first_json(text: &str, fits: impl Fn(&Value) -> bool) -> Option<Found> {
    if let Ok(value) = serde_json::from_str::<Value>(text.trim())
        && fits(&value)
    {
        return Some(Found {
            value,
            complete: true,
        });
    }
    let answer = without_thinking(text);
    scan(answer, &fits).or_else(|| scan(text, &fits).filter(|_| answer.len() < text.len()))
}

fn scan(text: &str, fits: &impl Fn(&Value) -> bool) -> Option<Found> {
    let mut from = 0;
    for _ in 0..STARTS {
        let start = from + text.get(from..)?.find(['{', '['])?;
        let parsed = loose_json::parse(text.get(start..)?);
        match parsed {
            Some(parsed) if fits(&parsed.value) => {
                return Some(Found {
                    value: parsed.value,
                    complete: parsed.complete,
                });
            }
            // A whole value of another shape: what is inside it is no answer.
            Some(parsed) if parsed.complete => from = start + parsed.length,
            _ => from = start + 1,
        }
    }
    None
}

/// The text after a leading `<think>` block; nothing if the block never ends.
/// Some chat templates open the block themselves, so that only its end shows.
fn without_thinking(text: &str) -> &str {
    let trimmed = text.trim_start();
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        let opened = trimmed.starts_with(open);
        match trimmed.rfind(close) {
            Some(end) if opened || !trimmed[..end].contains(open) => {
                return &trimmed[end + close.len()..];
            }
            None if opened => return "",
            _ => {}
        }
    }
    text
}

/// The elements of the array that an answer consists of: under `name`, alone,
/// or a single object where an array was asked for.
pub(super) fn elements<'a>(value: &'a Value, name: &str) -> Option<Vec<&'a Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(fields) => match fields.get(name) {
            Some(Value::Array(items)) => Some(items.iter().collect()),
            Some(other) => Some(vec![other]),
            None => Some(vec![value]),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn any(value: &Value) -> bool {
        value.is_object() || value.is_array()
    }

    fn has_samples(value: &Value) -> bool {
        value.get("samples").is_some()
    }

    #[test]
    fn wrapped_answers_are_found() {
        let wanted = json!({"samples": [{"text": "a}] b"}]});
        for text in [
            r#"{"samples":[{"text":"a}] b"}]}"#,
            "```json\n{\"samples\":[{\"text\":\"a}] b\",},],}\n```\nHope it helps {smile}",
            "<think>\nmaybe {\"samples\": []}?\n</think>\nSure: {\"samples\":[{\"text\":\"a}] b\"}]}",
            "so [5] it is</think>{\"samples\":[{\"text\":\"a}] b\"}]} [end",
            "Here are [5] texts {as asked}: {\"samples\":[{\"text\":\"a}] b\"}]}",
        ] {
            let found = first_json(text, has_samples).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.value, wanted, "{text}");
            assert!(found.complete, "{text}");
        }
    }

    #[test]
    fn a_cut_array_keeps_what_is_complete() {
        let whole = r#"{"samples":[{"text":"one","label":"x"},{"text":"two","label":"y"}]}"#;
        let mut most = 0;
        for end in 0..whole.len() {
            let Some(found) = first_json(&whole[..end], has_samples) else {
                continue;
            };
            assert!(!found.complete);
            let texts = elements(&found.value, "samples").expect("array");
            for (text, name) in texts.iter().zip(["one", "two"]) {
                assert_eq!(text["text"], name, "cut at {end}");
                assert!(text["label"].is_string(), "cut at {end}");
            }
            most = most.max(texts.len());
        }
        assert_eq!(most, 2);
    }

    #[test]
    fn an_unclosed_thought_is_no_answer_and_thoughts_in_strings_stay() {
        let inside = first_json("{\"text\": \"<think> no </think>\",}", any).expect("object");
        assert_eq!(inside.value["text"], "<think> no </think>");
        let open = first_json("<think> I could say hello", any);
        assert_eq!(open, None);
    }

    #[test]
    fn hostile_text_ends_quickly() {
        let deep = "[".repeat(3_000_000);
        assert_eq!(first_json(&deep, has_samples), None);
        let braces = "{".repeat(3_000_000);
        assert_eq!(first_json(&braces, has_samples), None);
    }

    #[test]
    fn elements_come_from_any_usual_shape() {
        for value in [
            json!({"samples": ["a"]}),
            json!(["a"]),
            json!({"samples": "a"}),
        ] {
            assert_eq!(elements(&value, "samples"), Some(vec![&json!("a")]));
        }
        let lone = json!({"text": "a"});
        assert_eq!(elements(&lone, "samples"), Some(vec![&lone]));
        assert_eq!(elements(&json!(3), "samples"), None);
    }
}
