//! What was computed comes back as it was.

use super::*;
use crate::inference::Predictions;
use crate::lessons::llm::{Entry, ReplyStore as _};
use crate::project::StepKey;
use crate::records::{
    Arm, ArmRun, DiscoverySettings, MapMethod, MapPositions, Mode, Opening, RetrainPlan, Round,
    Snapshot, fixture,
};

#[test]
fn predictions_and_maps_come_back_bit_for_bit() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let odd = |i: u16| (f32::from(i) * 0.7).sin() / 3.0;
    let predictions = Predictions::new(
        vec![0, 2, 5],
        2,
        (0..6).map(odd).collect(),
        4,
        (6..18).map(odd).collect(),
    )
    .expect("shapes fit");
    let map = MapPositions {
        method: MapMethod::Tsne,
        points: vec![[0.1, -0.2], [f32::MIN_POSITIVE, 1.0], [0.0, -0.0]],
    };
    let store = open(folder.path());
    store
        .put_predictions("m", "d", &predictions)
        .expect("saved");
    store.put_map("m", "d", &map).expect("saved");
    drop(store);

    let store = open(folder.path());
    assert_eq!(
        store.predictions("m", "d").expect("readable"),
        Some(predictions)
    );
    assert_eq!(store.predictions("m", "other").expect("readable"), None);
    assert_eq!(
        store.map("m", "d", MapMethod::Tsne).expect("readable"),
        Some(map)
    );
    assert_eq!(store.map("m", "d", MapMethod::Pca).expect("readable"), None);
}

#[test]
fn a_snapshot_is_never_changed() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let snapshot = Snapshot {
        notes: vec!["few".into()],
        orphans: vec![BlindSpotId(3)],
        ..fixture::snapshot("m")
    };
    store.add_snapshot(&snapshot).expect("saved");
    let other = Snapshot {
        notes: Vec::new(),
        ..snapshot.clone()
    };
    assert!(store.add_snapshot(&other).is_err());
    drop(store);
    assert_eq!(
        open(folder.path()).snapshots().expect("readable"),
        [snapshot]
    );
}

#[test]
fn settings_that_name_an_embedding_are_still_read() {
    for embedding in ["base", "pretrained"] {
        let recorded = format!(r#"{{"tau":0.9,"embedding":"{embedding}","restarts":10}}"#);
        let settings: DiscoverySettings = serde_json::from_str(&recorded).expect("reads");
        assert_eq!(settings, DiscoverySettings::default(), "{embedding}");
    }
}

#[test]
fn rounds_openings_view_and_replies_come_back_in_order() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let run = ArmRun {
        arm: Arm::Lessons("person".into()),
        seed: 7,
        steps: 60,
        added: 12,
        seconds: 1.5,
        checkpoint: None,
        machine: None,
    };
    let mut round = Round {
        number: 1,
        snapshot: 1,
        plan: RetrainPlan {
            mode: Mode::Quick,
            arms: vec![Arm::Base],
            seeds: vec![0, 7],
            size: None,
        },
        runs: Vec::new(),
        recipe: Default::default(),
        taught: Vec::new(),
        created: "2026-01-01T00:00:00Z".into(),
    };
    store.put_round(&round).expect("saved");
    round.runs.push(run);
    store.put_round(&round).expect("saved");
    let opening = |round: u32| Opening {
        round,
        when: "2026-01-02T00:00:00Z".into(),
        reason: "last look".into(),
        endpoints: Default::default(),
    };
    store.record_opening(&opening(1)).expect("saved");
    store.record_opening(&opening(1)).expect("saved");
    let view = serde_json::json!({ "tab": "map" });
    store.put_view(&view).expect("saved");
    let sent = |number: u64| Entry::Sent {
        number,
        call: "c".into(),
        step: "samples".into(),
        worst: crate::lessons::llm::Money(5),
    };
    for number in 0..3 {
        store.journal("job").append(&sent(number)).expect("saved");
    }
    drop(store);

    let store = open(folder.path());
    assert_eq!(store.rounds().expect("readable"), [round]);
    let openings = store.openings().expect("readable");
    assert_eq!(openings, [opening(1), opening(1)], "each one counts");
    assert_eq!(store.view().expect("readable"), Some(view));
    let entries = store.journal("job").load().expect("readable");
    assert_eq!(entries, [sent(0), sent(1), sent(2)]);
    assert!(store.journal("other").load().expect("readable").is_empty());
}

#[test]
fn a_step_is_skipped_only_for_the_very_same_work() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let store = open(folder.path());
    let step = |code, tau: f32, data: &str| {
        StepKey::new("discover", code, &tau, &[("data", data)]).expect("step")
    };
    let output = serde_json::json!({ "found": 61 });
    store
        .finish_step(&step(1, 0.9, "d1"), &output)
        .expect("saved");
    let found = |step| store.step_output(&step).expect("readable");
    assert_eq!(found(step(1, 0.9, "d1")), Some(output));
    assert_eq!(found(step(1, 0.9, "d2")), None, "another input");
    assert_eq!(found(step(1, 0.8, "d1")), None, "another setting");
    assert_eq!(
        found(step(2, 0.9, "d1")),
        None,
        "another version of the code"
    );
}
