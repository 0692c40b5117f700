//! An experiment as a job array of a real Slurm: a task is killed, the node is
//! drained, the process that follows is killed, and the table is that of a
//! single machine.
//!
//! It needs `sbatch`, `squeue`, `scancel` and `scontrol` on the path, a node of
//! this machine, and the right to drain it:
//!
//! ```text
//! SLURM_CONF=/path/to/slurm.conf cargo test --release --test spread -- --ignored --nocapture
//! ```

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::taught;
use crate::tiny_project::Project;

const WORK: [&str; 4] = ["--arms", "base,uus,lessons:tester", "--seeds", "4"];

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Starts the command that submits and follows; what it says goes to a file.
fn follow(project: &Path, log: &Path) -> Child {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg("experiment").arg(project).args(WORK);
    call.args(["--slurm", "--cpus-per-task=1", "--json"]);
    call.stdout(Stdio::piped());
    call.stderr(File::create(log).expect("creates"));
    call.spawn().expect("starts")
}

/// Array tasks in some state, as `JOB_TASK`.
fn tasks(state: &str) -> Vec<String> {
    let lines = run(
        "squeue",
        &[
            "--noheader",
            "--me",
            "--array",
            "--states",
            state,
            "--format",
            "%F_%K %j",
        ],
    );
    let ours = lines.lines().filter(|line| line.contains("blindspot-"));
    ours.filter_map(|line| line.split(' ').next().map(str::to_owned))
        .collect()
}

/// A task that runs, as soon as there is one.
fn running() -> String {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        if let Some(task) = tasks("RUNNING").pop() {
            return task;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    String::new()
}

/// Takes the node back into use, also when the test fails.
struct Drained(String);

impl Drained {
    fn now() -> Self {
        let node = run("sinfo", &["--noheader", "--Node", "--format", "%N"]);
        let node = node.lines().next().unwrap_or_default().trim().to_owned();
        let named = format!("nodename={node}");
        run(
            "scontrol",
            &["update", &named, "state=drain", "reason=test"],
        );
        Self(named)
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        drop(
            Command::new("scontrol")
                .args(["update", &self.0, "state=resume"])
                .status(),
        );
    }
}

#[test]
#[ignore = "needs a Slurm that this user may submit to and whose node it may drain"]
fn an_array_with_a_killed_task_and_a_drained_node_gives_the_table_of_one_machine() {
    let (project, alone) = (taught(), taught());
    let logs = tempfile::tempdir().expect("temporary folder");
    let log = |number: u32| logs.path().join(format!("{number}.log"));

    let mut first = follow(project.path(), &log(1));
    let killed = running();
    assert!(!killed.is_empty(), "no task runs after a minute");
    run("scancel", &["--signal=KILL", "--full", &killed]);
    let drained = Drained::now();
    std::thread::sleep(Duration::from_secs(2));
    first.kill().expect("is killed");
    first.wait().expect("has ended");
    let waiting = tasks("PENDING").len();
    assert!(waiting > 0, "nothing was left to do for the second process");

    let second = follow(project.path(), &log(2));
    std::thread::sleep(Duration::from_secs(12));
    drop(drained);
    let output = second.wait_with_output().expect("ends");
    let said = std::fs::read_to_string(log(2)).expect("readable");
    println!("killed: {killed}; waiting while drained: {waiting}\n{said}");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("is running already"), "{said}");
    let task = killed.rsplit('_').next().unwrap_or_default();
    assert!(said.contains(&format!("task {task} (")), "{said}");
    let collected: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let runs = collected["rounds"][0]["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), 12);

    let one = alone.json("experiment", &WORK);
    assert_eq!(collected["rounds"][0]["check"], one["rounds"][0]["check"]);
    let table = |project: &Project| {
        let output = project.call("compare", &[]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let (array, single) = (table(&project), table(&alone));
    assert_eq!(array, single);
    println!("{array}");
    // What was submitted a second time was run once more, and nothing else.
    let folder = project.path().join(".blindspot/cluster");
    let folder = std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .next();
    let record = folder.expect("one array").path().join("submissions.json");
    let record: Value =
        serde_json::from_slice(&std::fs::read(record).expect("kept")).expect("JSON");
    let again = record["submitted"].as_object().expect("a map");
    let again: Vec<_> = again
        .iter()
        .filter(|(_, times)| times.as_u64() > Some(1))
        .collect();
    assert_eq!(again.len(), 1, "{record}");
    assert_eq!(again[0].0, task);
}
