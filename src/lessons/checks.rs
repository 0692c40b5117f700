//! What is known of a sample before it is confirmed: the same for samples that
//! were typed, imported or generated.

use std::collections::BTreeMap;

use crate::dataset::copies::Copy;
use crate::records::{ExampleKey, ModelAnswer, RecordId, Sample, Text};

/// Characters of a text that are compared at most: an edit distance takes time
/// with the square of the length, and edits of longer texts are not minimal.
const LONGEST_COMPARED: usize = 2_000;

/// Why an edit that changed nothing does not pass: the errors themselves are a
/// control, and a lesson that holds them could not be told from it.
pub const UNCHANGED: &str = "this is the error itself: change it, so that it shows something new";

/// What the checks say about one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleCheck {
    /// The label that the model predicts, with its confidence.
    pub said: ModelAnswer,
    /// Whether the model's label is another than the sample's.
    pub fools: bool,
    /// The training example nearest to it; none without training texts.
    pub nearest: Option<NearestExample>,
    /// Why the sample may not be used: it copies a text that the comparison is
    /// made on.
    pub refused: Option<Copy>,
    /// Why it adds nothing, in words: the project has this text already.
    pub repeats: Option<String>,
    /// Share of characters that were changed, 0 (nothing) to 1 (everything),
    /// for samples that are edits of an example.
    pub edit_ratio: Option<f32>,
    /// Share of the training texts that are shorter, 0 to 1; equally long ones
    /// count half; none where there are no training texts, as in a hand-over.
    pub length_percentile: Option<f32>,
    /// An earlier sample with the same text.
    pub duplicate_of: Option<RecordId>,
}

impl SampleCheck {
    /// Whether it may be accepted without a second look: no copy, no duplicate,
    /// no text that is there already and no error as it was.
    pub fn passes(&self) -> bool {
        self.problem().is_none()
    }

    /// Why it does not pass, in words.
    pub fn problem(&self) -> Option<String> {
        if self.edit_ratio == Some(0.0) {
            return Some(UNCHANGED.to_owned());
        }
        problem(self.refused, self.duplicate_of.as_ref()).or_else(|| self.repeats.clone())
    }
}

/// Why a sample that is a copy, or has the text of another one, does not pass,
/// in words; `None` if it is neither.
pub fn problem(copy: Option<Copy>, duplicate_of: Option<&RecordId>) -> Option<String> {
    let repeated = || duplicate_of.map(|_| "another sample has the same text".to_owned());
    copy.map(Copy::refusal).or_else(repeated)
}

/// A training example and how near it is.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestExample {
    /// The example.
    pub key: ExampleKey,
    /// Cosine between the two embeddings of the pretrained encoder, −1 to 1.
    pub cosine: f32,
}

/// Share of the characters of the longer text that an edit changed: the
/// Levenshtein distance over the longer length. 0 for equal texts; of very
/// long ones only the beginning is compared.
pub fn edit_ratio(before: &Text, after: &Text) -> f32 {
    let characters =
        |text: &Text| -> Vec<char> { text.joined().chars().take(LONGEST_COMPARED).collect() };
    let (before, after) = (characters(before), characters(after));
    let longer = before.len().max(after.len());
    if longer == 0 {
        return 0.0;
    }
    levenshtein(&before, &after) as f32 / longer as f32
}

fn levenshtein(from: &[char], to: &[char]) -> usize {
    // One row of the table at a time: entry j is the distance between what was
    // read of `from` and the first j characters of `to`.
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

/// Where a length lies among others, 0 to 1: the share that is smaller, equal
/// ones counting half. `sorted` ascends; none when it is empty.
pub fn percentile(length: usize, sorted: &[usize]) -> Option<f32> {
    if sorted.is_empty() {
        return None;
    }
    let below = sorted.partition_point(|other| *other < length);
    let up_to = sorted.partition_point(|other| *other <= length);
    Some((below + up_to) as f32 / (2 * sorted.len()) as f32)
}

/// Samples by their folded texts, so that many can be held against each other:
/// of equal ones the first stands.
#[derive(Debug, Clone, Default)]
pub struct SameTexts(BTreeMap<String, Vec<RecordId>>);

impl SameTexts {
    /// Folds the texts of some samples.
    pub fn of<'s>(samples: impl IntoIterator<Item = &'s Sample>) -> Self {
        let mut by_text = BTreeMap::<String, Vec<RecordId>>::new();
        for sample in samples {
            let same = by_text.entry(sample.text.folded()).or_default();
            same.push(sample.id.clone());
        }
        Self(by_text)
    }

    /// The first sample with the text of `sample`, if that is another one.
    pub fn before(&self, sample: &Sample) -> Option<&RecordId> {
        let first = self.0.get(&sample.text.folded())?.first()?;
        (*first != sample.id).then_some(first)
    }

    /// A sample with this text other than `but`, the one that is being edited.
    pub fn other(&self, text: &Text, but: Option<&RecordId>) -> Option<&RecordId> {
        let mut same = self.0.get(&text.folded())?.iter();
        same.find(|id| Some(*id) != but)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_ratio_counts_changed_characters() {
        let ratio = |a: &str, b: &str| edit_ratio(&Text::single(a), &Text::single(b));
        assert_eq!(ratio("not good", "not good"), 0.0);
        assert_eq!(ratio("good", "gold"), 0.25);
        assert_eq!(ratio("abcd", "abcdefgh"), 0.5);
        assert_eq!(ratio("aaaa", "bbbb"), 1.0);
        assert_eq!(ratio("", ""), 0.0);
        assert_eq!(ratio("naïve", "naive"), 0.2);
    }

    #[test]
    fn percentiles_of_lengths() {
        let sorted = [10, 20, 20, 30];
        assert_eq!(percentile(5, &sorted), Some(0.0));
        assert_eq!(percentile(20, &sorted), Some(0.5));
        assert_eq!(percentile(99, &sorted), Some(1.0));
        assert_eq!(
            percentile(7, &[]),
            None,
            "a hand-over has no training texts"
        );
    }
}
