//! A state of version 1 opens with everything that a person wrote in it.

use rusqlite::{Connection, params};

use super::*;
use crate::project::StepKey;
use crate::records::MapMethod;

/// Puts a state folder together as version 1 wrote them.
fn older_state(folder: &Path) {
    std::fs::write(
        folder.join(".gitignore"),
        "# State of Blindspot: written by the program, deleted by `blindspot reset`.\n*\n",
    )
    .expect("written");
    let database = Connection::open(folder.join("blindspot.sqlite")).expect("opens");
    database
        .execute_batch(include_str!("../schema_1.sql"))
        .expect("tables");
    for (name, value) in [("application_id", 0x4273_7074), ("user_version", 1)] {
        database.pragma_update(None, name, value).expect("set");
    }
    let mut head = lesson("one", 0);
    let hypotheses = std::mem::take(&mut head.hypotheses);
    let put = |sql: &str, row: &[&dyn rusqlite::ToSql]| {
        database.execute(sql, row).expect("written");
    };
    put(
        "INSERT INTO lesson VALUES (?1, ?2)",
        params![head.id.0, json(&head)],
    );
    put(
        "INSERT INTO hypothesis VALUES ('one', 0, ?1)",
        params![json(&hypotheses[0])],
    );
    for (position, number) in [(0_i64, 0), (1, 1)] {
        put(
            "INSERT INTO sample VALUES ('one', ?1, ?2)",
            params![position, json(&sample(number))],
        );
    }
    put("INSERT INTO setting VALUES ('model_round', '1')", &[]);
    put("INSERT INTO triage VALUES ('a', '\"real_error\"')", &[]);
    let bytes =
        |values: &[f32]| -> Vec<u8> { values.iter().flat_map(|x| x.to_le_bytes()).collect() };
    let examples: Vec<u8> = [3_u32, 9].iter().flat_map(|x| x.to_le_bytes()).collect();
    put(
        "INSERT INTO predictions VALUES ('m', 'd', 2, 2, ?1, ?2, ?3)",
        params![
            examples,
            bytes(&[0.5, -1.0, 2.0, 3.0]),
            bytes(&[1.0, 0.0, 0.6, 0.8])
        ],
    );
    put(
        "INSERT INTO map VALUES ('m', 'd', '\"tsne\"', ?1)",
        params![bytes(&[0.1, -0.2, 1.0, 0.0])],
    );
    let fit = fit_step();
    put(
        "INSERT INTO step VALUES ('fit', ?1, ?2, 'now')",
        params![
            fit.hash(),
            r#"{"model":"0123456789abcdef99","checkpoint":"aa","seconds":2.5}"#
        ],
    );
    put(
        "INSERT INTO checkpoint VALUES ('aa', 'base', '77.safetensors', 4, 'now')",
        &[],
    );
    let files = [
        ("checkpoints/77.safetensors", "base"),
        (
            "rounds/lessons-person-7-0123456789abcdef.weights",
            "weights",
        ),
        (
            "rounds/lessons-person-7-0123456789abcdef.safetensors",
            "answers",
        ),
        (
            "rounds/lessons-person-7-0123456789abcdef.final.safetensors",
            "final",
        ),
        ("rounds/lessons-person-7-0123456789abcdef.lock", ""),
        ("rounds/.writing-abc", "half"),
        ("cache/scored.states", "states"),
    ];
    for (name, content) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("folder");
        std::fs::write(path, content).expect("written");
    }
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

fn fit_step() -> StepKey {
    StepKey::new("fit", 1, &(), &[("data", "d")]).expect("step")
}

fn has_all(folder: &Path) {
    let store = open(folder);
    let document = store.document();
    assert_eq!(*document.lessons[&RecordId("one".into())], lesson("one", 2));
    assert_eq!(document.model_round, 1);
    assert_eq!(document.triage.len(), 1);
    let predictions = store
        .predictions("m", "d")
        .expect("readable")
        .expect("there");
    assert_eq!(predictions.examples(), [3, 9]);
    assert_eq!(predictions.all_logits(), [0.5, -1.0, 2.0, 3.0]);
    assert_eq!(predictions.embedding(1), [0.6, 0.8]);
    let map = store.map("m", "d", MapMethod::Tsne).expect("readable");
    assert_eq!(map.expect("there").points, [[0.1, -0.2], [1.0, 0.0]]);
    let fitted = store.step_output(&fit_step()).expect("readable");
    assert_eq!(fitted.expect("kept")["seconds"], 2.5);
    let content = |key: Key| std::fs::read_to_string(store.files().path(&key)).expect("moved");
    assert_eq!(content(Key::base("0123456789abcdef99")), "base");
    let run = Key::recorded(Kind::Model, "lessons-person-7-0123456789abcdef.weights");
    assert_eq!(content(run.clone()), "weights");
    assert_eq!(content(run.of_kind(Kind::Answers)), "answers");
    assert_eq!(content(run.of_kind(Kind::Answers).on_final()), "final");
    for old in ["checkpoints", "rounds", "cache"] {
        assert!(!folder.join(old).exists(), "{old}");
    }
}

#[test]
fn what_was_written_and_computed_is_there() {
    let folder = tempfile::tempdir().expect("temporary folder");
    older_state(folder.path());
    has_all(folder.path());
    has_all(folder.path());
}

#[test]
fn an_update_that_was_cut_short_goes_on() {
    let folder = tempfile::tempdir().expect("temporary folder");
    older_state(folder.path());
    // Files had been moved, the tables not yet changed.
    let database = folder.path().join("blindspot.sqlite");
    let before = std::fs::read(&database).expect("readable");
    drop(open(folder.path()));
    std::fs::write(&database, before).expect("written");
    has_all(folder.path());
}

#[test]
fn an_older_state_that_cannot_be_updated_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("temporary folder");
    older_state(folder.path());
    let error =
        super::super::open::open_for_reading(folder.path(), crate::project::ReadOnly::Unwritable);
    let error = error.expect_err("refused");
    assert!(
        error.remedy().is_some_and(|hint| hint.contains("copy")),
        "{error}"
    );
    assert!(folder.path().join("rounds").exists());
}
