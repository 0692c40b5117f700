//! What a language model is told about a blind spot, and nothing more.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::endpoint::Endpoint;
use super::prompt::fields;
use crate::records::Text;
use crate::support::folding::folded;
use crate::support::{Error, Result};

/// An unknown unknown that the teacher may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownError {
    /// The text.
    pub text: Text,
    /// Its right label.
    pub label: String,
    /// What the model said instead.
    pub predicted: String,
    /// How sure it was, 0 to 1.
    pub confidence: f32,
}

/// A text that the model got right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contrast {
    /// The text.
    pub text: Text,
    /// Its label, which the model gave it.
    pub label: String,
}

/// An error beside a minimally edited version that the model gets right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinimalPair {
    /// The error.
    pub wrong: ShownError,
    /// The edit.
    pub right: Contrast,
}

/// All that enters the prompts of one lesson. Kept-back and sealed texts are
/// not in it, so they cannot enter a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LessonBrief {
    /// What the classifier decides, in a sentence.
    pub task: String,
    /// All label names.
    pub labels: Vec<String>,
    /// What labels mean, by name, where project.toml says so.
    #[serde(default)]
    pub meanings: BTreeMap<String, String>,
    /// The *shown* unknown unknowns of the blind spot.
    pub shown: Vec<ShownError>,
    /// Their nearest neighbours that the model gets right.
    pub contrasts: Vec<Contrast>,
    /// Pairs that differ little, where there are some.
    pub pairs: Vec<MinimalPair>,
}

impl LessonBrief {
    /// Refuses a brief that no lesson can be made of.
    ///
    /// # Errors
    /// Input errors that name what is missing.
    pub fn check(&self) -> Result<()> {
        if self.shown.is_empty() {
            return Err(
                Error::input("the blind spot has no errors to show to a teacher")
                    .hint("choose a blind spot with at least one shown error"),
            );
        }
        if self.labels.iter().collect::<BTreeSet<_>>().len() < 2 {
            return Err(Error::input("a lesson needs at least two labels")
                .hint("name the labels in project.toml"));
        }
        let all = self
            .shown
            .iter()
            .flat_map(|error| [&error.label, &error.predicted]);
        match all.into_iter().find(|label| !self.labels.contains(label)) {
            None => Ok(()),
            Some(label) => Err(Error::input(format!(
                "the label `{label}` of a shown error is not among the project's labels"
            ))),
        }
    }

    /// Which texts go where: said before the first call of a project.
    pub fn statement(briefs: &[Self], endpoint: &Endpoint) -> String {
        let texts: BTreeSet<&Text> = briefs.iter().flat_map(Self::texts).collect();
        let characters: usize = texts.iter().map(|text| text.joined().chars().count()).sum();
        let spots = match briefs.len() {
            1 => "this blind spot".to_owned(),
            count => format!("{count} blind spots"),
        };
        let place = if endpoint.is_local() {
            format!("the server {} on this machine", endpoint.host())
        } else {
            format!("{}, which is not this machine", endpoint.host())
        };
        let model = match endpoint.model.as_str() {
            "" => String::new(),
            name => format!(", for the model `{name}`"),
        };
        format!(
            "{} texts ({characters} characters) of {spots}, with their labels, and the \
             task's description will be sent to {place}{model}. Errors that are kept back and \
             the texts of “check” and “final” are never sent.",
            texts.len(),
        )
    }

    /// The label that most of the errors should have had, and the one that
    /// the model gave most of those instead.
    pub(super) fn confusion(&self) -> (&str, &str) {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for error in &self.shown {
            *counts.entry((&error.label, &error.predicted)).or_default() += 1;
        }
        let most = counts
            .into_iter()
            .max_by_key(|(pair, count)| (*count, std::cmp::Reverse(*pair)));
        most.map_or(("", ""), |(pair, _)| pair)
    }

    /// The project's spelling of a label that a model wrote.
    pub(super) fn label(&self, written: &str) -> Option<&str> {
        let wanted = written.trim().trim_matches(['"', '\'', '.']);
        let exact = self.labels.iter().find(|label| *label == wanted);
        let loose = || {
            let mut like = self
                .labels
                .iter()
                .filter(|label| folded(label) == folded(wanted));
            like.next().filter(|_| like.next().is_none())
        };
        exact.or_else(loose).map(String::as_str)
    }

    /// Whether the task is about pairs of texts.
    pub(super) fn has_pairs(&self) -> bool {
        self.shown.iter().any(|error| error.text.second.is_some())
    }

    /// Every text that a prompt may hold.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        let pairs = self.pairs.iter();
        let shown = self.shown.iter().map(|error| &error.text);
        let contrasts = self.contrasts.iter().map(|contrast| &contrast.text);
        let pairs = pairs.flat_map(|pair| [&pair.wrong.text, &pair.right.text]);
        shown.chain(contrasts).chain(pairs)
    }
}

/// A label as a line of data, with its meaning if that is known.
pub(super) fn label_line(brief: &LessonBrief, label: &str) -> Value {
    match brief.meanings.get(label) {
        None => json!(label),
        Some(meaning) => json!({"label": label, "meaning": meaning}),
    }
}

/// An error as a line of data.
pub(super) fn error_line(error: &ShownError) -> Value {
    let mut line = fields(&error.text);
    line["right_label"] = json!(error.label);
    line["classifier_said"] = json!(error.predicted);
    line["confidence"] = json!((f64::from(error.confidence) * 100.0).round() / 100.0);
    line
}

/// A contrast as a line of data.
pub(super) fn contrast_line(contrast: &Contrast) -> Value {
    let mut line = fields(&contrast.text);
    line["right_label"] = json!(contrast.label);
    line
}

/// A minimal pair as a line of data.
pub(super) fn pair_line(pair: &MinimalPair) -> Value {
    json!({"wrong": error_line(&pair.wrong), "right": contrast_line(&pair.right)})
}

#[cfg(test)]
mod tests {
    use super::super::endpoint::Kind;
    use super::*;

    fn error(text: &str, label: &str, predicted: &str) -> ShownError {
        ShownError {
            text: Text::single(text),
            label: label.into(),
            predicted: predicted.into(),
            confidence: 0.97,
        }
    }

    fn brief() -> LessonBrief {
        LessonBrief {
            task: "Is a review good or bad?".into(),
            labels: vec!["Positive".into(), "Negative".into()],
            meanings: BTreeMap::new(),
            shown: vec![
                error("not bad at all", "Positive", "Negative"),
                error("could not be better", "Positive", "Negative"),
                error("great, another delay", "Negative", "Positive"),
            ],
            contrasts: Vec::new(),
            pairs: Vec::new(),
        }
    }

    #[test]
    fn labels_are_recognised_as_models_write_them() {
        let brief = brief();
        assert_eq!(brief.label(" positive."), Some("Positive"));
        assert_eq!(brief.label("\"Negative\""), Some("Negative"));
        assert_eq!(brief.label("neutral"), None);
        assert_eq!(brief.confusion(), ("Positive", "Negative"));
    }

    #[test]
    fn says_where_texts_go_and_refuses_empty_briefs() {
        let far = Endpoint::new(Kind::OpenAi, "https://api.example/v1", "m");
        let statement = LessonBrief::statement(&[brief()], &far);
        assert!(statement.contains("3 texts") && statement.contains("not this machine"));
        let mut empty = brief();
        empty.shown.clear();
        assert!(empty.check().is_err());
        let mut stray = brief();
        stray.shown[0].label = "neutral".into();
        assert!(stray.check().is_err());
    }
}
