//! The one writer of the document: every edit that a person makes goes
//! through [`State::apply`].

use std::borrow::Cow;
use std::sync::Arc;

use super::command::Command;
use super::history::History;
use crate::lessons::review::{accept_passing, take_lessons};
use crate::lessons::split::split;
use crate::records::{
    Document, ExampleKey, Hypothesis, Lesson, RecordId, Role, Sample, Signature, Triage,
};
use crate::steps::State;
use crate::steps::check_hypotheses::CheckedHypothesis;
use crate::support::text::agreeing;
use crate::support::{Error, Result, clock};

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
        let before = self.document.clone();
        let name = match self.edit(command) {
            Ok(name) => name,
            Err(error) => {
                self.document = before;
                return Err(error);
            }
        };
        // Time spent is no step of its own, and undo never takes it back.
        let is_step = !matches!(command, Command::SetCost { .. });
        if is_step && self.document != before {
            history.remember(&name, command.merge_key().as_deref(), before);
        }
        Ok(())
    }

    /// Lets undo or redo bring another document, which keeps what no edit can
    /// take back: the time that a lesson took, how often kept-back errors were
    /// asked, and what rounds have used its samples for.
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
                keep_tries(&mut lesson.hypotheses, &before.hypotheses);
            }
            let is_settled = |sample: &Sample| settled.contains_key(&sample.id);
            if lesson.samples.iter().any(is_settled) {
                split(lesson, &settled);
            }
        }
    }

    /// Carries out an edit; gives what undo calls it.
    fn edit(&mut self, command: &Command) -> Result<Cow<'static, str>> {
        let name = match command {
            Command::SetDiscovery(settings) => {
                self.document.settings = settings.clone();
                self.document.settings.tau = settings.tau.clamp(0.0, 1.0);
                "change τ or k"
            }
            Command::Triage {
                examples,
                triage,
                by,
            } => {
                self.may_judge(examples)?;
                let signature = Signature {
                    by: by.clone(),
                    when: clock::now(),
                };
                for key in examples {
                    self.judge(key, *triage, &signature);
                }
                "triage"
            }
            Command::Rename { blind_spot, name } => {
                let name = name.trim();
                let name = (!name.is_empty()).then(|| name.to_owned());
                set_or_remove(&mut self.document.names, *blind_spot, name);
                "rename blind spot"
            }
            Command::Place {
                examples,
                placement,
            } => {
                for key in examples {
                    set_or_remove(&mut self.document.moves, key.clone(), *placement);
                }
                "move examples"
            }
            Command::ChooseTeacher { blind_spot, choice } => {
                self.document.teachers.insert(*blind_spot, *choice);
                "choose teacher"
            }
            Command::UseSnapshot(version) => {
                self.use_snapshot(*version)?;
                "use snapshot"
            }
            Command::UseModel(round) => {
                self.use_model(*round)?;
                "use model"
            }
            Command::DiscardModel(round) => {
                self.discard_model(*round)?;
                "discard model"
            }
            Command::ListSecond { number, listed } => {
                let unlisted = &mut self.document.unlisted_seconds;
                match listed {
                    true => unlisted.remove(number),
                    false => unlisted.insert(*number),
                };
                match listed {
                    true => "list second model",
                    false => "remove second model",
                }
            }
            other => return self.edit_lessons(other),
        };
        Ok(name.into())
    }

    fn edit_lessons(&mut self, command: &Command) -> Result<Cow<'static, str>> {
        let name = match command {
            Command::PutLessons(lessons) => {
                for lesson in lessons {
                    let lesson = Arc::new(lesson.clone());
                    self.document.lessons.insert(lesson.id.clone(), lesson);
                }
                agreeing(lessons.len(), "add lesson", "add lessons")
            }
            Command::TakeLessons { teacher, lessons } => {
                take_lessons(&mut self.document, lessons);
                return Ok(format!("lesson by {teacher}").into());
            }
            Command::SetTeacher {
                lesson,
                teacher,
                familiarity,
            } => {
                let lesson = self.lesson_mut(lesson)?;
                lesson.teacher.clone_from(teacher);
                lesson.familiarity = *familiarity;
                "change teacher"
            }
            Command::AcceptPassing(lesson) => {
                accept_passing(self.lesson_mut(lesson)?);
                self.split(lesson)?;
                "accept all that pass"
            }
            Command::LeaveOut { lesson, left_out } => {
                self.lesson_mut(lesson)?.left_out = *left_out;
                match left_out {
                    true => "leave lesson out",
                    false => "take lesson in again",
                }
            }
            Command::SetCost { lesson, cost } => {
                self.lesson_mut(lesson)?.cost = cost.clone();
                "record time"
            }
            other => return self.edit_records(other),
        };
        Ok(name.into())
    }

    /// Edits hypotheses and samples of a lesson.
    fn edit_records(&mut self, command: &Command) -> Result<Cow<'static, str>> {
        let name = match command {
            Command::PutHypothesis { lesson, hypothesis } => {
                let hypotheses = &mut self.lesson_mut(lesson)?.hypotheses;
                match put(hypotheses, hypothesis, |h| &h.id) {
                    true => "add hypothesis",
                    false => "edit hypothesis",
                }
            }
            Command::TakeChecks(checked) => {
                for one in checked {
                    let hypotheses = &mut self.lesson_mut(&one.lesson)?.hypotheses;
                    take_check(hypotheses, one);
                }
                agreeing(checked.len(), "check hypothesis", "check hypotheses")
            }
            Command::RemoveHypothesis { lesson, hypothesis } => {
                let taught = self.lesson_mut(lesson)?;
                taught.hypotheses.retain(|h| h.id != *hypothesis);
                taught
                    .samples
                    .retain(|sample| sample.hypothesis.as_ref() != Some(hypothesis));
                self.split(lesson)?;
                "remove hypothesis"
            }
            Command::PutSample { lesson, sample } => {
                let samples = &mut self.lesson_mut(lesson)?.samples;
                let is_new = put(samples, &**sample, |s| &s.id);
                self.split(lesson)?;
                match is_new {
                    true => "add sample",
                    false => "edit sample",
                }
            }
            Command::RemoveSample { lesson, sample } => {
                self.lesson_mut(lesson)?.samples.retain(|s| s.id != *sample);
                self.split(lesson)?;
                "remove sample"
            }
            _ => return Err(Error::program("a job was sent where an edit was expected")),
        };
        Ok(name.into())
    }

    /// *final* cannot be corrected: whoever could would choose what the verdict
    /// is made on.
    fn may_judge(&self, examples: &[ExampleKey]) -> Result<()> {
        let example = |key| Some(&self.dataset.examples[self.dataset.index_of(key)?]);
        let mut known = examples.iter().filter_map(example);
        let Some(sealed) = known.find(|example| example.role == Role::Final) else {
            return Ok(());
        };
        let place = self.dataset.place(sealed);
        Err(
            Error::input(format!("{place} is a row of final, which cannot be judged")).hint(
                "labels of final stay as the data give them, so that nobody chooses the verdict",
            ),
        )
    }

    /// Who judges as before leaves the first signature.
    fn judge(&mut self, key: &ExampleKey, triage: Option<Triage>, signature: &Signature) {
        let document = &mut self.document;
        if document.triage.get(key).copied() == triage {
            return;
        }
        set_or_remove(&mut document.triage, key.clone(), triage);
        let signature = triage.map(|_| signature.clone());
        set_or_remove(&mut document.judged, key.clone(), signature);
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
            let versions = self.snapshots.iter().map(|s| s.version.to_string());
            let versions: Vec<String> = versions.collect();
            return Err(
                Error::input(format!("there is no snapshot of version {version}"))
                    .hint(format!("versions are: {}", versions.join(", "))),
            );
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

    /// Divides a lesson's samples anew into those to train on and those to
    /// test with, as far as no round has used them.
    fn split(&mut self, lesson: &RecordId) -> Result<()> {
        let settled = self.settled_samples();
        split(self.lesson_mut(lesson)?, &settled);
        Ok(())
    }
}

/// Adds a check to its hypothesis, which may read otherwise by now: the check
/// says of which sentence it is. One that was removed meanwhile stays so.
fn take_check(hypotheses: &mut Vec<Hypothesis>, checked: &CheckedHypothesis) {
    let known = hypotheses
        .iter_mut()
        .find(|hypothesis| hypothesis.id == checked.hypothesis.id);
    match (known, checked.hypothesis.checks.last()) {
        (Some(known), Some(check)) => known.take_check(check.clone()),
        (None, _) if checked.is_new => hypotheses.push(checked.hypothesis.clone()),
        _ => {}
    }
}

/// What was learnt of kept-back errors is not unlearnt by undo.
fn keep_tries(hypotheses: &mut [Hypothesis], before: &[Hypothesis]) {
    for hypothesis in hypotheses {
        let mut same = before.iter().filter(|other| other.id == hypothesis.id);
        let tried = same.next().map_or(0, |other| other.tried);
        hypothesis.tried = hypothesis.tried.max(tried);
    }
}

/// Replaces the record of the same id, or adds a new one: says whether it is
/// new.
fn put<T: Clone>(records: &mut Vec<T>, record: &T, id: impl Fn(&T) -> &RecordId) -> bool {
    let old = records.iter_mut().find(|old| id(old) == id(record));
    let is_new = old.is_none();
    match old {
        Some(old) => old.clone_from(record),
        None => records.push(record.clone()),
    }
    is_new
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
