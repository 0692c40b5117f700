//! How a project is looked at, remembered in its state folder from one start
//! to the next.

use std::path::Path;

use crate::gui::view_state::ViewState;
use crate::support::atomic_file;

/// Name of the file.
const FILE: &str = "view.json";

/// The view that was saved last; the usual one if none can be read.
pub(super) fn load(state_folder: &Path) -> ViewState {
    std::fs::read_to_string(state_folder.join(FILE))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Saves the view. One that cannot be saved is no reason to disturb anybody:
/// the next start is the usual one.
pub(super) fn save(view: &ViewState, state_folder: &Path) {
    if let Ok(text) = serde_json::to_vec(view)
        && state_folder.is_dir()
    {
        let file = state_folder.join(FILE);
        drop(atomic_file::write(&file, |out| out.write_all(&text)));
    }
}
