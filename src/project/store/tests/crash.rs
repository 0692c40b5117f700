//! Kills a real process at each step of a write and looks at what is left.
//!
//! This shows the order of the steps. That the operating system keeps what was
//! flushed through a power cut cannot be tested here.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use crate::inference::Predictions;
use crate::support::crash::CRASH_AT;

/// What the child writes, and where.
const TASK: &str = "BLINDSPOT_CRASH_TASK";
const FOLDER: &str = "BLINDSPOT_CRASH_FOLDER";

const OLD: &[u8] = b"weights that were finished";
const NEW: &[u8] = b"weights that are being written";

/// Runs [`child`] in a process of its own.
fn start(task: &str, folder: &Path, crash_at: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "project::store::tests::crash::child"])
        .args(["--ignored", "--nocapture"])
        .env(TASK, task)
        .env(FOLDER, folder)
        .env(CRASH_AT, crash_at)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The half of these tests that dies.
#[test]
#[ignore = "the other tests of this module start it in a process of its own"]
fn child() {
    let (Ok(task), Some(folder)) = (std::env::var(TASK), std::env::var_os(FOLDER)) else {
        return;
    };
    let store = Store::open(folder.as_ref()).expect("opens").store;
    match task.as_str() {
        "file" => {
            let (_, mut writer) = begin(&store, NEW);
            writer.write(&NEW[..5]).expect("written");
            crate::support::crash::point("fill: half way");
            writer.write(&NEW[5..]).expect("written");
            writer.finish().expect("written");
            println!("confirmed {}", NEW.len());
        }
        "lesson" => {
            let document = with_lesson(&store.document(), lesson("one", 3));
            store.save_document(&document).expect("saved");
            println!("confirmed 3");
        }
        "samples" => {
            for samples in 1.. {
                let document = with_lesson(&store.document(), lesson("one", samples));
                store.save_document(&document).expect("saved");
                println!("confirmed {samples}");
            }
        }
        other => panic!("no task {other}"),
    }
}

fn confirmed(output: &[u8]) -> bool {
    String::from_utf8_lossy(output).contains("confirmed ")
}

#[test]
fn a_computed_file_is_there_or_not_wherever_the_process_dies() {
    let points = [
        ("file: begun", false),
        ("fill: half way", false),
        ("file: written", false),
        ("file: flushed", false),
        ("file: renamed", true),
        ("nowhere", true),
    ];
    for (point, is_there) in points {
        let folder = tempfile::tempdir().expect("temporary folder");
        let old = write(&open(folder.path()), OLD);
        let output = start("file", folder.path(), point).output().expect("runs");
        assert_eq!(output.status.success(), point == "nowhere", "{point}");
        assert_eq!(confirmed(&output.stdout), point == "nowhere", "{point}");

        let store = open(folder.path());
        assert_eq!(read(&store, &old).as_deref(), Some(OLD), "{point}");
        let (new, _) = begin(&store, NEW);
        let found = read(&store, &new);
        assert_eq!(found.as_deref(), is_there.then_some(NEW), "{point}");
        let expected = 1 + usize::from(is_there);
        assert_eq!(files(folder.path()), expected, "no litter after {point}");
    }
}

#[test]
fn a_lesson_is_whole_or_absent_wherever_the_process_dies() {
    for (point, samples) in [
        ("transaction: written", 1),
        ("transaction: committed", 3),
        ("nowhere", 3),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        let store = open(folder.path());
        let document = with_lesson(&Document::default(), lesson("one", 1));
        store.save_document(&document).expect("saved");
        drop(store);
        let output = start("lesson", folder.path(), point)
            .output()
            .expect("runs");
        assert_eq!(confirmed(&output.stdout), point == "nowhere", "{point}");
        let expected = with_lesson(&Document::default(), lesson("one", samples));
        assert_eq!(open(folder.path()).document(), expected, "{point}");
    }
}

#[test]
fn every_sample_that_was_confirmed_survives_a_kill() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut child = start("samples", folder.path(), "nowhere")
        .spawn()
        .expect("runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    // The line of the first sample follows the test harness's own words.
    let mut numbers = lines.map_while(Result::ok).filter_map(|line| {
        let (_, number) = line.split_once("confirmed ")?;
        number.parse::<usize>().ok()
    });
    let reached = numbers.find(|number| *number >= 20).expect("confirmed");
    child.kill().expect("killed");
    // What it said between the line and the kill counts as well.
    let last = numbers.last().unwrap_or(reached);
    child.wait().expect("ended");

    let store = open(folder.path());
    assert!(
        store.read_only().is_none(),
        "the lock of a dead process is free"
    );
    let kept = store.document().lessons[&RecordId("one".into())]
        .samples
        .clone();
    assert!(kept.len() >= last, "{} of {last} samples", kept.len());
    assert_eq!(kept, lesson("one", kept.len()).samples);
}

#[test]
fn a_second_process_may_read_but_not_write() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut child = start("samples", folder.path(), "nowhere")
        .spawn()
        .expect("runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut lines = lines.map_while(Result::ok);
    assert!(lines.any(|line| line.contains("confirmed 3")));

    let opened = Store::open(folder.path()).expect("opens");
    let why = opened.store.read_only().expect("held").to_string();
    assert!(why.contains(&format!("process {}", child.id())), "{why}");
    assert!(opened.warnings.iter().any(|warning| warning.contains(&why)));
    let seen = opened.store.document();
    assert!(seen.lessons[&RecordId("one".into())].samples.len() >= 3);
    let error = opened.store.save_document(&Document::default());
    let error = error.expect_err("refused");
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains(&why), "{error}");
    let predictions = Predictions::default();
    let refused = opened.store.put_predictions("m", "d", &predictions);
    assert!(refused.is_err());
    let error = crate::project::reset(folder.path()).expect_err("refused");
    assert!(error.to_string().contains("nothing was deleted"), "{error}");

    child.kill().expect("killed");
    child.wait().expect("ended");
    assert!(open(folder.path()).read_only().is_none());
}
