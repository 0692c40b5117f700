//! What jobs and the window's own threads share: the project, and the models
//! that were loaded so far.

use std::sync::{Arc, Mutex, PoisonError};

use crate::inference::Predictions;
use crate::model::Classifier;
use crate::records::{ArmRun, BaseModel};
use crate::steps::OpenProject;
use crate::steps::fit::Base;
use crate::support::{Progress, Result};

/// The base with everything that later steps need of it, loaded when first
/// needed and shared by the jobs.
#[derive(Default)]
struct Loaded {
    base: Option<Base>,
    /// What a base says to every role but *final*, and its id.
    reference: Option<(String, Arc<Predictions>)>,
    /// The model of a round that was asked last.
    retrained: Option<(ArmRun, Arc<Classifier>)>,
}

/// What jobs share.
#[derive(Clone)]
pub struct Shared {
    /// Data and durable state; every job has a handle of its own.
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

    /// What the reference base, or the black box, says to every role but
    /// *final*, and which base that is.
    pub(super) fn reference(&self, progress: &Progress) -> Result<(BaseModel, Arc<Predictions>)> {
        if let Some(of_black_box) = self.project.imported()? {
            return Ok(of_black_box);
        }
        let base = self.base(progress)?;
        let reference = self.reference_of(&base, progress)?;
        Ok((base.info, reference))
    }

    /// What a base in hand says to every role but *final*.
    pub(super) fn reference_of(
        &self,
        base: &Base,
        progress: &Progress,
    ) -> Result<Arc<Predictions>> {
        if let Some((of, reference)) = &self.lock().reference
            && *of == base.info.id
        {
            return Ok(Arc::clone(reference));
        }
        let progress = progress.within("the base, once");
        let reference = self.project.reference(base, &progress)?;
        self.keep_reference(&base.info, &reference);
        Ok(reference)
    }

    /// Shares what a base says with the jobs.
    pub(super) fn keep_reference(&self, base: &BaseModel, reference: &Arc<Predictions>) {
        self.lock().reference = Some((base.id.clone(), Arc::clone(reference)));
    }

    /// Shares a base that was fitted again with the jobs.
    pub(super) fn replace_base(&self, base: Base) {
        // Who is loading the old one must not put it in this one's place.
        let _loading = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        *self.lock() = Loaded {
            base: Some(base),
            ..Loaded::default()
        };
    }

    pub(super) fn forget_base(&self) {
        *self.lock() = Loaded::default();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Loaded> {
        // What is loaded is replaced whole, so a panic leaves nothing half.
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
