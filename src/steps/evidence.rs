//! What a blind spot rests on after triage and moves by hand: only real errors
//! go on to teachers, to experts elsewhere, into the report and into training.

use std::collections::BTreeMap;

use crate::discovery::{AnswerTable, Outcome, UnknownUnknown};
use crate::records::{BlindSpot, BlindSpotId, Document, ExampleKey, Snapshot};

/// A part of a blind spot's errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Shown,
    KeptBack,
}

impl Part {
    fn of(self, spot: &BlindSpot) -> &[ExampleKey] {
        match self {
            Part::Shown => &spot.shown,
            Part::KeptBack => &spot.kept_back,
        }
    }
}

/// The errors and contrasts of frozen blind spots as they stand now.
pub struct Evidence<'a> {
    answers: AnswerTable,
    snapshot: &'a Snapshot,
    document: &'a Document,
    /// The errors of each blind spot.
    placed: BTreeMap<(BlindSpotId, Part), Vec<UnknownUnknown>>,
}

impl<'a> Evidence<'a> {
    /// `answers` are those of the base, on whose errors the blind spots stand.
    pub fn new(answers: &AnswerTable, snapshot: &'a Snapshot, document: &'a Document) -> Self {
        let mut evidence = Self {
            answers: answers.clone(),
            snapshot,
            document,
            placed: BTreeMap::new(),
        };
        // Own errors come first, then those moved from elsewhere.
        for own in [true, false] {
            for spot in &snapshot.blind_spots {
                for part in [Part::Shown, Part::KeptBack] {
                    evidence.place(spot, part, own);
                }
            }
        }
        evidence
    }

    /// Puts the errors of a frozen blind spot where they are now: those that
    /// stayed, or those that were moved.
    fn place(&mut self, spot: &BlindSpot, part: Part, stayed: bool) {
        for key in part.of(spot) {
            let place = self.document.place_of(key, spot.id);
            let Some(place) = place.filter(|place| (*place == spot.id) == stayed) else {
                continue;
            };
            if let Some(error) = self.error(key) {
                self.placed.entry((place, part)).or_default().push(error);
            }
        }
    }

    /// The errors that a teacher of a blind spot may see: those of its frozen
    /// *shown* part that are in it still, then those moved into it from the
    /// shown part of another.
    pub fn shown(&self, id: BlindSpotId) -> &[UnknownUnknown] {
        self.placed_in(id, Part::Shown)
    }

    /// The same of the *kept back* part.
    pub fn kept_back(&self, id: BlindSpotId) -> &[UnknownUnknown] {
        self.placed_in(id, Part::KeptBack)
    }

    /// The errors of all blind spots, shown and kept back, but those that were
    /// dropped.
    pub fn errors(&self) -> Vec<UnknownUnknown> {
        let spots = self.snapshot.blind_spots.iter();
        let members = spots.flat_map(|spot| spot.members().map(|key| (spot.id, key)));
        members
            .filter(|(frozen_in, key)| self.document.place_of(key, *frozen_in).is_some())
            .filter_map(|(_, key)| self.error(key))
            .collect()
    }

    /// Indices of a blind spot's contrasts that the base gets right still,
    /// nearest first.
    pub fn contrasts(&self, spot: &BlindSpot) -> Vec<usize> {
        let rows = spot.contrasts.iter().filter_map(|key| self.row_of(key));
        rows.filter(|row| self.answers.outcome(*row) == Outcome::Right)
            .map(|row| self.answers.index(row))
            .collect()
    }

    fn placed_in(&self, id: BlindSpotId, part: Part) -> &[UnknownUnknown] {
        self.placed.get(&(id, part)).map_or(&[], Vec::as_slice)
    }

    /// An example as an error, if triage left it one.
    fn error(&self, key: &ExampleKey) -> Option<UnknownUnknown> {
        self.answers.error(self.row_of(key)?)
    }

    fn row_of(&self, key: &ExampleKey) -> Option<usize> {
        let example = self.answers.dataset().index_of(key)?;
        self.answers.row_of(example)
    }
}

#[cfg(test)]
mod tests {
    use crate::blind_spots::{Freezing, freeze, preview};
    use crate::dataset::Dataset;
    use crate::discovery::fixture::answers;
    use crate::inference::Predictions;
    use crate::inference::fixture::Fixture;
    use crate::records::{DiscoverySettings, Judgements, Placement, Role, Triage};
    use crate::steps::evidence::*;
    use crate::support::Progress;

    /// Twelve errors of class 0 and as many of class 1, so that there are two
    /// blind spots, and right texts of both classes.
    fn frozen() -> (Dataset, Predictions, Snapshot) {
        let mut fixture = Fixture::new(2, 2);
        for number in 0..24_u16 {
            let label = number % 2;
            let at = f32::from(number) / 100.0;
            let embedding = if label == 0 { [1.0, at] } else { [at, 1.0] };
            let logits = if label == 0 { [0.0, 6.0] } else { [6.0, 0.0] };
            let (wrong, right) = (format!("wrong {number}"), format!("right {number}"));
            fixture.add(&wrong, label, Role::Discovery, &logits, &embedding);
            fixture.add(
                &right,
                1 - label,
                Role::Discovery,
                &logits,
                &[embedding[1], embedding[0]],
            );
        }
        let (dataset, predictions) = fixture.build();
        let silent = Progress::silent();
        let settings = DiscoverySettings::default();
        let answers = answers(&dataset, &predictions, &Judgements::new());
        let uus = answers.unknown_unknowns(Role::Discovery);
        let clustering = preview(&dataset, &predictions, &uus, &settings, &silent).expect("groups");
        let snapshot = freeze(
            &Freezing {
                answers: &answers,
                uus: &uus,
                clustering: &clustering,
                settings: &settings,
                model: "made up",
                created: "",
                earlier: &[],
                lessons: &[],
            },
            &silent,
        )
        .expect("freezes");
        assert_eq!(snapshot.blind_spots.len(), 2);
        (dataset, predictions, snapshot)
    }

    #[test]
    fn triage_and_moves_decide_what_goes_on() {
        let (dataset, predictions, snapshot) = frozen();
        let (one, other) = (&snapshot.blind_spots[0], &snapshot.blind_spots[1]);
        let mut document = Document::default();
        let [ambiguous, right, dropped, moved] = [0, 1, 2, 3].map(|at| one.shown[at].clone());
        let hidden = one.kept_back[0].clone();
        document.triage.insert(ambiguous.clone(), Triage::Ambiguous);
        let corrected = Triage::WrongLabel(Some(one.predicted));
        document.triage.insert(right.clone(), corrected);
        document.moves.insert(dropped.clone(), Placement::Dropped);
        for key in [&moved, &hidden] {
            let there = Placement::In(other.id);
            document.moves.insert(key.clone(), there);
        }

        let answers = answers(&dataset, &predictions, &document.triage);
        let evidence = Evidence::new(&answers, &snapshot, &document);
        let keys = |errors: &[UnknownUnknown]| -> Vec<ExampleKey> {
            let examples = errors.iter().map(|error| &dataset.examples[error.example]);
            examples.map(|example| example.key.clone()).collect()
        };
        assert_eq!(keys(evidence.shown(one.id)), one.shown[4..]);
        let with_moved = [&other.shown[..], &[moved]].concat();
        assert_eq!(keys(evidence.shown(other.id)), with_moved);
        assert_eq!(keys(evidence.kept_back(one.id)), one.kept_back[1..]);
        let with_hidden = [&other.kept_back[..], &[hidden]].concat();
        assert_eq!(keys(evidence.kept_back(other.id)), with_hidden);
        let all = keys(&evidence.errors());
        assert_eq!(all.len(), one.size() + other.size() - 3);
        assert!(
            ![ambiguous, right, dropped]
                .iter()
                .any(|key| all.contains(key))
        );
    }

    #[test]
    fn a_contrast_with_a_wrong_label_is_none() {
        let (dataset, predictions, snapshot) = frozen();
        let spot = &snapshot.blind_spots[0];
        let mut document = Document::default();
        let contrasts = |document: &Document| {
            let answers = answers(&dataset, &predictions, &document.triage);
            Evidence::new(&answers, &snapshot, document).contrasts(spot)
        };
        let before = contrasts(&document);
        assert_eq!(before.len(), spot.contrasts.len());
        let first = spot.contrasts[0].clone();
        document.triage.insert(first, Triage::Ambiguous);
        assert_eq!(contrasts(&document), before[1..]);
    }
}
