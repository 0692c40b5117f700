//! Argilla: records of version 2, nested as `to_json` writes them and flat as
//! `to_datasets` does, and those of version 1.

use super::row::{Annotated, Cells, elements, field, fields, text};
use super::rule::Answer;
use crate::dataset::report::Skip;

const RESPONSES: &str = ".responses";
const STATUS: &str = ".responses.status";

/// Whether the columns are those of nested records.
pub(super) fn is_nested(has: impl Fn(&str) -> bool) -> bool {
    ["fields", "responses", "suggestions"].into_iter().all(has)
}

/// Whether the columns are those of flat records.
pub(super) fn is_flat(columns: &[String]) -> bool {
    columns.iter().any(|name| name.ends_with(STATUS))
}

/// Whether the columns are those of version 1.
pub(super) fn is_version_1(has: impl Fn(&str) -> bool) -> bool {
    ["annotation", "prediction", "status"].into_iter().all(has)
}

/// A nested record. It does not say which answers are drafts or were
/// discarded: only those of completed records count.
pub(super) fn nested(cells: &Cells<'_>) -> Annotated {
    let mut found = Annotated {
        fields: vec![("id".to_owned(), cells.value("id"))],
        ..Annotated::default()
    };
    for column in ["fields", "metadata"] {
        found.fields.extend(fields(cells.value(column)));
    }
    let given = fields(cells.value("responses"));
    let status = cells.text("status");
    match status.as_deref() {
        Some("discarded") => found.without.push(Skip::Skipped),
        Some("pending" | "draft") if !given.is_empty() => found.without.push(Skip::Draft),
        Some("pending" | "draft") => found.without.push(Skip::Unannotated),
        _ => {
            for (question, responses) in given {
                let answers = elements(responses).into_iter();
                let answers = answers.map(|one| Answer::of(field(&one, "value")));
                found
                    .answers
                    .extend(answers.map(|answer| (question.clone(), answer)));
            }
        }
    }
    found
}

/// A flat record: answers, users and what became of each in columns of lists.
pub(super) fn flat(cells: &Cells<'_>) -> Annotated {
    let beside = |name: &str| {
        let of_question = [".responses", ".suggestion"];
        of_question.iter().any(|part| name.contains(part))
            || ["status", "_server_id"].contains(&name)
    };
    let mut found = Annotated {
        fields: cells.others(beside),
        ..Annotated::default()
    };
    let questions = cells.columns.iter();
    for question in questions.filter_map(|name| name.strip_suffix(STATUS)) {
        let of = |suffix: &str| cells.value(&format!("{question}{suffix}"));
        let states = elements(of(STATUS));
        let given = match states.len() {
            // A list of one is its element: what is left is one answer.
            1 => vec![of(RESPONSES)],
            _ => elements(of(RESPONSES)),
        };
        for (value, state) in given.iter().zip(&states) {
            let answer = match text(state).as_deref() {
                Some("draft") => Answer::Without(Skip::Draft),
                Some("discarded") => Answer::Without(Skip::Skipped),
                _ => Answer::of(value),
            };
            found.answers.push((question.to_owned(), answer));
        }
    }
    found
}

/// A record of version 1.
pub(super) fn version_1(cells: &Cells<'_>) -> Annotated {
    let own = [
        "annotation",
        "annotation_agent",
        "explanation",
        "inputs",
        "metrics",
        "multi_label",
        "prediction",
        "prediction_agent",
        "search_keywords",
        "status",
        "vectors",
    ];
    let mut found = Annotated {
        fields: cells.others(|name| own.contains(&name)),
        ..Annotated::default()
    };
    let known: Vec<String> = found.fields.iter().map(|(name, _)| name.clone()).collect();
    let inputs = fields(cells.value("inputs")).into_iter();
    found
        .fields
        .extend(inputs.filter(|(name, _)| !known.contains(name)));
    match cells.text("status").as_deref() {
        Some("Discarded") => found.without.push(Skip::Skipped),
        Some("Default") => found.without.push(Skip::Unannotated),
        _ => {
            let answer = Answer::of(&cells.value("annotation"));
            found.answers.push(("annotation".to_owned(), answer));
        }
    }
    found
}
