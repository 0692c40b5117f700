//! What comes from outside, damaged at random: settings, models, predictions,
//! samples, lessons, hand-overs, and the program's own state. Whatever it is,
//! nothing panics or hangs, and what is refused is refused as the input's
//! fault, with what helps.
//!
//! A few of each run with every test; many with
//! `DAMAGED=10000 cargo test --release --test outside -- --nocapture`.
//! Data files are damaged in `tests/reading`, replies of language models in
//! `src/lessons/llm`.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail loudly"
)]

#[path = "support/damage.rs"]
mod damage;
#[path = "support/made_project.rs"]
mod made_project;
#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/tiny_project.rs"]
mod tiny_project;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Instant;

use blindspot::model::fixture::tiny_model;
use blindspot::model::{Classifier, head_labels};
use blindspot::records::{AnswersFrom, Manifest};
use blindspot::steps::import_lessons::{Defaults, checked_lessons};
use blindspot::steps::import_predictions::import_predictions;
use blindspot::steps::{OpenProject, State, hand_over};
use blindspot::support::{Progress, Result};
use damage::{damaged, seeded};
use made_project::Size;
use tiny_project::{MANIFEST, Project};

/// Of each kind, when nothing else is asked for.
const FEW: u64 = 40;
/// No damaged file takes longer, in seconds, however slow the build.
const LONGEST: f64 = 20.0;

fn times() -> u64 {
    let asked = std::env::var("DAMAGED").ok();
    asked.map_or(FEW, |times| times.parse().expect("a number"))
}

/// Damages `sound` many times and asserts what comes of each.
fn tried<T>(what: &str, sound: &[u8], read: impl Fn(&[u8]) -> Result<T>) {
    let mut refusals = 0;
    for seed in 0..times() {
        let bytes = damaged(sound, &mut seeded(seed));
        let began = Instant::now();
        let read = catch_unwind(AssertUnwindSafe(|| read(&bytes).err()));
        let Ok(refused) = read else {
            panic!("{what}, seed {seed}: panics");
        };
        let seconds = began.elapsed().as_secs_f64();
        assert!(seconds < LONGEST, "{what}, seed {seed}: {seconds:.0} s");
        if let Some(error) = refused {
            refusals += 1;
            let said = error.to_string();
            assert_eq!(error.exit_code(), 2, "{what}, seed {seed}: {said}");
            assert!(
                error.remedy().is_some(),
                "{what}, seed {seed}: no hint: {said}"
            );
            assert!(
                said.len() < 3_000,
                "{what}, seed {seed}: {} bytes",
                said.len()
            );
        }
    }
    println!("{what}: {refusals} of {} refused", times());
    assert!(refusals > 0, "{what}: nothing was ever refused");
}

/// A project of a black box with frozen blind spots, made once.
static BLACK_BOX: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("temporary folder");
    let size = Size {
        rows: 400,
        classes: 3,
        width: 6,
    };
    let predictions = made_project::write(folder.path(), size);
    let file = predictions.display().to_string();
    call(folder.path(), &["import-predictions", &file]);
    call(folder.path(), &["discover", "--freeze"]);
    (folder, predictions)
});

/// A project whose model is used as it is, with frozen blind spots, made once.
static MODEL: LazyLock<Project> = LazyLock::new(|| {
    let project = Project::new();
    let settings = MANIFEST.replace("refit = true\n", "");
    let settings = settings.replace("tau = 0.8", "tau = 0.5");
    std::fs::write(project.path().join("project.toml"), settings).expect("writes");
    call(project.path(), &["discover", "--freeze"]);
    project
});

fn call(folder: &Path, arguments: &[&str]) {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    let call = call.arg(arguments[0]).arg(folder).args(&arguments[1..]);
    let output = call.arg("--quiet").output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?} failed: {said}");
}

/// A copy of a project, which a test may write to.
fn copied(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("temporary folder");
    copy_folder(folder, copy.path());
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("makes");
    for entry in std::fs::read_dir(from).expect("reads") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        match path.is_dir() {
            true => copy_folder(&path, &target),
            false => drop(std::fs::copy(&path, &target).expect("copies")),
        }
    }
}

fn open(folder: &Path) -> Result<OpenProject> {
    OpenProject::open(folder, None, &Progress::silent())
}

#[test]
fn settings() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/sentiment/project.toml");
    let demo = std::fs::read_to_string(demo).expect("is there");
    let teacher = "\n[[teachers]]\nname = \"one\"\nkind = \"openai\"\nmodel = \"m\"\n\
                   base_url = \"http://127.0.0.1:1/v1\"\nprices = { input = 1.0, output = 4.0 }\n";
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("project.toml");
    tried("project.toml", (demo + teacher).as_bytes(), |bytes| {
        std::fs::write(&path, bytes).expect("writes");
        let text = blindspot::support::user_file::text(&path)?;
        Manifest::parse(&text, "project.toml").map(drop)
    });
}

#[test]
fn models() {
    let folder = tempfile::tempdir().expect("temporary folder");
    tiny_model(folder.path()).expect("writes");
    for file in [
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "model.safetensors",
    ] {
        let path = folder.path().join(file);
        if !path.exists() {
            continue;
        }
        let sound = std::fs::read(&path).expect("is there");
        // Of the weights their description alone: a number is as good as another.
        let end = if file == "model.safetensors" {
            3_000
        } else {
            sound.len()
        };
        let (start, rest) = sound.split_at(end.min(sound.len()));
        tried(file, start, |bytes| {
            std::fs::write(&path, [bytes, rest].concat()).expect("writes");
            head_labels(folder.path())?;
            Classifier::load(folder.path()).map(drop)
        });
        std::fs::write(&path, sound).expect("writes");
    }
}

#[test]
fn predictions() {
    let (folder, made) = &*BLACK_BOX;
    let copy = copied(folder.path());
    let project = open(copy.path()).expect("opens");
    let rows = &project.workspace.dataset.examples;
    let head = "id,p_class 0,p_class 1,p_class 2,embedding_0,embedding_1\n";
    let lines = rows
        .iter()
        .take(120)
        .map(|row| format!("{},0.7,0.2,0.1,0.5,-1.5\n", row.key));
    let csv = head.to_owned() + &lines.collect::<String>();
    let parquet = std::fs::read(made).expect("is there");
    for (name, sound) in [("p.csv", csv.as_bytes()), ("p.parquet", &parquet)] {
        let path = copy.path().join(name);
        tried(name, sound, |bytes| {
            std::fs::write(&path, bytes).expect("writes");
            let from = AnswersFrom::of(path.clone());
            import_predictions(&project, &from, &Progress::silent())
        });
    }
}

#[test]
fn samples_and_lessons() {
    let copy = copied(MODEL.path());
    let project = open(copy.path()).expect("opens");
    let state = State::read(&project).expect("reads");
    let table = "text,label,hypothesis,teacher,blind_spot,contrast\n\
                 A new text on this,positive,This is it,one,1,\n\
                 \"Another, on that\",negative,This is it,one,1,yes\n";
    let shown = state.snapshot().expect("frozen").blind_spots[0]
        .shown
        .clone();
    let author = serde_json::json!({"kind": "human"});
    let lesson = serde_json::json!({
        "id": "lesson-1", "blind_spot": 1, "snapshot": 1, "teacher": "tester",
        "author": author, "shown": shown, "created": "2026-01-01T00:00:00Z",
        "hypotheses": [{"id": "h", "kind": "abstraction", "author": author, "text": "It is so."}],
        "samples": [{
            "id": "s", "text": {"first": "A new text on this"}, "label": "positive",
            "author": author, "purpose": "train", "contrast": false, "hypothesis": "h",
            "review": {"state": "accepted"},
        }],
    });
    let line = format!("{lesson}\n");
    for (name, sound) in [("s.csv", table), ("l.jsonl", &line)] {
        let path = copy.path().join(name);
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).expect("writes");
            checked_lessons(
                &project,
                &state,
                (&path, &Defaults::default()),
                &|_| Ok(()),
                &Progress::silent(),
            )
        };
        read(sound.as_bytes()).expect("sound");
        tried(name, sound.as_bytes(), read);
    }
}

#[test]
fn hand_overs() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let file = folder.path().join("made.blindspot");
    call(
        MODEL.path(),
        &["hand-over", "--out", &file.display().to_string()],
    );
    let sound = std::fs::read(&file).expect("is there");
    tried("hand-over", &sound, |bytes| {
        let place = tempfile::tempdir().expect("temporary folder");
        let file = place.path().join("made.blindspot");
        std::fs::write(&file, bytes).expect("writes");
        let unpacked = hand_over::unpack(&file)?;
        assert!(unpacked.starts_with(place.path()), "unpacked elsewhere");
        let outside = std::fs::read_dir(place.path()).expect("reads").count();
        assert!(outside <= 2, "{outside} entries beside it");
        State::read(&open(&unpacked)?).map(drop)
    });
}

#[test]
fn the_state() {
    let copy = copied(MODEL.path());
    let state = copy.path().join(".blindspot");
    let mut files = Vec::new();
    collect(&state, &mut files);
    assert!(files.len() > 2, "{files:?}");
    for file in files {
        let name = file
            .strip_prefix(&state)
            .expect("inside")
            .display()
            .to_string();
        let sound = std::fs::read(&file).expect("is there");
        for seed in 0..times() / 4 {
            std::fs::write(&file, damaged(&sound, &mut seeded(seed))).expect("writes");
            let read = catch_unwind(AssertUnwindSafe(|| {
                open(copy.path())
                    .and_then(|project| State::read(&project).map(drop))
                    .err()
            }));
            let Ok(refused) = read else {
                panic!("{name}, seed {seed}: panics");
            };
            if let Some(error) = refused {
                assert!(error.remedy().is_some(), "{name}, seed {seed}: {error}");
            }
            // What was put aside or made anew must not be damaged again.
            std::fs::remove_dir_all(&state).expect("removes");
            copy_folder(&MODEL.path().join(".blindspot"), &state);
        }
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("reads") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
    files.sort();
}
