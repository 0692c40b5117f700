//! Files as PyTorch wrote them before version 1.6: a row of pickles, then the
//! numbers. Many models of that time are still in use.
//!
//! The layout is that of `torch.serialization._legacy_save`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use candle_core::pickle::{Object, Stack};

use super::Content;
use super::pickled::tensors_of;

/// The first pickle, PyTorch's magic number.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// Bytes of the number in front of each storage that counts its values.
const COUNT: usize = 8;

/// Reads everything but the numbers; none if it is no such file.
pub(super) fn open(path: &Path) -> Option<Content> {
    let mut reader = BufReader::new(File::open(path).ok()?);
    let length = reader.get_ref().metadata().ok()?.len();
    let mut magic = [0; MAGIC.len()];
    reader.read_exact(&mut magic).ok()?;
    if magic != MAGIC {
        return None;
    }
    let mut pickle = || {
        let mut stack = Stack::empty();
        stack.read_loop(&mut reader).ok()?;
        stack.finalize().ok()
    };
    let (_version, _machine) = (pickle()?, pickle()?);
    let tensors = tensors_of(pickle()?, Path::new(""));
    let Object::List(keys) = pickle()? else {
        return None;
    };
    let sizes: BTreeMap<&str, u64> = tensors
        .values()
        .filter_map(|tensor| Some((tensor.info.path.as_str(), tensor.value_bytes()?)))
        .collect();
    let mut storages = BTreeMap::new();
    for key in keys {
        let key = format!("/{}", key.unicode().ok()?);
        let mut count = [0; COUNT];
        reader.read_exact(&mut count).ok()?;
        let count = u64::from_le_bytes(count);
        let start = reader.stream_position().ok()?;
        // The size of a storage that no tensor lies in is not known.
        let end = start.checked_add(count.checked_mul(*sizes.get(key.as_str())?)?)?;
        if end > length {
            return None;
        }
        storages.insert(key, start..end);
        reader.seek(SeekFrom::Start(end)).ok()?;
    }
    Some(Content { tensors, storages })
}
