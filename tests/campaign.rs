//! A project whose program is killed, whose disk is full, whose files are
//! damaged: no confirmed lesson is lost, and no other figure is told.
//!
//! A few of each run with every test; many with
//! `CAMPAIGN=200 cargo test --release --test campaign -- --nocapture`.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "support/tiny_project.rs"]
mod tiny_project;
#[path = "support/written_lesson.rs"]
mod written_lesson;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use tiny_project::{Project, files_below};

use blindspot::project::Store;
use blindspot::support::atomic_file::TEMPORARY;

type Rng = rand_xoshiro::Xoshiro256PlusPlus;

/// Of each kind, when nothing else is asked for.
const FEW: usize = 2;
/// Exit codes that say why: of the user's input, and of the surroundings.
const TOLD: [i32; 2] = [1, 2];

fn times() -> usize {
    let asked = std::env::var("CAMPAIGN").ok();
    asked.map_or(FEW, |times| times.parse().expect("a number"))
}

fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).expect("inside"));
        std::fs::create_dir_all(target.parent().expect("inside")).expect("folders");
        std::fs::copy(&file, target).expect("copies");
    }
}

/// A project in a folder of its own, that is run again and again.
struct Copy(tempfile::TempDir);

impl Copy {
    fn of(folder: &Path) -> Self {
        let copied = tempfile::tempdir().expect("temporary folder");
        copy(folder, copied.path());
        Self(copied)
    }

    fn state(&self) -> PathBuf {
        self.0.path().join(".blindspot")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_blindspot"));
        let (name, more) = arguments.split_first().expect("a command");
        command.arg(name).arg(self.0.path()).args(more);
        command.args(["--quiet", "--json"]);
        command
    }

    fn call(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("starts")
    }

    /// Samples by lesson, as the state has them; `None` if it says that it
    /// cannot be read.
    fn lessons(&self) -> Option<BTreeMap<String, usize>> {
        let opened = match Store::open(&self.state()) {
            Ok(opened) => opened,
            Err(error) => {
                assert!(error.remedy().is_some(), "{error}");
                return None;
            }
        };
        let document = opened.store.document();
        let lessons = document.lessons.iter();
        let counted = lessons.map(|(id, lesson)| (id.to_string(), lesson.samples.len()));
        let counted = counted.collect();
        opened.store.close();
        Some(counted)
    }
}

/// The figures of a run, without what depends on time and place.
fn figures(output: &Output) -> Option<Value> {
    let json: Value = serde_json::from_slice(&output.stdout).ok()?;
    let of = json.get("final").unwrap_or(&json);
    of.get("slices").cloned()
}

/// What fails says why in words, with a remedy, and never as a panic.
fn told(output: &Output, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(
        code.is_some_and(|code| TOLD.contains(&code)),
        "{what}: {code:?}: {said}"
    );
    assert!(!said.contains("panicked"), "{what}: {said}");
    assert!(!said.contains("mistake of the program"), "{what}: {said}");
    assert!(said.contains("hint"), "{what} says no remedy: {said}");
}

/// What the campaigns begin with: a project with a taught blind spot, and the
/// figures of its undisturbed run.
struct Prepared {
    project: Project,
    lessons: BTreeMap<String, usize>,
    figures: Value,
    taken: Duration,
}

const RUN: [&str; 3] = ["run", "--seeds", "1"];

fn prepared() -> Prepared {
    let project = Project::new();
    let snapshot = project.json("discover", &["--freeze"]);
    written_lesson::teach(&project, &snapshot);
    // Into the state, which alone has them from here on.
    let lessons = project.path().join("lessons.jsonl");
    let imported = project.call("import-lessons", &[lessons.to_str().expect("readable")]);
    assert!(imported.status.success(), "{imported:?}");
    std::fs::remove_file(lessons).expect("was there");
    let undisturbed = Copy::of(project.path());
    let began = Instant::now();
    let output = undisturbed.call(&RUN);
    let taken = began.elapsed();
    assert!(output.status.success(), "{output:?}");
    Prepared {
        lessons: undisturbed.lessons().expect("readable"),
        figures: figures(&output).expect("figures"),
        project,
        taken,
    }
}

impl Prepared {
    /// Nothing confirmed is lost, and a run comes to its figures or says why
    /// it does not.
    fn ends_well(&self, copy: &Copy, what: &str) -> Output {
        assert_eq!(copy.lessons().as_ref(), Some(&self.lessons), "{what}");
        let output = copy.call(&RUN);
        if output.status.success() {
            assert_eq!(figures(&output).as_ref(), Some(&self.figures), "{what}");
        } else {
            told(&output, what);
        }
        output
    }

    /// As [`Prepared::ends_well`], and the run comes to its figures.
    fn comes_right(&self, copy: &Copy, what: &str) {
        let output = self.ends_well(copy, what);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {said}");
        for file in files_below(&copy.state()) {
            let name = file.to_string_lossy();
            assert!(!name.contains(TEMPORARY), "{what} leaves {name}");
        }
    }
}

#[test]
fn a_kill_at_any_moment_loses_no_lesson_and_changes_no_figure() {
    let prepared = prepared();
    let mut rng = Rng::seed_from_u64(1);
    for number in 0..times() {
        let copy = Copy::of(prepared.project.path());
        let kills = rng.gen_range(1..=2);
        for _ in 0..kills {
            let mut command = copy.command(&RUN);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().expect("starts");
            std::thread::sleep(prepared.taken.mul_f64(rng.gen_range(0.0..1.0)));
            child.kill().expect("is a child");
            child.wait().expect("ended");
        }
        prepared.comes_right(&copy, &format!("kill {number}"));
    }
}

/// The shell runs the program, a file of which may be no larger than this many
/// blocks of 512 bytes: what a full disk looks like, without the rights to
/// make one.
fn within(command: &Command, blocks: u32) -> Output {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh"]).arg(command.get_program());
    shell.args(command.get_args()).output().expect("starts")
}

#[test]
fn a_full_disk_loses_no_lesson_and_changes_no_figure() {
    let prepared = prepared();
    let mut rng = Rng::seed_from_u64(2);
    for number in 0..times() {
        let copy = Copy::of(prepared.project.path());
        let blocks = rng.gen_range(0..600);
        let output = within(&copy.command(&RUN), blocks);
        let what = format!("disk {number}, {blocks} blocks");
        if !output.status.success() {
            told(&output, &what);
        }
        prepared.comes_right(&copy, &what);
    }
}

/// Damages a file as disks and copies do.
fn damage(file: &Path, rng: &mut Rng) -> &'static str {
    let mut bytes = std::fs::read(file).expect("readable");
    if bytes.is_empty() {
        return "left alone";
    }
    let place = rng.gen_range(0..bytes.len());
    let how = match rng.gen_range(0..4) {
        0 => {
            bytes[place] ^= 1 << rng.gen_range(0..8);
            "a flipped bit"
        }
        1 => {
            bytes.truncate(place);
            "cut off"
        }
        2 => {
            let end = (place + 4096).min(bytes.len());
            bytes[place..end].fill(0);
            "zeroes"
        }
        _ => {
            std::fs::remove_file(file).expect("was there");
            return "deleted";
        }
    };
    std::fs::write(file, bytes).expect("writes");
    how
}

#[test]
fn a_damaged_file_is_made_again_or_told_and_changes_no_figure() {
    let prepared = prepared();
    let done = Copy::of(prepared.project.path());
    let output = done.call(&RUN);
    assert!(output.status.success(), "{output:?}");
    let compared = figures(&done.call(&["compare"])).expect("figures");
    let found: Value = serde_json::from_slice(&done.call(&["discover"]).stdout).expect("is JSON");
    let mut rng = Rng::seed_from_u64(3);
    let mut counts = BTreeMap::new();
    for number in 0..3 * times() {
        let copy = Copy::of(done.0.path());
        let mut files = files_below(&copy.state());
        files.sort();
        let file = files.choose(&mut rng).expect("files");
        let how = damage(file, &mut rng);
        let what = format!("damage {number}: {how}: {}", file.display());
        let mut went_on = Vec::new();
        for command in ["compare", "discover"] {
            let output = copy.call(&[command]);
            if output.status.success() {
                match command {
                    "compare" => assert_eq!(figures(&output).as_ref(), Some(&compared), "{what}"),
                    _ => {
                        let again: Value = serde_json::from_slice(&output.stdout).expect("is JSON");
                        assert_eq!(again["blind_spots"], found["blind_spots"], "{what}");
                    }
                }
            } else {
                told(&output, &format!("{what}: {command}"));
            }
            went_on.extend(output.status.success().then_some(command));
        }
        // The database holds what people made; a folder that .gitignore does
        // not mark as the program's own is refused, with what is in it.
        let name = file.to_string_lossy();
        let may_refuse = name.contains(".sqlite") || name.ends_with(".gitignore");
        if !may_refuse {
            let output = prepared.ends_well(&copy, &what);
            went_on.extend(output.status.success().then_some("run"));
        } else if let Some(lessons) = copy.lessons() {
            assert_eq!(
                lessons, prepared.lessons,
                "{what}: a lesson is lost in silence"
            );
        }
        *counts.entry((how, went_on)).or_insert(0) += 1;
    }
    for ((how, went_on), count) in counts {
        println!("{how}: {count} times, after it went on: {went_on:?}");
    }
}
