//! The checks of samples, from a thread of their own: the first ones take the
//! time to read the training texts, later ones milliseconds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, channel};

use eframe::egui::Context;

use super::live::Asked;
use crate::dataset::{ExampleKey, Text};
use crate::lessons::Sample;
use crate::lessons::checks::SampleCheck;
use crate::session::{Shared, State};
use crate::support::{Progress, Result};
use crate::workflow::sample_checks::{Candidate, SampleChecker, duplicate};

/// What a check is about: samples that share all of it share the check.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The text.
    pub text: Text,
    /// Name of the intended label.
    pub label: String,
    /// The example that it is an edit of.
    pub edit_of: Option<ExampleKey>,
}

impl Subject {
    /// What the check of a sample is about.
    pub fn of(sample: &Sample) -> Self {
        Self {
            text: sample.text.clone(),
            label: sample.label.clone(),
            edit_of: sample.edit_of.clone(),
        }
    }

    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            id: None,
            text: &self.text,
            label: &self.label,
            edit_of: self.edit_of.as_ref(),
        }
    }
}

type Answer = std::result::Result<SampleCheck, String>;

/// Asks for checks and remembers them.
pub struct LiveChecks {
    requests: Sender<(Asked, Subject)>,
    answers: Receiver<(Asked, Subject, Answer)>,
    asked: Asked,
    known: BTreeMap<Subject, Answer>,
    waiting: BTreeSet<Subject>,
    /// Grows with every answer, for what is made of them.
    pub revision: u64,
}

impl LiveChecks {
    /// Starts the thread.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(ctx: &Context, shared: Shared) -> std::io::Result<Self> {
        let (requests, questions) = channel::<(Asked, Subject)>();
        let (sender, answers) = channel();
        let ctx = ctx.clone();
        std::thread::Builder::new()
            .name("sample checks".into())
            .spawn(move || {
                let mut checker = None;
                while let Ok((asked, subject)) = questions.recv() {
                    let checked = check(&shared, &mut checker, &asked, &subject);
                    let checked = checked.map_err(|error| error.to_string());
                    if sender.send((asked, subject, checked)).is_err() {
                        return;
                    }
                    ctx.request_repaint();
                }
            })?;
        Ok(Self {
            requests,
            answers,
            asked: Asked {
                run: None,
                temperature: 1.0,
            },
            known: BTreeMap::new(),
            waiting: BTreeSet::new(),
            revision: 0,
        })
    }

    /// Takes in answers, and follows the model in use.
    pub fn follow(&mut self, state: &State) {
        let asked = Asked::of(state);
        if asked != self.asked {
            self.asked = asked;
            self.known.clear();
            self.waiting.clear();
            self.revision += 1;
        }
        for (asked, subject, checked) in self.answers.try_iter() {
            if asked == self.asked {
                self.waiting.remove(&subject);
                self.known.insert(subject, checked);
                self.revision += 1;
            }
        }
    }

    /// The check of a text that is still being typed, if it is known; asks for
    /// it otherwise. `among` are the samples that it may not repeat.
    pub fn of_draft(&mut self, subject: &Subject, among: &[&Sample]) -> Option<Answer> {
        self.ask(subject);
        let mut check = self.known.get(subject)?.clone();
        if let Ok(check) = &mut check {
            check.duplicate_of = duplicate(&subject.candidate(), among);
        }
        Some(check)
    }

    /// The check of a sample among those of its lesson, as
    /// [`LiveChecks::of_draft`].
    pub fn of_sample(&mut self, sample: &Sample, among: &[&Sample]) -> Option<Answer> {
        let subject = Subject::of(sample);
        self.ask(&subject);
        let mut check = self.known.get(&subject)?.clone();
        if let Ok(check) = &mut check {
            check.duplicate_of = duplicate(&Candidate::from(sample), among);
        }
        Some(check)
    }

    fn ask(&mut self, subject: &Subject) {
        if self.known.contains_key(subject) || self.waiting.contains(subject) {
            return;
        }
        let question = (self.asked.clone(), subject.clone());
        if self.requests.send(question).is_ok() {
            self.waiting.insert(subject.clone());
        }
    }
}

fn check(
    shared: &Shared,
    checker: &mut Option<SampleChecker>,
    asked: &Asked,
    subject: &Subject,
) -> Result<SampleCheck> {
    let model = shared.model(asked.run.as_ref(), &Progress::silent())?;
    let checker = match checker {
        Some(checker) => checker,
        None => checker.insert(SampleChecker::new(&shared.project, &Progress::silent())?),
    };
    checker.check_one(subject.candidate(), (&model, asked.temperature), &[])
}
