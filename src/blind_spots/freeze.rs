//! Turns groups into a frozen snapshot: what each blind spot is called, what
//! teachers may see of it, and what lies around it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cluster::common;
use super::continuity::{Before, continue_from};
use super::kept_back::Draw;
use super::naming::made_name;
use super::region::{radius, regions};
use super::terms::{WordCounts, distinctive};
use super::{Clustering, Group};
use crate::dataset::Dataset;
use crate::discovery::{AnswerTable, Outcome, UnknownUnknown};
use crate::inference::neighbours::squared_distance;
use crate::records::{
    BlindSpot, BlindSpotId, DiscoverySettings, ExampleKey, Label, Lesson, Role, Snapshot, Text,
};
use crate::support::{Progress, Result};

const MOST_MEDOIDS: usize = 3;
/// Correct neighbours looked up for each medoid, and kept for a blind spot.
const MOST_CONTRASTS: usize = 5;

/// Everything a snapshot is made from.
#[derive(Debug, Clone, Copy)]
pub struct Freezing<'a> {
    /// The reference model's answers, with the embeddings that were clustered.
    pub answers: &'a AnswerTable,
    /// The unknown unknowns of *discovery*.
    pub uus: &'a [UnknownUnknown],
    /// Their groups.
    pub clustering: &'a Clustering,
    /// How they were found and grouped.
    pub settings: &'a DiscoverySettings,
    /// Checkpoint of the model whose errors these are.
    pub model: &'a str,
    /// Now, RFC 3339.
    pub created: &'a str,
    /// The snapshots before this one, in order.
    pub earlier: &'a [Arc<Snapshot>],
    /// Lessons that are there already: their teachers have seen some errors.
    pub lessons: &'a [Arc<Lesson>],
}

/// Makes the next snapshot.
///
/// A third of each blind spot's errors is kept back; medoids, terms, contrasts
/// and the name come from the shown ones alone. Blind spots that continue one
/// of the last snapshot keep its number, and the name a person gave it; lessons
/// keep theirs only for the errors that they were written from.
///
/// # Errors
/// When cancelled.
pub fn freeze(from: &Freezing<'_>, progress: &Progress) -> Result<Snapshot> {
    let dataset = from.answers.dataset();
    let previous = from.earlier.last().map(AsRef::as_ref);
    let mut draw = Draw::new(dataset, from.settings.seed, (from.earlier, from.lessons));
    let parts: Vec<Parts> = (from.clustering.groups.iter())
        .map(|group| Parts::of(from, group, &mut draw))
        .collect();
    let neighbours = neighbours(from, &parts, progress)?;
    let correct = correct_words(from);
    let mut blind_spots = Vec::with_capacity(parts.len());
    for (group, parts) in from.clustering.groups.iter().zip(&parts) {
        progress.check()?;
        blind_spots.push(blind_spot(from, group, parts, &neighbours, &correct));
    }
    measure_regions(from, &mut blind_spots, progress)?;
    let before = Before {
        snapshot: previous,
        lessons: from.lessons,
    };
    let orphans = continue_from(&before, dataset, &mut blind_spots);
    let mut notes = from.clustering.notes.clone();
    notes.extend(without_a_place(from.lessons, &orphans));
    Ok(Snapshot {
        version: previous.map_or(0, |snapshot| snapshot.version) + 1,
        created: from.created.to_owned(),
        settings: from.settings.clone(),
        temperature: from.answers.temperature(),
        model: from.model.to_owned(),
        blind_spots,
        stability: from.clustering.stability,
        notes,
        orphans,
    })
}

/// What is said of lessons whose blind spots are gone.
fn without_a_place(lessons: &[Arc<Lesson>], orphans: &[BlindSpotId]) -> Option<String> {
    let lost = lessons
        .iter()
        .filter(|lesson| orphans.contains(&lesson.blind_spot));
    let lost: Vec<String> = lost
        .map(|lesson| format!("{} ({})", lesson.blind_spot, lesson.teacher))
        .collect();
    (!lost.is_empty()).then(|| {
        format!(
            "no blind spot holds most of the errors that these lessons were written from: {};              they are kept and trained on, but stand under none",
            lost.join(", ")
        )
    })
}

/// Words of the *discovery* examples that the model gets right.
fn correct_words(from: &Freezing<'_>) -> WordCounts {
    let answers = from.answers;
    let right = answers
        .rows_of(Role::Discovery)
        .filter(|row| answers.outcome(*row) == Outcome::Right);
    WordCounts::of(right.filter_map(|row| answers.example(row).text()))
}

/// A group's errors (indices into the data set), shared out.
struct Parts {
    members: Vec<usize>,
    /// Most central first.
    shown: Vec<usize>,
    kept_back: Vec<usize>,
}

impl Parts {
    fn of(from: &Freezing<'_>, group: &Group, draw: &mut Draw<'_>) -> Self {
        let members: Vec<usize> = (group.members.iter())
            .map(|member| from.uus[*member].example)
            .collect();
        let (shown, kept_back) = draw.split(&members);
        Self {
            members,
            shown: most_central_first(from.answers, shown),
            kept_back,
        }
    }

    fn medoids(&self) -> &[usize] {
        &self.shown[..self.shown.len().min(MOST_MEDOIDS)]
    }
}

fn blind_spot(
    from: &Freezing<'_>,
    group: &Group,
    parts: &Parts,
    neighbours: &Neighbours,
    correct: &WordCounts,
) -> BlindSpot {
    let dataset = from.answers.dataset();
    let texts: Vec<&Text> = (parts.shown.iter())
        .filter_map(|index| dataset.examples[*index].text())
        .collect();
    let terms = distinctive(&WordCounts::of(texts), correct);
    BlindSpot {
        id: BlindSpotId(0),
        name: made_name(
            (&terms, parts.shown.len()),
            common(from.uus, group),
            dataset,
        ),
        true_label: group.true_label,
        predicted: group.predicted,
        medoids: keys(dataset, parts.medoids()),
        shown: keys(dataset, &parts.shown),
        kept_back: keys(dataset, &parts.kept_back),
        contrasts: keys(dataset, &contrasts(parts, neighbours)),
        terms,
        mean_confidence: mean_confidence(from.uus, group),
        centre: group.centre.clone(),
        radius: radius(distances(from.answers, &parts.members, &group.centre)),
        region_size: 0,
        region_uus: 0,
    }
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
fn distances(answers: &AnswerTable, examples: &[usize], centre: &[f32]) -> Vec<f32> {
    (examples.iter())
        .map(|example| {
            (answers.row_of(*example)).map_or(0.0, |row| {
                squared_distance(answers.embedding(row), centre).sqrt()
            })
        })
        .collect()
}

/// Sorts examples by their distance to their own mean; the order stays as it
/// is without embeddings.
fn most_central_first(answers: &AnswerTable, examples: Vec<usize>) -> Vec<usize> {
    let mut centre = vec![0.0; answers.predictions().width()];
    for row in examples.iter().filter_map(|e| answers.row_of(*e)) {
        for (sum, value) in centre.iter_mut().zip(answers.embedding(row)) {
            *sum += value / examples.len() as f32;
        }
    }
    let mut by_distance: Vec<(f32, usize)> = distances(answers, &examples, &centre)
        .into_iter()
        .zip(examples)
        .collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0));
    by_distance
        .into_iter()
        .map(|(_, example)| example)
        .collect()
}

/// The nearest right examples with the same true label, by medoid.
type Neighbours = BTreeMap<usize, Vec<usize>>;

/// Looks the neighbours of all medoids up, label by label.
fn neighbours(from: &Freezing<'_>, parts: &[Parts], progress: &Progress) -> Result<Neighbours> {
    let mut medoids: BTreeMap<Label, Vec<usize>> = BTreeMap::new();
    for medoid in parts.iter().flat_map(Parts::medoids) {
        if let Some(label) = from.answers.truths().of(from.answers.dataset(), *medoid) {
            medoids.entry(label).or_default().push(*medoid);
        }
    }
    let mut neighbours = Neighbours::new();
    for (label, medoids) in medoids {
        let found = (from.answers).nearest_right(&medoids, label, MOST_CONTRASTS, progress)?;
        neighbours.extend(medoids.into_iter().zip(found));
    }
    Ok(neighbours)
}

/// The medoids' nearest correct neighbours, each with the true label of its
/// medoid: the nearest one of each medoid first.
fn contrasts(parts: &Parts, neighbours: &Neighbours) -> Vec<usize> {
    let lists: Vec<&Vec<usize>> = (parts.medoids().iter())
        .filter_map(|medoid| neighbours.get(medoid))
        .collect();
    let mut chosen = Vec::new();
    for rank in 0..MOST_CONTRASTS {
        for neighbour in lists.iter().filter_map(|list| list.get(rank)) {
            if chosen.len() < MOST_CONTRASTS && !chosen.contains(neighbour) {
                chosen.push(*neighbour);
            }
        }
    }
    chosen
}

/// Counts the discovery examples, and the unknown unknowns, in each region.
fn measure_regions(
    from: &Freezing<'_>,
    spots: &mut [BlindSpot],
    progress: &Progress,
) -> Result<()> {
    let dataset = from.answers.dataset();
    let uus: BTreeSet<usize> = from.uus.iter().map(|uu| uu.example).collect();
    let regions = regions(spots, from.answers.predictions(), progress)?;
    for (spot, mut inside) in spots.iter_mut().zip(regions) {
        inside.retain(|index| dataset.examples[*index].role == Role::Discovery);
        spot.region_size = inside.len();
        spot.region_uus = inside.iter().filter(|index| uus.contains(index)).count();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
