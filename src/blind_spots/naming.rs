//! What blind spots are called as long as nobody gave them a name: what
//! their errors have in common, and the words that a good part of their errors share.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataset::Dataset;
use crate::records::{BlindSpot, BlindSpotId, Label, Snapshot, Term};
use crate::support::function_words::{is_function_word, is_placeholder};

/// Words in a name at most.
pub(super) const MOST: usize = 3;
/// A word is in the name if one in this many of the errors holds it.
const ONE_IN: usize = 5;
/// Standard errors from which a word is distinctive enough for a name.
const LEAST_SCORE: f32 = 1.64;

/// True label and answer; one of them alone with a nought in the other's place.
type Pair = (Label, Label);

/// What most errors of a blind spot have in common, as its name says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Common {
    /// All are of one confusion.
    Confusion(Label, Label),
    /// More than half are of one confusion.
    MostlyConfusion(Label, Label),
    /// More than half are answered with a label, by texts of so many labels.
    Answer(Label, usize),
    /// More than half are texts of a label, answered with so many labels.
    Truth(Label, usize),
    /// Nothing: there are so many confusions.
    Little(usize),
}

impl Common {
    /// Of the confusions of some errors, true label and answer of each.
    pub fn of(errors: &[(Label, Label)]) -> Self {
        let counted = |part: fn(&Pair) -> Pair| {
            let mut counts = BTreeMap::<Pair, usize>::new();
            for error in errors {
                *counts.entry(part(error)).or_default() += 1;
            }
            counts
        };
        let most = |counts: &BTreeMap<Pair, usize>| {
            let more_than_half = counts.iter().find(|(_, count)| 2 * **count > errors.len());
            more_than_half.map(|(label, _)| *label)
        };
        let confusions = counted(|error| *error);
        if let Some((truth, predicted)) = most(&confusions) {
            return match confusions.len() {
                1 => Self::Confusion(truth, predicted),
                _ => Self::MostlyConfusion(truth, predicted),
            };
        }
        // Every error of these is of another confusion than every other pair.
        if let Some((label, _)) = most(&counted(|(_, predicted)| (*predicted, 0))) {
            let kinds = confusions
                .keys()
                .filter(|(_, predicted)| *predicted == label);
            return Self::Answer(label, kinds.count());
        }
        if let Some((label, _)) = most(&counted(|(truth, _)| (*truth, 0))) {
            let kinds = confusions.keys().filter(|(truth, _)| *truth == label);
            return Self::Truth(label, kinds.count());
        }
        Self::Little(confusions.len())
    }

    /// “positive taken for negative”, “often answered refund (6 labels)”.
    pub fn name(self, dataset: &Dataset) -> String {
        let label = |label| dataset.label_name(label);
        match self {
            Self::Confusion(truth, predicted) => {
                format!("{} taken for {}", label(truth), label(predicted))
            }
            Self::MostlyConfusion(truth, predicted) => {
                format!("mostly {} taken for {}", label(truth), label(predicted))
            }
            Self::Answer(predicted, labels) => {
                format!("often answered {} ({labels} labels)", label(predicted))
            }
            Self::Truth(truth, answers) => {
                format!("often missed {} ({answers} answers)", label(truth))
            }
            Self::Little(kinds) => format!("mixed: {kinds} kinds of mistake"),
        }
    }

    /// All that the name of a blind spot may say, whatever its errors were when
    /// it was made.
    fn all<'a>(spot: &'a BlindSpot, dataset: &'a Dataset) -> impl Iterator<Item = Self> + 'a {
        let (truth, predicted) = (spot.true_label, spot.predicted);
        let labels = Label::try_from(dataset.labels.len()).unwrap_or(Label::MAX);
        let most = spot.size();
        // Few of many labels can be meant, and each would be tried with every number.
        let named = (0..labels).filter(|label| spot.name.contains(dataset.label_name(*label)));
        let of_labels = named.flat_map(move |label| {
            (2..=most)
                .flat_map(move |kinds| [Self::Answer(label, kinds), Self::Truth(label, kinds)])
        });
        [
            Self::Confusion(truth, predicted),
            Self::MostlyConfusion(truth, predicted),
        ]
        .into_iter()
        .chain((2..=most).map(Self::Little))
        .chain(of_labels)
    }
}

/// Whether a word may be part of the name of a blind spot with so many shown
/// errors.
pub(super) fn names(term: &Term, shown: usize) -> bool {
    term.score >= LEAST_SCORE
        && term.inside * ONE_IN >= shown
        && !is_function_word(&term.word)
        && !is_placeholder(&term.word)
}

/// The name that is made for a blind spot with so many shown errors, from its
/// distinctive terms, best first.
pub(super) fn made_name(
    (terms, shown): (&[Term], usize),
    common: Common,
    dataset: &Dataset,
) -> String {
    let common = common.name(dataset);
    let words = terms.iter().filter(|term| names(term, shown)).take(MOST);
    let words: Vec<&str> = words.map(|term| term.word.as_str()).collect();
    match words.is_empty() {
        true => common,
        false => format!("{common}: {}", words.join(", ")),
    }
}

fn made_for(spot: &BlindSpot, common: Common, dataset: &Dataset) -> String {
    made_name((&spot.terms, spot.shown.len()), common, dataset)
}

/// The name that versions before 0.2 made: distinctive terms or, without any,
/// the confusion.
fn made_formerly(spot: &BlindSpot, mixed: bool, dataset: &Dataset) -> String {
    let best = spot.terms.iter().filter(|term| term.score >= LEAST_SCORE);
    let best: Vec<&str> = best.take(MOST).map(|term| term.word.as_str()).collect();
    if !best.is_empty() {
        return best.join(", ");
    }
    let name = |label| dataset.label_name(label);
    let mostly = if mixed { "mostly " } else { "" };
    format!(
        "{mostly}{} → {}",
        name(spot.true_label),
        name(spot.predicted)
    )
}

fn numbered(name: &str, id: BlindSpotId) -> String {
    format!("{name} #{id}")
}

fn is_called_so(spot: &BlindSpot, made: &str) -> bool {
    spot.name == made || spot.name == numbered(made, spot.id)
}

fn was_named_formerly(spot: &BlindSpot, dataset: &Dataset) -> bool {
    let mut formerly = [false, true].into_iter();
    formerly.any(|mixed| is_called_so(spot, &made_formerly(spot, mixed, dataset)))
}

/// Whether a person named it.
pub(super) fn was_renamed(spot: &BlindSpot, dataset: &Dataset) -> bool {
    let mut all = Common::all(spot, dataset);
    let is_made = all.any(|common| is_called_so(spot, &made_for(spot, common, dataset)));
    !is_made && !was_named_formerly(spot, dataset)
}

/// Adds the number to a name that an earlier blind spot has too.
pub(super) fn tell_apart(spots: &mut [BlindSpot]) {
    let mut names = BTreeSet::new();
    for spot in spots {
        if !names.insert(spot.name.clone()) {
            spot.name = numbered(&spot.name, spot.id);
        }
    }
}

/// Names that an earlier version made are made anew; names that people gave
/// stay, and so does everything else.
pub fn with_new_names(mut snapshot: Snapshot, dataset: &Dataset) -> Snapshot {
    for spot in &mut snapshot.blind_spots {
        if was_named_formerly(spot, dataset) {
            let (truth, predicted) = (spot.true_label, spot.predicted);
            let common = match spot.name.starts_with("mostly ") {
                true => Common::MostlyConfusion(truth, predicted),
                false => Common::Confusion(truth, predicted),
            };
            spot.name = made_for(spot, common, dataset);
        }
    }
    tell_apart(&mut snapshot.blind_spots);
    snapshot
}

/// Whether a blind spot is called so, or was by an earlier version.
pub fn is_called(spot: &BlindSpot, named: &str, dataset: &Dataset) -> bool {
    spot.name == named || made_formerly(spot, false, dataset) == named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{ExampleKey, fixture};

    fn term(word: &str, inside: usize, score: f32) -> Term {
        Term {
            word: word.into(),
            inside,
            outside: 3,
            score,
        }
    }

    fn dataset() -> Dataset {
        let mut fixture = crate::inference::fixture::Fixture::new(2, 0);
        fixture.add("x", 0, crate::records::Role::Discovery, &[0.0, 1.0], &[]);
        fixture.build().0
    }

    fn spot(terms: &[Term], shown: usize) -> BlindSpot {
        let mut spot = fixture::blind_spot(BlindSpotId(1), "");
        (spot.true_label, spot.predicted) = (0, 1);
        spot.terms = terms.to_vec();
        spot.shown = (0..shown).map(|n| ExampleKey(n.to_string())).collect();
        spot
    }

    #[test]
    fn a_name_holds_what_a_fifth_of_the_errors_share_and_is_no_he_and_no_url() {
        let terms = [
            term("url", 18, 5.0),
            term("he", 9, 4.0),
            term("rare", 3, 4.0),
            term("party", 4, 3.0),
            term("usual", 9, 1.0),
        ];
        let common = Common::Confusion(0, 1);
        let named = |terms: &[Term]| made_for(&spot(terms, 20), common, &dataset());
        assert_eq!(named(&terms), "label0 taken for label1: party");
        assert_eq!(named(&terms[..3]), "label0 taken for label1");
    }

    #[test]
    fn a_name_says_mostly_above_half_and_else_what_is_shared() {
        use Common::{Answer, Confusion, Little, MostlyConfusion, Truth};
        for (errors, common) in [
            (vec![(0, 1), (0, 1)], Confusion(0, 1)),
            (vec![(0, 1), (0, 1), (2, 3)], MostlyConfusion(0, 1)),
            // Half is not most.
            (vec![(0, 1), (0, 1), (2, 3), (4, 5)], Little(3)),
            (vec![(0, 1), (2, 1), (3, 1), (4, 5), (6, 1)], Answer(1, 4)),
            (vec![(0, 1), (0, 2), (0, 3), (4, 5)], Truth(0, 3)),
            (vec![(0, 1), (1, 0)], Little(2)),
        ] {
            assert_eq!(Common::of(&errors), common, "{errors:?}");
        }
    }

    #[test]
    fn each_made_name_is_known_as_made_and_others_as_given() {
        let dataset = dataset();
        let mut spot = spot(&[term("party", 8, 3.0)], 20);
        for (common, made) in [
            (
                Common::Answer(0, 6),
                "often answered label0 (6 labels): party",
            ),
            (
                Common::Truth(1, 3),
                "often missed label1 (3 answers): party",
            ),
            (Common::Little(12), "mixed: 12 kinds of mistake: party"),
            (
                Common::MostlyConfusion(0, 1),
                "mostly label0 taken for label1: party",
            ),
        ] {
            spot.name = made_for(&spot, common, &dataset);
            assert_eq!(spot.name, made);
            assert!(!was_renamed(&spot, &dataset), "{made}");
            spot.name = numbered(made, spot.id);
            assert!(!was_renamed(&spot, &dataset), "{made}");
        }
        spot.name = "often answered refund".to_owned();
        assert!(was_renamed(&spot, &dataset));
    }

    #[test]
    fn names_of_an_earlier_version_are_made_anew_and_given_ones_stay() {
        let dataset = dataset();
        let terms = [term("he", 9, 4.0), term("party", 8, 3.0)];
        let mut snapshot = fixture::snapshot("base");
        let mut all = ["he, party", "he, party #2", "mine"].map(|name| {
            let mut spot = spot(&terms, 20);
            spot.name = name.into();
            spot
        });
        for (number, spot) in (1..).zip(&mut all) {
            spot.id = BlindSpotId(number);
        }
        assert!(!was_renamed(&all[0], &dataset) && was_renamed(&all[2], &dataset));
        snapshot.blind_spots = all.to_vec();
        let renewed = with_new_names(snapshot, &dataset);
        let names: Vec<&str> = renewed
            .blind_spots
            .iter()
            .map(|spot| spot.name.as_str())
            .collect();
        let made = "label0 taken for label1: party";
        assert_eq!(names, [made, &format!("{made} #2"), "mine"]);
        assert!(!was_renamed(&renewed.blind_spots[1], &dataset));
        assert!(is_called(&renewed.blind_spots[0], "he, party", &dataset));
    }
}
