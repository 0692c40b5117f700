use proptest::prelude::*;

use super::*;
use crate::discovery::fixture::answers;
use crate::inference::fixture::{Fixture, planted};
use crate::records::{Judgements, Role};

fn uus_of(dataset: &Dataset, predictions: &Predictions) -> Vec<UnknownUnknown> {
    answers(dataset, predictions, &Judgements::new()).unknown_unknowns(Role::Discovery)
}

fn clustered(
    dataset: &Dataset,
    predictions: &Predictions,
    settings: &DiscoverySettings,
) -> Clustering {
    let uus = uus_of(dataset, predictions);
    cluster(dataset, predictions, &uus, settings, &Progress::silent()).unwrap()
}

#[test]
fn planted_groups_are_recovered_and_stable() {
    let (dataset, predictions) = planted(3, 15, 30);
    let found = clustered(&dataset, &predictions, &DiscoverySettings::default());
    assert_eq!(found.groups.len(), 3);
    for group in &found.groups {
        assert_eq!(group.members.len(), 15);
        let planted = group.members[0] % 3;
        assert!(group.members.iter().all(|member| member % 3 == planted));
        assert_eq!((group.true_label, group.predicted), (0, 1));
    }
    assert!(found.stability.unwrap() > 0.95);
    assert!(found.notes.is_empty());
}

/// Two confusions whose errors lie at the same place.
fn two_confusions() -> (Dataset, Predictions) {
    let mut fixture = Fixture::new(2, 2);
    for i in 0..24_u8 {
        let label = u16::from(i % 2);
        let logits = if label == 0 { [0.0, 6.0] } else { [6.0, 0.0] };
        let embedding = [1.0, f32::from(i) / 100.0];
        fixture.add("text", label, Role::Discovery, &logits, &embedding);
    }
    fixture.build()
}

#[test]
fn confusions_mix_only_when_asked() {
    let (dataset, predictions) = two_confusions();
    let mut settings = DiscoverySettings::default();
    let apart = clustered(&dataset, &predictions, &settings);
    assert_eq!(apart.groups.len(), 2);
    assert_ne!(apart.groups[0].true_label, apart.groups[1].true_label);
    assert_eq!(
        apart.stability, None,
        "nothing was split within a confusion"
    );

    settings.mix_confusions = true;
    settings.k = Some(1);
    let mixed = clustered(&dataset, &predictions, &settings);
    assert_eq!(mixed.groups.len(), 1);
    assert_eq!(mixed.groups[0].members.len(), 24);
}

#[test]
fn structureless_errors_are_called_unstable() {
    use rand::Rng as _;
    let mut rng = crate::support::rng::seeded(5, "structureless");
    let mut fixture = Fixture::new(2, 16);
    for _ in 0..90 {
        let embedding: Vec<f32> = (0..16).map(|_| rng.gen_range(-1.0..1.0)).collect();
        fixture.add("text", 0, Role::Discovery, &[0.0, 6.0], &embedding);
    }
    let (dataset, predictions) = fixture.build();
    let found = clustered(&dataset, &predictions, &DiscoverySettings::default());
    assert!(found.stability.unwrap() < STABLE_FROM);
    assert!(found.notes[0].contains("not stable"), "{:?}", found.notes);
}

#[test]
fn few_errors_make_one_blind_spot_and_none_make_none() {
    let (dataset, predictions) = planted(3, 3, 5);
    let few = clustered(&dataset, &predictions, &DiscoverySettings::default());
    assert_eq!(few.groups.len(), 1);
    assert!(few.notes[0].contains("only 9"), "{:?}", few.notes);

    let none = cluster(
        &dataset,
        &predictions,
        &[],
        &DiscoverySettings::default(),
        &Progress::silent(),
    );
    assert!(none.unwrap().groups.is_empty());
}

#[test]
fn without_embeddings_errors_are_grouped_by_confusion() {
    let mut fixture = Fixture::new(3, 0);
    for i in 0..12 {
        let logits = if i < 8 {
            [0.0, 6.0, 0.0]
        } else {
            [0.0, 0.0, 6.0]
        };
        fixture.add("text", 0, Role::Discovery, &logits, &[]);
    }
    let (dataset, predictions) = fixture.build();
    let found = clustered(&dataset, &predictions, &DiscoverySettings::default());
    let sizes: Vec<usize> = found
        .groups
        .iter()
        .map(|group| group.members.len())
        .collect();
    assert_eq!(sizes, [8, 4]);
    assert!(found.notes[0].contains("no embeddings"));
}

#[test]
fn many_classes_make_groups_of_a_size_to_teach() {
    use rand::Rng as _;
    let mut rng = crate::support::rng::seeded(7, "many classes");
    let mut fixture = Fixture::new(60, 8);
    // Nearly every error has a confusion of its own; what they are about is
    // one of four things.
    for i in 0..400 {
        let (label, predicted): (u16, u16) = (rng.gen_range(0..60), rng.gen_range(0..60));
        let mut logits = [0.0; 60];
        logits[usize::from(predicted)] = 15.0;
        let embedding: Vec<f32> = (0..8)
            .map(|axis| rng.gen_range(-0.1..0.1) + f32::from(u8::from(axis == i % 4)))
            .collect();
        fixture.add("text", label, Role::Discovery, &logits, &embedding);
    }
    let (dataset, predictions) = fixture.build();
    let found = clustered(&dataset, &predictions, &DiscoverySettings::default());
    let sizes: Vec<usize> = found.groups.iter().map(|g| g.members.len()).collect();
    let settings = DiscoverySettings::default();
    assert!((10..=40).contains(&sizes.len()), "{sizes:?}");
    let small = sizes.iter().filter(|size| **size < settings.smallest_group);
    assert!(small.count() <= 1, "{sizes:?}");
    assert!(found.notes[0].contains("pooled"), "{:?}", found.notes);
    let uus = uus_of(&dataset, &predictions);
    for group in &found.groups {
        let main = (group.true_label, group.predicted);
        let is = |m: &&usize| (uus[**m].true_label, uus[**m].predicted) == main;
        assert!(group.members.iter().any(|m| is(&m)));
    }

    let apart = DiscoverySettings {
        smallest_group: 1,
        ..settings
    };
    let apart = clustered(&dataset, &predictions, &apart);
    assert!(apart.groups.len() <= 40, "{}", apart.groups.len());
}

#[test]
fn a_broken_embedding_is_named_by_file_and_row() {
    let mut fixture = Fixture::new(2, 2);
    for _ in 0..12 {
        fixture.add("text", 0, Role::Discovery, &[0.0, 6.0], &[1.0, 0.0]);
    }
    fixture.add("text", 0, Role::Discovery, &[0.0, 6.0], &[f32::NAN, 0.0]);
    let (dataset, predictions) = fixture.build();
    let uus = uus_of(&dataset, &predictions);
    let settings = DiscoverySettings::default();
    let error = cluster(&dataset, &predictions, &uus, &settings, &Progress::silent()).unwrap_err();
    assert!(error.to_string().contains("made-up.csv:14"), "{error}");
}

#[test]
fn groups_do_not_depend_on_the_number_of_threads() {
    let (dataset, predictions) = planted(4, 20, 10);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| clustered(&dataset, &predictions, &DiscoverySettings::default()))
    };
    assert_eq!(with(1), with(4));
}

#[test]
fn cancel_stops_it() {
    let (dataset, predictions) = planted(3, 15, 0);
    let uus = uus_of(&dataset, &predictions);
    let progress = Progress::silent();
    progress.cancel();
    let settings = DiscoverySettings::default();
    let error = cluster(&dataset, &predictions, &uus, &settings, &progress).unwrap_err();
    assert!(error.is_cancelled());
}

proptest! {
    #[test]
    fn every_error_is_in_exactly_one_group(
        rows in prop::collection::vec((0u16..3, 0u16..3, -1.0f32..1.0, -1.0f32..1.0), 0..60),
        k in prop::option::of(0usize..12),
        mix_confusions in any::<bool>(),
    ) {
        let mut fixture = Fixture::new(3, 2);
        for (label, predicted, x, y) in rows {
            let mut logits = [0.0; 3];
            logits[usize::from(predicted)] = 9.0;
            fixture.add("text", label, Role::Discovery, &logits, &[x, y]);
        }
        let (dataset, predictions) = fixture.build();
        let uus = uus_of(&dataset, &predictions);
        let settings = DiscoverySettings { k, mix_confusions, restarts: 2, ..Default::default() };
        let progress = Progress::silent();
        let found = preview(&dataset, &predictions, &uus, &settings, &progress).unwrap();
        let mut members: Vec<usize> = found.groups.iter().flat_map(|g| g.members.clone()).collect();
        members.sort_unstable();
        prop_assert_eq!(members, (0..uus.len()).collect::<Vec<_>>());
        if let Some(k) = k && uus.len() >= FEWEST_TO_SPLIT {
            prop_assert!(found.groups.len() <= k.max(6));
        }
    }
}
