//! Unknown unknowns: examples that the model labels wrongly with confidence.
//!
//! [`find`] lists them for one role of the data. What a person has judged to be
//! no real error (a wrong label in the data, an ambiguous text) is left out.

pub mod calibration;
mod outcome;

pub use outcome::{Fate, Outcome};

use crate::dataset::{Dataset, Example};
use crate::inference::Predictions;
use crate::records::{Judgements, Label, Role, Triage};

/// An example that the model labels wrongly with confidence at or above τ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnknownUnknown {
    /// Index into the data set.
    pub example: usize,
    /// The label given by the data, corrected by triage where it was.
    pub true_label: Label,
    /// The model's label.
    pub predicted: Label,
    /// The model's confidence, 0 to 1.
    pub confidence: f32,
}

/// The label that an example should have: the data's, or the one that triage
/// put in its place. `None` when nobody can say: an ambiguous text, or a wrong
/// label whose right one is unknown.
pub fn true_label(example: &Example, triage: &Judgements) -> Option<Label> {
    match triage.get(&example.key) {
        None | Some(Triage::RealError) => Some(example.label),
        Some(Triage::WrongLabel(corrected)) => *corrected,
        Some(Triage::Ambiguous) => None,
    }
}

/// The unknown unknowns among the examples of a role, in the order of the data
/// set: predicted label ≠ true label with confidence ≥ `tau`.
///
/// Real errors and untriaged ones go on. A corrected label that still differs
/// from the prediction does too, with the corrected label; one that agrees
/// with the model makes the example no error at all.
pub fn find(
    dataset: &Dataset,
    predictions: &Predictions,
    triage: &Judgements,
    tau: f32,
    temperature: f32,
    role: Role,
) -> Vec<UnknownUnknown> {
    rows_of_role(dataset, predictions, role)
        .filter_map(|(row, index, example)| {
            let prediction = predictions.prediction(row, temperature);
            let true_label = true_label(example, triage)?;
            (prediction.label != true_label && prediction.confidence >= tau).then_some(
                UnknownUnknown {
                    example: index,
                    true_label,
                    predicted: prediction.label,
                    confidence: prediction.confidence,
                },
            )
        })
        .collect()
}

/// The rows of the predictions whose examples have a role, with those examples.
pub(crate) fn rows_of_role<'a>(
    dataset: &'a Dataset,
    predictions: &'a Predictions,
    role: Role,
) -> impl Iterator<Item = (usize, usize, &'a Example)> {
    predictions
        .examples()
        .iter()
        .enumerate()
        .filter_map(move |(row, index)| {
            let example = dataset.examples.get(*index)?;
            (example.role == role).then_some((row, *index, example))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::fixture::Fixture;
    use crate::records::ExampleKey;

    /// Five discovery rows of class 0 with the given logit for class 1, and
    /// one *final* row that must not be found.
    fn scored() -> (Dataset, Predictions) {
        let mut fixture = Fixture::new(2, 0);
        for (i, logit) in [9.0, 4.0, 3.0, -5.0, 1.0].into_iter().enumerate() {
            fixture.add(&format!("text {i}"), 0, Role::Discovery, &[0.0, logit], &[]);
        }
        fixture.add("sealed", 0, Role::Final, &[0.0, 9.0], &[]);
        fixture.build()
    }

    fn key(dataset: &Dataset, index: usize) -> ExampleKey {
        dataset.examples[index].key.clone()
    }

    fn found(dataset: &Dataset, predictions: &Predictions, triage: &Judgements) -> Vec<usize> {
        find(dataset, predictions, triage, 0.9, 1.0, Role::Discovery)
            .iter()
            .map(|uu| uu.example)
            .collect()
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
}
