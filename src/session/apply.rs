//! The one writer of the document: every edit that a person makes goes
//! through [`State::apply`].

use std::borrow::Cow;
use std::sync::Arc;

use super::command::Command;
use super::history::History;
use crate::lessons::review;
use crate::lessons::review::take_lessons;
use crate::lessons::split::split;
use crate::records::{Document, Lesson, RecordId, Sample};
use crate::steps::State;
use crate::support::{Error, Result};

impl State {
    /// Applies an edit, undo or redo to the document; remembers it in
    /// `history`. Nothing changes when it fails.
    ///
    /// # Errors
    /// When the command names a record that is not there, or when it is work
    /// for a job rather than an edit.
    pub fn apply(&mut self, command: &Command, history: &mut History) -> Result<()> {
        match command {
            Command::Undo => {
                self.exchange(|document| history.undo(document));
                return Ok(());
            }
            Command::Redo => {
                self.exchange(|document| history.redo(document));
                return Ok(());
            }
            Command::EndEdit => {
                history.end_merge();
                return Ok(());
            }
            _ => {}
        }
        let name = self
            .edit_name(command)
            .ok_or_else(|| Error::program("a job was sent where an edit was expected"))?;
        let before = self.document.clone();
        if let Err(error) = self.edit(command) {
            self.document = before;
            return Err(error);
        }
        // Time spent is no step of its own, and undo never takes it back.
        let is_step = !matches!(command, Command::SetCost { .. });
        if is_step && self.document != before {
            history.remember(&name, command.merge_key().as_deref(), before);
        }
        Ok(())
    }

    /// Lets undo or redo bring another document, which keeps what no edit can
    /// take back: the time that a lesson took, and what rounds have used its
    /// samples for.
    fn exchange(&mut self, step: impl FnOnce(&mut Document) -> bool) {
        let left = self.document.clone();
        if !step(&mut self.document) {
            return;
        }
        let settled = self.settled_samples();
        for (id, lesson) in &mut self.document.lessons {
            let before = left.lessons.get(id);
            if before == Some(lesson) {
                continue;
            }
            let lesson = Arc::make_mut(lesson);
            if let Some(before) = before {
                lesson.cost = before.cost.clone();
            }
            let is_settled = |sample: &Sample| settled.contains_key(&sample.id);
            if lesson.samples.iter().any(is_settled) {
                split(lesson, &settled);
            }
        }
    }

    /// What undo calls an edit: a record that is not there yet is added.
    fn edit_name(&self, command: &Command) -> Option<Cow<'static, str>> {
        let lesson = |id: &RecordId| self.document.lessons.get(id);
        let is_there = match command {
            Command::PutSample { lesson: of, sample } => {
                lesson(of).is_some_and(|known| known.samples.iter().any(|s| s.id == sample.id))
            }
            Command::PutHypothesis {
                lesson: of,
                hypothesis: new,
            } => lesson(of).is_some_and(|known| known.hypotheses.iter().any(|h| h.id == new.id)),
            _ => true,
        };
        match command {
            Command::PutSample { .. } if !is_there => Some("add sample".into()),
            Command::PutHypothesis { .. } if !is_there => Some("add hypothesis".into()),
            other => other.edit_name(),
        }
    }

    fn edit(&mut self, command: &Command) -> Result<()> {
        match command {
            Command::SetDiscovery(settings) => {
                self.document.settings = settings.clone();
                self.document.settings.tau = settings.tau.clamp(0.0, 1.0);
            }
            Command::Triage { examples, triage } => {
                for key in examples {
                    set_or_remove(&mut self.document.triage, key.clone(), *triage);
                }
            }
            Command::Rename { blind_spot, name } => {
                let name = name.trim();
                let name = (!name.is_empty()).then(|| name.to_owned());
                set_or_remove(&mut self.document.names, *blind_spot, name);
            }
            Command::Place {
                examples,
                placement,
            } => {
                for key in examples {
                    set_or_remove(&mut self.document.moves, key.clone(), *placement);
                }
            }
            Command::ChooseTeacher { blind_spot, choice } => {
                self.document.teachers.insert(*blind_spot, *choice);
            }
            Command::UseSnapshot(version) => self.use_snapshot(*version)?,
            Command::UseModel(round) => self.use_model(*round)?,
            Command::DiscardModel(round) => self.discard_model(*round)?,
            other => self.edit_lessons(other)?,
        }
        Ok(())
    }

    fn edit_lessons(&mut self, command: &Command) -> Result<()> {
        match command {
            Command::PutLesson(lesson) => {
                let lesson = Arc::new((**lesson).clone());
                self.document.lessons.insert(lesson.id.clone(), lesson);
            }
            Command::PutLessons(lessons) => {
                for lesson in lessons {
                    let lesson = Arc::new(lesson.clone());
                    self.document.lessons.insert(lesson.id.clone(), lesson);
                }
            }
            Command::SetTeacher {
                lesson,
                teacher,
                familiarity,
            } => {
                let lesson = self.lesson_mut(lesson)?;
                lesson.teacher.clone_from(teacher);
                lesson.familiarity = *familiarity;
            }
            Command::PutHypothesis { lesson, hypothesis } => {
                let hypotheses = &mut self.lesson_mut(lesson)?.hypotheses;
                match hypotheses.iter_mut().find(|h| h.id == hypothesis.id) {
                    Some(old) => *old = hypothesis.clone(),
                    None => hypotheses.push(hypothesis.clone()),
                }
            }
            Command::RemoveHypothesis { lesson, hypothesis } => {
                let taught = self.lesson_mut(lesson)?;
                taught.hypotheses.retain(|h| h.id != *hypothesis);
                taught
                    .samples
                    .retain(|sample| sample.hypothesis.as_ref() != Some(hypothesis));
                self.split(lesson)?;
            }
            Command::PutSample { lesson, sample } => {
                let samples = &mut self.lesson_mut(lesson)?.samples;
                match samples.iter_mut().find(|s| s.id == sample.id) {
                    Some(old) => *old = (**sample).clone(),
                    None => samples.push((**sample).clone()),
                }
                self.split(lesson)?;
            }
            Command::RemoveSample { lesson, sample } => {
                self.lesson_mut(lesson)?.samples.retain(|s| s.id != *sample);
                self.split(lesson)?;
            }
            Command::TakeLessons { lessons, .. } => {
                take_lessons(&mut self.document, lessons);
            }
            Command::AcceptPassing(lesson) => {
                review::accept_passing(self.lesson_mut(lesson)?);
                self.split(lesson)?;
            }
            Command::SetCost { lesson, cost } => {
                self.lesson_mut(lesson)?.cost = cost.clone();
            }
            _ => return Err(Error::program("a job was sent where an edit was expected")),
        }
        Ok(())
    }

    fn lesson_mut(&mut self, id: &RecordId) -> Result<&mut Lesson> {
        self.document
            .lessons
            .get_mut(id)
            .map(Arc::make_mut)
            .ok_or_else(|| {
                Error::input(format!("there is no lesson `{id}`"))
                    .hint("undo may have taken it back; redo brings it again")
            })
    }

    fn use_snapshot(&mut self, version: u32) -> Result<()> {
        if !self.snapshots.iter().any(|s| s.version == version) {
            return Err(Error::input(format!(
                "there is no snapshot of version {version}"
            )));
        }
        self.document.snapshot = Some(version);
        Ok(())
    }

    fn use_model(&mut self, round: u32) -> Result<()> {
        if round != 0 {
            self.require_round(round)?;
        }
        self.document.model_round = round;
        self.document.discarded.remove(&round);
        Ok(())
    }

    fn discard_model(&mut self, round: u32) -> Result<()> {
        self.require_round(round)?;
        self.document.discarded.insert(round);
        if self.document.model_round == round {
            self.document.model_round = 0;
        }
        Ok(())
    }

    fn require_round(&self, number: u32) -> Result<()> {
        match self.round(number) {
            Some(_) => Ok(()),
            None => Err(Error::input(format!("there is no round {number}"))),
        }
    }

    /// Divides a lesson's samples anew into those to train on and those to
    /// test with, as far as no round has used them.
    fn split(&mut self, lesson: &RecordId) -> Result<()> {
        let settled = self.settled_samples();
        split(self.lesson_mut(lesson)?, &settled);
        Ok(())
    }
}

fn set_or_remove<K: Ord, V>(map: &mut std::collections::BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => {
            map.insert(key, value);
        }
        None => {
            map.remove(&key);
        }
    }
}
