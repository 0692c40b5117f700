//! Every family from the outside: a training step against PyTorch's, a way to
//! the disk and back, long texts, and export, on the tiny models of
//! `tests/engine/make_family_fixtures.py`.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::path::{Path, PathBuf};

use blindspot::inference::{ActivationCache, classify, classify_cached, score};
use blindspot::model::{Classifier, Precision, TokenizedText, fixture};
use blindspot::support::Progress;
use blindspot::training::{Duration, TrainingExample, TrainingSettings, fit};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine")
}

/// All fixtures: name, content and model.
fn each_model(mut check: impl FnMut(&str, &Value, Classifier)) {
    let files = std::fs::read_dir(folder().join("families")).expect("fixtures are there");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("reads").path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 15);
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("reads");
        let content: Value = serde_json::from_str(&text).expect("is JSON");
        let dir = tempfile::tempdir().expect("temporary folder");
        fixture::write_from_formula(dir.path(), &content).expect("writes");
        let model = Classifier::load(dir.path()).expect("loads");
        check(&path.display().to_string(), &content, model);
    }
}

fn numbers(value: &Value) -> impl Iterator<Item = f64> {
    let all = value.as_array().expect("a list").iter();
    all.map(|number| number.as_f64().expect("a number"))
}

fn texts(content: &Value) -> Vec<TokenizedText> {
    let rows = content["rows"].as_array().expect("a list").iter();
    rows.map(|row| TokenizedText {
        ids: numbers(&row["ids"]).map(|id| id as u32).collect(),
        type_ids: numbers(&row["types"]).map(|id| id as u8).collect(),
    })
    .collect()
}

#[track_caller]
fn close(what: &str, ours: &[f32], theirs: impl Iterator<Item = f64>) {
    for (a, b) in ours.iter().zip(theirs) {
        assert!((f64::from(*a) - b).abs() < 1e-4, "{what}: {a} or {b}");
    }
}

#[test]
fn one_step_of_training_gives_the_answers_of_pytorch() {
    each_model(|name, content, model| {
        let texts = texts(content);
        let step = &content["step"];
        let batch = numbers(&step["batch"]).zip(numbers(&step["labels"]));
        let examples: Vec<TrainingExample> = batch
            .map(|(row, label)| TrainingExample {
                text: texts[row as usize].clone(),
                label: label as u16,
                soft: None,
                weight: 1.0,
            })
            .collect();
        let settings = TrainingSettings {
            learning_rate: 1e-3,
            duration: Duration::Steps(1),
            batch_examples: examples.len(),
            batch_tokens: 10_000,
            weight_decay: 0.01,
            clip_norm: 1.0,
            dropout: 0.0,
            ..TrainingSettings::default()
        };
        let silent = Progress::silent();
        let trained = fit(model.clone(), &examples, &settings, &silent).expect("trains");
        let asked: Vec<TokenizedText> = texts.iter().step_by(4).cloned().collect();
        let before = classify(&model, &asked, &silent).expect("scores");
        let after = classify(&trained, &asked, &silent).expect("scores");
        let theirs = step["after"].as_array().expect("a list");
        for (ours, theirs) in after.rows().zip(theirs) {
            close(name, ours, numbers(theirs));
        }
        let moved = before.logits.iter().zip(&after.logits);
        let largest = moved.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(largest > 1e-2, "{name} hardly moved: {largest}");
    });
}

#[test]
fn a_saved_model_answers_as_before_and_so_does_one_from_cached_states() {
    each_model(|name, content, model| {
        let (texts, silent) = (texts(content), Progress::silent());
        let before = score(&model, &texts, &silent).expect("scores");
        let rows = content["rows"].as_array().expect("a list").iter();
        for (ours, row) in before.rows().zip(rows) {
            close(name, ours, numbers(&row["logits"]));
        }
        let dir = tempfile::tempdir().expect("temporary folder");
        model.save(dir.path(), Precision::F32).expect("saves");
        let loaded = Classifier::load(dir.path()).expect("loads");
        assert_eq!(model.config(), loaded.config(), "{name}");
        assert!(
            before == score(&loaded, &texts, &silent).expect("scores"),
            "{name}"
        );
        let plain = classify(&model, &texts, &silent).expect("scores");
        for upper in 0..=model.layers() {
            let cache = ActivationCache::build(&model, &texts, upper, &silent).expect("builds");
            let cached = classify_cached(&model, &cache, &silent).expect("scores");
            let cached = cached.logits.iter().map(|x| f64::from(*x));
            close(name, &plain.logits, cached);
        }
    });
}

/// Opt-in, since it needs Python: `BLINDSPOT_PYTHON=.venv/bin/python cargo test
/// --test engine_families -- --ignored`.
#[test]
#[ignore = "needs Python with torch and transformers, named in BLINDSPOT_PYTHON"]
fn every_exported_family_answers_alike_in_transformers() {
    let python = std::env::var("BLINDSPOT_PYTHON").expect("BLINDSPOT_PYTHON is set");
    each_model(|name, content, model| {
        let dir = tempfile::tempdir().expect("temporary folder");
        model.save(dir.path(), Precision::F32).expect("saves");
        let rows = dir.path().join("rows");
        std::fs::write(&rows, content["rows"].to_string()).expect("writes");
        let run = std::process::Command::new(&python)
            .arg(folder().join("check_export.py"))
            .arg(dir.path())
            .arg("--rows")
            .arg(rows)
            .output()
            .expect("Python runs");
        let errors = String::from_utf8_lossy(&run.stderr);
        let answers: Value = serde_json::from_slice(&run.stdout).expect(&errors);
        let answers = answers.as_array().expect("a list");
        assert_eq!(answers.len(), 32);
        let ours = score(&model, &texts(content), &Progress::silent()).expect("scores");
        for (ours, answer) in ours.rows().zip(answers) {
            close(name, ours, numbers(&answer["logits"]));
        }
    });
}
