//! A classifier with finer classes than the data has labels: two of them mean
//! one label and are added up, through a whole Quick round, its export and that
//! opened again.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/exported.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod exported;
#[path = "support/tiny_project.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod tiny_project;
#[path = "support/written_lesson.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod written_lesson;

use std::path::{Path, PathBuf};

use exported::{call, copy_model, json, said};
use serde_json::Value;
use tiny_project::{MANIFEST, Project, THINGS};
use written_lesson::teach_in;

const MAPPING: &str = "[model.labels]
\"early negative\" = \"negative\"
\"late negative\" = \"negative\"
\"early positive\" = \"positive\"
\"late positive\" = \"positive\"
";

/// The tiny model moves too little at the usual learning rate.
const QUICK: &str = "\n[quick]\nlearning_rate = 2e-3\nepochs = 6\n";

/// The rows of a data file, changed or left out.
fn rewrite_rows(path: &Path, change: impl Fn(csv::StringRecord) -> Option<csv::StringRecord>) {
    let mut table = csv::Reader::from_path(path).expect("opens");
    let header = table.headers().expect("a header").clone();
    let rows: Vec<_> = table.records().map(|row| row.expect("a row")).collect();
    let mut out = csv::Writer::from_path(path).expect("opens");
    out.write_record(&header).expect("writes");
    for row in rows.into_iter().filter_map(change) {
        out.write_record(&row).expect("writes");
    }
    out.flush().expect("writes");
}

/// A classifier of four classes, fitted here and exported: what the first four
/// things are is “early”, the others “late”.
fn four_classes(project: &Project) -> PathBuf {
    let settings = MANIFEST.replace(
        "labels = [\"negative\", \"positive\"]",
        "labels = [\"early negative\", \"late negative\", \"early positive\", \"late positive\"]",
    );
    let folder = project.path();
    std::fs::write(folder.join("project.toml"), settings).expect("writes");
    rewrite_rows(&folder.join("data.csv"), |row| {
        let is_early = THINGS[..4].iter().any(|thing| row[1].contains(thing));
        let label = format!("{} {}", if is_early { "early" } else { "late" }, &row[2]);
        let cells = row.iter().enumerate();
        let cells = cells.map(|(column, cell)| if column == 2 { &label } else { cell });
        Some(cells.collect())
    });
    project.json("fit", &[]);
    let out = folder.join("fine");
    let path = out.display().to_string();
    project.json("export", &["--out", &path, "--round", "0"]);
    out.join("model")
}

/// A project with two labels and no row of *train*, whose model is a folder as
/// it is.
fn opened(parent: &Path, name: &str, model: &Path) -> PathBuf {
    let folder = parent.join(name);
    copy_model(model, &folder.join("model"));
    let coarse = Project::new();
    let data = folder.join("data.csv");
    std::fs::copy(coarse.path().join("data.csv"), &data).expect("copies");
    rewrite_rows(&data, |row| {
        (!["train", "reserve"].contains(&&row[3])).then_some(row)
    });
    let settings = MANIFEST.replace("refit = true\n", "") + QUICK + MAPPING;
    std::fs::write(folder.join("project.toml"), settings).expect("writes");
    folder
}

/// Probabilities of “positive” for the rows of *check*.
fn scored(folder: &Path) -> Vec<f64> {
    let (file, out) = (folder.join("ask.csv"), folder.join("scored.csv"));
    std::fs::copy(folder.join("data.csv"), &file).expect("copies");
    rewrite_rows(&file, |row| (&row[3] == "check").then_some(row));
    let paths = [&file, &out].map(|path| path.display().to_string());
    let output = call("score", folder, &[&paths[0], "--out", &paths[1]]);
    assert!(output.status.success(), "{}", said(&output));
    let mut table = csv::Reader::from_path(&out).expect("opens");
    let mut heads = table.headers().expect("a header").iter();
    let at = heads.position(|head| head == "p(positive)");
    let at = at.expect("a column");
    let rows = table.records().map(|row| row.expect("a row"));
    rows.map(|row| row[at].parse().expect("a number")).collect()
}

fn largest_difference(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// A figure of an arm over all rows of a comparison.
fn figure(comparison: &Value, arm: &str, name: &str) -> f64 {
    let arms = comparison["slices"][0]["arms"].as_array().expect("arms");
    let is_it = |figures: &&Value| figures["arm"] == arm || figures["arm"]["lessons"] == arm;
    let figures = arms.iter().find(is_it).expect("the arm");
    figures[name].as_f64().expect("a number")
}

#[test]
fn a_quick_round_on_classes_that_are_added_up() {
    let fine = Project::new();
    let model = four_classes(&fine);
    let folder = opened(fine.path(), "coarse", &model);
    let check = said(&call("check", &folder, &[]));
    assert!(
        check.contains("their probabilities are added up"),
        "{check}"
    );
    let before = scored(&folder);
    let snapshot = json("discover", &folder, &["--freeze"]);
    assert_eq!(snapshot["blind_spots"][0]["true_label"], 1, "{snapshot:#}");
    teach_in(&folder, &snapshot);
    let round = json("retrain", &folder, &["--seeds", "1"]);
    let accuracy = |arm: &str| figure(&round, arm, "accuracy");
    let errors = |arm: &str| figure(&round, arm, "matched_errors");
    assert!(accuracy("untouched") > 0.6, "the model knows nothing");
    assert!((accuracy("base") - accuracy("untouched")).abs() < 0.02);
    assert!(errors("uus") < errors("base") / 2.0, "nothing was learnt");
    assert!(
        accuracy("tester") > accuracy("untouched") - 0.02,
        "it forgot"
    );

    // What was exported answers as it did here, and otherwise than before.
    let out = folder.join("taught");
    let path = out.display().to_string();
    json("export", &folder, &["--out", &path, "--round", "1"]);
    let used = call("edit", &folder, &["use-model", "1"]);
    assert!(used.status.success(), "{}", said(&used));
    let after = scored(&folder);
    assert!(largest_difference(&before, &after) > 0.05);
    let again = opened(fine.path(), "again", &out.join("model"));
    assert!(largest_difference(&after, &scored(&again)) < 1e-5);
}
