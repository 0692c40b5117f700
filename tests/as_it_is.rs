//! A classifier with its own head is the base as it is, through the real
//! binary: the labels that its classes mean, and its own answers.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/exported.rs"]
mod exported;
#[path = "support/tiny_project.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod tiny_project;
#[path = "support/written_lesson.rs"]
#[expect(dead_code, reason = "shared with tests that need more of it")]
mod written_lesson;

use std::path::Path;

use blindspot::dataset::copies::Copy;
use blindspot::records::{ModelUse, Text};
use blindspot::steps::OpenProject;
use blindspot::steps::leakage_guard::LeakageGuard;
use blindspot::support::Progress;
use exported::{Exported, call, json, said};
use serde_json::Value;
use tiny_project::{MANIFEST, SEALED_WORD};
use written_lesson::teach_in;

const TEXTS: [&str; 4] = [
    "the film is great again",
    "the plot is very boring",
    "a funny scene so again",
    "the music is just lovely and the ending weak",
];

/// Keeps the rows of the data that are wanted, given a line.
fn keep_rows(folder: &Path, wanted: impl Fn(&str) -> bool) {
    let path = folder.join("data.csv");
    let text = std::fs::read_to_string(&path).expect("readable");
    let mut lines = text.lines();
    let head = lines.next().expect("a header");
    let kept: Vec<&str> = lines.filter(|line| wanted(line)).collect();
    std::fs::write(&path, format!("{head}\n{}\n", kept.join("\n"))).expect("writes");
}

/// Takes the column of roles, the last one, from the data.
fn drop_roles(folder: &Path) {
    let path = folder.join("data.csv");
    let text = std::fs::read_to_string(&path).expect("readable");
    let without = text
        .lines()
        .map(|line| line.rsplit_once(',').expect("a role").0);
    std::fs::write(&path, without.collect::<Vec<_>>().join("\n")).expect("writes");
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
fn another_use_of_the_model_counts_and_leaves_project_toml_alone() {
    let exported = Exported::new();
    let mapping = "[model.labels]\nLABEL_0 = \"negative\"\nLABEL_1 = \"positive\"\n";
    let folder = exported.opened("chosen", ["LABEL_0", "LABEL_1"], mapping);
    let settings = folder.join("project.toml");
    let written = std::fs::read(&settings).expect("readable");
    let before = scored(&folder);
    // What the window asks for, typed.
    let choose = |refit: bool, labels: [&str; 2]| {
        let classes = ["LABEL_0", "LABEL_1"].iter().zip(labels);
        let classes: Vec<String> = classes.map(|(class, to)| format!("{class}={to}")).collect();
        let mut typed = vec!["use-model-as"];
        typed.extend(refit.then_some("--refit"));
        for class in &classes {
            typed.extend(["--class", class]);
        }
        let output = call("edit", &folder, &typed);
        match output.status.success() {
            true => Ok(()),
            false => Err(said(&output)),
        }
    };

    choose(false, ["positive", "negative"]).expect("kept");
    let turned: Vec<Vec<f32>> = (scored(&folder).into_iter())
        .map(|row| row.into_iter().rev().collect())
        .collect();
    assert!(same(&turned, &before), "the other way round");
    let words = said(&call("check", &folder, &[]));
    assert!(words.contains("exchanged"), "{words}");

    // Two classes for one label, and none for the other: refused, as it was.
    let refused = choose(false, ["positive", ""]).expect_err("no class for a label");
    assert!(refused.contains("hint: "), "{refused}");
    assert!(same(&turned, &before));
    choose(true, ["positive", "negative"]).expect("rows of train are there");
    let fitted = call("fit", &folder, &["--json"]);
    assert!(said(&fitted).contains("fitted here"), "{}", said(&fitted));

    // Going back brings the first answers back.
    choose(false, ["negative", "positive"]).expect("kept");
    assert!(same(&scored(&folder), &before));
    assert_eq!(std::fs::read(&settings).expect("readable"), written);

    // An edit of project.toml that is overruled is told, another model is not.
    choose(false, ["positive", "negative"]).expect("kept");
    let text = String::from_utf8(written).expect("text");
    let edited = text.replace("LABEL_0 = \"negative\"", "LABEL_0 = \"\"");
    std::fs::write(&settings, edited).expect("writes");
    let ask = folder.join("ask.csv").display().to_string();
    let words = said(&call("score", &folder, &[&ask]));
    assert!(words.contains("chosen in the window"), "{words}");
    std::fs::rename(folder.join("model"), folder.join("other")).expect("renames");
    std::fs::write(&settings, text.replace("\"model\"", "\"other\"")).expect("writes");
    let words = said(&call("check", &folder, &[]));
    assert!(words.contains("does not count any more"), "{words}");
    assert!(same(&scored(&folder), &before));
}

#[test]
fn a_fit_that_would_draw_other_rows_of_final_is_refused() {
    let exported = Exported::new();
    let folder = exported.opened("drawn", ["negative", "positive"], "");
    drop_roles(&folder);
    let silent = Progress::silent();
    let project = OpenProject::open(&folder, None, &silent).expect("opens");
    let fitted = ModelUse {
        refit: true,
        ..ModelUse::default()
    };
    let refused = project.use_model_so(&fitted, &silent).expect_err("refused");
    assert!(refused.to_string().contains("drawn anew"), "{refused}");
    assert!(!folder.join(".blindspot/model.json").exists());
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

/// Texts of the data with a role.
fn texts_of(folder: &Path, role: &str) -> Vec<Text> {
    let mut table = csv::Reader::from_path(folder.join("data.csv")).expect("opens");
    let rows = table.records().map(|row| row.expect("a row"));
    rows.filter(|row| &row[3] == role)
        .map(|row| Text::single(&row[1]))
        .collect()
}

#[test]
fn samples_may_be_like_the_errors_they_are_written_for_and_not_like_final() {
    let exported = Exported::new();
    let folder = exported.opened("guarded", ["negative", "positive"], "");
    // Its answers are kept, those to discovery among them.
    json("discover", &folder, &["--freeze"]);
    let silent = Progress::silent();
    let project = OpenProject::open(&folder, None, &silent).expect("opens");
    let guard = LeakageGuard::new(&project, &silent).expect("there is an encoder");
    let judged = |texts: &[Text]| -> Vec<Option<Copy>> {
        let texts: Vec<&Text> = texts.iter().collect();
        guard.judge(&project, &texts, &silent).expect("judges")
    };
    // Eight words in a row are shared with check by some.
    let of_discovery = judged(&texts_of(&folder, "discovery"));
    let by_meaning = of_discovery.iter().flatten();
    let by_meaning = by_meaning.filter(|copy| **copy == Copy::Meaning).count();
    let others = of_discovery.iter().filter(|copy| copy.is_none()).count();
    assert!(others > 50 && by_meaning * 50 <= of_discovery.len());
    // Copies of final in other letters are known by their words, and those with
    // another word in the middle of each run by their meaning.
    let sealed = texts_of(&folder, "final");
    let loud = (sealed.iter()).map(|text| Text::single(text.first.to_uppercase()));
    let loud = judged(&loud.collect::<Vec<Text>>());
    assert!(loud.iter().all(Option::is_some), "{loud:?}");
    let altered = (sealed.iter()).map(|text| text.first.replace(SEALED_WORD, "zyxwu"));
    let altered = judged(&altered.map(Text::single).collect::<Vec<Text>>());
    assert!(altered.contains(&Some(Copy::Meaning)), "{altered:?}");
}

#[test]
fn roles_are_drawn_without_train_for_a_model_as_it_is() {
    let exported = Exported::new();
    let folder = exported.opened("drawn", ["negative", "positive"], "");
    drop_roles(&folder);
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
