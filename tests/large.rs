//! What large data cost, on a made-up project. Opt-in: the figures mean
//! something on a quiet machine only.
//!
//! `cargo test --release --test large -- --ignored --nocapture NAME`

#![expect(clippy::expect_used, reason = "a step that fails is not measured")]

#[path = "support/made_project.rs"]
mod made_project;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use made_project::{Size, TOPICS};
use serde_json::Value;

/// Runs a command of the program, and tells how long it took.
fn timed(folder: &Path, arguments: &[&str]) -> Value {
    let began = Instant::now();
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    let call = call.arg(arguments[0]).arg(folder).args(&arguments[1..]);
    let output = call.args(["--quiet", "--json"]).output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} failed: {said}");
    println!("{}: {:.1?}", arguments[0], began.elapsed());
    serde_json::from_slice(&output.stdout).expect("prints JSON")
}

#[test]
#[ignore = "measures time: run it on a quiet machine"]
fn of_150_classes_and_30_000_rows_there_are_tens_of_blind_spots() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let size = Size {
        rows: 30_000,
        classes: 150,
        width: 384,
    };
    let file = made_project::write(folder.path(), size);
    timed(
        folder.path(),
        &["import-predictions", &file.to_string_lossy()],
    );
    let found = timed(folder.path(), &["discover", "--freeze"]);
    let spots = found["blind_spots"].as_array().expect("blind spots");
    let size = |spot: &Value| {
        spot["shown"].as_array().map_or(0, Vec::len)
            + spot["kept_back"].as_array().map_or(0, Vec::len)
    };
    let sizes: Vec<usize> = spots.iter().map(size).collect();
    println!("{} blind spots: {sizes:?}", sizes.len());
    println!("{}", found["notes"]);
    assert!((10..=40).contains(&sizes.len()), "tens");
    let small = sizes.iter().filter(|size| **size < 10);
    assert!(small.count() <= 1, "of a size to teach");
    let name = |spot: &Value| spot["name"].as_str().unwrap_or_default().to_owned();
    let named = spots.iter().map(name);
    let topics = named.filter(|name| name.contains("topic") || name.contains("about"));
    println!(
        "{} of {TOPICS} planted topics name a blind spot",
        topics.count()
    );
}
