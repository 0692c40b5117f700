//! Which samples of a lesson are trained on and which are kept for testing it.
//!
//! About a third of the accepted samples is kept for testing. Samples that are
//! near-duplicates of each other, or minimal edits of the same example, stay
//! together: a sample whose twin is trained on tests nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::records::{Lesson, RecordId, Review, Round, Sample, SampleUse, TaughtLesson, Text};
use crate::support::folding::words;

/// Share of common words (Jaccard index) from which two texts are
/// near-duplicates.
const NEAR_DUPLICATE: f32 = 0.6;

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
        .filter(|sample| sample.review == Review::Accepted)
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
    let words: Vec<BTreeSet<String>> = samples
        .iter()
        .map(|sample| word_set(&sample.text))
        .collect();
    let mut leader: Vec<usize> = (0..samples.len()).collect();
    for later in 0..samples.len() {
        for earlier in 0..later {
            let edits_of_one = samples[later].edit_of.is_some()
                && samples[later].edit_of == samples[earlier].edit_of;
            if edits_of_one || jaccard(&words[later], &words[earlier]) >= NEAR_DUPLICATE {
                let (a, b) = (leader[earlier], leader[later]);
                let (first, second) = (a.min(b), a.max(b));
                for other in &mut leader {
                    if *other == second {
                        *other = first;
                    }
                }
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (sample, leader) in leader.into_iter().enumerate() {
        groups.entry(leader).or_default().push(sample);
    }
    groups.into_values().collect()
}

/// Whether two texts are near-duplicates by their words.
pub fn alike(one: &Text, other: &Text) -> bool {
    jaccard(&word_set(one), &word_set(other)) >= NEAR_DUPLICATE
}

fn word_set(text: &Text) -> BTreeSet<String> {
    text.parts().flat_map(words).collect()
}

fn jaccard(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f32 {
    let common = one.intersection(other).count();
    let all = one.len() + other.len() - common;
    if all == 0 {
        return 0.0;
    }
    common as f32 / all as f32
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
    use crate::records::{Author, ExampleKey};

    fn sample(number: usize, text: &str, edit_of: Option<&str>) -> Sample {
        Sample {
            id: RecordId(format!("sample-{number:02}")),
            hypothesis: None,
            text: Text::single(text),
            label: "good".into(),
            author: Author::Human,
            purpose: SampleUse::Train,
            contrast: false,
            edit_of: edit_of.map(|key| ExampleKey(key.into())),
            review: Review::Accepted,
            edited: false,
            judged_label: None,
            model_said: None,
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

    #[test]
    fn drafts_and_rejected_samples_have_no_use() {
        let mut samples = unlike(3);
        samples[1].review = Review::Draft;
        assert_eq!(uses(&samples, &Settled::new()).len(), 2);
    }
}
