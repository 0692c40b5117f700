//! What follows from the figures, through the real binary and the window: what
//! to leave to a person, what to do next, and what each teacher was worth.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/window_on.rs"]
mod window_on;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use serde_json::{Value, json};

use blindspot::gui::app::App;
use tiny_project::{Project, SEALED_WORD, files_below, holds};
use window_on::window_on;
use written_lesson::teach;

/// Two teachers of one blind spot after a round with both alone: an expert of
/// whom two hours are known, and one who changed the label of a sample.
fn taught() -> Project {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let path = project.path().join("lessons.jsonl");
    let text = std::fs::read_to_string(&path).expect("readable");
    let mut one: Value = serde_json::from_str(&text).expect("a lesson");
    one["familiarity"] = "expert".into();
    one["cost"] = json!({"active_seconds": 7200.0, "hourly_rate": 30.0});
    let mut other: Value =
        serde_json::from_str(&text.replace("\"sample-", "\"other-")).expect("a lesson");
    other["id"] = "lesson-2".into();
    other["teacher"] = "another".into();
    other["samples"][0]["label"] = "negative".into();
    std::fs::write(&path, format!("{one}\n{other}\n")).expect("writes");
    let arms = "base,lessons:tester,lessons:another";
    project.json("retrain", &["--arms", arms, "--seeds", "2"]);
    project
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

fn said(project: &Project, command: &str, more: &[&str]) -> String {
    let output = project.call(command, more);
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn teachers(project: &Project) {
    let table = project.json("teachers", &[]);
    let after = list(&table["after"]);
    assert_eq!(after.len(), 2, "{table}");
    for one in after {
        let removed = &one["removed"];
        let number = |name: &str| removed["interval"][name].as_f64().expect("a bound");
        let errors = removed["errors"].as_f64().expect("a mean");
        assert!(
            number("lower") <= errors && errors <= number("upper"),
            "{one}"
        );
        assert_eq!(one["against"], "base");
        assert!(
            one["samples"].as_u64().is_some_and(|samples| samples > 0),
            "{one}"
        );
    }
    let of = |name: &str| after.iter().find(|one| one["teacher"] == name);
    let tester = of("tester").expect("was trained on alone");
    // Two hours at 30 for sixteen accepted samples, some of which are trained on.
    let samples = tester["samples"].as_f64().expect("a count");
    assert_eq!(
        tester["money"].as_f64(),
        Some(samples * 60.0 / 16.0),
        "{tester}"
    );
    let lower = tester["removed"]["interval"]["lower"].as_f64();
    match lower.expect("a bound") > 0.0 {
        true => assert!(
            tester["per_removed"]["money"]["money"].is_number(),
            "{tester}"
        ),
        false => assert!(tester["per_removed"].is_string(), "{tester}"),
    }
    let agreed = &list(&table["agreements"])[0]["same_label"];
    let (same, pairs) = (agreed["count"].as_f64(), agreed["rows"].as_u64());
    let pairs = pairs.expect("pairs") as f64;
    assert!(
        same.is_some_and(|same| 0.0 < same && same < pairs),
        "{agreed}"
    );
    let printed = said(project, "teachers", &[]);
    for words in ["works in it", "errors removed (95 %)", "120.0", "person"] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
}

fn thresholds(project: &Project) {
    let table = project.json("abstain", &["--error", "0.02,0.3", "--round", "0"]);
    assert_eq!(table["role"], "check");
    let parts = list(&table["parts"]);
    let source = &parts[0];
    assert!(source["part"]["source"].is_string(), "{source}");
    assert_eq!(list(&source["at"]).len(), 2, "{source}");
    assert!(list(&source["curve"]).len() > 1, "{source}");
    let answered = |at: &Value| at["answered"]["count"].as_u64().expect("a count");
    let (strict, loose) = (&source["at"][0], &source["at"][1]);
    assert!(answered(strict) <= answered(loose), "{source}");
    assert!(source["cheapest"].is_null());

    let costs = ["--cost-error", "10", "--cost-person", "1"];
    let priced = project.json("abstain", &[&costs[..], &["--round", "1"]].concat());
    let cheapest = &priced["parts"][0]["cheapest"];
    let cost = |name: &str| cheapest[name].as_f64().expect("a cost");
    assert_eq!(cost("all_by_person"), 100.0, "{cheapest}");
    assert!(
        cost("per_hundred") <= 110.0,
        "a person is never much dearer: {cheapest}"
    );
    assert!(
        priced["model"]
            .as_str()
            .is_some_and(|name| name.contains("round 1"))
    );

    let alone = project.call("abstain", &["--cost-error", "10"]);
    assert_eq!(alone.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&alone.stderr).contains("--cost-person"));
    let gone = project.call("abstain", &["--round", "9"]);
    assert_eq!(gone.status.code(), Some(2));
    let printed = said(project, "abstain", &[]);
    assert!(printed.contains("What to leave to a person"), "{printed}");
}

fn proposals(project: &Project) {
    let shown = project.json("show", &[]);
    for spot in list(&shown["blind_spots"]) {
        assert!(spot["next"]["action"].is_string(), "{spot}");
        assert!(
            spot["next"]["reason"]
                .as_str()
                .is_some_and(|why| !why.is_empty())
        );
    }
    let followed = list(&shown["followed_up"]);
    let of_taught = followed.iter().find(|one| {
        one["done"]
            .as_str()
            .is_some_and(|done| done.contains("taught"))
    });
    let of_taught = of_taught.expect("the blind spot with lessons");
    // Before the round nobody had taught it.
    assert_eq!(of_taught["proposed"], "teach", "{of_taught}");
    let done = of_taught["done"].as_str().expect("words");
    assert!(
        done.contains("samples by tester") && done.contains("by another"),
        "{done}"
    );
    let rows = |name: &str| of_taught[name]["rows"].as_u64();
    assert!(rows("before").is_some(), "{of_taught}");
    assert!(
        rows("unseen_corrected").is_some_and(|rows| rows > 0),
        "{of_taught}"
    );
    assert_eq!(rows("before"), rows("after"));
    assert_eq!(rows("before"), rows("with_nothing"));

    // A label that is judged now was not judged before the round.
    let id = of_taught["blind_spot"].as_u64().expect("a number");
    let spot = project.json("show", &["blind-spot", &id.to_string()]);
    let first = spot["shown"][0]["id"].as_str().expect("an id").to_owned();
    std::thread::sleep(Duration::from_millis(1100));
    project.json("edit", &["triage", &first, "--as", "ambiguous"]);
    let again = project.json("show", &[]);
    assert_eq!(again["followed_up"], shown["followed_up"]);
    let printed = said(project, "show", &["blind-spot", &id.to_string()]);
    assert!(printed.contains("next: "), "{printed}");
    project.json("edit", &["undo"]);
}

fn handed_on(project: &Project) {
    let (folder, report) = (project.path().join("out"), project.path().join("out.html"));
    project.json("export", &["--out", &folder.display().to_string()]);
    project.json("report", &["--out", &report.display().to_string()]);
    let read = |path: &str| std::fs::read_to_string(folder.join(path)).expect("was written");
    assert!(read("model/README.md").contains("## What to leave to a person"));
    let table: Value = serde_json::from_str(&read("model/abstain.json")).expect("JSON");
    assert!(!list(&table["parts"]).is_empty());
    assert!(read("abstention.csv").lines().count() > 3);
    let html = std::fs::read_to_string(&report).expect("was written");
    for words in [
        "What to leave to a person",
        "What to do next",
        "What was proposed, and what came of it",
        "People and language models as teachers",
    ] {
        assert!(html.contains(words), "the report lacks {words}");
    }
    for path in files_below(&folder).into_iter().chain([report]) {
        let bytes = std::fs::read(&path).expect("readable");
        assert!(!holds(&bytes, SEALED_WORD), "{}", path.display());
    }
}

fn window(project: &Project) {
    let mut window = window_on(project.path());
    // The proposal of a blind spot stands in the list once its labels have been
    // looked through.
    until(&mut window, |window| {
        window.query_all_by_label_contains("next: ").count() > 0
    });
    window
        .get_all_by_label_contains("Blind spot ")
        .next()
        .expect("a blind spot in the list")
        .click();
    until(&mut window, |window| {
        window.query_by_label("Next").is_some()
    });
    window
        .get_all_by_label_contains("Compare:")
        .next()
        .expect("the step")
        .click();
    until(&mut window, |window| {
        window.query_by_label("Find thresholds").is_some()
    });
    // What is read meanwhile may move the page under a click.
    window.run_steps(20);
    window.get_by_label("weigh costs").click_accesskit();
    until(&mut window, |window| {
        window.query_all_by_label("asking a person costs").count() > 0
    });
    window.get_by_label("Find thresholds").click_accesskit();
    until(&mut window, |window| {
        let session = window.state().session();
        session.is_some_and(|session| session.state().abstention.is_some())
    });
    window.run_steps(5);
    for words in [
        "Find thresholds again",
        "surely from",
        "Least cost",
        "What was proposed, and what came of it",
    ] {
        let shown = window.query_all_by_label(words).count();
        assert!(shown > 0, "the window lacks {words}");
    }
}

fn until(window: &mut Harness<'_, App>, done: impl Fn(&Harness<'_, App>) -> bool) {
    let began = Instant::now();
    while !done(window) {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing came");
        window.run_steps(1);
    }
}

#[test]
fn thresholds_proposals_and_teachers_stand_on_every_face() {
    let project = taught();
    teachers(&project);
    thresholds(&project);
    proposals(&project);
    handed_on(&project);
    window(&project);
}
