//! Prodigy: JSON Lines with an `answer`; choices, or a label that is accepted or
//! rejected.

use super::row::{Annotated, Cells, elements};
use super::rule::Answer;
use crate::dataset::cell::Value;
use crate::dataset::report::Skip;

/// What Prodigy adds to a task.
const ADDED: [&str; 10] = [
    "answer", "accept", "options", "config", "spans", "tokens", "label", "html", "style",
    "priority",
];

/// Whether the columns are those of Prodigy.
pub(super) fn is_it(has: impl Fn(&str) -> bool) -> bool {
    has("_input_hash") && has("answer")
}

/// A task as one annotator answered it. `rejected`: the label that project.toml
/// gives to texts whose label was rejected.
pub(super) fn task(cells: &Cells<'_>, rejected: Option<&str>) -> Annotated {
    let mut found = Annotated {
        task: cells.text("_input_hash"),
        fields: cells.others(|name| name.starts_with('_') || ADDED.contains(&name)),
        ..Annotated::default()
    };
    let (label, options) = (cells.value("label"), cells.value("options"));
    let (question, given) = match (&options, &label) {
        (Value::Missing, Value::Missing) => ("spans", cells.value("spans")),
        (Value::Missing, label) => ("label", label.clone()),
        _ => ("accept", Value::List(elements(cells.value("accept")))),
    };
    let spans = elements(cells.value("spans"));
    let answer = match cells.text("answer").as_deref() {
        Some("accept") if question == "spans" => match spans.is_empty() {
            true => Answer::Without(Skip::Unannotated),
            false => Answer::Spans,
        },
        Some("accept") => Answer::of(&given),
        Some("reject") => match (question, rejected) {
            ("label", Some(other)) => Answer::Label(other.to_owned()),
            _ => Answer::Without(Skip::Rejected),
        },
        Some("ignore") => Answer::Without(Skip::Skipped),
        _ => Answer::Without(Skip::Unannotated),
    };
    found.answers.push((question.to_owned(), answer));
    found
}
