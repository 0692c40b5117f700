//! What is clustered together, and into how many groups: each common confusion
//! (true → predicted) by itself, rare ones pooled by what their errors share.

use std::collections::{BTreeMap, BTreeSet};

use crate::discovery::UnknownUnknown;
use crate::records::{DiscoverySettings, Label};
use crate::support::text::many;

/// With fewer unknown unknowns there is one blind spot.
pub(super) const FEWEST_TO_SPLIT: usize = 10;
/// Unknown unknowns in a blind spot, on average, when k is chosen.
const USUAL_SIZE: f64 = 15.0;
/// Most blind spots of one confusion when k is chosen.
const MOST_PER_CONFUSION: usize = 8;
/// Most blind spots over all when k is chosen: more than anybody would teach.
pub const MOST_BLIND_SPOTS: usize = 40;
/// With so few confusions there is nothing to pool: two classes have but two,
/// and each is the opposite of the other.
const FEWEST_TO_POOL: usize = 3;

/// Unknown unknowns that are clustered together, with their share of k.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bucket {
    /// What they have in common.
    pub shared: Shared,
    /// Positions in the list of unknown unknowns; ascending.
    pub members: Vec<usize>,
    /// Number of groups to make.
    pub k: usize,
    /// Groups with fewer members are given up; only pools have such a limit.
    pub smallest: usize,
}

/// What all errors of a bucket have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shared {
    /// True label and predicted label.
    Confusion(Label, Label),
    /// The predicted label: a pool of rare confusions.
    Predicted(Label),
    /// The true label: a pool of rare confusions.
    TrueLabel(Label),
    /// Nothing: what no other pool takes, or whatever there is.
    Nothing,
}

impl Bucket {
    /// Names it in random streams.
    pub(super) fn stream(&self) -> String {
        match self.shared {
            Shared::Confusion(truth, predicted) => format!("{truth:05} to {predicted:05}"),
            Shared::Predicted(predicted) => format!("any to {predicted:05}"),
            Shared::TrueLabel(truth) => format!("{truth:05} to any"),
            Shared::Nothing => "all".to_owned(),
        }
    }
}

/// Members before they have their share of k.
struct Part {
    shared: Shared,
    members: Vec<usize>,
    /// How many confusions they are of.
    confusions: usize,
}

type Confusions = BTreeMap<(Label, Label), Vec<usize>>;

/// What is clustered together, and into how many groups. Confusions come
/// first, then pools.
pub(super) fn buckets(uus: &[UnknownUnknown], settings: &DiscoverySettings) -> Vec<Bucket> {
    let too_few = uus.len() < FEWEST_TO_SPLIT;
    let parts = if too_few || settings.mix_confusions {
        vec![everything(uus)]
    } else {
        parts(uus, settings)
    };
    let ks = match settings.k {
        _ if too_few => vec![1],
        Some(k) => proportional(k, &parts),
        None => usual(&parts),
    };
    (parts.into_iter().zip(ks))
        .map(|(part, k)| Bucket {
            k: k.clamp(1, part.members.len().max(1)),
            smallest: match part.shared {
                Shared::Confusion(..) => 1,
                _ if settings.mix_confusions => 1,
                _ => settings.smallest_group,
            },
            shared: part.shared,
            members: part.members,
        })
        .collect()
}

/// Buckets of one group each, for errors without embeddings.
pub(super) fn without_embeddings(
    uus: &[UnknownUnknown],
    settings: &DiscoverySettings,
) -> Vec<Bucket> {
    (parts(uus, settings).into_iter())
        .map(|part| Bucket {
            shared: part.shared,
            members: part.members,
            k: 1,
            smallest: 1,
        })
        .collect()
}

/// What a reader should know about pools; `None` where there are none.
pub(super) fn note(buckets: &[Bucket], uus: &[UnknownUnknown]) -> Option<String> {
    let pooled = |of: fn(&Shared) -> bool| {
        let pools = || buckets.iter().filter(move |bucket| of(&bucket.shared));
        let errors: usize = pools().map(|bucket| bucket.members.len()).sum();
        (pools().count(), errors)
    };
    let confusions: BTreeSet<(Label, Label)> = (buckets.iter())
        .filter(|bucket| !matches!(bucket.shared, Shared::Confusion(..)))
        .flat_map(|bucket| &bucket.members)
        .map(|member| (uus[*member].true_label, uus[*member].predicted))
        .collect();
    let ways = [
        (
            pooled(|s| matches!(s, Shared::Predicted(_))),
            "by the predicted label",
        ),
        (
            pooled(|s| matches!(s, Shared::TrueLabel(_))),
            "by the true label",
        ),
    ];
    let mut said: Vec<String> = (ways.into_iter())
        .filter(|((pools, _), _)| *pools > 0)
        .map(|((pools, errors), way)| {
            format!("{} {way} ({})", many(errors, "error"), many(pools, "label"))
        })
        .collect();
    let (rest, errors) = pooled(|s| matches!(s, Shared::Nothing));
    if rest > 0 {
        said.push(format!(
            "{} that share too little all together",
            many(errors, "error")
        ));
    }
    (!said.is_empty()).then(|| {
        format!(
            "Confusions with too few errors to teach ({} of them) are pooled: {}. A blind spot \
             made of several confusions is listed under its commonest.",
            confusions.len(),
            said.join(", ")
        )
    })
}

fn everything(uus: &[UnknownUnknown]) -> Part {
    Part {
        shared: Shared::Nothing,
        members: (0..uus.len()).collect(),
        confusions: confusions(uus).len(),
    }
}

fn confusions(uus: &[UnknownUnknown]) -> Confusions {
    let mut confusions = Confusions::new();
    for (position, uu) in uus.iter().enumerate() {
        let confusion = (uu.true_label, uu.predicted);
        confusions.entry(confusion).or_default().push(position);
    }
    confusions
}

/// Confusions apart, rare ones pooled. What counts as rare rises until there
/// are no more parts than blind spots are wanted.
fn parts(uus: &[UnknownUnknown], settings: &DiscoverySettings) -> Vec<Part> {
    let most = settings.k.unwrap_or(MOST_BLIND_SPOTS).max(1);
    let parts = pooled(confusions(uus), settings.smallest_group);
    if parts.len() <= most {
        return parts;
    }
    // At most `most` parts can be so large, and then nothing is left over.
    pooled(confusions(uus), uus.len().div_ceil(most))
}

/// Confusions with `smallest` errors or more apart; the others pooled by the
/// label that most of them share, then by the next one, as long as a pool has
/// `smallest` errors; what is left in a last pool.
fn pooled(confusions: Confusions, smallest: usize) -> Vec<Part> {
    let nothing_to_pool = confusions.len() < FEWEST_TO_POOL;
    let (mut rare, common): (Confusions, Confusions) = (confusions.into_iter())
        .partition(|(_, members)| !nothing_to_pool && members.len() < smallest);
    let mut parts: Vec<Part> = (common.into_iter())
        .map(|((truth, predicted), members)| Part {
            shared: Shared::Confusion(truth, predicted),
            members,
            confusions: 1,
        })
        .collect();
    while let Some(shared) = most_shared(&rare, smallest) {
        let (pool, left) = (rare.into_iter()).partition(|(confusion, _)| holds(shared, *confusion));
        parts.push(pool_of(pool, shared));
        rare = left;
    }
    if !rare.is_empty() {
        parts.push(pool_of(rare, Shared::Nothing));
    }
    parts
}

/// The label that most errors share, if at least `smallest` do: a predicted
/// one before a true one, then the smaller of equals.
fn most_shared(rare: &Confusions, smallest: usize) -> Option<Shared> {
    let mut sizes = BTreeMap::<Shared, usize>::new();
    for ((truth, predicted), members) in rare {
        for shared in [Shared::Predicted(*predicted), Shared::TrueLabel(*truth)] {
            *sizes.entry(shared).or_default() += members.len();
        }
    }
    let most = sizes.values().copied().max()?;
    let found = sizes.into_iter().find(|(_, size)| *size == most);
    found.filter(|_| most >= smallest).map(|(shared, _)| shared)
}

fn holds(shared: Shared, (truth, predicted): (Label, Label)) -> bool {
    match shared {
        Shared::Confusion(..) => false,
        Shared::Predicted(label) => predicted == label,
        Shared::TrueLabel(label) => truth == label,
        Shared::Nothing => true,
    }
}

/// A pool of a single confusion is that confusion.
fn pool_of(pool: Confusions, shared: Shared) -> Part {
    let confusions = pool.len();
    let shared = match pool.keys().next() {
        Some((truth, predicted)) if confusions == 1 => Shared::Confusion(*truth, *predicted),
        _ => shared,
    };
    let mut members: Vec<usize> = pool.into_values().flatten().collect();
    members.sort_unstable();
    Part {
        shared,
        members,
        confusions,
    }
}

/// About one group for 15 errors, at most 8 for each confusion, and no more
/// over all than anybody would teach.
fn usual(parts: &[Part]) -> Vec<usize> {
    let ks: Vec<usize> = (parts.iter())
        .map(|part| {
            let k = (part.members.len() as f64 / USUAL_SIZE).round() as usize;
            k.clamp(1, (MOST_PER_CONFUSION * part.confusions).max(1))
        })
        .collect();
    if ks.iter().sum::<usize>() > MOST_BLIND_SPOTS {
        proportional(MOST_BLIND_SPOTS, parts)
    } else {
        ks
    }
}

/// Shares `k` out in proportion to sizes, each time to the part that lacks
/// most; at least one and at most its size for each part, so that the sum is
/// above `k` only if there are more parts.
fn proportional(k: usize, parts: &[Part]) -> Vec<usize> {
    let sizes: Vec<usize> = parts.iter().map(|part| part.members.len()).collect();
    let total: usize = sizes.iter().sum();
    let exact = |size: usize| k as f64 * size as f64 / total.max(1) as f64;
    let mut shares = vec![1; sizes.len()];
    while shares.iter().sum::<usize>() < k {
        let lacking = |part: &usize| exact(sizes[*part]) - shares[*part] as f64;
        let next = (0..sizes.len())
            .filter(|part| shares[*part] < sizes[*part])
            .max_by(|a, b| lacking(a).total_cmp(&lacking(b)).then(b.cmp(a)));
        match next {
            Some(part) => shares[part] += 1,
            None => break,
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Errors of confusions `(truth, predicted, count)`.
    fn errors(confusions: &[(Label, Label, usize)]) -> Vec<UnknownUnknown> {
        (confusions.iter())
            .flat_map(|(truth, predicted, count)| std::iter::repeat_n((*truth, *predicted), *count))
            .enumerate()
            .map(|(example, (true_label, predicted))| UnknownUnknown {
                example,
                true_label,
                predicted,
                confidence: 1.0,
            })
            .collect()
    }

    fn shapes(buckets: &[Bucket]) -> Vec<(Shared, usize, usize)> {
        let shape = |bucket: &Bucket| (bucket.shared, bucket.members.len(), bucket.k);
        buckets.iter().map(shape).collect()
    }

    #[test]
    fn rare_confusions_are_pooled_by_the_label_that_most_of_them_share() {
        let uus = errors(&[
            (0, 1, 31), // common
            (2, 1, 6),  // with the next one: predicted 1
            (3, 1, 6),
            (5, 6, 4), // with the next two: truly 5
            (5, 7, 4),
            (5, 8, 4),
            (9, 8, 3), // left
            (7, 9, 2), // left
        ]);
        let found = buckets(&uus, &DiscoverySettings::default());
        assert_eq!(
            shapes(&found),
            [
                (Shared::Confusion(0, 1), 31, 2),
                (Shared::Predicted(1), 12, 1),
                (Shared::TrueLabel(5), 12, 1),
                (Shared::Nothing, 5, 1),
            ]
        );
        let note = note(&found, &uus).unwrap();
        for part in [
            "7 of them",
            "12 errors by the predicted label (1 label)",
            "12 errors by the true label (1 label)",
            "5 errors that share too little",
        ] {
            assert!(note.contains(part), "{note}");
        }
    }

    #[test]
    fn two_confusions_and_a_single_rare_one_stay_as_they_are() {
        let two = errors(&[(0, 1, 40), (1, 0, 2)]);
        let found = buckets(&two, &DiscoverySettings::default());
        let expected = [
            (Shared::Confusion(0, 1), 40, 3),
            (Shared::Confusion(1, 0), 2, 1),
        ];
        assert_eq!(shapes(&found), expected);
        assert_eq!(found[1].smallest, 1);
        assert_eq!(note(&found, &two), None);

        let three = errors(&[(0, 1, 20), (1, 0, 20), (2, 0, 3)]);
        let found = buckets(&three, &DiscoverySettings::default());
        assert_eq!(found[2].shared, Shared::Confusion(2, 0));
        assert_eq!(note(&found, &three), None);
    }

    #[test]
    fn many_common_confusions_are_pooled_down_to_what_can_be_taught() {
        // 90 confusions with 12 errors each: none is rare by itself.
        let confusions: Vec<_> = (0..90).map(|i| (i % 30, 30 + i / 3, 12)).collect();
        let uus = errors(&confusions);
        let found = buckets(&uus, &DiscoverySettings::default());
        let k: usize = found.iter().map(|bucket| bucket.k).sum();
        assert!(found.len() > 10 && k <= MOST_BLIND_SPOTS, "{k}");

        let settings = DiscoverySettings {
            k: Some(7),
            ..DiscoverySettings::default()
        };
        let found = buckets(&uus, &settings);
        assert_eq!(found.iter().map(|bucket| bucket.k).sum::<usize>(), 7);
    }

    proptest! {
        #[test]
        fn every_error_is_in_one_bucket_and_pools_share_what_they_say(
            confusions in prop::collection::vec((0u16..12, 0u16..12, 0usize..20), 0..40),
            smallest_group in 1usize..30,
            k in prop::option::of(1usize..50),
        ) {
            let uus = errors(&confusions);
            let settings = DiscoverySettings { smallest_group, k, ..Default::default() };
            let found = buckets(&uus, &settings);
            let mut all: Vec<usize> = found.iter().flat_map(|b| b.members.clone()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, (0..uus.len()).collect::<Vec<_>>());
            for bucket in &found {
                for uu in bucket.members.iter().map(|member| &uus[*member]) {
                    let confusion = (uu.true_label, uu.predicted);
                    let shares = match bucket.shared {
                        Shared::Confusion(a, b) => confusion == (a, b),
                        shared => holds(shared, confusion),
                    };
                    prop_assert!(shares);
                }
            }
            let total: usize = found.iter().map(|bucket| bucket.k).sum();
            let most = k.unwrap_or(MOST_BLIND_SPOTS).max(2);
            prop_assert!(total <= most, "{} buckets, {total} blind spots", found.len());
        }
    }
}
