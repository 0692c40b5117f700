//! How stable the groups are for each number of them.

use serde::Serialize;

use super::buckets::{MOST_BLIND_SPOTS, buckets};
use super::cluster::embeddings_of;
use super::stability;
use crate::dataset::Dataset;
use crate::discovery::UnknownUnknown;
use crate::inference::Predictions;
use crate::records::DiscoverySettings;
use crate::support::{Progress, Result};

/// Numbers of groups that are tried, beside the usual one.
const TRIED: [usize; 17] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 17, 20, 25, 30, 40];

/// The stability for one number of groups.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StabilityAt {
    /// What is set to get so many.
    pub k: usize,
    /// How many groups there are then: each confusion has one at least.
    pub groups: usize,
    /// Mean adjusted Rand index over bootstrap runs, as [`super::cluster`]
    /// measures it.
    pub stability: f32,
}

/// The one with the most stable groups; of equally stable ones that with more.
pub fn most_stable(all: &[StabilityAt]) -> Option<&StabilityAt> {
    all.iter().max_by(|a, b| {
        let by_stability = a.stability.total_cmp(&b.stability);
        by_stability.then(a.groups.cmp(&b.groups))
    })
}

/// Measures the stability for each number of groups, ascending; none where
/// nothing can be split.
///
/// # Errors
/// When an unknown unknown has no usable embedding, or when cancelled.
pub fn stability_by_k(
    dataset: &Dataset,
    predictions: &Predictions,
    uus: &[UnknownUnknown],
    settings: &DiscoverySettings,
    progress: &Progress,
) -> Result<Vec<StabilityAt>> {
    if predictions.width() == 0 || uus.is_empty() {
        return Ok(Vec::new());
    }
    let points = embeddings_of(dataset, predictions, uus)?;
    let groups = |k: Option<usize>| {
        let of_k = DiscoverySettings {
            k,
            ..settings.clone()
        };
        let buckets = buckets(uus, &of_k);
        (
            buckets.iter().map(|bucket| bucket.k).sum::<usize>(),
            buckets,
        )
    };
    let (usual, _) = groups(None);
    let mut tried: Vec<usize> = TRIED.into_iter().chain([usual]).collect();
    tried.retain(|k| (1..=MOST_BLIND_SPOTS).contains(k));
    tried.sort_unstable();
    tried.dedup();
    progress.stage("How stable each number is", Some(tried.len() as u64));
    let mut found: Vec<StabilityAt> = Vec::new();
    for (place, k) in tried.into_iter().enumerate() {
        progress.check()?;
        let (groups, buckets) = groups(Some(k));
        let is_new = found.last().is_none_or(|last| last.groups < groups);
        if is_new
            && let Some(stability) = stability::measure(&points, &buckets, settings, progress)?
        {
            found.push(StabilityAt {
                k,
                groups,
                stability,
            });
        }
        progress.done(place as u64 + 1);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::fixture::answers;
    use crate::inference::fixture::Fixture;
    use crate::records::{Judgements, Role};

    /// Sixty errors of one confusion in four heaps far from each other.
    fn heaps() -> (Dataset, Predictions) {
        let mut fixture = Fixture::new(2, 3);
        let corners = [
            [1.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, 0.0, 1.0],
        ];
        for number in 0..60_usize {
            let mut place: [f32; 3] = corners[number % 4];
            place[(number % 4 + 1) % 3] += number as f32 / 2000.0;
            let text = format!("text {number}");
            fixture.add(&text, 0, Role::Discovery, &[0.0, 6.0], &place);
        }
        fixture.build()
    }

    #[test]
    fn the_true_number_of_heaps_is_the_most_stable() {
        let (dataset, predictions) = heaps();
        let answers = answers(&dataset, &predictions, &Judgements::new());
        let uus = answers.unknown_unknowns(Role::Discovery);
        let settings = DiscoverySettings::default();
        let silent = Progress::silent();
        let all = stability_by_k(&dataset, &predictions, &uus, &settings, &silent);
        let all = all.expect("measures");
        let best = most_stable(&all).expect("some");
        assert_eq!((best.k, best.groups), (4, 4), "{all:?}");
        assert!(best.stability > 0.99, "{all:?}");
        assert!(all.is_sorted_by(|a, b| a.groups < b.groups), "{all:?}");
        let many = all
            .iter()
            .find(|one| one.groups > 6)
            .expect("more than heaps");
        assert!(many.stability < 0.9, "{all:?}");
        let cancelled = Progress::silent();
        cancelled.cancel();
        assert!(stability_by_k(&dataset, &predictions, &uus, &settings, &cancelled).is_err());
        let none = stability_by_k(&dataset, &predictions, &[], &settings, &silent);
        assert_eq!(none.expect("nothing to do"), []);
    }
}
