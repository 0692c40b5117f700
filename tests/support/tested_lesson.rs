//! The lesson of the tiny project, with samples that nothing trains on.

use serde_json::{Value, json};

use crate::tiny_project::{Project, THINGS};
use crate::written_lesson::teach;

/// Writes it in the name of a teacher. The test samples, which the base gets
/// right, hold a name and are edits of an example with the other label.
pub(crate) fn teach_with_tests(project: &Project, snapshot: &Value, teacher: &str) {
    teach(project, snapshot);
    let path = project.path().join("lessons.jsonl");
    let text = std::fs::read_to_string(&path).expect("readable");
    let mut lesson: Value = serde_json::from_str(&text).expect("a lesson");
    lesson["teacher"] = teacher.into();
    let tests: Vec<Value> = (THINGS.iter().enumerate())
        .map(|(number, thing)| {
            json!({
                "id": format!("test-{number}"),
                "text": {"first": format!("the {thing} is great and superb, says Anna")},
                "label": "positive",
                "author": {"kind": "human"},
                "purpose": "test",
                "review": {"state": "accepted"},
                "edit_of": format!("discovery 0 {number} 0 bad"),
            })
        })
        .collect();
    lesson["hypotheses"][0]["pattern"] = "a funny + number".into();
    let samples = lesson["samples"].as_array_mut().expect("samples");
    samples.extend(tests);
    std::fs::write(&path, format!("{lesson}\n")).expect("writes");
}
