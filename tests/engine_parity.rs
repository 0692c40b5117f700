//! Agreement with PyTorch and transformers, from a fixture that
//! `tests/engine/make_parity_fixture.py` made.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::path::Path;

use blindspot::inference::{predict_one, score};
use blindspot::model::{Classifier, Precision, TokenizedText};
use blindspot::support::Progress;
use blindspot::support::tensor_file::{Notes, TensorFile};
use blindspot::training::{Duration, TrainingExample, TrainingSettings, fit};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    text: String,
    ids: Vec<u32>,
    logits: Vec<f32>,
    /// Every eighth column.
    embedding: Vec<f32>,
}

fn fixture() -> Fixture {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/parity.json");
    let text = std::fs::read_to_string(path).expect("fixture is there");
    serde_json::from_str(&text).expect("fixture is JSON")
}

fn formula(length: usize, amplitude: f64, step: f64) -> Vec<u8> {
    (0..length)
        .flat_map(|i| ((amplitude * (1.0 + i as f64 * step).sin()) as f32).to_le_bytes())
        .collect()
}

/// The embedded model with the head of the fixture, put together as a file:
/// half-precision encoder without prefix, head in single precision.
fn model(dir: &Path) -> Classifier {
    use safetensors::tensor::{Dtype, SafeTensors, TensorView};
    let asset = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/all-MiniLM-L6-v2");
    std::fs::copy(asset.join("tokenizer.json"), dir.join("tokenizer.json")).expect("copies");
    let config = std::fs::read_to_string(asset.join("config.json")).expect("reads");
    let mut config: serde_json::Value = serde_json::from_str(&config).expect("is JSON");
    config["id2label"] = serde_json::json!({"0": "negative", "1": "positive"});
    std::fs::write(dir.join("config.json"), config.to_string()).expect("writes");
    let bytes = std::fs::read(asset.join("model.safetensors")).expect("reads");
    let encoder = SafeTensors::deserialize(&bytes).expect("opens");
    let head = [
        (
            "pooler.dense.weight",
            vec![384, 384],
            formula(384 * 384, 0.05, 0.37),
        ),
        ("pooler.dense.bias", vec![384], formula(384, 0.05, 0.37)),
        (
            "classifier.weight",
            vec![2, 384],
            formula(2 * 384, 0.3, 0.61),
        ),
        ("classifier.bias", vec![2], formula(2, 0.3, 0.61)),
    ];
    let head = head.iter().map(|(name, shape, data)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), data).expect("fits");
        ((*name).to_owned(), view)
    });
    let tensors: Vec<_> = encoder.tensors().into_iter().chain(head).collect();
    let whole = safetensors::serialize(tensors, None).expect("serialises");
    std::fs::write(dir.join("model.safetensors"), whole).expect("writes");
    Classifier::load(dir).expect("loads")
}

fn largest_difference(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    let pairs = ours.iter().zip(theirs);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn the_real_model_has_the_same_bits_on_one_two_and_four_threads() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let model = model(dir.path());
    let rows = fixture().rows;
    let example = |(number, row): (usize, &Row)| TrainingExample {
        text: model
            .tokenizer()
            .encode(&row.text, None, 128)
            .expect("encodes"),
        label: (number % 2) as u16,
        soft: None,
        weight: 1.0,
    };
    let examples: Vec<TrainingExample> = rows.iter().enumerate().map(example).collect();
    // Enough packs for every thread, and for the weights to be laid out.
    let texts = examples.iter().map(|example| example.text.clone());
    let texts: Vec<TokenizedText> = texts.cycle().take(6 * examples.len()).collect();
    let silent = Progress::silent();
    let on = |threads: usize| {
        let settings = TrainingSettings {
            duration: Duration::Steps(2),
            threads,
            ..TrainingSettings::default()
        };
        let trained = fit(model.clone(), &examples, &settings, &silent).expect("trains");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let scores = pool
            .expect("starts")
            .install(|| score(&trained, &texts, &silent));
        (trained.fingerprint(), scores.expect("scores"))
    };
    let one = on(1);
    assert_ne!(one.0, model.fingerprint());
    assert!(one == on(2), "two threads");
    assert!(one == on(4), "four threads");
}

#[test]
fn tokens_embeddings_and_logits_agree_with_transformers() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let model = model(dir.path());
    let rows = fixture().rows;
    assert_eq!(rows.len(), 32);
    let texts: Vec<TokenizedText> = rows
        .iter()
        .map(|row| {
            model
                .tokenizer()
                .encode(&row.text, None, 128)
                .expect("encodes")
        })
        .collect();
    for (row, text) in rows.iter().zip(&texts) {
        assert_eq!(row.ids, text.ids, "{:?}", row.text);
    }
    let scores = score(&model, &texts, &Progress::silent()).expect("scores");
    for (i, row) in rows.iter().enumerate() {
        let logits = &scores.logits[2 * i..2 * i + 2];
        let embedding: Vec<f32> = scores.embeddings[384 * i..384 * (i + 1)]
            .iter()
            .step_by(8)
            .copied()
            .collect();
        let difference = largest_difference(logits, &row.logits);
        assert!(difference < 1e-3, "logits of {:?}: {difference}", row.text);
        let difference = largest_difference(&embedding, &row.embedding);
        assert!(
            difference < 1e-3,
            "embedding of {:?}: {difference}",
            row.text
        );
    }
    let (logits, embedding) = predict_one(&model, &texts[20]).expect("predicts");
    assert!(largest_difference(&logits, &rows[20].logits) < 1e-3);
    assert_eq!(embedding.len(), 384);
}

#[test]
fn a_saved_model_and_a_checkpoint_answer_as_before() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let model = model(dir.path());
    let text = model
        .tokenizer()
        .encode("quite good", None, 128)
        .expect("encodes");
    let before = predict_one(&model, &text).expect("predicts");
    let saved = dir.path().join("saved");
    model.save(&saved, Precision::F32).expect("saves");
    let loaded = Classifier::load(&saved).expect("loads");
    assert_eq!(before, predict_one(&loaded, &text).expect("predicts"));
    assert_eq!(loaded.labels(), ["negative", "positive"]);

    let asset = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/all-MiniLM-L6-v2");
    let base = Classifier::load(&asset).expect("loads");
    let path = dir.path().join("checkpoint");
    let written = model.write_checkpoint(&base, &path, &Notes::new());
    written.expect("writes");
    let checkpoint = TensorFile::open(&path).expect("opens");
    // The encoder is the asset's own: only the head is stored.
    let bytes = checkpoint.bytes().len();
    assert!(bytes < 400_000, "{bytes} bytes");
    let restored = base.with_checkpoint(&checkpoint).expect("restores");
    let after = predict_one(&restored, &text).expect("predicts");
    assert!(largest_difference(&before.0, &after.0) < 2e-3);
}

/// Opt-in, since it needs Python: `BLINDSPOT_PYTHON=.venv/bin/python cargo test
/// --test engine_parity -- --ignored`.
#[test]
#[ignore = "needs Python with torch and transformers, named in BLINDSPOT_PYTHON"]
fn an_exported_model_answers_alike_in_transformers() {
    #[derive(Deserialize)]
    struct Answer {
        label: String,
        logits: Vec<f32>,
    }
    let dir = tempfile::tempdir().expect("temporary folder");
    let model = model(dir.path());
    let exported = dir.path().join("exported");
    model.save(&exported, Precision::F32).expect("saves");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/check_export.py");
    let texts = ["a lovely film", "what a waste of an evening, and of money"];
    let python = std::env::var("BLINDSPOT_PYTHON").expect("BLINDSPOT_PYTHON is set");
    let run = std::process::Command::new(python)
        .arg(script)
        .arg(&exported)
        .args(texts)
        .output()
        .expect("Python runs");
    let errors = String::from_utf8_lossy(&run.stderr);
    let answers: Vec<Answer> = serde_json::from_slice(&run.stdout).expect(&errors);
    for (text, answer) in texts.iter().zip(&answers) {
        let text = model.tokenizer().encode(text, None, 128).expect("encodes");
        let (logits, _) = predict_one(&model, &text).expect("predicts");
        assert!(largest_difference(&logits, &answer.logits) < 1e-3);
        let ours = usize::from(logits[1] > logits[0]);
        assert_eq!(model.labels()[ours], answer.label);
    }
}
