//! Turns groups into a frozen snapshot: what each blind spot is called, what
//! teachers may see of it, and what lies around it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::continuity::{continue_from, made_name};
use super::kept_back::Draw;
use super::kmeans::squared_distance;
use super::region::{nearest_correct, radius, region_members};
use super::terms::{WordCounts, distinctive};
use super::{Clustering, Group};
use crate::dataset::{Dataset, Example};
use crate::discovery::{UnknownUnknown, rows_of_role, true_label};
use crate::inference::Predictions;
use crate::records::{
    BlindSpot, BlindSpotId, DiscoverySettings, ExampleKey, Judgements, Role, Snapshot, Text,
};
use crate::support::{Progress, Result};

const MOST_MEDOIDS: usize = 3;
/// Correct neighbours looked up for each medoid, and kept for a blind spot.
const MOST_CONTRASTS: usize = 5;

/// Everything a snapshot is made from.
#[derive(Debug, Clone, Copy)]
pub struct Freezing<'a> {
    /// The data set.
    pub dataset: &'a Dataset,
    /// The reference model's predictions, with the embeddings that were
    /// clustered.
    pub predictions: &'a Predictions,
    /// What people judged the errors to be.
    pub triage: &'a Judgements,
    /// The unknown unknowns of *discovery*.
    pub uus: &'a [UnknownUnknown],
    /// Their groups.
    pub clustering: &'a Clustering,
    /// How they were found and grouped.
    pub settings: &'a DiscoverySettings,
    /// Temperature that the confidences were divided by (1: none).
    pub temperature: f32,
    /// Checkpoint of the model whose errors these are.
    pub model: &'a str,
    /// Now, RFC 3339.
    pub created: &'a str,
    /// The snapshots before this one, in order.
    pub earlier: &'a [Arc<Snapshot>],
}

/// Makes the next snapshot.
///
/// A third of each blind spot's errors is kept back; medoids, terms, contrasts
/// and the name come from the shown ones alone. Blind spots that continue one
/// of the last snapshot keep its number, and the name a person gave it.
///
/// # Errors
/// When cancelled.
pub fn freeze(from: &Freezing<'_>, progress: &Progress) -> Result<Snapshot> {
    let correct = correct_words(from);
    let previous = from.earlier.last().map(AsRef::as_ref);
    let mut draw = Draw::new(from.dataset, from.settings.seed, from.earlier);
    let mut blind_spots = Vec::with_capacity(from.clustering.groups.len());
    for group in &from.clustering.groups {
        progress.check()?;
        blind_spots.push(blind_spot(from, group, &mut draw, &correct, progress)?);
    }
    let orphans = continue_from(previous, from.dataset, &mut blind_spots);
    Ok(Snapshot {
        version: previous.map_or(0, |snapshot| snapshot.version) + 1,
        created: from.created.to_owned(),
        settings: from.settings.clone(),
        temperature: from.temperature,
        model: from.model.to_owned(),
        blind_spots,
        stability: from.clustering.stability,
        notes: from.clustering.notes.clone(),
        orphans,
    })
}

/// Words of the *discovery* examples that the model gets right.
fn correct_words(from: &Freezing<'_>) -> WordCounts {
    let right = |row: usize, example: &Example| {
        true_label(example, from.triage) == Some(from.predictions.prediction(row, 1.0).label)
    };
    WordCounts::of(
        rows_of_role(from.dataset, from.predictions, Role::Discovery)
            .filter(|(row, _, example)| right(*row, example))
            .filter_map(|(_, _, example)| example.text()),
    )
}

fn blind_spot(
    from: &Freezing<'_>,
    group: &Group,
    draw: &mut Draw<'_>,
    correct: &WordCounts,
    progress: &Progress,
) -> Result<BlindSpot> {
    let members: Vec<usize> = (group.members.iter())
        .map(|member| from.uus[*member].example)
        .collect();
    let (shown, kept_back) = draw.split(&members);
    let shown = most_central_first(from.predictions, shown);
    let medoids = &shown[..shown.len().min(MOST_MEDOIDS)];
    let contrasts = contrasts(from, medoids, group, progress)?;
    let texts: Vec<&Text> = (shown.iter())
        .filter_map(|index| from.dataset.examples[*index].text())
        .collect();
    let terms = distinctive(&WordCounts::of(texts), correct);
    let mut spot = BlindSpot {
        id: BlindSpotId(0),
        name: made_name(&terms, (group.true_label, group.predicted), from.dataset),
        true_label: group.true_label,
        predicted: group.predicted,
        medoids: keys(from.dataset, medoids),
        shown: keys(from.dataset, &shown),
        kept_back: keys(from.dataset, &kept_back),
        contrasts: keys(from.dataset, &contrasts),
        terms,
        mean_confidence: mean_confidence(from.uus, group),
        centre: group.centre.clone(),
        radius: radius(distances(from.predictions, &members, &group.centre)),
        region_size: 0,
        region_uus: 0,
    };
    measure_region(from, &mut spot);
    Ok(spot)
}

fn keys(dataset: &Dataset, indices: &[usize]) -> Vec<ExampleKey> {
    (indices.iter())
        .map(|index| dataset.examples[*index].key.clone())
        .collect()
}

fn mean_confidence(uus: &[UnknownUnknown], group: &Group) -> f32 {
    let total: f32 = (group.members.iter())
        .map(|member| uus[*member].confidence)
        .sum();
    total / group.members.len().max(1) as f32
}

/// Distances to a centre; all 0 without embeddings.
fn distances(predictions: &Predictions, examples: &[usize], centre: &[f32]) -> Vec<f32> {
    (examples.iter())
        .map(|example| {
            (predictions.row_of(*example)).map_or(0.0, |row| {
                squared_distance(predictions.embedding(row), centre).sqrt()
            })
        })
        .collect()
}

/// Sorts examples by their distance to their own mean; the order stays as it
/// is without embeddings.
fn most_central_first(predictions: &Predictions, examples: Vec<usize>) -> Vec<usize> {
    let mut centre = vec![0.0; predictions.width()];
    for row in examples.iter().filter_map(|e| predictions.row_of(*e)) {
        for (sum, value) in centre.iter_mut().zip(predictions.embedding(row)) {
            *sum += value / examples.len() as f32;
        }
    }
    let mut by_distance: Vec<(f32, usize)> = distances(predictions, &examples, &centre)
        .into_iter()
        .zip(examples)
        .collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0));
    by_distance
        .into_iter()
        .map(|(_, example)| example)
        .collect()
}

/// The medoids' nearest correct neighbours with the same true label: the
/// nearest one of each medoid first.
fn contrasts(
    from: &Freezing<'_>,
    medoids: &[usize],
    group: &Group,
    progress: &Progress,
) -> Result<Vec<usize>> {
    let neighbours = nearest_correct(
        from.dataset,
        from.predictions,
        from.triage,
        medoids,
        group.true_label,
        MOST_CONTRASTS,
        progress,
    )?;
    let mut chosen = Vec::new();
    for rank in 0..MOST_CONTRASTS {
        for neighbour in neighbours.iter().filter_map(|list| list.get(rank)) {
            if chosen.len() < MOST_CONTRASTS && !chosen.contains(neighbour) {
                chosen.push(*neighbour);
            }
        }
    }
    Ok(chosen)
}

/// Counts the discovery examples, and the unknown unknowns, in the region.
fn measure_region(from: &Freezing<'_>, spot: &mut BlindSpot) {
    let inside: BTreeSet<usize> = region_members(spot, from.predictions)
        .into_iter()
        .filter(|index| from.dataset.examples[*index].role == Role::Discovery)
        .collect();
    spot.region_size = inside.len();
    spot.region_uus = (from.uus.iter())
        .filter(|uu| inside.contains(&uu.example))
        .count();
}

#[cfg(test)]
mod tests;
