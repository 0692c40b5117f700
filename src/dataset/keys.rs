//! Lasting keys of examples, and hashes that tell equal texts.

use std::collections::{HashMap, HashSet};

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
    // The last number that each wanted key got: no search begins at ~2 again.
    let mut last: HashMap<String, usize> = HashMap::new();
    let named = ids.into_iter().zip(hashes);
    named
        .map(|(id, hashes)| {
            let wanted = id.unwrap_or_else(|| format!("{:016x}", hashes.exact));
            if taken.insert(wanted.clone()) {
                return ExampleKey(wanted);
            }
            let again = last.entry(wanted.clone()).or_insert(1);
            loop {
                *again += 1;
                let key = format!("{wanted}~{again}");
                if taken.insert(key.clone()) {
                    return ExampleKey(key);
                }
            }
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

    #[test]
    fn a_column_of_one_id_takes_one_step_a_row() {
        let text = Text::single("x");
        let hashes = hashes(&[&text; 100_000]);
        let mut ids = vec![Some("same".to_owned()); hashes.len()];
        // What the data call `same~3` keeps its name; the counting goes on.
        ids[0] = Some("same~3".into());
        let (sender, made) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            // Gone already if it took too long.
            drop(sender.send(unique(ids, &hashes)));
        });
        let keys = made.recv_timeout(std::time::Duration::from_secs(30));
        let keys = keys.expect("5·10⁹ steps take minutes");
        let first: Vec<&str> = keys.iter().take(4).map(|key| key.0.as_str()).collect();
        assert_eq!(first, ["same~3", "same", "same~2", "same~4"]);
        assert_eq!(keys[99_999].0, "same~100000");
    }
}
