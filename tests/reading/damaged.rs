//! Damaged files of every format: whatever comes of reading them, it is no
//! panic, and an error names the file and what helps.

use proptest::prelude::*;

use crate::load;
use crate::tables::{Cells, FORMATS, Table};

/// A sound file.
fn sound(suffix: &str) -> Vec<u8> {
    let rows = 0..60;
    let text = |row| format!("Sentence number {row}, with a \"quote\" and a ; mark");
    Table::new([
        ("text", Cells::texts(rows.clone().map(text))),
        ("label", Cells::texts(rows.map(|row| ["a", "b"][row % 2]))),
    ])
    .written(suffix)
}

fn damaged(cases: u32) {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    let changes = prop::collection::vec(change, 1..6);
    let suffixes = FORMATS.map(|(_, suffix)| suffix);
    for suffix in suffixes
        .into_iter()
        .chain(["csv.gz", "jsonl.zst", "feather"])
    {
        let bytes = sound(suffix);
        let mut runner = prop::test_runner::TestRunner::new(ProptestConfig {
            cases,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let read = runner.run(&changes, |changes| {
            let mut bytes = bytes.clone();
            for (at, byte, how) in changes {
                let at = at
                    .index(bytes.len().max(1))
                    .min(bytes.len().saturating_sub(1));
                match how {
                    0 => bytes.truncate(at),
                    1 => bytes.insert(at, byte),
                    _ => {
                        if let Some(place) = bytes.get_mut(at) {
                            *place = byte;
                        }
                    }
                }
            }
            if let Err(error) = load(suffix, &bytes, "") {
                let text = error.to_string();
                let is_about_all = text.contains("one class") || text.contains("no row has");
                prop_assert!(text.contains("data.") || is_about_all, "{}", text);
                prop_assert!(error.remedy().is_some(), "no hint: {}", text);
            }
            Ok(())
        });
        read.expect(suffix);
    }
}

#[test]
fn damaged_files_are_explained() {
    damaged(60);
}

#[test]
#[ignore = "minutes: cargo test --release --test reading -- --ignored"]
fn ten_thousand_damaged_files_of_each_format_are_explained() {
    damaged(10_000);
}
