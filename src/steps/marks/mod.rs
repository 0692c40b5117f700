//! What marks a blind spot: words and simple features that tell its shown
//! errors from what the model gets right of the same class, and from the other
//! blind spots. A starting point for a hypothesis, no more.
//!
//! Only shown errors are looked at: those that are kept back test hypotheses.

mod features;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use statrs::function::factorial::ln_binomial;

pub use self::features::Feature;
use self::features::Simple;
use crate::comparison::behaviour::Rate;
use crate::dataset::Dataset;
use crate::discovery::Outcome;
use crate::records::{BlindSpotId, Role, Text};
use crate::steps::State;
use crate::support::function_words::{is_function_word, is_placeholder};
use crate::support::statistics::holm;

/// Weight of the prior, in texts.
const PRIOR_TEXTS: f64 = 10.0;
/// A mark is called one from this p on, all terms taken together.
const LEVEL: f64 = 0.05;
/// Marks that are listed at most.
const MOST: usize = 12;
/// A word that so many of the right texts have is as good as a function word,
/// in whatever language.
const COMMON: f64 = 0.2;

/// What marks a blind spot, strongest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Marks {
    /// The marks, and below them what may be chance.
    pub marks: Vec<Mark>,
    /// How many terms were looked at, for which p is corrected.
    pub looked_at: usize,
}

/// Something that is commoner in a blind spot than elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mark {
    /// What it is.
    pub feature: Feature,
    /// Shown errors of the blind spot that have it.
    pub errors: Rate,
    /// Texts of its class that the model gets right and that have it.
    pub right: Rate,
    /// Shown errors of the other blind spots that have it.
    pub others: Rate,
    /// Log-odds ratio against the right texts, in standard errors.
    pub against_right: f64,
    /// The same against the other blind spots; none without any.
    pub against_others: Option<f64>,
    /// Fisher's exact p against the right texts, by Holm over all terms that
    /// could tell; 1 for those that could not.
    pub p_right: f64,
    /// The same against the other blind spots.
    pub p_others: Option<f64>,
    /// Whether it is more than chance: against the right texts, and for a
    /// function word against the other blind spots too.
    pub holds: bool,
}

/// In how many of some texts each feature is.
struct Counts {
    of: usize,
    with: BTreeMap<Feature, usize>,
}

impl Counts {
    fn of<'a>(texts: impl Iterator<Item = &'a Text>, simple: &Simple) -> Self {
        let mut counts = Self {
            of: 0,
            with: BTreeMap::new(),
        };
        for text in texts {
            counts.of += 1;
            for feature in simple.of(text) {
                *counts.with.entry(feature).or_default() += 1;
            }
        }
        counts
    }

    fn rate(&self, feature: &Feature) -> Rate {
        Rate {
            count: self.with.get(feature).copied().unwrap_or(0),
            of: self.of,
        }
    }
}

impl Mark {
    /// “funny: 8 of 19 errors, 12 of 703 right texts, 0 of 48 other errors”.
    pub fn said(&self) -> String {
        let (errors, right, others) = (self.errors, self.right, self.others);
        format!(
            "{}: {} of {} errors, {} of {} right texts, {} of {} other errors{}",
            self.feature.name(),
            errors.count,
            errors.of,
            right.count,
            right.of,
            others.count,
            others.of,
            if self.holds { "" } else { " (may be chance)" }
        )
    }
}

/// The texts that marks are looked for in, by their indices.
#[derive(Clone)]
pub struct Compared {
    dataset: Arc<Dataset>,
    /// Shown errors of the blind spot.
    errors: Vec<usize>,
    /// Texts of its class that the model gets right.
    right: Vec<usize>,
    /// Shown errors of the other blind spots.
    others: Vec<usize>,
}

impl PartialEq for Compared {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.dataset, &other.dataset)
            && self.errors == other.errors
            && self.right == other.right
            && self.others == other.others
    }
}

impl Eq for Compared {}

impl Compared {
    /// How many texts there are.
    pub fn texts(&self) -> usize {
        self.errors.len() + self.right.len() + self.others.len()
    }

    /// Looks through the texts: a moment for thousands of them.
    pub fn marks(&self) -> Marks {
        let of = |indices: &[usize]| -> Vec<&Text> {
            let examples = indices.iter().map(|index| &self.dataset.examples[*index]);
            examples.filter_map(|example| example.text()).collect()
        };
        marks(&of(&self.errors), &of(&self.right), &of(&self.others))
    }
}

impl State {
    /// What a blind spot of the snapshot in use is held against, once the
    /// examples have been scored.
    pub fn compared(&self, id: BlindSpotId) -> Option<Compared> {
        let (evidence, answers) = (self.evidence()?, self.frozen_answers()?);
        let (dataset, spot) = (&self.dataset, self.blind_spot(id)?);
        let shown = |id: BlindSpotId| evidence.shown(id).iter().map(|error| error.example);
        let is_right = |row: &usize| {
            let truth = answers.truths().of(dataset, answers.index(*row));
            answers.outcome(*row) == Outcome::Right && truth == Some(spot.true_label)
        };
        let right = answers.rows_of(Role::Discovery).filter(is_right);
        let spots = self.snapshot()?.blind_spots.iter();
        let others = spots.filter(|other| other.id != id);
        Some(Compared {
            dataset: Arc::clone(dataset),
            errors: shown(id).collect(),
            right: right.map(|row| answers.index(row)).collect(),
            others: others.flat_map(|other| shown(other.id)).collect(),
        })
    }
}

/// What tells some errors from right texts and from other errors.
fn marks(errors: &[&Text], right: &[&Text], others: &[&Text]) -> Marks {
    let simple = Simple::among(right.iter().chain(errors).copied());
    let [errors, right, others] =
        [errors, right, others].map(|texts| Counts::of(texts.iter().copied(), &simple));
    // One text is no pattern.
    let fewest = 2;
    let mut found: Vec<Mark> = (errors.with.iter())
        .filter(|(feature, count)| **count >= fewest && !stands_for_nothing(feature))
        .map(|(feature, _)| {
            let rates = [&errors, &right, &others].map(|counts| counts.rate(feature));
            mark(feature, rates)
        })
        .collect();
    if right.of == 0 {
        found.clear();
    }
    let tested = tested(&errors, &right);
    let looked_at = tested.len();
    correct(&mut found, &tested);
    found.retain(|mark| mark.against_right > 0.0 && (mark.holds || !says_little(mark)));
    found.sort_by(|a, b| {
        let strength = b.against_right.total_cmp(&a.against_right);
        b.holds.cmp(&a.holds).then(strength)
    });
    found.truncate(MOST);
    Marks {
        marks: found,
        looked_at,
    }
}

fn stands_for_nothing(feature: &Feature) -> bool {
    matches!(feature, Feature::Word(word) if is_placeholder(word))
}

/// Whether a mark is a word that texts have whatever they are about.
fn says_little(mark: &Mark) -> bool {
    match &mark.feature {
        Feature::Word(word) => is_function_word(word) || mark.right.share() >= Some(COMMON),
        _ => false,
    }
}

fn mark(feature: &Feature, [errors, right, others]: [Rate; 3]) -> Mark {
    let all = [errors, right, others];
    let count = |part: fn(&Rate) -> usize| all.iter().map(part).sum::<usize>() as f64;
    let share = (count(|rate| rate.count) + 0.5) / (count(|rate| rate.of) + 1.0);
    let against_right = log_odds(errors, right, share);
    let against_others = (others.of > 0).then(|| log_odds(errors, others, share));
    Mark {
        feature: feature.clone(),
        errors,
        right,
        others,
        against_right,
        against_others,
        p_right: 1.0,
        p_others: (others.of > 0).then(|| p_exact(errors, others)),
        holds: false,
    }
}

/// Log-odds ratio in standard errors, with an informative prior: each side is
/// seen as if [`PRIOR_TEXTS`] texts more had the feature as often as all texts
/// have (Monroe, Colaresi, Quinn: Fightin' Words, Political Analysis 16, 2008,
/// equations 15 to 22; here a text has a feature or not, so that their
/// Dirichlet is a Beta distribution for each feature).
fn log_odds(one: Rate, other: Rate, share: f64) -> f64 {
    let side = |rate: Rate| {
        let with = rate.count as f64 + PRIOR_TEXTS * share;
        let without = (rate.of - rate.count) as f64 + PRIOR_TEXTS * (1.0 - share);
        ((with / without).ln(), 1.0 / with + 1.0 / without)
    };
    let ((log_one, variance_one), (log_other, variance_other)) = (side(one), side(other));
    (log_one - log_other) / (variance_one + variance_other).sqrt()
}

/// Fisher's exact test, one-sided: chance that of all texts with a feature so
/// many or more fall to one side, if they fall there at random. A score in
/// standard errors would call two of eighteen texts far more than chance.
fn p_exact(one: Rate, other: Rate) -> f64 {
    let (of, with) = ((one.of + other.of) as u64, (one.count + other.count) as u64);
    let (drawn, most) = (one.of as u64, with.min(one.of as u64));
    let all = ln_binomial(of, drawn);
    let chance = |inside: u64| {
        let outside = drawn - inside;
        let fits = outside <= of - with;
        let ways = ln_binomial(with, inside) + ln_binomial(of - with, outside.min(of - with));
        if fits { (ways - all).exp() } else { 0.0 }
    };
    (one.count as u64..=most).map(chance).sum::<f64>().min(1.0)
}

/// p against the right texts, by Holm, of every term that could tell.
///
/// A term is looked at whether it is common in the blind spot or not: to count
/// the common ones alone would be to choose by what is tested. But one that is
/// so rare in all texts that even all of them in the blind spot would tell
/// nothing needs no correction (Tarone, Biometrics 1990).
fn tested<'a>(errors: &'a Counts, right: &'a Counts) -> BTreeMap<&'a Feature, f64> {
    let all: BTreeSet<&Feature> = errors.with.keys().chain(right.with.keys()).collect();
    let both: Vec<(&Feature, f64, f64)> = (all.into_iter())
        .map(|feature| {
            let (inside, outside) = (errors.rate(feature), right.rate(feature));
            let total = inside.count + outside.count;
            let most = total.min(inside.of);
            let extreme = [(most, inside.of), (total - most, outside.of)];
            let [most, fewest] = extreme.map(|(count, of)| Rate { count, of });
            (feature, p_exact(most, fewest), p_exact(inside, outside))
        })
        .collect();
    let able = |level: f64| both.iter().filter(|(_, least, _)| *least <= level).count();
    let counted = (1..=both.len()).find(|count| able(LEVEL / *count as f64) <= *count);
    let level = LEVEL / counted.unwrap_or(1) as f64;
    let (features, p): (Vec<&Feature>, Vec<f64>) = (both.iter())
        .filter(|(_, least, _)| *least <= level)
        .map(|(feature, _, p)| (*feature, *p))
        .unzip();
    features.into_iter().zip(holm(&p)).collect()
}

/// Corrects p for the number of terms, and says which marks hold.
fn correct(marks: &mut [Mark], tested: &BTreeMap<&Feature, f64>) {
    let others: Vec<f64> = (marks.iter())
        .map(|mark| mark.p_others.unwrap_or(1.0))
        .collect();
    for (mark, others) in marks.iter_mut().zip(holm(&others)) {
        mark.p_right = tested.get(&mark.feature).copied().unwrap_or(1.0);
        mark.p_others = mark.p_others.map(|_| others);
        mark.holds = mark.p_right <= LEVEL && (!says_little(mark) || others <= LEVEL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::rng;
    use rand::Rng as _;

    fn texts(count: usize, of: impl Fn(usize) -> String) -> Vec<Text> {
        (0..count).map(|number| Text::single(of(number))).collect()
    }

    fn of(errors: &[Text], right: &[Text], others: &[Text]) -> Marks {
        let [errors, right, others] =
            [errors, right, others].map(|texts| texts.iter().collect::<Vec<_>>());
        marks(&errors, &right, &others)
    }

    fn held(marks: &Marks) -> Vec<String> {
        let held = marks.marks.iter().filter(|mark| mark.holds);
        held.map(|mark| mark.feature.name()).collect()
    }

    #[test]
    fn a_planted_word_and_a_planted_feature_are_found_and_come_first() {
        let errors = texts(20, |n| format!("is it a funny tale{n}?"));
        let right = texts(200, |n| format!("is it a sober tale{n}"));
        let others = texts(20, |n| format!("is it a sad tale{n}"));
        let found = of(&errors, &right, &others);
        let mut held = held(&found);
        held.sort_unstable();
        assert_eq!(held, ["a question mark", "funny"], "{found:#?}");
        let first = &found.marks[0];
        assert_eq!(
            (first.errors.count, first.right.count, first.others.count),
            (20, 0, 0)
        );
    }

    #[test]
    fn a_function_word_counts_only_where_it_tells_from_the_other_blind_spots_too() {
        let errors = texts(24, |n| format!("he likes thing{n}"));
        let right = texts(240, |n| format!("somebody likes thing{n}"));
        let also_he = texts(24, |n| format!("he sells thing{n}"));
        let none = texts(24, |n| format!("somebody sells thing{n}"));
        assert!(!held(&of(&errors, &right, &also_he)).contains(&"he".to_owned()));
        assert!(held(&of(&errors, &right, &none)).contains(&"he".to_owned()));
        assert!(
            !held(&of(&errors, &right, &[])).contains(&"he".to_owned()),
            "nothing to tell from"
        );
    }

    #[test]
    fn chance_makes_no_marks_but_in_one_of_twenty_blind_spots() {
        let mut rng = rng::seeded(3, "chance");
        let mut text = || {
            let words = (0..8).map(|_| format!("word{}", rng.gen_range(0..300)));
            Text::single(words.collect::<Vec<_>>().join(" "))
        };
        let studies = 100;
        let alarms = (0..studies).filter(|_| {
            let mut some = |count| (0..count).map(|_| text()).collect::<Vec<_>>();
            let (errors, right, others) = (some(20), some(400), some(60));
            !held(&of(&errors, &right, &others)).is_empty()
        });
        let alarms = alarms.count();
        assert!(alarms <= studies / 20 + 4, "{alarms} of {studies}");
    }

    #[test]
    fn a_rare_word_that_fell_there_twice_is_no_mark() {
        let errors = texts(18, |n| format!("details{:03} of thing{n:03}", n / 2 * 2));
        let right = texts(1000, |n| format!("details{:03} of other{n:03}", n % 400));
        let found = of(&errors, &right, &[]);
        assert!(held(&found).is_empty(), "{found:#?}");
        let exact = |one, other| {
            p_exact(
                Rate { count: one, of: 18 },
                Rate {
                    count: other,
                    of: 1089,
                },
            )
        };
        // 1 - C(1103, 18) / C(1107, 18) - 4 C(1103, 17) / C(1107, 18).
        assert!((exact(2, 2) - 0.001_49).abs() < 0.000_1, "{}", exact(2, 2));
        assert!(
            (exact(0, 4) - 1.0).abs() < 1e-9,
            "nothing is as likely as this or more"
        );
    }

    #[test]
    fn without_right_texts_nothing_is_told() {
        let errors = texts(20, |n| format!("funny {n}"));
        assert!(of(&errors, &[], &[]).marks.is_empty());
    }
}
