//! The checks of samples: the first ones take the time to read the training
//! texts, later ones milliseconds.

use eframe::egui::Context;

use super::answers::{Answer, Answers, Waiting};
use crate::lessons::checks::{SameTexts, SampleCheck};
use crate::records::{ExampleKey, RecordId, Sample, Text};
use crate::session::Shared;
use crate::steps::sample_checks::{Candidate, SampleChecker};
use crate::support::{Progress, Result};

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
            text: &self.text,
            label: &self.label,
            edit_of: self.edit_of.as_ref(),
        }
    }
}

/// What the checks say of texts.
pub type LiveChecks = Answers<Subject, SampleCheck>;

impl LiveChecks {
    /// Starts the thread.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn checking(ctx: &Context, shared: Shared) -> std::io::Result<Self> {
        let mut checker = None;
        Self::start(ctx, "sample checks", Waiting::All, move |asked, subject| {
            let model = shared.model(asked.run.as_ref(), &Progress::silent())?;
            let checker = known_or_new(&mut checker, &shared)?;
            checker.check(subject.candidate(), (&model, asked.temperature))
        })
    }

    /// The check of a text that is still being typed, if it is known; asks for
    /// it otherwise. It may not repeat one of `same`, but for the sample that it
    /// takes the place of.
    pub fn of_draft(
        &mut self,
        subject: &Subject,
        same: &SameTexts,
        replaces: Option<&RecordId>,
    ) -> Option<Answer<SampleCheck>> {
        let mut check = self.get(subject)?.clone();
        if let Ok(check) = &mut check {
            check.duplicate_of = same.other(&subject.text, replaces).cloned();
        }
        Some(check)
    }

    /// The check of a sample among those of its lesson, as
    /// [`LiveChecks::of_draft`].
    pub fn of_sample(&mut self, sample: &Sample, same: &SameTexts) -> Option<Answer<SampleCheck>> {
        let mut check = self.get(&Subject::of(sample))?.clone();
        if let Ok(check) = &mut check {
            check.duplicate_of = same.before(sample).cloned();
        }
        Some(check)
    }
}

fn known_or_new<'c>(
    checker: &'c mut Option<SampleChecker>,
    shared: &Shared,
) -> Result<&'c mut SampleChecker> {
    match checker {
        Some(checker) => Ok(checker),
        None => {
            let new = SampleChecker::new(&shared.project, &Progress::silent())?;
            Ok(checker.insert(new))
        }
    }
}
