//! Where the program looks for what comes with it, and where it may write.

use std::path::{Path, PathBuf};

use crate::support::{Error, Result};

/// Folders between the checkout and a program that was built in it:
/// `target/TRIPLE/PROFILE/deps`, and the program's own.
const DEEPEST: usize = 5;

/// A folder that may hold `assets` and `projects`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    /// Whether it belongs to somebody who works on it, so that a demo is
    /// opened there and not copied.
    pub(super) is_checkout: bool,
}

/// What decides where things lie.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// `BLINDSPOT_HOME`.
    pub(super) home: Option<PathBuf>,
    /// The crate that cargo runs the program for.
    pub(super) crate_folder: Option<PathBuf>,
    /// The program's file, links resolved.
    pub(super) program: Option<PathBuf>,
    /// The folder of the system for what programs keep for a user.
    pub(super) data_home: Option<PathBuf>,
}

impl Surroundings {
    pub(super) fn of_this_process() -> Self {
        let variable = |name: &str| {
            let value = std::env::var_os(name).filter(|value| !value.is_empty());
            value.map(PathBuf::from)
        };
        let program = std::env::current_exe().ok();
        Self {
            home: variable("BLINDSPOT_HOME"),
            crate_folder: variable("CARGO_MANIFEST_DIR"),
            program: program.map(|file| file.canonicalize().unwrap_or(file)),
            data_home: data_home(variable),
        }
    }

    /// The places, in the order in which they are looked at: what was named,
    /// what lies beside the program as packages lay it out, the checkout.
    pub(super) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        let mut add = |folder: PathBuf, is_checkout| {
            places.push(Place {
                folder,
                is_checkout,
            });
        };
        if let Some(home) = &self.home {
            add(home.clone(), true);
        }
        let beside = self.program.as_deref().and_then(Path::parent);
        if let Some(folder) = beside {
            let above = folder.parent().unwrap_or(folder);
            add(folder.to_owned(), false);
            add(above.join("share/blindspot"), false);
            add(above.join("Resources"), false); // of a macOS application
        }
        let built_in = beside.into_iter().flat_map(Path::ancestors).take(DEEPEST);
        let checkouts = self.crate_folder.iter().map(PathBuf::as_path);
        checkouts
            .chain(built_in)
            .filter(|folder| folder.join("Cargo.toml").is_file())
            .for_each(|folder| add(folder.to_owned(), true));
        places
    }

    /// The user's own folder for copies.
    pub(super) fn own_folder(&self) -> Result<PathBuf> {
        let folder = self.data_home.as_ref().ok_or_else(|| {
            Error::input("this system names no folder for what programs keep for you")
                .hint("set XDG_DATA_HOME to a folder that can be written to")
        })?;
        Ok(folder.join("blindspot"))
    }
}

/// `XDG_DATA_HOME`, or what the system has for the same.
fn data_home(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    let usual = if cfg!(target_os = "macos") {
        "Library/Application Support"
    } else {
        ".local/share"
    };
    variable("XDG_DATA_HOME")
        .filter(|folder| folder.is_absolute())
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_folder_follows_the_system() {
        let with = |set: &[(&str, &str)]| {
            let set = set.to_vec();
            data_home(move |name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| PathBuf::from(value))
            })
        };
        assert_eq!(with(&[]), None);
        let home = with(&[("HOME", "/h")]).expect("a home is enough");
        assert!(home.starts_with("/h") && home != Path::new("/h"));
        // The specification says to ignore relative paths.
        assert_eq!(with(&[("HOME", "/h"), ("XDG_DATA_HOME", "x")]), Some(home));
        let named = with(&[("HOME", "/h"), ("XDG_DATA_HOME", "/x")]);
        assert_eq!(named, Some(PathBuf::from("/x")));
    }

    #[test]
    fn a_program_that_was_moved_away_forgets_where_it_was_built() {
        let checkout = tempfile::tempdir().expect("temporary folder");
        std::fs::write(checkout.path().join("Cargo.toml"), "").expect("writes");
        let of = |program: &Path| Surroundings {
            program: Some(program.to_owned()),
            ..Surroundings::default()
        };
        let finds = |program: &Path| {
            let places = of(program).places();
            places
                .iter()
                .any(|place| place.is_checkout && place.folder == checkout.path())
        };
        let target = checkout.path().join("target");
        assert!(finds(&target.join("release/blindspot")));
        assert!(finds(&target.join("x86_64-unknown-linux-gnu/debug/deps/t")));
        assert!(!finds(Path::new("/opt/bin/blindspot")));
        let installed = of(Path::new("/usr/bin/blindspot")).places();
        let shared = Place {
            folder: PathBuf::from("/usr/share/blindspot"),
            is_checkout: false,
        };
        assert!(installed.contains(&shared), "{installed:?}");
    }
}
