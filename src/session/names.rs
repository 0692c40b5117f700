//! Whether what an edit names is there. A window offers only what is; a
//! command line, a file of commands and an assistant can name anything.

use super::command::Command;
use crate::records::{Lesson, Placement, Triage, is_threshold};
use crate::steps::State;
use crate::support::{Error, Result};

impl State {
    /// Looks up what an edit names.
    ///
    /// # Errors
    /// Names what is not there, and what there is.
    pub(super) fn check_names(&self, command: &Command) -> Result<()> {
        match command {
            Command::SetDiscovery(settings) if !is_threshold(settings.tau) => {
                return Err(Error::input(format!("τ cannot be {}", settings.tau))
                    .hint("it must be above 0 and at most 1"));
            }
            Command::SetDiscovery(settings) if settings.k == Some(0) => {
                return Err(Error::input("there cannot be 0 blind spots")
                    .hint("k is 1 or more, or left out for the usual number"));
            }
            Command::Triage {
                examples, triage, ..
            } => {
                for key in examples {
                    self.require_example(key)?;
                }
                if let Some(Triage::WrongLabel(Some(label))) = triage
                    && usize::from(*label) >= self.dataset.labels.len()
                {
                    return Err(self.no_label(&label.to_string()));
                }
            }
            Command::Place {
                examples,
                placement,
            } => {
                for key in examples {
                    self.require_error(key)?;
                }
                if let Some(Placement::In(spot)) = placement {
                    self.require_blind_spot(*spot)?;
                }
            }
            Command::Rename { blind_spot, .. } | Command::ChooseTeacher { blind_spot, .. } => {
                self.require_blind_spot(*blind_spot)?;
            }
            Command::PutLessons(lessons) | Command::TakeLessons { lessons, .. } => {
                lessons
                    .iter()
                    .try_for_each(|lesson| self.check_lesson(lesson))?;
            }
            Command::SetTeacher { lesson, .. }
            | Command::SetCost { lesson, .. }
            | Command::LeaveOut { lesson, .. }
            | Command::AcceptPassing(lesson) => {
                self.require_lesson(lesson)?;
            }
            Command::PutHypothesis { lesson, hypothesis } => {
                self.require_lesson(lesson)?;
                require_words("a hypothesis", &hypothesis.text)?;
            }
            Command::TakeChecks(checked) => {
                for one in checked {
                    self.require_lesson(&one.lesson)?;
                    require_words("a hypothesis", &one.hypothesis.text)?;
                    if !one.is_new {
                        self.require_hypothesis(&one.hypothesis.id)?;
                    }
                }
            }
            Command::RemoveHypothesis { lesson, hypothesis } => {
                self.require_lesson(lesson)?;
                self.require_hypothesis(hypothesis)?;
            }
            Command::PutSample { lesson, sample } => {
                let lesson = self.require_lesson(lesson)?;
                require_words("a sample", &sample.text.first)?;
                self.require_label(&sample.label)?;
                if let Some(hypothesis) = &sample.hypothesis
                    && lesson.hypotheses.iter().all(|h| h.id != *hypothesis)
                {
                    return Err(self.no_hypothesis(hypothesis));
                }
            }
            Command::RemoveSample { lesson, sample } => {
                self.require_lesson(lesson)?;
                self.require_sample(sample)?;
            }
            Command::ListSecond { number, .. } => {
                self.require_second_model(*number)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn check_lesson(&self, lesson: &Lesson) -> Result<()> {
        self.require_blind_spot(lesson.blind_spot)?;
        require_words("the name of a teacher", &lesson.teacher)?;
        lesson.samples.iter().try_for_each(|sample| {
            require_words("a sample", &sample.text.first)?;
            self.require_label(&sample.label).map(drop)
        })
    }
}

fn require_words(what: &str, text: &str) -> Result<()> {
    match text.trim().is_empty() {
        false => Ok(()),
        true => Err(Error::input(format!("{what} cannot be empty"))),
    }
}
