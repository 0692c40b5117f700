//! The session's work with language models: lessons, recordings, what is set
//! up for them.

use std::path::Path;
use std::sync::Arc;

use super::event::Event;
use super::jobs::JobKind;
use super::live::Session;
use crate::steps::Basis;
use crate::steps::check_hypotheses::{Asking, CheckOrder, Checking, JudgeChoice};
use crate::steps::leakage_guard::without_copies;
use crate::steps::teach::setup::TeachingSetup;
use crate::steps::teach::{TaughtLessons, TeachOrder, Teaching};
use crate::steps::teachers::teacher_table;
use crate::support::{Progress, Result};

impl Session {
    pub(super) fn teach(&mut self, order: &TeachOrder) -> Result<()> {
        self.state.teaching.teacher(&order.teacher)?;
        let order = order.clone();
        let title = format!("{} teaches", order.teacher);
        self.start_teaching(title, move |teaching, progress| {
            teaching.run(&order, progress)
        })
    }

    pub(super) fn replay(&mut self, path: &Path) -> Result<()> {
        let path = path.to_owned();
        self.start_teaching("Replaying a recording", move |teaching, progress| {
            teaching.replay(&path, progress)
        })
    }

    pub(super) fn check_hypotheses(&mut self, order: &CheckOrder) -> Result<()> {
        self.writable()?;
        if let JudgeChoice::Model { teacher } = &order.judge {
            self.state.teaching.teacher(teacher)?;
        }
        let (checking, order) = (Checking::of(&self.state)?, order.clone());
        let (setup, store) = (
            Arc::clone(&self.state.teaching),
            self.shared.project.store.clone(),
        );
        self.start(JobKind::Check, "Checking hypotheses", move |progress| {
            let asking = Asking {
                setup: &setup,
                store: &store,
            };
            let checks = checking.run(&order, &asking, progress)?;
            Ok(Event::Checked(Arc::new(checks)))
        })
    }

    fn start_teaching(
        &mut self,
        title: impl Into<String>,
        work: impl FnOnce(&Teaching<'_>, &Progress) -> Result<TaughtLessons> + Send + 'static,
    ) -> Result<()> {
        self.writable()?;
        let frozen = self.frozen()?;
        let setup = Arc::clone(&self.state.teaching);
        self.start(JobKind::Teach, title, move |progress| {
            let taught = frozen.on(progress, |basis| {
                let document = without_copies(basis.project, basis.document, progress)?;
                let basis = Basis {
                    document: &document,
                    ..basis
                };
                let setup = &setup;
                work(&Teaching { basis, setup }, progress)
            })?;
            Ok(Event::Taught(Arc::new(taught)))
        })
    }

    pub(super) fn compare_teachers(&mut self) -> Result<()> {
        let frozen = self.frozen()?;
        self.start(
            JobKind::Compare,
            "Comparing the teachers",
            move |progress| {
                let table = frozen.on(progress, |basis| teacher_table(&basis, progress))?;
                Ok(Event::TeachersCompared(Arc::new(table)))
            },
        )
    }

    /// Changes what is set up beside project.toml, and reads it again.
    pub(super) fn set_up(&mut self, change: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        self.writable()?;
        let project = &self.shared.project;
        let state = project.store.folder();
        change(state)?;
        let setup = TeachingSetup::load(&project.workspace.manifest, state)?;
        self.state.teaching = Arc::new(setup);
        Ok(())
    }
}
