//! A scripted language model that does as it is asked: what it writes depends
//! on the question alone.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::server::{Act, Request};
use blindspot::lessons::llm::{Contrast, LessonBrief, ShownError};
use blindspot::records::Text;
use blindspot::support::hash;

/// The step that a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Hypotheses,
    Samples,
    Judge,
}

/// The step, by the schema that is asked for.
pub(crate) fn step(request: &Request) -> Step {
    let schema = &request.body["response_format"]["json_schema"]["schema"];
    let properties = &schema["properties"];
    if properties.get("hypotheses").is_some() {
        Step::Hypotheses
    } else if properties.get("samples").is_some() {
        Step::Samples
    } else {
        Step::Judge
    }
}

/// The question's text.
pub(crate) fn user(request: &Request) -> &str {
    let messages = &request.body["messages"];
    messages[1]["content"].as_str().unwrap_or_default()
}

/// How many samples are asked for, and with which label.
pub(crate) fn order(request: &Request) -> (usize, String) {
    let text = user(request);
    let after = |mark: &str| text.split(mark).nth(1).unwrap_or_default().to_owned();
    let count = after(" new texts").len();
    let count = text.len() - count - " new texts".len();
    let count = text[..count].rsplit(' ').next().unwrap_or_default();
    let count = count.parse().expect("a number of texts");
    let label = if text.contains("right label really is ") {
        after("right label really is ")
    } else {
        after("right label is ")
    };
    let label = label.split('"').nth(1).unwrap_or_default().to_owned();
    (count, label)
}

/// The JSON objects that a question shows as data, one a line.
pub(crate) fn data_lines(request: &Request) -> Vec<Value> {
    let lines = user(request).lines();
    let objects = lines.filter(|line| line.starts_with('{'));
    objects
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect()
}

/// What a willing model answers.
pub(crate) fn answer(request: &Request) -> Value {
    let mark = &hash::bytes(user(request).as_bytes())[..10];
    match step(request) {
        Step::Hypotheses => json!({"hypotheses": [
            format!("Negation misleads it ({mark})."),
            format!("Irony misleads it ({mark})."),
        ]}),
        Step::Samples => {
            let (count, label) = order(request);
            let texts = (0..count).map(
                |at| json!({"text": format!("{label} text {mark} number {at}"), "label": label}),
            );
            json!({"samples": texts.collect::<Vec<_>>()})
        }
        Step::Judge => {
            let labels = data_lines(request).into_iter().map(|line| {
                let text = line["text"].as_str().unwrap_or_default();
                let known = ["good", "positive", "negative"].iter();
                let label = known.copied().find(|label| text.starts_with(label));
                let label = label.unwrap_or("bad");
                json!({"number": line["number"], "label": label})
            });
            json!({"labels": labels.collect::<Vec<_>>()})
        }
    }
}

/// [`answer`], as a chat completion.
pub(crate) fn act(request: &Request) -> Act {
    Act::chat(&answer(request).to_string())
}

/// A small blind spot: good reviews with negations, called bad.
pub(crate) fn brief() -> LessonBrief {
    let texts = [
        "Not bad at all!",
        "I can't complain.",
        "Never a dull moment.",
    ];
    LessonBrief {
        task: "Is a product review good or bad?".into(),
        labels: vec!["good".into(), "bad".into()],
        meanings: BTreeMap::new(),
        shown: texts
            .map(|text| ShownError {
                text: Text::single(text),
                label: "good".into(),
                predicted: "bad".into(),
                confidence: 0.96,
            })
            .into(),
        contrasts: vec![Contrast {
            text: Text::single("Bad, just bad."),
            label: "bad".into(),
        }],
        pairs: Vec::new(),
    }
}
