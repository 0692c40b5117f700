//! Finds what comes with the program: the built-in encoder and the demo
//! projects. They lie in the checkout or beside the program; a program that
//! finds neither takes them out of itself, into the user's own folder.

mod carried;
mod copy;
mod places;

use std::path::{Path, PathBuf};

use self::carried::Carrier;
pub use self::carried::{Carried, carry};
use self::places::{Place, Surroundings};
use super::atomic_file::is_writable;
use super::error::{Error, Result};

/// Folder name of the built-in encoder under `assets/`.
pub const BUILTIN_ENCODER: &str = "all-MiniLM-L6-v2";

/// Name of the demo that is shown first.
pub const DEMO: &str = "sentiment";

/// Folder of the demo projects.
const DEMOS: &str = "projects";

/// File that makes a folder a project.
const MANIFEST: &str = "project.toml";

/// The folder of the built-in encoder.
///
/// # Errors
/// When it is nowhere, or when it has to be taken out of the program and the
/// user's own folder cannot be written.
pub fn builtin_encoder() -> Result<PathBuf> {
    Shipped::usual().encoder()
}

/// The folder of a demo project that may be written to: its own in a checkout,
/// else the user's copy, which is made if there is none yet.
///
/// # Errors
/// When there is no such demo, or the copy cannot be made.
pub fn demo_project(name: &str) -> Result<PathBuf> {
    Shipped::usual().demo(name)
}

/// Copies a demo project, as it comes with the program, into a new folder.
///
/// # Errors
/// When there is no such demo, when the folder exists, or when it cannot be
/// written.
pub fn copy_demo(name: &str, to: &Path) -> Result<()> {
    let shipped = Shipped::usual();
    copy::into_new_folder(&shipped.files_of_demo(name)?, to)
}

/// Names of the demo projects that come with the program, sorted.
pub fn demos() -> Vec<String> {
    Shipped::usual().demos()
}

/// The folder of the user's own for what the program copies or unpacks.
///
/// # Errors
/// When the system names none.
pub fn own_folder() -> Result<PathBuf> {
    Surroundings::of_this_process().own_folder()
}

/// What comes with the program, as seen from somewhere.
struct Shipped {
    surroundings: Surroundings,
    carrier: Carrier,
}

impl Shipped {
    fn usual() -> Self {
        Self {
            surroundings: Surroundings::of_this_process(),
            carrier: Carrier::of_this_program(),
        }
    }

    fn encoder(&self) -> Result<PathBuf> {
        let relative = Path::new("assets").join(BUILTIN_ENCODER);
        let places = self.surroundings.places();
        if let Some(place) = holding(&places, &relative.join("config.json")) {
            return Ok(place.folder.join(relative));
        }
        let files = self.carrier.below(&relative);
        if files.is_empty() {
            return Err(nowhere(&relative, &places));
        }
        let own = self.surroundings.own_folder()?.join(relative);
        copy::refresh(&files, &own).map_err(|error| {
            error.hint(
                "the built-in model is unpacked there once: set XDG_DATA_HOME to a folder that \
                 can be written to, or BLINDSPOT_HOME to one that holds `assets` and `projects`",
            )
        })?;
        Ok(own)
    }

    fn demo(&self, name: &str) -> Result<PathBuf> {
        let places = self.surroundings.places();
        if let Some(place) = holding(&places, &demo_file(name)) {
            let folder = place.folder.join(DEMOS).join(name);
            if place.is_checkout && is_writable(&folder) {
                return Ok(folder);
            }
        }
        let files = self.files_of_demo(name)?;
        let own = self.surroundings.own_folder()?.join("demos").join(name);
        // What the user did with an earlier copy is not overwritten.
        if !own.join(MANIFEST).is_file() {
            copy::into_new_folder(&files, &own)?;
        }
        Ok(own)
    }

    /// The files of a demo as they come with the program.
    fn files_of_demo(&self, name: &str) -> Result<copy::Files> {
        let relative = Path::new(DEMOS).join(name);
        let places = self.surroundings.places();
        if let Some(place) = holding(&places, &demo_file(name)) {
            return copy::files_below(&place.folder.join(relative));
        }
        let files = self.carrier.below(&relative);
        if !files.is_empty() {
            return Ok(files);
        }
        let error = nowhere(&relative, &places);
        Err(match &self.demos()[..] {
            [] => error,
            demos => error.hint(format!("the demos are {}", demos.join(", "))),
        })
    }

    fn demos(&self) -> Vec<String> {
        let places = self.surroundings.places();
        let folders = places.iter().flat_map(|place| {
            let entries = std::fs::read_dir(place.folder.join(DEMOS));
            entries.into_iter().flatten().flatten()
        });
        let found = folders
            .filter(|entry| entry.path().join(MANIFEST).is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = found.chain(self.carrier.demos()).collect();
        names.sort();
        names.dedup();
        names
    }
}

fn demo_file(name: &str) -> PathBuf {
    Path::new(DEMOS).join(name).join(MANIFEST)
}

/// The first place that holds a file.
fn holding<'a>(places: &'a [Place], relative: &Path) -> Option<&'a Place> {
    let mut places = places.iter();
    places.find(|place| place.folder.join(relative).is_file())
}

fn nowhere(relative: &Path, places: &[Place]) -> Error {
    let looked: Vec<String> = places
        .iter()
        .map(|place| format!("`{}`", place.folder.display()))
        .collect();
    Error::input(format!(
        "cannot find `{}`, which comes with the program: this build does not carry it, and it is \
         in none of {}",
        relative.display(),
        looked.join(", ")
    ))
    .hint(
        "set BLINDSPOT_HOME to the folder that holds `assets` and `projects`, for instance a \
         clone of the repository",
    )
}

#[cfg(test)]
mod tests;
