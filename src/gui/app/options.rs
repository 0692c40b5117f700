//! What an app is given by whoever starts it: the program, or a test.

use std::path::PathBuf;
use std::sync::Arc;

use crate::gui::app_settings;
use crate::gui::pick::{Dialog, system_dialog};
use crate::gui::read::Ask;
use crate::session::view::HandedView;
use crate::support::typed_path::home;

/// What an app is started with.
#[derive(Clone)]
pub struct Options {
    /// Project to open first; the start screen without one.
    pub project: Option<PathBuf>,
    /// Where the program writes, instead of `.blindspot` in the project.
    pub state_dir: Option<PathBuf>,
    /// File with theme, size and recent projects; none: nothing is remembered.
    pub settings: Option<PathBuf>,
    /// How files are picked.
    pub dialog: Dialog,
    /// Where new projects go unless somebody says otherwise.
    pub new_projects: PathBuf,
    /// Told of everything that panels ask for, before it is done.
    pub observer: Observer,
    /// A view from elsewhere, to be shown on the project.
    pub view: Option<HandedView>,
    /// Whether nobody has opened anything before: then the window says where
    /// one is.
    pub first_start: bool,
}

/// See [`Options::observer`].
pub type Observer = Arc<dyn Fn(&Ask)>;

impl Options {
    /// As the program starts it.
    pub fn usual(project: Option<PathBuf>) -> Self {
        Self {
            project,
            state_dir: None,
            settings: app_settings::usual_file(),
            dialog: system_dialog(),
            new_projects: home().unwrap_or_default(),
            observer: Arc::new(|_| {}),
            view: None,
            first_start: false,
        }
    }
}
