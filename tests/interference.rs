//! Interference through the real binary: a lesson that hurts is named, left out,
//! and taken in again; what was trained once is not trained again.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/harmful_lesson.rs"]
mod harmful_lesson;
#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use harmful_lesson::teach_harm;
use serde_json::Value;
use tiny_project::{Project, SEALED_WORD, files_below, holds};

/// When each file of answers was written.
fn answers(project: &Project) -> BTreeMap<PathBuf, SystemTime> {
    let files = files_below(&project.path().join(".blindspot/answers"));
    let written = |path: PathBuf| {
        let metadata = std::fs::metadata(&path).expect("there");
        (path, metadata.modified().expect("known"))
    };
    files.into_iter().map(written).collect()
}

#[test]
fn a_lesson_that_hurts_is_named_and_left_out() {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach_harm(&project, &snapshot);
    let measured = project.json("interference", &[]);
    let lessons = measured["lessons"].as_array().expect("lessons");
    assert_eq!(lessons.len(), 2);
    let of = |id: &str| {
        let place = lessons.iter().position(|lesson| lesson["lesson"] == id);
        &measured["matrix"]["cells"][place.expect("is measured")]
    };
    let places = measured["matrix"]["places"].as_array().expect("places");
    assert_eq!(places[0]["of"], "everywhere");
    let harm = &of("lesson-2")[0];
    let change = &harm["errors"]["difference"]["mean"];
    assert!(change.as_f64().expect("a mean") > 10.0, "{harm}");
    assert!(
        harm["effect"].as_str().expect("a word").ends_with("hurt"),
        "{harm}"
    );

    let before = answers(&project);
    let weights = files_below(&project.path().join(".blindspot/models"));
    assert!(
        weights
            .iter()
            .all(|path| !path.display().to_string().contains("lesson-")),
        "answers are kept, weights are not: {weights:?}"
    );
    let said = project.call("interference", &[]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("edit PROJECT leave-out lesson-2"), "{said}");
    assert_eq!(answers(&project), before, "nothing is trained again");

    let left_out = || -> Vec<bool> {
        let lessons = project.json("show", &["lessons"]);
        let lessons = lessons.as_array().expect("lessons");
        let is_out = |lesson: &Value| lesson["left_out"] == true;
        lessons.iter().map(is_out).collect()
    };
    project.json("edit", &["leave-out", "lesson-2"]);
    assert_eq!(left_out(), [false, true]);
    let again = project.json("interference", &[]);
    assert_eq!(
        again["matrix"], measured["matrix"],
        "left out, and measured all the same"
    );
    assert_eq!(answers(&project), before);
    project.json("edit", &["undo"]);
    assert_eq!(left_out(), [false, false]);

    project.json("clean", &[]);
    let kept = answers(&project);
    let alone = |path: &PathBuf| path.display().to_string().contains("lesson-");
    assert_eq!(kept.keys().filter(|path| alone(path)).count(), 6);

    for path in files_below(&project.path().join(".blindspot")) {
        let bytes = std::fs::read(&path).expect("readable");
        assert!(!holds(&bytes, SEALED_WORD), "{}", path.display());
    }
}
