//! One table of a model's answers: what discovery, blind spots, maps, reports
//! and comparisons all read.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::{Outcome, Truths, UnknownUnknown};
use crate::dataset::{Dataset, Example};
use crate::inference::neighbours::nearest_among;
use crate::inference::{Prediction, Predictions};
use crate::records::{Label, Role};
use crate::support::{Error, Progress, Result};

/// What one model says about every example it was asked about, under one τ
/// and temperature, beside what is true. Rows are those of the predictions,
/// in the order of the data set.
///
/// Making one costs nothing, and neither does another τ: the softmax of a row
/// is computed when it is asked for, and those of all rows once, by the first
/// who goes through them.
#[derive(Debug, Clone)]
pub struct AnswerTable {
    dataset: Arc<Dataset>,
    predictions: Arc<Predictions>,
    truths: Arc<Truths>,
    tau: f32,
    temperature: f32,
    answers: Arc<OnceLock<Vec<Prediction>>>,
}

impl AnswerTable {
    /// Holds all answers of a model against the true labels.
    ///
    /// `temperature` divides the logits (1: none); wrong answers with
    /// confidence ≥ `tau` are unknown unknowns.
    pub fn new(
        dataset: Arc<Dataset>,
        predictions: Arc<Predictions>,
        truths: Arc<Truths>,
        tau: f32,
        temperature: f32,
    ) -> Self {
        Self {
            dataset,
            predictions,
            truths,
            tau,
            temperature,
            answers: Arc::default(),
        }
    }

    /// The same answers held against other true labels, or another τ.
    pub fn under(&self, truths: Arc<Truths>, tau: f32) -> Self {
        Self {
            truths,
            tau,
            ..self.clone()
        }
    }

    /// All answers, computed at once if they are not known yet.
    fn all(&self) -> &[Prediction] {
        self.answers.get_or_init(|| {
            let rows = (0..self.predictions.len()).into_par_iter();
            rows.map(|row| self.predictions.prediction(row, self.temperature))
                .collect()
        })
    }

    /// The same logits, divided by another temperature.
    pub fn at_temperature(&self, temperature: f32) -> Self {
        let (dataset, truths) = (Arc::clone(&self.dataset), Arc::clone(&self.truths));
        let predictions = Arc::clone(&self.predictions);
        Self::new(dataset, predictions, truths, self.tau, temperature)
    }

    /// What another model says, under the same τ, temperature and true labels.
    pub fn of_another(&self, predictions: Arc<Predictions>) -> Self {
        let (dataset, truths) = (Arc::clone(&self.dataset), Arc::clone(&self.truths));
        Self::new(dataset, predictions, truths, self.tau, self.temperature)
    }

    /// Whether this is what [`AnswerTable::new`] would make of a model's
    /// predictions.
    pub fn is_of(&self, predictions: &Arc<Predictions>, temperature: f32) -> bool {
        Arc::ptr_eq(&self.predictions, predictions)
            && self.temperature.to_bits() == temperature.to_bits()
    }

    /// Whether another table says the same of the same rows.
    pub fn is_same(&self, other: &Self) -> bool {
        self.is_of(&other.predictions, other.temperature)
            && self.tau.to_bits() == other.tau.to_bits()
            && self.truths == other.truths
    }

    /// The data set.
    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.dataset
    }

    /// The model's logits and embeddings.
    pub fn predictions(&self) -> &Arc<Predictions> {
        &self.predictions
    }

    /// The true labels.
    pub fn truths(&self) -> &Arc<Truths> {
        &self.truths
    }

    /// Confidence from which a wrong answer is an unknown unknown.
    pub fn tau(&self) -> f32 {
        self.tau
    }

    /// What logits are divided by.
    pub fn temperature(&self) -> f32 {
        self.temperature
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.predictions.len()
    }

    /// Whether the model was asked about nothing.
    pub fn is_empty(&self) -> bool {
        self.predictions.is_empty()
    }

    /// The row of an example (index into the data set), if it was scored.
    pub fn row_of(&self, example: usize) -> Option<usize> {
        self.predictions.row_of(example)
    }

    /// As [`AnswerTable::row_of`], where no example may be missing.
    ///
    /// # Errors
    /// When it was not scored.
    pub fn asked(&self, example: usize) -> Result<usize> {
        self.row_of(example).ok_or_else(|| {
            Error::program(format!("example {example} has no prediction to compare"))
        })
    }

    /// The example of a row.
    pub fn example(&self, row: usize) -> &Example {
        &self.dataset.examples[self.index(row)]
    }

    /// Index into the data set of a row.
    pub fn index(&self, row: usize) -> usize {
        self.predictions.examples()[row]
    }

    /// What the model says.
    pub fn answer(&self, row: usize) -> Prediction {
        match self.answers.get() {
            Some(all) => all[row],
            None => self.predictions.prediction(row, self.temperature),
        }
    }

    /// The label that the row should have, where anybody can say it.
    pub fn truth(&self, row: usize) -> Option<Label> {
        self.truths.of(&self.dataset, self.index(row))
    }

    /// What the model makes of the row.
    pub fn outcome(&self, row: usize) -> Outcome {
        Outcome::of(self.truth(row), self.answer(row), self.tau)
    }

    /// The model's embedding of the row; empty when there are none.
    pub fn embedding(&self, row: usize) -> &[f32] {
        self.predictions.embedding(row)
    }

    /// All rows, to be gone through.
    pub fn rows(&self) -> std::ops::Range<usize> {
        0..self.all().len()
    }

    /// The rows whose examples have a role, ascending.
    pub fn rows_of(&self, role: Role) -> impl Iterator<Item = usize> {
        self.rows()
            .filter(move |row| self.example(*row).role == role)
    }

    /// The row as an error, with whatever confidence; `None` if it is none.
    pub fn error(&self, row: usize) -> Option<UnknownUnknown> {
        let (true_label, answer) = (self.truth(row)?, self.answer(row));
        (true_label != answer.label).then_some(UnknownUnknown {
            example: self.index(row),
            true_label,
            predicted: answer.label,
            confidence: answer.confidence,
        })
    }

    /// The unknown unknowns among the examples of a role, in the order of the
    /// data set.
    ///
    /// Real errors and untriaged ones go on. A corrected label that still
    /// differs from the prediction does too, with the corrected label; one
    /// that agrees with the model makes the example no error at all.
    pub fn unknown_unknowns(&self, role: Role) -> Vec<UnknownUnknown> {
        let confident = |row: &usize| self.outcome(*row) == Outcome::UnknownUnknown;
        let rows = self.rows_of(role).filter(confident);
        rows.filter_map(|row| self.error(row)).collect()
    }

    /// For each example (index into the data set) the nearest *discovery*
    /// examples with a given true label that the model gets right, nearest
    /// first.
    ///
    /// These are what a teacher compares an error with. Without embeddings
    /// there are none.
    ///
    /// # Errors
    /// When cancelled.
    pub fn nearest_right(
        &self,
        examples: &[usize],
        label: Label,
        count: usize,
        progress: &Progress,
    ) -> Result<Vec<Vec<usize>>> {
        let width = self.predictions.width();
        if width == 0 {
            return Ok(vec![Vec::new(); examples.len()]);
        }
        let is_right =
            |row: &usize| self.outcome(*row) == Outcome::Right && self.answer(*row).label == label;
        let right: Vec<usize> = self.rows_of(Role::Discovery).filter(is_right).collect();
        // An example that was not scored is near to nothing.
        let nowhere = vec![f32::NAN; width];
        let queries: Vec<f32> = (examples.iter())
            .flat_map(|example| match self.row_of(*example) {
                Some(row) => self.embedding(row),
                None => &nowhere,
            })
            .copied()
            .collect();
        let among = (self.predictions.embeddings(), right.as_slice());
        let found = nearest_among(&queries, among, width, count, progress)?;
        let indices = found.into_iter().map(|neighbours| {
            let rows = neighbours.iter().map(|neighbour| neighbour.row);
            rows.map(|row| self.index(row)).collect()
        });
        Ok(indices.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::fixture::answers;
    use crate::inference::fixture::Fixture;
    use crate::records::{ExampleKey, Judgements, Triage};

    /// Five discovery rows of class 0 with the given logit for class 1, and
    /// one *final* row that must not be found.
    fn scored() -> (Dataset, Predictions) {
        let mut fixture = Fixture::new(2, 2);
        for (i, logit) in [9.0, 4.0, 3.0, -5.0, 1.0].into_iter().enumerate() {
            let (text, place) = (format!("text {i}"), [1.0, i as f32 / 10.0]);
            fixture.add(&text, 0, Role::Discovery, &[0.0, logit], &place);
        }
        fixture.add("sealed", 0, Role::Final, &[0.0, 9.0], &[1.0, 0.0]);
        fixture.build()
    }

    fn key(dataset: &Dataset, index: usize) -> ExampleKey {
        dataset.examples[index].key.clone()
    }

    fn found(dataset: &Dataset, predictions: &Predictions, triage: &Judgements) -> Vec<usize> {
        let answers = answers(dataset, predictions, triage);
        let uus = answers.unknown_unknowns(Role::Discovery);
        uus.iter().map(|uu| uu.example).collect()
    }

    #[test]
    fn only_confident_errors_of_the_role_are_found() {
        let (dataset, predictions) = scored();
        assert_eq!(found(&dataset, &predictions, &Judgements::new()), [0, 1, 2]);
    }

    #[test]
    fn only_real_errors_survive_triage() {
        let (dataset, predictions) = scored();
        let triage = Judgements::from([
            (key(&dataset, 0), Triage::RealError),
            (key(&dataset, 1), Triage::Ambiguous),
            (key(&dataset, 2), Triage::WrongLabel(None)),
        ]);
        assert_eq!(found(&dataset, &predictions, &triage), [0]);
    }

    #[test]
    fn a_corrected_label_can_unmake_an_error_and_make_one() {
        let (dataset, predictions) = scored();
        let triage = Judgements::from([
            (key(&dataset, 0), Triage::WrongLabel(Some(1))),
            (key(&dataset, 3), Triage::WrongLabel(Some(1))),
        ]);
        assert_eq!(found(&dataset, &predictions, &triage), [1, 2, 3]);
    }

    #[test]
    fn another_tau_and_other_truths_need_no_new_answers() {
        let (dataset, predictions) = scored();
        let triage = Judgements::from([(key(&dataset, 0), Triage::Ambiguous)]);
        let before = answers(&dataset, &predictions, &Judgements::new());
        let after = before.under(Arc::new(Truths::new(&dataset, &triage)), 0.5);
        assert!(after.is_of(before.predictions(), 1.0));
        let outcomes: Vec<Outcome> = (0..6).map(|row| after.outcome(row)).collect();
        use Outcome::{Right, SetAside, UnknownUnknown};
        let four = [UnknownUnknown, UnknownUnknown, Right, UnknownUnknown];
        assert_eq!(outcomes[1..5], four);
        assert_eq!(outcomes[0], SetAside);
    }

    #[test]
    fn the_nearest_right_examples_are_of_discovery_and_have_the_label() {
        let (dataset, predictions) = scored();
        let triage = Judgements::from([(key(&dataset, 4), Triage::WrongLabel(Some(1)))]);
        let answers = answers(&dataset, &predictions, &triage);
        let nearest = |label| {
            let silent = Progress::silent();
            answers.nearest_right(&[0, 99], label, 5, &silent).unwrap()
        };
        assert_eq!(nearest(0), [vec![3], vec![]]);
        assert_eq!(nearest(1), [vec![4], vec![]]);
    }
}
