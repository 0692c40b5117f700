//! What panels read and what they ask for.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use super::derived::{Derived, RowFacts, SpotFacts};
use super::panels::widgets::percent;
use super::view_state::{FilePurpose, Leaving, ViewState};
use crate::dataset::Example;
use crate::records::{Author, BlindSpotId, Label, Lesson, Sample, Text};
use crate::session::{Command, History, JobId, JobKind, Jobs, Session};
use crate::steps::State;

/// Everything a panel may look at.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// All that is known of the open project.
    pub state: &'a State,
    /// Jobs at work and jobs that failed.
    pub jobs: &'a Jobs,
    /// What undo and redo would do.
    pub history: &'a History,
    /// What was computed from the state.
    pub derived: &'a Derived,
}

impl<'a> Read<'a> {
    /// What is there to read of an open project.
    pub fn new(session: &'a Session, derived: &'a Derived) -> Self {
        Self {
            state: session.state(),
            jobs: session.jobs(),
            history: session.history(),
            derived,
        }
    }

    /// The name of a label.
    pub fn label(&self, label: Label) -> &'a str {
        self.state.dataset.label_name(label)
    }

    /// “true taken for predicted”.
    pub fn confusion(&self, true_label: Label, predicted: Label) -> String {
        format!(
            "{} taken for {}",
            self.label(true_label),
            self.label(predicted)
        )
    }

    /// The example of a row of the predictions.
    pub fn example(&self, row: usize) -> Option<&'a Example> {
        self.derived.example(self.state, row)
    }

    /// The text of a row; sealed ones are never among the rows.
    pub fn text(&self, row: usize) -> String {
        self.example(row)
            .and_then(Example::text)
            .map_or_else(String::new, shown)
    }

    /// The name of a row's true label.
    pub fn truth(&self, row: &RowFacts) -> &'a str {
        row.truth
            .map_or("nobody can say", |label| self.label(label))
    }

    /// What the model says to a row: “positive 98.2 %”.
    pub fn said(&self, row: &RowFacts) -> String {
        format!("{} {}", self.label(row.predicted), percent(row.confidence))
    }

    /// The lessons on a blind spot.
    pub fn lessons_on(&self, spot: BlindSpotId) -> impl Iterator<Item = &'a Arc<Lesson>> + use<'a> {
        let lessons = self.state.document.lessons.values();
        lessons.filter(move |lesson| lesson.blind_spot == spot)
    }

    /// The lessons on a blind spot that people wrote.
    pub fn lessons_by_people(
        &self,
        spot: BlindSpotId,
    ) -> impl Iterator<Item = &'a Arc<Lesson>> + use<'a> {
        self.lessons_on(spot)
            .filter(|lesson| lesson.author == Author::Human)
    }

    /// Whether a job of a kind is at work.
    pub fn is_busy(&self, kind: JobKind) -> bool {
        self.jobs.active(kind).is_some()
    }

    /// The name of a source.
    pub fn source(&self, source: u16) -> &'a str {
        self.state
            .dataset
            .sources
            .get(usize::from(source))
            .map_or("?", String::as_str)
    }
}

/// A text, or a pair of them, as the window shows it: the line between two is
/// one that its fonts have.
pub fn shown(text: &Text) -> String {
    match &text.second {
        Some(second) => format!("{} │ {second}", text.first),
        None => text.first.clone(),
    }
}

/// What a panel asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// A change of the project, or work on it.
    Do(Command),
    /// Stop a job.
    CancelJob(JobId),
    /// Take a failed job's message away.
    DismissJob(JobId),
    /// Save a picture of what is shown.
    SavePicture(FilePurpose, PathBuf),
    /// Copy a picture of the window.
    CopyPicture,
    /// Copy how the project is looked at, to be handed on.
    CopyView,
    /// The same as a file.
    SaveView(PathBuf),
    /// Look at the project as the view in a file does.
    OpenView(PathBuf),
    /// The same of a view that was pasted.
    PasteView(String),
    /// Pick the file that the open dialog asks for in the system's dialog.
    Browse(FilePurpose),
    /// The same for a folder.
    BrowseFolder(FilePurpose),
    /// Close the project and show the start screen; asks first while work is
    /// under way.
    CloseProject,
    /// Leave, whatever is under way.
    Leave(Leaving),
    /// Delete what the program wrote for the project and open it again.
    ResetProject,
}

impl Ask {
    /// Puts a sample into a lesson, in place of the one with its id.
    pub fn put_sample(lesson: &Lesson, sample: Sample) -> Self {
        Ask::Do(Command::PutSample {
            lesson: lesson.id.clone(),
            sample: Box::new(sample),
        })
    }
}

impl From<Command> for Ask {
    fn from(command: Command) -> Self {
        Ask::Do(command)
    }
}

/// What a panel works with: the project to read, the view to change, and what
/// it asks for. What there is to read is reached directly.
pub struct Cx<'a> {
    /// What there is to read.
    pub read: Read<'a>,
    /// How it is looked at.
    pub view: &'a mut ViewState,
    /// What was asked for in this frame so far.
    pub out: &'a mut Vec<Ask>,
}

impl<'a> Deref for Cx<'a> {
    type Target = Read<'a>;

    fn deref(&self) -> &Read<'a> {
        &self.read
    }
}

impl Cx<'_> {
    /// Asks for something.
    pub fn ask(&mut self, ask: impl Into<Ask>) {
        self.out.push(ask.into());
    }

    /// Chooses a blind spot and selects its errors.
    pub fn choose_spot(&mut self, spot: &SpotFacts) {
        let rows = self.derived.rows.len();
        self.view.choose_spot(spot.spot, &spot.rows, rows);
    }
}
