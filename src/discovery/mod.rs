//! Unknown unknowns: examples that the model labels wrongly with confidence.
//!
//! [`find`] lists them for one role of the data. What a person has judged to be
//! no real error (a wrong label in the data, an ambiguous text) is left out.

pub mod calibration;

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

/// What became of the confident disagreements between model and data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TriageCounts {
    /// Nobody has looked yet; they go on.
    pub untriaged: usize,
    /// Judged to be real errors; they go on.
    pub real_errors: usize,
    /// Left out, or corrected, because the data's label is wrong.
    pub wrong_labels: usize,
    /// Left out because people would disagree.
    pub ambiguous: usize,
}

/// Counts the examples of a role that the model contradicts with confidence
/// ≥ `tau`, by what people judged them to be.
pub fn triage_counts(
    dataset: &Dataset,
    predictions: &Predictions,
    triage: &Judgements,
    tau: f32,
    temperature: f32,
    role: Role,
) -> TriageCounts {
    let mut counts = TriageCounts::default();
    for (row, _, example) in rows_of_role(dataset, predictions, role) {
        let prediction = predictions.prediction(row, temperature);
        if prediction.label == example.label || prediction.confidence < tau {
            continue;
        }
        match triage.get(&example.key) {
            None => counts.untriaged += 1,
            Some(Triage::RealError) => counts.real_errors += 1,
            Some(Triage::WrongLabel(_)) => counts.wrong_labels += 1,
            Some(Triage::Ambiguous) => counts.ambiguous += 1,
        }
    }
    counts
}

/// Number of unknown unknowns at each τ of a grid, in the grid's order: what
/// the τ slider shows beside itself.
pub fn counts_by_tau(
    dataset: &Dataset,
    predictions: &Predictions,
    triage: &Judgements,
    taus: &[f32],
    temperature: f32,
    role: Role,
) -> Vec<usize> {
    let mut confidences: Vec<f32> = find(dataset, predictions, triage, 0.0, temperature, role)
        .iter()
        .map(|uu| uu.confidence)
        .collect();
    confidences.sort_by(f32::total_cmp);
    taus.iter()
        .map(|tau| confidences.len() - confidences.partition_point(|c| c < tau))
        .collect()
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
        let counts = triage_counts(&dataset, &predictions, &triage, 0.9, 1.0, Role::Discovery);
        assert_eq!(
            counts,
            TriageCounts {
                untriaged: 0,
                real_errors: 1,
                wrong_labels: 1,
                ambiguous: 1
            }
        );
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
    fn counts_by_tau_agree_with_find() {
        let (dataset, predictions) = scored();
        let none = Judgements::new();
        let taus = [0.5, 0.9, 0.97, 0.999, 1.1, f32::NAN];
        let counts = counts_by_tau(&dataset, &predictions, &none, &taus, 1.0, Role::Discovery);
        for (tau, count) in taus.into_iter().zip(counts).take(5) {
            let found = find(&dataset, &predictions, &none, tau, 1.0, Role::Discovery);
            assert_eq!(found.len(), count, "at τ = {tau}");
        }
    }
}
