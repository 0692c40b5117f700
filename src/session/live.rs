//! A session: the open project, its state, the jobs on it, and undo.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::command::Command;
use super::event::Event;
use super::history::History;
use super::jobs::{JobId, JobKind, Jobs};
use super::shared::Shared;
use crate::inference::Predictions;
use crate::records::{BaseModel, Document, MapMethod};
use crate::steps::discover::without_k;
use crate::steps::interference::Measured;
use crate::steps::sample_sets::SampleSet;
use crate::steps::state::Answers;
use crate::steps::teach::setup::{confirm_host, put_prompt, put_teacher};
use crate::steps::{OpenProject, RoundResult, State};
use crate::support::{Error, Progress, Result};

/// An open project, ready for commands.
pub struct Session {
    pub(super) state: State,
    pub(super) history: History,
    pub(super) jobs: Jobs,
    pub(super) shared: Shared,
    /// Rounds of earlier sessions whose answers are being read.
    pub(super) looking_at: BTreeSet<u32>,
    /// What the session itself has to say at the next poll.
    pub(super) said: Vec<Event>,
}

impl Session {
    /// Opens a project. `wake` is called from job threads when there is
    /// something to [`Session::poll`].
    ///
    /// What is shipped or kept is shown at once; nothing is computed yet.
    ///
    /// # Errors
    /// When the project or its state cannot be read.
    pub fn open(
        folder: &Path,
        state_dir: Option<&Path>,
        wake: impl Fn() + Send + Sync + 'static,
        progress: &Progress,
    ) -> Result<Self> {
        let project = OpenProject::open(folder, state_dir, progress)?;
        let state = State::read(&project)?;
        let shared = Shared::new(project);
        if let (Some(base), Some(predictions)) = (&state.base, &state.predictions) {
            shared.keep_reference(base, predictions);
        }
        let mut session = Self {
            state,
            history: History::default(),
            jobs: Jobs::new(wake),
            shared,
            looking_at: BTreeSet::new(),
            said: Vec::new(),
        };
        session.look_at(session.state.document.model_round)?;
        if session.state.predictions.is_some() {
            session.preview()?;
            if session.state.map.is_none() {
                // Scored or imported without a window.
                session.build_map()?;
            }
        } else if session.state.base.is_some() {
            session.score()?;
        }
        Ok(session)
    }

    /// What the faces show.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What undo and redo would do.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Jobs at work and jobs that failed.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// The project and its base, for live predictions and teachers.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Starts a job; its result comes as an event.
    pub(super) fn start(
        &mut self,
        kind: JobKind,
        title: impl Into<String>,
        work: impl FnOnce(&Progress) -> Result<Event> + Send + 'static,
    ) -> Result<()> {
        self.jobs.start(kind, title, work).map(drop)
    }

    /// Asks a job to stop.
    pub fn cancel(&mut self, job: JobId) {
        self.jobs.cancel(job);
    }

    /// Takes a failed job's message away.
    pub fn dismiss(&mut self, job: JobId) {
        self.jobs.dismiss(job);
    }

    /// Carries out a command: an edit is durable when this returns, work is a
    /// job that has started.
    ///
    /// # Errors
    /// When the command makes no sense now; nothing has changed then.
    pub fn apply(&mut self, command: &Command) -> Result<()> {
        match command {
            Command::Fit => self.fit(),
            Command::FitLonger => self.fit_longer(),
            Command::Score => self.score(),
            Command::BuildMap => self.build_map(),
            Command::ComputeSaliency(example) => self.compute_saliency(example),
            Command::MeasureStability => self.measure_stability(),
            Command::Freeze => self.freeze(),
            Command::EstimateRetraining => self.estimate_retraining(),
            Command::Retrain(plan) => self.retrain(plan.clone()),
            Command::OpenFinal {
                round,
                reason,
                endpoints,
            } => self.open_final(*round, (endpoints.clone(), reason.clone())),
            Command::LookAt(round) => self.look_at(*round),
            Command::CompareWith(wanted) => self.compare_with(wanted),
            Command::LookAtSecond(number) => self.look_at_second(*number),
            Command::TestLessons => self.test_lessons(),
            Command::MeasureInterference { seeds } => self.measure_interference(*seeds),
            Command::MeasureSamples => self.measure_samples(),
            Command::PlanAbstaining(order) => self.plan_abstaining(order),
            Command::AskModel => self.ask_model(),
            Command::UseModelSo(wanted) => self.use_model_so(wanted.clone()),
            Command::WriteReport { path } => self.write_report(path.clone()),
            Command::Export { folder } => self.export(folder.clone()),
            Command::WriteCorrected { folder } => self.write_corrected(folder.clone()),
            Command::HandOver(file) => self.hand_over(file.clone()),
            Command::SaveLessons(file) => self.save_lessons(file.clone()),
            Command::ImportLessons(file) => self.import_lessons(file.clone()),
            Command::ImportPredictions(from) => self.import_predictions(from.clone()),
            Command::FindUnneeded => self.find_unneeded(),
            Command::RemoveUnneeded => self.remove_unneeded(),
            Command::Teach(order) => self.teach(order),
            Command::CheckHypotheses(order) => self.check_hypotheses(order),
            Command::Replay(path) => self.replay(path),
            Command::CompareTeachers => self.compare_teachers(),
            Command::PutTeacher(teacher) => self.set_up(|state| put_teacher(state, teacher)),
            Command::ConfirmHost(host) => self.set_up(|state| confirm_host(state, host)),
            Command::PutPrompt { file, text } => self.set_up(|state| put_prompt(state, file, text)),
            edit => self.edit(edit),
        }
    }

    pub(super) fn edit(&mut self, command: &Command) -> Result<()> {
        self.writable()?;
        let before = self.state.document.clone();
        let mut history = self.history.clone();
        self.state.apply(command, &mut history)?;
        if self.state.document != before {
            self.save_or_restore(&before)?;
            self.state.refresh();
            if self.state.document.lessons != before.lessons {
                self.state.suite = None;
            }
            if !Measured::stands(&before, &self.state.document) {
                self.state.interference = None;
            }
            if !SampleSet::stands(&before, &self.state.document) {
                self.state.sample_sets = None;
            }
        }
        self.forget_thresholds(&before);
        // What could not be saved must be neither undone nor lost to undo.
        self.history = history;
        let document = &self.state.document;
        let same_errors = without_k(&document.settings) == without_k(&before.settings)
            && document.triage == before.triage;
        if !same_errors {
            self.state.stability = None;
            self.jobs.forget(JobKind::Stability);
        }
        let document = &self.state.document;
        if document.settings != before.settings || document.triage != before.triage {
            self.preview()?;
        }
        // Answers that cannot be read are not asked for again at every edit.
        match self.state.document.model_round {
            round if round != before.model_round => {
                // Another model weighs words in its own way.
                self.state.saliency.clear();
                self.jobs.forget(JobKind::Saliency);
                self.look_at(round)
            }
            _ => Ok(()),
        }
    }

    /// Thresholds stand for one model, the labels as they were, and the regions
    /// of one snapshot.
    fn forget_thresholds(&mut self, before: &Document) {
        let now = &self.state.document;
        let same = (now.model_round, now.snapshot) == (before.model_round, before.snapshot)
            && now.triage == before.triage;
        if !same {
            self.state.abstention = None;
            self.jobs.forget(JobKind::Abstain);
        }
    }

    /// Makes the document durable, or else puts back the one before the edit.
    fn save_or_restore(&mut self, before: &Document) -> Result<()> {
        let store = &self.shared.project.store;
        let saved = store.save_document(&self.state.document);
        if saved.is_err() {
            self.state.document = before.clone();
        }
        saved
    }

    pub(super) fn writable(&self) -> Result<()> {
        match &self.state.read_only {
            None => Ok(()),
            Some(why) => Err(
                Error::input(format!("the project is for reading only: {why}"))
                    .hint("close the other program and open the project again"),
            ),
        }
    }

    /// Takes in what jobs have said, for at most `budget`. Gives what a face
    /// should tell the user.
    pub fn poll(&mut self, budget: Duration) -> Vec<Event> {
        let mut events = self.jobs.collect(budget);
        self.receive(&events);
        events.append(&mut self.said);
        events
    }

    /// As [`Session::poll`], but waits up to `patience` for something to come:
    /// for faces without a window.
    pub fn wait(&mut self, patience: Duration) -> Vec<Event> {
        let mut events = self.jobs.wait(patience);
        self.receive(&events);
        events.append(&mut self.said);
        events
    }

    fn receive(&mut self, events: &[Event]) {
        for event in events {
            if let Err(error) = self.on(event) {
                // The job that could not be started says so in the job list.
                let failed = self.start(JobKind::FollowUp, "Following up", move |_| Err(error));
                debug_assert!(failed.is_ok(), "a failed follow-up is always listed");
            }
        }
    }

    fn on(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::BaseReady(base) => self.ask_anew(base)?,
            Event::PredictionsImported(base, said) => {
                self.said.push(Event::Notice(said.clone()));
                self.ask_anew(base)?;
            }
            Event::Scored {
                base,
                predictions,
                temperature,
            } => self.take_scores(base, predictions, *temperature)?,
            Event::Mapped(map) => {
                self.state.map = Some(Arc::clone(map));
                if map.method == MapMethod::Pca {
                    self.build_map()?;
                }
            }
            Event::Previewed(preview) => {
                if preview.settings == self.state.document.settings {
                    self.state.preview = Some(Arc::clone(preview));
                }
            }
            Event::StabilityMeasured(found) => {
                if found.of == without_k(&self.state.document.settings) {
                    self.state.stability = Some(Arc::clone(found));
                }
            }
            Event::WordsWeighed(example, found) => {
                let found = Arc::clone(found);
                self.state.saliency.insert(example.clone(), found);
            }
            Event::Frozen(snapshot) => {
                self.state.snapshots.push(Arc::clone(snapshot));
                self.edit(&Command::UseSnapshot(snapshot.version))?;
            }
            Event::RoundReady(result) => self.keep_round(Arc::clone(result))?,
            Event::RoundKnown(result) => {
                self.keep_round(Arc::clone(result))?;
                self.said.push(Event::Notice(format!(
                    "Nothing new to train: round {} has these results already",
                    result.round.number
                )));
            }
            Event::LookedAt(answers) => {
                for (number, answers) in answers {
                    self.looking_at.remove(number);
                    self.keep_answers(*number, answers);
                }
            }
            Event::SecondCompared(result) => self.keep_second(Arc::clone(result))?,
            Event::LookedAtSecond(number, said) => self.keep_second_answers(*number, said),
            Event::Estimated(times) => self.state.retrain_times = Some(*times),
            Event::LessonsRead(checked) => {
                let joined = checked.clone().joined(&self.state);
                let said = joined.to_string();
                self.edit(&Command::PutLessons(joined.lessons))?;
                self.said.push(Event::Notice(said));
            }
            Event::Cancelled(JobKind::LookAt) | Event::Failed(JobKind::LookAt, _) => {
                self.looking_at.clear();
            }
            // An opening of *final* counts however it ended.
            Event::Cancelled(JobKind::Compare) | Event::Failed(JobKind::Compare, _) => {
                self.read_openings()?;
            }
            Event::Taught(taught) => {
                self.state.teaching_notes.clone_from(&taught.notes);
                self.edit(&Command::TakeLessons {
                    teacher: taught.teacher.clone(),
                    lessons: taught.lessons.clone(),
                })?;
            }
            Event::LessonsTested(result) => self.state.suite = Some(Arc::clone(result)),
            Event::InterferenceMeasured(result, under) => self.take_interference(result, under),
            Event::SamplesMeasured(sets, under) => {
                if SampleSet::stands(under, &self.state.document) {
                    self.state.sample_sets = Some(Arc::clone(sets));
                }
            }
            Event::AbstentionPlanned(table) => self.state.abstention = Some(Arc::clone(table)),
            Event::Checked(checks) => {
                self.state.teaching_notes.clone_from(&checks.notes);
                self.edit(&Command::TakeChecks(checks.checked.clone()))?;
            }
            Event::TeachersCompared(table) => self.state.teachers = Some(Arc::clone(table)),
            Event::UnneededFound(_)
            | Event::SecondAsks(..)
            | Event::PredictionsAsk(..)
            | Event::ModelAsked(_)
            | Event::ModelUseChanged
            | Event::Notice(_)
            | Event::Cancelled(_)
            | Event::Failed(..) => {}
        }
        Ok(())
    }

    /// What was known of another base is not shown for this one.
    fn ask_anew(&mut self, base: &Arc<BaseModel>) -> Result<()> {
        self.state.base = Some(Arc::clone(base));
        self.state.predictions = None;
        self.state.preview = None;
        self.state.map = None;
        self.state.interference = None;
        self.state.sample_sets = None;
        self.state.abstention = None;
        self.state.stability = None;
        self.state.saliency.clear();
        self.state.refresh();
        let of_others = [
            JobKind::Preview,
            JobKind::Map,
            JobKind::Abstain,
            JobKind::Stability,
            JobKind::Saliency,
        ];
        for of_another in of_others {
            self.jobs.forget(of_another);
        }
        self.score_anew()
    }

    /// Takes over what the base says. If that was another base than there is
    /// now, because it was fitted again meanwhile, this one is asked.
    fn take_scores(
        &mut self,
        of: &str,
        predictions: &Arc<Predictions>,
        temperature: f32,
    ) -> Result<()> {
        let base = self.shared.project.known_base()?;
        if base.as_ref().is_some_and(|base| base.id != of) {
            self.shared.forget_base();
            return self.score_anew();
        }
        self.state.base = base.map(Arc::new);
        self.state.predictions = Some(Arc::clone(predictions));
        self.state.temperature = temperature;
        self.state.refresh();
        self.preview()?;
        self.build_map()
    }

    /// Puts answers beside a round's figures, which may be newer.
    fn keep_answers(&mut self, number: u32, answers: &Answers) {
        let mut rounds = self.state.rounds.iter_mut();
        if let Some(result) = rounds.find(|result| result.round.number == number) {
            Arc::make_mut(result).answers.clone_from(answers);
        }
        self.state.refresh();
    }

    fn read_openings(&mut self) -> Result<()> {
        self.state.openings = self.shared.project.store.openings()?;
        Ok(())
    }

    fn keep_round(&mut self, result: Arc<RoundResult>) -> Result<()> {
        self.read_openings()?;
        let number = result.round.number;
        self.state
            .rounds
            .retain(|other| other.round.number != number);
        self.state.rounds.push(result);
        self.state.suite = None;
        self.state.rounds.sort_by_key(|other| other.round.number);
        self.state.refresh();
        Ok(())
    }
}

impl Drop for Session {
    /// Jobs are told to stop, and need not have stopped before somebody else,
    /// or this program again, opens the project.
    fn drop(&mut self) {
        self.shared.project.store.close();
    }
}

#[cfg(test)]
mod tests;
