//! What jobs and the window's own threads share: the project, and the models
//! that were loaded so far.

use std::sync::{Arc, Mutex, PoisonError};

use super::state::ArmRun;
use crate::inference::Predictions;
use crate::model::Classifier;
use crate::support::{Progress, Result};
use crate::workflow::{Base, OpenProject};

/// The base with everything that later steps need of it, loaded when first
/// needed and shared by the jobs.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) base: Option<Base>,
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
    pub(super) fn new(project: OpenProject) -> Self {
        Self {
            project,
            loaded: Arc::default(),
            loading: Arc::default(),
        }
    }

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

    pub(super) fn reference(&self, progress: &Progress) -> Result<Arc<Predictions>> {
        if let Some(reference) = &self.lock().reference {
            return Ok(Arc::clone(reference));
        }
        let reference = match self.project.imported()? {
            Some((_, of_black_box)) => of_black_box,
            None => {
                let base = self.base(progress)?;
                let progress = progress.within("the base, once");
                self.project.reference(&base, &progress)?
            }
        };
        self.lock().reference = Some(Arc::clone(&reference));
        Ok(reference)
    }

    pub(super) fn forget_base(&self) {
        *self.lock() = Loaded::default();
    }

    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Loaded> {
        // What is loaded is replaced whole, so a panic leaves nothing half.
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
