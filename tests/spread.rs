//! Work that is spread over machines, as an engine would start it: tasks beside
//! each other, in any order, without a lock; shards of a file; a job array of a
//! real Slurm.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[path = "spread/slurm.rs"]
mod slurm;
#[expect(dead_code, reason = "shared with tests that need more of it")]
#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::fmt::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tiny_project::Project;
use written_lesson::teach;

const WORK: [&str; 4] = ["--arms", "base,uus,lessons:tester", "--seeds", "2"];

/// A project with blind spots and a lesson.
fn taught() -> Project {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    project
}

fn experiment(project: &Project, more: &[&str]) -> Output {
    project.call("experiment", &[&WORK[..], more].concat())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn tasks_beside_each_other_make_what_one_process_makes() {
    let project = taught();
    let alone = taught();
    let table = experiment(&alone, &["--json"]);
    let table: Value = serde_json::from_slice(&table.stdout).expect("JSON");

    let early = experiment(&project, &["--collect"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(said(&early).contains("6 results of 6"), "{}", said(&early));

    // Four tasks, one of them twice, while somebody holds the project's lock.
    let state = project.path().join(".blindspot");
    let held = blindspot::project::Store::open(&state).expect("opens");
    assert!(held.store.read_only().is_none());
    let start = |task: &str| {
        let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
        call.arg("experiment").arg(project.path()).args(WORK);
        call.args(["--task", task, "--quiet", "--json"]);
        call.stdout(Stdio::piped()).stderr(Stdio::piped());
        call.spawn().expect("starts")
    };
    let tasks: Vec<_> = ["4/4", "1/4", "3/4", "2/4", "1/4"].map(start).into();
    let mut made = 0;
    for task in tasks {
        let output = task.wait_with_output().expect("ends");
        assert!(output.status.success(), "{}", said(&output));
        let output: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        for unit in output["units"].as_array().expect("a list") {
            let file = unit["file"].as_str().expect("a path");
            assert!(std::path::Path::new(file).exists(), "{file}");
            made += 1;
        }
    }
    assert!(made >= 6, "{made}");
    drop(held);

    let collected = experiment(&project, &["--collect", "--json"]);
    assert!(collected.status.success(), "{}", said(&collected));
    let collected: Value = serde_json::from_slice(&collected.stdout).expect("JSON");
    assert_eq!(collected["rounds"][0]["check"], table["rounds"][0]["check"]);
    let machine = &collected["rounds"][0]["runs"][0]["machine"];
    assert!(machine.as_str().is_some_and(|kind| !kind.is_empty()));
    let half_written = std::fs::read_dir(state.join("answers")).expect("a folder");
    assert_eq!(half_written.count(), 6, "only results are left");
}

#[test]
fn a_task_refuses_what_it_was_not_submitted_for() {
    let project = Project::new();
    let early = experiment(&project, &["--task", "1/2"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(
        said(&early).contains("blindspot discover"),
        "{}",
        said(&early)
    );
    assert!(
        !project.path().join(".blindspot").exists(),
        "a task made a state"
    );

    let snapshot = project.json("discover", &["--freeze"]);
    teach(&project, &snapshot);
    let script = experiment(&project, &["--print-slurm"]);
    let script = String::from_utf8_lossy(&script.stdout).into_owned();
    let line = script.lines().find(|line| line.starts_with("exec "));
    let line = line.expect("runs the program").to_owned();
    assert!(script.contains("#SBATCH --array=1-6\n"), "{script}");

    // Whoever teaches meanwhile changes the work.
    let lessons = project.path().join("lessons.jsonl");
    let text = std::fs::read_to_string(&lessons).expect("readable");
    std::fs::write(&lessons, text.replace("and so good", "and fine")).expect("writes");
    let task = Command::new("sh")
        .args(["-c", &line])
        .env("SLURM_ARRAY_TASK_ID", "1")
        .output();
    let task = task.expect("starts");
    assert_eq!(task.status.code(), Some(2));
    assert!(
        said(&task).contains("have changed since"),
        "{}",
        said(&task)
    );
    std::fs::write(&lessons, text).expect("writes");
    let task = Command::new("sh")
        .args(["-c", &line])
        .env("SLURM_ARRAY_TASK_ID", "1")
        .current_dir("/")
        .output();
    let task = task.expect("starts");
    assert!(task.status.success(), "{}", said(&task));
    let missing = experiment(&project, &["--collect"]);
    assert!(
        said(&missing).contains("5 results of 6"),
        "{}",
        said(&missing)
    );
}

#[test]
fn shards_of_several_processes_join_to_the_file_of_one() {
    let project = taught();
    let mut csv = String::from("id,text\n");
    for row in 0..9_000 {
        let word = ["great", "dull", "funny"][row % 3];
        writeln!(csv, "r{row},the film is {word}").expect("to a string");
    }
    let input = project.path().join("many.csv").display().to_string();
    std::fs::write(&input, csv).expect("writes");
    let out = project.path().join("out.csv").display().to_string();
    let score =
        |more: &[&str]| project.call("score", &[&[input.as_str(), "--out", &out], more].concat());
    assert!(score(&[]).status.success());
    let whole = std::fs::read(&out).expect("there");
    std::fs::remove_file(&out).expect("was there");
    for shard in ["2/3", "1/3"] {
        assert!(score(&["--shard", shard]).status.success());
    }
    let early = score(&["--join", "3"]);
    assert_eq!(early.status.code(), Some(2));
    assert!(said(&early).contains("shard-3-of-3"), "{}", said(&early));
    assert!(score(&["--shard", "3/3"]).status.success());
    let joined = score(&["--join", "3"]);
    assert!(joined.status.success(), "{}", said(&joined));
    assert!(std::fs::read(&out).expect("there") == whole);
}
