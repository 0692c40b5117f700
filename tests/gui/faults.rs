//! Faults that people met in the window, each held in its place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::accesskit::Role;
use eframe::egui::{
    DroppedFile, DroppedFileHandle, FontId, Key, Theme, ViewportCommand, ViewportEvent, ViewportId,
};
use egui_kittest::kittest::Queryable as _;

use crate::support::{Window, click_first, demo, options, shows, state, wait, window};
use crate::tiny_project::Project;
use blindspot::gui::app::App;
use blindspot::session::JobKind;

fn opened(options: blindspot::gui::app::Options) -> Window {
    let mut window = window(options, [1280.0, 800.0], Theme::Dark);
    wait(&mut window, |app| app.session().is_some());
    window
}

/// A file or folder that is dropped onto the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl Dropped {
    fn of(path: &Path) -> DroppedFileHandle {
        Arc::new(Self(path.to_owned()))
    }
}

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

fn key(window: &mut Window, key: Key) {
    window.key_press(key);
    window.run_steps(4);
}

fn focus(window: &Window) -> usize {
    window.state().view().focus.expect("a row is chosen")
}

#[test]
fn whoever_judges_by_keys_meets_each_text_once() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = demo(folder.path());
    key(&mut window, Key::ArrowDown);
    let first = focus(&window);
    key(&mut window, Key::ArrowDown);
    let second = focus(&window);
    key(&mut window, Key::ArrowUp);
    // A wrong label sorts elsewhere, but not while one goes down the table.
    key(&mut window, Key::Num2);
    assert_eq!(state(&window).document.triage.len(), 1);
    key(&mut window, Key::ArrowDown);
    assert_eq!(focus(&window), second);

    // Where it leaves the table altogether, the next comes into its place.
    click_first(&mut window, "Filter");
    let ticks = window.get_by_role_and_label(Role::CheckBox, "unknown unknown");
    ticks.click_accesskit();
    window.run_steps(4);
    key(&mut window, Key::Escape);
    key(&mut window, Key::Escape);
    key(&mut window, Key::ArrowDown);
    let mut seen = BTreeSet::from([first]);
    for _ in 0..4 {
        assert!(seen.insert(focus(&window)), "a text came twice");
        key(&mut window, Key::Num2);
        key(&mut window, Key::ArrowDown);
    }
    assert_eq!(state(&window).document.triage.len(), 5);
}

/// What a program asks the system's window to do in a frame.
fn asked_of_the_system(window: &Window) -> Vec<ViewportCommand> {
    let of_root = window.output().viewport_output.get(&ViewportId::ROOT);
    of_root.map_or_else(Vec::new, |of| of.commands.clone())
}

fn is_fitting(app: &App) -> bool {
    let session = app.session();
    session.is_some_and(|session| session.jobs().active(JobKind::Fit).is_some())
}

#[test]
fn leaving_work_asks_first_and_is_told_at_the_next_opening() {
    let project = Project::new();
    let at = || options(Some(project.path().to_owned()), None);
    let mut window = opened(at());
    click_first(&mut window, "Fit the base model");
    wait(&mut window, is_fitting);
    let root = window.input_mut().viewports.entry(ViewportId::ROOT);
    root.or_default().events.push(ViewportEvent::Close);
    window.step();
    let commands = asked_of_the_system(&window);
    assert!(
        commands.contains(&ViewportCommand::CancelClose),
        "{commands:?}"
    );
    window.run_steps(3);
    assert!(shows(&window, "Close the window?"));
    assert!(shows(&window, "“Fitting the base model” is under way"));
    click_first(&mut window, "Stop and close");
    // The program ends while the work is under way.
    assert!(
        is_fitting(window.state()),
        "the fit is too quick for this test"
    );
    drop(window);

    let window = opened(at());
    let told = window.state().notices();
    let said = |part: &str| told.iter().any(|notice| notice.message.contains(part));
    assert!(said("“Fitting the base model” was under way"), "{told:?}");
    drop(window);
    let window = opened(at());
    assert!(window.state().notices().is_empty(), "it is told once");
}

#[test]
fn a_data_file_named_at_the_start_offers_a_new_project() {
    let project = Project::new();
    let data = project.path().join("data.csv");
    let mut window = window(options(Some(data), None), [1280.0, 800.0], Theme::Dark);
    for _ in 0..2_000 {
        window.run_steps(1);
        if shows(&window, "Create the project") {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no new project: {:?}", window.state().notices());
}

#[test]
fn the_state_named_at_the_start_is_of_that_project_alone() {
    let (named, other) = (Project::new(), Project::new());
    let elsewhere = tempfile::tempdir().expect("temporary folder");
    let state_dir = elsewhere.path().join("state");
    let at = options(Some(named.path().to_owned()), Some(&state_dir));
    let mut window = opened(at);
    assert!(state_dir.join("holder.json").exists() || state_dir.is_dir());
    window
        .input_mut()
        .dropped_files
        .push(Dropped::of(other.path()));
    window.run_steps(2);
    wait(&mut window, |app| {
        app.session()
            .is_some_and(|s| s.state().folder == other.path())
    });
    assert!(other.path().join(".blindspot").is_dir(), "its own place");
    assert!(!named.path().join(".blindspot").exists());
}

#[test]
fn recent_projects_are_found_from_anywhere() {
    let project = Project::new();
    let settings = project.path().join("app.json");
    let relative = pathdiff(project.path());
    let mut at = options(Some(relative.clone()), None);
    at.settings = Some(settings.clone());
    assert!(relative.is_relative());
    drop(opened(at));
    let kept = std::fs::read_to_string(settings).expect("written");
    let kept: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    let first = kept["recent"][0].as_str().expect("a path");
    assert!(Path::new(first).is_absolute(), "{first}");
}

/// The path of a folder from where the test runs.
fn pathdiff(to: &Path) -> PathBuf {
    let here = std::env::current_dir().expect("somewhere");
    let up = here.components().skip(1).map(|_| "..");
    let down = to.strip_prefix("/").expect("absolute");
    up.collect::<PathBuf>().join(down)
}

#[test]
fn what_failed_before_is_not_shown_on_the_next_screen() {
    let project = Project::new();
    let at = options(Some(project.path().join("missing")), None);
    let mut window = window(at, [1280.0, 800.0], Theme::Dark);
    for _ in 0..400 {
        window.run_steps(1);
        std::thread::sleep(Duration::from_millis(5));
        if !window.state().notices().is_empty() {
            break;
        }
    }
    assert!(window.state().notices()[0].failure);
    window
        .input_mut()
        .dropped_files
        .push(Dropped::of(project.path()));
    for _ in 0..2_000 {
        window.run_steps(1);
        std::thread::sleep(Duration::from_millis(5));
        if window.state().session().is_some() {
            break;
        }
    }
    assert!(window.state().session().is_some());
    assert!(window.state().notices().is_empty());
}

/// Every letter that the window itself writes, in comments aside, is in its
/// fonts.
#[test]
fn no_sign_is_missing_in_the_fonts() {
    let mut letters = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // Letters of other languages, and signs of tokenizers and terminals,
            // are in data and not in the window.
            let of_data = path.components().any(|part| {
                [
                    "dataset",
                    "model",
                    "inference",
                    "llm",
                    "cli",
                    "records",
                    "marks",
                    "suite",
                ]
                .iter()
                .any(|name| part.as_os_str() == *name)
            });
            let is_test = path.to_string_lossy().contains("test");
            if of_data || is_test || path.extension().is_none_or(|kind| kind != "rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("readable");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            letters.extend(lines.flat_map(str::chars).filter(|c| !c.is_ascii()));
        }
    }
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut window = window(
        options(None, Some(folder.path())),
        [900.0, 600.0],
        Theme::Dark,
    );
    window.run_steps(2);
    let missing: Vec<char> = letters
        .into_iter()
        .filter(|letter| {
            let font = FontId::proportional(14.0);
            !window
                .ctx
                .fonts_mut(|fonts| fonts.has_glyph(&font, *letter))
        })
        .collect();
    assert_eq!(missing, Vec::<char>::new());
}
