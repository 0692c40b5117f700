//! The questions of a lesson: templates filled with the brief.

use rand::seq::SliceRandom as _;
use serde_json::{Value, json};

use super::brief::{LessonBrief, contrast_line, error_line, label_line, pair_line};
use super::drafts;
use super::prompt::{Prompts, Template, fields, lines, quoted};
use super::teach::Plan;
use super::wire::Call;
use crate::records::{Hypothesis, HypothesisKind, Text};
use crate::support::rng;

/// Errors shown when hypotheses are asked for.
const ERRORS_FOR_HYPOTHESES: usize = 20;
/// Errors shown when samples are asked for.
const ERRORS_FOR_SAMPLES: usize = 6;
/// Contrasts and pairs shown.
const CONTRASTS: usize = 8;
/// Samples of the same hypothesis that are shown as written already.
const WRITTEN: usize = 6;

/// Builds the calls of one lesson.
pub(super) struct Questions<'a> {
    brief: &'a LessonBrief,
    prompts: &'a Prompts,
    seed: u64,
    max_output_tokens: u32,
}

/// One call for samples.
pub(super) struct Order<'a> {
    /// Counts the calls of the lesson; turns what is shown and how to vary.
    pub(super) number: usize,
    pub(super) hypothesis: &'a Hypothesis,
    pub(super) count: usize,
    /// Whether texts like the errors with the other label are wanted.
    pub(super) contrast: bool,
    /// The latest samples for the hypothesis.
    pub(super) written: &'a [&'a Text],
}

impl<'a> Questions<'a> {
    pub(super) fn new(
        brief: &'a LessonBrief,
        plan: &Plan,
        prompts: &'a Prompts,
        max_output_tokens: u32,
    ) -> Self {
        Self {
            brief,
            prompts,
            seed: plan.seed,
            max_output_tokens,
        }
    }

    /// Asks for hypotheses; extrapolation builds on those there are.
    pub(super) fn hypotheses(
        &self,
        kind: HypothesisKind,
        count: usize,
        known: &[Hypothesis],
    ) -> Call {
        let (step, template) = match kind {
            HypothesisKind::Abstraction => ("abstraction", &self.prompts.abstraction),
            HypothesisKind::Extrapolation => ("extrapolation", &self.prompts.extrapolation),
        };
        let known = lines(known.iter().map(|hypothesis| json!(hypothesis.text)));
        let values = [
            ("errors", self.errors(step, ERRORS_FOR_HYPOTHESES)),
            ("contrasts", self.contrasts(step)),
            (
                "pairs",
                lines(self.brief.pairs.iter().take(CONTRASTS).map(pair_line)),
            ),
            ("hypotheses", known),
            ("count", count.to_string()),
        ];
        self.call(step, template, &values, drafts::hypotheses_schema(count))
    }

    /// Asks for samples.
    pub(super) fn samples(&self, order: &Order<'_>) -> Call {
        let (template, label) = self.template_and_label(order.contrast);
        let purpose = format!("samples {}", order.number);
        let skipped = order.written.len().saturating_sub(WRITTEN);
        let variations = &self.prompts.variations;
        let variation = &variations[order.number % variations.len()];
        let values = [
            ("errors", self.errors(&purpose, ERRORS_FOR_SAMPLES)),
            ("contrasts", self.contrasts(&purpose)),
            ("hypothesis", quoted(&json!(order.hypothesis.text))),
            (
                "written",
                lines(order.written[skipped..].iter().map(|text| fields(text))),
            ),
            ("count", order.count.to_string()),
            ("label", quoted(&json!(label))),
            ("variation", variation.clone()),
            ("form", self.form(label)),
        ];
        let schema = drafts::samples_schema(self.brief, order.count);
        let call = self.call("samples", template, &values, schema);
        Call {
            turn: order.number as u64,
            ..call
        }
    }

    /// Asks for the labels of texts, and shows nothing but the texts.
    pub(super) fn judge(&self, texts: &[&Text]) -> Call {
        let numbered = texts.iter().enumerate().map(|(at, text)| {
            let mut line = fields(text);
            line["number"] = json!(at + 1);
            line
        });
        let values = [
            ("texts", lines(numbered)),
            ("count", texts.len().to_string()),
        ];
        let schema = drafts::judged_schema(self.brief, texts.len());
        self.call("judge", &self.prompts.judge, &values, schema)
    }

    /// The template for samples or contrasts, and the label they should have.
    pub(super) fn template_and_label(&self, contrast: bool) -> (&'a Template, &'a str) {
        let (right, predicted) = self.brief.confusion();
        if contrast {
            (&self.prompts.contrasts, predicted)
        } else {
            (&self.prompts.samples, right)
        }
    }

    fn call(
        &self,
        step: &str,
        template: &Template,
        values: &[(&str, String)],
        schema: Value,
    ) -> Call {
        let labels = self.brief.labels.iter();
        let labels = lines(labels.map(|label| label_line(self.brief, label)));
        let mut all = vec![
            ("task", self.brief.task.as_str()),
            ("labels", labels.as_str()),
        ];
        all.extend(values.iter().map(|(name, value)| (*name, value.as_str())));
        let (system, user) = template.fill(&all);
        Call {
            step: step.to_owned(),
            system,
            user,
            schema: Some(schema),
            turn: 0,
            max_output_tokens: self.max_output_tokens,
        }
    }

    /// Some of the shown errors, others for each purpose.
    fn errors(&self, purpose: &str, most: usize) -> String {
        let chosen = self.choose(purpose, &self.brief.shown, most);
        lines(chosen.into_iter().map(error_line))
    }

    fn contrasts(&self, purpose: &str) -> String {
        let chosen = self.choose(purpose, &self.brief.contrasts, CONTRASTS);
        lines(chosen.into_iter().map(contrast_line))
    }

    fn choose<'t, T>(&self, purpose: &str, from: &'t [T], most: usize) -> Vec<&'t T> {
        let mut rng = rng::seeded(self.seed, &format!("prompt {purpose}"));
        from.choose_multiple(&mut rng, most).collect()
    }

    fn form(&self, label: &str) -> String {
        let sample = if self.brief.has_pairs() {
            json!({"first": "…", "second": "…", "label": label})
        } else {
            json!({"text": "…", "label": label})
        };
        json!({"samples": [sample]}).to_string()
    }
}
