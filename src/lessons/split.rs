//! Which samples of a lesson are trained on and which are kept for testing it.
//!
//! About a third of the accepted samples is kept for testing. Samples that are
//! near-duplicates of each other, or minimal edits of the same example, stay
//! together: a sample whose twin is trained on tests nothing.

use std::collections::BTreeMap;

use super::near_duplicates::each_candidate;
use crate::records::{ExampleKey, Lesson, RecordId, Round, Sample, SampleUse, TaughtLesson, Text};

/// One group of samples in this many is kept for testing.
const TEST_ONE_IN: usize = 3;

/// What rounds have used samples for.
pub type Settled = BTreeMap<RecordId, SampleUse>;

/// Sets the use of a lesson's accepted samples. Those in `settled`, which a
/// round has trained on or tested with, keep that use, and their twins have it.
pub fn split(lesson: &mut Lesson, settled: &Settled) {
    let uses = uses(&lesson.samples, settled);
    for sample in &mut lesson.samples {
        if let Some(purpose) = uses.get(&sample.id) {
            sample.purpose = *purpose;
        }
    }
}

/// The use of each accepted sample. The same samples in the same order always
/// give the same uses.
pub fn uses(samples: &[Sample], settled: &Settled) -> BTreeMap<RecordId, SampleUse> {
    let accepted: Vec<&Sample> = samples
        .iter()
        .filter(|sample| sample.is_accepted())
        .collect();
    let groups = groups(&accepted);
    let total = accepted.len();
    let mut tests = 0;
    let mut decided: Vec<Option<SampleUse>> = groups
        .iter()
        .map(|group| settled_use(group, &accepted, settled))
        .collect();
    let settled_tests = groups.iter().zip(&decided);
    tests += settled_tests
        .filter(|(_, decided)| **decided == Some(SampleUse::Test))
        .map(|(group, _)| group.len())
        .sum::<usize>();

    // Every third group first, so that tests come from the whole lesson, then
    // others where groups are too uneven for that.
    let is_third = |group: &usize| group % TEST_ONE_IN == TEST_ONE_IN - 1;
    let thirds = (0..groups.len()).filter(is_third);
    let others = (0..groups.len()).filter(|group| !is_third(group));
    for group in thirds.chain(others) {
        let size = groups[group].len();
        if decided[group].is_none() && (tests + size) * TEST_ONE_IN <= total + 1 {
            decided[group] = Some(SampleUse::Test);
            tests += size;
        }
    }
    let mut uses = BTreeMap::new();
    for (group, decided) in groups.iter().zip(decided) {
        for member in group {
            let id = &accepted[*member].id;
            let settled = settled.get(id).copied();
            let purpose = settled.or(decided).unwrap_or(SampleUse::Train);
            uses.insert(id.clone(), purpose);
        }
    }
    uses
}

/// The use of the settled members of a group. Where both uses meet, a new
/// twin is trained on: it would test nothing.
fn settled_use(group: &[usize], accepted: &[&Sample], settled: &Settled) -> Option<SampleUse> {
    let members = group.iter().map(|member| &accepted[*member].id);
    let uses: Vec<SampleUse> = members.filter_map(|id| settled.get(id).copied()).collect();
    match uses.contains(&SampleUse::Train) {
        true => Some(SampleUse::Train),
        false => uses.first().copied(),
    }
}

/// Groups of twins, in the order of their first members.
fn groups(samples: &[&Sample]) -> Vec<Vec<usize>> {
    let mut twins = Twins::apart(samples.len());
    let mut first_edit = BTreeMap::<&ExampleKey, usize>::new();
    for (sample, original) in samples.iter().enumerate() {
        if let Some(original) = &original.edit_of {
            twins.join(*first_edit.entry(original).or_insert(sample), sample);
        }
    }
    let texts: Vec<&Text> = samples.iter().map(|sample| &sample.text).collect();
    each_candidate(&texts, |earlier, later, are_near| {
        // Of twins of one sample nobody asks whether they are twins.
        if twins.leader(earlier) != twins.leader(later) && are_near() {
            twins.join(earlier, later);
        }
    });
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for sample in 0..samples.len() {
        groups.entry(twins.leader(sample)).or_default().push(sample);
    }
    groups.into_values().collect()
}

/// Which samples stay together: each points to an earlier twin, or to itself.
struct Twins(Vec<usize>);

impl Twins {
    fn apart(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The first sample of a group.
    fn leader(&mut self, sample: usize) -> usize {
        let mut at = sample;
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.leader(one), self.leader(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// Samples that some of these rounds trained on or tested with; the first use
/// stays.
pub fn settled_samples<'a>(rounds: impl IntoIterator<Item = &'a Round>) -> Settled {
    let lessons = rounds.into_iter().flat_map(|round| &round.taught);
    let mut settled = Settled::new();
    for (id, purpose) in lessons.flat_map(TaughtLesson::uses) {
        settled.entry(id.clone()).or_insert(purpose);
    }
    settled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons::near_duplicates::near;
    use crate::records::{Author, Review};
    use proptest::prelude::*;

    fn sample(number: usize, text: &str, edit_of: Option<&str>) -> Sample {
        let id = RecordId(format!("sample-{number:02}"));
        Sample {
            edit_of: edit_of.map(|key| ExampleKey(key.into())),
            ..Sample::new(id, Text::single(text), "good", Author::Human)
        }
    }

    /// Texts that share no word.
    fn unlike(count: usize) -> Vec<Sample> {
        (0..count)
            .map(|n| sample(n, &format!("one{n} two{n} three{n}"), None))
            .collect()
    }

    fn tests(uses: &BTreeMap<RecordId, SampleUse>) -> Vec<&str> {
        uses.iter()
            .filter(|(_, purpose)| **purpose == SampleUse::Test)
            .map(|(id, _)| id.0.as_str())
            .collect()
    }

    #[test]
    fn a_third_is_for_testing_whatever_the_number() {
        for count in [1, 2, 3, 7, 20, 30] {
            let uses = uses(&unlike(count), &Settled::new());
            assert_eq!(uses.len(), count);
            assert_eq!(tests(&uses).len(), (count + 1) / 3, "of {count}");
        }
    }

    #[test]
    fn twins_and_edits_of_one_example_stay_together() {
        let mut samples = unlike(12);
        samples.push(sample(12, "this film is not funny at all", None));
        samples.push(sample(13, "this film is funny at all", None));
        samples.push(sample(14, "quite another thing", Some("row-1")));
        samples.push(sample(15, "nothing in common here", Some("row-1")));
        let uses = uses(&samples, &Settled::new());
        let of = |number: usize| uses[&samples[number].id];
        assert_eq!(of(12), of(13));
        assert_eq!(of(14), of(15));
        let share = tests(&uses).len() as f32 / samples.len() as f32;
        assert!((0.25..=0.40).contains(&share), "{share}");
    }

    #[test]
    fn a_lesson_of_twins_is_all_for_training() {
        let samples: Vec<Sample> = (0..9)
            .map(|n| sample(n, &format!("a funny film and so very good number{n}"), None))
            .collect();
        assert!(tests(&uses(&samples, &Settled::new())).is_empty());
    }

    #[test]
    fn what_a_round_has_used_keeps_its_use_and_its_twins_follow() {
        let lesson_samples = unlike(9);
        let first = uses(&lesson_samples, &Settled::new());
        let twin_of_test = sample(20, "one2 two2 three2 more", None);
        let twin_of_trained = sample(21, "one0 two0 three0 more", None);
        let mut grown = vec![twin_of_test, twin_of_trained];
        grown.extend((30..40).map(|n| sample(n, &format!("x{n} y{n}"), None)));
        grown.extend(lesson_samples);
        let later = uses(&grown, &first);
        for (id, purpose) in &first {
            assert_eq!(later[id], *purpose, "{id}");
        }
        assert_eq!(later[&RecordId("sample-20".into())], SampleUse::Test);
        assert_eq!(later[&RecordId("sample-21".into())], SampleUse::Train);
    }

    proptest! {
        /// Comparing every two texts is the definition.
        #[test]
        fn groups_are_those_of_comparing_every_two_texts(
            texts in prop::collection::vec(prop::collection::vec(0u8..9, 0..7), 0..30),
            edits in prop::collection::vec(prop::option::of(0u8..12), 30),
        ) {
            let samples: Vec<Sample> = (texts.iter().zip(edits).enumerate())
                .map(|(n, (words, edit))| {
                    let words: Vec<String> = words.iter().map(|w| format!("w{w}")).collect();
                    let edit_of = edit.map(|of| format!("row-{of}"));
                    sample(n, &words.join(" "), edit_of.as_deref())
                })
                .collect();
            let samples: Vec<&Sample> = samples.iter().collect();
            let mut twins = Twins::apart(samples.len());
            for later in 0..samples.len() {
                for earlier in 0..later {
                    let (a, b) = (samples[earlier], samples[later]);
                    if near(&a.text, &b.text) || (a.edit_of.is_some() && a.edit_of == b.edit_of) {
                        twins.join(earlier, later);
                    }
                }
            }
            let mut expected = BTreeMap::<usize, Vec<usize>>::new();
            for sample in 0..samples.len() {
                expected.entry(twins.leader(sample)).or_default().push(sample);
            }
            prop_assert_eq!(groups(&samples), expected.into_values().collect::<Vec<_>>());
        }
    }

    #[test]
    fn drafts_and_rejected_samples_have_no_use() {
        let mut samples = unlike(3);
        samples[1].review = Review::Draft;
        assert_eq!(uses(&samples, &Settled::new()).len(), 2);
    }
}
