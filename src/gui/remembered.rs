//! Small files in which the window remembers something from one start to the
//! next.

use std::path::Path;

use serde::{Serialize, de::DeserializeOwned};

use crate::support::{Error, Result, atomic_file};

/// What a file remembers; the usual if there is none or it is damaged.
pub fn load<T: DeserializeOwned + Default>(file: &Path) -> T {
    std::fs::read_to_string(file)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Remembers something in a file of an existing folder.
///
/// # Errors
/// When the file cannot be written.
pub fn save(value: &impl Serialize, file: &Path) -> Result<()> {
    let text = serde_json::to_vec_pretty(value)
        .map_err(|error| Error::program("cannot write").because(error))?;
    atomic_file::write(file, |out| out.write_all(&text))
}
