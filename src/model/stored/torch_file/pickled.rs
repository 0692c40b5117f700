//! The tensors that a pickle of PyTorch describes.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::pickle::{Object, TensorInfo};

/// Keys under which training programs put the weights beside other things.
const NESTED: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// Storages that candle knows.
const KNOWN: [&str; 6] = [
    "FloatStorage",
    "DoubleStorage",
    "HalfStorage",
    "BFloat16Storage",
    "ByteStorage",
    "LongStorage",
];

/// Storages that it does not know: the type, and the bytes of a value.
const OTHERS: [(&str, &str, u64); 6] = [
    ("BoolStorage", "bool", 1),
    ("CharStorage", "int8", 1),
    ("ShortStorage", "int16", 2),
    ("IntStorage", "int32", 4),
    ("ComplexFloatStorage", "complex64", 8),
    ("ComplexDoubleStorage", "complex128", 16),
];

/// A tensor of a pickle.
pub(super) struct Pickled {
    /// Name, shape and place.
    pub(super) info: TensorInfo,
    /// Its type, if no weights are kept in it and candle does not know it;
    /// then that of `info` means nothing.
    pub(super) other_type: Option<String>,
}

impl Pickled {
    /// Bytes of a value, if they are known.
    pub(super) fn value_bytes(&self) -> Option<u64> {
        match &self.other_type {
            None => Some(self.info.dtype.size_in_bytes() as u64),
            Some(other) => {
                let known = OTHERS.iter().find(|(_, name, _)| name == other);
                known.map(|(_, _, bytes)| *bytes)
            }
        }
    }
}

/// The tensors of a dictionary, or of one in it that holds the weights.
/// `folder` is put in front of the keys of their storages.
pub(super) fn tensors_of(object: Object, folder: &Path) -> BTreeMap<String, Pickled> {
    let Object::Dict(entries) = object else {
        return BTreeMap::new();
    };
    let mut nested = None;
    let mut tensors = BTreeMap::new();
    for (name, mut value) in entries {
        let is_nested = matches!(&name, Object::Unicode(key) if NESTED.contains(&key.as_str()));
        if is_nested && matches!(value, Object::Dict(_)) {
            nested = Some(value);
            continue;
        }
        let other_type = as_bytes(&mut value);
        if let Ok(Some(info)) = value.into_tensor_info(name, folder) {
            tensors.insert(info.name.clone(), Pickled { info, other_type });
        }
    }
    match nested {
        Some(nested) if tensors.is_empty() => tensors_of(nested, folder),
        _ => tensors,
    }
}

/// Gives a tensor of a type that candle does not know out for one of bytes, so
/// that it reads name and shape instead of leaving the tensor out; what comes
/// back is the type.
fn as_bytes(object: &mut Object) -> Option<String> {
    match object {
        Object::Reduce { callable, args } => {
            let given = newer_type(callable, args);
            let of_storage = as_bytes(callable).or_else(|| as_bytes(args));
            given.or(of_storage)
        }
        Object::Tuple(parts) => parts.iter_mut().find_map(as_bytes),
        Object::PersistentLoad(storage) => {
            let Object::Tuple(parts) = &mut **storage else {
                return None;
            };
            let Some(Object::Class { class_name, .. }) = parts.get_mut(1) else {
                return None;
            };
            if KNOWN.contains(&class_name.as_str()) {
                return None;
            }
            let name = std::mem::replace(class_name, "ByteStorage".into());
            let other = OTHERS.iter().find(|(storage, ..)| *storage == name);
            Some(other.map_or(name.clone(), |(_, kind, _)| (*kind).to_owned()))
        }
        _ => None,
    }
}

/// The type of a tensor whose storage does not say it, as PyTorch writes those
/// of newer types; it is made to look like an older one.
fn newer_type(callable: &mut Object, args: &Object) -> Option<String> {
    const TYPE: usize = 6;
    let Object::Class { class_name, .. } = callable else {
        return None;
    };
    let Object::Tuple(args) = args else {
        return None;
    };
    if class_name != "_rebuild_tensor_v3" {
        return None;
    }
    *class_name = "_rebuild_tensor_v2".into();
    match args.get(TYPE) {
        Some(Object::Class { class_name, .. }) => Some(class_name.clone()),
        _ => None,
    }
}
