//! What lies around a blind spot: its region, and the nearest examples that
//! the model gets right.

use super::kmeans::squared_distance;
use crate::dataset::Dataset;
use crate::discovery::{rows_of_role, true_label};
use crate::inference::Predictions;
use crate::inference::neighbours::nearest;
use crate::records::{BlindSpot, BlindSpotId, Judgements, Label, Role, Snapshot};
use crate::support::{Progress, Result};

/// Share of the unknown unknowns that their region holds.
const SHARE_INSIDE: f64 = 0.9;
/// Rounding error of a distance between unit vectors, in half precision:
/// embeddings that were shipped with a project are rounded so.
const SLACK: f32 = 1e-4;

/// Radius of the region: the 90th percentile (nearest rank) of the distances.
pub(super) fn radius(mut distances: Vec<f32>) -> f32 {
    distances.sort_by(f32::total_cmp);
    let rank = (SHARE_INSIDE * distances.len() as f64).ceil() as usize;
    distances
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or(0.0)
}

/// The scored examples (indices into the data set, of any role) within a blind
/// spot's region; ascending.
///
/// `predictions` must hold the embeddings that the blind spot was found in:
/// regions stay in the base's coordinates, before and after retraining.
/// Without embeddings there are no regions.
pub fn region_members(spot: &BlindSpot, predictions: &Predictions) -> Vec<usize> {
    if predictions.width() == 0 || spot.centre.len() != predictions.width() {
        return Vec::new();
    }
    let within = |row: usize| {
        squared_distance(predictions.embedding(row), &spot.centre).sqrt() <= spot.radius + SLACK
    };
    (predictions.examples().iter().enumerate())
        .filter(|(row, _)| within(*row))
        .map(|(_, example)| *example)
        .collect()
}

/// For each example (index into the data set) the nearest *discovery* examples
/// with a given true label that the model gets right, nearest first.
///
/// These are what a teacher compares an error with. Without embeddings there
/// are none.
///
/// # Errors
/// When cancelled.
pub fn nearest_correct(
    dataset: &Dataset,
    predictions: &Predictions,
    triage: &Judgements,
    examples: &[usize],
    label: Label,
    count: usize,
    progress: &Progress,
) -> Result<Vec<Vec<usize>>> {
    let width = predictions.width();
    let (mut correct, mut candidates) = (Vec::new(), Vec::new());
    for (row, index, example) in rows_of_role(dataset, predictions, Role::Discovery) {
        let is_correct = true_label(example, triage) == Some(label)
            && predictions.prediction(row, 1.0).label == label;
        if is_correct && width > 0 {
            correct.push(index);
            candidates.extend_from_slice(predictions.embedding(row));
        }
    }
    let mut queries = Vec::with_capacity(examples.len() * width);
    for example in examples {
        match predictions.row_of(*example) {
            Some(row) => queries.extend_from_slice(predictions.embedding(row)),
            // An example that was not scored is near to nothing.
            None => queries.extend(std::iter::repeat_n(f32::NAN, width)),
        }
    }
    if correct.is_empty() {
        return Ok(vec![Vec::new(); examples.len()]);
    }
    let found = nearest(&queries, &candidates, width, count, progress)?;
    Ok(found
        .into_iter()
        .map(|neighbours| neighbours.iter().map(|n| correct[n.row]).collect())
        .collect())
}

/// The blind spot whose centre lies nearest to an embedding of the base model;
/// `None` where there are no blind spots or no embeddings.
pub fn nearest_blind_spot(snapshot: &Snapshot, embedding: &[f32]) -> Option<BlindSpotId> {
    let length = embedding.iter().map(|x| x * x).sum::<f32>().sqrt();
    let unit: Vec<f32> = embedding
        .iter()
        .map(|x| x / length.max(f32::MIN_POSITIVE))
        .collect();
    let spots = snapshot.blind_spots.iter();
    let fitting = spots.filter(|spot| !unit.is_empty() && spot.centre.len() == unit.len());
    let distance = |spot: &BlindSpot| squared_distance(&unit, &spot.centre);
    let nearest = fitting.min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.map(|spot| spot.id)
}
