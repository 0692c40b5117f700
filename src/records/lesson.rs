//! Lessons: hypotheses and samples, with their provenance, time and cost.

use serde::{Deserialize, Serialize};

use super::{BlindSpotId, ExampleKey, HypothesisCheck, Judge, Pattern, Standing, Text};
use crate::support::clock;

/// Identifies a lesson, hypothesis or sample for good, across machines:
/// lessons that come back from a hand-over merge by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub String);

impl RecordId {
    /// A new random id with a prefix that tells what it names ("lesson-…").
    pub fn random(prefix: &str) -> Self {
        Self(format!("{prefix}-{:016x}", rand::random::<u64>()))
    }
}

impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who teaches a blind spot, as picked by the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TeacherChoice {
    /// A person types hypotheses and samples.
    Human,
    /// A language model suggests, a person (or the checks) accepts.
    Llm,
    /// Both, in lessons of their own.
    Both,
    /// Left untaught.
    None,
}

/// Who wrote a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Author {
    /// A person.
    Human,
    /// A language model, and the version (hash) of the prompt it was asked with.
    Llm {
        /// Model name as the server knows it.
        model: String,
        /// SHA-256 of the prompt template.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prompt: Option<String>,
    },
}

/// How a hypothesis came about (arXiv 2403.17860).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HypothesisKind {
    /// A pattern in the errors that were seen.
    #[default]
    Abstraction,
    /// An unseen failure of the same kind.
    Extrapolation,
}

/// One sentence on why the model errs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hypothesis {
    /// Lasting identity.
    pub id: RecordId,
    /// By abstraction or by extrapolation.
    pub kind: HypothesisKind,
    /// The sentence.
    pub text: String,
    /// Who wrote it.
    pub author: Author,
    /// The pattern of texts that it holds for, if somebody gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<Pattern>,
    /// The latest check by each kind of judge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<HypothesisCheck>,
    /// How often errors that are kept back from its writer were asked, for
    /// this sentence and for those that it refines. Whoever tries often enough
    /// passes by chance.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tried: u32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Hypothesis {
    /// One that was not asked of any text yet.
    pub fn new(
        id: RecordId,
        kind: HypothesisKind,
        text: impl Into<String>,
        author: Author,
    ) -> Self {
        Self {
            id,
            kind,
            text: text.into(),
            author,
            pattern: None,
            checks: Vec::new(),
            tried: 0,
        }
    }

    /// Keeps a check in place of an earlier one by the same kind of judge, and
    /// the pattern that was asked.
    pub fn take_check(&mut self, check: HypothesisCheck) {
        if let Judge::Pattern { pattern } = &check.judge {
            self.pattern = Some(pattern.clone());
        }
        self.tried += 1;
        self.checks
            .retain(|other| !other.judge.is_like(&check.judge));
        self.checks.push(check);
    }

    /// The checks of the sentence as it is now, on blind spots that were frozen
    /// in a version.
    pub fn checks_on(&self, snapshot: u32) -> impl Iterator<Item = &HypothesisCheck> {
        let current = move |check: &&HypothesisCheck| {
            check.sentence == self.text && check.snapshot == snapshot
        };
        self.checks.iter().filter(current)
    }

    /// How it stands on the blind spots of a version: one check that it passes
    /// is enough, and all are shown.
    pub fn standing(&self, snapshot: u32) -> Standing {
        Standing::of(self.checks_on(snapshot).map(|check| check.verdict))
    }
}

/// What an accepted sample is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SampleUse {
    /// Added to the training data.
    Train,
    /// Never trained on: shows whether the lesson was learnt.
    Test,
}

/// Where a sample stands in review. Only accepted ones count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum Review {
    /// Suggested, not yet looked at.
    Draft,
    /// Confirmed by a person or by the rule "accept all that pass".
    Accepted,
    /// Refused; kept for the acceptance rate.
    Rejected {
        /// Why.
        reason: String,
    },
}

/// A new labelled text written for a hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Lasting identity.
    pub id: RecordId,
    /// The hypothesis it was written for, by id; none for samples without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hypothesis: Option<RecordId>,
    /// The text.
    pub text: Text,
    /// Name of the intended label.
    pub label: String,
    /// Who wrote it.
    pub author: Author,
    /// Trained on or kept for testing the lesson.
    pub purpose: SampleUse,
    /// Whether it is a contrast: like the errors, but with another label.
    #[serde(default)]
    pub contrast: bool,
    /// The example of which it is a minimal edit, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_of: Option<ExampleKey>,
    /// Where it stands in review.
    pub review: Review,
    /// Whether a person changed the text or label that `author` had written,
    /// so that it is the work of both.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
    /// Label that a separate, blind call judged right, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged_label: Option<String>,
    /// What the base model answered when the sample was written, if known.
    #[serde(
        default,
        rename = "model_said",
        skip_serializing_if = "Option::is_none"
    )]
    pub model_answer: Option<ModelAnswer>,
}

impl Sample {
    /// A confirmed sample to train on, of which nothing else is known.
    pub fn new(id: RecordId, text: Text, label: impl Into<String>, author: Author) -> Self {
        Self {
            id,
            hypothesis: None,
            text,
            label: label.into(),
            author,
            purpose: SampleUse::Train,
            contrast: false,
            edit_of: None,
            review: Review::Accepted,
            edited: false,
            judged_label: None,
            model_answer: None,
        }
    }

    /// Whether it counts.
    pub fn is_accepted(&self) -> bool {
        self.review == Review::Accepted
    }

    /// Whether it is accepted and may be trained on.
    pub fn trains(&self) -> bool {
        self.is_accepted() && self.purpose == SampleUse::Train
    }

    /// Whether it is accepted and kept for testing.
    pub fn tests(&self) -> bool {
        self.is_accepted() && self.purpose == SampleUse::Test
    }
}

/// The model's answer to a sample at the time of writing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelAnswer {
    /// Name of the predicted label.
    pub label: String,
    /// Probability of the predicted label, 0 to 1.
    pub confidence: f32,
}

/// What a lesson cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cost {
    /// Time a person actively spent, idle stretches over a minute left out, in seconds.
    pub active_seconds: f64,
    /// Hourly rate of the person, in the project's currency.
    pub hourly_rate: Option<f64>,
    /// Time spent waiting for the language model, in seconds.
    pub llm_seconds: f64,
    /// Tokens sent.
    pub input_tokens: u64,
    /// Tokens received.
    pub output_tokens: u64,
    /// Price of the calls, in the currency of the prices.
    pub money: f64,
    /// Whether tokens were estimated because the server named none.
    pub estimated: bool,
}

/// Self-rated familiarity of a person with the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Familiarity {
    /// New to the domain.
    Novice,
    /// Knows it from use.
    User,
    /// Works in it.
    Expert,
}

impl Familiarity {
    /// What it says of a teacher.
    pub fn in_words(self) -> &'static str {
        match self {
            Familiarity::Novice => "new to it",
            Familiarity::User => "knows it from use",
            Familiarity::Expert => "works in it",
        }
    }
}

/// The name of a person who teaches and gives none.
pub const UNNAMED_TEACHER: &str = "expert";

/// All that one teacher wrote for one blind spot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Lasting identity.
    pub id: RecordId,
    /// The blind spot it teaches.
    pub blind_spot: BlindSpotId,
    /// Version of the snapshot that the blind spot was frozen in.
    pub snapshot: u32,
    /// Name of the teacher; the arm `lessons:NAME` trains on it.
    pub teacher: String,
    /// Whether the teacher is a person or a model.
    pub author: Author,
    /// Truthful statement of who wrote it and how, for the report.
    #[serde(default)]
    pub statement: String,
    /// Self-rated familiarity with the domain, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub familiarity: Option<Familiarity>,
    /// The unknown unknowns that the teacher was shown; the others of the
    /// blind spot were kept back.
    pub shown: Vec<ExampleKey>,
    /// Why the model errs.
    pub hypotheses: Vec<Hypothesis>,
    /// New texts.
    pub samples: Vec<Sample>,
    /// Whether its samples are left out of training; those that test go on
    /// testing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
    /// Time and money.
    #[serde(default)]
    pub cost: Cost,
    /// When it was begun, RFC 3339.
    pub created: String,
}

impl Lesson {
    /// A lesson that begins now, with nothing in it.
    pub fn new(
        id: RecordId,
        (blind_spot, snapshot): (BlindSpotId, u32),
        teacher: impl Into<String>,
        author: Author,
    ) -> Self {
        Self {
            id,
            blind_spot,
            snapshot,
            teacher: teacher.into(),
            author,
            statement: String::new(),
            familiarity: None,
            shown: Vec::new(),
            hypotheses: Vec::new(),
            samples: Vec::new(),
            left_out: false,
            cost: Cost::default(),
            created: clock::now(),
        }
    }

    /// The same before anything was written for it.
    pub fn emptied(&self) -> Self {
        Self {
            hypotheses: Vec::new(),
            samples: Vec::new(),
            ..self.clone()
        }
    }

    /// Samples to train on; none of a lesson that is left out.
    pub fn training_samples(&self) -> impl Iterator<Item = &Sample> {
        self.written_to_train().filter(move |_| !self.left_out)
    }

    /// The same, whether the lesson is left out or not.
    pub fn written_to_train(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|sample| sample.trains())
    }

    /// Samples that show whether the lesson was learnt.
    pub fn test_samples(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|sample| sample.tests())
    }
}
