//! What an assistant works on, and on what terms: the project, opened anew for
//! each call, and what is left of its budget.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::journal::FILE;
use crate::lessons::llm::LessonBrief;
use crate::project::ReadOnly;
use crate::project::manifest::FILE_NAME;
use crate::records::{BlindSpot, Document, ExampleKey, Lesson, Snapshot};
use crate::steps::leakage_guard::without_copies;
use crate::steps::teach::brief::{Briefed, Briefing};
use crate::steps::workspace::black_box;
use crate::steps::{OpenProject, State, not_scored};
use crate::support::text::many;
use crate::support::{Error, Progress, Result};

/// Lessons of assistants are called so: their samples count against the budget.
const LESSONS: &str = "assistant-";
/// A longer pause between two calls is no work on a lesson.
const IDLE: Duration = Duration::from_secs(60);
/// Characters of a name at most.
const LONGEST_NAME: usize = 40;

/// On what terms an assistant may work.
#[derive(Debug, Clone)]
pub struct Terms {
    /// What the assistant is called; what it calls itself when left out.
    pub name: Option<String>,
    /// Calls in this session at most.
    pub calls: usize,
    /// Samples in all lessons of assistants on the project at most.
    pub samples: usize,
    /// Whether drafts that pass the checks are accepted without a person.
    pub accept_passing: bool,
}

/// The project and the terms.
pub(super) struct Desk {
    project: OpenProject,
    pub terms: Terms,
    calls: AtomicUsize,
    /// Held while something is written or trained.
    pub turn: Mutex<()>,
    /// When the last answer went out.
    answered: Mutex<Option<Instant>>,
    journal: PathBuf,
    /// The files that were read at the start, as they were then.
    read: Vec<Stamp>,
}

/// Size of a file and when it was changed, if it is there.
type Stamp = Option<(u64, Option<SystemTime>)>;

/// The settings and data files of a project as they are now.
fn stamps(project: &OpenProject) -> Vec<Stamp> {
    let workspace = &project.workspace;
    let files = workspace.manifest.data.files.iter();
    let files = files.map(|file| workspace.folder.join(&file.path));
    let settings = [FILE_NAME].map(|name| workspace.folder.join(name));
    let stamp = |path: PathBuf| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.len(), found.modified().ok()))
    };
    settings.into_iter().chain(files).map(stamp).collect()
}

impl Desk {
    pub(super) fn new(project: OpenProject, terms: Terms) -> Result<Self> {
        if project.is_black_box()? {
            return Err(black_box());
        }
        if project.store.read_only() == Some(&ReadOnly::Unwritable) {
            return Err(Error::input(format!(
                "`{}` cannot be written to, and calls of an assistant have to be written down",
                project.store.folder().display()
            ))
            .hint("choose a writable place with `--state-dir`"));
        }
        Ok(Self {
            read: stamps(&project),
            journal: project.store.folder().join(FILE),
            project,
            terms,
            calls: AtomicUsize::new(0),
            turn: Mutex::new(()),
            answered: Mutex::new(None),
        })
    }

    pub(super) fn journal(&self) -> &Path {
        &self.journal
    }

    /// The project as it is now, to look at: no window is kept from writing.
    pub(super) fn look(&self) -> Result<OpenProject> {
        self.check_unchanged()?;
        self.project.opened_to_read()
    }

    /// Lets others write until something is asked for.
    pub(super) fn rest(&self) {
        self.project.store.close();
    }

    /// The data are read once: reading them for each call would take too long.
    fn check_unchanged(&self) -> Result<()> {
        match stamps(&self.project) == self.read {
            true => Ok(()),
            false => Err(Error::input(
                "project.toml or a data file was changed after this server had read it",
            )
            .hint("ask the person to start the server again")),
        }
    }

    /// The project, to write.
    ///
    /// # Errors
    /// When somebody else has it open.
    pub(super) fn open(&self) -> Result<OpenProject> {
        self.check_unchanged()?;
        let project = self.project.opened_again()?;
        match project.store.read_only() {
            None => Ok(project),
            Some(why) => Err(Error::input(format!(
                "the project cannot be changed now: it is {why}; nothing was kept"
            ))
            .hint("ask the person to close the project there, then call again")),
        }
    }

    /// Counts a call.
    ///
    /// # Errors
    /// When there is none left.
    pub(super) fn count_call(&self) -> Result<usize> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        match number <= self.terms.calls {
            true => Ok(number),
            false => Err(Error::input(format!(
                "the budget of {} is used up",
                many(self.terms.calls, "call")
            ))
            .hint("the person who started Blindspot can start it again with `--calls N`")),
        }
    }

    pub(super) fn calls_left(&self) -> usize {
        let gone = self.calls.load(Ordering::Relaxed);
        self.terms.calls.saturating_sub(gone)
    }

    /// Samples that may still be proposed.
    pub(super) fn samples_left(&self, document: &Document) -> usize {
        let lessons = document.lessons.values();
        let own = lessons.filter(|lesson| is_of_assistant(lesson));
        let gone: usize = own.map(|lesson| lesson.samples.len()).sum();
        self.terms.samples.saturating_sub(gone)
    }

    /// The name of the teacher that an assistant is, from what it calls itself.
    pub(super) fn teacher(&self, called: &str) -> String {
        let name = self.terms.name.as_deref().unwrap_or(called);
        let plain = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        let name: String = name.chars().filter(plain).take(LONGEST_NAME).collect();
        match name.trim() {
            "" => "assistant".to_owned(),
            name => format!("assistant {name}"),
        }
    }

    /// Id of the lesson of an assistant on a blind spot, for good.
    pub(super) fn lesson_id(teacher: &str, snapshot: &Snapshot, spot: &BlindSpot) -> String {
        let hash = crate::support::hash::StepHash::default()
            .with("teacher", teacher.as_bytes())
            .with("base", snapshot.model.as_bytes())
            .with("snapshot", &snapshot.version.to_le_bytes())
            .with("blind spot", &spot.id.0.to_le_bytes())
            .finish();
        format!("{LESSONS}{}", &hash[..16])
    }

    /// Notes that an answer goes out.
    pub(super) fn answered(&self) {
        *self.lock_answered() = Some(Instant::now());
    }

    /// Seconds since the last answer: what the assistant took to write what
    /// comes in.
    pub(super) fn seconds_to_write(&self) -> f64 {
        let since = self.lock_answered().map(|at| at.elapsed());
        since
            .filter(|pause| *pause < IDLE)
            .unwrap_or_default()
            .as_secs_f64()
    }

    fn lock_answered(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        let poisoned = std::sync::PoisonError::into_inner;
        self.answered.lock().unwrap_or_else(poisoned)
    }

    /// Which texts the assistant may see, in words. What has to be embedded
    /// for that is kept, if nobody else has the project open.
    pub(super) fn statement(&self, progress: &Progress) -> Result<String> {
        let project = &self.project;
        let state = State::read(project)?;
        let briefs: Vec<LessonBrief> = match state.snapshot().cloned() {
            None => Vec::new(),
            Some(snapshot) => {
                let seen = Seen::of(project, &state, snapshot, progress)?;
                let spots = seen.snapshot.blind_spots.iter();
                spots
                    .map(|spot| seen.briefed(spot).map(|of| of.brief))
                    .collect::<Result<_>>()?
            }
        };
        let errors: usize = briefs.iter().map(|brief| brief.shown.len()).sum();
        let contrasts: usize = briefs.iter().map(|brief| brief.contrasts.len()).sum();
        Ok(format!(
            "What a teacher may see goes to the assistant that started this program, and nowhere \
             else from here: {} of {} and {} beside them, with the task and the names of the \
             labels. Where the assistant sends them is its own affair. Kept-back errors, final, \
             keys and files stay here.",
            many(errors, "shown error"),
            many(briefs.len(), "blind spot"),
            many(contrasts, "text"),
        ))
    }
}

/// Whether an assistant wrote a lesson.
pub(super) fn is_of_assistant(lesson: &Lesson) -> bool {
    lesson.id.0.starts_with(LESSONS)
}

/// What a teacher may see of a project, as it is now.
pub(super) struct Seen<'s> {
    pub state: &'s State,
    pub snapshot: std::sync::Arc<Snapshot>,
    /// Without samples that copy *check* or *final*.
    document: Document,
}

impl<'s> Seen<'s> {
    pub(super) fn of(
        project: &OpenProject,
        state: &'s State,
        snapshot: std::sync::Arc<Snapshot>,
        progress: &Progress,
    ) -> Result<Self> {
        // Which samples are left out is for whoever starts a teacher.
        let progress = progress.cancel_only();
        Ok(Self {
            document: without_copies(project, &state.document, &progress)?,
            state,
            snapshot,
        })
    }

    /// What any teacher is told of a blind spot.
    pub(super) fn briefed(&self, spot: &BlindSpot) -> Result<Briefed> {
        let answers = self.state.frozen_answers().ok_or_else(not_scored)?;
        let briefing = Briefing {
            task: &self.state.task,
            meanings: &self.state.teaching.meanings,
            answers: answers.as_ref().clone(),
            snapshot: &self.snapshot,
            document: &self.document,
        };
        Ok(briefing.of(spot))
    }

    /// Keys of the errors that are shown of a blind spot.
    pub(super) fn shown(&self, spot: &BlindSpot) -> Result<Vec<ExampleKey>> {
        Ok(self.briefed(spot)?.shown)
    }
}
