use std::collections::BTreeSet;

use super::*;
use crate::blind_spots::slice_fit::best_fit;
use crate::blind_spots::{cluster, preview};
use crate::dataset::Example;
use crate::discovery::fixture::answers;
use crate::inference::Predictions;
use crate::inference::fixture::{Fixture, planted};
use crate::records::{Author, Judgements, RecordId};

struct Loop {
    dataset: Dataset,
    predictions: Predictions,
    triage: Judgements,
    settings: DiscoverySettings,
}

impl Loop {
    fn planted() -> Self {
        let (dataset, predictions) = planted(3, 15, 60);
        Self {
            dataset,
            predictions,
            triage: Judgements::new(),
            settings: DiscoverySettings::default(),
        }
    }

    fn freeze(&self, earlier: &[&Snapshot]) -> Snapshot {
        self.freeze_with(earlier, &[])
    }

    fn freeze_with(&self, earlier: &[&Snapshot], lessons: &[Arc<Lesson>]) -> Snapshot {
        let earlier: Vec<_> = earlier.iter().map(|s| Arc::new((*s).clone())).collect();
        let (dataset, predictions) = (&self.dataset, &self.predictions);
        let answers = answers(dataset, predictions, &self.triage);
        let uus = answers.unknown_unknowns(Role::Discovery);
        let progress = Progress::silent();
        let clustering = preview(dataset, predictions, &uus, &self.settings, &progress).unwrap();
        let from = Freezing {
            answers: &answers,
            uus: &uus,
            clustering: &clustering,
            settings: &self.settings,
            model: "base",
            created: "2026-01-01T00:00:00Z",
            earlier: &earlier,
            lessons,
        };
        freeze(&from, &progress).unwrap()
    }

    /// Gives an example another text, all else being equal.
    fn rewrite(&mut self, key: &ExampleKey, text: &str) {
        let example = (self.dataset.examples.iter_mut())
            .find(|example| &example.key == key)
            .unwrap();
        *example = Example::new(
            example.key.clone(),
            Text::single(text),
            example.label,
            example.role,
            example.source,
            example.group,
            example.origin,
        );
    }
}

#[test]
fn a_blind_spot_is_named_by_its_planted_word_and_knows_its_surroundings() {
    let made = Loop::planted();
    let snapshot = made.freeze(&[]);
    assert_eq!(snapshot.blind_spots.len(), 3);
    for spot in &snapshot.blind_spots {
        assert_eq!((spot.shown.len(), spot.kept_back.len()), (10, 5));
        assert_eq!(spot.medoids[..], spot.shown[..3]);
        assert!(spot.name.contains("planted"), "{}", spot.name);
        let number = ["one", "two", "three"];
        assert_eq!(number.iter().filter(|n| spot.name.contains(*n)).count(), 1);

        assert_eq!(spot.contrasts.len(), 5);
        assert!(
            (spot.contrasts.iter()).all(|key| made.dataset.index_of(key) >= Some(45)),
            "all correct"
        );
        // 90 % of 15 is 14, and correct examples lie around each group.
        assert_eq!(spot.region_uus, 14);
        assert!(spot.region_size > 14);
        assert!(spot.mean_confidence > 0.99 && spot.radius > 0.0);
    }
    let slice: BTreeSet<ExampleKey> = (0..45)
        .step_by(3)
        .map(|i| made.dataset.examples[i].key.clone())
        .collect();
    let fit = best_fit(&snapshot, &slice).unwrap();
    assert_eq!(fit.f1(), 1.0);
    assert_eq!(best_fit(&snapshot, &BTreeSet::new()), None);
}

#[test]
fn nothing_that_a_teacher_sees_depends_on_a_text_kept_back() {
    let mut made = Loop::planted();
    let before = made.freeze(&[]);
    for spot in &before.blind_spots {
        for key in &spot.kept_back {
            made.rewrite(key, "unseen words replace everything unseen");
        }
    }
    assert_eq!(made.freeze(&[]), before);
    let seen = before.blind_spots[0].shown[0].clone();
    made.rewrite(&seen, "funny funny funny");
    assert_ne!(made.freeze(&[]), before);
}

#[test]
fn freezing_again_keeps_numbers_names_and_what_was_kept_back() {
    let mut made = Loop::planted();
    let mut first = made.freeze(&[]);
    first.blind_spots[1].name = "My own name".to_owned();
    let renamed = first.blind_spots[1].id;

    made.settings.k = Some(6);
    made.settings.seed = 9;
    let second = made.freeze(&[&first]);
    assert_eq!(second.version, 2);
    assert!(second.orphans.is_empty());
    assert_eq!(second.blind_spot(renamed).unwrap().name, "My own name");
    let kept = |snapshot: &Snapshot| -> BTreeSet<ExampleKey> {
        (snapshot.blind_spots.iter())
            .flat_map(|spot| spot.kept_back.clone())
            .collect()
    };
    assert_eq!(kept(&first), kept(&second));
    let names: BTreeSet<&str> = (second.blind_spots.iter())
        .map(|spot| spot.name.as_str())
        .collect();
    assert_eq!(names.len(), second.blind_spots.len(), "{names:?}");

    made.settings.k = Some(1);
    let third = made.freeze(&[&second]);
    assert_eq!(third.orphans.len(), second.blind_spots.len() - 1);
    made.settings.k = Some(4);
    let fourth = made.freeze(&[&third]);
    let newest = fourth.blind_spots.iter().map(|spot| spot.id).max().unwrap();
    assert!(third.orphans.iter().all(|orphan| *orphan < newest));
    assert!(
        (fourth.blind_spots.iter()).all(|spot| !third.orphans.contains(&spot.id)),
        "numbers of orphans are not given to strangers"
    );
}

/// A lesson for a number, written from these errors.
fn lesson_from(number: u32, shown: &[ExampleKey]) -> Arc<Lesson> {
    let id = RecordId(format!("lesson-{number}"));
    let mut lesson = Lesson::new(id, (BlindSpotId(number), 1), "expert", Author::Human);
    lesson.shown = shown.to_vec();
    Arc::new(lesson)
}

#[test]
fn lessons_that_came_with_the_data_follow_their_errors_and_not_their_number() {
    let made = Loop::planted();
    let alone = made.freeze(&[]);
    let [first, second] = [0, 1].map(|place| &alone.blind_spots[place]);
    // Numbers of another base's blind spots: the other way round, and one
    // whose errors this base does not make.
    let elsewhere = [ExampleKey("another row".to_owned())];
    let lessons = [
        lesson_from(second.id.0, &first.shown),
        lesson_from(first.id.0, &second.shown),
        lesson_from(9, &elsewhere),
    ];
    let snapshot = made.freeze_with(&[], &lessons);
    let of = |id: BlindSpotId| snapshot.blind_spot(id).unwrap();
    assert_eq!(
        of(second.id).members().collect::<Vec<_>>(),
        first.members().collect::<Vec<_>>()
    );
    assert_eq!(
        of(first.id).members().collect::<Vec<_>>(),
        second.members().collect::<Vec<_>>()
    );
    assert_eq!(snapshot.orphans, [BlindSpotId(9)]);
    let told = snapshot.notes.join(" ");
    assert!(told.contains("9 (expert)"), "{told}");

    // Wrongly numbered snapshots of earlier versions are put right as well.
    let again = made.freeze_with(&[&alone], &lessons);
    assert_eq!(again.blind_spot(second.id).unwrap().shown, first.shown);
}

#[test]
fn what_the_teacher_of_a_lesson_has_seen_is_not_kept_back() {
    let made = Loop::planted();
    let alone = made.freeze(&[]);
    let spot = &alone.blind_spots[0];
    let seen = lesson_from(1, &spot.kept_back);
    let snapshot = made.freeze_with(&[], &[seen]);
    let kept: BTreeSet<&ExampleKey> = (snapshot.blind_spots.iter())
        .flat_map(|spot| &spot.kept_back)
        .collect();
    assert!(!spot.kept_back.is_empty());
    assert!(spot.kept_back.iter().all(|key| !kept.contains(key)));
}

#[test]
fn an_error_that_was_away_for_a_snapshot_is_shown_or_kept_back_as_before() {
    let mut made = Loop::planted();
    let first = made.freeze(&[]);
    // In the second snapshot nobody finds an error, so it decides nothing.
    let mut second = first.clone();
    (second.version, second.blind_spots) = (2, Vec::new());
    made.settings.seed = 9;
    let third = made.freeze(&[&first, &second]);
    let shown = |snapshot: &Snapshot| -> BTreeSet<ExampleKey> {
        let spots = snapshot.blind_spots.iter();
        spots.flat_map(|spot| spot.shown.clone()).collect()
    };
    assert_eq!(shown(&third), shown(&first));
    assert_ne!(
        shown(&made.freeze(&[])),
        shown(&first),
        "the seed alone would draw others"
    );
}

#[test]
fn errors_triaged_away_leave_their_blind_spot() {
    let mut made = Loop::planted();
    let first = made.freeze(&[]);
    let gone = first.blind_spots[0].shown[0].clone();
    made.triage
        .insert(gone.clone(), crate::records::Triage::Ambiguous);
    let second = made.freeze(&[&first]);
    assert_eq!(
        second
            .blind_spots
            .iter()
            .map(BlindSpot::size)
            .sum::<usize>(),
        44
    );
    assert!(
        second
            .blind_spots
            .iter()
            .all(|spot| !spot.members().any(|key| *key == gone))
    );
}

#[test]
fn freezing_works_without_embeddings() {
    let with = Loop::planted();
    let rows = with.predictions.len();
    let logits = (0..rows)
        .flat_map(|row| with.predictions.logits(row).to_vec())
        .collect();
    let bare = Predictions::new((0..rows).collect(), 2, logits, 0, Vec::new()).unwrap();
    let without = Loop {
        predictions: bare,
        ..with
    };
    let snapshot = without.freeze(&[]);
    assert_eq!(snapshot.blind_spots.len(), 1);
    assert_eq!(snapshot.blind_spots[0].size(), 45);
    assert_eq!(snapshot.blind_spots[0].region_size, 0);
    assert!(snapshot.blind_spots[0].name.contains("planted"));
}

#[test]
fn a_pool_is_named_by_what_it_shares_and_each_medoid_has_its_own_contrasts() {
    let mut fixture = Fixture::new(4, 2);
    for i in 0..12_u16 {
        let at = [1.0, f32::from(i) / 1000.0];
        let label = 1 + i % 3;
        fixture.add(
            "same text",
            label,
            Role::Discovery,
            &[9.0, 0.0, 0.0, 0.0],
            &at,
        );
        let mut right = [0.0; 4];
        right[usize::from(label)] = 9.0;
        fixture.add("same text", label, Role::Discovery, &right, &at);
    }
    let (dataset, predictions) = fixture.build();
    let made = Loop {
        dataset,
        predictions,
        triage: Judgements::new(),
        settings: DiscoverySettings::default(),
    };
    let first = made.freeze(&[]);
    let [spot] = &first.blind_spots[..] else {
        panic!("three rare confusions with one predicted label: {first:?}");
    };
    assert_eq!(spot.name, "often answered label0 (3 labels)");
    let label = |key: &ExampleKey| made.dataset.examples[made.dataset.index_of(key).unwrap()].label;
    let labels = |keys: &[ExampleKey]| keys.iter().map(label).collect::<BTreeSet<_>>();
    assert_eq!(labels(&spot.medoids).len(), 3);
    assert_eq!(labels(&spot.contrasts), labels(&spot.medoids));
    assert!(first.notes[0].contains("pooled"), "{:?}", first.notes);

    // A made name is made again; nobody is taken to have written it.
    let second = made.freeze(&[&first]);
    assert_eq!(second.blind_spots[0].name, spot.name);
    assert_eq!(second.blind_spots[0].id, spot.id);
}

#[test]
fn regions_are_those_of_distances_taken_one_by_one() {
    let made = Loop::planted();
    let mut spots = made.freeze(&[]).blind_spots;
    // On the border itself, where rounding could decide.
    let row = made.predictions.embedding(7);
    spots[1].radius = squared_distance(row, &spots[1].centre).sqrt();
    let found = regions(&spots, &made.predictions, &Progress::silent()).unwrap();
    for (spot, found) in spots.iter().zip(found) {
        let inside = |row: &usize| {
            let point = made.predictions.embedding(*row);
            squared_distance(point, &spot.centre).sqrt() <= spot.radius + 1e-4
        };
        let expected: Vec<usize> = (0..made.predictions.len()).filter(inside).collect();
        assert!(!expected.is_empty());
        assert_eq!(found, expected);
    }
}

#[test]
fn stability_is_carried_into_the_snapshot() {
    let made = Loop::planted();
    let answers = answers(&made.dataset, &made.predictions, &made.triage);
    let uus = answers.unknown_unknowns(Role::Discovery);
    let progress = Progress::silent();
    let clustering = cluster(
        &made.dataset,
        &made.predictions,
        &uus,
        &made.settings,
        &progress,
    )
    .unwrap();
    assert!(clustering.stability.is_some());
}
