//! A lesson for the tiny project that does harm, beside the one that helps.

use serde_json::{Value, json};

use crate::tiny_project::{Project, THINGS};
use crate::written_lesson::teach;

/// Writes both: the second teaches that praise is blame.
pub(crate) fn teach_harm(project: &Project, snapshot: &Value) {
    teach(project, snapshot);
    let path = project.path().join("lessons.jsonl");
    let text = std::fs::read_to_string(&path).expect("readable");
    let mut harmful: Value = serde_json::from_str(&text).expect("a lesson");
    harmful["id"] = "lesson-2".into();
    harmful["teacher"] = "misled".into();
    harmful["hypotheses"] = json!([]);
    let words = ["great", "lovely", "brilliant", "charming", "warm", "superb"];
    let texts = THINGS
        .iter()
        .flat_map(|thing| words.map(|word| format!("this {thing} is {word} I say")));
    let sample = |(number, text): (usize, String)| {
        json!({
            "id": format!("harm-{number}"),
            "text": {"first": text},
            "label": "negative",
            "author": {"kind": "human"},
            "purpose": "train",
            "review": {"state": "accepted"},
        })
    };
    harmful["samples"] = texts.enumerate().map(sample).collect();
    std::fs::write(&path, format!("{}\n{harmful}\n", text.trim_end())).expect("writes");
}
