//! Predictions and embeddings of a model for rows of the data.

use super::workspace::Workspace;
use crate::inference::{Predictions, Scores};
use crate::model::{Classifier, TokenizedText};
use crate::records::Role;
use crate::support::{Progress, Result};

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
