//! Edits without a window: the same commands, each durable when it returns,
//! with an undo that outlives the process.

use super::command::Command;
use super::history::History;
use super::kept_history;
use crate::records::Lesson;
use crate::steps::{OpenProject, State};
use crate::support::{Error, Result};

/// A project that commands edit, one process after the other.
pub struct Edited<'p> {
    project: &'p OpenProject,
    /// What is known of it.
    pub state: State,
    history: History,
}

impl<'p> Edited<'p> {
    /// Reads the state of a project, and what earlier commands did to it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(project: &'p OpenProject) -> Result<Self> {
        let state = State::read(project)?;
        let history = kept_history::load(project.store.folder(), &state.document)?;
        Ok(Self {
            project,
            state,
            history,
        })
    }

    /// What undo and redo would do.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Carries out commands as one step of undo; says whether anything has
    /// changed. What they name is looked up first, and nothing changes when
    /// one of them fails.
    ///
    /// # Errors
    /// When a command names what is not there or is no edit, there is nothing
    /// to undo or redo, or the project cannot be written.
    pub fn apply(&mut self, commands: &[Command]) -> Result<bool> {
        self.kept(|this, history| match commands {
            [step @ (Command::Undo | Command::Redo)] => this.step(step, history),
            edits => this.edit(edits, history),
        })
    }

    /// Keeps lessons that were joined with those of the project, as one step of
    /// undo. They were checked when they were read: those on blind spots of an
    /// earlier snapshot stay with it.
    ///
    /// # Errors
    /// When the project cannot be written.
    pub fn put_lessons(&mut self, lessons: Vec<Lesson>) -> Result<bool> {
        self.kept(|this, history| {
            history.end_merge();
            this.state.apply(&Command::PutLessons(lessons), history)
        })
    }

    /// Does something to the document and keeps what it became.
    fn kept(&mut self, work: impl FnOnce(&mut Self, &mut History) -> Result<()>) -> Result<bool> {
        self.project.store.check_writable("your changes")?;
        let before = self.state.document.clone();
        let mut history = self.history.clone();
        let carried_out = work(self, &mut history);
        let document = &self.state.document;
        let saved = carried_out.and_then(|()| self.project.store.save_document(document));
        if let Err(error) = saved {
            self.state.document = before;
            return Err(error);
        }
        self.history = history;
        let changed = self.state.document != before;
        if changed {
            self.state.refresh();
        }
        let state = self.project.store.folder();
        kept_history::keep(state, &self.state.document, &self.history)?;
        Ok(changed)
    }

    fn step(&mut self, step: &Command, history: &mut History) -> Result<()> {
        let (name, what) = match step {
            Command::Undo => (history.undo_name(), "undo"),
            _ => (history.redo_name(), "redo"),
        };
        name.ok_or_else(|| nothing(what))?;
        self.state.apply(step, history)
    }

    fn edit(&mut self, edits: &[Command], history: &mut History) -> Result<()> {
        let before = self.state.document.clone();
        let mut own = History::default();
        for edit in edits {
            if matches!(edit, Command::Undo | Command::Redo) {
                return Err(Error::input("undo and redo stand alone")
                    .hint("give them as commands of their own"));
            }
            if !edit.is_edit() {
                return Err(Error::input("a command of the list is work, and no edit")
                    .hint("give it as a command of its own: `blindspot --help` lists them"));
            }
            self.state.check_names(edit)?;
            self.state.apply(edit, &mut own)?;
        }
        if let Some(name) = own.undo_name() {
            history.end_merge();
            history.remember(name, None, before);
        }
        Ok(())
    }
}

fn nothing(what: &str) -> Error {
    Error::input(format!("there is nothing to {what}")).hint(
        "what commands did can be undone until the project is changed elsewhere; what was done in \
         a window, that window can undo until it is closed",
    )
}
