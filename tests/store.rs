//! The state of a project through the real program: one that an earlier
//! version wrote, one that is damaged, one that cannot be written to.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::path::{Path, PathBuf};
use std::time::Duration;

use blindspot::inference::Predictions;
use blindspot::project::files::Found;
use blindspot::records::Arm;
use blindspot::session::{Command, Event, Session};
use blindspot::steps::{OpenProject, score};
use blindspot::support::Progress;
use rusqlite::Connection;
use serde_json::Value;
use tiny_project::{Project, files_below};

/// Copies a folder of `tests/fixtures` with what is below it.
fn copy_fixture(name: &str, to: &Path) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let from = fixtures.join(name);
    for file in files_below(&from) {
        let to = to.join(file.strip_prefix(&from).expect("inside"));
        std::fs::create_dir_all(to.parent().expect("inside")).expect("folders");
        std::fs::copy(&file, to).expect("copies");
    }
}

/// The tiny project with the state that version 1 left, and the model's folder
/// as it was written then: results are kept by checksums of its files.
fn older() -> Project {
    let project = Project::new();
    let (model, state) = (project.path().join("model"), state(&project));
    std::fs::remove_file(model.join("tokenizer_config.json")).expect("was there");
    copy_fixture("model_1", &model);
    copy_fixture("state_1", &state);
    let marker = "# State of Blindspot: written by the program, deleted by `blindspot reset`.\n*\n";
    std::fs::write(state.join(".gitignore"), marker).expect("writes");
    project
}

fn state(project: &Project) -> PathBuf {
    project.path().join(".blindspot")
}

fn open(project: &Project) -> OpenProject {
    OpenProject::open(project.path(), None, &Progress::silent()).expect("opens")
}

fn database(project: &Project) -> Connection {
    Connection::open(state(project).join("blindspot.sqlite")).expect("opens")
}

/// Brier scores on *final* of the untouched base and the two arms, as version 1
/// printed them.
const BRIER: [f64; 3] = [
    0.33209146573499304,
    0.33281214861945263,
    0.33308236798809343,
];

/// The same in a comparison.
fn brier(comparison: &Value) -> Vec<f64> {
    let arms = comparison["slices"][0]["arms"].as_array().expect("arms");
    arms.iter()
        .filter_map(|arm| arm["brier"].as_f64())
        .collect()
}

#[test]
fn a_state_of_the_first_version_opens_with_all_that_was_written_in_it() {
    let project = older();
    let compared = project.json("compare", &[]);
    assert_eq!(compared["role"], "final");
    assert_eq!(brier(&compared), BRIER);

    let opened = open(&project);
    let document = opened.store.document();
    let samples = document.lessons.values().map(|lesson| lesson.samples.len());
    assert_eq!(samples.collect::<Vec<_>>(), [16]);
    assert_eq!(document.triage.len(), 1);
    let names: Vec<&String> = document.names.values().collect();
    assert_eq!(names, ["praise that is funny"]);
    assert_eq!(opened.store.openings().expect("readable").len(), 1);

    let base = opened.known_base().expect("readable").expect("is kept");
    let kept = opened.known_predictions(&base).expect("readable");
    assert!(kept.is_some_and(|kept| kept.width() > 0));
    let rounds = opened.store.rounds().expect("readable");
    assert_eq!(rounds.len(), 1);
    for (run, answers) in opened.answers_of(&rounds[0]).expect("readable") {
        let model = opened.retrained(&run).expect("its weights are there");
        let rows = score::with_roles(&opened.workspace, &score::VISIBLE);
        let silent = Progress::silent();
        let again = score::score(&opened.workspace, &model, rows, &silent).expect("scores");
        let pairs = answers.all_logits().iter().zip(again.all_logits());
        let apart = pairs.fold(0.0_f32, |apart, (a, b)| apart.max((a - b).abs()));
        assert!(apart < 1e-3, "{}: {apart}", run.arm);
    }
    for gone in ["checkpoints", "rounds", "cache"] {
        assert!(!state(&project).join(gone).exists(), "{gone}");
    }
}

#[test]
fn a_comparison_that_was_not_kept_or_was_damaged_is_made_again() {
    let project = older();
    let delete = "DELETE FROM comparison";
    let flip = "UPDATE comparison SET content = replace(content, '\"rows\":144', '\"rows\":145')";
    drop(open(&project));
    assert_eq!(database(&project).execute(delete, []).expect("changes"), 2);
    let before = project.json("compare", &[]);
    assert_eq!(before["role"], "final");
    assert_eq!(brier(&before), BRIER);
    assert_eq!(project.json("compare", &[]), before, "it was kept");
    for loss in [delete, flip] {
        let lost = database(&project).execute(loss, []).expect("changes");
        assert_eq!(lost, 1, "{loss}");
        assert_eq!(project.json("compare", &[]), before, "{loss}");
        let openings = open(&project).store.openings().expect("readable");
        assert_eq!(openings.len(), 1, "it was opened already");
    }
}

#[test]
fn a_project_that_another_process_holds_is_compared_and_discovered_without_writing() {
    let project = older();
    let before = project.json("compare", &[]);
    let found = project.json("discover", &[]);
    let holder = open(&project);
    let files = || {
        let mut files = files_below(&state(&project));
        files.sort();
        files
    };
    let there = files();
    assert_eq!(project.json("compare", &[]), before);
    assert_eq!(project.json("discover", &[]), found);
    assert_eq!(files(), there);
    let refused = project.call("discover", &["--freeze"]);
    assert_eq!(refused.status.code(), Some(2));
    drop(holder);
}

#[test]
fn what_nothing_needs_is_counted_and_removed_and_nothing_else() {
    let project = older();
    let before = project.json("compare", &[]);
    assert_eq!(project.json("clean", &["--dry-run"])["bytes"], 0);

    let opened = open(&project);
    let predictions = Predictions::new(vec![0], 2, vec![0.0, 1.0], 0, Vec::new());
    let predictions = predictions.expect("shapes fit");
    let base = opened.known_base().expect("readable").expect("kept").id;
    for (model, data) in [("another model", "d"), (&base, "other data")] {
        let kept = opened.store.put_predictions(model, data, &predictions);
        kept.expect("is kept");
    }
    let models = state(&project).join("models");
    let weights = files_below(&models).into_iter().next().expect("weights");
    std::fs::copy(
        &weights,
        models.join("extra-5-0123456789abcdef.safetensors"),
    )
    .expect("copies");
    let all = || -> Vec<Found> { opened.store.files().all().expect("readable") };
    let with_surplus = all().len();
    let unneeded = project.json("clean", &["--dry-run"]);
    let counts: Vec<u64> = unneeded["unneeded"]
        .as_array()
        .expect("kinds")
        .iter()
        .filter_map(|kind| kind["files"].as_u64())
        .collect();
    assert_eq!(counts, [2, 1], "{unneeded}");
    assert_eq!(all().len(), with_surplus);
    let held = project.call("clean", &[]);
    assert_eq!(held.status.code(), Some(2), "another process has it open");
    opened.store.close();

    let removed = project.json("clean", &[]);
    assert_eq!(removed["bytes"], unneeded["bytes"]);
    assert_eq!(all().len(), with_surplus - 3);
    assert_eq!(project.json("compare", &[]), before);
    let opened = open(&project);
    let round = &opened.store.rounds().expect("readable")[0];
    let lessons = |arm: &Arm| matches!(arm, Arm::Lessons(_));
    let run = round.runs.iter().find(|run| lessons(&run.arm));
    opened
        .retrained(run.expect("trained"))
        .expect("its weights stay");
}

/// Runs a job of the window to its end.
fn finish(session: &mut Session, command: &Command) -> Option<Event> {
    session.apply(command).expect("starts");
    for _ in 0..600 {
        let wanted = |event: &Event| {
            matches!(
                event,
                Event::UnneededFound(_) | Event::Notice(_) | Event::Failed(..)
            )
        };
        let events = session.wait(Duration::from_millis(50));
        if let Some(event) = events.into_iter().find(wanted) {
            return Some(event);
        }
    }
    None
}

#[test]
fn the_window_counts_what_nothing_needs_before_it_removes_it() {
    let project = older();
    let silent = Progress::silent();
    let open = || Session::open(project.path(), None, || {}, &silent).expect("opens");
    drop(open());
    let surplus = state(&project).join("answers/extra-5-0123456789abcdef.safetensors");
    std::fs::write(&surplus, "of an arm in no round").expect("writes");
    let mut session = open();
    while session.jobs().any_active() {
        session.wait(Duration::from_millis(50));
    }
    let Some(Event::UnneededFound(unneeded)) = finish(&mut session, &Command::FindUnneeded) else {
        panic!("nothing was found");
    };
    assert_eq!(unneeded.counts().len(), 1, "{unneeded}");
    assert!(surplus.exists());
    let removed = finish(&mut session, &Command::RemoveUnneeded);
    assert!(matches!(removed, Some(Event::Notice(_))), "{removed:?}");
    assert!(!surplus.exists());
}
