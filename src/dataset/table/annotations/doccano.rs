//! doccano: JSON Lines with a list of labels for each text.

use super::row::{Annotated, Cells, elements, field, text};
use super::rule::Answer;
use crate::dataset::cell::Value;

/// Where doccano keeps labels of texts.
const LABELS: [&str; 3] = ["label", "labels", "category"];
/// What it says beside them.
const BESIDE: [&str; 6] = [
    "annotations",
    "annotation_approver",
    "Comments",
    "entities",
    "relations",
    "meta",
];

/// Whether the columns are those of doccano.
pub(super) fn is_it(has: impl Fn(&str) -> bool) -> bool {
    let text = has("text") || has("data");
    text && (has("Comments") || has("annotation_approver"))
}

/// A text as its annotators labelled it.
pub(super) fn task(cells: &Cells<'_>) -> Annotated {
    let mut found = Annotated {
        fields: cells.others(|name| LABELS.contains(&name) || BESIDE.contains(&name)),
        ..Annotated::default()
    };
    if !elements(cells.value("entities")).is_empty() {
        found.answers.push(("label".to_owned(), Answer::Spans));
    }
    // Older exports say who gave which label, by its number.
    let mut by_user: Vec<(Option<String>, Vec<String>)> = Vec::new();
    for given in elements(cells.value("annotations")) {
        let user = text(field(&given, "user"));
        let has_span = *field(&given, "start_offset") != Value::Missing;
        let labels = match Answer::of(field(&given, "label")) {
            _ if has_span => {
                found.answers.push(("label".to_owned(), Answer::Spans));
                continue;
            }
            Answer::Label(label) => vec![label],
            Answer::Labels(labels) => labels,
            Answer::Spans | Answer::Without(_) => continue,
        };
        match by_user.iter_mut().find(|(known, _)| *known == user) {
            Some((_, known)) => known.extend(labels),
            None => by_user.push((user, labels)),
        }
    }
    let by_user = by_user.into_iter();
    found
        .answers
        .extend(by_user.map(|(_, labels)| ("label".to_owned(), Answer::of_labels(labels))));
    for name in LABELS {
        let given = cells.value(name);
        if given != Value::Missing {
            found.answers.push((name.to_owned(), Answer::of(&given)));
        }
    }
    found
}
