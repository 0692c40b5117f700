//! A classifier with its own head is the base as it is, through the real
//! binary: the labels that its classes mean, and its own answers.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/tiny_project.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod tiny_project;
#[path = "support/written_lesson.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod written_lesson;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tiny_project::{MANIFEST, Project};
use written_lesson::teach_in;

const TEXTS: [&str; 4] = [
    "the film is great again",
    "the plot is very boring",
    "a funny scene so again",
    "the music is just lovely and the ending weak",
];

/// The tiny project fitted, and its base exported as a folder that
/// `transformers` loads.
struct Exported {
    project: Project,
}

impl Exported {
    fn new() -> Self {
        let project = Project::new();
        project.json("fit", &[]);
        let out = project.path().join("export");
        let out = out.display().to_string();
        project.json("export", &["--out", &out, "--round", "0"]);
        Self { project }
    }

    /// A project beside it whose model is the export as it is, under other
    /// names for its classes.
    fn opened(&self, name: &str, classes: [&str; 2], more: &str) -> PathBuf {
        let folder = self.project.path().join(name);
        let model = folder.join("model");
        std::fs::create_dir_all(&model).expect("makes the folder");
        let exported = self.project.path().join("export/model");
        for entry in std::fs::read_dir(exported).expect("exported").flatten() {
            std::fs::copy(entry.path(), model.join(entry.file_name())).expect("copies");
        }
        let config = model.join("config.json");
        let mut fields: Value = read_json(&config);
        fields["id2label"] = serde_json::json!({"0": classes[0], "1": classes[1]});
        fields["label2id"] = serde_json::json!({classes[0]: 0, classes[1]: 1});
        std::fs::write(&config, fields.to_string()).expect("writes");
        let data = self.project.path().join("data.csv");
        std::fs::copy(data, folder.join("data.csv")).expect("copies");
        let manifest = MANIFEST.replace("refit = true\n", "") + more;
        std::fs::write(folder.join("project.toml"), manifest).expect("writes");
        folder
    }
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

fn call(command: &str, folder: &Path, more: &[&str]) -> Output {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg(command).arg(folder).args(more).arg("--quiet");
    call.output().expect("starts")
}

fn json(command: &str, folder: &Path, more: &[&str]) -> Value {
    let output = call(command, folder, &[more, &["--json"]].concat());
    assert!(output.status.success(), "{command}: {}", said(&output));
    serde_json::from_slice(&output.stdout).expect("prints JSON")
}

/// Keeps the rows of the data that are wanted, given a line.
fn keep_rows(folder: &Path, wanted: impl Fn(&str) -> bool) {
    let path = folder.join("data.csv");
    let text = std::fs::read_to_string(&path).expect("readable");
    let mut lines = text.lines();
    let head = lines.next().expect("a header");
    let kept: Vec<&str> = lines.filter(|line| wanted(line)).collect();
    std::fs::write(&path, format!("{head}\n{}\n", kept.join("\n"))).expect("writes");
}

/// A figure of an arm on the rows of a comparison.
fn figure(comparison: &Value, arm: &str, name: &str) -> f64 {
    let arms = comparison["slices"][0]["arms"].as_array().expect("arms");
    let is_it = |figures: &&Value| figures["arm"] == arm || figures["arm"]["lessons"] == arm;
    let figures = arms.iter().find(is_it);
    assert!(figures.is_some(), "no arm {arm}: {comparison:#}");
    let figures = figures.expect("just seen");
    figures[name].as_f64().expect("a number")
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Probabilities of the labels for [`TEXTS`].
fn scored(folder: &Path) -> Vec<Vec<f32>> {
    let (file, out) = (folder.join("ask.csv"), folder.join("scored.csv"));
    std::fs::write(&file, format!("text\n{}\n", TEXTS.join("\n"))).expect("writes");
    let paths = [file.display().to_string(), out.display().to_string()];
    let output = call("score", folder, &[&paths[0], "--out", &paths[1]]);
    assert!(output.status.success(), "{}", said(&output));
    let mut table = csv::Reader::from_path(&out).expect("opens");
    let heads = table.headers().expect("header").clone();
    let columns: Vec<usize> = ["p(negative)", "p(positive)"]
        .map(|name| heads.iter().position(|head| head == name).expect("column"))
        .into();
    let rows = table.records().map(|row| row.expect("a row"));
    rows.map(|row| {
        let cell = |column: &usize| row[*column].parse().expect("a number");
        columns.iter().map(cell).collect()
    })
    .collect()
}

fn same(one: &[Vec<f32>], other: &[Vec<f32>]) -> bool {
    let close = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
    let pairs = one.iter().flatten().zip(other.iter().flatten());
    one.len() == other.len() && pairs.into_iter().all(close)
}

#[test]
fn an_exported_classifier_opened_as_it_is_answers_as_it_did() {
    let exported = Exported::new();
    let before = scored(exported.project.path());

    // Its own names, spelt otherwise: taken, and said.
    let folder = exported.opened("same", ["NEGATIVE", " Positive"], "");
    let check = call("check", &folder, &[]);
    let words = said(&check);
    assert!(check.status.success(), "{words}");
    assert!(
        words.contains("as it is") && words.contains("`NEGATIVE` is `negative`"),
        "{words}"
    );
    let fitted = call("fit", &folder, &["--json"]);
    assert!(said(&fitted).contains("as it is"), "{}", said(&fitted));
    assert!(same(&scored(&folder), &before), "other answers");

    // Names that say nothing: asked for, with the lines that would settle it.
    let folder = exported.opened("named", ["LABEL_0", "LABEL_1"], "");
    for command in ["check", "fit", "discover"] {
        let refused = call(command, &folder, &[]);
        let words = said(&refused);
        assert_eq!(refused.status.code(), Some(2), "{command}: {words}");
        for line in [
            "[model.labels]",
            "\"LABEL_0\" = \"negative\"",
            "\"LABEL_1\" = \"positive\"",
        ] {
            assert!(words.contains(line), "{command} lacks {line}: {words}");
        }
    }
    let shown = said(&call("check", &folder, &[]));
    assert!(
        shown.contains("labelled `positive`") && shown.contains("“"),
        "{shown}"
    );
    let settled = "[model.labels]\nLABEL_0 = \"negative\"\nLABEL_1 = \"positive\"\n";
    let folder = exported.opened("mapped", ["LABEL_0", "LABEL_1"], settled);
    assert!(same(&scored(&folder), &before), "other answers");

    // A mapping the wrong way round shows at once.
    let turned = "[model.labels]\nLABEL_0 = \"positive\"\nLABEL_1 = \"negative\"\n";
    let folder = exported.opened("turned", ["LABEL_0", "LABEL_1"], turned);
    let words = said(&call("check", &folder, &[]));
    assert!(words.contains("exchanged"), "{words}");
    let words = said(&call("discover", &folder, &[]));
    assert!(words.contains("exchanged"), "{words}");
}

#[test]
fn what_is_as_it_is_is_fitted_only_when_asked_for() {
    let exported = Exported::new();
    let folder = exported.opened("kept", ["negative", "positive"], "");
    let again = call("fit", &folder, &["--again"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("refit = true"), "{}", said(&again));
    let kept = scored(&folder);
    let manifest = folder.join("project.toml");
    let text = std::fs::read_to_string(&manifest).expect("readable");
    let text = text.replace("base = \"model\"", "base = \"model\"\nrefit = true");
    std::fs::write(&manifest, text).expect("writes");
    let fitted = call("fit", &folder, &["--json"]);
    let words = said(&fitted);
    assert!(
        fitted.status.success() && words.contains("fitted here"),
        "{words}"
    );
    assert!(
        !same(&scored(&folder), &kept),
        "fitting left every answer as it was"
    );
}

#[test]
fn it_is_taught_and_retrained_without_training_rows() {
    let exported = Exported::new();
    // The tiny model moves too little at the usual learning rate.
    let quick = "\n[quick]\nlearning_rate = 2e-3\nepochs = 6\n";
    let settings = exported.project.path().join("project.toml");
    std::fs::write(&settings, MANIFEST.to_owned() + quick).expect("writes");
    let folder = exported.opened("alone", ["negative", "positive"], quick);
    keep_rows(&folder, |line| {
        !line.ends_with(",train") && !line.ends_with(",reserve")
    });
    let snapshot = json("discover", &folder, &["--freeze"]);
    assert_eq!(snapshot["blind_spots"][0]["true_label"], 1, "{snapshot:#}");
    teach_in(&folder, &snapshot);

    let full = call("retrain", &folder, &["--seeds", "1", "--mode", "full"]);
    assert_eq!(full.status.code(), Some(2));
    assert!(said(&full).contains("rows of train"), "{}", said(&full));

    let alone = json("retrain", &folder, &["--seeds", "3"]);
    assert_eq!(
        alone["not_run"],
        serde_json::json!(["extra"]),
        "no reserve to draw from"
    );
    for arm in ["untouched", "base", "uus", "random-discovery", "tester"] {
        let of = |name: &str| figure(&alone, arm, name);
        println!("{arm}: {} {}", of("matched_errors"), of("accuracy"));
    }
    let errors = |arm: &str| figure(&alone, arm, "matched_errors");
    let accuracy = |arm: &str| figure(&alone, arm, "accuracy");
    // The replay alone leaves the model as it was: it is right where it was.
    assert!((accuracy("base") - accuracy("untouched")).abs() < 0.02);
    // What is added is learnt beside it: the errors themselves go.
    assert!(errors("uus") < errors("base") / 2.0, "nothing was learnt");
    assert!(accuracy("uus") > accuracy("untouched"), "it forgot");
    assert!(
        accuracy("tester") > accuracy("untouched") - 0.02,
        "it forgot"
    );
}

#[test]
fn roles_are_drawn_without_train_for_a_model_as_it_is() {
    let exported = Exported::new();
    let folder = exported.opened("drawn", ["negative", "positive"], "");
    let path = folder.join("data.csv");
    let text = std::fs::read_to_string(&path).expect("readable");
    let without = text
        .lines()
        .map(|line| line.rsplit_once(',').expect("a role").0);
    std::fs::write(&path, without.collect::<Vec<_>>().join("\n")).expect("writes");
    let roles = |folder: &Path| -> Vec<String> {
        let check = json("check", folder, &[]);
        let cells = check["data"]["cells"].as_array().expect("cells").iter();
        cells
            .map(|cell| cell["role"].as_str().expect("a role").to_owned())
            .collect()
    };
    assert_eq!(
        roles(&folder),
        ["validation", "discovery", "check", "final"]
    );
    let manifest = folder.join("project.toml");
    let text = std::fs::read_to_string(&manifest).expect("readable");
    let text = text.replace("base = \"model\"", "base = \"model\"\nrefit = true");
    std::fs::write(&manifest, text).expect("writes");
    assert_eq!(
        roles(&folder)[0],
        "train",
        "a model that is fitted needs rows to fit it on"
    );
}

#[test]
fn a_second_model_is_compared_with_the_base() {
    let exported = Exported::new();
    let folder = exported.opened("first", ["negative", "positive"], "");
    json("discover", &folder, &["--freeze"]);

    // The same model under other capitals: nothing differs.
    let same = exported
        .opened("second", ["Negative", "POSITIVE"], "")
        .join("model");
    let same = same.display().to_string();
    let comparison = json("compare", &folder, &["--with", &same]);
    assert_eq!(comparison["role"], "check");
    let arm = comparison["slices"][0]["arms"][1]["arm"]["other"].clone();
    assert_eq!(arm, "model", "{comparison:#}");
    let arms = &comparison["slices"][0]["arms"];
    assert_eq!(arms[0]["accuracy"], arms[1]["accuracy"]);
    assert_eq!(arms[0]["matched_errors"], arms[1]["matched_errors"]);
    let words = said(&call("compare", &folder, &["--with", &same]));
    assert!(
        words.contains("not seeds") && words.contains("`POSITIVE` is `positive`"),
        "{words}"
    );

    // A file of predictions that are right everywhere.
    let data = std::fs::read_to_string(folder.join("data.csv")).expect("readable");
    let mut table = csv::Reader::from_reader(data.as_bytes());
    let mut file = String::from("id,p_negative,p_positive\n");
    for row in table.records() {
        let row = row.expect("a row");
        let positive = if &row[2] == "positive" { 0.9 } else { 0.1 };
        file += &format!("{},{},{positive}\n", &row[0], 1.0 - positive);
    }
    let path = folder.join("other.csv");
    std::fs::write(&path, &file).expect("writes");
    let right = json("compare", &folder, &["--with", &path.display().to_string()]);
    let arms = &right["slices"][0]["arms"];
    assert_eq!(arms[1]["accuracy"], 1.0);
    assert!(arms[0]["accuracy"].as_f64() < Some(0.8));

    // One that lacks rows, names that say nothing, and final: refused.
    let half: Vec<&str> = file.lines().take(300).collect();
    std::fs::write(&path, half.join("\n")).expect("writes");
    let unnamed = exported
        .opened("unnamed", ["LABEL_0", "LABEL_1"], "")
        .join("model");
    for path in [path, unnamed] {
        let refused = call("compare", &folder, &["--with", &path.display().to_string()]);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    }
    let both = call("compare", &folder, &["--with", &same, "--open-final"]);
    assert_eq!(both.status.code(), Some(2));
}
