//! Which labels the added examples have.

use std::collections::BTreeMap;

use crate::records::{Balance, Label};
use crate::steps::retrain::additions::Addition;

/// The first `n` of some candidates in the shares of labels that `balance`
/// asks for; candidates are repeated where there are too few of a label.
/// `of_discovery` gives the labelled rows of *discovery*.
///
/// Labels that no candidate has get no share.
pub(super) fn balanced(
    candidates: Vec<Addition>,
    n: usize,
    balance: Balance,
    of_discovery: &dyn Fn() -> Vec<Addition>,
) -> Vec<Addition> {
    let weights: BTreeMap<Label, usize> = match balance {
        Balance::AsDrawn => return candidates.into_iter().cycle().take(n).collect(),
        Balance::Even => candidates.iter().map(|one| (one.label, 1)).collect(),
        Balance::AsInDiscovery => counted(&of_discovery(), &candidates),
    };
    if weights.values().sum::<usize>() == 0 {
        return candidates.into_iter().cycle().take(n).collect();
    }
    let mut chosen = Vec::with_capacity(n);
    for (label, quota) in quotas(&weights, n) {
        let of_label = candidates.iter().filter(|one| one.label == label);
        chosen.extend(of_label.cycle().take(quota).cloned());
    }
    chosen
}

/// How many rows have each label that some candidate has.
fn counted(rows: &[Addition], candidates: &[Addition]) -> BTreeMap<Label, usize> {
    let mut counts: BTreeMap<Label, usize> = candidates.iter().map(|one| (one.label, 0)).collect();
    for row in rows {
        if let Some(count) = counts.get_mut(&row.label) {
            *count += 1;
        }
    }
    counts
}

/// `n` shared out by weights, by largest remainders.
fn quotas(weights: &BTreeMap<Label, usize>, n: usize) -> Vec<(Label, usize)> {
    let total: usize = weights.values().sum();
    let mut shares: Vec<(Label, usize, usize)> = weights
        .iter()
        .map(|(label, weight)| (*label, n * weight / total, n * weight % total))
        .collect();
    let given: usize = shares.iter().map(|(_, whole, _)| whole).sum();
    let mut by_remainder: Vec<usize> = (0..shares.len()).collect();
    by_remainder.sort_by_key(|place| std::cmp::Reverse(shares[*place].2));
    for place in by_remainder.into_iter().take(n - given) {
        shares[place].1 += 1;
    }
    let quotas = shares.into_iter();
    quotas.map(|(label, quota, _)| (label, quota)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Text;

    fn of(labels: &[Label]) -> Vec<Addition> {
        let addition = |(number, label): (usize, &Label)| Addition {
            text: Text::single(format!("text {number}")),
            label: *label,
        };
        labels.iter().enumerate().map(addition).collect()
    }

    #[test]
    fn labels_come_in_the_shares_that_are_asked_for_and_n_of_them_in_all() {
        let candidates = of(&[0, 0, 0, 0, 0, 0, 2]);
        let discovery = || of(&[0, 1, 1, 1, 2, 2, 2, 2]);
        let shares = |n: usize, balance: Balance| -> Vec<usize> {
            let chosen = balanced(candidates.clone(), n, balance, &discovery);
            let count = |label: Label| chosen.iter().filter(|one| one.label == label).count();
            (0..3).map(count).collect()
        };
        assert_eq!(shares(7, Balance::AsDrawn), [6, 0, 1]);
        assert_eq!(shares(8, Balance::Even), [4, 0, 4]);
        assert_eq!(shares(7, Balance::Even).iter().sum::<usize>(), 7);
        assert_eq!(shares(10, Balance::AsInDiscovery), [2, 0, 8]);
    }

    #[test]
    fn where_discovery_has_none_of_the_labels_the_draw_stands() {
        let chosen = balanced(of(&[0, 1]), 3, Balance::AsInDiscovery, &Vec::new);
        assert_eq!(chosen.len(), 3);
    }
}
