//! Lasting keys of examples, and hashes that tell equal texts.

use std::collections::HashSet;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::records::{ExampleKey, Text};

/// Hashes of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextHashes {
    /// Of the text as it is.
    exact: u64,
    /// Of the text folded: equal for texts that differ in case, spaces and
    /// punctuation only.
    pub(crate) folded: u128,
}

/// Hashes of all texts.
pub(crate) fn hashes(texts: &[&Text]) -> Vec<TextHashes> {
    texts
        .par_iter()
        .map(|text| {
            let second = text.second.as_deref();
            let exact = digest(&text.first, second);
            let folded = digest(&text.folded(), None);
            TextHashes {
                exact: exact as u64,
                folded,
            }
        })
        .collect()
}

fn digest(first: &str, second: Option<&str>) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update((first.len() as u64).to_le_bytes());
    hasher.update(first);
    if let Some(second) = second {
        hasher.update([1]);
        hasher.update(second);
    }
    let digest = hasher.finalize();
    let bytes = digest.iter().take(16);
    bytes.fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

/// Number of ids that occur more than once.
pub(crate) fn repeated(ids: &[Option<String>]) -> usize {
    let mut seen = HashSet::new();
    let again = ids.iter().flatten().filter(|id| !seen.insert(id.as_str()));
    again.collect::<HashSet<_>>().len()
}

/// Unique keys: the ids where the data has them, hashes of the texts
/// elsewhere. What comes again gets `~2`, `~3`, … in the order of reading.
pub(crate) fn unique(ids: Vec<Option<String>>, hashes: &[TextHashes]) -> Vec<ExampleKey> {
    let mut taken: HashSet<String> = HashSet::with_capacity(ids.len());
    let named = ids.into_iter().zip(hashes);
    named
        .map(|(id, hashes)| {
            let wanted = id.unwrap_or_else(|| format!("{:016x}", hashes.exact));
            let mut key = wanted.clone();
            let mut again = 1_u32;
            while !taken.insert(key.clone()) {
                again += 1;
                key = format!("{wanted}~{again}");
            }
            ExampleKey(key)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_folding_joins_variants() {
        let texts = [
            Text::single("Yay!"),
            Text::single("yay"),
            Text::single("Yay!"),
            Text::pair("Yay!", "x"),
        ];
        let hashes = hashes(&texts.iter().collect::<Vec<_>>());
        assert_eq!(hashes[0].folded, hashes[1].folded);
        assert_ne!(hashes[0].folded, hashes[3].folded);
        let ids = vec![None, Some("a".into()), None, Some("a".into())];
        assert_eq!(repeated(&ids), 1);
        let keys = unique(ids, &hashes);
        assert_eq!(keys[2].0, format!("{}~2", keys[0].0));
        assert_eq!(keys[3].0, "a~2");
    }
}
