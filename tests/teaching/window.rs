//! A window without a screen, and how these tests use it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{Key, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

pub(crate) use crate::allowed::{allowed_among, allowed_texts};
use crate::tiny_project::Project;
use blindspot::gui::app::{App, Options};
use blindspot::session::Session;
use blindspot::steps::State;

pub(crate) type Window = Harness<'static, App>;

/// A tiny project whose blind spots are frozen.
pub(crate) fn frozen_project() -> Project {
    let project = Project::new();
    project.json("discover", &["--freeze"]);
    project
}

/// Calls the binary on a project; gives what it printed.
pub(crate) fn headless(command: &[&str], project: &Path) -> String {
    let mut call = Command::new(env!("CARGO_BIN_EXE_blindspot"));
    call.arg(command[0]).arg(project).args(&command[1..]);
    let output = call.output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A window on a project, or on a file that was handed over.
pub(crate) fn open(project: &Path) -> Window {
    open_in(project, [1400.0, 1000.0], Theme::Dark)
}

pub(crate) fn open_in(project: &Path, size: [f32; 2], theme: Theme) -> Window {
    let options = Options {
        settings: None,
        dialog: Arc::new(|_| Vec::<PathBuf>::new()),
        ..Options::usual(Some(project.to_owned()))
    };
    let mut window = Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .allow_missing_glyphs()
        .build_eframe(|creation| {
            let app = App::new(&creation.egui_ctx, options);
            creation.egui_ctx.set_theme(theme);
            app
        });
    wait(&mut window, |app| app.session().is_some());
    wait_until(&mut window, |state| {
        state.snapshot().is_none() || state.preview.is_some()
    });
    window
}

/// Steps until something holds of the app.
pub(crate) fn wait(window: &mut Window, holds: impl Fn(&App) -> bool) {
    let began = Instant::now();
    loop {
        window.run_steps(1);
        if holds(window.state()) {
            break;
        }
        let notices = window.state().notices();
        assert!(notices.iter().all(|n| !n.failure), "{notices:?}");
        if let Some(session) = window.state().session() {
            let failed = session
                .jobs()
                .statuses()
                .find(|job| matches!(job.state, blindspot::session::JobState::Failed { .. }));
            assert!(failed.is_none(), "{failed:?}");
        }
        let patience = Duration::from_secs(300);
        assert!(began.elapsed() < patience, "waited too long");
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_steps(3);
}

/// Steps until something holds of the project.
pub(crate) fn wait_until(window: &mut Window, holds: impl Fn(&State) -> bool) {
    wait(window, |app| {
        app.session().is_some_and(|session| holds(session.state()))
    });
}

pub(crate) fn session(window: &Window) -> &Session {
    window.state().session().expect("a project is open")
}

pub(crate) fn state(window: &Window) -> &State {
    session(window).state()
}

/// Presses a control, wherever it is on the screen.
pub(crate) fn press(window: &mut Window, label: &str) {
    window.get_by_label(label).click_accesskit();
    window.run_steps(4);
}

/// Presses the first control whose label holds something.
pub(crate) fn press_first(window: &mut Window, label: &str) {
    window
        .get_all_by_label_contains(label)
        .next()
        .expect(label)
        .click_accesskit();
    window.run_steps(4);
}

/// Whether anything on the screen holds a text.
pub(crate) fn shows(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}

/// Steps until the screen holds a text.
pub(crate) fn wait_to_see(window: &mut Window, text: &str) {
    let began = Instant::now();
    while !shows(window, text) {
        window.run_steps(1);
        std::thread::sleep(Duration::from_millis(5));
        assert!(began.elapsed().as_secs() < 120, "never shows “{text}”");
    }
}

/// Types into a field.
pub(crate) fn type_into(window: &mut Window, field: &str, text: &str) {
    let field = window.get_by_label(field);
    field.focus();
    window.run_steps(2);
    type_keys(window, text);
}

/// Types a path in place of the one that a file dialog suggests.
pub(crate) fn answer_with_path(window: &mut Window, path: &Path) {
    window.get_by_label("Path of the file").focus();
    window.run_steps(2);
    window.key_press_modifiers(eframe::egui::Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    type_keys(window, &path.display().to_string());
}

/// Types where the keyboard is.
pub(crate) fn type_keys(window: &mut Window, text: &str) {
    window.event(eframe::egui::Event::Text(text.to_owned()));
    window.run_steps(2);
}

pub(crate) fn press_key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(4);
}

/// Goes through the controls by the keyboard until one whose name holds
/// something has it.
pub(crate) fn tab_to(window: &mut Window, name: &str) {
    let reached = |window: &Window| {
        let mut found = window.query_all_by_label_contains(name);
        found.any(|node| node.is_focused())
    };
    for _ in 0..300 {
        if reached(window) {
            break;
        }
        press_key(window, Key::Tab);
    }
    assert!(reached(window), "the keyboard does not reach `{name}`");
}

/// Presses a control without a mouse.
pub(crate) fn enter(window: &mut Window, name: &str) {
    tab_to(window, name);
    press_key(window, Key::Enter);
}

/// Number of samples in all lessons.
pub(crate) fn samples(state: &State) -> usize {
    let lessons = state.document.lessons.values();
    lessons.map(|lesson| lesson.samples.len()).sum()
}
