//! A language model's lesson on one blind spot, in the three steps of
//! arXiv 2403.17860: hypotheses by abstraction, hypotheses by extrapolation,
//! samples for each hypothesis. A separate call then labels the samples
//! without seeing the intended label.
//!
//! Everything depends on the brief, the plan, the prompts and the replies
//! alone: run again over the same journal, a lesson that was stopped repeats
//! its questions word for word, and gets the stored replies.

use serde::{Deserialize, Serialize};

use super::asking::{Answer, ask_all};
use super::brief::LessonBrief;
use super::client::Answers;
use super::drafts;
use super::prompt::Prompts;
use super::questions::Questions;
use super::wire::Call;
use super::writing::Writing;
use crate::records::{Author, Cost, Hypothesis, HypothesisKind, RecordId, Sample};
use crate::support::{Error, Progress, Result};

/// What a lesson should come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Samples wanted in all, those with the other label included.
    pub samples: usize,
    /// Samples asked for in one call. Small models repeat themselves within
    /// an answer; give them 1.
    pub samples_per_call: usize,
    /// Hypotheses by abstraction.
    pub abstractions: usize,
    /// Hypotheses by extrapolation.
    pub extrapolations: usize,
    /// Hypotheses that a person gave. If there are any, the model is asked
    /// for none: it writes samples for these.
    pub hypotheses: Vec<Hypothesis>,
    /// Share of calls that ask for contrasts, 0 to 1.
    pub contrast_share: f64,
    /// Whether labels are judged in a separate call.
    pub judge: bool,
    /// Seed for what is shown to the model in which order.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            samples: 30,
            samples_per_call: 5,
            abstractions: 3,
            extrapolations: 2,
            hypotheses: Vec::new(),
            contrast_share: 1.0 / 3.0,
            judge: true,
            seed: 0,
        }
    }
}

/// What a model made of a blind spot. All samples are drafts or rejected;
/// none counts before somebody accepts it.
#[derive(Debug)]
pub struct Taught {
    /// Hypotheses, those that were given first.
    pub hypotheses: Vec<Hypothesis>,
    /// Samples in the order in which they were written.
    pub samples: Vec<Sample>,
    /// Time, tokens and money, lost replies included.
    pub cost: Cost,
    /// What the person in front should know: rows given up, samples left out.
    pub notes: Vec<String>,
    /// Why the lesson ended early, if it did. Run again, it goes on there.
    pub stopped: Option<Error>,
}

/// Has a language model teach one blind spot.
///
/// An end that comes early (budget, failing server, cancel) does not lose
/// what was received: it is in [`Taught`] beside the reason.
///
/// # Errors
/// Input errors for a brief or plan that no lesson can be made of.
pub fn teach(
    answers: &dyn Answers,
    brief: &LessonBrief,
    plan: &Plan,
    prompts: &Prompts,
    progress: &Progress,
) -> Result<Taught> {
    brief.check()?;
    if plan.samples_per_call == 0 || !(0.0..=1.0).contains(&plan.contrast_share) {
        return Err(Error::input(
            "a lesson needs at least one sample a call and a share of contrasts from 0 to 1",
        ));
    }
    let mut lesson = LessonInProgress {
        answers,
        prompts,
        questions: Questions::new(brief, plan, prompts, answers.endpoint().max_output_tokens),
        progress,
        taught: Taught {
            hypotheses: plan.hypotheses.clone(),
            samples: Vec::new(),
            cost: Cost::default(),
            notes: Vec::new(),
            stopped: None,
        },
    };
    let outcome = lesson.run(brief, plan);
    let mut taught = lesson.taught;
    taught.stopped = outcome.err();
    Ok(taught)
}

/// A lesson while it is being made.
pub(super) struct LessonInProgress<'a> {
    answers: &'a dyn Answers,
    prompts: &'a Prompts,
    pub(super) questions: Questions<'a>,
    pub(super) progress: &'a Progress,
    pub(super) taught: Taught,
}

impl LessonInProgress<'_> {
    fn run(&mut self, brief: &LessonBrief, plan: &Plan) -> Result<()> {
        if plan.hypotheses.is_empty() {
            self.hypothesise(plan)?;
        }
        Writing::new(brief, plan).run(self)
    }

    fn hypothesise(&mut self, plan: &Plan) -> Result<()> {
        self.progress.stage("Looking for hypotheses", Some(2));
        let steps = [
            (HypothesisKind::Abstraction, plan.abstractions),
            (HypothesisKind::Extrapolation, plan.extrapolations),
        ];
        for (step, (kind, count)) in steps.into_iter().enumerate() {
            if count > 0 {
                let call = self
                    .questions
                    .hypotheses(kind, count, &self.taught.hypotheses);
                let (answered, error) = self.ask(vec![call], |_, reply| drafts::hypotheses(reply));
                for answer in answered {
                    self.take_hypotheses(kind, count, answer);
                }
                error.map_or(Ok(()), Err)?;
            }
            self.progress.done(step as u64 + 1);
        }
        if self.taught.hypotheses.is_empty() {
            return Err(Error::program("the model gave no usable hypothesis")
                .hint("write a hypothesis yourself and have it write samples for that one"));
        }
        Ok(())
    }

    fn take_hypotheses(&mut self, kind: HypothesisKind, count: usize, answer: Answer<Vec<String>>) {
        match answer.outcome {
            Err(reason) => self
                .taught
                .notes
                .push(format!("no hypotheses taken: {reason}")),
            Ok(sentences) => {
                let author = self.author(match kind {
                    HypothesisKind::Abstraction => self.prompts.abstraction.version(),
                    HypothesisKind::Extrapolation => self.prompts.extrapolation.version(),
                });
                for (at, text) in sentences.into_iter().take(count).enumerate() {
                    self.taught.hypotheses.push(Hypothesis::new(
                        record_id("hypothesis", &answer.key, at),
                        kind,
                        text,
                        author.clone(),
                    ));
                }
            }
        }
    }

    /// Asks several questions and counts what they cost.
    pub(super) fn ask<T: Send>(
        &mut self,
        calls: Vec<Call>,
        read: impl Fn(usize, &str) -> std::result::Result<T, String> + Sync,
    ) -> (Vec<Answer<T>>, Option<Error>) {
        let (answered, error) = ask_all(self.answers, self.prompts, calls, read, self.progress);
        let cost = &mut self.taught.cost;
        for (call, reply) in answered.iter().flat_map(|answer| &answer.exchanged) {
            let key = self.answers.key(call);
            cost.money += self.answers.journal().charged(&key).units();
            if let Some(reply) = reply {
                cost.llm_seconds += reply.seconds;
                cost.input_tokens += reply.usage.input_tokens;
                cost.output_tokens += reply.usage.output_tokens;
                cost.estimated |= reply.usage.estimated;
            }
        }
        (answered, error)
    }

    pub(super) fn author(&self, prompt: &str) -> Author {
        Author::Llm {
            model: self.answers.endpoint().model.clone(),
            prompt: Some(prompt.to_owned()),
        }
    }
}

/// An id that the same reply always gets, so that a lesson that is taken up
/// again does not double its records.
pub(super) fn record_id(prefix: &str, call: &str, at: usize) -> RecordId {
    let short: String = call.chars().take(16).collect();
    RecordId(format!("{prefix}-{short}-{at}"))
}
