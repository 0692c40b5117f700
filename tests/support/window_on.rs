//! The real window on a project, without a screen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use blindspot::gui::app::{App, Options};
use egui_kittest::Harness;

pub(crate) fn window_on(project: &Path) -> Harness<'static, App> {
    let options = Options {
        project: Some(project.to_owned()),
        state_dir: None,
        settings: None,
        dialog: Arc::new(|_| Vec::new()),
        new_projects: PathBuf::new(),
        observer: Arc::new(|_| {}),
        view: None,
        first_start: false,
    };
    Harness::builder()
        .with_size([1280.0, 800.0])
        .allow_missing_glyphs()
        .build_eframe(|creation| App::new(&creation.egui_ctx, options))
}
