//! Which new blind spot continues which old one: freezing again must not tear
//! what a person wrote from the blind spot it was written for.

use std::collections::{BTreeMap, BTreeSet};

use super::terms::name_from;
use crate::dataset::Dataset;
use crate::records::{BlindSpot, BlindSpotId, ExampleKey, Label, Snapshot, Term};

/// Share of the smaller one's members that must be in both.
const LEAST_OVERLAP: f64 = 0.5;

/// Gives new blind spots their numbers, and the names that people gave to the
/// ones they continue; then makes names different. Returns the numbers that
/// nothing continues, those that were orphans before included.
pub(super) fn continue_from(
    previous: Option<&Snapshot>,
    dataset: &Dataset,
    spots: &mut [BlindSpot],
) -> Vec<BlindSpotId> {
    let old: &[BlindSpot] = previous.map_or(&[], |snapshot| &snapshot.blind_spots);
    let earlier_orphans: &[BlindSpotId] = previous.map_or(&[], |snapshot| &snapshot.orphans);
    let continued = match_by_overlap(old, spots);

    let used: BTreeSet<BlindSpotId> = (old.iter().map(|spot| spot.id))
        .chain(earlier_orphans.iter().copied())
        .collect();
    let mut next = used.last().map_or(0, |id| id.0) + 1;
    for (position, spot) in spots.iter_mut().enumerate() {
        if let Some(before) = continued.get(&position).map(|before| &old[*before]) {
            spot.id = before.id;
            if was_renamed(before, dataset) {
                spot.name.clone_from(&before.name);
            }
        } else {
            spot.id = BlindSpotId(next);
            next += 1;
        }
    }
    let mut names = BTreeSet::new();
    for spot in spots.iter_mut() {
        if !names.insert(spot.name.clone()) {
            spot.name = numbered(&spot.name, spot.id);
        }
    }
    let alive: BTreeSet<BlindSpotId> = spots.iter().map(|spot| spot.id).collect();
    used.difference(&alive).copied().collect()
}

/// The name that is made for a blind spot: its distinctive terms or, without
/// any, its confusion, said to be the commonest where it is `mixed` with others.
pub(super) fn made_name(
    terms: &[Term],
    (true_label, predicted): (Label, Label),
    mixed: bool,
    dataset: &Dataset,
) -> String {
    name_from(terms).unwrap_or_else(|| {
        format!(
            "{}{} → {}",
            if mixed { "mostly " } else { "" },
            dataset.label_name(true_label),
            dataset.label_name(predicted)
        )
    })
}

fn numbered(name: &str, id: BlindSpotId) -> String {
    format!("{name} #{id}")
}

/// Whether a person named it.
fn was_renamed(spot: &BlindSpot, dataset: &Dataset) -> bool {
    let confusion = (spot.true_label, spot.predicted);
    [false, true].into_iter().all(|mixed| {
        let made = made_name(&spot.terms, confusion, mixed, dataset);
        spot.name != made && spot.name != numbered(&made, spot.id)
    })
}

/// New position → old position, the most similar pairs (by Jaccard index)
/// first, each used once.
fn match_by_overlap(old: &[BlindSpot], new: &[BlindSpot]) -> BTreeMap<usize, usize> {
    let mut old_of = BTreeMap::<&ExampleKey, usize>::new();
    for (position, spot) in old.iter().enumerate() {
        old_of.extend(spot.members().map(|key| (key, position)));
    }
    let mut pairs = Vec::new();
    for (position, spot) in new.iter().enumerate() {
        let mut shared = BTreeMap::<usize, usize>::new();
        for before in spot.members().filter_map(|key| old_of.get(key)) {
            *shared.entry(*before).or_default() += 1;
        }
        for (before, both) in shared {
            let (a, b) = (old[before].size(), spot.size());
            if both as f64 >= LEAST_OVERLAP * a.min(b) as f64 {
                pairs.push((both as f64 / (a + b - both) as f64, before, position));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken = BTreeSet::new();
    let mut continued = BTreeMap::new();
    for (_, before, position) in pairs {
        if !continued.contains_key(&position) && taken.insert(before) {
            continued.insert(position, before);
        }
    }
    continued
}
