//! The ways in which people keep a model's weights, each made from one tiny
//! model.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::fixture::{tiny_model, tiny_model_of};
use crate::model::{Classifier, Family, head_labels, model_checksum};
use crate::support::Error;

/// Bytes of a tensor with its type and shape.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

struct Folder(tempfile::TempDir);

impl Folder {
    fn tiny() -> Self {
        let folder = tempfile::tempdir().expect("temporary folder");
        tiny_model(folder.path()).expect("fixture is written");
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn tensors(&self) -> Tensors {
        let bytes = std::fs::read(self.path().join("model.safetensors")).expect("reads");
        let file = SafeTensors::deserialize(&bytes).expect("opens");
        let tensors = file.tensors().into_iter();
        let owned = |(name, view): (String, TensorView)| {
            let tensor = (view.dtype(), view.shape().to_vec(), view.data().to_vec());
            (name, tensor)
        };
        tensors.map(owned).collect()
    }

    fn write(&self, name: &str, tensors: &Tensors) {
        let views = tensors.iter().map(|(name, (kind, shape, data))| {
            let view = TensorView::new(*kind, shape.clone(), data).expect("fits");
            (name.clone(), view)
        });
        let bytes = safetensors::serialize(views.collect::<Vec<_>>(), None).expect("serialises");
        std::fs::write(self.path().join(name), bytes).expect("writes");
    }

    /// The weights with other names and more tensors.
    fn rewrite(&self, change: impl Fn(&mut Tensors)) {
        let mut tensors = self.tensors();
        change(&mut tensors);
        self.write("model.safetensors", &tensors);
    }

    fn rename(&self, to: impl Fn(&str) -> String) {
        self.rewrite(|tensors| {
            let renamed = std::mem::take(tensors).into_iter();
            *tensors = renamed.map(|(name, tensor)| (to(&name), tensor)).collect();
        });
    }

    fn field(&self, name: &str, value: Value) {
        let path = self.path().join("config.json");
        let text = std::fs::read_to_string(&path).expect("reads");
        let mut config: Value = serde_json::from_str(&text).expect("is JSON");
        config[name] = value;
        std::fs::write(&path, config.to_string()).expect("writes");
    }

    fn load(&self) -> Classifier {
        Classifier::load(self.path()).expect("loads")
    }

    fn refused(&self) -> Error {
        let error = Classifier::load(self.path()).expect_err("must be refused");
        assert_eq!(error.exit_code(), 2, "{error}");
        assert!(error.remedy().is_some(), "{error} has no hint");
        error
    }
}

fn tensor(shape: &[usize]) -> (Dtype, Vec<usize>, Vec<u8>) {
    let size: usize = shape.iter().product();
    (Dtype::F32, shape.to_vec(), vec![0; 4 * size])
}

#[test]
fn whatever_wraps_a_model_its_tensors_are_found() {
    for family in [
        Family::Bert,
        Family::DistilBert,
        Family::Roberta,
        Family::ModernBert,
    ] {
        let folder = Folder(tempfile::tempdir().expect("temporary folder"));
        tiny_model_of(folder.path(), family, true).expect("fixture is written");
        let wanted = folder.load().fingerprint();
        let fronts = [
            "model.",
            "module.",
            "_orig_mod.",
            "_orig_mod.module.",
            "module.model.",
        ];
        for front in fronts {
            let own = format!("{}.", family.prefix());
            let other = Folder(tempfile::tempdir().expect("temporary folder"));
            tiny_model_of(other.path(), family, true).expect("fixture is written");
            other.rename(|name| format!("{front}{name}"));
            assert_eq!(other.load().fingerprint(), wanted, "{front}");
            assert_eq!(
                head_labels(other.path()).expect("reads"),
                ["negative", "positive"]
            );
            // Without the family's own front.
            other.rename(|name| name.replace(front, "").replace(&own, ""));
            assert_eq!(other.load().fingerprint(), wanted, "bare {front}");
            assert!(
                other.load().notes().is_empty(),
                "{:?}",
                other.load().notes()
            );
        }
    }
}

#[test]
fn older_names_of_norms_are_read() {
    let folder = Folder::tiny();
    let wanted = folder.load().fingerprint();
    folder.rename(|name| {
        name.replace("LayerNorm.weight", "LayerNorm.gamma")
            .replace("LayerNorm.bias", "LayerNorm.beta")
    });
    assert_eq!(folder.load().fingerprint(), wanted);
}

#[test]
fn shards_are_put_together_and_a_missing_one_is_named() {
    let folder = Folder::tiny();
    let wanted = folder.load().fingerprint();
    let whole = folder.tensors();
    let parts = [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ];
    let mut index = serde_json::Map::new();
    for (number, part) in parts.iter().enumerate() {
        let of_part = whole.iter().enumerate().filter(|(at, _)| at % 2 == number);
        let tensors: Tensors = of_part
            .map(|(_, (name, t))| (name.clone(), t.clone()))
            .collect();
        index.extend(tensors.keys().map(|name| (name.clone(), json!(part))));
        folder.write(part, &tensors);
    }
    let before = model_checksum(folder.path());
    std::fs::remove_file(folder.path().join("model.safetensors")).expect("removes");
    let said = folder.refused().to_string();
    assert!(said.contains("no index"), "{said}");
    let path = folder.path().join("model.safetensors.index.json");
    let write = |index: &Value| std::fs::write(&path, index.to_string()).expect("writes");
    write(&json!({"metadata": {}, "weight_map": index}));
    assert_eq!(folder.load().fingerprint(), wanted);
    assert_ne!(model_checksum(folder.path()), before);
    std::fs::remove_file(folder.path().join(parts[1])).expect("removes");
    let said = folder.refused().to_string();
    assert!(
        said.contains(parts[1]) && !said.contains(parts[0]),
        "{said}"
    );
    for damaged in [
        json!({}),
        json!({"weight_map": {"a": "../model.safetensors"}}),
    ] {
        write(&damaged);
        let said = folder.refused().to_string();
        assert!(said.contains("model.safetensors.index.json"), "{said}");
    }
}

#[test]
fn a_variant_in_the_name_is_read_and_said() {
    let folder = Folder::tiny();
    let wanted = folder.load().fingerprint();
    let path = |name: &str| folder.path().join(name);
    std::fs::rename(path("model.safetensors"), path("model.fp32.safetensors")).expect("renames");
    let model = folder.load();
    assert_eq!(model.fingerprint(), wanted);
    assert!(model.notes()[0].contains("model.fp32.safetensors"));
    std::fs::write(path("model.fp16.safetensors"), "short").expect("writes");
    let model = folder.load();
    assert_eq!(model.fingerprint(), wanted);
    assert!(model.notes()[0].contains("several"), "{:?}", model.notes());
}

#[test]
fn what_is_no_whole_model_is_named_with_its_remedy() {
    let kinds = [
        (
            &["adapter_config.json", "adapter_model.safetensors"][..],
            "adapter",
            "merge_and_unload",
        ),
        (&["model.onnx"], "ONNX", "safetensors"),
        (&["onnx/model_quantized.onnx"], "ONNX", "safetensors"),
        (&["tf_model.h5"], "TensorFlow", "from_tf"),
        (&["flax_model.msgpack"], "Flax", "from_flax"),
        (&["model-q4.gguf"], "llama.cpp", "safetensors"),
        (&[], "no model.safetensors", "pytorch_model.bin"),
    ];
    for (files, what, remedy) in kinds {
        for with_config in [true, false] {
            let folder = Folder::tiny();
            std::fs::remove_file(folder.path().join("model.safetensors")).expect("removes");
            if !with_config {
                std::fs::remove_file(folder.path().join("config.json")).expect("removes");
            }
            std::fs::create_dir(folder.path().join("onnx")).expect("creates");
            for name in files {
                std::fs::write(folder.path().join(name), "{}").expect("writes");
            }
            let error = folder.refused();
            assert!(error.to_string().contains(what), "{error}");
            assert!(
                error.remedy().is_some_and(|said| said.contains(remedy)),
                "{error}"
            );
        }
    }
}

#[test]
fn a_pointer_to_a_large_file_is_told_from_a_damaged_one() {
    let folder = Folder::tiny();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";
    std::fs::write(folder.path().join("model.safetensors"), pointer).expect("writes");
    let error = folder.refused();
    assert!(error.to_string().contains("Git LFS"), "{error}");
}

#[test]
fn tensors_that_are_not_used_or_made_anew_are_said() {
    let folder = Folder::tiny();
    folder.rewrite(|tensors| {
        let ids: Vec<u8> = (0..128_i64).flat_map(i64::to_le_bytes).collect();
        let ids = (Dtype::I64, vec![1, 128], ids);
        tensors.insert("bert.embeddings.position_ids".into(), ids);
        tensors.insert("cls.predictions.bias".into(), tensor(&[300]));
        tensors.insert("bert.second_head.weight".into(), tensor(&[2, 32]));
    });
    let said = folder.load().notes().join("\n");
    assert!(
        said.contains("2 tensors are left from pretraining"),
        "{said}"
    );
    assert!(
        said.contains("cls.predictions.bias") && said.contains("position_ids"),
        "{said}"
    );
    assert!(
        said.contains("1 tensor is in the weights and not used: second_head.weight"),
        "{said}"
    );
    folder.rewrite(|tensors| tensors.retain(|name, _| !name.starts_with("classifier.")));
    let model = folder.load();
    assert!(model.labels().is_empty());
    let said = model.notes().join("\n");
    assert!(
        said.contains("made anew: classifier.weight, classifier.bias"),
        "{said}"
    );
}

#[test]
fn a_head_without_the_layers_that_it_was_trained_on_is_refused() {
    let families = [
        (Family::Bert, "bert.pooler.dense.weight"),
        (Family::Bert, "bert.pooler.dense.bias"),
        (Family::DistilBert, "pre_classifier.weight"),
        (Family::Roberta, "classifier.dense.weight"),
        (Family::DebertaV2, "pooler.dense.weight"),
        (Family::ModernBert, "head.norm.weight"),
        (Family::Bert, "classifier.bias"),
    ];
    for (family, lost) in families {
        let folder = Folder(tempfile::tempdir().expect("temporary folder"));
        tiny_model_of(folder.path(), family, true).expect("fixture is written");
        folder.rewrite(|tensors| {
            assert!(tensors.remove(lost).is_some(), "{lost}");
        });
        let said = folder.refused().to_string();
        assert!(said.contains(lost), "{said}");
    }
}

#[test]
fn a_place_that_two_tensors_claim_is_refused_unless_they_are_the_same() {
    let folder = Folder::tiny();
    let wanted = folder.load().fingerprint();
    let twice = |change: bool| {
        folder.rewrite(|tensors| {
            let mut copy = tensors["classifier.weight"].clone();
            copy.2[0] ^= u8::from(change);
            tensors.insert("module.classifier.weight".into(), copy);
        });
    };
    twice(false);
    assert_eq!(folder.load().fingerprint(), wanted);
    twice(true);
    let said = folder.refused().to_string();
    assert!(
        said.contains("`classifier.weight`") && said.contains("`module."),
        "{said}"
    );
}

#[test]
fn sizes_that_the_weights_do_not_have_are_refused_before_memory_is_taken() {
    for (field, size) in [
        ("vocab_size", 16_000_000),
        ("hidden_size", 16_000_000),
        ("intermediate_size", 16_000_000),
        ("num_hidden_layers", 16_000_000),
        ("max_position_embeddings", 16_000_000),
        ("type_vocab_size", 16_000_000),
    ] {
        let folder = Folder::tiny();
        folder.field(field, json!(size));
        let said = folder.refused().to_string();
        assert!(
            said.contains("16000000") && said.contains("config.json"),
            "{said}"
        );
    }
}

#[test]
fn names_of_labels_are_read_as_people_write_them() {
    let folder = Folder::tiny();
    folder.field("label2id", Value::Null);
    for (written, names) in [
        (json!({"0": 0, "1": 1}), ["0", "1"]),
        (json!(["no", "yes"]), ["no", "yes"]),
        (Value::Null, ["LABEL_0", "LABEL_1"]),
    ] {
        folder.field("id2label", written);
        assert_eq!(folder.load().labels(), names);
    }
    folder.field("id2label", json!(["a", "b", "c"]));
    let said = folder.refused().to_string();
    assert!(
        said.contains("3 labels") && said.contains("2 classes"),
        "{said}"
    );
}

#[derive(Deserialize)]
struct TorchFixture {
    config: Value,
    vocabulary: Vec<String>,
    safetensors: String,
    index: Value,
    files: BTreeMap<String, String>,
}

impl TorchFixture {
    fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/torch_files.json");
        let text = std::fs::read_to_string(path).expect("fixture is there");
        serde_json::from_str(&text).expect("fixture is JSON")
    }

    fn folder(&self, files: &[(&str, &str)]) -> Folder {
        let folder = tempfile::tempdir().expect("temporary folder");
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(folder.path().join(name), bytes).expect("writes");
        };
        write("config.json", self.config.to_string().as_bytes());
        write("vocab.txt", self.vocabulary.join("\n").as_bytes());
        for (name, digits) in files {
            let bytes = (0..digits.len()).step_by(2);
            let bytes = bytes.map(|at| u8::from_str_radix(&digits[at..at + 2], 16));
            write(
                name,
                &bytes.collect::<Result<Vec<_>, _>>().expect("hexadecimal"),
            );
        }
        Folder(folder)
    }
}

#[test]
fn files_of_pytorch_give_the_same_model() {
    let fixture = TorchFixture::read();
    let whole = fixture.folder(&[("model.safetensors", &fixture.safetensors)]);
    let wanted = whole.load().fingerprint();
    for name in [
        "float32", "float16", "bfloat16", "nested", "views", "evil", "old",
    ] {
        let folder = fixture.folder(&[("pytorch_model.bin", &fixture.files[name])]);
        let model = folder.load();
        assert_eq!(model.fingerprint(), wanted, "{name}");
        assert_eq!(model.labels(), ["bad", "good"]);
    }
    assert!(!Path::new("blindspot-was-here").exists());
    let parts = fixture.folder(&[
        ("pytorch_model-00001-of-00002.bin", &fixture.files["first"]),
        ("pytorch_model-00002-of-00002.bin", &fixture.files["second"]),
    ]);
    let index = parts.path().join("pytorch_model.bin.index.json");
    std::fs::write(index, fixture.index.to_string()).expect("writes");
    assert_eq!(parts.load().fingerprint(), wanted);
    // Safetensors come first, as in transformers.
    let both = [
        ("model.safetensors", &fixture.safetensors[..]),
        ("pytorch_model.bin", "00"),
    ];
    assert_eq!(fixture.folder(&both).load().fingerprint(), wanted);
}

#[test]
fn tensors_of_types_that_hold_no_weights_are_told_or_refused_by_name() {
    let fixture = TorchFixture::read();
    let file = |name: &str| fixture.folder(&[("pytorch_model.bin", &fixture.files[name])]);
    let wanted = file("float32").load().fingerprint();
    let beside = file("others beside").load();
    assert_eq!(beside.fingerprint(), wanted);
    let said = beside.notes().join("\n");
    assert!(
        said.contains("2 tensors are in the weights and not used: mask, small"),
        "{said}"
    );
    for (name, tensor, kind) in [
        ("whole numbers", "classifier.weight", "int32"),
        ("eight bits", "classifier.weight", "float8_e4m3fn"),
        ("old, true or false", "classifier.bias", "bool"),
    ] {
        let said = file(name).refused().to_string();
        for part in [tensor, "pytorch_model.bin", kind] {
            assert!(said.contains(part), "{name}: {said}");
        }
    }
}

#[test]
fn files_of_pytorch_that_cannot_be_read_are_named_with_a_remedy() {
    let fixture = TorchFixture::read();
    let float32 = &fixture.files["float32"];
    let half = &float32[..float32.len() / 4 * 2];
    let old = &fixture.files["old"];
    let half_old = &old[..old.len() / 4 * 2];
    for digits in ["", "00", half, half_old, "504b03046e6f74207265616c6c79"] {
        let folder = fixture.folder(&[("pytorch_model.bin", digits)]);
        let error = folder.refused();
        assert!(error.to_string().contains("pytorch_model.bin"), "{error}");
    }
}
