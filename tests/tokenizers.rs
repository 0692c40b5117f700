//! Texts are cut as Python's transformers cuts them, for every kind of files
//! that a tokenizer comes in: a fixture that
//! `tests/engine/make_tokenizer_fixture.py` made holds the files, a page of
//! nasty texts, and what transformers made of them.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::collections::BTreeMap;
use std::path::Path;

use blindspot::model::Tokenizer;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    texts: Vec<String>,
    pairs: Vec<(String, String)>,
    contents: Vec<Content>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Content {
    Text(String),
    Hex(String),
}

#[derive(Deserialize)]
struct Case {
    name: String,
    /// File names, and the places of their contents.
    files: BTreeMap<String, usize>,
    ids: Vec<Vec<u32>>,
    pairs: Vec<Pair>,
    /// Number of tokens of the long text, and a checksum over them.
    long: (usize, u64),
}

#[derive(Deserialize)]
struct Pair {
    ids: Vec<u32>,
    types: Vec<u8>,
    /// Cut to 11 tokens.
    cut: Vec<u32>,
}

fn fixture() -> Fixture {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engine/tokenizers.json");
    let text = std::fs::read_to_string(path).expect("fixture is there");
    serde_json::from_str(&text).expect("fixture is JSON")
}

impl Fixture {
    fn write(&self, case: &Case, folder: &Path) {
        for (name, place) in &case.files {
            let bytes = match &self.contents[*place] {
                Content::Text(text) => text.clone().into_bytes(),
                Content::Hex(digits) => (0..digits.len())
                    .step_by(2)
                    .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
                    .collect(),
            };
            std::fs::write(folder.join(name), bytes).expect("writes");
        }
    }
}

/// As the script makes it.
fn long_text() -> String {
    let words: Vec<&str> = "the quick brown fox café 电影 good мир 1250 naïve"
        .split(' ')
        .collect();
    let word = |i: usize| words[(i * i + i / 7) % words.len()];
    (0..10_000).map(word).collect::<Vec<_>>().join(" ")
}

/// As the script computes it.
fn checksum(ids: &[u32]) -> (usize, u64) {
    let sum = ids.iter().enumerate().fold(0, |sum, (place, id)| {
        (sum * 31 + u64::from(*id) + place as u64) % 2_147_483_647
    });
    (ids.len(), sum)
}

/// What differs from transformers in one folder, in words.
fn differences(fixture: &Fixture, case: &Case, tokenizer: &Tokenizer) -> Vec<String> {
    let whole = |first: &str, second: Option<&str>, limit| {
        let encoded = tokenizer.encode(first, second, limit);
        encoded.expect("encodes")
    };
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: &[u32], theirs: &[u32]| {
        if ours != theirs {
            found.push(format!("{}: {what:?}\n  {ours:?}\n  {theirs:?}", case.name));
        }
    };
    for (text, ids) in fixture.texts.iter().zip(&case.ids) {
        compare(text, &whole(text, None, usize::MAX).ids, ids);
    }
    for ((first, second), pair) in fixture.pairs.iter().zip(&case.pairs) {
        let both = whole(first, Some(second), usize::MAX);
        compare(first, &both.ids, &pair.ids);
        let types: Vec<u32> = both.type_ids.iter().map(|kind| (*kind).into()).collect();
        let theirs: Vec<u32> = pair.types.iter().map(|kind| (*kind).into()).collect();
        compare(&format!("types of {first}"), &types, &theirs);
        compare(
            &format!("{first} cut"),
            &whole(first, Some(second), 11).ids,
            &pair.cut,
        );
    }
    let long = checksum(&whole(&long_text(), None, usize::MAX).ids);
    if long != case.long {
        found.push(format!("{}: {long:?}, {:?}", case.name, case.long));
    }
    found
}

#[test]
fn every_kind_of_tokenizer_gives_the_ids_of_transformers() {
    let fixture = fixture();
    let mut found = Vec::new();
    for case in &fixture.cases {
        assert_eq!(case.ids.len(), fixture.texts.len());
        let folder = tempfile::tempdir().expect("temporary folder");
        fixture.write(case, folder.path());
        let tokenizer = Tokenizer::load(folder.path()).expect(&case.name);
        found.extend(differences(&fixture, case, &tokenizer));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Opt-in, since it needs Python: `BLINDSPOT_PYTHON=.venv/bin/python cargo test
/// --test tokenizers -- --ignored`.
#[test]
#[ignore = "needs Python with transformers, named in BLINDSPOT_PYTHON"]
fn exported_tokenizers_give_the_same_ids_in_transformers() {
    let fixture = fixture();
    let place = tempfile::tempdir().expect("temporary folder");
    for (number, case) in fixture.cases.iter().enumerate() {
        let folder = tempfile::tempdir().expect("temporary folder");
        fixture.write(case, folder.path());
        let tokenizer = Tokenizer::load(folder.path()).expect(&case.name);
        let exported = place.path().join(number.to_string());
        std::fs::create_dir(&exported).expect("creates");
        let config = folder.path().join("config.json");
        std::fs::copy(config, exported.join("config.json")).expect("copies");
        tokenizer.save(&exported, 512, true).expect("writes");
        let again = Tokenizer::load(&exported).expect(&case.name);
        let found = differences(&fixture, case, &again);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = std::env::var("BLINDSPOT_PYTHON").expect("BLINDSPOT_PYTHON is set");
    let run = std::process::Command::new(python)
        .arg(root.join("tests/engine/check_tokenizers.py"))
        .arg(place.path())
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&run.stderr)
    );
}
