//! Turns replies into drafts: reads hypotheses, samples and labels out of
//! JSON, and sifts what can be no sample. Everything that was received is
//! kept, rejected drafts with the reason.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::brief::LessonBrief;
use super::elements::{Element, Wanted, elements};
use super::parse::is_data;
use super::reasoning;
use crate::records::Text;
use crate::support::folding::folded;

/// Longest text of a sample, in characters.
const LONGEST_TEXT: usize = 4_000;
/// Longest hypothesis, in characters.
const LONGEST_HYPOTHESIS: usize = 600;
/// Samples of one reply that are looked at; the rest is only counted.
const MOST_PER_REPLY: usize = 200;

/// A sample as the model wrote it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    pub(super) text: Text,
    /// The label as the model wrote it.
    pub(super) label: String,
}

/// Samples of one reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenSamples {
    pub(super) samples: Vec<Written>,
    /// How many more there were than anybody can review.
    pub(super) left_out: usize,
}

const HYPOTHESES: Wanted = Wanted {
    list: "hypotheses",
    fields: &["hypothesis", "text", "sentence"],
};
const SAMPLES: Wanted = Wanted {
    list: "samples",
    fields: &["text", "sentence", "sample"],
};
const PAIRS: Wanted = Wanted {
    list: "samples",
    fields: &["first"],
};
const LABELS: Wanted = Wanted {
    list: "labels",
    fields: &["label"],
};

/// Hypotheses in a reply, at least one.
pub(super) fn hypotheses(reply: &str) -> Result<Vec<String>, String> {
    let found = elements(reply, HYPOTHESES);
    let mut unique: Vec<String> = found
        .iter()
        .filter_map(|element| sentence(&element.value))
        .collect();
    let mut seen = BTreeSet::new();
    unique.retain(|sentence| seen.insert(folded(sentence)));
    if unique.is_empty() {
        return Err("it held no hypotheses".to_owned());
    }
    Ok(unique)
}

fn sentence(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        Value::Object(fields) => {
            let mut named = HYPOTHESES.fields.iter();
            named.find_map(|name| fields.get(*name)?.as_str())?
        }
        _ => return None,
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let long = text.chars().count() > LONGEST_HYPOTHESIS;
    let spoken = text.chars().any(char::is_alphanumeric);
    (!long && spoken && no_text_of_a_person(&text).is_none()).then_some(text)
}

/// Why a text cannot be meant as one, if it is data or reasoning.
fn no_text_of_a_person(text: &str) -> Option<&'static str> {
    if is_data(text) {
        Some("it is JSON and no text")
    } else if reasoning::is_marked(text) {
        Some("it holds marks of a model's reasoning")
    } else {
        None
    }
}

/// Samples in a reply, at least one; `asked` is the label that was asked for,
/// taken where the model named none.
pub(super) fn samples(reply: &str, asked: &str, pairs: bool) -> Result<WrittenSamples, String> {
    let found = elements(reply, if pairs { PAIRS } else { SAMPLES });
    let mut samples: Vec<Written> = found
        .iter()
        .filter_map(|element| sample(&element.value, asked, pairs))
        .collect();
    if samples.is_empty() {
        return Err("it held no texts".to_owned());
    }
    let left_out = samples.len().saturating_sub(MOST_PER_REPLY);
    samples.truncate(MOST_PER_REPLY);
    Ok(WrittenSamples { samples, left_out })
}

fn sample(value: &Value, asked: &str, pairs: bool) -> Option<Written> {
    let string = |name: &str| Some(value.get(name)?.as_str()?.trim().to_owned());
    let text = match value {
        Value::String(text) if !pairs => Text::single(text.trim()),
        _ if pairs => Text::pair(string("first")?, string("second")?),
        _ => Text::single(SAMPLES.fields.iter().find_map(|name| string(name))?),
    };
    let label = match value.get("label") {
        None | Some(Value::Null) => asked.to_owned(),
        Some(Value::String(label)) => label.clone(),
        Some(other) => other.to_string(),
    };
    Some(Written { text, label })
}

/// Labels in a judging reply by position; `None` where the judge named none
/// of the project's labels.
pub(super) fn judged(
    reply: &str,
    brief: &LessonBrief,
    count: usize,
) -> Result<Vec<Option<String>>, String> {
    let found = elements(reply, LABELS);
    // Verdicts without a number go by their place, where each text has one.
    let by_place = found.len() == count;
    let verdicts = found.iter().enumerate();
    let verdicts = verdicts.filter_map(|(at, found)| verdict(found, at, by_place, brief));
    let mut labels = vec![None; count];
    for (at, label) in verdicts {
        // The first verdict stands; numbers that were never asked are ignored.
        if let Some(place @ None) = labels.get_mut(at) {
            *place = Some(label);
        }
    }
    if labels.iter().all(Option::is_none) {
        return Err("it held none of the labels".to_owned());
    }
    Ok(labels)
}

fn verdict(
    found: &Element,
    at: usize,
    by_place: bool,
    brief: &LessonBrief,
) -> Option<(usize, String)> {
    let value = &found.value;
    let label = value.as_str().or_else(|| value.get("label")?.as_str())?;
    let written = match value.get("number") {
        Some(Value::String(number)) => Some(number.trim().parse().ok()?),
        Some(number) => Some(number.as_u64()?),
        None => found.number,
    };
    let place = || (by_place || value.is_string()).then_some(at as u64 + 1);
    let number = written.or_else(place)?;
    let at = usize::try_from(number.checked_sub(1)?).ok()?;
    Some((at, brief.label(label)?.to_owned()))
}

/// Tells new texts from copies and impossible ones, over a whole lesson.
pub(super) struct Sieve<'a> {
    brief: &'a LessonBrief,
    shown: BTreeSet<String>,
    written: BTreeSet<String>,
}

impl<'a> Sieve<'a> {
    pub(super) fn new(brief: &'a LessonBrief) -> Self {
        Self {
            brief,
            shown: brief.texts().map(Text::folded).collect(),
            written: BTreeSet::new(),
        }
    }

    /// The label in the project's spelling, or why this can be no sample.
    pub(super) fn sift(&mut self, sample: &Written) -> Result<String, String> {
        let Some(label) = self.brief.label(&sample.label) else {
            let short: String = sample.label.chars().take(60).collect();
            return Err(format!("its label “{short}” is none of the project's"));
        };
        for part in sample.text.parts() {
            // Small models hand the form back as it was shown to them.
            if part.chars().all(|c| matches!(c, '…' | '.')) {
                return Err("it is empty".to_owned());
            }
            if let Some(reason) = no_text_of_a_person(part) {
                return Err(reason.to_owned());
            }
            if part.chars().count() > LONGEST_TEXT {
                return Err(format!("it is longer than {LONGEST_TEXT} characters"));
            }
        }
        let key = sample.text.folded();
        if self.shown.contains(&key) {
            return Err("it copies a text that was shown".to_owned());
        }
        if !self.written.insert(key) {
            return Err("it repeats another sample of this lesson".to_owned());
        }
        Ok(label.to_owned())
    }
}

/// How a schema says the greatest length of a list.
pub(super) const MOST_ITEMS: &str = "maxItems";

/// JSON schema of an answer with so many hypotheses.
pub(super) fn hypotheses_schema(count: usize) -> Value {
    list("hypotheses", json!({"type": "string"}), count)
}

/// JSON schema of an answer with so many samples.
pub(super) fn samples_schema(brief: &LessonBrief, count: usize) -> Value {
    let string = json!({"type": "string"});
    let label = json!({"type": "string", "enum": brief.labels});
    let item = if brief.has_pairs() {
        object(json!({"first": string, "second": string, "label": label}))
    } else {
        object(json!({"text": string, "label": label}))
    };
    list("samples", item, count)
}

/// JSON schema of an answer with so many labels.
pub(super) fn judged_schema(brief: &LessonBrief, count: usize) -> Value {
    let label = json!({"type": "string", "enum": brief.labels});
    let item = object(json!({"number": {"type": "integer"}, "label": label}));
    list("labels", item, count)
}

/// An object with one list that is as long as was asked for at most: a small
/// model that repeats itself would otherwise go on until its tokens run out.
pub(super) fn list(name: &str, item: Value, most: usize) -> Value {
    object(json!({name: {"type": "array", "items": item, MOST_ITEMS: most}}))
}

/// An object schema as strict servers want it: all fields required, no others.
pub(super) fn object(properties: Value) -> Value {
    let names: Vec<&String> = properties
        .as_object()
        .map(|fields| fields.keys().collect())
        .unwrap_or_default();
    json!({
        "type": "object",
        "required": names,
        "properties": properties,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief() -> LessonBrief {
        LessonBrief {
            task: "t".into(),
            labels: vec!["good".into(), "bad".into()],
            meanings: std::collections::BTreeMap::new(),
            shown: vec![super::super::brief::ShownError {
                text: Text::single("Not bad!"),
                label: "good".into(),
                predicted: "bad".into(),
                confidence: 0.95,
            }],
            contrasts: Vec::new(),
            pairs: Vec::new(),
        }
    }

    #[test]
    fn samples_in_usual_and_unusual_shapes() {
        let texts = |reply: &str| {
            let written = samples(reply, "good", false)?;
            Ok(written
                .samples
                .into_iter()
                .map(|s| (s.text.first, s.label))
                .collect())
        };
        let one = |text: &str, label: &str| Ok(vec![(text.to_owned(), label.to_owned())]);
        assert_eq!(
            texts(r#"{"samples":[{"text":" a ","label":"bad"},{"txt":1}]}"#),
            one("a", "bad")
        );
        assert_eq!(texts(r#"["a"]"#), one("a", "good"));
        assert_eq!(texts(r#"{"text":"a","label":7}"#), one("a", "7"));
        let nothing: Result<Vec<(String, String)>, String> = Err("it held no texts".into());
        for empty in [r#"{"samples":[]}"#, "{}", "no", r#"{"error":"x"}"#] {
            assert_eq!(texts(empty), nothing, "{empty}");
        }
        assert!(samples(r#"[{"first":"a","second":"b","label":"x"}]"#, "good", true).is_ok());
        assert!(samples(r#"[{"text":"a"}]"#, "good", true).is_err());
    }

    #[test]
    fn the_sieve_names_what_is_wrong() {
        let brief = brief();
        let mut sieve = Sieve::new(&brief);
        let mut sift = |text: &str, label: &str| {
            sieve.sift(&Written {
                text: Text::single(text),
                label: label.into(),
            })
        };
        assert_eq!(sift("fine by me", "GOOD"), Ok("good".into()));
        let reason = |result: Result<String, String>| result.expect_err("rejected");
        assert!(reason(sift("Fine, by me.", "good")).contains("repeats"));
        assert!(reason(sift("not bad", "good")).contains("copies"));
        assert!(reason(sift("new", "meh")).contains("“meh”"));
        assert!(reason(sift("", "bad")).contains("empty"));
        assert!(reason(sift("…", "bad")).contains("empty"));
        for data in [
            r#"{"text": "new"}"#,
            "```json\n[\"new\"]\n```",
            "{'text': 'new'}",
        ] {
            assert!(reason(sift(data, "bad")).contains("JSON"), "{data}");
        }
        for thought in [
            "<think>new</think> so",
            "[THINK]new",
            "<|channel|>final new",
        ] {
            assert!(
                reason(sift(thought, "bad")).contains("reasoning"),
                "{thought}"
            );
        }
        assert!(reason(sift(&"x".repeat(5_000), "bad")).contains("longer"));
    }

    #[test]
    fn verdicts_go_by_number_and_strangers_are_ignored() {
        let reply = r#"{"labels":[{"number":2,"label":"Bad"},{"number":9,"label":"bad"},
            {"number":0,"label":"bad"},{"number":1,"label":"meh"},{"number":2,"label":"good"}]}"#;
        let labels = judged(reply, &brief(), 2).expect("one verdict");
        assert_eq!(labels, vec![None, Some("bad".to_owned())]);
        let both = vec![Some("good".to_owned()), Some("bad".to_owned())];
        for reply in [
            r#"["good","bad"]"#,
            r#"{"1":"good","2":"bad"}"#,
            r#"{"labels":{"2":"bad","1":"good"}}"#,
            r#"{"labels":{"1":{"label":"good"},"2":{"label":"bad"}}}"#,
            r#"{"labels":[{"number":"2","label":"bad"},{"number":"1","label":"good"}]}"#,
            r#"[{"label":"good"},{"label":"bad"}]"#,
            "{\"number\":1,\"label\":\"good\"}\n{\"number\":2,\"label\":\"bad\"}",
            r#"{"labels":"[\"good\",\"bad\"]"}"#,
        ] {
            assert_eq!(judged(reply, &brief(), 2).as_ref(), Ok(&both), "{reply}");
        }
        // Which of three texts the two verdicts are of, nobody knows.
        let short = r#"[{"label":"good"},{"label":"bad"}]"#;
        assert!(judged(short, &brief(), 3).is_err());
        assert!(judged(r#"{"labels":[]}"#, &brief(), 2).is_err());
    }
}
