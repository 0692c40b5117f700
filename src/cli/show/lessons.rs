//! Lessons with what was written in them.

use std::fmt;

use serde::Serialize;

use crate::lessons::review::passes;
use crate::records::{Hypothesis, Lesson, RecordId, Review, SampleUse, Standing};
use crate::steps::State;
use crate::support::Result;
use crate::support::text::{agreeing, many};

#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Lessons(Vec<Lesson>);

/// One lesson or all, on whatever snapshot.
pub(super) fn of(id: Option<&str>, drafts: bool, state: &State) -> Result<Lessons> {
    let mut lessons: Vec<Lesson> = match id {
        Some(id) => vec![Lesson::clone(
            state.require_lesson(&RecordId(id.to_owned()))?,
        )],
        None => state
            .document
            .lessons
            .values()
            .map(|lesson| Lesson::clone(lesson))
            .collect(),
    };
    if drafts {
        for lesson in &mut lessons {
            lesson
                .samples
                .retain(|sample| sample.review == Review::Draft);
        }
    }
    Ok(Lessons(lessons))
}

impl fmt::Display for Lessons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no lessons yet");
        }
        for (position, lesson) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            write!(
                f,
                "{}  blind spot {} (snapshot {}), by {}{}: {}, {}{}",
                lesson.id,
                lesson.blind_spot,
                lesson.snapshot,
                lesson.teacher,
                familiarity(lesson),
                hypotheses(lesson.hypotheses.len()),
                many(lesson.samples.len(), "sample"),
                match lesson.left_out {
                    true => "; left out of training",
                    false => "",
                },
            )?;
            for hypothesis in &lesson.hypotheses {
                let (id, text) = (&hypothesis.id, &hypothesis.text);
                write!(f, "\n  {id}  [{}]  {text}", said(hypothesis))?;
            }
            for sample in &lesson.samples {
                let review = match (&sample.review, sample.purpose) {
                    (Review::Draft, _) if passes(sample) => "draft, passes".to_owned(),
                    (Review::Draft, _) => "draft".to_owned(),
                    (Review::Accepted, SampleUse::Train) if lesson.left_out => {
                        "left out".to_owned()
                    }
                    (Review::Accepted, SampleUse::Train) => "train".to_owned(),
                    (Review::Accepted, SampleUse::Test) => "test".to_owned(),
                    (Review::Rejected { reason }, _) => format!("rejected: {reason}"),
                };
                let (id, label) = (&sample.id, &sample.label);
                write!(f, "\n  {id}  {label}  [{review}]  {}", sample.text.joined())?;
            }
        }
        Ok(())
    }
}

fn familiarity(lesson: &Lesson) -> String {
    let said = lesson.familiarity.map(|one| one.in_words());
    said.map_or_else(String::new, |said| format!(" (the domain: {said})"))
}

fn hypotheses(count: usize) -> String {
    let noun = agreeing(count, "hypothesis", "hypotheses");
    format!("{count} {noun}")
}

/// How a hypothesis stands by its latest checks, whenever its blind spots were
/// frozen.
fn said(hypothesis: &Hypothesis) -> String {
    let checks = hypothesis.checks.iter();
    let current = checks.filter(|check| check.sentence == hypothesis.text);
    let verdicts: Vec<String> = (current.clone())
        .map(|check| format!("{}: {}", check.judge.name(), check.verdict.name()))
        .collect();
    let standing = Standing::of(current.map(|check| check.verdict)).name();
    match verdicts.is_empty() {
        true => standing.to_owned(),
        false => format!("{standing}; {}", verdicts.join(", ")),
    }
}
