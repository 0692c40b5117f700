//! A lesson for the tiny project.

use std::path::Path;

use serde_json::{Value, json};

use crate::tiny_project::{Project, THINGS};

/// Writes a lesson for the largest blind spot: funny things are fine.
pub(crate) fn teach(project: &Project, snapshot: &Value) {
    teach_in(project.path(), snapshot);
}

/// The same for a project in some folder.
pub(crate) fn teach_in(folder: &Path, snapshot: &Value) {
    let spot = &snapshot["blind_spots"][0];
    let author = json!({"kind": "human"});
    let mut samples = Vec::new();
    for (number, thing) in THINGS.iter().enumerate() {
        for (label, text) in [
            ("positive", format!("a funny {thing} and so good")),
            ("negative", format!("not a funny {thing} but a mess")),
        ] {
            samples.push(json!({
                "id": format!("sample-{number}-{label}"),
                "text": {"first": text},
                "label": label,
                "author": author,
                "purpose": "train",
                "contrast": label == "negative",
                "review": {"state": "accepted"},
            }));
        }
    }
    let lesson = json!({
        "id": "lesson-1",
        "blind_spot": spot["id"],
        "snapshot": snapshot["version"],
        "teacher": "tester",
        "author": author,
        "shown": spot["shown"],
        "hypotheses": [{
            "id": "hypothesis-1", "kind": "abstraction", "author": author,
            "text": "Funny is praise.",
        }],
        "samples": samples,
        "created": "2026-01-01T00:00:00Z",
    });
    let line = format!("{lesson}\n");
    std::fs::write(folder.join("lessons.jsonl"), line).expect("writes the lesson");
}
