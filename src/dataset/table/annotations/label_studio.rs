//! Label Studio: JSON, with all annotations of a task in one object; JSON-MIN
//! and CSV, with a row for each annotation.

use super::row::{Annotated, Cells, elements, field, fields, is_true, text};
use super::rule::Answer;
use crate::dataset::cell::Value;
use crate::dataset::report::Skip;

/// What JSON-MIN and CSV say of an annotation; every other column is a field of
/// the task or the answer to a question.
const OF_ANNOTATION: [&str; 6] = [
    "annotator",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "agreement",
];

/// Whether the columns are those of the JSON export.
pub(super) fn is_json(has: impl Fn(&str) -> bool) -> bool {
    has("data") && (has("annotations") || has("completions"))
}

/// Whether the columns are those of JSON-MIN or CSV.
pub(super) fn is_rows(has: impl Fn(&str) -> bool) -> bool {
    ["annotation_id", "annotator", "lead_time"]
        .into_iter()
        .all(has)
}

/// A task of the JSON export.
pub(super) fn task(cells: &Cells<'_>) -> Annotated {
    let mut found = Annotated {
        task: None,
        fields: fields(cells.value("data")),
        ..Annotated::default()
    };
    found.fields.insert(0, ("id".to_owned(), cells.value("id")));
    let mut annotations = elements(cells.value("annotations"));
    annotations.extend(elements(cells.value("completions")));
    if annotations.is_empty() {
        let drafts = !elements(cells.value("drafts")).is_empty();
        found.without.push(match drafts {
            true => Skip::Draft,
            false => Skip::Unannotated,
        });
    }
    for annotation in annotations {
        let skipped = ["was_cancelled", "skipped"];
        if skipped.iter().any(|key| is_true(field(&annotation, key))) {
            found.without.push(Skip::Skipped);
            continue;
        }
        let answers = answers(field(&annotation, "result").clone());
        if answers.is_empty() {
            found.without.push(Skip::Unannotated);
        }
        found.answers.extend(answers);
    }
    found
}

/// The answers of one annotation, one for each question.
fn answers(results: Value) -> Vec<(String, Answer)> {
    let mut questions: Vec<(String, Vec<String>, bool)> = Vec::new();
    for result in elements(results) {
        let (Some(name), value) = (text(field(&result, "from_name")), field(&result, "value"))
        else {
            continue;
        };
        let (labels, of_span) = match result_of(value) {
            Answer::Label(label) => (vec![label], false),
            Answer::Labels(labels) => (labels, false),
            Answer::Spans => (Vec::new(), true),
            Answer::Without(_) => continue,
        };
        match questions.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, known, spans)) => {
                known.extend(labels);
                *spans |= of_span;
            }
            None => questions.push((name, labels, of_span)),
        }
    }
    let answer = |(name, labels, spans)| match spans {
        true => (name, Answer::Spans),
        false => (name, Answer::of_labels(labels)),
    };
    questions.into_iter().map(answer).collect()
}

/// What one result says: a choice, a rating or number, one of a pair, a span.
fn result_of(value: &Value) -> Answer {
    let is_span = ["start", "end"]
        .iter()
        .all(|key| *field(value, key) != Value::Missing);
    if is_span {
        return Answer::Spans;
    }
    let kinds = ["choices", "rating", "number", "selected"];
    let given = kinds.iter().map(|kind| field(value, kind));
    let mut given = given.filter(|given| **given != Value::Missing);
    given
        .next()
        .map_or(Answer::Without(Skip::Unannotated), Answer::of)
}

/// A row of JSON-MIN or CSV: one annotation of a task. Which columns are
/// questions is not said; what differs between annotations of a task is.
pub(super) fn row(cells: &Cells<'_>) -> Annotated {
    let others = cells.others(|name| OF_ANNOTATION.contains(&name));
    let answers = others.into_iter().map(|(name, value)| {
        let spelt = match &value {
            Value::Text(text) => crate::dataset::cell::spelt(text),
            _ => None,
        };
        // A text of the task may look like a list and is none.
        let answer = match spelt {
            Some(list) => match Answer::of(&list) {
                Answer::Without(_) => Answer::of(&value),
                answer => answer,
            },
            None => Answer::of(&value),
        };
        (name, answer)
    });
    Annotated {
        task: cells.text("id"),
        answers: answers.collect(),
        ..Annotated::default()
    }
}
