//! All that an assistant can ask for.

use std::borrow::Cow;
use std::sync::Arc;

use rmcp::model::{Tool, ToolAnnotations};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::records::HypothesisKind;
use crate::support::{Error, Result};

/// Samples of one call at most.
pub(super) const MOST_SAMPLES: usize = 50;
/// Hypotheses of one call at most.
pub(super) const MOST_HYPOTHESES: usize = 10;
/// Characters of a text at most.
pub(super) const LONGEST_TEXT: usize = 5_000;
/// Seeds of a retraining at most.
pub(super) const MOST_SEEDS: u64 = 5;

/// What is asked for, read and within bounds.
#[derive(Debug)]
pub(super) enum Request {
    Look,
    BlindSpot(OfSpot),
    ProposeHypotheses(Hypotheses),
    ProposeSamples(Samples),
    LabelSamples(Labels),
    Drafts,
    Retrain(Retrain),
    Compare(Compare),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfSpot {
    pub blind_spot: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hypotheses {
    pub blind_spot: u32,
    pub hypotheses: Vec<NewHypothesis>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewHypothesis {
    pub text: String,
    #[serde(default)]
    pub kind: HypothesisKind,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Samples {
    pub blind_spot: u32,
    pub samples: Vec<NewSample>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSample {
    pub text: String,
    #[serde(default)]
    pub second_text: Option<String>,
    pub label: String,
    #[serde(default)]
    pub hypothesis: Option<String>,
    #[serde(default)]
    pub edit_of: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Labels {
    #[serde(default)]
    pub labels: Vec<NewLabel>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLabel {
    pub sample: String,
    pub label: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retrain {
    #[serde(default)]
    pub mode: crate::records::Mode,
    #[serde(default)]
    pub seeds: Option<u64>,
    #[serde(default)]
    pub arms: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Compare {
    #[serde(default)]
    pub round: Option<u32>,
}

impl Request {
    /// Reads a call.
    ///
    /// # Errors
    /// Says what is wrong with the name or the arguments; their words are not
    /// repeated.
    pub(super) fn read(tool: &str, arguments: Map<String, Value>) -> Result<Self> {
        let request = match tool {
            "look" => {
                let Nothing {} = read(arguments)?;
                Request::Look
            }
            "blind_spot" => Request::BlindSpot(read(arguments)?),
            "propose_hypotheses" => Request::ProposeHypotheses(read(arguments)?),
            "propose_samples" => Request::ProposeSamples(read(arguments)?),
            "label_samples" => Request::LabelSamples(read(arguments)?),
            "drafts" => {
                let Nothing {} = read(arguments)?;
                Request::Drafts
            }
            "retrain" => Request::Retrain(read(arguments)?),
            "compare" => Request::Compare(read(arguments)?),
            _ => return Err(Error::input("there is no such tool").hint(all_named())),
        };
        request.check()?;
        Ok(request)
    }

    fn check(&self) -> Result<()> {
        match self {
            Request::ProposeHypotheses(of) => {
                within("hypotheses", of.hypotheses.len(), MOST_HYPOTHESES)?;
                of.hypotheses
                    .iter()
                    .try_for_each(|h| short("a hypothesis", &h.text))
            }
            Request::ProposeSamples(of) => {
                within("samples", of.samples.len(), MOST_SAMPLES)?;
                of.samples.iter().try_for_each(|sample| {
                    short("a text", &sample.text)?;
                    let second = sample.second_text.as_deref();
                    second.map_or(Ok(()), |second| short("a second text", second))
                })
            }
            Request::LabelSamples(of) if !of.labels.is_empty() => {
                within("labels", of.labels.len(), 10 * MOST_SAMPLES)
            }
            Request::Retrain(Retrain {
                seeds: Some(seeds), ..
            }) if !(1..=MOST_SEEDS).contains(seeds) => {
                Err(Error::input(format!("seeds must be 1 to {MOST_SEEDS}")))
            }
            _ => Ok(()),
        }
    }
}

fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        // What serde says quotes values; only a field's own name is safe.
        let said = error.to_string();
        let named = said
            .strip_prefix("missing field ")
            .or_else(|| said.strip_prefix("unknown field "));
        let field = named.and_then(|rest| rest.split('`').nth(1));
        let what = match (said.starts_with("missing"), field) {
            (true, Some(field)) => format!("the argument `{field}` is missing"),
            (false, Some(_)) => "there is an argument that this tool does not have".to_owned(),
            _ => "an argument is of another type than this tool takes".to_owned(),
        };
        Error::input(what).hint("the tool's input schema says which there are, and their types")
    })
}

fn within(what: &str, count: usize, most: usize) -> Result<()> {
    match count {
        0 => Err(Error::input(format!("there are no {what} in the call"))),
        count if count > most => Err(Error::input(format!(
            "{count} {what} are too many for one call: {most} at most; nothing was kept"
        ))
        .hint("send them in several calls")),
        _ => Ok(()),
    }
}

fn short(what: &str, text: &str) -> Result<()> {
    let length = text.chars().count();
    match (text.trim().is_empty(), length > LONGEST_TEXT) {
        (true, _) => Err(Error::input(format!("{what} is empty; nothing was kept"))),
        (_, true) => Err(Error::input(format!(
            "{what} has {length} characters, and {LONGEST_TEXT} are the most; nothing was kept"
        ))),
        _ => Ok(()),
    }
}

fn all_named() -> String {
    let names: Vec<Cow<'_, str>> = all().into_iter().map(|tool| tool.name).collect();
    format!("there are: {}", names.join(", "))
}

/// The tools as they are offered.
pub(super) fn all() -> Vec<Tool> {
    let blind_spot =
        json!({"type": "integer", "minimum": 1, "description": "number of the blind spot"});
    let text = json!({"type": "string", "maxLength": LONGEST_TEXT});
    vec![
        tool(
            "look",
            "What the classifier is for, its labels, its blind spots (groups of confident \
             errors) and how far each is taught, the rounds so far, and what is left of your \
             budget. Begin here.",
            true,
            json!({}),
            &[],
        ),
        tool(
            "blind_spot",
            "The errors of a blind spot that teachers may see, each with its id, the \
             right label and the model's confident wrong answer; beside them similar texts that the \
             model gets right. Other errors are kept back for testing hypotheses.",
            true,
            json!({"blind_spot": blind_spot}),
            &["blind_spot"],
        ),
        tool(
            "propose_hypotheses",
            "Proposes why the model errs on a blind spot, a sentence each: by \
             abstraction (what the errors share) or by extrapolation (unseen inputs that would fail \
             for the same reason). Gives their ids, which samples name.",
            false,
            json!({
               "blind_spot": blind_spot,
               "hypotheses": {"type": "array", "minItems": 1, "maxItems": MOST_HYPOTHESES, "items": {
                   "type": "object", "additionalProperties": false, "required": ["text"],
                   "properties": {"text": text, "kind": {"enum": ["abstraction", "extrapolation"]}},
               }},
            }),
            &["blind_spot", "hypotheses"],
        ),
        tool(
            "propose_samples",
            "Proposes new labelled texts that teach the model, as drafts. Write \
             natural texts as real users would; vary them; give contrasts too: texts like the errors \
             whose right label is another one. Says of each whether it passes the checks and what \
             the model answers. Copies of texts that the comparison is made on are refused.",
            false,
            json!({
               "blind_spot": blind_spot,
               "samples": {"type": "array", "minItems": 1, "maxItems": MOST_SAMPLES, "items": {
                   "type": "object", "additionalProperties": false, "required": ["text", "label"],
                   "properties": {
                       "text": text,
                       "second_text": {"type": "string", "maxLength": LONGEST_TEXT,
                           "description": "only where the task has pairs of texts"},
                       "label": {"type": "string", "description": "the right label"},
                       "hypothesis": {"type": "string", "description": "id of the hypothesis it is for"},
                       "edit_of": {"type": "string", "description":
                           "id of the shown error of which it is a minimal edit"},
                   },
               }},
            }),
            &["blind_spot", "samples"],
        ),
        tool(
            "label_samples",
            "Labels of your drafts are checked apart, since writers mislabel \
             their own edits. Without arguments it gives drafts without their labels, in another \
             order; label them afresh, if you can in a context that has not seen the intended \
             labels, and send the labels back. A draft passes when both agree.",
            false,
            json!({
               "labels": {"type": "array", "items": {
                   "type": "object", "additionalProperties": false,
                   "required": ["sample", "label"],
                   "properties": {"sample": {"type": "string"}, "label": {"type": "string"}},
               }},
            }),
            &[],
        ),
        tool(
            "drafts",
            "How your hypotheses and samples stand: drafts, accepted, or rejected with \
             the person's reason.",
            true,
            json!({}),
            &[],
        ),
        tool(
            "retrain",
            "Retrains the classifier with all accepted samples beside fair controls and \
             gives the comparison on the check role. Takes minutes, with progress; cancelling \
             stops it and keeps what finished.",
            false,
            json!({
               "mode": {"enum": ["quick", "full"], "description": "quick unless a person wants full"},
               "seeds": {"type": "integer", "minimum": 1, "maximum": MOST_SEEDS},
               "arms": {"type": "array", "items": {"type": "string"},
                   "description": "names of arms; all that can be trained when left out"},
            }),
            &[],
        ),
        tool(
            "compare",
            "The comparison of a round on the check role, the last round's when no \
             number is given. It serves choosing; only a person can have the final verdict made.",
            true,
            json!({"round": {"type": "integer", "minimum": 1}}),
            &[],
        ),
    ]
}

fn tool(
    name: &'static str,
    description: &'static str,
    only_reads: bool,
    properties: Value,
    required: &[&str],
) -> Tool {
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let schema = match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    let description: String = description.split_whitespace().collect::<Vec<_>>().join(" ");
    Tool::new(name, description, Arc::new(schema)).annotate(
        ToolAnnotations::new()
            .read_only(only_reads)
            .destructive(false)
            .open_world(false),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_arguments_is_said_without_repeating_them() {
        let read = |tool: &str, arguments: Value| {
            let arguments = arguments.as_object().expect("an object").clone();
            Request::read(tool, arguments).map(drop)
        };
        let many: Vec<Value> = vec![json!({"text": "x", "label": "good"}); 10_000];
        let long = "x".repeat(LONGEST_TEXT + 1);
        for (tool, arguments) in [
            ("blind_spot", json!({"blind_spot": "zyxwv"})),
            ("blind_spot", json!({"blind_spot": -1})),
            ("blind_spot", json!({"blind_spot": 1, "path": "/etc/zyxwv"})),
            ("blind_spot", json!({})),
            ("read_file", json!({"path": "zyxwv"})),
            ("look", json!({"zyxwv": 1})),
            ("propose_samples", json!({"blind_spot": 1, "samples": many})),
            ("propose_samples", json!({"blind_spot": 1, "samples": []})),
            (
                "propose_samples",
                json!({"blind_spot": 1, "samples": [{"text": long, "label": "a"}]}),
            ),
            (
                "propose_samples",
                json!({"blind_spot": 1, "samples": [{"text": " ", "label": "a"}]}),
            ),
            (
                "propose_hypotheses",
                json!({"blind_spot": 1, "hypotheses": [{"text": 7}]}),
            ),
            ("retrain", json!({"seeds": 1_000})),
            ("retrain", json!({"mode": "zyxwv"})),
            ("compare", json!({"round": "final"})),
        ] {
            let error = read(tool, arguments).expect_err(tool);
            let said = format!("{error} {:?}", error.remedy());
            assert!(!said.contains("zyxwv"), "{said}");
            assert!(said.len() < 300, "{said}");
        }
        assert!(read("compare", json!({})).is_ok());
        assert!(read("label_samples", json!({})).is_ok());
    }
}
