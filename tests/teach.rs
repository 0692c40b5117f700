//! `blindspot teach` through the real binary, against a scripted model over
//! real HTTP, on the tiny project.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test says by a panic that something is wrong"
)]

#[allow(dead_code, reason = "shared with other tests")]
#[path = "llm/model.rs"]
mod model;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "llm/server.rs"]
mod server;
#[path = "support/scripted_teacher.rs"]
mod scripted_teacher;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::collections::BTreeSet;
use std::process::{Command, Output};

use model::{Step, data_lines, step};
use scripted_teacher::{act, with_teacher};
use serde_json::{Value, json};
use server::Server;
use tiny_project::{Project, SEALED_WORD, files_below, holds};

const KEY: &str = "sk-test-SECRET-0123456789";

fn taught_project() -> (Project, Server, Value) {
    let project = Project::new();
    let server = Server::new(act);
    with_teacher(&project, &server.url(), "key_env = \"TEACH_TEST_KEY\"");
    let snapshot = project.json("discover", &["--freeze"]);
    (project, server, snapshot)
}

fn call(project: &Project, command: &str, more: &[&str]) -> Output {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg(command).arg(project.path()).args(more);
    call.args(["--quiet", "--json"]).env("TEACH_TEST_KEY", KEY);
    let output = call.output().expect("starts");
    for said in [&output.stdout, &output.stderr] {
        assert!(!holds(said, KEY), "the key was printed");
    }
    output
}

fn json_of(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {said}"))
}

fn sum(taught: &Value, field: &str) -> u64 {
    let lessons = taught["lessons"].as_array().expect("a list").iter();
    lessons
        .map(|lesson| lesson[field].as_u64().expect("a number"))
        .sum()
}

/// Texts of the data by their ids.
fn texts_of(project: &Project, keys: &[&Value]) -> BTreeSet<String> {
    let data = std::fs::read_to_string(project.path().join("data.csv")).expect("readable");
    let wanted: BTreeSet<&str> = keys
        .iter()
        .flat_map(|keys| keys.as_array().expect("a list"))
        .filter_map(Value::as_str)
        .collect();
    let rows = data.lines().filter_map(|line| {
        let (id, rest) = line.split_once(",\"")?;
        let (text, _) = rest.split_once("\",")?;
        wanted.contains(id).then(|| text.to_owned())
    });
    rows.collect()
}

#[test]
fn a_stopped_lesson_goes_on_is_reviewed_trained_on_and_compared() {
    let (project, server, snapshot) = taught_project();
    let teach = [
        "--teacher",
        "scripted",
        "--samples",
        "10",
        "--blind-spot",
        "1",
    ];

    // Three calls are too few: what came is kept, and the reason is told.
    let stopped = call(
        &project,
        "teach",
        &[&teach[..], &["--max-calls", "3"]].concat(),
    );
    assert!(!stopped.status.success());
    let said = String::from_utf8_lossy(&stopped.stderr).into_owned();
    assert!(
        said.contains("on this machine") && said.contains("never sent"),
        "{said}"
    );
    let first = json_of(&stopped);
    let reason = first["stopped"].as_str().expect("a reason");
    assert!(reason.contains("budget of 3 calls"), "{reason}");
    assert_eq!(server.requests().len(), 3);

    let all = [&teach[..], &["--accept-all-passing"]].concat();
    let output = call(&project, "teach", &all);
    let taught = json_of(&output);
    assert!(output.status.success(), "{taught}");
    let lesson = &taught["lessons"][0];
    assert_eq!(lesson["lesson"], first["lessons"][0]["lesson"]);
    // The tiny, untrained encoder takes some for copies of the data.
    let accepted = lesson["accepted"].as_u64().expect("a number");
    assert!((5..=10).contains(&accepted), "{lesson}");
    assert_eq!(accepted + sum(&taught, "rejected"), 10, "{lesson}");
    assert!(lesson["fooling"].as_u64() > Some(0), "{lesson}");

    // Nothing was asked twice, and the same command asks nothing more.
    let requests = server.requests();
    let questions: BTreeSet<String> = requests.iter().map(|r| r.body.to_string()).collect();
    assert_eq!(
        questions.len(),
        requests.len(),
        "a question was asked twice"
    );
    assert_eq!(json_of(&call(&project, "teach", &all)), taught);
    assert_eq!(server.requests().len(), requests.len());
    let bill = lesson["cost"]["money"].as_f64().expect("a number");
    let billed = requests.len() as f64 * (20.0 + 4.0 * 30.0) / 1e6;
    assert!((bill - billed).abs() < 1e-9, "{bill} instead of {billed}");

    // What was sent: shown errors and their contrasts, with the key in the
    // header alone.
    let spots = snapshot["blind_spots"].as_array().expect("a list");
    let spot = spots.iter().find(|spot| spot["id"] == 1).expect("there");
    let allowed = texts_of(&project, &[&spot["shown"], &spot["contrasts"]]);
    let kept_back: Vec<&Value> = spots.iter().map(|spot| &spot["kept_back"]).collect();
    let kept_back = texts_of(&project, &kept_back);
    assert!(!kept_back.is_empty() && kept_back.is_disjoint(&allowed));
    for request in &requests {
        let body = request.body.to_string();
        assert!(!body.contains(SEALED_WORD) && !body.contains(KEY), "{body}");
        assert!(kept_back.iter().all(|text| !body.contains(text.as_str())));
        for line in data_lines(request) {
            let text = line["text"].as_str().unwrap_or_default();
            let own = text.starts_with("positive ") || text.starts_with("negative ");
            assert!(own || text == "…" || allowed.contains(text), "{text}");
        }
        let sent = format!("authorization: bearer {}", KEY.to_lowercase());
        assert!(request.headers.contains(&sent));
    }
    for file in files_below(project.path()) {
        let bytes = std::fs::read(&file).expect("readable");
        assert!(!holds(&bytes, KEY), "the key is in {}", file.display());
    }

    // The lesson is an arm, and its teacher is in the table.
    let arms = ["--arms", "base,lessons:scripted", "--seeds", "1"];
    let compared = call(&project, "retrain", &arms);
    assert!(compared.status.success());
    let table = json_of(&call(&project, "teachers", &[]));
    let row = &table["rows"][1];
    assert_eq!(row["blind_spot"], Value::Null);
    assert_eq!(
        row["accepted"]["count"].as_f64(),
        Some(accepted as f64),
        "{row}"
    );
    assert!(row["money_per_accepted"].as_f64() > Some(0.0), "{row}");
    assert_eq!(table["after"][0]["teacher"], "scripted", "{table}");
    assert_eq!(table["after"][0]["sources"][0]["seeds"], 1);
}

#[test]
fn a_sealed_text_in_a_hand_written_lesson_is_sent_nowhere() {
    let (project, server, snapshot) = taught_project();
    let spots = snapshot["blind_spots"].as_array().expect("a list");
    let spot = spots.iter().find(|spot| spot["id"] == 1).expect("there");
    let sealed = texts_of(&project, &[&json!(["final 0 0 0 funny"])]);
    let sealed = sealed.first().expect("in the data");
    assert!(sealed.contains(SEALED_WORD));
    let author = json!({"kind": "human"});
    let lesson = json!({
        "id": "lesson-1", "blind_spot": 1, "snapshot": snapshot["version"],
        "teacher": "tester", "author": author, "shown": spot["shown"], "hypotheses": [],
        "created": "2026-01-01T00:00:00Z",
        "samples": [{
            "id": "sample-1", "text": {"first": sealed}, "label": "positive",
            "author": author, "purpose": "train", "review": {"state": "accepted"},
            "edit_of": spot["shown"][0],
            "model_said": {"label": "positive", "confidence": 0.9},
        }],
    });
    let path = project.path().join("lessons.jsonl");
    std::fs::write(path, format!("{lesson}\n")).expect("writes");

    let args = [
        "--teacher",
        "scripted",
        "--samples",
        "4",
        "--blind-spot",
        "1",
    ];
    let output = call(&project, "teach", &args);
    assert!(output.status.success());
    assert!(!holds(&output.stderr, SEALED_WORD));
    let requests = server.requests();
    assert!(!requests.is_empty());
    for request in requests {
        assert!(!request.body.to_string().contains(SEALED_WORD));
    }
}

#[test]
fn a_recording_is_replayed_without_a_server_and_says_so() {
    let (project, server, _) = taught_project();
    let recording = project.path().join("recorded.jsonl");
    let file = recording.to_str().expect("plain");
    let args = [
        "--teacher",
        "scripted",
        "--samples",
        "6",
        "--blind-spot",
        "1",
    ];
    let live = json_of(&call(
        &project,
        "teach",
        &[&args[..], &["--record", file]].concat(),
    ));
    let asked = server.requests().len();
    drop(server);
    let output = call(&project, "teach", &["--replay", file]);
    let replayed = json_of(&output);
    assert_eq!(replayed["teacher"], "scripted (recording)");
    for field in ["samples", "passing", "rejected", "fooling"] {
        assert_eq!(sum(&replayed, field), sum(&live, field), "{field}");
    }
    assert!(asked > 0 && sum(&live, "samples") == 6);
    assert!(
        replayed["notes"][0]
            .as_str()
            .is_some_and(|note| note.starts_with("Recording")),
        "{replayed}"
    );
    let recorded = std::fs::read(&recording).expect("readable");
    assert!(!holds(&recorded, KEY) && !holds(&recorded, SEALED_WORD));

    std::fs::write(&recording, "{\"event\":\"dance\"}\n").expect("writes");
    let damaged = call(&project, "teach", &["--replay", file]);
    let said = String::from_utf8_lossy(&damaged.stderr).into_owned();
    assert_eq!(damaged.status.code(), Some(2), "{said}");
    assert!(said.contains("line 1"), "{said}");
}

#[test]
fn a_persons_hypothesis_is_written_for_and_marked_as_theirs() {
    let (project, server, _) = taught_project();
    let args = [
        "--teacher",
        "scripted",
        "--samples",
        "4",
        "--blind-spot",
        "1",
        "--hypothesis",
        "Funny is taken for blame.",
    ];
    let taught = json_of(&call(&project, "teach", &args));
    assert_eq!(taught["lessons"][0]["hypotheses"], 1, "{taught}");
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|request| step(request) != Step::Hypotheses)
    );
    let samples = requests
        .iter()
        .find(|request| step(request) == Step::Samples);
    let body = samples.expect("asked").body.to_string();
    assert!(body.contains("Funny is taken for blame."));
}

#[test]
fn a_budget_in_money_holds_over_all_blind_spots_and_runs() {
    let (project, server, _) = taught_project();
    let args = [
        "--teacher",
        "scripted",
        "--samples",
        "100",
        "--budget",
        "0.008",
    ];
    let mut spent = 0.0;
    for _ in 0..2 {
        let output = call(&project, "teach", &args);
        let taught = json_of(&output);
        assert!(
            !output.status.success(),
            "the budget is too small: {taught}"
        );
        let lessons = taught["lessons"].as_array().expect("a list").iter();
        spent = lessons
            .map(|l| l["cost"]["money"].as_f64().expect("a number"))
            .sum();
        assert!(spent <= 0.008, "{spent}");
    }
    assert!(spent > 0.0 && !server.requests().is_empty());
}

#[test]
fn texts_leave_the_machine_only_with_a_word_and_mistakes_are_named() {
    let (project, _server, _) = taught_project();
    with_teacher(&project, "http://10.255.255.1/v1", "");
    let refused = call(&project, "teach", &["--teacher", "scripted"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("10.255.255.1, which is not this machine"),
        "{said}"
    );
    assert!(
        said.contains("nothing was sent") && said.contains("--yes"),
        "{said}"
    );

    let unknown = call(&project, "teach", &["--teacher", "nobody"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert_eq!(unknown.status.code(), Some(2), "{said}");
    assert!(
        said.contains("no teacher `nobody`") && said.contains("scripted"),
        "{said}"
    );
}

#[test]
fn a_connection_test_sends_no_text_and_names_what_is_wrong() {
    let (project, server, _) = taught_project();
    let works = json_of(&call(
        &project,
        "teach",
        &["--teacher", "scripted", "--test"],
    ));
    assert_eq!(works["works"], true, "{works}");
    assert_eq!(works["models"], json!(["scripted-1"]));
    let bodies: Vec<Value> = server.requests().into_iter().map(|r| r.body).collect();
    assert!(
        bodies
            .iter()
            .all(|body| !body.to_string().contains("funny"))
    );
    drop(server);
    let gone = json_of(&call(
        &project,
        "teach",
        &["--teacher", "scripted", "--test"],
    ));
    assert_eq!(gone["works"], false, "{gone}");
    assert!(
        gone["message"]
            .as_str()
            .is_some_and(|m| m.contains("no server answers"))
    );
}

#[test]
fn of_many_written_samples_those_are_kept_that_cover_best() {
    let (project, server, _) = taught_project();
    let order = [
        "--teacher",
        "scripted",
        "--write",
        "10",
        "--keep",
        "3",
        "--blind-spot",
        "1",
    ];
    let taught = json_of(&call(&project, "teach", &order));
    let notes = taught["notes"].to_string();
    assert!(notes.contains("were kept: those that lie"), "{notes}");
    let lessons = project.json("show", &["lessons"]);
    let lesson = &lessons[0];
    let samples = lesson["samples"].as_array().expect("samples").iter();
    let drafts = samples
        .clone()
        .filter(|one| one["review"]["state"] == "draft");
    assert_eq!(drafts.count(), 3, "{lesson}");
    let reasons = samples.filter_map(|one| one["review"]["reason"].as_str());
    let not_chosen = reasons.filter(|reason| reason.contains("cover the blind spot best"));
    assert!(not_chosen.count() > 0, "{lesson}");
    let statement = lesson["statement"].as_str().expect("a statement");
    assert!(statement.contains("3 drafts of"), "{statement}");

    let asked = server.requests().len();
    json_of(&call(&project, "teach", &order));
    assert_eq!(server.requests().len(), asked, "nothing is asked twice");
    assert_eq!(project.json("show", &["lessons"]), lessons);
}
