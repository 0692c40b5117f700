//! How far teachers agree who taught the same blind spot.

use std::collections::{BTreeMap, BTreeSet};

use crate::comparison::outcomes::Rate;
use crate::lessons::agreement::Agreement;
use crate::records::Lesson;
use crate::steps::teachers::TeachersAgree;

/// Each two teachers with a blind spot in common.
pub(super) fn agreements(by_teacher: &BTreeMap<&str, Vec<&Lesson>>) -> Vec<TeachersAgree> {
    let teachers: Vec<(&&str, &Vec<&Lesson>)> = by_teacher.iter().collect();
    let mut found = Vec::new();
    for (place, (first, ours)) in teachers.iter().enumerate() {
        for (second, theirs) in &teachers[place + 1..] {
            found.extend(agree((first, ours), (second, theirs)));
        }
    }
    found
}

fn agree(
    (first, ours): (&str, &[&Lesson]),
    (second, theirs): (&str, &[&Lesson]),
) -> Option<TeachersAgree> {
    let mut blind_spots = BTreeSet::new();
    let mut words = BTreeSet::new();
    let (mut pairs, mut same_label) = (0, 0);
    for one in ours {
        for other in theirs {
            if (one.blind_spot, one.snapshot) == (other.blind_spot, other.snapshot) {
                let found = Agreement::of(one, other);
                blind_spots.insert(one.blind_spot);
                pairs += found.pairs;
                same_label += found.same_label;
                words.extend(found.common_words);
            }
        }
    }
    (!blind_spots.is_empty()).then(|| TeachersAgree {
        first: first.to_owned(),
        second: second.to_owned(),
        blind_spots: blind_spots.len(),
        same_label: Rate::new(same_label as f64, pairs),
        common_words: words.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Author, BlindSpotId, RecordId, Sample, Text};

    fn lesson(spot: u32, teacher: &str, label: &str) -> Lesson {
        let id = RecordId::random;
        let text = Text::single("a really funny film to see");
        Lesson {
            samples: vec![Sample::new(id("sample"), text, label, Author::Human)],
            ..Lesson::new(id("lesson"), (BlindSpotId(spot), 1), teacher, Author::Human)
        }
    }

    #[test]
    fn teachers_agree_or_not_where_they_taught_the_same_blind_spot() {
        let (a1, a2) = (lesson(1, "a", "good"), lesson(2, "a", "good"));
        let (b1, b2) = (lesson(1, "b", "good"), lesson(2, "b", "bad"));
        let c3 = lesson(3, "c", "good");
        let by_teacher = BTreeMap::from([
            ("a", vec![&a1, &a2]),
            ("b", vec![&b1, &b2]),
            ("c", vec![&c3]),
        ]);
        let found = agreements(&by_teacher);
        assert_eq!(found.len(), 1, "c taught another blind spot");
        let both = &found[0];
        assert_eq!((both.first.as_str(), both.second.as_str()), ("a", "b"));
        assert_eq!(both.blind_spots, 2);
        assert_eq!((both.same_label.count, both.same_label.rows), (1.0, 2));
    }
}
