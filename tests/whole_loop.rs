//! The whole loop through the real binary, on the tiny project.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use serde_json::Value;
use tiny_project::{Project, SEALED_WORD, files_below, holds};
use written_lesson::teach;

use blindspot::inference::file;
use blindspot::records::Role;
use blindspot::steps::OpenProject;
use blindspot::support::Progress;

#[test]
fn finds_the_planted_blind_spot_teaches_it_and_repeats_itself() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    let largest = &snapshot["blind_spots"][0];
    let members = largest["shown"].as_array().expect("a list").len();
    let funny = |keys: &Value| {
        let keys = keys.as_array().expect("a list").iter();
        keys.filter(|key| key.as_str().is_some_and(|k| k.ends_with("funny")))
            .count()
    };
    assert!(members >= 5, "the model did not learn the planted mistake");
    assert!(2 * funny(&largest["shown"]) >= members, "{largest}");
    let words: Vec<&str> = largest["terms"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|term| term["word"].as_str())
        .collect();
    assert!(words.contains(&"funny"), "distinctive terms: {words:?}");

    teach(&project, &snapshot);
    let first = project.json("run", &["--seeds", "2"]);
    let state = project.path().join(".blindspot");
    std::fs::remove_dir_all(&state).expect("state folder");
    let second = project.json("run", &["--seeds", "2"]);
    assert_eq!(
        first["final"], second["final"],
        "the same seed, other figures"
    );

    let slices = first["final"]["slices"].as_array().expect("a list");
    let arms = slices[0]["arms"].as_array().expect("a list");
    let names: Vec<String> = arms.iter().map(|arm| arm["arm"].to_string()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert_eq!(first["openings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn no_sealed_text_is_in_any_output_or_file_of_a_run() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let table = project.call("run", &["--seeds", "1"]);
    assert!(table.status.success());
    let export = project.json("run", &["--seeds", "1"]).to_string();
    for said in [&table.stdout[..], &table.stderr, export.as_bytes()] {
        assert!(!holds(said, SEALED_WORD), "a sealed text was printed");
    }
    for file in files_below(&project.path().join(".blindspot")) {
        let bytes = std::fs::read(&file).expect("readable");
        assert!(
            !holds(&bytes, SEALED_WORD),
            "a sealed text is in {}",
            file.display()
        );
    }
}

#[test]
fn final_stays_sealed_while_there_is_nothing_to_judge() {
    let project = Project::new();
    let run = ["--seeds", "1", "--arms", "base,extra"];
    let table = project.call("run", &run);
    let said = String::from_utf8_lossy(&table.stdout);
    assert!(table.status.success(), "{said}");
    assert!(
        said.contains("final (sealed)") && said.contains("nothing to judge"),
        "{said}"
    );
    let figures = project.json("run", &run);
    assert_eq!(figures["openings"].as_array().map(Vec::len), Some(0));
    project.json("compare", &["--open-final"]);
    let again = project.call("run", &run);
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(said.contains("final (opened once)"), "{said}");
}

#[test]
fn no_model_is_asked_about_final_before_it_is_opened() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    project.json("retrain", &["--seeds", "1"]);
    let opened = OpenProject::open(project.path(), None, &Progress::silent()).expect("opens");
    let dataset = opened.workspace.dataset.clone();
    let sealed = dataset.with_role(Role::Final);
    drop(opened);
    let answers = project.path().join(".blindspot/answers");
    let asked = || {
        let files = files_below(&answers).into_iter();
        let results = files.filter(|path| path.extension().is_some_and(|e| e == "safetensors"));
        let read = results.map(|path| file::read(&path).expect("a result").0);
        read.flat_map(|answers| answers.examples().to_vec())
            .filter(|example| sealed.contains(example))
            .count()
    };
    assert_eq!(asked(), 0, "a model was asked about sealed rows");

    let late = project.json("compare", &["--open-final"]);
    let trainings = 5;
    assert_eq!(asked(), trainings * sealed.len());
    std::fs::remove_dir_all(project.path().join(".blindspot")).expect("state folder");
    let at_once = project.json("run", &["--seeds", "1"]);
    assert_eq!(late, at_once["final"]);
}

#[test]
fn reset_says_what_it_did() {
    let project = Project::new();
    let said = project.call("reset", &["--yes"]);
    assert!(said.status.success());
    assert!(holds(&said.stdout, "nothing to delete"));
    drop(OpenProject::open(project.path(), None, &Progress::silent()).expect("opens"));
    let figures = project.json("reset", &["--yes"]);
    let deleted = figures["deleted"].as_str().expect("a folder");
    assert!(deleted.ends_with(".blindspot"), "{deleted}");
    assert!(project.json("reset", &["--yes"])["deleted"].is_null());
}

#[test]
fn mistakes_of_the_user_end_with_code_2_and_a_hint() {
    let project = Project::new();
    let model = project.path().join("model/model.safetensors");
    let whole = std::fs::read(&model).expect("readable");
    std::fs::write(&model, &whole[..whole.len() / 2]).expect("cuts the file");
    let output = project.call("run", &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("model.safetensors") && said.contains("hint:"),
        "{said}"
    );

    let mut typo = std::process::Command::new(env!("CARGO_BIN_EXE_blindspot"));
    let output = typo.arg("disover").output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("no project folder or command `disover`") && said.contains("discover"),
        "{said}"
    );

    std::fs::write(project.path().join("project.toml"), "nam = 1").expect("writes");
    let output = project.call("fit", &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("project.toml") && said.contains("hint:"),
        "{said}"
    );
}
