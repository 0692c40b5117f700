//! Which rows a retraining sees beside what is added.

use crate::discovery::{Outcome, Truths};
use crate::inference::softmax;
use crate::records::{Mode, Role};
use crate::steps::{Basis, fit, score};
use crate::support::{Error, Progress, Result};
use crate::training::TrainingExample;

impl Basis<'_> {
    /// The rows of *train*; without any, for Quick, the rows of *discovery*
    /// that the base gets right, each towards the base's own probabilities, so
    /// that it keeps what it knows ("Learning without Forgetting", Li and
    /// Hoiem, arXiv 1606.09282; there at a temperature of 2, here as the base
    /// says them). So none of them is an unknown unknown, shown or kept back,
    /// and none is of *check* or *final*. The same ones for every arm.
    ///
    /// # Errors
    /// When Full is asked for without rows of *train*, when the base gets
    /// nothing right, or when cancelled.
    pub(crate) fn rows_to_train_on(
        &self,
        mode: Mode,
        truths: &Truths,
        progress: &Progress,
    ) -> Result<Vec<TrainingExample>> {
        let workspace = &self.project.workspace;
        if workspace.trained_role() == Role::Train {
            return fit::training_rows(workspace, truths, progress);
        }
        if mode == Mode::Full {
            return Err(Error::input(FULL_IS_OFF).hint("retrain with Quick"));
        }
        let answers = self.answers();
        let right = answers.rows_of(Role::Discovery);
        let right: Vec<usize> = right
            .filter(|row| answers.outcome(*row) == Outcome::Right)
            .collect();
        if right.is_empty() {
            return Err(Error::input(
                "the data have no rows of train, and the model gets no row of discovery right: \
                 there is nothing that it could keep",
            )
            .hint("check [model.labels] in project.toml, or give some rows the role `train`"));
        }
        let examples: Vec<usize> = right.iter().map(|row| answers.index(*row)).collect();
        let texts = score::texts(workspace, &examples, progress)?;
        let rows = right.into_iter().zip(texts);
        let rows = rows.map(|(row, text)| TrainingExample {
            text,
            label: answers.answer(row).label,
            soft: Some(softmax(answers.predictions().logits(row), 1.0)),
            weight: 1.0,
        });
        Ok(rows.collect())
    }
}

/// Why Full cannot be chosen without rows of *train*.
pub const FULL_IS_OFF: &str = "Full fits every layer on the rows of train, and the data have none";
