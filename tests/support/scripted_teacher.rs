//! A scripted language model that teaches the tiny project.

use serde_json::json;

use crate::model::{Step, answer, order, step};
use crate::server::{Act, Request};
use crate::tiny_project::{MANIFEST, Project};

/// Words that the tiny model knows and the data does not use: its untrained
/// encoder takes texts of the same words for copies.
const WORDS: [&str; 16] = [
    "hotel", "camera", "battery", "price", "service", "food", "book", "phone", "room", "staff",
    "car", "child", "night", "money", "angry", "cold",
];

/// A model that has understood that funny things are fine.
pub(crate) fn act(request: &Request) -> Act {
    if request.line.starts_with("GET") {
        return Act::json(200, &json!({"data": [{"id": "scripted-1"}]}));
    }
    if step(request) != Step::Samples {
        return Act::chat(&answer(request).to_string());
    }
    let (count, label) = order(request);
    let texts = (0..count).map(|at| {
        let number = 7 * request.index + at;
        let word = |turn: usize| WORDS[(number / turn) % WORDS.len()];
        let text = format!("{label} funny {} {} {}", word(1), word(16), word(5));
        json!({"text": text, "label": label})
    });
    Act::chat(&json!({"samples": texts.collect::<Vec<_>>()}).to_string())
}

/// Adds the teacher “scripted” to project.toml, with more lines for its table.
pub(crate) fn with_teacher(project: &Project, base_url: &str, more: &str) {
    let teacher = format!(
        "{MANIFEST}\n[[teachers]]\nname = \"scripted\"\nkind = \"openai\"\n\
         base_url = \"{base_url}\"\nmodel = \"scripted-1\"\n\
         prices = {{ input = 1.0, output = 4.0 }}\nmax_output_tokens = 200\n\
         allow_plain_http = [\"10.255.255.1\"]\n{more}\n"
    );
    std::fs::write(project.path().join("project.toml"), teacher).expect("writes the settings");
}
