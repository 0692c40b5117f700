//! What speaks against a file of predictions although all of it can be read:
//! answers without confidences, embeddings that say nothing.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::inference::Predictions;
use crate::support::text::many;

/// What a confidence lacks to 1 at most where it is taken for a bare answer.
const BARE: f32 = 1e-6;
/// Steps of a number of an embedding, to 1, below which two are the same:
/// their lengths have been made equal.
const STEPS: f32 = 1e5;
/// Rows from which something that all of them have is no chance.
const ENOUGH: usize = 2;
/// The share of rows with one and the same embedding that is told.
const MOST: f64 = 0.5;

/// What is to be told, a sentence each.
pub(in crate::steps) fn doubts(predictions: &Predictions) -> Vec<String> {
    let told = [on_confidences(predictions), on_embeddings(predictions)];
    told.into_iter().flatten().collect()
}

/// Labels that were written down as probabilities.
fn on_confidences(predictions: &Predictions) -> Option<String> {
    let rows = predictions.len();
    let mut confidences = (0..rows).map(|row| predictions.prediction(row, 1.0).confidence);
    let first = confidences.next().filter(|_| rows >= ENOUGH)?;
    let is_same = |other: f32| (other - first).abs() <= BARE;
    if !confidences.all(is_same) {
        return None;
    }
    let remedy = "export what the model gives before it decides (softmax, predict_proba, a score)";
    Some(match 1.0 - first <= BARE {
        true => format!(
            "all its probabilities are 0 or 1: these are labels, not confidences, so that every \
             error counts as made at confidence 1 and no threshold tells errors apart; {remedy}"
        ),
        false => format!(
            "the most probable label of every row has the same confidence, {first:.3}: these are \
             probably labels that were written down as probabilities, so that no threshold tells \
             errors apart; {remedy}"
        ),
    })
}

/// Embeddings that are the same for all rows, or for most.
fn on_embeddings(predictions: &Predictions) -> Option<String> {
    let rows = predictions.len();
    if predictions.width() == 0 || rows < ENOUGH {
        return None;
    }
    let mut counts: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for row in 0..rows {
        let mut hasher = DefaultHasher::new();
        for number in predictions.embedding(row) {
            ((number * STEPS).round() as i32).hash(&mut hasher);
        }
        counts.entry(hasher.finish()).or_insert((0, row)).0 += 1;
    }
    let (most, row) = counts.values().max_by_key(|(count, _)| *count)?;
    let zero = match predictions.embedding(*row).iter().all(|x| *x == 0.0) {
        true => ", nothing but zeros",
        false => "",
    };
    let meaning = "the map and the blind spots that are found with them mean nothing there; export \
                   the vectors that the model makes of each text, or none";
    match *most {
        all if all == rows => Some(format!(
            "all {} have one and the same embedding{zero}: {meaning}",
            many(rows, "row")
        )),
        some if some as f64 >= MOST * rows as f64 && some > ENOUGH => Some(format!(
            "{some} of {} have one and the same embedding{zero}: {meaning}",
            many(rows, "row")
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(probabilities: &[[f32; 2]], embeddings: &[[f32; 2]]) -> Vec<String> {
        let logits = probabilities.iter().flatten().map(|p| p.max(1e-9).ln());
        let width = if embeddings.is_empty() { 0 } else { 2 };
        let predictions = Predictions::new(
            (0..probabilities.len()).collect(),
            2,
            logits.collect(),
            width,
            embeddings.iter().flatten().copied().collect(),
        );
        doubts(&predictions.expect("as many of each"))
    }

    #[test]
    fn labels_in_place_of_probabilities_are_told() {
        for (probabilities, what) in [
            (&[[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]][..], "0 or 1"),
            (&[[1.0, 0.0], [1.0, 0.0]], "0 or 1"),
            (
                &[[0.9, 0.1], [0.1, 0.9], [0.1, 0.9]],
                "same confidence, 0.900",
            ),
        ] {
            let told = told(probabilities, &[]);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains(what), "{told:?}");
        }
        for probabilities in [
            &[[0.0, 1.0], [0.8, 0.2]][..],
            &[[0.999, 0.001], [0.99, 0.01]],
            &[[1.0, 0.0]],
        ] {
            assert_eq!(told(probabilities, &[]), [""; 0]);
        }
    }

    #[test]
    fn embeddings_that_say_nothing_are_told() {
        let some = [[0.3, 0.7], [0.6, 0.4], [0.2, 0.8], [0.1, 0.9]];
        let of = |embeddings: &[[f32; 2]]| told(&some[..embeddings.len()], embeddings);
        for (embeddings, what) in [
            (&[[0.0, -0.0], [0.0, 0.0]][..], "nothing but zeros"),
            (&[[0.5, 0.5]; 4], "all 4 rows"),
            (
                &[[1.0, 2.0], [1.0, 2.0], [1.0, 2.0], [3.0, 4.0]],
                "3 of 4 rows",
            ),
        ] {
            let told = of(embeddings);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].contains(what), "{told:?}");
        }
        assert_eq!(of(&[[0.5, 0.5], [0.5, 0.6], [0.5, 0.5]]), [""; 0]);
    }
}
