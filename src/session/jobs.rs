//! Long work in threads of its own: progress with time left, cancel, and the
//! promise that a panic in a job is a message, not the end of the program.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::event::Event;
use super::pace::Pace;
use crate::support::{Error, Fault, Progress, Result, Update};

/// Number of a job in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u64);

/// What kind of work a job does. One job of a kind runs at a time, follow-ups
/// aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobKind {
    /// Reading a project.
    Open,
    /// Fitting the base model.
    Fit,
    /// Predictions and embeddings.
    Score,
    /// The neighbour-preserving map; that of newer predictions replaces it.
    Map,
    /// Blind spots under the sliders' settings; a newer one replaces it.
    Preview,
    /// How stable each number of blind spots is; that of newer settings replaces
    /// it.
    Stability,
    /// Freezing blind spots.
    Freeze,
    /// Asking a language model.
    Teach,
    /// Asking whether hypotheses hold.
    Check,
    /// Measuring how long retraining takes.
    Estimate,
    /// Retraining the arms of a round.
    Retrain,
    /// Opening *final* for a round, comparing the teachers, or comparing with a
    /// second model.
    Compare,
    /// Reading what models of earlier rounds say; a newer one replaces it and
    /// reads more.
    LookAt,
    /// Reading what a second model of an earlier session says; that of another
    /// one replaces it.
    LookAtSecond,
    /// Asking the models what the lessons test.
    Test,
    /// Teaching each lesson alone.
    Interference,
    /// Looking at the samples of each lesson as a set.
    Samples,
    /// Finding the confidences below which a model should not answer; a newer
    /// one replaces it.
    Abstain,
    /// Saliency of words; a newer one replaces it.
    Saliency,
    /// Reports and exports.
    Export,
    /// What should have followed from a job's result and could not be started:
    /// listed for its message alone.
    FollowUp,
}

impl JobKind {
    /// Whether a newer job of the kind replaces a running one.
    fn newest_wins(self) -> bool {
        matches!(
            self,
            JobKind::Map
                | JobKind::Preview
                | JobKind::LookAt
                | JobKind::LookAtSecond
                | JobKind::Abstain
                | JobKind::Stability
                | JobKind::Saliency
        )
    }
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq)]
pub enum JobState {
    /// At work.
    Running,
    /// Asked to stop, not yet stopped.
    Cancelling,
    /// Failed; stays until dismissed.
    Failed {
        /// What happened.
        message: String,
        /// What the user can do.
        hint: Option<String>,
    },
}

/// A job as the faces show it.
#[derive(Debug, Clone)]
pub struct JobStatus {
    /// Its number.
    pub id: JobId,
    /// Its kind.
    pub kind: JobKind,
    /// What it does, in the user's words.
    pub title: String,
    /// The stage it is in.
    pub stage: String,
    /// Units of the stage that are finished.
    pub done: u64,
    /// Units of the stage, if known.
    pub total: Option<u64>,
    /// How far the whole is, where it has equal parts.
    pub pace: Option<Pace>,
    /// Live figures: name → (step, value) in order.
    pub figures: BTreeMap<String, Vec<(u64, f64)>>,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// How it stands.
    pub state: JobState,
    stage_began: Instant,
    /// What the whole takes by a measurement before it.
    expected: Option<Duration>,
}

impl JobStatus {
    /// Whether it is at work, or stopping.
    pub fn is_active(&self) -> bool {
        !matches!(self.state, JobState::Failed { .. })
    }

    /// Share of the whole that is finished, 0 to 1, if known; else of the
    /// stage.
    pub fn overall(&self) -> Option<f32> {
        match &self.pace {
            Some(pace) => Some(pace.fraction()),
            None => self.fraction(),
        }
    }

    /// Time left for the whole, at least and at most, if it has equal parts and
    /// can be judged.
    pub fn time_left_overall(&self) -> Option<[Duration; 2]> {
        self.pace.as_ref()?.time_left()
    }

    /// Share of the stage that is finished, 0 to 1, if known.
    pub fn fraction(&self) -> Option<f32> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done as f32 / total as f32).clamp(0.0, 1.0))
    }

    /// Time left in the stage at the pace so far; none in its first second.
    pub fn time_left(&self) -> Option<Duration> {
        let total = self.total?;
        let elapsed = self.stage_began.elapsed();
        if self.done == 0 || elapsed < Duration::from_secs(1) {
            return None;
        }
        let left = total.saturating_sub(self.done) as f64 / self.done as f64;
        Some(elapsed.mul_f64(left.min(1e6)))
    }
}

enum Note {
    Update(Update),
    Ended(Result<Event>),
}

struct Running {
    status: JobStatus,
    progress: Progress,
}

/// Runs jobs and collects what they say.
pub struct Jobs {
    next: u64,
    running: BTreeMap<JobId, Running>,
    sender: Sender<(JobId, Note)>,
    receiver: Receiver<(JobId, Note)>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Jobs {
    /// `wake` is called from job threads whenever there is something to
    /// collect: the window asks for a repaint, the terminal does nothing.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        let (sender, receiver) = channel();
        Self {
            next: 1,
            running: BTreeMap::new(),
            sender,
            receiver,
            wake: Arc::new(wake),
        }
    }

    /// Starts work in a thread of its own.
    ///
    /// # Errors
    /// When a job of the kind is running already and the kind is not one
    /// whose newest job wins.
    pub fn start(
        &mut self,
        kind: JobKind,
        title: impl Into<String>,
        work: impl FnOnce(&Progress) -> Result<Event> + Send + 'static,
    ) -> Result<JobId> {
        let title = title.into();
        if kind.newest_wins() {
            self.forget(kind);
        }
        let other = self.active(kind).filter(|_| kind != JobKind::FollowUp);
        if let Some(other) = other {
            return Err(Error::input(format!("“{}” is still running", other.title))
                .hint("wait for it or cancel it first"));
        }
        let id = JobId(self.next);
        self.next += 1;
        let progress = self.progress_for(id);
        let status = JobStatus {
            id,
            kind,
            title,
            stage: String::new(),
            done: 0,
            total: None,
            pace: None,
            figures: BTreeMap::new(),
            warnings: Vec::new(),
            state: JobState::Running,
            stage_began: Instant::now(),
            expected: None,
        };
        self.spawn(id, progress.clone(), work)?;
        self.running.insert(id, Running { status, progress });
        Ok(id)
    }

    /// Says what a job that has just begun takes by a measurement before it.
    pub fn expect(&mut self, id: JobId, all: Option<Duration>) {
        if let Some(job) = self.running.get_mut(&id) {
            job.status.expected = all;
        }
    }

    /// Cancels the running job of a kind; nobody awaits its result any more.
    pub fn forget(&mut self, kind: JobKind) {
        if let Some(old) = self.active(kind).map(|job| job.id)
            && let Some(job) = self.running.remove(&old)
        {
            job.progress.cancel();
        }
    }

    fn progress_for(&self, id: JobId) -> Progress {
        let sender = self.sender.clone();
        let wake = Arc::clone(&self.wake);
        Progress::new(move |update| {
            // The receiver is gone only when the program ends.
            if sender.send((id, Note::Update(update))).is_ok() {
                wake();
            }
        })
    }

    fn spawn(
        &self,
        id: JobId,
        progress: Progress,
        work: impl FnOnce(&Progress) -> Result<Event> + Send + 'static,
    ) -> Result<()> {
        let sender = self.sender.clone();
        let wake = Arc::clone(&self.wake);
        std::thread::Builder::new()
            .name(format!("job-{}", id.0))
            .spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(|| work(&progress)))
                    .unwrap_or_else(|panic| Err(panicked(&*panic)));
                if sender.send((id, Note::Ended(result))).is_ok() {
                    wake();
                }
            })
            .map_err(|e| Error::program("cannot start a thread").because(e))?;
        Ok(())
    }

    /// Asks a job to stop. The status says so at once.
    pub fn cancel(&mut self, id: JobId) {
        if let Some(job) = self.running.get_mut(&id) {
            job.progress.cancel();
            job.status.state = JobState::Cancelling;
        }
    }

    /// Removes a failed job's message.
    pub fn dismiss(&mut self, id: JobId) {
        if self
            .running
            .get(&id)
            .is_some_and(|job| matches!(job.status.state, JobState::Failed { .. }))
        {
            self.running.remove(&id);
        }
    }

    /// Running and failed jobs, oldest first.
    pub fn statuses(&self) -> impl Iterator<Item = &JobStatus> {
        self.running.values().map(|job| &job.status)
    }

    /// The job of a kind that is running, if any.
    pub fn active(&self, kind: JobKind) -> Option<&JobStatus> {
        self.statuses()
            .find(|job| job.kind == kind && job.is_active())
    }

    /// Whether any job is at work.
    pub fn any_active(&self) -> bool {
        self.statuses().any(JobStatus::is_active)
    }

    /// Takes in what jobs have said for at most `budget` and returns the
    /// events of those that finished. Replaced jobs are ignored.
    pub fn collect(&mut self, budget: Duration) -> Vec<Event> {
        let began = Instant::now();
        let mut events = Vec::new();
        while let Ok((id, note)) = self.receiver.try_recv() {
            self.receive(id, note, &mut events);
            if began.elapsed() > budget {
                (self.wake)();
                break;
            }
        }
        events
    }

    /// Like [`Jobs::collect`], but waits up to `patience` for something to
    /// come.
    pub fn wait(&mut self, patience: Duration) -> Vec<Event> {
        let mut events = Vec::new();
        if let Ok((id, note)) = self.receiver.recv_timeout(patience) {
            self.receive(id, note, &mut events);
            events.extend(self.collect(patience));
        }
        events
    }

    fn receive(&mut self, id: JobId, note: Note, events: &mut Vec<Event>) {
        let Some(job) = self.running.get_mut(&id) else {
            return;
        };
        match note {
            Note::Update(update) => job.status.follow(update),
            Note::Ended(Ok(event)) => {
                self.running.remove(&id);
                events.push(event);
            }
            Note::Ended(Err(error)) if error.fault() == Fault::Cancelled => {
                let kind = job.status.kind;
                self.running.remove(&id);
                events.push(Event::Cancelled(kind));
            }
            Note::Ended(Err(error)) => {
                job.status.state = JobState::Failed {
                    message: error.to_string(),
                    hint: error.remedy().map(str::to_owned),
                };
                events.push(Event::Failed(job.status.kind, Arc::new(error)));
            }
        }
    }
}

impl JobStatus {
    fn follow(&mut self, update: Update) {
        match update {
            Update::Stage { name, total } => {
                self.stage = name;
                self.total = total;
                self.done = 0;
                self.stage_began = Instant::now();
                if let Some(pace) = &mut self.pace {
                    pace.next_stage();
                }
            }
            Update::Renamed { name } => self.stage = name,
            Update::Done { done } => self.done = done,
            Update::Parts { done, total } => match &mut self.pace {
                Some(pace) => pace.follow(done, total),
                None => self.pace = Some(Pace::new(done, total, self.expected)),
            },
            Update::Figure { name, step, value } => {
                self.figures.entry(name).or_default().push((step, value));
            }
            // Shown beside the data, where it belongs.
            Update::Note(_) => {}
            Update::Warning(warning) => self.warnings.push(warning),
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for job in self.running.values() {
            job.progress.cancel();
        }
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let said = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    Error::program(format!(
        "the job stopped on a mistake of the program: {}",
        said.unwrap_or_else(|| "no message".into())
    ))
    .hint("nothing that was confirmed is lost; please report this with what you did last")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until_ended(jobs: &mut Jobs) -> Vec<Event> {
        let mut events = Vec::new();
        let began = Instant::now();
        while events.is_empty() && began.elapsed() < Duration::from_secs(10) {
            events.extend(jobs.wait(Duration::from_millis(50)));
        }
        events
    }

    #[test]
    fn a_panic_becomes_a_message_that_stays_until_dismissed() {
        let mut jobs = Jobs::new(|| {});
        let id = jobs
            .start(JobKind::Fit, "fit", |_| panic!("index 7"))
            .expect("starts");
        let events = until_ended(&mut jobs);
        assert!(matches!(events[..], [Event::Failed(JobKind::Fit, _)]));
        let status = jobs.statuses().next().expect("still listed").clone();
        assert!(
            matches!(status.state, JobState::Failed { message, .. } if message.contains("index 7"))
        );
        jobs.dismiss(id);
        assert_eq!(jobs.statuses().count(), 0);
    }

    #[test]
    fn cancel_is_acknowledged_at_once_and_stops_the_work() {
        let mut jobs = Jobs::new(|| {});
        let id = jobs
            .start(JobKind::Fit, "fit", |progress| {
                loop {
                    progress.check()?;
                    std::thread::sleep(Duration::from_millis(5));
                }
            })
            .expect("starts");
        assert!(
            jobs.start(JobKind::Fit, "again", |_| Err(Error::cancelled()))
                .is_err()
        );
        jobs.cancel(id);
        assert_eq!(
            jobs.statuses().next().expect("listed").state,
            JobState::Cancelling
        );
        let began = Instant::now();
        assert!(matches!(
            until_ended(&mut jobs)[..],
            [Event::Cancelled(JobKind::Fit)]
        ));
        assert!(began.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn a_newer_preview_replaces_an_older_one() {
        let mut jobs = Jobs::new(|| {});
        let (release, hold) = channel::<()>();
        jobs.start(JobKind::Preview, "old", move |_| {
            let _waited = hold.recv();
            Ok(Event::Notice("old".into()))
        })
        .expect("starts");
        jobs.start(JobKind::Preview, "new", |_| Ok(Event::Notice("new".into())))
            .expect("replaces");
        release.send(()).expect("old one is waiting");
        let events = until_ended(&mut jobs);
        assert!(matches!(&events[..], [Event::Notice(text)] if text == "new"));
        assert!(jobs.collect(Duration::from_millis(50)).is_empty());
    }
}
