//! Files as PyTorch wrote them before version 1.6: a row of pickles, then the
//! numbers. Many models of that time are still in use.
//!
//! The layout is that of `torch.serialization._legacy_save`; candle's
//! interpreter of pickles reads each, and runs nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use candle_core::DType;
use candle_core::pickle::{Object, Stack, TensorInfo};
use safetensors::tensor::Dtype;

use super::NESTED;
use crate::model::weights_file::decode;

/// The first pickle, PyTorch's magic number.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// Bytes of the number in front of each storage that counts its elements.
const COUNT: u64 = 8;

/// An opened file: its tensors, and where their storages lie.
pub(super) struct OldFile {
    pub(super) tensors: BTreeMap<String, TensorInfo>,
    /// By key: the first byte and the number of elements.
    storages: BTreeMap<String, (u64, u64)>,
}

impl OldFile {
    /// Reads everything but the numbers; none if it is no such file.
    pub(super) fn open(path: &Path) -> Option<Self> {
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
        let tensors = tensors_of(pickle()?);
        let Object::List(keys) = pickle()? else {
            return None;
        };
        let sizes: BTreeMap<String, u64> = tensors
            .values()
            .map(|info| (info.path.clone(), info.dtype.size_in_bytes() as u64))
            .collect();
        let mut storages = BTreeMap::new();
        for key in keys {
            let key = format!("/{}", key.unicode().ok()?);
            let mut count = [0; COUNT as usize];
            reader.read_exact(&mut count).ok()?;
            let count = u64::from_le_bytes(count);
            let start = reader.stream_position().ok()?;
            // The size of a storage that no tensor lies in is not known.
            let end = start.checked_add(count.checked_mul(*sizes.get(&key)?)?)?;
            if end > length {
                return None;
            }
            storages.insert(key, (start, count));
            reader.seek(SeekFrom::Start(end)).ok()?;
        }
        Some(Self { tensors, storages })
    }

    /// Reads a tensor of as many elements as `values` has; none if it does not
    /// lie within its storage or is of no float type.
    pub(super) fn read(&self, path: &Path, name: &str, values: &mut [f32]) -> Option<()> {
        let info = self.tensors.get(name)?;
        let kind = match info.dtype {
            DType::F16 => Dtype::F16,
            DType::BF16 => Dtype::BF16,
            DType::F32 => Dtype::F32,
            DType::F64 => Dtype::F64,
            _ => return None,
        };
        let (start, count) = *self.storages.get(&info.path)?;
        let size = info.dtype.size_in_bytes() as u64;
        let mut data = vec![0; usize::try_from(count * size).ok()?];
        let mut file = File::open(path).ok()?;
        file.seek(SeekFrom::Start(start)).ok()?;
        file.read_exact(&mut data).ok()?;
        let mut storage = vec![0.0; usize::try_from(count).ok()?];
        decode(kind, &data, &mut storage).then_some(())?;
        // candle counts the beginning in bytes.
        let first = info.layout.start_offset() / info.dtype.size_in_bytes();
        let (sides, strides) = (info.layout.dims(), info.layout.stride());
        for (at, value) in values.iter_mut().enumerate() {
            let (mut rest, mut place) = (at, first);
            for (side, stride) in sides.iter().zip(strides).rev() {
                place = place.checked_add((rest % side).checked_mul(*stride)?)?;
                rest /= side;
            }
            *value = *storage.get(place)?;
        }
        Some(())
    }
}

/// The tensors of a dictionary, or of one in it that holds the weights.
fn tensors_of(object: Object) -> BTreeMap<String, TensorInfo> {
    let Object::Dict(entries) = object else {
        return BTreeMap::new();
    };
    let mut nested = None;
    let mut tensors = BTreeMap::new();
    for (name, value) in entries {
        let is_nested = matches!(&name, Object::Unicode(key) if NESTED.contains(&key.as_str()));
        if is_nested && matches!(value, Object::Dict(_)) {
            nested = Some(value);
        } else if let Ok(Some(info)) = value.into_tensor_info(name, Path::new("")) {
            tensors.insert(info.name.clone(), info);
        }
    }
    match nested {
        Some(nested) if tensors.is_empty() => tensors_of(nested),
        _ => tensors,
    }
}
