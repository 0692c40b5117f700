//! A session: the open project, its state, the jobs on it, and undo.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::command::{Command, RetrainPlan};
use super::document::History;
use super::event::Event;
use super::jobs::{JobId, JobKind, Jobs};
use super::state::{ArmRun, MapMethod, MapPositions, RoundResult, State};
use crate::blind_spots::Snapshot;
use crate::dataset::{Example, ExampleKey};
use crate::discovery::calibration::fit_temperature;
use crate::export::{self, ModelChoice};
use crate::inference::Predictions;
use crate::inference::saliency::saliency;
use crate::lessons::Lesson;
use crate::map::{MapSettings, neighbour_map, pca_map};
use crate::model::Classifier;
use crate::report;
use crate::support::{Error, Progress, Result};
use crate::workflow::estimate::time_to_retrain;
use crate::workflow::hand_over::{HandingOver, merge, read_lessons_of, save_lessons};
use crate::workflow::round::{RoundInput, Trained};
use crate::workflow::teachers::{confirm_host, put_prompt, put_teacher};
use crate::workflow::{Base, OpenProject};

/// The base with everything that later steps need of it, loaded when first
/// needed and shared by the jobs.
#[derive(Default)]
struct Loaded {
    base: Option<Base>,
    /// Predictions with *final*: only rounds may look at them.
    reference: Option<Arc<Predictions>>,
    /// The model of a round that was asked last.
    retrained: Option<(ArmRun, Arc<Classifier>)>,
}

/// What jobs share.
#[derive(Clone)]
pub struct Shared {
    /// The project.
    pub project: OpenProject,
    loaded: Arc<Mutex<Loaded>>,
    loading: Arc<Mutex<()>>,
}

impl Shared {
    /// The reference base with its weights; loads it on first use, fits it if
    /// there is none.
    ///
    /// # Errors
    /// When it cannot be loaded or fitted, or when cancelled.
    pub fn base(&self, progress: &Progress) -> Result<Base> {
        // One loads, the others wait: loading twice would take twice as long.
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(base) = &self.lock().base {
            return Ok(base.clone());
        }
        let base = self.project.base(false, progress)?;
        self.lock().base = Some(base.clone());
        Ok(base)
    }

    /// A model that answers live: that of a run, or the base without one. The
    /// last run's model stays loaded.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn model(&self, run: Option<&ArmRun>, progress: &Progress) -> Result<Arc<Classifier>> {
        let Some(run) = run else {
            return Ok(self.base(progress)?.model);
        };
        if let Some((of, model)) = &self.lock().retrained
            && of == run
        {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(self.project.retrained(run)?);
        self.lock().retrained = Some((run.clone(), Arc::clone(&model)));
        Ok(model)
    }

    fn reference(&self, progress: &Progress) -> Result<Arc<Predictions>> {
        if let Some(reference) = &self.lock().reference {
            return Ok(Arc::clone(reference));
        }
        let base = self.base(progress)?;
        let reference = Arc::new(self.project.reference(&base, progress)?);
        self.lock().reference = Some(Arc::clone(&reference));
        Ok(reference)
    }

    fn forget_base(&self) {
        *self.lock() = Loaded::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Loaded> {
        // What is loaded is replaced whole, so a panic leaves nothing half.
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open project, ready for commands.
pub struct Session {
    state: State,
    history: History,
    jobs: Jobs,
    shared: Shared,
    /// Rounds of earlier sessions whose answers are being read.
    looking_at: BTreeSet<u32>,
    /// What the session itself has to say at the next poll.
    said: Vec<Event>,
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
        let mut session = Self {
            state,
            history: History::default(),
            jobs: Jobs::new(wake),
            shared: Shared {
                project,
                loaded: Arc::default(),
                loading: Arc::default(),
            },
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

    pub(super) fn state_mut(&mut self) -> &mut State {
        &mut self.state
    }

    pub(super) fn start_job(
        &mut self,
        kind: JobKind,
        title: impl Into<String>,
        work: impl FnOnce(&Progress) -> Result<Event> + Send + 'static,
    ) -> Result<JobId> {
        self.jobs.start(kind, title, work)
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
            Command::Score => self.score(),
            Command::BuildMap => self.build_map(),
            Command::WeighWords(example) => self.weigh_words(example),
            Command::Freeze => self.freeze(),
            Command::EstimateRetraining => self.estimate_retraining(),
            Command::Retrain(plan) => self.retrain(plan.clone()),
            Command::OpenFinal { round, reason } => self.open_final(*round, reason.clone()),
            Command::LookAt(round) => self.look_at(*round),
            Command::WriteReport { path } => self.write_report(path.clone()),
            Command::Export { folder } => self.export(folder.clone()),
            Command::HandOver(file) => self.hand_over(file.clone()),
            Command::SaveLessons(file) => self.save_lessons(file.clone()),
            Command::MergeLessons(file) => self.read_lessons(file.clone()),
            Command::Teach(order) => self.teach(order),
            Command::Replay(path) => self.replay(path),
            Command::CompareTeachers => self.compare_teachers(),
            Command::PutTeacher(teacher) => self.set_up(|state| put_teacher(state, teacher)),
            Command::ConfirmHost(host) => self.set_up(|state| confirm_host(state, host)),
            Command::PutPrompt { file, text } => self.set_up(|state| put_prompt(state, file, text)),
            edit => self.edit(edit),
        }
    }

    fn edit(&mut self, command: &Command) -> Result<()> {
        self.writable()?;
        let before = self.state.document.clone();
        self.state.apply(command, &mut self.history)?;
        if self.state.document == before {
            return Ok(());
        }
        if let Err(error) = self
            .shared
            .project
            .store
            .save_document(&self.state.document)
        {
            self.state.document = before;
            return Err(error);
        }
        let document = &self.state.document;
        if document.settings != before.settings || document.triage != before.triage {
            self.preview()?;
        }
        self.look_at(self.state.document.model_round)
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
        self.take_in(&events);
        events.append(&mut self.said);
        events
    }

    /// As [`Session::poll`], but waits up to `patience` for something to come:
    /// for faces without a window.
    pub fn wait(&mut self, patience: Duration) -> Vec<Event> {
        let mut events = self.jobs.wait(patience);
        self.take_in(&events);
        events.append(&mut self.said);
        events
    }

    fn take_in(&mut self, events: &[Event]) {
        for event in events {
            if let Err(error) = self.on(event) {
                // The job that could not be started says so in the job list.
                let failed: Result<JobId> =
                    self.jobs
                        .start(JobKind::Export, "Following up", move |_| Err(error));
                debug_assert!(failed.is_ok(), "a failed follow-up is always listed");
            }
        }
    }

    fn on(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::BaseReady(base) => {
                self.state.base = Some(Arc::clone(base));
                self.state.predictions = None;
                self.state.map = None;
                self.state.saliency.clear();
                self.score()?;
            }
            Event::Scored {
                predictions,
                temperature,
            } => {
                self.state.base = self.shared.project.known_base()?.map(Arc::new);
                self.state.predictions = Some(Arc::clone(predictions));
                self.state.temperature = *temperature;
                self.preview()?;
                self.build_map()?;
            }
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
            Event::WordsWeighed(example, found) => {
                let found = Arc::clone(found);
                self.state.saliency.insert(example.clone(), found);
            }
            Event::Frozen(snapshot) => {
                self.state.snapshots.push(Arc::clone(snapshot));
                self.edit(&Command::UseSnapshot(snapshot.version))?;
            }
            Event::RoundReady(result) => self.keep_round(Arc::clone(result))?,
            Event::LookedAt(results) => {
                for result in results {
                    self.looking_at.remove(&result.round.number);
                    self.keep_round(Arc::clone(result))?;
                }
            }
            Event::Estimated(times) => self.state.retrain_times = Some(*times),
            Event::LessonsBack(lessons) => self.merge_lessons(lessons.clone())?,
            Event::Cancelled(JobKind::LookAt) | Event::Failed(JobKind::LookAt, _) => {
                self.looking_at.clear();
            }
            Event::Taught(taught) => {
                self.state.teaching_notes.clone_from(&taught.notes);
                self.edit(&Command::TakeLessons {
                    teacher: taught.teacher.clone(),
                    lessons: taught.lessons.clone(),
                })?;
            }
            Event::TeachersCompared(table) => self.state.teachers = Some(Arc::clone(table)),
            Event::Notice(_) | Event::Cancelled(_) | Event::Failed(..) => {}
        }
        Ok(())
    }

    fn keep_round(&mut self, result: Arc<RoundResult>) -> Result<()> {
        self.state.openings = self.shared.project.store.openings()?;
        let number = result.round.number;
        self.state
            .rounds
            .retain(|other| other.round.number != number);
        self.state.rounds.push(result);
        self.state.rounds.sort_by_key(|other| other.round.number);
        Ok(())
    }

    fn fit(&mut self) -> Result<()> {
        self.writable()?;
        let shared = self.shared.clone();
        let start = self
            .jobs
            .start(JobKind::Fit, "Fitting the base model", move |progress| {
                let base = shared.project.base(true, progress)?;
                let info = Arc::new(base.info.clone());
                shared.forget_base();
                shared.lock().base = Some(base);
                Ok(Event::BaseReady(info))
            });
        start.map(drop)
    }

    fn score(&mut self) -> Result<()> {
        let shared = self.shared.clone();
        let start = self
            .jobs
            .start(JobKind::Score, "Scoring the examples", move |progress| {
                let reference = shared.reference(progress)?;
                let visible = shared.project.visible(&reference)?;
                let dataset = &shared.project.workspace.dataset;
                Ok(Event::Scored {
                    temperature: fit_temperature(dataset, &visible).temperature,
                    predictions: Arc::new(visible),
                })
            });
        start.map(drop)
    }

    /// The map that comes at once, and after it the better one; both in the
    /// background, since even principal components of many rows take longer
    /// than a frame.
    fn build_map(&mut self) -> Result<()> {
        let Some(predictions) = self.state.predictions.clone() else {
            return Err(not_scored());
        };
        if predictions.width() == 0 {
            return Ok(());
        }
        if self.state.map.is_some() {
            return self.neighbour_map(predictions);
        }
        let start = self
            .jobs
            .start(JobKind::Map, "Laying out the map", move |progress| {
                let (embeddings, width) = (predictions.embeddings(), predictions.width());
                Ok(Event::Mapped(Arc::new(MapPositions {
                    method: MapMethod::Pca,
                    points: pca_map(embeddings, width, progress)?,
                })))
            });
        start.map(drop)
    }

    fn neighbour_map(&mut self, predictions: Arc<Predictions>) -> Result<()> {
        let project = self.shared.project.clone();
        let base = self.state.base.clone();
        let start = self
            .jobs
            .start(JobKind::Map, "Arranging the map", move |progress| {
                let settings = MapSettings::default();
                let (embeddings, width) = (predictions.embeddings(), predictions.width());
                let map = MapPositions {
                    method: MapMethod::Tsne,
                    points: neighbour_map(embeddings, width, &settings, progress)?,
                };
                if let (Some(base), None) = (base, project.store.read_only()) {
                    let data = project.workspace.fingerprint();
                    project.store.put_map(&base.id, data, &map)?;
                }
                Ok(Event::Mapped(Arc::new(map)))
            });
        start.map(drop)
    }

    fn preview(&mut self) -> Result<()> {
        let (Some(predictions), Some(base)) = (&self.state.predictions, &self.state.base) else {
            return Ok(());
        };
        let (predictions, base) = (Arc::clone(predictions), Arc::clone(base));
        let document = self.state.document.clone();
        let project = self.shared.project.clone();
        let start = self.jobs.start(
            JobKind::Preview,
            "Looking for blind spots",
            move |progress| {
                let discovering =
                    project.discovering(&base, &predictions, &document, &document.settings);
                Ok(Event::Previewed(Arc::new(discovering.preview(progress)?)))
            },
        );
        start.map(drop)
    }

    /// Sealed texts have no words to weigh.
    fn weigh_words(&mut self, key: &ExampleKey) -> Result<()> {
        let dataset = &self.state.dataset;
        let example = dataset.examples.iter().find(|example| example.key == *key);
        let Some(text) = example.and_then(Example::text).cloned() else {
            return Err(Error::input(format!("there is no text `{key}` to look at")));
        };
        if self.state.base.is_none() {
            return Err(not_scored());
        }
        if self.shared.project.is_black_box()? {
            // There is no model to ask; nothing is shown then.
            return Ok(());
        }
        let (shared, key) = (self.shared.clone(), key.clone());
        let temperature = self.state.effective_temperature();
        let start = self.jobs.start(
            JobKind::Saliency,
            "Looking for the words that matter",
            move |progress| {
                let base = shared.base(progress)?;
                let workspace = &shared.project.workspace;
                let longest = workspace.longest_text(&base.model);
                let found = saliency(&base.model, &text, longest, temperature, progress)?;
                Ok(Event::WordsWeighed(key, Arc::new(found)))
            },
        );
        start.map(drop)
    }

    fn freeze(&mut self) -> Result<()> {
        self.writable()?;
        let (Some(predictions), Some(base)) = (&self.state.predictions, &self.state.base) else {
            return Err(not_scored());
        };
        let (predictions, base) = (Arc::clone(predictions), Arc::clone(base));
        let document = self.state.document.clone();
        let previous = self.state.snapshots.last().cloned();
        let project = self.shared.project.clone();
        let start = self
            .jobs
            .start(JobKind::Freeze, "Freezing blind spots", move |progress| {
                let discovering =
                    project.discovering(&base, &predictions, &document, &document.settings);
                let snapshot = discovering.freeze(previous.as_deref(), progress)?;
                project.store.add_snapshot(&snapshot)?;
                Ok(Event::Frozen(Arc::new(snapshot)))
            });
        start.map(drop)
    }

    fn estimate_retraining(&mut self) -> Result<()> {
        let shared = self.shared.clone();
        let lessons = self.state.document.lessons.values();
        let added = lessons
            .map(|lesson| lesson.training_samples().count())
            .sum();
        let title = "Measuring how long retraining takes";
        let start = self.jobs.start(JobKind::Estimate, title, move |progress| {
            let base = shared.base(progress)?;
            let workspace = &shared.project.workspace;
            let times = time_to_retrain(workspace, &base.model, added, progress)?;
            Ok(Event::Estimated(times))
        });
        start.map(drop)
    }

    fn retrain(&mut self, plan: RetrainPlan) -> Result<()> {
        self.writable()?;
        let work = self.round_work()?;
        let title = format!("Retraining ({}, {} arms)", plan.mode, plan.arms.len());
        let start = self.jobs.start(JobKind::Retrain, title, move |progress| {
            work.run(progress, |round, progress| {
                let trained = round.train(&plan, progress)?;
                let comparison = round.read_check(&trained, progress)?;
                Ok((trained, comparison))
            })
        });
        start.map(drop)
    }

    fn open_final(&mut self, number: u32, reason: String) -> Result<()> {
        self.writable()?;
        let Some(kept) = self.state.round(number) else {
            return Err(Error::input(format!("there is no round {number}")));
        };
        let record = kept.round.clone();
        let work = self.round_work()?;
        let start = self
            .jobs
            .start(JobKind::Compare, "Opening final", move |progress| {
                work.run(progress, |round, progress| {
                    let trained = round.recall(&record)?;
                    let comparison = round.open_final(&trained, &reason, progress)?;
                    Ok((trained, comparison))
                })
            });
        start.map(drop)
    }

    /// Reads what the models of a round say, unless that is known or being
    /// read already.
    fn look_at(&mut self, number: u32) -> Result<()> {
        let known = self.state.round(number);
        if known.is_none_or(|result| !result.answers.is_empty()) || !self.looking_at.insert(number)
        {
            return Ok(());
        }
        let wanted = self.looking_at.iter();
        let rounds: Vec<Arc<RoundResult>> = wanted
            .filter_map(|number| self.state.round(*number).cloned())
            .collect();
        let project = self.shared.project.clone();
        let title = "Reading the answers of an earlier round";
        let start = self.jobs.start(JobKind::LookAt, title, move |progress| {
            let mut read = Vec::with_capacity(rounds.len());
            for result in rounds {
                progress.check()?;
                let mut result = (*result).clone();
                result.answers = project.answers_of(&result.round)?;
                read.push(Arc::new(result));
            }
            Ok(Event::LookedAt(read))
        });
        start.map(drop)
    }

    fn write_report(&mut self, path: PathBuf) -> Result<()> {
        let project = self.shared.project.clone();
        let start = self
            .jobs
            .start(JobKind::Export, "Writing the report", move |progress| {
                report::write(&project, &path, progress)?;
                Ok(Event::Notice(format!(
                    "report written to {}",
                    path.display()
                )))
            });
        start.map(drop)
    }

    fn export(&mut self, folder: PathBuf) -> Result<()> {
        let project = self.shared.project.clone();
        let start = self
            .jobs
            .start(JobKind::Export, "Exporting", move |progress| {
                let choice = ModelChoice::default();
                let exported = export::write(&project, &folder, &choice, progress)?;
                Ok(Event::Notice(format!(
                    "{} files written to {}",
                    exported.files.len(),
                    folder.display()
                )))
            });
        start.map(drop)
    }

    fn hand_over(&mut self, file: PathBuf) -> Result<()> {
        let work = self.round_work()?;
        let predictions = self.state.predictions.clone().ok_or_else(not_scored)?;
        let title = "Packing the blind spots for an expert";
        let start = self.jobs.start(JobKind::Export, title, move |progress| {
            let shared = &work.shared;
            let handing_over = HandingOver {
                project: &shared.project,
                base: &shared.base(progress)?,
                predictions: &predictions,
                snapshot: &work.snapshot,
                document: &work.document,
            };
            let out = handing_over.write(&file, progress)?;
            Ok(Event::Notice(format!(
                "{} blind spots with {} texts are in {}; the expert opens this file in Blindspot",
                out.blind_spots,
                out.texts,
                file.display()
            )))
        });
        start.map(drop)
    }

    fn save_lessons(&mut self, file: PathBuf) -> Result<()> {
        let document = self.state.document.clone();
        let title = "Saving the lessons";
        let start = self.jobs.start(JobKind::Export, title, move |_| {
            let saved = save_lessons(&document, &file)?;
            Ok(Event::Notice(format!(
                "{saved} lessons are in {}; send this file back",
                file.display()
            )))
        });
        start.map(drop)
    }

    fn read_lessons(&mut self, file: PathBuf) -> Result<()> {
        self.writable()?;
        let title = "Reading the lessons";
        let start = self.jobs.start(JobKind::Export, title, move |_| {
            Ok(Event::LessonsBack(read_lessons_of(&file)?))
        });
        start.map(drop)
    }

    fn merge_lessons(&mut self, back: Vec<Lesson>) -> Result<()> {
        let settled = self.state.settled_samples();
        let merged = merge(&self.state.document, &self.state.snapshots, &settled, back);
        self.said.push(Event::Notice(merged.sentence()));
        self.edit(&Command::PutLessons(merged.lessons))
    }

    fn round_work(&self) -> Result<RoundWork> {
        let snapshot = self.state.snapshot().cloned().ok_or_else(|| {
            Error::input("there are no frozen blind spots yet")
                .hint("freeze the blind spots first: lessons and figures attach to them")
        })?;
        Ok(RoundWork {
            shared: self.shared.clone(),
            snapshot,
            document: self.state.document.clone(),
        })
    }
}

/// What a job needs to train or compare a round.
struct RoundWork {
    shared: Shared,
    snapshot: Arc<Snapshot>,
    document: super::Document,
}

impl RoundWork {
    fn run(
        &self,
        progress: &Progress,
        work: impl FnOnce(
            &RoundInput<'_>,
            &Progress,
        ) -> Result<(Trained, crate::comparison::Comparison)>,
    ) -> Result<Event> {
        let base = self.shared.base(progress)?;
        let reference = self.shared.reference(progress)?;
        let round = RoundInput {
            project: &self.shared.project,
            base: &base,
            reference: &reference,
            snapshot: &self.snapshot,
            document: &self.document,
        };
        let (trained, _) = work(&round, progress)?;
        let comparisons = self.shared.project.comparisons_of(trained.round.number)?;
        Ok(Event::RoundReady(Arc::new(RoundResult {
            answers: trained.visible(&self.shared.project)?,
            round: trained.round,
            comparisons,
        })))
    }
}

fn not_scored() -> Error {
    Error::input("the examples have not been scored yet").hint("fit the base model first")
}
