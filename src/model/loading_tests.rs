//! What happens when a model directory is not as it should be.

use std::path::Path;

use super::fixture::{tiny_model, tiny_model_of};
use super::{Classifier, Config, Family, Precision};
use crate::support::Error;
use crate::support::tensor_file::{Notes, TensorFile};

fn tiny_dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("temporary folder");
    tiny_model(dir.path()).expect("fixture is written");
    dir
}

fn refused(dir: &Path) -> Error {
    let error = Classifier::load(dir).expect_err("must be refused");
    assert_eq!(error.exit_code(), 2, "{error}");
    assert!(error.remedy().is_some(), "{error} has no hint");
    error
}

/// Rewrites config.json with one field changed.
fn with_field(dir: &Path, name: &str, value: serde_json::Value) {
    let path = dir.join("config.json");
    let text = std::fs::read_to_string(&path).expect("reads");
    let mut config: serde_json::Value = serde_json::from_str(&text).expect("is JSON");
    config[name] = value;
    std::fs::write(&path, config.to_string()).expect("writes");
}

#[test]
fn a_missing_tensor_is_named() {
    let dir = tiny_dir();
    with_field(dir.path(), "num_hidden_layers", 3.into());
    let message = refused(dir.path()).to_string();
    assert!(
        message.contains("encoder.layer.2.") && message.contains("missing"),
        "{message}"
    );
}

#[test]
fn a_misshaped_tensor_is_named_with_both_shapes() {
    let dir = tiny_dir();
    with_field(dir.path(), "intermediate_size", 48.into());
    let message = refused(dir.path()).to_string();
    assert!(
        message.contains("encoder.layer.0.intermediate.dense.weight"),
        "{message}"
    );
    assert!(
        message.contains("[64, 32]") && message.contains("[48, 32]"),
        "{message}"
    );
}

#[test]
fn sizes_that_the_weights_do_not_have_are_refused_before_memory_is_asked_for() {
    // Each is a sensible size of its own; together they would fill any machine.
    let claims = [
        ("num_hidden_layers", 1 << 24),
        ("vocab_size", 1 << 24),
        ("max_position_embeddings", 1 << 24),
        ("hidden_size", 1 << 24),
        ("intermediate_size", 1 << 24),
        ("num_hidden_layers", 30),
        ("num_hidden_layers", 1_000_000_000),
    ];
    for (name, size) in claims {
        let dir = tiny_dir();
        with_field(dir.path(), name, size.into());
        refused(dir.path());
    }
    // All at once, and with more tensors than blocks.
    let dir = tiny_dir();
    for name in [
        "hidden_size",
        "intermediate_size",
        "max_position_embeddings",
    ] {
        with_field(dir.path(), name, (1 << 24).into());
    }
    with_field(dir.path(), "num_hidden_layers", 20.into());
    refused(dir.path());
}

#[test]
fn a_truncated_file_is_told_from_a_wrong_one() {
    let dir = tiny_dir();
    let path = dir.path().join("model.safetensors");
    let bytes = std::fs::read(&path).expect("reads");
    for length in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..length]).expect("writes");
        let message = refused(dir.path()).to_string();
        assert!(message.contains("model.safetensors"), "{message}");
    }
}

#[test]
fn values_that_are_not_finite_are_refused() {
    let dir = tiny_dir();
    let mut model = Classifier::load(dir.path()).expect("loads");
    model.words_mut()[5] = f32::NAN;
    model.save(dir.path(), Precision::F32).expect("saves");
    let message = refused(dir.path()).to_string();
    assert!(
        message.contains("word_embeddings") && message.contains("finite"),
        "{message}"
    );
}

#[test]
fn other_families_and_missing_files_are_refused() {
    let dir = tiny_dir();
    with_field(dir.path(), "model_type", "t5".into());
    assert!(refused(dir.path()).to_string().contains("t5"));
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        let dir = tiny_dir();
        std::fs::remove_file(dir.path().join(name)).expect("removes");
        if name == "tokenizer.json" {
            Classifier::load(dir.path()).expect("vocab.txt is enough");
            std::fs::remove_file(dir.path().join("vocab.txt")).expect("removes");
        }
        let message = refused(dir.path()).to_string();
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_vocabulary_that_does_not_fit_is_refused() {
    let dir = tiny_dir();
    std::fs::remove_file(dir.path().join("tokenizer.json")).expect("removes");
    let path = dir.path().join("vocab.txt");
    let words = std::fs::read_to_string(&path).expect("reads");
    std::fs::write(&path, words + "surplus\n").expect("writes");
    let message = refused(dir.path()).to_string();
    assert!(message.contains("word embeddings"), "{message}");
}

#[test]
fn damaged_settings_of_a_vocabulary_are_refused() {
    let dir = tiny_dir();
    std::fs::remove_file(dir.path().join("tokenizer.json")).expect("removes");
    let path = dir.path().join("tokenizer_config.json");
    std::fs::write(&path, "{\"do_lower_case\": false}").expect("writes");
    Classifier::load(dir.path()).expect("loads");
    // Taken for silent, they would make a cased model read lower case.
    std::fs::write(&path, "{\"do_lower_case\": fal").expect("writes");
    let message = refused(dir.path()).to_string();
    assert!(message.contains("tokenizer_config.json"), "{message}");
}

#[test]
fn both_families_survive_saving_with_and_without_a_head() {
    for family in [Family::Bert, Family::DistilBert] {
        for with_head in [true, false] {
            let dir = tempfile::tempdir().expect("temporary folder");
            tiny_model_of(dir.path(), family, with_head).expect("fixture is written");
            let model = Classifier::load(dir.path()).expect("loads");
            assert_eq!(model.labels().is_empty(), !with_head);
            let copy = dir.path().join("copy");
            model.save(&copy, Precision::F32).expect("saves");
            let copy = Classifier::load(&copy).expect("loads");
            assert_eq!(model.fingerprint(), copy.fingerprint());
        }
    }
}

#[test]
fn a_head_is_matched_by_name_or_made_fresh() {
    let dir = tiny_dir();
    let model = Classifier::load(dir.path()).expect("loads");
    let row = |model: &Classifier, class: usize| {
        let head = &model.weights().body[model.layout().head_range()];
        let start = 32 * 32 + 32 + class * 32;
        head[start..start + 32].to_vec()
    };
    let swapped = model
        .clone()
        .with_new_head(&["Positive".into(), "NEGATIVE".into()], 1);
    assert_eq!(row(&swapped, 0), row(&model, 1));
    assert_eq!(row(&swapped, 1), row(&model, 0));
    let three = ["a".into(), "b".into(), "c".into()];
    let fresh = model.clone().with_new_head(&three, 1);
    assert_eq!(fresh.labels(), three);
    assert_ne!(row(&fresh, 0), row(&model, 0));
    assert_eq!(
        row(&fresh, 0),
        row(&model.clone().with_new_head(&three, 1), 0)
    );
    assert_ne!(row(&fresh, 0), row(&model.with_new_head(&three, 2), 0));
}

#[test]
fn a_checkpoint_belongs_to_its_base() {
    let dir = tiny_dir();
    let base = Classifier::load(dir.path()).expect("loads");
    let mut trained = base.clone();
    trained.body_mut()[100] += 1.1;
    assert_ne!(trained.fingerprint(), base.fingerprint());
    let trained = trained.rounded(&base).expect("rounds");
    let path = dir.path().join("checkpoint.safetensors");
    trained
        .write_checkpoint(&base, &path, &Notes::new())
        .expect("writes");
    let checkpoint = TensorFile::open(&path).expect("opens");
    assert!(base.is_base_of(&checkpoint) && !trained.is_base_of(&checkpoint));
    let restored = base.with_checkpoint(&checkpoint).expect("restores");
    assert_eq!(restored.fingerprint(), trained.fingerprint());
    let packed = dir.path().join("packed.safetensors");
    trained
        .write_packed_checkpoint(&base, &packed, &Notes::new())
        .expect("writes");
    let packed = TensorFile::open(&packed).expect("opens");
    let unpacked = base.with_checkpoint(&packed).expect("restores");
    assert_eq!(unpacked.fingerprint(), trained.fingerprint());
    let error = trained
        .with_checkpoint(&checkpoint)
        .expect_err("another base");
    assert!(
        error.to_string().contains("another pretrained model"),
        "{error}"
    );
}

#[test]
fn a_checkpoint_holds_the_layers_that_changed() {
    let dir = tiny_dir();
    let base = Classifier::load(dir.path()).expect("loads");
    let mut trained = base.clone();
    let last = trained.layers() - 1;
    let changed = trained.layout().block_range(last);
    trained.body_mut()[changed].fill(0.25);
    let path = dir.path().join("checkpoint.safetensors");
    trained
        .write_checkpoint(&base, &path, &Notes::new())
        .expect("writes");
    let checkpoint = TensorFile::open(&path).expect("opens");
    let of_layer = |name: &str| name.contains(&format!("layer.{last}."));
    let is_head = |name: &str| name.starts_with("classifier.") || name.contains("pooler");
    assert!(checkpoint.names().any(of_layer));
    assert!(
        checkpoint
            .names()
            .all(|name| of_layer(name) || is_head(name))
    );
}

#[test]
fn a_weight_that_is_no_number_is_not_kept() {
    let dir = tiny_dir();
    let base = Classifier::load(dir.path()).expect("loads");
    let mut trained = base.clone();
    trained.body_mut()[100] = f32::NAN;
    let error = trained.rounded(&base).expect_err("not finite");
    assert!(error.remedy().is_some(), "{error}");
}

#[test]
fn pairs_are_cut_evenly_and_keep_their_separators() {
    let dir = tiny_dir();
    let model = Classifier::load(dir.path()).expect("loads");
    let long = "good film ".repeat(40);
    let text = model
        .tokenizer()
        .encode(&long, Some("bad"), 16)
        .expect("encodes");
    assert_eq!(text.len(), 16);
    assert_eq!(text.type_ids.iter().filter(|t| **t == 1).count(), 2); // "bad" and [SEP]
    let separators = text.ids.iter().filter(|id| **id == text.ids[15]).count();
    assert_eq!(separators, 2);
    let Config { positions, .. } = *model.config();
    let whole = model
        .tokenizer()
        .encode(&long, None, positions)
        .expect("encodes");
    assert_eq!(whole.len(), 82);
}
