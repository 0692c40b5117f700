//! What blind spots are called as long as nobody gave them a name: their
//! confusion, and the words that a good part of their errors share.

use std::collections::BTreeSet;

use crate::dataset::Dataset;
use crate::records::{BlindSpot, BlindSpotId, Label, Snapshot, Term};
use crate::support::function_words::{is_function_word, is_placeholder};

/// Words in a name at most.
pub(super) const MOST: usize = 3;
/// A word is in the name if one in this many of the errors holds it.
const ONE_IN: usize = 5;
/// Standard errors from which a word is distinctive enough for a name.
const LEAST_SCORE: f32 = 1.64;

/// “positive taken for negative”, said to be the commonest confusion where it
/// is `mixed` with others.
pub fn confusion_name(
    dataset: &Dataset,
    (truth, predicted): (Label, Label),
    mixed: bool,
) -> String {
    format!(
        "{}{} taken for {}",
        if mixed { "mostly " } else { "" },
        dataset.label_name(truth),
        dataset.label_name(predicted)
    )
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
    confusion: (Label, Label),
    mixed: bool,
    dataset: &Dataset,
) -> String {
    let confusion = confusion_name(dataset, confusion, mixed);
    let words = terms.iter().filter(|term| names(term, shown)).take(MOST);
    let words: Vec<&str> = words.map(|term| term.word.as_str()).collect();
    match words.is_empty() {
        true => confusion,
        false => format!("{confusion}: {}", words.join(", ")),
    }
}

fn made_for(spot: &BlindSpot, mixed: bool, dataset: &Dataset) -> String {
    let confusion = (spot.true_label, spot.predicted);
    made_name((&spot.terms, spot.shown.len()), confusion, mixed, dataset)
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

fn is_named(
    spot: &BlindSpot,
    made: fn(&BlindSpot, bool, &Dataset) -> String,
    dataset: &Dataset,
) -> bool {
    [false, true].into_iter().any(|mixed| {
        let made = made(spot, mixed, dataset);
        spot.name == made || spot.name == numbered(&made, spot.id)
    })
}

/// Whether a person named it.
pub(super) fn was_renamed(spot: &BlindSpot, dataset: &Dataset) -> bool {
    !is_named(spot, made_for, dataset) && !is_named(spot, made_formerly, dataset)
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
        if is_named(spot, made_formerly, dataset) {
            let mixed = spot.name.starts_with("mostly ");
            spot.name = made_for(spot, mixed, dataset);
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
        let named = |terms: &[Term]| made_for(&spot(terms, 20), false, &dataset());
        assert_eq!(named(&terms), "label0 taken for label1: party");
        assert_eq!(named(&terms[..3]), "label0 taken for label1");
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
