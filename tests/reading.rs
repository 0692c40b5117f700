//! What goes in comes out unchanged: every kind of label in every format, and
//! damaged files of every format.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/workbook.rs"]
mod workbook;
#[path = "reading/writers.rs"]
mod writers;

use std::fmt::Write as _;
use std::path::Path;

use blindspot::dataset::{self, Loaded};
use blindspot::records::{Manifest, Role};
use blindspot::support::{Error, Progress};
use proptest::prelude::*;
use writers::{FORMATS, Labels, written};

/// Rows of a data set: enough to draw all roles from.
const ROWS: usize = 60;

fn texts(count: usize) -> Vec<String> {
    let text = |row| format!("Sentence number {row}, with a \"quote\" and a ; mark");
    (0..count).map(text).collect()
}

fn load(suffix: &str, bytes: &[u8], toml: &str) -> Result<Loaded, Error> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = format!("data.{suffix}");
    std::fs::write(folder.path().join(&file), bytes).expect("writes");
    let toml = format!("{toml}\n[data]\nfiles = [{{ path = \"{file}\" }}]\n");
    let manifest = Manifest::parse(&toml, "project.toml")?;
    dataset::load(&manifest, folder.path(), &Progress::silent())
}

/// The kinds of labels that the table in the documentation shows.
fn oddities() -> Vec<(&'static str, Labels)> {
    let all = |some: &[&str]| -> Labels {
        let filled = |label: &&str| (!label.is_empty()).then(|| (*label).to_owned());
        Labels::Texts(some.iter().cycle().take(ROWS).map(filled).collect())
    };
    let lists = |some: &[&[&str]]| {
        let list = |list: &&[&str]| list.iter().map(|label| (*label).to_owned()).collect();
        Labels::Lists(some.iter().cycle().take(ROWS).map(list).collect())
    };
    let numbers =
        |some: &[Option<f64>]| Labels::Numbers(some.iter().copied().cycle().take(ROWS).collect());
    let whole =
        |some: &[Option<i64>]| Labels::Whole(some.iter().copied().cycle().take(ROWS).collect());
    let truths = [Some(true), Some(false)].into_iter().cycle().take(ROWS);
    vec![
        ("names", all(&["good", "bad"])),
        ("whole numbers", whole(&[Some(0), Some(1), Some(10)])),
        ("numbers 1.0 and 2.0", numbers(&[Some(1.0), Some(2.0)])),
        ("numbers 0.5 and 1.5", numbers(&[Some(0.5), Some(1.5)])),
        ("numbers 1.0 and 2.5", numbers(&[Some(1.0), Some(2.5)])),
        ("-1 and 1", whole(&[Some(-1), Some(1)])),
        ("-1 beside others", whole(&[Some(-1), Some(0), Some(1)])),
        ("true and false", Labels::Truths(truths.collect())),
        ("null or an empty cell", all(&["good", "bad", ""])),
        ("`NA` beside others", all(&["good", "bad", "NA"])),
        ("two spellings", all(&["Good", "bad", "good"])),
        ("dates", all(&["2026-01-02", "2026-03-05"])),
        ("lists of one", lists(&[&["good"], &["bad"]])),
        ("lists of several", lists(&[&["good"], &["good", "bad"]])),
    ]
}

/// What happens, in a few words.
fn outcome(loaded: Result<Loaded, Error>) -> String {
    match loaded {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("data."), "names no file: {text}");
            assert!(error.remedy().is_some(), "no hint: {text}");
            "refused".to_owned()
        }
        Ok(loaded) => {
            let mut said = loaded.dataset.labels.join(", ");
            let left_out: usize = loaded.report.skipped_counts.values().sum();
            if left_out > 0 {
                write!(said, "; {left_out} of {ROWS} left out").expect("writes");
            }
            let doubts = loaded.report.doubts.len() + loaded.report.spellings.len();
            said + if doubts > 0 { "; told" } else { "" }
        }
    }
}

#[test]
fn every_kind_of_label_means_the_same_in_every_format_as_the_documentation_says() {
    let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
    let mut table = format!(
        "| labels | {} |\n|---{}|\n",
        names.join(" | "),
        "|---".repeat(6)
    );
    for (kind, labels) in oddities() {
        let outcomes = FORMATS
            .map(|(_, suffix)| outcome(load(suffix, &written(suffix, &texts(ROWS), &labels), "")));
        assert!(
            outcomes.iter().all(|outcome| *outcome == outcomes[0]),
            "{kind}: {outcomes:?}"
        );
        writeln!(table, "| {kind} | {} |", outcomes.join(" | ")).expect("writes");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reading-data.md");
    let page = std::fs::read_to_string(&path).expect("docs/reading-data.md");
    assert!(
        page.contains(&table),
        "the page must hold this table:\n{table}"
    );
}

#[test]
fn rows_of_final_stay_sealed_when_their_role_comes_after_10_000_lines() {
    let mut lines = String::new();
    for row in 0..10_400 {
        let label = ["good", "bad"][row % 2];
        let role = match row {
            0..10_000 => String::new(),
            row => format!(", \"role\": \"{}\"", ["final", "check"][row / 2 % 2]),
        };
        let text = format!("sentence {row} of the file");
        writeln!(
            lines,
            "{{\"text\": \"{text}\", \"label\": \"{label}\"{role}}}"
        )
        .expect("writes");
    }
    let loaded = load("jsonl", lines.as_bytes(), "").expect("reads");
    let sealed = |row: usize| (10_000..10_400).contains(&row) && (row / 2).is_multiple_of(2);
    let mut count = 0;
    for example in &loaded.dataset.examples {
        let row = example.origin.row as usize - 1;
        if sealed(row) {
            assert_eq!(
                (example.role, example.text()),
                (Role::Final, None),
                "row {row}"
            );
            count += 1;
        }
    }
    assert_eq!(count, 200);
}

/// A file of each format.
fn sound() -> Vec<(&'static str, Vec<u8>)> {
    let labels = Labels::Texts(
        (0..ROWS)
            .map(|row| Some(["a", "b"][row % 2].to_owned()))
            .collect(),
    );
    let file = |(_, suffix)| (suffix, written(suffix, &texts(labels.len()), &labels));
    FORMATS.map(file).to_vec()
}

/// Damages files and reads them: whatever comes of it, it is no panic, and an
/// error names the file and what helps.
fn damaged(cases: u32) {
    let files = sound();
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    let changes = prop::collection::vec(change, 1..6);
    for (suffix, bytes) in &files {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_come_out_of_every_format_as_they_went_in(
        parts in prop::collection::vec("[a-zà-ž日本😀\"',;|\\\\ .!-]{1,30}", ROWS),
    ) {
        let texts: Vec<String> =
            parts.iter().enumerate().map(|(row, part)| format!("{row} {part} x")).collect();
        let labels = (0..ROWS).map(|row| Some(["yes", "no"][row % 2].to_owned()));
        let labels = Labels::Texts(labels.collect());
        for (_, suffix) in FORMATS {
            let loaded = load(suffix, &written(suffix, &texts, &labels), "").expect(suffix);
            // Those that differ in punctuation only may be left out of earlier roles.
            prop_assert_eq!(loaded.report.skipped_counts.values().sum::<usize>(), 0);
            for example in &loaded.dataset.examples {
                if let Some(text) = example.text() {
                    let header = usize::from(!matches!(suffix, "jsonl" | "parquet" | "arrow"));
                    let row = example.origin.row as usize - 1 - header;
                    prop_assert_eq!(&text.first, texts[row].trim(), "{}", suffix);
                }
            }
        }
    }
}
