//! Files as PyTorch writes them since version 1.6: a ZIP archive of a pickle
//! and of one entry, not compressed, for each storage.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use candle_core::pickle::Stack;
use zip::{CompressionMethod, ZipArchive};

use super::Content;
use super::pickled::tensors_of;

/// The pickle of an archive; in front of its name stands that of the archive.
const PICKLE: &str = "data.pkl";

/// Reads everything but the numbers; none if it is no such file.
pub(super) fn open(path: &Path) -> Option<Content> {
    let file = BufReader::new(File::open(path).ok()?);
    let mut archive = ZipArchive::new(file).ok()?;
    let mut tensors = BTreeMap::new();
    let mut storages = BTreeMap::new();
    for number in 0..archive.len() {
        let entry = archive.by_index(number).ok()?;
        let name = entry.name().ok()?.into_owned();
        if let Some(folder) = name.strip_suffix(PICKLE) {
            let mut stack = Stack::empty();
            stack.read_loop(&mut BufReader::new(entry)).ok()?;
            let object = stack.finalize().ok()?;
            tensors.append(&mut tensors_of(object, &Path::new(folder).join("data")));
        } else if entry.compression() == CompressionMethod::Stored {
            let start = entry.data_start()?;
            storages.insert(name, start..start.checked_add(entry.size())?);
        }
    }
    Some(Content { tensors, storages })
}
