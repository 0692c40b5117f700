//! What goes in comes out unchanged: every kind of label and every oddity in
//! every format, whole data sets, and damaged files.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "reading/damaged.rs"]
mod damaged;
#[path = "reading/labels.rs"]
mod labels;
#[path = "reading/oddities.rs"]
mod oddities;
#[path = "reading/round_trip.rs"]
mod round_trip;
#[path = "support/tables.rs"]
mod tables;
#[path = "support/workbook.rs"]
mod workbook;

use std::fmt::Write as _;
use std::path::Path;

use blindspot::dataset::{self, Loaded};
use blindspot::records::Manifest;
use blindspot::support::{Error, Progress};
use tables::FORMATS;

/// Reads a file of these bytes as a project's data; `toml` are its settings,
/// those under `[data]` last.
fn load(suffix: &str, bytes: &[u8], toml: &str) -> Result<Loaded, Error> {
    load_beside(suffix, bytes, toml, &[])
}

/// Like [`load`], with other files beside it.
fn load_beside(
    suffix: &str,
    bytes: &[u8],
    toml: &str,
    beside: &[(&str, String)],
) -> Result<Loaded, Error> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = format!("data.{suffix}");
    std::fs::write(folder.path().join(&file), bytes).expect("writes");
    for (name, content) in beside {
        std::fs::write(folder.path().join(name), content).expect("writes");
    }
    let (top, data) = toml.split_once("[data]\n").unwrap_or((toml, ""));
    let toml = format!("{top}\n[data]\nfiles = [{{ path = \"{file}\" }}]\n{data}");
    let manifest = Manifest::parse(&toml, "project.toml")?;
    dataset::load(&manifest, folder.path(), &Progress::silent())
}

/// Asserts that an error is one that helps.
fn helps(error: &Error) {
    let text = error.to_string();
    assert!(text.contains("data."), "names no file: {text}");
    assert!(error.remedy().is_some(), "no hint: {text}");
    assert_eq!(error.exit_code(), 2, "{text}");
}

/// Asserts that a table with a column for each format is in the documentation.
fn is_documented(first: &str, rows: &[(&str, [String; FORMATS.len()])]) {
    let names: Vec<&str> = FORMATS.iter().map(|(name, _)| *name).collect();
    let mut table = format!(
        "| {first} | {} |\n|---{}|\n",
        names.join(" | "),
        "|---".repeat(FORMATS.len())
    );
    for (kind, outcomes) in rows {
        writeln!(table, "| {kind} | {} |", outcomes.join(" | ")).expect("writes");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reading-data.md");
    let page = std::fs::read_to_string(&path).expect("docs/reading-data.md");
    assert!(
        page.contains(&table),
        "the page must hold this table:\n{table}"
    );
}
