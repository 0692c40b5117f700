//! Groups unknown unknowns: k-means over their embeddings within each
//! confusion (true → predicted), or within a pool of rare confusions.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::buckets::{self, Bucket, FEWEST_TO_SPLIT, buckets};
use super::kmeans::squared_distance;
use super::naming::Common;
use super::split::split;
use super::stability;
use crate::dataset::Dataset;
use crate::discovery::UnknownUnknown;
use crate::inference::Predictions;
use crate::records::{DiscoverySettings, Label};
use crate::support::{Error, Progress, Result};

/// Below this adjusted Rand index groups are called unstable.
pub const STABLE_FROM: f32 = 0.5;

/// One group of unknown unknowns.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Positions in the list of unknown unknowns, nearest to the centre first.
    pub members: Vec<usize>,
    /// Label given by the data, in the commonest confusion of its members.
    pub true_label: Label,
    /// Label predicted, in the commonest confusion of its members.
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

/// What most errors of a group have in common.
pub fn common(uus: &[UnknownUnknown], group: &Group) -> Common {
    let members = group.members.iter().map(|member| &uus[*member]);
    let confusions: Vec<_> = members.map(|uu| (uu.true_label, uu.predicted)).collect();
    Common::of(&confusions)
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
        return Ok(without_embeddings(uus, settings));
    }
    if uus.len() < FEWEST_TO_SPLIT {
        clustering.notes.push(format!(
            "There is one blind spot because there are only {} unknown unknowns; groups need \
             at least {FEWEST_TO_SPLIT}.",
            uus.len()
        ));
    }
    let points = embeddings_of(dataset, predictions, uus)?;
    let buckets = buckets(uus, settings);
    if uus.len() >= FEWEST_TO_SPLIT && !settings.mix_confusions {
        clustering.notes.extend(buckets::note(&buckets, uus));
    }
    for members in split_buckets(&points, &buckets, settings, progress)? {
        clustering.groups.extend(group(members, uus, &points));
    }
    // Members are distinct, so that equally large groups keep one order.
    clustering
        .groups
        .sort_by_key(|group| (std::cmp::Reverse(group.members.len()), group.members[0]));
    Ok(clustering)
}

/// Members of each group: positions in the list of unknown unknowns.
///
/// `points`: `[uus, width]`.
pub(super) fn split_buckets(
    points: &Array2<f32>,
    buckets: &[Bucket],
    settings: &DiscoverySettings,
    progress: &Progress,
) -> Result<Vec<Vec<usize>>> {
    let mut groups = Vec::new();
    for bucket in buckets {
        let rows = points.select(ndarray::Axis(0), &bucket.members);
        let (restarts, seed) = (settings.restarts, settings.seed);
        let split = split(
            rows.view(),
            bucket,
            restarts,
            seed,
            &bucket.stream(),
            progress,
        )?;
        groups.extend((0..split.centres.nrows()).map(|number| {
            let members = bucket.members.iter().zip(&split.groups);
            let inside = members.filter(|(_, of)| **of == number);
            inside.map(|(member, _)| *member).collect()
        }));
    }
    Ok(groups)
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

/// The commonest confusion; the smallest labels of equally common ones. `None`
/// without members.
///
/// `members`: positions in `uus`.
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

/// One group for each bucket, the most confident errors first: without
/// embeddings there is no centre to be near to.
fn without_embeddings(uus: &[UnknownUnknown], settings: &DiscoverySettings) -> Clustering {
    let buckets = buckets::without_embeddings(uus, settings);
    let mut notes = vec![
        "There are no embeddings, so errors are grouped by confusion only: by what the data says \
         and what the model says."
            .to_owned(),
    ];
    notes.extend(buckets::note(&buckets, uus));
    let mut groups: Vec<Group> = (buckets.into_iter())
        .filter_map(|bucket| {
            let mut members = bucket.members;
            let (true_label, predicted) = main_confusion(&members, uus)?;
            members.sort_by(|a, b| uus[*b].confidence.total_cmp(&uus[*a].confidence));
            Some(Group {
                members,
                true_label,
                predicted,
                centre: Vec::new(),
            })
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
    Clustering {
        groups,
        stability: None,
        notes,
    }
}

/// Embeddings of unknown unknowns, `[uus, width]`.
///
/// # Errors
/// When one was not scored, or has values that are not finite.
pub fn embeddings_of(
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
