//! A second model beside the base, through the real binary: a folder or a file
//! of predictions, what its classes mean, and that the project remembers it.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/black_box.rs"]
mod black_box;
#[path = "support/exported.rs"]
mod exported;
#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::path::Path;

use black_box::{black_box, joined};
use exported::{Exported, call, json, said};
use serde_json::Value;
use tiny_project::{Project, SEALED_WORD, files_below, holds};

/// The rows of a CSV file by the names of its columns.
fn rows(path: &Path) -> Vec<Vec<(String, String)>> {
    let mut table = csv::Reader::from_path(path).expect("opens");
    let heads = table.headers().expect("header").clone();
    let rows = table.records().map(|row| row.expect("a row"));
    let named = |row: csv::StringRecord| {
        let cells = heads.iter().zip(row.iter());
        let owned = |(head, cell): (&str, &str)| (head.to_owned(), cell.to_owned());
        cells.map(owned).collect()
    };
    rows.map(named).collect()
}

fn cell<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    let found = row.iter().find(|(head, _)| head == name);
    found.map_or("", |(_, cell)| cell)
}

/// Predictions for the tiny data that are right where `is_right` says so, in
/// columns of these names.
fn predictions(folder: &Path, columns: [&str; 2], is_right: impl Fn(usize) -> bool) -> String {
    let mut file = format!("id,{},{}\n", columns[0], columns[1]);
    for (number, row) in rows(&folder.join("data.csv")).iter().enumerate() {
        let positive = (cell(row, "label") == "positive") == is_right(number);
        let positive = if positive { 0.9 } else { 0.1 };
        file += &format!("{},{},{positive}\n", cell(row, "id"), 1.0 - positive);
    }
    let path = folder.join("other.csv");
    std::fs::write(&path, &file).expect("writes");
    path.display().to_string()
}

fn figures<'a>(comparison: &'a Value, name: &str) -> [&'a Value; 2] {
    [0, 1].map(|arm| &comparison["slices"][0]["arms"][arm][name])
}

#[test]
fn a_folder_is_compared_asked_about_and_remembered() {
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
    let arm = &comparison["slices"][0]["arms"][1]["arm"]["other"];
    assert_eq!(arm, "model", "{comparison:#}");
    for name in ["accuracy", "matched_errors"] {
        let [base, other] = figures(&comparison, name);
        assert_eq!(base, other, "{name}");
    }
    let words = said(&call("compare", &folder, &["--with", &same]));
    for part in [
        "`POSITIVE` is `positive`",
        "no arm of a round",
        "the base itself",
        "two models and no seeds",
    ] {
        assert!(words.contains(part), "lacks {part}: {words}");
    }
    assert!(!words.contains("untouched, the best control"), "{words}");

    // Names that say nothing: asked, with the options that would settle it.
    let unnamed = exported
        .opened("unnamed", ["LABEL_0", "LABEL_1"], "")
        .join("model");
    let unnamed = unnamed.display().to_string();
    let refused = call("compare", &folder, &["--with", &unnamed]);
    assert_eq!(refused.status.code(), Some(2));
    let words = said(&refused);
    assert!(words.contains("--label 'LABEL_0=negative'"), "{words}");
    assert!(words.contains("labelled `positive`"), "{words}");
    let turned = [
        "--with",
        &unnamed,
        "--label",
        "LABEL_0=positive",
        "--label",
        "LABEL_1=negative",
    ];
    let words = said(&call("compare", &folder, &turned));
    assert!(words.contains("exchanged"), "{words}");
    let both = call("compare", &folder, &["--with", &same, "--open-final"]);
    assert_eq!(both.status.code(), Some(2));

    remembers(&folder);
}

/// The two comparisons above are in exports and the report, and nothing that
/// they stand on is cleaned up.
fn remembers(folder: &Path) {
    let cleaned = call("clean", folder, &[]);
    assert!(cleaned.status.success(), "{}", said(&cleaned));
    let out = folder.join("export");
    json("export", folder, &["--out", &out.display().to_string()]);
    let kept = rows(&out.join("second_models.csv"));
    let numbers: Vec<&str> = kept.iter().map(|row| cell(row, "second_model")).collect();
    assert_eq!(numbers, ["1", "2"], "comparing again keeps the number");
    assert!(kept.iter().all(|row| cell(row, "name") == "model"));
    assert!(kept.iter().all(|row| !cell(row, "compared").is_empty()));
    assert!(cell(&kept[1], "to_know").contains("exchanged"));
    assert_ne!(cell(&kept[0], "fingerprint"), cell(&kept[1], "fingerprint"));
    let arms = rows(&out.join("second_model_comparison.csv"));
    assert!(arms.iter().any(|row| cell(row, "arm") == "other:model"));
    let answers = rows(&out.join("predictions.csv"));
    let of_second = |row: &&Vec<(String, String)>| cell(row, "model") == "second model 1: model";
    assert!(answers.iter().filter(of_second).count() > 100);

    let report = folder.join("report.html");
    json("report", folder, &["--out", &report.display().to_string()]);
    let page = std::fs::read_to_string(&report).expect("written");
    for part in [
        "Second model 1: model",
        "exchanged",
        "no arm of a round",
        "same places",
    ] {
        assert!(page.contains(part), "the report lacks {part}");
    }
    let place = folder.display().to_string();
    assert!(!page.contains(&place), "a path of this machine");
}

#[test]
fn a_file_of_predictions_is_compared_under_the_names_of_its_classes() {
    let exported = Exported::new();
    let folder = exported.opened("first", ["negative", "positive"], "");
    json("discover", &folder, &["--freeze"]);
    let with =
        |path: &str, more: &[&str]| call("compare", &folder, &[&["--with", path], more].concat());

    // Right everywhere: compared, and doubted aloud.
    let right = predictions(&folder, ["p_negative", "p_positive"], |_| true);
    let comparison = json("compare", &folder, &["--with", &right]);
    let [base, other] = figures(&comparison, "accuracy");
    assert_eq!(other, 1.0);
    assert!(base.as_f64() < Some(0.8));
    let words = said(&with(&right, &[]));
    assert!(words.contains("was it trained on them?"), "{words}");
    let most = predictions(&folder, ["p_negative", "p_positive"], |n| n % 10 > 0);
    let words = said(&with(&most, &[]));
    assert!(!words.contains("was it trained on them?"), "{words}");

    // Columns called after classes: the same question as for a folder.
    let unnamed = predictions(&folder, ["p_LABEL_0", "p_LABEL_1"], |n| n % 10 > 0);
    let refused = with(&unnamed, &[]);
    assert_eq!(refused.status.code(), Some(2));
    let words = said(&refused);
    assert!(words.contains("--label 'LABEL_1=positive'"), "{words}");
    let mapping = ["--label", "LABEL_0=negative", "--label", "LABEL_1=positive"];
    let mapped = json(
        "compare",
        &folder,
        &[&["--with", &unnamed], &mapping[..]].concat(),
    );
    let [_, other] = figures(&mapped, "accuracy");
    assert!(
        other.as_f64() > Some(0.85) && other.as_f64() < Some(0.95),
        "{other}"
    );
    let unknown = with(&unnamed, &["--label", "LABEL_7=positive"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));

    // Several classes of one label are added up.
    let three = std::fs::read_to_string(&unnamed).expect("readable");
    let three: String = (three.lines().enumerate())
        .map(|(number, line)| {
            let cells: Vec<&str> = line.split(',').collect();
            let half = cells[2]
                .parse::<f64>()
                .map_or(0.0, |positive| positive / 2.0);
            match number {
                0 => "id,p_anger,p_joy,p_love\n".to_owned(),
                _ => format!("{},{},{half},{half}\n", cells[0], cells[1]),
            }
        })
        .collect();
    std::fs::write(&unnamed, three).expect("writes");
    let emotions = ["anger=negative", "joy=positive", "love=positive"];
    let emotions = emotions.into_iter().flat_map(|class| ["--label", class]);
    let emotions: Vec<&str> = ["--with", &unnamed].into_iter().chain(emotions).collect();
    let added = json("compare", &folder, &emotions);
    assert_eq!(figures(&added, "accuracy"), figures(&mapped, "accuracy"));
    assert_eq!(
        figures(&added, "unknown_unknowns"),
        figures(&mapped, "unknown_unknowns")
    );
    let words = said(&call("compare", &folder, &emotions));
    assert!(words.contains("together are `positive`"), "{words}");

    // Rows without a prediction, and a file that is none.
    let right = predictions(&folder, ["p_negative", "p_positive"], |_| true);
    let text = std::fs::read_to_string(&right).expect("readable");
    let half: Vec<&str> = text.lines().take(300).collect();
    std::fs::write(&right, half.join("\n")).expect("writes");
    let refused = with(&right, &[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("no prediction for some rows"));
    std::fs::write(&right, "id,text\n1,a\n").expect("writes");
    assert_eq!(with(&right, &[]).status.code(), Some(2));
}

#[test]
fn black_boxes_are_compared_too() {
    let (project, _) = black_box();
    project.json("import-predictions", &[&joined(&project)]);
    project.json("discover", &["--freeze"]);
    let better = predictions(project.path(), ["negative", "positive"], |n| n % 10 > 0);
    let comparison = project.json("compare", &["--with", &better]);
    let [base, other] = figures(&comparison, "accuracy");
    assert!(other.as_f64() > base.as_f64(), "{comparison:#}");
    let out = project.path().join("out");
    project.json("export", &["--out", &out.display().to_string()]);
    let kept = rows(&out.join("second_models.csv"));
    assert_eq!(cell(&kept[0], "name"), "other.csv");
    // The file held rows of *final*: none of it was taken.
    for path in files_below(&project.path().join(".blindspot")) {
        let bytes = std::fs::read(&path).expect("readable");
        assert!(!holds(&bytes, SEALED_WORD), "{}", path.display());
    }
    let answers = rows(&out.join("predictions.csv"));
    assert!(answers.iter().all(|row| cell(row, "role") != "final"));
}

#[test]
fn classes_of_imported_predictions_are_asked_about() {
    let (project, _) = black_box();
    let classes = ["probability_LABEL_0", "probability_LABEL_1"];
    let named = predictions(project.path(), classes, |number| number % 10 > 0);
    let refused = project.call("import-predictions", &[&named]);
    let words = said(&refused);
    assert_eq!(refused.status.code(), Some(2), "{words}");
    for part in [
        "nobody has said what `other.csv`'s classes mean",
        "--label 'LABEL_0=negative'",
        "--label 'LABEL_1=positive'",
        "labelled `positive`",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let with = |labels: [&str; 2]| {
        let options = ["--label", labels[0], "--label", labels[1]];
        project.json(
            "import-predictions",
            &[&[named.as_str()][..], &options].concat(),
        )
    };
    let told = |imported: &Value| imported["said"].to_string();
    let right = with(["LABEL_0=negative", "LABEL_1=positive"]);
    assert_eq!(right["unknown_ids"], 0);
    assert!(!told(&right).contains("exchanged"), "{right}");
    // All of these are as sure of themselves.
    assert!(told(&right).contains("same confidence"), "{right}");
    let known = project.json("discover", &[]);
    let turned = with(["LABEL_0=positive", "LABEL_1=negative"]);
    assert!(told(&turned).contains("exchanged"), "{turned}");
    assert_ne!(project.json("discover", &[]), known, "the mapping counts");
    let refused = project.call(
        "import-predictions",
        &[&named, "--label", "LABEL_7=negative"],
    );
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
}

/// What importing says of predictions that `row` gives for each row of the
/// data: the probability of “positive”, and the cells of `more` columns.
fn imported(project: &Project, more: &str, row: impl Fn(usize) -> (f64, String)) -> String {
    let mut file = format!("id,negative,positive{more}\n");
    for (number, known) in rows(&project.path().join("data.csv")).iter().enumerate() {
        let (positive, cells) = row(number);
        file += &format!(
            "{},{},{positive}{cells}\n",
            cell(known, "id"),
            1.0 - positive
        );
    }
    let path = project.path().join("said.csv");
    std::fs::write(&path, file).expect("writes");
    let output = project.call("import-predictions", &[&path.display().to_string()]);
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

#[test]
fn bare_labels_and_embeddings_that_say_nothing_are_told() {
    let (project, _) = black_box();
    let words = imported(&project, "", |number| ((number % 2) as f64, String::new()));
    assert!(
        words.contains("are 0 or 1") && words.contains("confidence 1"),
        "{words}"
    );
    let varied = |number: usize| 0.5 + (number % 50) as f64 / 100.0;
    let columns = ",embedding_0,embedding_1";
    for (cells, told) in [
        (",0,0", "nothing but zeros"),
        (",0.5,2", "one and the same embedding"),
    ] {
        let words = imported(&project, columns, |number| {
            (varied(number), cells.to_owned())
        });
        assert!(words.contains(told), "{words}");
        assert!(
            !words.contains("0 or 1") && !words.contains("same confidence"),
            "{words}"
        );
    }
    let words = imported(&project, columns, |number| {
        (
            varied(number),
            format!(",{},{}", number % 7, number % 5 + 1),
        )
    });
    assert!(!words.contains("one and the same"), "{words}");
}
