//! Files and folders of other programs: written by their own libraries and
//! read here, written here and read by their own libraries.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

use std::path::Path;
use std::process::Command;

use blindspot::dataset;
use blindspot::export::labelled::{Column, DatasetsFolder, Row, What, argilla_records};
use blindspot::records::Manifest;
use blindspot::support::Progress;
use blindspot::support::figures::Cell;

/// Labels whose order is not that of the alphabet.
const NAMES: [&str; 3] = ["süß", "bitter", "a \"quoted\" one"];

fn columns() -> Vec<Column> {
    let names = || NAMES.map(str::to_owned).to_vec();
    vec![
        Column::new("id", What::Id),
        Column::new("text", What::Text),
        Column::new("label", What::Label(names())),
        Column::new("predicted", What::Label(names())),
        Column::new("confidence", What::Score),
        Column::new("aside", What::Note),
    ]
}

fn rows(split: &str, count: usize) -> Vec<Row> {
    let row = |at: usize| {
        let judged = at % 4 != 0;
        vec![
            format!("{split}-{at}").into(),
            format!("text {at} of {split}\nin two lines, with “quotes” and 🙂").into(),
            NAMES[at % 3].into(),
            judged.then_some(NAMES[(at + 1) % 3]).into(),
            judged.then_some(0.25_f32 * (at % 3) as f32).into(),
            Cell::Empty,
        ]
    };
    (0..count).map(row).collect()
}

/// The folder and the records of two splits, one of which takes two batches.
fn written(to: &Path) {
    let mut folder = DatasetsFolder::begin(&to.join("sets"), &columns()).expect("begins");
    for (split, count) in [("train", 1_500), ("none", 0), ("samples", 7)] {
        let rows = rows(split, count).into_iter();
        folder.split(split, rows).expect("writes the split");
    }
    folder.finish().expect("finishes");
    let all = rows("train", 40).into_iter().chain(rows("samples", 7));
    argilla_records(&to.join("argilla.json"), &columns(), all).expect("writes the records");
}

#[test]
fn rows_for_datasets_read_back_with_the_names_of_their_labels() {
    let folder = tempfile::tempdir().expect("temporary folder");
    written(folder.path());
    assert!(!folder.path().join("sets/none").exists());
    let files = "teaching_only = true\n[data]\nfiles = [{ path = \"sets/train/data-00000-of-00001.arrow\", role = \"discovery\" }]\n";
    let manifest = Manifest::parse(files, "project.toml").expect("parses");
    let read = dataset::read(&manifest, folder.path(), &Progress::silent()).expect("reads");
    assert_eq!(read.labels, NAMES);
    let wanted = rows("train", 1_500);
    assert_eq!(read.examples.len(), wanted.len());
    for (example, row) in read.examples.iter().zip(&wanted) {
        let text = example.text().map(|text| text.first.as_str().into());
        assert_eq!(Cell::from(example.key.0.as_str()), row[0]);
        assert_eq!(text.as_ref(), Some(&row[1]));
        assert_eq!(Cell::from(read.label_name(example.label)), row[2]);
    }
}

#[test]
fn a_split_cannot_lead_out_of_its_folder() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for name in ["", "..", "a/b", "../x", ".hidden", "a b"] {
        let mut sets = DatasetsFolder::begin(folder.path(), &columns()).expect("begins");
        let error = sets.split(name, rows("x", 1).into_iter());
        error.expect_err("no name of a split");
    }
    let left = std::fs::read_dir(folder.path()).expect("is there").count();
    assert_eq!(left, 0);
}

/// Opt-in, since it needs Python: `BLINDSPOT_PYTHON=.venv/bin/python cargo test
/// --test formats -- --ignored`.
#[test]
#[ignore = "needs Python with datasets (and argilla), named in BLINDSPOT_PYTHON"]
fn their_own_libraries_open_what_is_written() {
    let folder = tempfile::tempdir().expect("temporary folder");
    written(folder.path());
    let python = std::env::var("BLINDSPOT_PYTHON").expect("BLINDSPOT_PYTHON is set");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/open_exports.py");
    let run = Command::new(python)
        .arg(script)
        .args([
            folder.path().join("sets"),
            folder.path().join("argilla.json"),
        ])
        .output()
        .expect("Python runs");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    let answer: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(answer["joined"], 1_507);
    for (split, count) in [("train", 1_500), ("samples", 7)] {
        let read = &answer["splits"][split];
        let names: Vec<String> = columns().into_iter().map(|column| column.name).collect();
        assert_eq!(read["names"], serde_json::json!(NAMES));
        assert_eq!(read["columns"], serde_json::json!(names));
        for (at, row) in rows(split, count).iter().enumerate() {
            let found = &read["rows"][at];
            assert_eq!(found["id"], serde_json::json!(row[0]));
            assert_eq!(found["text"], serde_json::json!(row[1]));
            assert_eq!(found["label"], serde_json::json!(at % 3));
            let predicted = (at % 4 != 0).then_some((at + 1) % 3);
            assert_eq!(found["predicted"], serde_json::json!(predicted));
            assert_eq!(found["confidence"], serde_json::json!(row[4]));
        }
    }
    let Some(records) = answer["argilla"].as_array() else {
        return;
    };
    assert_eq!(records.len(), 47);
    for (record, row) in records.iter().zip(rows("train", 40)) {
        assert_eq!(record["fields"]["text"], serde_json::json!(row[1]));
        let label = &record["suggestions"]["label"];
        assert_eq!(label["value"], serde_json::json!(row[2]));
        let predicted = &record["suggestions"]["predicted"];
        assert_eq!(
            predicted["score"],
            serde_json::json!(row[4])
                .as_f64()
                .map_or(serde_json::Value::Null, |score| serde_json::json!(score))
        );
    }
}
