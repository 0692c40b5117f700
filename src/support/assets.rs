//! Finds the files that come with the program: the built-in encoder, the
//! prompts' folder, the demo projects.

use std::path::{Path, PathBuf};

use super::error::{Error, Result};

/// Folder name of the built-in encoder under `assets/`.
pub const BUILTIN_ENCODER: &str = "all-MiniLM-L6-v2";

/// The folder of the built-in encoder.
pub fn builtin_encoder() -> Result<PathBuf> {
    find(&Path::new("assets").join(BUILTIN_ENCODER))
}

/// The folder of a demo project.
pub fn demo_project(name: &str) -> Result<PathBuf> {
    find(&Path::new("projects").join(name))
}

/// Looks for a shipped file or folder: under `$BLINDSPOT_HOME`, beside the
/// program, in `../share/blindspot`, and in the source tree it was built from.
fn find(relative: &Path) -> Result<PathBuf> {
    let places = places();
    places
        .iter()
        .map(|place| place.join(relative))
        .find(|path| path.exists())
        .ok_or_else(|| {
            Error::input(format!("cannot find `{}`", relative.display())).hint(
                "set BLINDSPOT_HOME to the folder that holds `assets` and `projects`, \
                 for instance a clone of the repository",
            )
        })
}

fn places() -> Vec<PathBuf> {
    let mut places = Vec::new();
    if let Some(home) = std::env::var_os("BLINDSPOT_HOME") {
        places.push(PathBuf::from(home));
    }
    if let Some(folder) = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(Path::to_path_buf))
    {
        places.push(folder.clone());
        places.push(folder.join("../share/blindspot"));
    }
    places.push(PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    places
}
