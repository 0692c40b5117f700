//! What panels read and what they ask for.

use std::path::PathBuf;

use super::derived::Derived;
use super::view_state::FilePurpose;
use crate::dataset::Example;
use crate::records::Label;
use crate::session::{Command, History, JobId, Jobs, Session};
use crate::steps::State;

/// Everything a panel may look at.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// The project.
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
            .map_or_else(String::new, |text| text.joined())
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
    /// Pick the file that the open dialog asks for in the system's dialog.
    Browse(FilePurpose),
    /// Close the project and show the start screen.
    CloseProject,
    /// Delete what the program wrote for the project and open it again.
    ResetProject,
}

impl From<Command> for Ask {
    fn from(command: Command) -> Self {
        Ask::Do(command)
    }
}
