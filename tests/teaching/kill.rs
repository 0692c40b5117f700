//! A kill in the middle of teaching loses no confirmed sample.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use eframe::egui::Key;

use crate::window::{
    allowed_texts, frozen_project, open, press_first, press_key, samples, state, type_into,
};
use blindspot::project::Store;

const PROJECT: &str = "BLINDSPOT_TEST_PROJECT";
const TEXTS: &str = "BLINDSPOT_TEST_TEXTS";

#[test]
fn what_was_confirmed_survives_a_kill() {
    let folder = frozen_project();
    let given = allowed_texts(folder.path(), 12);
    let this = std::env::current_exe().expect("this test");
    let mut child = Command::new(this)
        .args([
            "kill::a_teacher_until_killed",
            "--exact",
            "--ignored",
            "--nocapture",
        ])
        .env(PROJECT, folder.path())
        .env(TEXTS, given.join("\n"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let said = BufReader::new(child.stdout.take().expect("piped"));
    let mut confirmed = 0;
    for line in said.lines() {
        let line = line.expect("text");
        if let Some(number) = line.strip_prefix("confirmed ") {
            confirmed = number.parse().expect("a number");
        }
        if confirmed == 7 {
            break;
        }
    }
    child.kill().expect("was running");
    child.wait().expect("ended");
    assert_eq!(confirmed, 7, "the teacher stopped early");

    let opened = Store::open(&folder.path().join(".blindspot")).expect("opens");
    let document = opened.store.document();
    let lesson = document.lessons.values().next().expect("the lesson");
    let texts: Vec<&str> = lesson
        .samples
        .iter()
        .map(|s| s.text.first.as_str())
        .collect();
    for text in given.iter().take(7) {
        assert!(texts.contains(&text.as_str()), "{text} is lost: {texts:?}");
    }
}

/// Runs in a process of its own, which the test above kills.
#[test]
#[ignore = "a part of the test above"]
fn a_teacher_until_killed() {
    let folder = PathBuf::from(std::env::var(PROJECT).expect("the test above names a project"));
    let mut window = open(Path::new(&folder));
    press_first(&mut window, "Teach the largest blind spot");
    let texts = std::env::var(TEXTS).expect("and texts");
    for (number, text) in (1..).zip(texts.lines()) {
        type_into(&mut window, "New sample", text);
        press_key(&mut window, Key::Enter);
        assert_eq!(samples(state(&window)), number);
        println!("confirmed {number}");
    }
}
