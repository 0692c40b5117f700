//! How far two teachers of one blind spot agree.

use std::collections::BTreeSet;

use super::near_duplicates::each_candidate;
use crate::records::{Lesson, Sample, Text};
use crate::support::folding::{Kind, terms};

/// Shorter words say little about what a text is about.
const FEWEST_LETTERS: usize = 4;

/// Two lessons on the same blind spot held against each other. Descriptive:
/// counts, no claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Pairs of near-duplicate samples, one by each teacher.
    pub pairs: usize,
    /// Pairs of these with the same label.
    pub same_label: usize,
    /// For each teacher how many samples fooled the model when they were
    /// written, and of how many this is known.
    pub fooled: [(usize, usize); 2],
    /// Words that samples of both teachers that fooled the model have in
    /// common, in alphabetical order.
    pub common_words: Vec<String>,
}

impl Agreement {
    /// Holds two lessons against each other.
    pub fn of(one: &Lesson, other: &Lesson) -> Self {
        let (ours, theirs) = (accepted(one), accepted(other));
        let mut pairs = 0;
        let mut same_label = 0;
        let both: Vec<&Sample> = ours.iter().chain(&theirs).copied().collect();
        let texts: Vec<&Text> = both.iter().map(|sample| &sample.text).collect();
        each_candidate(&texts, |a, b, are_near| {
            let by_each = a < ours.len() && b >= ours.len();
            if by_each && are_near() {
                pairs += 1;
                same_label += usize::from(both[a].label == both[b].label);
            }
        });
        let (common, others) = (fooling_words(&ours), fooling_words(&theirs));
        Self {
            pairs,
            same_label,
            fooled: [fooled(&ours), fooled(&theirs)],
            common_words: common.intersection(&others).cloned().collect(),
        }
    }
}

fn accepted(lesson: &Lesson) -> Vec<&Sample> {
    let samples = lesson.samples.iter();
    samples.filter(|sample| sample.is_accepted()).collect()
}

fn fools(sample: &Sample) -> Option<bool> {
    let said = sample.model_answer.as_ref()?;
    Some(said.label != sample.label)
}

fn fooled(samples: &[&Sample]) -> (usize, usize) {
    let known: Vec<bool> = samples.iter().filter_map(|sample| fools(sample)).collect();
    let fooled = known.iter().filter(|fools| **fools).count();
    (fooled, known.len())
}

fn fooling_words(samples: &[&Sample]) -> BTreeSet<String> {
    let fooling = samples.iter().filter(|sample| fools(sample) == Some(true));
    fooling
        .flat_map(|sample| sample.text.parts().flat_map(terms))
        .filter(|(kind, term)| *kind != Kind::Word || term.chars().count() >= FEWEST_LETTERS)
        .map(|(_, term)| term)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Author, BlindSpotId, ModelAnswer, RecordId};

    fn lesson(samples: &[(&str, &str, &str)]) -> Lesson {
        let id = RecordId::random;
        let samples = samples.iter().map(|(text, label, said)| Sample {
            model_answer: Some(ModelAnswer {
                label: (*said).into(),
                confidence: 0.9,
            }),
            ..Sample::new(id("sample"), Text::single(*text), *label, Author::Human)
        });
        Lesson {
            samples: samples.collect(),
            ..Lesson::new(id("lesson"), (BlindSpotId(1), 1), "t", Author::Human)
        }
    }

    #[test]
    fn pairs_labels_fooling_and_common_words() {
        let one = lesson(&[
            ("a really funny film to see", "good", "bad"),
            ("nothing like the others", "bad", "bad"),
        ]);
        let other = lesson(&[
            ("a really funny film to watch", "bad", "good"),
            ("that funny story was superb", "good", "bad"),
        ]);
        let agreement = Agreement::of(&one, &other);
        assert_eq!((agreement.pairs, agreement.same_label), (1, 0));
        assert_eq!(agreement.fooled, [(1, 2), (2, 2)]);
        assert_eq!(agreement.common_words, ["film", "funny", "really"]);
    }
}
