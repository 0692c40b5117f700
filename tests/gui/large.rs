//! Frames of a project with a million rows. Opt-in: the figures mean something
//! on a quiet machine only, and it needs some gigabytes of memory and disk.
//!
//! `cargo test --release --test gui -- --ignored --nocapture a_million_rows`;
//! `MADE_ROWS` asks for another number of rows.

use std::path::Path;
use std::time::{Duration, Instant};

use blindspot::records::{AnswersFrom, MapMethod};
use blindspot::session::JobKind;
use blindspot::steps::OpenProject;
use blindspot::steps::import_predictions::import_predictions;
use blindspot::support::Progress;
use eframe::egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;

use crate::frames::{frame, restless, tell};
use crate::made_project::{self, Size};
use crate::support::{Window, options, window};

/// Frames that are measured after each thing that is done.
const AFTER: usize = 60;

fn size() -> Size {
    let rows = std::env::var("MADE_ROWS").ok();
    Size {
        rows: rows.map_or(1_000_000, |rows| rows.parse().expect("a number")),
        classes: 4,
        width: 384,
    }
}

/// The most memory that this process has held so far.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    line.map_or_else(
        || "unknown".into(),
        |line| line.replace("VmHWM:", "").trim().into(),
    )
}

/// Frames until something holds; how long that took and the frames are told.
fn until(window: &mut Window, what: &str, holds: impl Fn(&Window) -> bool) {
    let (began, mut frames) = (Instant::now(), Vec::new());
    while !holds(window) {
        frames.push(frame(window));
        assert!(
            began.elapsed() < Duration::from_secs(600),
            "{what} takes too long"
        );
        std::thread::sleep(Duration::from_millis(4));
    }
    frames.push(frame(window));
    let taken = began.elapsed();
    tell(
        &format!("{what}, after {taken:.1?}, peak {}", peak()),
        &mut frames,
    );
}

/// Frames while something is done again and again.
fn while_doing(window: &mut Window, what: &str, mut act: impl FnMut(&mut Window, usize)) {
    let mut frames = Vec::new();
    for number in 0..10 {
        act(window, number);
        for _ in 0..AFTER / 10 {
            frames.push(frame(window));
            std::thread::sleep(Duration::from_millis(12));
        }
    }
    tell(what, &mut frames);
}

fn is_idle(window: &Window) -> bool {
    let session = window.state().session();
    session.is_some_and(|session| !session.jobs().any_active())
}

/// Stops the better map, which takes both processors for minutes.
fn stop_the_better_map(window: &mut Window) {
    until(window, "the map", |window| {
        let session = window.state().session();
        let map = session.and_then(|session| session.state().map.as_ref());
        map.is_some_and(|map| map.method == MapMethod::Pca)
    });
    until(window, "the better map begins", |window| {
        let session = window.state().session().expect("open");
        session.jobs().active(JobKind::Map).is_some()
    });
    window.get_by_label("Cancel: Arranging the map").click();
    until(window, "all jobs end", is_idle);
}

fn imported(folder: &Path) {
    let began = Instant::now();
    let file = made_project::write(folder, size());
    println!("made in {:.1?}, peak {}", began.elapsed(), peak());
    let began = Instant::now();
    let silent = Progress::silent();
    let project = OpenProject::open(folder, None, &silent).expect("opens");
    println!("read in {:.1?}, peak {}", began.elapsed(), peak());
    let began = Instant::now();
    let from = AnswersFrom::of(file);
    import_predictions(&project, &from, &silent).expect("imports");
    println!("imported in {:.1?}, peak {}", began.elapsed(), peak());
}

#[test]
#[ignore = "measures time: run it on a quiet machine"]
fn a_million_rows_keep_the_frame() {
    let folder = tempfile::tempdir().expect("temporary folder");
    imported(folder.path());
    let began = Instant::now();
    let options = options(Some(folder.path().to_owned()), None);
    let mut window = window(options, [1280.0, 800.0], Theme::Dark);
    until(&mut window, "opened", |window| {
        window.state().session().is_some()
    });
    stop_the_better_map(&mut window);
    println!("ready after {:.1?}", began.elapsed());

    while_doing(
        &mut window,
        "moving, zooming, selecting",
        |window, number| {
            for step in 0..6 {
                restless(window, 6 * number + step);
            }
        },
    );
    while_doing(&mut window, "judging the next error", |window, _| {
        window.key_press(Key::ArrowDown);
        window.key_press(Key::Num1);
    });
    while_doing(&mut window, "taking it back", |window, _| {
        window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    });
    window.get_by_label("Sort by Text").click();
    while_doing(&mut window, "sorting by text", |_, _| {});
    window.get_by_label("Search texts").focus();
    while_doing(&mut window, "searching", |window, number| {
        let letter = &"topic7 abo"[number..=number];
        window.get_by_label("Search texts").type_text(letter);
    });
    until(&mut window, "all jobs end", is_idle);
    println!("peak {}", peak());
}
