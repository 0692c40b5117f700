//! A classifier with finer classes than the data has labels, on real texts:
//! two of its classes mean one label and are added up, through a whole Quick
//! round, its export and that opened again.

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

use blindspot::model::Family;
use blindspot::model::fixture::tiny_model_of;
use exported::{call, json, said};
use serde_json::Value;
use written_lesson::teach_in;

/// Rows of each role: sentences of film reviews and, where something new is
/// met, tweets.
const ROWS: [(&str, &[(&str, usize)]); 2] = [
    (
        "film",
        &[
            ("train", 900),
            ("validation", 150),
            ("check", 250),
            ("final", 250),
        ],
    ),
    (
        "tweets",
        &[("discovery", 400), ("check", 150), ("final", 150)],
    ),
];

const MAPPING: &str = "[model.labels]
\"long negative\" = \"negative\"
\"short negative\" = \"negative\"
\"long positive\" = \"positive\"
\"short positive\" = \"positive\"
";

/// What both projects say: of labels, of the model, and what is more.
fn settings(labels: &str, model: &str, more: &str) -> String {
    format!(
        "name = \"Tiny\"\ntask = \"Does the sentence praise?\"\nlabels = [{labels}]\n\
         max_tokens = 32\n[data]\nfiles = [{{ path = \"data.csv\" }}]\n[fit]\nepochs = 8\n\
         learning_rate = 2e-3\ndropout = 0.0\n[discovery]\ntau = 0.7\n[quick]\n\
         learning_rate = 1e-3\nepochs = 4\n[model]\nbase = \"model\"\n{model}\n{more}"
    )
}

/// Real rows, their labels finer for the model than for the data.
fn data(is_fine: bool) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["id", "text", "label", "source", "role"])
        .expect("to memory");
    for (source, roles) in ROWS {
        let file = format!("projects/sentiment/data/{source}.csv");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let mut left: Vec<(&str, usize)> = roles.to_vec();
        for row in csv::Reader::from_path(file).expect("opens").records() {
            let row = row.expect("a row");
            let (id, text, label) = (&row[0], &row[1], &row[2]);
            let role = row.get(row.len() - 1).expect("a role");
            let Some((_, left)) = left.iter_mut().find(|(of, left)| *of == role && *left > 0)
            else {
                continue;
            };
            *left -= 1;
            let length = match text.split_whitespace().count() {
                0..=15 => "short",
                _ => "long",
            };
            let label = if is_fine {
                format!("{length} {label}")
            } else {
                label.to_owned()
            };
            out.write_record([id, text, label.as_str(), source, role])
                .expect("to memory");
        }
    }
    String::from_utf8(out.into_inner().expect("in memory")).expect("text")
}

fn copy_model(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("makes the folder");
    for entry in std::fs::read_dir(from).expect("is there").flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copies");
    }
}

/// A classifier of four classes, fitted here and exported.
fn four_classes(parent: &Path) -> PathBuf {
    let folder = parent.join("fine");
    tiny_model_of(&folder.join("model"), Family::Bert, false).expect("writes the model");
    std::fs::write(folder.join("data.csv"), data(true)).expect("writes");
    let labels = "\"long negative\", \"short negative\", \"long positive\", \"short positive\"";
    std::fs::write(folder.join("project.toml"), settings(labels, "", "")).expect("writes");
    json("fit", &folder, &[]);
    let out = parent.join("out");
    json(
        "export",
        &folder,
        &["--out", &out.display().to_string(), "--round", "0"],
    );
    out.join("model")
}

/// A project with two labels, whose model is a folder as it is.
fn opened(parent: &Path, name: &str, model: &Path) -> PathBuf {
    let folder = parent.join(name);
    copy_model(model, &folder.join("model"));
    std::fs::write(folder.join("data.csv"), data(false)).expect("writes");
    let labels = "\"negative\", \"positive\"";
    std::fs::write(folder.join("project.toml"), settings(labels, "", MAPPING)).expect("writes");
    folder
}

/// Probabilities of “positive” for the film sentences of *check*.
fn scored(folder: &Path, more: &[&str]) -> Vec<f64> {
    let (file, out) = (folder.join("ask.csv"), folder.join("scored.csv"));
    let mut ask = csv::Writer::from_path(&file).expect("opens");
    ask.write_record(["text"]).expect("writes");
    for row in csv::Reader::from_reader(data(false).as_bytes()).records() {
        let row = row.expect("a row");
        if row[4] == *"check" {
            ask.write_record([&row[1]]).expect("writes");
        }
    }
    ask.flush().expect("writes");
    let paths = [file, out.clone()].map(|path| path.display().to_string());
    let asked = [&[paths[0].as_str(), "--out", &paths[1]], more].concat();
    let output = call("score", folder, &asked);
    assert!(output.status.success(), "{}", said(&output));
    let mut table = csv::Reader::from_path(&out).expect("opens");
    let at = table
        .headers()
        .expect("a header")
        .iter()
        .position(|head| head == "p(positive)");
    let at = at.expect("a column");
    let rows = table
        .records()
        .map(|row| row.expect("a row")[at].parse().expect("a number"));
    rows.collect()
}

fn largest_difference(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Accuracy of an arm on a source.
fn accuracy(comparison: &Value, source: &str, arm: &str) -> f64 {
    let slices = comparison["slices"].as_array().expect("slices").iter();
    let mut of_source = slices.filter(|slice| slice["slice"].to_string().contains(source));
    let slice = of_source.next().expect("a slice of the source");
    let is_it = |figures: &&Value| figures["arm"] == arm || figures["arm"]["lessons"] == arm;
    let arms = slice["arms"].as_array().expect("arms").iter();
    let figures = arms.into_iter().find(is_it).expect("the arm");
    figures["accuracy"].as_f64().expect("a number")
}

#[test]
fn a_quick_round_on_classes_that_are_added_up() {
    let parent = tempfile::tempdir().expect("temporary folder");
    let model = four_classes(parent.path());
    let folder = opened(parent.path(), "coarse", &model);
    let check = said(&call("check", &folder, &[]));
    assert!(
        check.contains("their probabilities are added up"),
        "{check}"
    );
    let before = scored(&folder, &[]);
    let snapshot = json("discover", &folder, &["--freeze"]);
    teach_in(&folder, &snapshot);
    let round = json("retrain", &folder, &["--seeds", "1"]);
    for source in ["film", "tweets"] {
        for arm in ["untouched", "base", "tester"] {
            println!("{source}, {arm}: {}", accuracy(&round, source, arm));
        }
    }
    let film = |arm: &str| accuracy(&round, "film", arm);
    assert!(film("untouched") > 0.55, "the model knows nothing");
    for arm in ["base", "tester"] {
        let lost = film("untouched") - film(arm);
        assert!(lost < 0.04, "{arm} loses {lost} in the domain");
    }
    // The lesson is learnt: answers move, and more than replay moves them.
    let out = folder.join("taught");
    let exported = ["--out", &out.display().to_string(), "--round", "1"];
    json("export", &folder, &exported);
    let told = said(&call("edit", &folder, &["use-model", "1"]));
    let after = scored(&folder, &[]);
    assert!(
        largest_difference(&before, &after) > 0.05,
        "nothing moved: {told}"
    );
    // What was exported answers as it did here.
    let again = opened(parent.path(), "again", &out.join("model"));
    let reopened = scored(&again, &[]);
    let differs = largest_difference(&after, &reopened);
    assert!(differs < 1e-5, "{differs}");
}
