//! The program alone, copied to an empty folder: nothing of the repository is
//! in sight.

#![expect(clippy::expect_used, reason = "helpers of tests fail loudly")]
#![cfg(feature = "carried")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use blindspot::steps::hand_over;
use blindspot::support::assets;

/// A folder with the program in it, and a home that is empty at first.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = tempfile::tempdir().expect("temporary folder");
        let program = desk.path().join("blindspot");
        std::fs::copy(env!("CARGO_BIN_EXE_blindspot"), program).expect("copies");
        Self(desk)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes");
        std::fs::write(&path, text).expect("writes");
        path
    }

    /// Runs the program with nothing in the environment but a home.
    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(self.path("blindspot"));
        command.args(args).current_dir(self.0.path()).env_clear();
        command.env("HOME", self.path("home"));
        // A test beside this one may have started something of its own while the
        // copy was written: that holds it open for writing for a moment more.
        loop {
            match command.output() {
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                output => return output.expect("starts"),
            }
        }
    }

    /// What a command that succeeds prints.
    fn said(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {error}");
        String::from_utf8(output.stdout).expect("is text")
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn the_demo_works_in_a_copy_and_so_does_a_hand_over_of_it() {
    let desk = Desk::new();
    let demo = desk.said(&["demo"]);
    let demo = demo.trim();
    assert!(Path::new(demo).starts_with(desk.path("home")), "{demo}");
    let texts = desk.write("texts.csv", "text\nA wonderful film\nA dreadful film\n");
    desk.said(&["score", demo, &shown(&texts)]);
    let scored = std::fs::read_to_string(desk.path("texts.csv.scored.csv")).expect("is written");
    let answers: Vec<&str> = scored
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(2))
        .collect();
    assert_eq!(answers, ["positive", "negative"]);

    let file = desk.path("for-an-expert.blindspot");
    desk.said(&["hand-over", demo, "--out", &shown(&file)]);
    let elsewhere = Desk::new();
    let copy = elsewhere.path("for-an-expert.blindspot");
    std::fs::copy(&file, &copy).expect("by mail");
    let project = hand_over::unpack(&copy).expect("unpacks beside the file");
    assert!(project.starts_with(elsewhere.0.path()));
    let found = elsewhere.said(&["discover", &shown(&project), "--json"]);
    assert!(found.contains("\"blind_spots\""), "{found}");
}

#[test]
fn a_new_project_is_fitted_from_the_built_in_model() {
    let desk = Desk::new();
    let rows: String = (0..48)
        .map(|row| match row % 2 {
            0 => format!("{row} was a joy,good\n"),
            _ => format!("{row} was a bore,bad\n"),
        })
        .collect();
    desk.write("own/data.csv", &format!("text,label\n{rows}"));
    desk.write(
        "own/project.toml",
        "max_tokens = 8\n[data]\nfiles = [{ path = \"data.csv\" }]\n[fit]\nepochs = 1\n",
    );
    desk.said(&["fit", "own"]);
    let encoder = format!("assets/{}/model.safetensors", assets::BUILTIN_ENCODER);
    let unpacked = walked(&desk.path("home"));
    assert!(
        unpacked.iter().any(|file| file.ends_with(&encoder)),
        "the model of the checkout was used: {unpacked:?}"
    );
}

#[test]
fn where_nothing_can_be_unpacked_it_says_what_helps() {
    let desk = Desk::new();
    desk.write("home", "a file where the home should be");
    let output = desk.run(&["demo"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains(&shown(&desk.path("home"))), "{said}");
    assert!(
        said.contains("hint: ") && !said.contains("panicked"),
        "{said}"
    );
}

#[test]
fn a_copy_is_made_where_one_wants_it() {
    let desk = Desk::new();
    let to = shown(&desk.path("mine"));
    desk.said(&["demo", "--out", &to]);
    assert!(desk.path("mine/project.toml").is_file());
    assert!(!desk.run(&["demo", "--out", &to]).status.success());
    let unknown = desk.run(&["demo", "sentimental"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(said.contains("demos are claims"), "{said}");
}

/// All files below a folder.
fn walked(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => walked(&path),
            path => vec![path],
        })
        .collect()
}
