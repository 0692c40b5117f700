//! What lies around a blind spot: its region.

use super::kmeans::squared_distance;
use crate::inference::Predictions;
use crate::inference::neighbours::within;
use crate::records::{BlindSpot, BlindSpotId, Snapshot};
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

/// The scored examples (indices into the data set, of any role) within each
/// blind spot's region; ascending.
///
/// The regions stay in the base's coordinates, before and after retraining.
/// Without embeddings they are empty.
///
/// # Errors
/// When cancelled.
pub fn regions(
    spots: &[BlindSpot],
    predictions: &Predictions,
    progress: &Progress,
) -> Result<Vec<Vec<usize>>> {
    let width = predictions.width();
    let fitting: Vec<usize> = (0..spots.len())
        .filter(|spot| width > 0 && spots[*spot].centre.len() == width)
        .collect();
    let mut members = vec![Vec::new(); spots.len()];
    if fitting.is_empty() {
        return Ok(members);
    }
    let centres: Vec<f32> = (fitting.iter())
        .flat_map(|spot| &spots[*spot].centre)
        .copied()
        .collect();
    let radii: Vec<f32> = (fitting.iter())
        .map(|spot| spots[*spot].radius + SLACK)
        .collect();
    let points = predictions.embeddings();
    let inside = within((&centres, &radii), points, width, progress)?;
    for (spot, rows) in fitting.into_iter().zip(inside) {
        let examples = rows.into_iter().map(|row| predictions.examples()[row]);
        members[spot] = examples.collect();
    }
    Ok(members)
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
