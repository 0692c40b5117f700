//! The session's work with language models: lessons, recordings, what is set
//! up for them.

use std::path::Path;
use std::sync::Arc;

use super::event::Event;
use super::jobs::JobKind;
use super::live::Session;
use super::shared::Shared;
use crate::inference::Predictions;
use crate::records::{Document, Snapshot};
use crate::steps::copy_guard::without_copies;
use crate::steps::teach::setup::TeachingSetup;
use crate::steps::teach::{TaughtLessons, TeachOrder, Teaching};
use crate::steps::teachers::{TableInput, teacher_table};
use crate::support::{Error, Progress, Result};

/// What a job needs to have blind spots taught.
struct TeachWork {
    shared: Shared,
    snapshot: Arc<Snapshot>,
    predictions: Arc<Predictions>,
    document: Document,
    setup: Arc<TeachingSetup>,
}

impl TeachWork {
    fn run(
        &self,
        progress: &Progress,
        work: impl FnOnce(&Teaching<'_>) -> Result<TaughtLessons>,
    ) -> Result<Event> {
        let base = self.shared.base(progress)?;
        let document = without_copies(&self.shared.project, &self.document, progress)?;
        let taught = work(&Teaching {
            project: &self.shared.project,
            base: &base,
            predictions: &self.predictions,
            snapshot: &self.snapshot,
            document: &document,
            setup: &self.setup,
        })?;
        Ok(Event::Taught(Arc::new(taught)))
    }
}

impl Session {
    pub(super) fn teach(&mut self, order: &TeachOrder) -> Result<()> {
        self.writable()?;
        self.state().teaching.teacher(&order.teacher)?;
        let work = self.teach_work()?;
        let order = order.clone();
        let title = format!("{} teaches", order.teacher);
        let start = self.start_job(JobKind::Teach, title, move |progress| {
            work.run(progress, |teaching| teaching.run(&order, progress))
        });
        start.map(drop)
    }

    pub(super) fn replay(&mut self, path: &Path) -> Result<()> {
        self.writable()?;
        let work = self.teach_work()?;
        let path = path.to_owned();
        let start = self.start_job(JobKind::Teach, "Replaying a recording", move |progress| {
            work.run(progress, |teaching| teaching.replay(&path, progress))
        });
        start.map(drop)
    }

    pub(super) fn compare_teachers(&mut self) -> Result<()> {
        let shared = self.shared().clone();
        let snapshot = self.frozen()?;
        let document = self.state().document.clone();
        let start = self.start_job(
            JobKind::Compare,
            "Comparing the teachers",
            move |progress| {
                let base = shared.base(progress)?;
                let reference = shared.reference_of(&base, progress)?;
                let table = teacher_table(
                    &TableInput {
                        project: &shared.project,
                        base: &base,
                        reference: &reference,
                        snapshot: &snapshot,
                        document: &document,
                    },
                    progress,
                )?;
                Ok(Event::TeachersCompared(Arc::new(table)))
            },
        );
        start.map(drop)
    }

    /// Changes what is set up beside project.toml, and reads it again.
    pub(super) fn set_up(&mut self, change: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        self.writable()?;
        let project = &self.shared().project;
        let state = project.store.folder();
        change(state)?;
        let setup = TeachingSetup::load(&project.workspace.manifest, state)?;
        self.state_mut().teaching = Arc::new(setup);
        Ok(())
    }

    fn frozen(&self) -> Result<Arc<Snapshot>> {
        self.state().snapshot().cloned().ok_or_else(|| {
            Error::input("there are no frozen blind spots yet")
                .hint("freeze the blind spots first: lessons and figures attach to them")
        })
    }

    fn teach_work(&self) -> Result<TeachWork> {
        let state = self.state();
        let predictions = state.predictions.clone().ok_or_else(|| {
            Error::input("the examples have not been scored yet").hint("fit the base model first")
        })?;
        Ok(TeachWork {
            shared: self.shared().clone(),
            snapshot: self.frozen()?,
            predictions,
            document: state.document.clone(),
            setup: Arc::clone(&state.teaching),
        })
    }
}
