//! Files inside the program itself.

use std::borrow::Cow;
use std::path::Path;
use std::sync::OnceLock;

use super::copy::Files;
use super::{DEMOS, MANIFEST};

/// A file that is part of the program.
#[derive(Debug)]
pub struct Carried {
    /// Its path in the repository, with `/`.
    pub path: &'static str,
    /// What it holds.
    pub bytes: &'static [u8],
}

/// Set once by the program. The library itself carries nothing, so that
/// everything else that is linked with it stays small.
static CARRIED: OnceLock<&'static [Carried]> = OnceLock::new();

/// Says what the program carries. Only the first call counts.
pub fn carry(files: &'static [Carried]) {
    CARRIED.get_or_init(|| files);
}

/// Gives out carried files.
pub(super) struct Carrier(pub(super) &'static [Carried]);

impl Carrier {
    pub(super) fn of_this_program() -> Self {
        Self(CARRIED.get().copied().unwrap_or_default())
    }

    /// The files below a folder, by their paths in it.
    pub(super) fn below(&self, folder: &Path) -> Files {
        let inside = self.0.iter().filter_map(|file| {
            let path = Path::new(file.path).strip_prefix(folder).ok()?;
            Some((path.to_owned(), Cow::Borrowed(file.bytes)))
        });
        inside.collect()
    }

    /// Names of the demo projects among them.
    pub(super) fn demos(&self) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(|file| {
            let inside = file.path.strip_prefix(DEMOS)?.strip_prefix('/')?;
            let (name, file) = inside.split_once('/')?;
            (file == MANIFEST).then(|| name.to_owned())
        })
    }
}
