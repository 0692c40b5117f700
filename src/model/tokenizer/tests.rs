use std::path::Path;

use serde_json::{Value, json};

use super::Tokenizer;
use crate::model::tokenizer_checksum;
use crate::support::Error;

const WORDS: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nA\nü\nu\nsep\n[\n]\n";

/// A folder with a vocabulary of BERT and these files.
fn folder(files: &[(&str, Value)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    std::fs::write(folder.path().join("vocab.txt"), WORDS).expect("writes");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content.to_string()).expect("writes");
    }
    folder
}

fn bert() -> Value {
    json!({"model_type": "bert", "vocab_size": 13, "max_position_embeddings": 64})
}

/// A tokenizer.json of BERT with one part replaced.
fn file_with(part: &str, value: Value) -> Value {
    let words = WORDS.lines().enumerate();
    let mut file = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [],
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
        "decoder": null,
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": words.map(|(id, word)| (word.to_owned(), json!(id)))
                .collect::<serde_json::Map<_, _>>(),
        },
    });
    file[part] = value;
    file
}

fn ids(folder: &Path, text: &str) -> Vec<u32> {
    let tokenizer = Tokenizer::load(folder).expect("loads");
    tokenizer.encode(text, None, 64).expect("encodes").ids
}

fn refused(folder: &Path) -> Error {
    let error = Tokenizer::load(folder).expect_err("must be refused");
    assert_eq!(error.exit_code(), 2, "{error}");
    assert!(error.remedy().is_some(), "{error} has no hint");
    error
}

#[test]
fn a_panic_of_the_library_is_an_error_of_the_folder() {
    // A table of characters that points beyond its own end.
    let table = json!({"type": "Precompiled", "precompiled_charsmap": "BAAAAP////8A"});
    let folder = folder(&[("tokenizer.json", file_with("normalizer", table))]);
    let message = refused(folder.path()).to_string();
    assert!(message.contains("is damaged"), "{message}");
    assert!(message.contains(&folder.path().display().to_string()));
}

#[test]
fn damaged_files_are_named() {
    let damaged = [
        ("tokenizer.json", &b"{\"version\": \"1.0\", \xff\xff}"[..]),
        ("tokenizer.json", b"{}"),
        ("tokenizer_config.json", b"[]"),
        ("added_tokens.json", b"{\"a\": "),
        ("special_tokens_map.json", b"\x00"),
        ("tokenizer_config.json", b"{\"do_lower_case\": \"no\"}"),
    ];
    for (name, content) in damaged {
        let folder = folder(&[("config.json", bert())]);
        std::fs::write(folder.path().join(name), content).expect("writes");
        let message = refused(folder.path()).to_string();
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_class_that_only_python_has_is_refused_by_name() {
    let settings = json!({"tokenizer_class": "BertJapaneseTokenizer"});
    let folder = folder(&[("tokenizer_config.json", settings)]);
    let message = refused(folder.path()).to_string();
    assert!(message.contains("BertJapaneseTokenizer"), "{message}");
}

#[test]
fn missing_files_are_named_for_each_kind() {
    for (model_type, name) in [
        ("roberta", "merges.txt"),
        ("xlm-roberta", "sentencepiece.bpe.model"),
        ("deberta-v2", "spm.model"),
        ("modernbert", "tokenizer.json"),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let config = json!({"model_type": model_type}).to_string();
        std::fs::write(folder.path().join("config.json"), config).expect("writes");
        let message = refused(folder.path()).to_string();
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn settings_that_change_nothing_keep_the_checksum_and_others_do_not() {
    let added = json!([]);
    let plain = folder(&[
        ("tokenizer.json", file_with("added_tokens", added)),
        ("config.json", bert()),
    ]);
    let key = tokenizer_checksum(plain.path());
    let settings = plain.path().join("tokenizer_config.json");
    let with = |fields: Value| {
        std::fs::write(&settings, fields.to_string()).expect("writes");
        tokenizer_checksum(plain.path())
    };
    let fast = "PreTrainedTokenizerFast";
    assert_eq!(
        with(json!({"tokenizer_class": fast, "do_lower_case": false})),
        key
    );
    let limit = |tokens: u64| json!({"tokenizer_class": fast, "model_max_length": tokens});
    assert_eq!(with(limit(64)), key);
    let others = [
        json!({"do_lower_case": false}),
        json!({"strip_accents": false}),
        json!({"tokenizer_class": fast, "mask_token": "[MASK]"}),
        json!({"tokenizer_class": fast, "truncation_side": "left"}),
        limit(16),
    ];
    for fields in others {
        assert_ne!(with(fields.clone()), key, "{fields}");
    }
}

/// Bases that were fitted before other tokenizers could be read stay valid.
#[test]
fn a_vocabulary_alone_has_the_checksum_of_earlier_versions() {
    let words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\nfilm\n";
    let alone = folder(&[("config.json", bert())]);
    let write = |name: &str, text: &str| {
        std::fs::write(alone.path().join(name), text).expect("writes");
        tokenizer_checksum(alone.path())
    };
    let key = write("vocab.txt", words);
    // SHA-256 over the lengths, names and checksums of vocab.txt and of a
    // tokenizer_config.json that is not there.
    let earlier = "046909dd4069d1220f027fdcaa571a6633da235d29ccf5bd6a3e6b8587e1ee2a";
    assert_eq!(key, earlier);
    assert_ne!(write("vocab.txt", &words.replace("good", "bad")), key);
    assert_eq!(write("vocab.txt", words), key);
    let cased = json!({"do_lower_case": false, "tokenizer_class": "BertTokenizer"});
    assert_ne!(write("tokenizer_config.json", &cased.to_string()), key);
}

#[test]
fn a_file_alone_holds_and_what_transformers_would_do_is_told() {
    let cased = json!({
        "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": false,
    });
    let alone = folder(&[
        ("tokenizer.json", file_with("normalizer", cased)),
        ("config.json", bert()),
    ]);
    assert_eq!(ids(alone.path(), "A ü"), [2, 7, 8, 3]);
    let tokenizer = Tokenizer::load(alone.path()).expect("loads");
    assert!(tokenizer.notes()[0].contains("do_lower_case"));
    // With settings, their silence counts: transformers reads lower case.
    let settings = alone.path().join("tokenizer_config.json");
    std::fs::write(settings, "{}").expect("writes");
    assert_eq!(ids(alone.path(), "A ü"), [2, 5, 9, 3]);
    let tokenizer = Tokenizer::load(alone.path()).expect("loads");
    assert!(tokenizer.notes().is_empty());
}

#[test]
fn long_texts_lose_the_end_that_the_settings_name() {
    let settings = |side: &str| json!({"truncation_side": side});
    let left = folder(&[
        ("config.json", bert()),
        ("tokenizer_config.json", settings("left")),
    ]);
    let right = folder(&[
        ("config.json", bert()),
        ("tokenizer_config.json", settings("right")),
    ]);
    let cut = |folder: &Path| {
        let tokenizer = Tokenizer::load(folder).expect("loads");
        tokenizer.encode("a a b b", None, 4).expect("encodes").ids
    };
    assert_eq!(cut(left.path()), [2, 6, 6, 3]);
    assert_eq!(cut(right.path()), [2, 5, 5, 3]);
}

#[test]
fn a_token_without_embedding_is_read_as_words() {
    let settings = json!({"additional_special_tokens": ["[a]"]});
    let small = folder(&[
        ("config.json", bert()),
        ("tokenizer_config.json", settings.clone()),
    ]);
    assert_eq!(ids(small.path(), "[a]"), [2, 11, 5, 12, 3]);
    let mut room = bert();
    room["vocab_size"] = 14.into();
    let large = folder(&[("config.json", room), ("tokenizer_config.json", settings)]);
    assert_eq!(ids(large.path(), "[a]"), [2, 13, 3]);
}

#[test]
fn a_vocabulary_without_the_tokens_of_its_class_is_refused() {
    let folder = folder(&[("config.json", bert())]);
    std::fs::write(folder.path().join("vocab.txt"), "[UNK]\n[CLS]\na\n").expect("writes");
    let message = refused(folder.path()).to_string();
    assert!(message.contains("`[SEP]`"), "{message}");
}

#[test]
fn the_built_in_tokenizer_is_its_file_to_the_letter() {
    let asset = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/all-MiniLM-L6-v2");
    let mut file = tokenizers::Tokenizer::from_file(asset.join("tokenizer.json")).expect("reads");
    file.with_padding(None);
    file.with_truncation(None).expect("switches off");
    let tokenizer = Tokenizer::load(&asset).expect("loads");
    // Keys of the demo's caches are made of it.
    assert_eq!(tokenizer.to_json(), file.to_string(false).expect("writes"));
    assert!(tokenizer.notes().is_empty());
}
