//! A window without a screen, and how tests use it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::Theme;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use blindspot::gui::app::{App, Options};
use blindspot::steps::State;
use blindspot::support::assets;

pub(crate) type Window = Harness<'static, App>;

/// What a window is started with: no dialog answers, nothing is remembered.
pub(crate) fn options(project: Option<PathBuf>, state: Option<&Path>) -> Options {
    Options {
        project,
        state_dir: state.map(Path::to_path_buf),
        settings: None,
        dialog: Arc::new(|_| Vec::new()),
        new_projects: PathBuf::new(),
        observer: Arc::new(|_| {}),
        view: None,
        first_start: false,
    }
}

pub(crate) fn window(options: Options, size: [f32; 2], theme: Theme) -> Window {
    Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .allow_missing_glyphs()
        .build_eframe(|creation| {
            let app = App::new(&creation.egui_ctx, options);
            creation.egui_ctx.set_theme(theme);
            app
        })
}

pub(crate) fn demo(state: &Path) -> Window {
    demo_in(state, [1280.0, 800.0], Theme::Dark)
}

pub(crate) fn demo_in(state: &Path, size: [f32; 2], theme: Theme) -> Window {
    demo_called("sentiment", state, size, theme)
}

pub(crate) fn demo_called(name: &str, state: &Path, size: [f32; 2], theme: Theme) -> Window {
    let folder = assets::demo_project(name).expect("the demos are part of the repository");
    let mut window = window(options(Some(folder), Some(state)), size, theme);
    wait(&mut window, |app| {
        let state = app.session().map(|session| session.state());
        state.is_some_and(|state| state.preview.is_some())
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
        assert!(
            began.elapsed() < Duration::from_secs(120),
            "waited too long"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    window.run_steps(3);
}

pub(crate) fn state(window: &Window) -> &State {
    window.state().session().expect("a project is open").state()
}

pub(crate) fn click(window: &mut Window, label: &str) {
    window.get_by_label(label).click();
    window.run_steps(4);
}

pub(crate) fn click_first(window: &mut Window, label: &str) {
    window
        .get_all_by_label_contains(label)
        .next()
        .expect(label)
        .click();
    window.run_steps(4);
}

/// Presses the first control whose name contains some words, whether or not it
/// is scrolled into sight.
pub(crate) fn press(window: &mut Window, label: &str) {
    let mut found = window.get_all_by_label_contains(label);
    found.next().expect(label).click_accesskit();
    drop(found);
    window.run_steps(4);
}

/// Whether anything in the window is called so, in part.
pub(crate) fn shows(window: &Window, text: &str) -> bool {
    window.query_all_by_label_contains(text).next().is_some()
}
