//! Groups unknown unknowns: k-means over their embeddings within each
//! confusion (true → predicted).

use std::collections::BTreeMap;

use ndarray::Array2;

use super::kmeans::{kmeans, squared_distance};
use super::stability;
use crate::dataset::Dataset;
use crate::discovery::UnknownUnknown;
use crate::inference::Predictions;
use crate::records::{DiscoverySettings, Label};
use crate::support::{Error, Progress, Result};

/// With fewer unknown unknowns there is one blind spot.
const FEWEST_TO_SPLIT: usize = 10;
/// Unknown unknowns in a blind spot, on average, when k is chosen.
const USUAL_SIZE: f64 = 15.0;
/// Most blind spots of one confusion when k is chosen.
const MOST_PER_CONFUSION: usize = 8;
/// Below this adjusted Rand index groups are called unstable.
pub const STABLE_FROM: f32 = 0.5;

/// One group of unknown unknowns.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Positions in the list of unknown unknowns, nearest to the centre first.
    pub members: Vec<usize>,
    /// Label given by the data, of most members.
    pub true_label: Label,
    /// Label predicted, of most members with that true label.
    pub predicted: Label,
    /// Mean of the members' embeddings; empty without embeddings.
    pub centre: Vec<f32>,
}

/// Unknown unknowns in groups, not yet named or frozen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clustering {
    /// The groups, largest first.
    pub groups: Vec<Group>,
    /// Mean adjusted Rand index over bootstrap runs; `None` when nothing was
    /// split, or when it was not asked for.
    pub stability: Option<f32>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Unknown unknowns that are clustered together, with their share of k.
pub(super) struct Bucket {
    /// Names it in random streams.
    pub name: String,
    /// Positions in the list of unknown unknowns.
    pub members: Vec<usize>,
    /// Number of groups to make.
    pub k: usize,
}

/// Groups unknown unknowns and measures how stable the groups are.
///
/// # Errors
/// When an unknown unknown has no usable embedding, or when cancelled.
pub fn cluster(
    dataset: &Dataset,
    predictions: &Predictions,
    uus: &[UnknownUnknown],
    settings: &DiscoverySettings,
    progress: &Progress,
) -> Result<Clustering> {
    let mut clustering = preview(dataset, predictions, uus, settings, progress)?;
    if predictions.width() == 0 {
        return Ok(clustering);
    }
    let points = embeddings_of(dataset, predictions, uus)?;
    let buckets = buckets(uus, settings);
    clustering.stability = stability::measure(&points, &buckets, settings, progress)?;
    if let Some(value) = clustering.stability.filter(|value| *value < STABLE_FROM) {
        clustering.notes.push(format!(
            "The groups are not stable: on resampled errors they come out differently \
             (adjusted Rand index {value:.2}, stable from {STABLE_FROM}). Try another number \
             of blind spots."
        ));
    }
    Ok(clustering)
}

/// Groups unknown unknowns as [`cluster`] does, without the stability: fast
/// enough to follow a slider.
///
/// # Errors
/// When an unknown unknown has no usable embedding, or when cancelled.
pub fn preview(
    dataset: &Dataset,
    predictions: &Predictions,
    uus: &[UnknownUnknown],
    settings: &DiscoverySettings,
    progress: &Progress,
) -> Result<Clustering> {
    let mut clustering = Clustering::default();
    if uus.is_empty() {
        clustering.notes.push(format!(
            "The model has no wrong label with confidence {} or more here: there is nothing \
             to group. A lower τ shows less confident errors.",
            settings.tau
        ));
        return Ok(clustering);
    }
    if predictions.width() == 0 {
        clustering.groups = by_confusion(uus);
        clustering.notes.push(
            "There are no embeddings, so errors are grouped by confusion only: by what the \
             data says and what the model says."
                .to_owned(),
        );
        return Ok(clustering);
    }
    if uus.len() < FEWEST_TO_SPLIT {
        clustering.notes.push(format!(
            "There is one blind spot because there are only {} unknown unknowns; groups need \
             at least {FEWEST_TO_SPLIT}.",
            uus.len()
        ));
    }
    let points = embeddings_of(dataset, predictions, uus)?;
    for bucket in buckets(uus, settings) {
        let rows = points.select(ndarray::Axis(0), &bucket.members);
        let assignment = kmeans(
            rows.view(),
            bucket.k,
            settings.restarts,
            settings.seed,
            &bucket.name,
            progress,
        )?;
        for cluster in 0..bucket.k {
            let members = (bucket.members.iter().zip(&assignment.clusters))
                .filter(|(_, of)| **of == cluster)
                .map(|(member, _)| *member)
                .collect();
            clustering.groups.extend(group(members, uus, &points));
        }
    }
    // Members are distinct, so that equally large groups keep one order.
    clustering
        .groups
        .sort_by_key(|group| (std::cmp::Reverse(group.members.len()), group.members[0]));
    Ok(clustering)
}

/// Puts a group together; `None` for an empty one.
fn group(members: Vec<usize>, uus: &[UnknownUnknown], points: &Array2<f32>) -> Option<Group> {
    let (true_label, predicted) = main_confusion(&members, uus)?;
    let rows = points.select(ndarray::Axis(0), &members);
    let centre = rows.mean_axis(ndarray::Axis(0))?.to_vec();
    let mut by_distance: Vec<(f32, usize)> = (members.iter().zip(rows.rows()))
        .map(|(member, row)| (squared_distance(row, &centre), *member))
        .collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    Some(Group {
        members: by_distance.into_iter().map(|(_, member)| member).collect(),
        true_label,
        predicted,
        centre,
    })
}

/// The commonest confusion; the smallest labels of equally common ones.
fn main_confusion(members: &[usize], uus: &[UnknownUnknown]) -> Option<(Label, Label)> {
    let mut counts = BTreeMap::new();
    for uu in members.iter().map(|member| &uus[*member]) {
        *counts
            .entry((uu.true_label, uu.predicted))
            .or_insert(0_usize) += 1;
    }
    let most = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == most)
        .map(|(confusion, _)| confusion)
}

fn confusions(uus: &[UnknownUnknown]) -> BTreeMap<(Label, Label), Vec<usize>> {
    let mut confusions = BTreeMap::<_, Vec<usize>>::new();
    for (position, uu) in uus.iter().enumerate() {
        confusions
            .entry((uu.true_label, uu.predicted))
            .or_default()
            .push(position);
    }
    confusions
}

fn by_confusion(uus: &[UnknownUnknown]) -> Vec<Group> {
    let mut groups: Vec<Group> = confusions(uus)
        .into_iter()
        .map(|((true_label, predicted), mut members)| {
            // Without a centre, the most confident errors come first.
            members.sort_by(|a, b| uus[*b].confidence.total_cmp(&uus[*a].confidence));
            Group {
                members,
                true_label,
                predicted,
                centre: Vec::new(),
            }
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    groups
}

/// What is clustered together, and into how many groups.
pub(super) fn buckets(uus: &[UnknownUnknown], settings: &DiscoverySettings) -> Vec<Bucket> {
    let all = || BTreeMap::from([("all".to_owned(), (0..uus.len()).collect::<Vec<_>>())]);
    let confusions = confusions(uus);
    let most = MOST_PER_CONFUSION * confusions.len().max(1);
    let too_few = uus.len() < FEWEST_TO_SPLIT;
    let parts = if too_few || settings.mix_confusions {
        all()
    } else {
        (confusions.into_iter())
            .map(|((true_label, predicted), members)| {
                (format!("{true_label:05} to {predicted:05}"), members)
            })
            .collect()
    };
    let sizes: Vec<usize> = parts.values().map(Vec::len).collect();
    let most_per_part = if parts.len() == 1 {
        most
    } else {
        MOST_PER_CONFUSION
    };
    let ks = match settings.k {
        _ if too_few => vec![1],
        Some(k) => proportional(k, &sizes),
        None => (sizes.iter())
            .map(|size| (*size as f64 / USUAL_SIZE).round() as usize)
            .map(|k| k.clamp(1, most_per_part))
            .collect(),
    };
    (parts.into_iter().zip(ks))
        .map(|((name, members), k)| Bucket {
            name,
            k: k.clamp(1, members.len().max(1)),
            members,
        })
        .collect()
}

/// Shares `k` out in proportion to sizes, each time to the part that lacks
/// most; at least one and at most its size for each part, so that the sum is
/// above `k` only if there are more parts.
fn proportional(k: usize, sizes: &[usize]) -> Vec<usize> {
    let total: usize = sizes.iter().sum();
    let exact = |size: usize| k as f64 * size as f64 / total.max(1) as f64;
    let mut shares = vec![1; sizes.len()];
    while shares.iter().sum::<usize>() < k {
        let lacking = |part: &usize| exact(sizes[*part]) - shares[*part] as f64;
        let next = (0..sizes.len())
            .filter(|part| shares[*part] < sizes[*part])
            .max_by(|a, b| lacking(a).total_cmp(&lacking(b)).then(b.cmp(a)));
        match next {
            Some(part) => shares[part] += 1,
            None => break,
        }
    }
    shares
}

/// Embeddings of unknown unknowns, `[uus, width]`.
fn embeddings_of(
    dataset: &Dataset,
    predictions: &Predictions,
    uus: &[UnknownUnknown],
) -> Result<Array2<f32>> {
    let mut values = Vec::with_capacity(uus.len() * predictions.width());
    for uu in uus {
        let place = || {
            (dataset.examples.get(uu.example))
                .map_or_else(|| "?".to_owned(), |example| dataset.place(example))
        };
        let row = predictions
            .row_of(uu.example)
            .ok_or_else(|| Error::program(format!("the example of {} was not scored", place())))?;
        let embedding = predictions.embedding(row);
        if embedding.iter().any(|x| !x.is_finite()) {
            return Err(Error::input(format!(
                "the embedding of {} holds values that are no finite numbers",
                place()
            ))
            .hint("compute or export the embeddings again, or leave this example out"));
        }
        values.extend_from_slice(embedding);
    }
    Array2::from_shape_vec((uus.len(), predictions.width()), values)
        .map_err(|error| Error::program("embeddings have no common width").because(error))
}

#[cfg(test)]
mod tests;
