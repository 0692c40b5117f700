//! Which new blind spot continues which old one: freezing again must not tear
//! what a person wrote from the blind spot it was written for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::naming::{tell_apart, was_renamed};
use crate::dataset::Dataset;
use crate::records::{BlindSpot, BlindSpotId, ExampleKey, Lesson, Snapshot};

/// Share of the smaller one's members that must be in both.
const LEAST_OVERLAP: f64 = 0.5;

/// What was there before a snapshot is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<'a> {
    /// The last snapshot.
    pub snapshot: Option<&'a Snapshot>,
    /// Lessons, whichever snapshot they were written for.
    pub lessons: &'a [Arc<Lesson>],
}

/// A blind spot that was there before, by its errors.
struct Earlier<'a> {
    id: BlindSpotId,
    members: BTreeSet<&'a ExampleKey>,
}

/// Gives new blind spots their numbers, and the names that people gave to the
/// ones they continue; then makes names different. Returns the numbers that
/// nothing continues, those that were orphans before included.
///
/// A lesson goes where the errors are that it was written from. So its number
/// is never given to other errors, even if there is no earlier snapshot: it
/// may have come with the data, from another base.
pub(super) fn continue_from(
    before: &Before<'_>,
    dataset: &Dataset,
    spots: &mut [BlindSpot],
) -> Vec<BlindSpotId> {
    let old: &[BlindSpot] = before
        .snapshot
        .map_or(&[], |snapshot| &snapshot.blind_spots);
    let earlier_orphans = before
        .snapshot
        .map_or(&[][..], |snapshot| &snapshot.orphans);
    let earlier = before.blind_spots();
    let continued = match_by_overlap(&earlier, spots);

    let used: BTreeSet<BlindSpotId> = (earlier.iter().map(|spot| spot.id))
        .chain(earlier_orphans.iter().copied())
        .collect();
    let mut next = used.last().map_or(0, |id| id.0) + 1;
    for (position, spot) in spots.iter_mut().enumerate() {
        if let Some(id) = continued.get(&position).map(|place| earlier[*place].id) {
            spot.id = id;
            let before = old.iter().find(|before| before.id == id);
            if let Some(before) = before.filter(|before| was_renamed(before, dataset)) {
                spot.name.clone_from(&before.name);
            }
        } else {
            spot.id = BlindSpotId(next);
            next += 1;
        }
    }
    tell_apart(spots);
    let alive: BTreeSet<BlindSpotId> = spots.iter().map(|spot| spot.id).collect();
    used.difference(&alive).copied().collect()
}

impl<'a> Before<'a> {
    /// Every number that is taken, with its errors: those of the last snapshot
    /// or, where lessons of that number were written from others, theirs.
    fn blind_spots(&self) -> Vec<Earlier<'a>> {
        let mut errors: BTreeMap<BlindSpotId, BTreeSet<&ExampleKey>> = BTreeMap::new();
        for spot in self.snapshot.iter().flat_map(|last| &last.blind_spots) {
            errors.insert(spot.id, spot.members().collect());
        }
        for (id, shown) in self.shown_by_lessons() {
            let of_snapshot = errors.entry(id).or_default();
            let known = shown.intersection(of_snapshot).count();
            if (known as f64) < LEAST_OVERLAP * shown.len() as f64 {
                *of_snapshot = shown;
            }
        }
        let earlier = errors.into_iter();
        earlier
            .map(|(id, members)| Earlier { id, members })
            .collect()
    }

    /// The errors that the lessons of each number were written from; those
    /// whose lessons name none are left out.
    fn shown_by_lessons(&self) -> BTreeMap<BlindSpotId, BTreeSet<&'a ExampleKey>> {
        let mut shown: BTreeMap<BlindSpotId, BTreeSet<&ExampleKey>> = BTreeMap::new();
        for lesson in self
            .lessons
            .iter()
            .filter(|lesson| !lesson.shown.is_empty())
        {
            shown
                .entry(lesson.blind_spot)
                .or_default()
                .extend(&lesson.shown);
        }
        shown
    }
}

/// New position → earlier position, the most similar pairs (by Jaccard index)
/// first, each used once.
fn match_by_overlap(earlier: &[Earlier<'_>], new: &[BlindSpot]) -> BTreeMap<usize, usize> {
    let mut pairs = Vec::new();
    for (position, spot) in new.iter().enumerate() {
        for (place, before) in earlier.iter().enumerate() {
            let members = spot.members();
            let both = members.filter(|key| before.members.contains(key)).count();
            let (a, b) = (before.members.len(), spot.size());
            if both > 0 && both as f64 >= LEAST_OVERLAP * a.min(b) as f64 {
                pairs.push((both as f64 / (a + b - both) as f64, place, position));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken = BTreeSet::new();
    let mut continued = BTreeMap::new();
    for (_, place, position) in pairs {
        if !continued.contains_key(&position) && taken.insert(place) {
            continued.insert(position, place);
        }
    }
    continued
}
