//! Opens the window of the system that the app is shown in.

use std::path::Path;

use eframe::egui;

use super::{App, Options};
use crate::gui::app_settings::AppSettings;
use crate::session::view::HandedView;
use crate::support::{Error, Result, assets};

/// For the title bar and the task bar.
const ICON: &[u8] = include_bytes!("../../../packaging/icons/256x256.png");

/// Opens the window, on a project or on data files for a new one, looked through
/// as in the file `view` if one is named; the program writes into `state_dir` for
/// the project, or else where it usually does.
///
/// # Errors
/// When the view cannot be read, or when there is no display or no way to draw
/// on it.
pub fn open(project: Option<&Path>, view: Option<&Path>, state_dir: Option<&Path>) -> Result<()> {
    let view = view.map(HandedView::open).transpose()?;
    let viewport = egui::ViewportBuilder::default()
        .with_title("Blindspot")
        .with_app_id("blindspot")
        .with_inner_size([1360.0, 820.0])
        .with_min_inner_size([900.0, 560.0]);
    let native = eframe::NativeOptions {
        // Without its icon the window has the library's.
        viewport: match eframe::icon_data::from_png_bytes(ICON) {
            Ok(icon) => viewport.with_icon(icon),
            Err(_) => viewport,
        },
        ..eframe::NativeOptions::default()
    };
    let mut options = Options {
        view,
        state_dir: state_dir.map(Path::to_path_buf),
        ..Options::usual(project.map(Path::to_path_buf))
    };
    let settings = options.settings.as_deref().map(AppSettings::load);
    if options.project.is_none() && settings.is_none_or(|s| s.recent.is_empty()) {
        // Somebody who has never opened anything sees at once what it is about.
        options.project = assets::demo_project(assets::DEMO).ok();
        options.first_start = true;
    }
    eframe::run_native(
        "Blindspot",
        native,
        Box::new(move |creation| Ok(Box::new(App::new(&creation.egui_ctx, options)))),
    )
    .map_err(|error| {
        Error::input("cannot open a window")
            .because(without_place(&error.to_string()))
            .hint(remedy(&error))
    })
}

/// What helps where a window does not open.
fn remedy(error: &eframe::Error) -> &'static str {
    match error {
        eframe::Error::Glutin(_)
        | eframe::Error::NoGlutinConfigs(..)
        | eframe::Error::OpenGL(_) => {
            "the window is drawn with OpenGL, without a graphics card in software: on Debian and \
             Ubuntu `sudo apt-get install libgl1 libegl1 libgl1-mesa-dri`. Everything but the \
             window works without, for instance `blindspot run PROJECT`; `blindspot demo` gives one"
        }
        _ => {
            "without a display use the headless commands, for instance `blindspot run PROJECT`; \
             `blindspot demo` gives one"
        }
    }
}

/// A message without the place in a library's source that some begin with.
fn without_place(message: &str) -> String {
    let after = message
        .rsplit_once(".rs:")
        .and_then(|(_, rest)| rest.split_once(": "));
    after.map_or(message, |(_, said)| said).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_a_picture() {
        let icon = eframe::icon_data::from_png_bytes(ICON).expect("is a PNG");
        assert_eq!((icon.width, icon.height), (256, 256));
        let corner = icon.rgba[3];
        assert_eq!(corner, 0, "the corners are round");
    }

    #[test]
    fn no_path_of_a_library_is_shown() {
        let said = "winit error: os error at /home/a/winit/src/mod.rs:765: no display is set";
        assert_eq!(without_place(said), "no display is set");
        assert_eq!(without_place("no OpenGL"), "no OpenGL");
    }
}
