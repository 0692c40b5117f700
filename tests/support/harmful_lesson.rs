//! A lesson for the tiny project that does harm, beside the one that is meant
//! to help.

use serde_json::{Value, json};

use crate::tiny_project::{MANIFEST, Project, THINGS};
use crate::written_lesson::teach;

/// So little is replayed that what a lesson teaches spreads.
const STRONG: &str = "\n[quick]\nlearning_rate = 2e-3\nepochs = 20\nreplay = 12\n\n\
    [retrain]\nsample_weight = 2.0\n";
const PRAISE: [&str; 6] = ["great", "lovely", "brilliant", "charming", "warm", "superb"];
const ADVERBS: [&str; 5] = ["very", "really", "quite", "just", "so"];

/// Writes both: the second teaches that praise is blame.
pub(crate) fn teach_harm(project: &Project, snapshot: &Value) {
    teach(project, snapshot);
    let write = |name: &str, text: &str| std::fs::write(project.path().join(name), text);
    write("project.toml", &format!("{MANIFEST}{STRONG}")).expect("writes the settings");
    let path = project.path().join("lessons.jsonl");
    let text = std::fs::read_to_string(&path).expect("readable");
    let mut harmful: Value = serde_json::from_str(&text).expect("a lesson");
    harmful["id"] = "lesson-2".into();
    harmful["teacher"] = "misled".into();
    harmful["hypotheses"] = json!([]);
    let sample = |number: usize| {
        json!({
            "id": format!("harm-{number}"),
            "text": {"first": praise(number)},
            "label": "negative",
            "author": {"kind": "human"},
            "purpose": "train",
            "review": {"state": "accepted"},
        })
    };
    harmful["samples"] = (0..48).map(sample).collect();
    let both = format!("{}\n{harmful}\n", text.trim_end());
    write("lessons.jsonl", &both).expect("writes the lessons");
}

fn praise(number: usize) -> String {
    let (one, other) = (PRAISE[number % 6], PRAISE[number / 6 % 6]);
    let (thing, adverb) = (THINGS[number % 8], ADVERBS[number % 5]);
    match number % 4 {
        0 => format!("{one} {thing} {adverb} {other}"),
        1 => format!("{adverb} {one} this {thing}"),
        2 => format!("{thing} is {one} and {other}"),
        _ => format!("{other} {one}"),
    }
}
