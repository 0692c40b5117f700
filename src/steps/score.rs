//! Predictions and embeddings of a model for rows of the data.

use std::sync::Arc;

use rayon::prelude::*;

use crate::inference::{Predictions, Scores};
use crate::model::{Classifier, TokenizedText};
use crate::project::StepKey;
use crate::records::{BaseModel, Role};
use crate::steps::fit::Base;
use crate::steps::label_question::doubt;
use crate::steps::project::CODE_VERSION;
use crate::steps::shipped::Shipped;
use crate::steps::{OpenProject, Workspace};
use crate::support::{Error, Progress, Result};

/// Roles whose predictions the faces may show: all but *final*.
pub const VISIBLE: [Role; 3] = [Role::Validation, Role::Discovery, Role::Check];

/// Indices of the examples with one of some roles, ascending.
pub fn with_roles(workspace: &Workspace, roles: &[Role]) -> Vec<usize> {
    let examples = workspace.dataset.examples.iter().enumerate();
    examples
        .filter(|(_, example)| roles.contains(&example.role))
        .map(|(index, _)| index)
        .collect()
}

/// The tokens of some examples, given by their indices.
///
/// # Errors
/// When they cannot be split into tokens, or when cancelled.
pub(super) fn texts(
    workspace: &Workspace,
    examples: &[usize],
    progress: &Progress,
) -> Result<Vec<TokenizedText>> {
    let tokens = workspace.tokens(progress)?;
    Ok(examples.iter().map(|i| tokens[*i].clone()).collect())
}

/// The same cut by another model's own tokenizer.
///
/// # Errors
/// When it refuses a text, or when cancelled.
pub(super) fn read_by(
    workspace: &Workspace,
    model: &Classifier,
    examples: &[usize],
    progress: &Progress,
) -> Result<Vec<TokenizedText>> {
    let texts = examples.par_iter().map(|index| {
        progress.check()?;
        let text = workspace.dataset.examples[*index].text();
        let text = text.ok_or_else(|| Error::program("a sealed text was asked for"))?;
        workspace.encode(model, text)
    });
    texts.collect()
}

/// Scores some examples, given by ascending index.
///
/// # Errors
/// When the model's files do not fit, or when cancelled.
pub fn score(
    workspace: &Workspace,
    model: &Classifier,
    examples: Vec<usize>,
    progress: &Progress,
) -> Result<Predictions> {
    let texts = texts(workspace, &examples, progress)?;
    let scores = crate::inference::score(model, &texts, progress)?;
    predictions(examples, scores)
}

/// Puts scores and the examples they belong to together.
pub(super) fn predictions(examples: Vec<usize>, scores: Scores) -> Result<Predictions> {
    Predictions::new(
        examples,
        scores.classes,
        scores.logits,
        scores.width,
        scores.embeddings,
    )
}

impl OpenProject {
    /// The base's predictions on every role but *final*: kept, shipped, or
    /// made now.
    ///
    /// # Errors
    /// When cancelled, or when they cannot be kept.
    pub fn reference(&self, base: &Base, progress: &Progress) -> Result<Arc<Predictions>> {
        if let Some(known) = self.known_predictions(&base.info)? {
            return Ok(known);
        }
        let examples = with_roles(&self.workspace, &VISIBLE);
        let predictions = score(&self.workspace, &base.model, examples, progress)?;
        if self.workspace.is_as_it_is() {
            let truths = self.truths(&self.store.document());
            if let Some(doubt) = doubt(&self.workspace.dataset, &predictions, &truths) {
                progress.warn(doubt);
            }
        }
        let predictions = self.kept(&base.info.id, &self.scored_data()?, predictions)?;
        Ok(Arc::new(predictions))
    }

    /// Keeps predictions and gives them as they are kept; in a project that is
    /// open for reading only they stay in memory.
    pub(super) fn kept(
        &self,
        model: &str,
        data: &str,
        predictions: Predictions,
    ) -> Result<Predictions> {
        match self.store.read_only() {
            None => self.store.put_predictions(model, data, &predictions),
            Some(_) => Ok(predictions),
        }
    }

    /// The part of predictions that may be shown: without *final*, which files
    /// of black boxes hold and states of earlier versions, and without rows
    /// that the data have lost.
    ///
    /// # Errors
    /// Never for predictions of this project.
    pub(super) fn visible(&self, predictions: &Predictions) -> Result<Predictions> {
        let examples = &self.workspace.dataset.examples;
        let shown = |index: usize| examples.get(index).is_some_and(|e| e.role != Role::Final);
        predictions.only(shown)
    }

    /// What the base says about the visible roles, if that is kept or shipped.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn known_predictions(&self, base: &BaseModel) -> Result<Option<Arc<Predictions>>> {
        // Imported predictions hold whatever this program computes.
        let data = match self.is_black_box()? {
            true => self.workspace.fingerprint().to_owned(),
            false => self.scored_data()?,
        };
        if let Some(kept) = self.store.predictions(&base.id, &data)? {
            return Ok(Some(Arc::new(self.visible(&kept)?)));
        }
        let shipped = self.shipped_for(base)?;
        shipped.map(|shipped| shipped.predictions()).transpose()
    }

    /// What predictions and maps are kept under, beside their model: the data,
    /// and the code that scores them and lays them out.
    pub(super) fn scored_data(&self) -> Result<String> {
        self.scored_by(CODE_VERSION)
    }

    /// The same for some version of the code.
    pub(super) fn scored_by(&self, code: u32) -> Result<String> {
        let inputs = [("data", self.workspace.fingerprint())];
        Ok(StepKey::new("score", code, &(), &inputs)?.hash().to_owned())
    }

    pub(crate) fn shipped_for(&self, base: &BaseModel) -> Result<Option<Shipped>> {
        let shipped = Shipped::find(&self.workspace)?;
        Ok(shipped.filter(|shipped| shipped.index.model == base.id))
    }
}
