//! Turns groups into a frozen snapshot: what each blind spot is called, what
//! teachers may see of it, and what lies around it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::continuity::{continue_from, made_name};
use super::kept_back::Draw;
use super::kmeans::squared_distance;
use super::region::{Correct, radius, regions};
use super::terms::{WordCounts, distinctive};
use super::{Clustering, Group};
use crate::dataset::{Dataset, Example};
use crate::discovery::{UnknownUnknown, true_label};
use crate::inference::Predictions;
use crate::records::{
    BlindSpot, BlindSpotId, DiscoverySettings, ExampleKey, Judgements, Label, Role, Snapshot, Text,
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
    let correct = Correct::of(from.dataset, from.predictions, from.triage);
    let text = |index: usize| from.dataset.examples.get(index).and_then(Example::text);
    let around = Around {
        words: WordCounts::of(correct.examples().filter_map(text)),
        correct,
    };
    let previous = from.earlier.last().map(AsRef::as_ref);
    let mut draw = Draw::new(from.dataset, from.settings.seed, from.earlier);
    let mut blind_spots = Vec::with_capacity(from.clustering.groups.len());
    for group in &from.clustering.groups {
        progress.check()?;
        blind_spots.push(blind_spot(from, group, &mut draw, &around, progress)?);
    }
    measure_regions(from, &mut blind_spots, progress)?;
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

/// The *discovery* examples that the model gets right.
struct Around<'a> {
    correct: Correct<'a>,
    words: WordCounts,
}

fn blind_spot(
    from: &Freezing<'_>,
    group: &Group,
    draw: &mut Draw<'_>,
    around: &Around<'_>,
    progress: &Progress,
) -> Result<BlindSpot> {
    let members: Vec<usize> = (group.members.iter())
        .map(|member| from.uus[*member].example)
        .collect();
    let (shown, kept_back) = draw.split(&members);
    let shown = most_central_first(from.predictions, shown);
    let medoids = &shown[..shown.len().min(MOST_MEDOIDS)];
    let contrasts = contrasts(from, medoids, &around.correct, progress)?;
    let texts: Vec<&Text> = (shown.iter())
        .filter_map(|index| from.dataset.examples[*index].text())
        .collect();
    let terms = distinctive(&WordCounts::of(texts), &around.words);
    let confusion = (group.true_label, group.predicted);
    Ok(BlindSpot {
        id: BlindSpotId(0),
        name: made_name(&terms, confusion, is_mixed(from, group), from.dataset),
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
    })
}

/// Whether a group holds more than one confusion.
fn is_mixed(from: &Freezing<'_>, group: &Group) -> bool {
    (group.members.iter()).any(|member| {
        let uu = &from.uus[*member];
        (uu.true_label, uu.predicted) != (group.true_label, group.predicted)
    })
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

/// The medoids' nearest correct neighbours, each with the true label of its
/// medoid: the nearest one of each medoid first.
fn contrasts(
    from: &Freezing<'_>,
    medoids: &[usize],
    correct: &Correct<'_>,
    progress: &Progress,
) -> Result<Vec<usize>> {
    let mut by_label = BTreeMap::<Label, Vec<usize>>::new();
    for medoid in medoids {
        if let Some(label) = true_label(&from.dataset.examples[*medoid], from.triage) {
            by_label.entry(label).or_default().push(*medoid);
        }
    }
    let mut neighbours = Vec::with_capacity(medoids.len());
    for (label, medoids) in by_label {
        neighbours.extend(correct.nearest(&medoids, label, MOST_CONTRASTS, progress)?);
    }
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

/// Counts the discovery examples, and the unknown unknowns, in each region.
fn measure_regions(
    from: &Freezing<'_>,
    spots: &mut [BlindSpot],
    progress: &Progress,
) -> Result<()> {
    let uus: BTreeSet<usize> = from.uus.iter().map(|uu| uu.example).collect();
    let inside = regions(spots, from.predictions, progress)?;
    for (spot, mut inside) in spots.iter_mut().zip(inside) {
        inside.retain(|index| from.dataset.examples[*index].role == Role::Discovery);
        spot.region_size = inside.len();
        spot.region_uus = inside.iter().filter(|index| uus.contains(index)).count();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
