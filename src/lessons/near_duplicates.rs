//! Near-duplicates among texts, by their words, without comparing every two.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::records::Text;
use crate::support::folding::words;

/// Share of common words (Jaccard index) from which two texts are
/// near-duplicates.
const NEAR_DUPLICATE: f32 = 0.6;

/// Calls `visit` for pairs of texts (their positions, the earlier first) that
/// can be near-duplicates, each pair once, with a question that tells whether
/// they are. All near-duplicates are among them.
///
/// The rarest words of two near-duplicates cannot all differ, so that texts
/// without a rare word in common are never held against each other (Bayardo,
/// Ma, Srikant: Scaling up all pairs similarity search, WWW 2007).
pub(super) fn each_candidate(
    texts: &[&Text],
    mut visit: impl FnMut(usize, usize, &dyn Fn() -> bool),
) {
    let texts = by_rarity(texts);
    let words = texts.iter().flatten().max().map_or(0, |word| word + 1);
    let mut texts_with = vec![Vec::new(); words];
    let mut candidates = Vec::new();
    for (later, words) in texts.iter().enumerate() {
        // Of n words at least this many must be common; a little less, so that
        // rounding never hides a pair.
        let common = (NEAR_DUPLICATE * words.len() as f32 - 1e-3).ceil().max(1.0) as usize;
        let rarest = &words[..(words.len() + 1).saturating_sub(common)];
        candidates.clear();
        for word in rarest {
            candidates.extend_from_slice(&texts_with[*word]);
            texts_with[*word].push(later);
        }
        candidates.sort_unstable();
        candidates.dedup();
        for earlier in candidates.iter().copied() {
            let are_near = || jaccard(&texts[earlier], words) >= NEAR_DUPLICATE;
            visit(earlier, later, &are_near);
        }
    }
}

/// Whether two texts are near-duplicates, by definition.
#[cfg(test)]
pub(super) fn near(one: &Text, other: &Text) -> bool {
    use std::collections::BTreeSet;
    let words = |text: &Text| text.parts().flat_map(words).collect::<BTreeSet<String>>();
    jaccard(words(one), words(other)) >= NEAR_DUPLICATE
}

/// The distinct words of each text as numbers, ascending; the rarer a word is
/// among the texts, the smaller its number.
fn by_rarity(texts: &[&Text]) -> Vec<Vec<usize>> {
    // In the order in which they come, so that hash order reaches no result.
    let mut known = HashMap::<String, usize>::new();
    let mut texts: Vec<Vec<usize>> = (texts.iter())
        .map(|text| {
            let words = text.parts().flat_map(words);
            let mut words: Vec<usize> = words
                .map(|word| {
                    let next = known.len();
                    *known.entry(word).or_insert(next)
                })
                .collect();
            words.sort_unstable();
            words.dedup();
            words
        })
        .collect();
    let mut counts = vec![0_usize; known.len()];
    for word in texts.iter().flatten() {
        counts[*word] += 1;
    }
    let mut rarest: Vec<usize> = (0..counts.len()).collect();
    rarest.sort_by_key(|word| counts[*word]);
    let mut rank = vec![0; counts.len()];
    for (number, word) in rarest.into_iter().enumerate() {
        rank[word] = number;
    }
    for words in &mut texts {
        for word in words.iter_mut() {
            *word = rank[*word];
        }
        words.sort_unstable();
    }
    texts
}

/// Common items over all items, of two ascending lists without repeats.
fn jaccard<T: Ord>(one: impl IntoIterator<Item = T>, other: impl IntoIterator<Item = T>) -> f32 {
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    let (mut common, mut all) = (0_usize, 0_usize);
    loop {
        let order = match (one.peek(), other.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.cmp(b),
        };
        all += 1;
        common += usize::from(order.is_eq());
        if order.is_le() {
            one.next();
        }
        if order.is_ge() {
            other.next();
        }
    }
    if all == 0 {
        0.0
    } else {
        common as f32 / all as f32
    }
}
