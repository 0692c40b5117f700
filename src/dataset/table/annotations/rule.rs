//! The one rule for the answers of annotators, whatever tool they used: what
//! they agree on is the label; nothing else is.

use std::collections::BTreeMap;

use crate::dataset::cell::Value;
use crate::dataset::report::Skip;
use crate::records::Disagreement;

/// What one annotator answered to one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// One label, or another single value.
    Label(String),
    /// Several labels for one text.
    Labels(Vec<String>),
    /// Labels for parts of the text.
    Spans,
    /// Nothing that counts, and why.
    Without(Skip),
}

/// What the answers to a question come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// One label.
    Label(String),
    /// One label, by a majority.
    Majority(String),
    /// An annotator gave several labels.
    Several(Vec<String>),
    /// Annotators gave different labels: each with how many gave it.
    Disputed(Vec<(String, usize)>),
    /// Parts of the text are labelled, not the text.
    Spans,
    /// Nobody gave a label that counts.
    Without(Skip),
}

impl Outcome {
    /// Of all answers to a question.
    pub(super) fn of(answers: &[&Answer], disagreement: Option<Disagreement>) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for answer in answers {
            match answer {
                Answer::Labels(labels) => return Self::Several(labels.clone()),
                Answer::Label(label) => *counts.entry(label).or_default() += 1,
                Answer::Spans | Answer::Without(_) => {}
            }
        }
        let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        match (counts.as_slice(), disagreement) {
            ([], _) => Self::without(answers),
            ([(only, _)], _) => Self::Label((*only).to_owned()),
            ([(most, count), (_, next), ..], Some(Disagreement::Majority)) if count > next => {
                Self::Majority((*most).to_owned())
            }
            (_, Some(_)) => Self::Without(Skip::Disagreement),
            (_, None) => Self::Disputed(
                counts
                    .into_iter()
                    .map(|(label, count)| (label.to_owned(), count))
                    .collect(),
            ),
        }
    }

    /// Of answers without a label: the reason that says most.
    fn without(answers: &[&Answer]) -> Self {
        if answers.contains(&&Answer::Spans) {
            return Self::Spans;
        }
        let reasons = [Skip::Draft, Skip::Rejected, Skip::Skipped];
        let given = |why: &Skip| answers.contains(&&Answer::Without(*why));
        Self::Without(reasons.into_iter().find(given).unwrap_or(Skip::Unannotated))
    }
}

impl Answer {
    /// The answer that a value is.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Missing | Value::Unusable(_) => Self::Without(Skip::Unannotated),
            Value::List(elements) => Self::of_all(elements),
            Value::Object(fields) => {
                let named = |name: &str| fields.iter().find(|(key, _)| key == name);
                match (named("choices"), named("start"), named("end")) {
                    (_, Some(_), Some(_)) => Self::Spans,
                    (Some((_, choices)), ..) => Self::of(choices),
                    _ => Self::Without(Skip::Unannotated),
                }
            }
            plain => match plain.clone().cell().text.trim() {
                "" => Self::Without(Skip::Unannotated),
                text => Self::Label(text.to_owned()),
            },
        }
    }

    fn of_all(elements: &[Value]) -> Self {
        if is_span(elements) {
            return Self::Spans;
        }
        let mut labels = Vec::new();
        for element in elements {
            match Self::of(element) {
                Self::Label(label) => labels.push(label),
                Self::Labels(more) => labels.extend(more),
                Self::Spans => return Self::Spans,
                Self::Without(_) => {}
            }
        }
        Self::of_labels(labels)
    }

    /// The answer of one annotator who gave these labels.
    pub(super) fn of_labels(mut labels: Vec<String>) -> Self {
        labels.dedup();
        match labels.len() {
            0 => Self::Without(Skip::Unannotated),
            1 => Self::Label(labels.remove(0)),
            _ => Self::Labels(labels),
        }
    }
}

/// Whether a list is a span: where it begins and ends, and its label.
fn is_span(elements: &[Value]) -> bool {
    let is_number = |value: &Value| matches!(value, Value::Whole(_) | Value::Number(_));
    matches!(elements, [start, end, Value::Text(_)] if is_number(start) && is_number(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str) -> Answer {
        Answer::Label(name.to_owned())
    }

    fn outcome(answers: &[Answer], disagreement: Option<Disagreement>) -> Outcome {
        Outcome::of(&answers.iter().collect::<Vec<_>>(), disagreement)
    }

    #[test]
    fn what_annotators_agree_on_is_the_label_whatever_else_there_is() {
        let without = [
            Skip::Draft,
            Skip::Skipped,
            Skip::Rejected,
            Skip::Unannotated,
        ];
        for why in without {
            let answers = [label("a"), Answer::Without(why), label("a"), Answer::Spans];
            assert_eq!(outcome(&answers, None), Outcome::Label("a".into()));
            assert_eq!(
                outcome(&[Answer::Without(why)], None),
                Outcome::Without(why)
            );
        }
        assert_eq!(outcome(&[], None), Outcome::Without(Skip::Unannotated));
        assert_eq!(outcome(&[Answer::Spans], None), Outcome::Spans);
    }

    #[test]
    fn disagreement_is_settled_only_as_it_was_asked_for() {
        let two_to_one = [label("b"), label("a"), label("b")];
        let one_to_one = [label("b"), label("a")];
        let disputed = vec![("b".to_owned(), 2), ("a".to_owned(), 1)];
        assert_eq!(outcome(&two_to_one, None), Outcome::Disputed(disputed));
        let majority = Some(Disagreement::Majority);
        assert_eq!(
            outcome(&two_to_one, majority),
            Outcome::Majority("b".into())
        );
        let left_out = Outcome::Without(Skip::Disagreement);
        assert_eq!(outcome(&one_to_one, majority), left_out);
        let leave_out = Some(Disagreement::LeaveOut);
        assert_eq!(outcome(&two_to_one, leave_out), left_out);
        let several = [label("b"), Answer::Labels(vec!["a".into(), "b".into()])];
        assert!(matches!(outcome(&several, majority), Outcome::Several(_)));
    }

    #[test]
    fn values_are_one_label_several_or_spans() {
        for (json, answer) in [
            ("\"a\"", label("a")),
            ("[\"a\"]", label("a")),
            ("3", label("3")),
            ("{\"choices\": [\"a\"]}", label("a")),
            (
                "[\"a\", \"b\"]",
                Answer::Labels(vec!["a".into(), "b".into()]),
            ),
            (
                "{\"choices\": [\"a\", \"b\"]}",
                Answer::Labels(vec!["a".into(), "b".into()]),
            ),
            ("[[0, 4, \"PER\"]]", Answer::Spans),
            ("[0, 4, \"PER\"]", Answer::Spans),
            (
                "[{\"start\": 0, \"end\": 4, \"labels\": [\"PER\"]}]",
                Answer::Spans,
            ),
            ("[]", Answer::Without(Skip::Unannotated)),
            ("null", Answer::Without(Skip::Unannotated)),
            ("\" \"", Answer::Without(Skip::Unannotated)),
        ] {
            assert_eq!(Answer::of(&Value::of_json_text(json)), answer, "{json}");
        }
    }
}
