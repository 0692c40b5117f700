//! Which unknown unknowns a teacher may see, and which are kept back so that
//! hypotheses can be tested on errors that nobody wrote them from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rand::RngCore as _;

use crate::dataset::Dataset;
use crate::records::{ExampleKey, Lesson, Snapshot};
use crate::support::rng;

/// One in this many is kept back.
const ONE_IN: usize = 3;

/// Decides for one blind spot after another; a group (equal texts, one
/// review, one author) never straddles shown and kept back, not even when
/// its examples are in two blind spots.
pub(super) struct Draw<'a> {
    dataset: &'a Dataset,
    seed: u64,
    /// Decisions so far, `true` for kept back: those of earlier snapshots, then
    /// those made here.
    kept_back: BTreeMap<u32, bool>,
}

impl<'a> Draw<'a> {
    /// Starts with the decisions of all earlier snapshots, not only the last:
    /// an error can be missing from one and come back. What a teacher may have
    /// seen, by a snapshot or by a lesson, is never kept back later; what was
    /// kept back otherwise stays so.
    pub(super) fn new(
        dataset: &'a Dataset,
        seed: u64,
        (earlier, lessons): (&[Arc<Snapshot>], &[Arc<Lesson>]),
    ) -> Self {
        let group = |key: &ExampleKey| Some(dataset.examples[dataset.index_of(key)?].group);
        let spots = || earlier.iter().flat_map(|snapshot| &snapshot.blind_spots);
        let mut kept_back = BTreeMap::new();
        for spot in spots() {
            kept_back.extend(spot.kept_back.iter().filter_map(group).map(|g| (g, true)));
        }
        let shown = spots().flat_map(|spot| &spot.shown);
        let shown = shown.chain(lessons.iter().flat_map(|lesson| &lesson.shown));
        kept_back.extend(shown.filter_map(group).map(|g| (g, false)));
        Self {
            dataset,
            seed,
            kept_back,
        }
    }

    /// Splits examples (indices into the data set) into shown and kept back,
    /// each in the order given.
    ///
    /// About a third is kept back. At least one is shown, but for a blind
    /// spot of one group that was kept back before.
    pub(super) fn split(&mut self, members: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let group_of = |index: &usize| self.dataset.examples[*index].group;
        let mut sizes = BTreeMap::<u32, usize>::new();
        for group in members.iter().map(group_of) {
            *sizes.entry(group).or_default() += 1;
        }
        let decided = |group: &u32| self.kept_back.get(group).copied();
        let mut still_to_keep = (members.len() / ONE_IN).saturating_sub(
            (sizes.iter())
                .filter(|(group, _)| decided(group) == Some(true))
                .map(|(_, size)| size)
                .sum(),
        );
        for group in self.undecided_in_drawn_order(members) {
            let size = sizes.get(&group).copied().unwrap_or(0);
            let keep = size <= still_to_keep;
            if keep {
                still_to_keep -= size;
            }
            self.kept_back.insert(group, keep);
        }
        members.iter().partition(|index| {
            let group = self.dataset.examples[**index].group;
            self.kept_back.get(&group) != Some(&true)
        })
    }

    /// Undecided groups in an order drawn from the seed and each group's
    /// smallest key: independent of how errors are clustered, and of where
    /// the files have them.
    fn undecided_in_drawn_order(&self, members: &[usize]) -> Vec<u32> {
        let mut keys = BTreeMap::<u32, &ExampleKey>::new();
        for example in members.iter().map(|index| &self.dataset.examples[*index]) {
            let smallest = keys.entry(example.group).or_insert(&example.key);
            *smallest = (*smallest).min(&example.key);
        }
        let drawn: BTreeSet<(u64, &ExampleKey, u32)> = (keys.into_iter())
            .filter(|(group, _)| !self.kept_back.contains_key(group))
            .map(|(group, key)| {
                let stream = format!("kept back {key}");
                (rng::seeded(self.seed, &stream).next_u64(), key, group)
            })
            .collect();
        drawn.into_iter().map(|(_, _, group)| group).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::fixture::Fixture;
    use crate::records::Role;

    #[test]
    fn a_third_is_kept_back_and_groups_do_not_straddle() {
        let mut fixture = Fixture::new(2, 0);
        for i in 0..30 {
            let index = fixture.add("text", 0, Role::Discovery, &[0.0, 1.0], &[]);
            fixture.join_group(index, i / 2 * 2);
        }
        let (dataset, _) = fixture.build();
        // Odd and even examples are in two blind spots; each pair is a group.
        let (even, odd): (Vec<usize>, Vec<usize>) = (0..30).partition(|i| i % 2 == 0);
        let mut draw = Draw::new(&dataset, 1, (&[], &[]));
        let (shown, kept) = draw.split(&even);
        assert_eq!((shown.len(), kept.len()), (10, 5));
        let (_, kept_odd) = draw.split(&odd);
        assert_eq!(kept_odd, kept.iter().map(|i| i + 1).collect::<Vec<_>>());

        let other_seed = Draw::new(&dataset, 2, (&[], &[])).split(&even).1;
        assert_ne!(other_seed, kept);
    }

    #[test]
    fn one_error_is_shown() {
        let mut fixture = Fixture::new(2, 0);
        fixture.add("text", 0, Role::Discovery, &[0.0, 1.0], &[]);
        let (dataset, _) = fixture.build();
        assert_eq!(
            Draw::new(&dataset, 0, (&[], &[])).split(&[0]),
            (vec![0], vec![])
        );
    }
}
