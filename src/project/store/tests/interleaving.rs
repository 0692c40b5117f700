//! Any interleaving of writes and reopenings equals a model in memory.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::project::StepKey;
use crate::records::{Placement, Signature, TeacherChoice, Triage};

#[derive(Debug, Clone)]
enum Action {
    Triage(u8, Option<Triage>),
    Place(u8, Option<Placement>),
    Rename(u8, String),
    Choose(u8, TeacherChoice),
    Tau(f32),
    PutLesson(u8, usize),
    RemoveLesson(u8),
    /// Lesson, position of the sample, its new text.
    EditSample(u8, usize, String),
    /// Lesson, position of the sample.
    RemoveSample(u8, usize),
    Step(u8, u8),
    File(u8),
    Reopen,
}

fn action() -> impl Strategy<Value = Action> {
    let triage = prop_oneof![
        Just(Triage::RealError),
        Just(Triage::Ambiguous),
        proptest::option::of(0..3_u16).prop_map(Triage::WrongLabel),
    ];
    let place = prop_oneof![
        Just(Placement::Dropped),
        (0..3_u32).prop_map(|id| Placement::In(BlindSpotId(id))),
    ];
    let choice = prop_oneof![Just(TeacherChoice::Human), Just(TeacherChoice::Both)];
    let text = "[a-zé'\"\\PC]{0,6}";
    prop_oneof![
        (0..4_u8, proptest::option::of(triage)).prop_map(|(k, t)| Action::Triage(k, t)),
        (0..4_u8, proptest::option::of(place)).prop_map(|(k, p)| Action::Place(k, p)),
        (0..3_u8, text).prop_map(|(id, name)| Action::Rename(id, name)),
        (0..3_u8, choice).prop_map(|(id, choice)| Action::Choose(id, choice)),
        (0.5..1.0_f32).prop_map(Action::Tau),
        (0..3_u8, 0..5_usize).prop_map(|(id, n)| Action::PutLesson(id, n)),
        (0..3_u8).prop_map(Action::RemoveLesson),
        (0..3_u8, 0..5_usize, text).prop_map(|(id, at, text)| Action::EditSample(id, at, text)),
        (0..3_u8, 0..5_usize).prop_map(|(id, at)| Action::RemoveSample(id, at)),
        (0..2_u8, 0..3_u8).prop_map(|(name, hash)| Action::Step(name, hash)),
        (0..3_u8).prop_map(Action::File),
        Just(Action::Reopen),
    ]
}

#[derive(Default)]
struct Model {
    document: Document,
    steps: BTreeMap<u8, u8>,
    files: BTreeMap<u8, Key>,
}

fn step(name: u8, input: u8) -> StepKey {
    StepKey::new(
        &format!("step {name}"),
        1,
        &(),
        &[("input", &input.to_string())],
    )
    .expect("step")
}

fn set<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    };
}

/// Changes the document of the model; false if the action is no edit of it.
fn edit(document: &mut Document, action: &Action) -> bool {
    let example = |n: u8| key(&format!("example {n}"));
    let lesson_id = |n: u8| RecordId(format!("lesson {n}"));
    match action {
        Action::Triage(k, triage) => {
            set(&mut document.triage, example(*k), *triage);
            let signed = triage.map(|_| Signature {
                by: (k % 2 == 0).then(|| "a reader".into()),
                when: format!("2026-01-0{k}"),
            });
            set(&mut document.judged, example(*k), signed);
        }
        Action::Place(k, place) => set(&mut document.moves, example(*k), *place),
        Action::Rename(id, name) => {
            let name = (!name.is_empty()).then(|| name.clone());
            set(&mut document.names, BlindSpotId((*id).into()), name);
        }
        Action::Choose(id, choice) => {
            set(
                &mut document.teachers,
                BlindSpotId((*id).into()),
                Some(*choice),
            );
        }
        Action::Tau(tau) => document.settings.tau = *tau,
        Action::PutLesson(id, samples) => {
            let lesson = lesson(&lesson_id(*id).0, *samples);
            *document = with_lesson(document, lesson);
        }
        Action::RemoveLesson(id) => set(&mut document.lessons, lesson_id(*id), None),
        Action::EditSample(id, at, text) => {
            if let Some(lesson) = document.lessons.get_mut(&lesson_id(*id))
                && let Some(sample) = Arc::make_mut(lesson).samples.get_mut(*at)
            {
                sample.text = Text::single(text);
            }
        }
        Action::RemoveSample(id, at) => {
            if let Some(lesson) = document.lessons.get_mut(&lesson_id(*id))
                && *at < lesson.samples.len()
            {
                Arc::make_mut(lesson).samples.remove(*at);
            }
        }
        _ => return false,
    }
    true
}

fn check(store: &Store, model: &Model) {
    assert_eq!(store.document(), model.document);
    for name in 0..2 {
        for input in 0..3 {
            let output = store.step_output(&step(name, input)).expect("readable");
            let finished = model.steps.get(&name) == Some(&input);
            assert_eq!(output, finished.then(|| serde_json::json!([name, input])));
        }
    }
    for (content, key) in &model.files {
        assert_eq!(read(store, key).as_deref(), Some(&[*content][..]));
    }
    assert_eq!(files(store.folder()), model.files.len());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_store_equals_a_model_in_memory(
        actions in proptest::collection::vec(action(), 1..40)
    ) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut model = Model::default();
        let mut store = Some(open(folder.path()));
        for action in &actions {
            let open_store = store.as_ref().expect("open");
            if edit(&mut model.document, action) {
                open_store.save_document(&model.document).expect("saved");
                continue;
            }
            match action {
                Action::Step(name, input) => {
                    model.steps.insert(*name, *input);
                    let output = serde_json::json!([name, input]);
                    open_store.finish_step(&step(*name, *input), &output).expect("saved");
                }
                Action::File(content) => {
                    let key = write(open_store, &[*content]);
                    model.files.insert(*content, key);
                }
                _ => {
                    check(open_store, &model);
                    drop(store.take());
                    store = Some(open(folder.path()));
                    check(store.as_ref().expect("open"), &model);
                }
            }
        }
        drop(store.take());
        check(&open(folder.path()), &model);
    }
}
