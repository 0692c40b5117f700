//! What the statistics work on: rows with their true labels, and what each
//! model said about them.

use serde::{Deserialize, Serialize};

use crate::discovery::{AnswerTable, Outcome};
use crate::records::Label;
use crate::support::Result;

/// A row that is evaluated: what is known of it apart from any model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The true label: the data's, corrected where people found it wrong.
    pub truth: Label,
    /// Rows of one group (review, author, equal texts) are resampled together.
    pub group: u32,
    /// Position in the list of sources.
    pub source: u16,
}

/// What one model says about one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The predicted label.
    pub predicted: Label,
    /// Its probability, 0 to 1, as compared with τ.
    pub confidence: f32,
    /// Its probability after dividing the logits by the temperature that was
    /// fitted for *this* model on *validation*.
    pub scaled: f32,
}

/// What one model (one arm, one seed) says about all rows, in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// One answer for each row.
    pub answers: Vec<Answer>,
}

impl Evaluation {
    /// Reads the answers for some examples (indices into the data set) off a
    /// model's table, whose confidences are those that discovery compares with
    /// τ. `fitted` is the model's own temperature, fitted on *validation*.
    ///
    /// # Errors
    /// When an example was not scored.
    pub fn of(table: &AnswerTable, examples: &[usize], fitted: f32) -> Result<Self> {
        let answer = |example: &usize| {
            let row = table.asked(*example)?;
            let plain = table.answer(row);
            Ok(Answer {
                predicted: plain.label,
                confidence: plain.confidence,
                scaled: table.predictions().prediction(row, fitted).confidence,
            })
        };
        let answers = examples.iter().map(answer).collect::<Result<_>>()?;
        Ok(Self { answers })
    }
}

/// A row as the metrics see it: how sure the model is, and whether it is right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Graded {
    /// Probability of the predicted label, 0 to 1.
    pub confidence: f32,
    /// Whether the predicted label is the true one.
    pub right: bool,
}

impl Graded {
    /// What the model makes of the row.
    pub fn outcome(&self, tau: f32) -> Outcome {
        Outcome::graded(self.right, self.confidence, tau)
    }

    /// Whether the row is an unknown unknown: wrong with confidence ≥ `tau`.
    pub fn is_unknown_unknown(&self, tau: f32) -> bool {
        self.outcome(tau) == Outcome::UnknownUnknown
    }
}

/// The rows of several models, graded by their confidences and by the scaled
/// ones; `[model][row]` each.
pub(super) type GradedBoth = (Vec<Vec<Graded>>, Vec<Vec<Graded>>);

/// Grades several models on the rows at some positions.
pub(super) fn grade_all(
    rows: &[Row],
    evaluations: &[&Evaluation],
    positions: &[usize],
) -> GradedBoth {
    let all = |grade: fn(&[Row], &Evaluation, &[usize]) -> Vec<Graded>| {
        let evaluations = evaluations.iter();
        let graded = evaluations.map(|evaluation| grade(rows, evaluation, positions));
        graded.collect()
    };
    (all(grade), all(grade_scaled))
}

/// Grades a model on the rows at some positions.
///
/// Positions without an answer are left out; [`super::Comparison`] checks
/// beforehand that there are none.
pub fn grade(rows: &[Row], evaluation: &Evaluation, positions: &[usize]) -> Vec<Graded> {
    grade_with(rows, evaluation, positions, |answer| answer.confidence)
}

/// As [`grade`], with temperature-scaled confidences.
pub fn grade_scaled(rows: &[Row], evaluation: &Evaluation, positions: &[usize]) -> Vec<Graded> {
    grade_with(rows, evaluation, positions, |answer| answer.scaled)
}

fn grade_with(
    rows: &[Row],
    evaluation: &Evaluation,
    positions: &[usize],
    confidence: impl Fn(&Answer) -> f32,
) -> Vec<Graded> {
    positions
        .iter()
        .filter_map(|position| rows.get(*position).zip(evaluation.answers.get(*position)))
        .map(|(row, answer)| Graded {
            confidence: confidence(answer),
            right: answer.predicted == row.truth,
        })
        .collect()
}
