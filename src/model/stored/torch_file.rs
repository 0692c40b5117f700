//! A file of PyTorch (`pytorch_model.bin`). candle interprets the few
//! instructions of Python's pickle that describe tensors and runs nothing; the
//! numbers themselves lie beside the pickle, in storages that tensors are views
//! of.

mod old;
mod pickled;
mod zipped;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use candle_core::DType;
use candle_core::pickle::TensorInfo;
use safetensors::tensor::Dtype;

use self::pickled::Pickled;
use super::other_type;
use crate::model::weights_file::decode;
use crate::support::{Error, Result, guard, user_file};

pub(super) struct TorchFile {
    path: PathBuf,
    content: Content,
}

/// What a file of either kind holds.
struct Content {
    tensors: BTreeMap<String, Pickled>,
    /// By key: the bytes of the file in which a storage lies.
    storages: BTreeMap<String, Range<u64>>,
}

impl TorchFile {
    pub(super) fn open(path: &Path) -> Result<Self> {
        user_file::open(path)?;
        let opened = guard::unless_it_panics(|| match old::open(path) {
            None => zipped::open(path),
            old => old,
        });
        match opened.flatten() {
            Some(content) if !content.tensors.is_empty() => Ok(Self {
                path: path.to_owned(),
                content,
            }),
            _ => Err(Error::input(format!(
                "`{}` is not a file of PyTorch with a model's weights",
                path.display()
            ))
            .hint(REMEDY)),
        }
    }

    /// Names and shapes.
    pub(super) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let tensors = self.content.tensors.iter();
        let shape = |pickled: &Pickled| pickled.info.layout.dims().to_vec();
        tensors
            .map(|(name, pickled)| (name.clone(), shape(pickled)))
            .collect()
    }

    /// Reads a tensor of as many elements as `values` has.
    pub(super) fn read(&self, name: &str, values: &mut [f32]) -> Result<()> {
        let of_tensor = || {
            Error::input(format!(
                "the tensor `{name}` of `{}` cannot be read",
                self.path.display()
            ))
            .hint(REMEDY)
        };
        let pickled = self.content.tensors.get(name).ok_or_else(of_tensor)?;
        let kind = match (&pickled.other_type, pickled.info.dtype) {
            (Some(other), _) => {
                return Err(other_type(name, &self.path, &format_args!("{other}")));
            }
            (None, DType::F16) => Dtype::F16,
            (None, DType::BF16) => Dtype::BF16,
            (None, DType::F32) => Dtype::F32,
            (None, DType::F64) => Dtype::F64,
            (None, other) => return Err(other_type(name, &self.path, &other)),
        };
        let read = guard::unless_it_panics(|| self.copy(&pickled.info, kind, values));
        read.flatten().ok_or_else(of_tensor)
    }

    /// Copies the values of a tensor out of its storage; none if it does not
    /// lie within.
    fn copy(&self, info: &TensorInfo, kind: Dtype, values: &mut [f32]) -> Option<()> {
        let (sides, strides) = (info.layout.dims(), info.layout.stride());
        if sides.iter().product::<usize>() != values.len() {
            return None;
        }
        if values.is_empty() {
            return Some(());
        }
        let farthest = sides.iter().zip(strides);
        let farthest = farthest.map(|(side, stride)| (side - 1).checked_mul(*stride));
        let farthest = farthest.sum::<Option<usize>>()?;
        let bytes = (farthest + 1).checked_mul(info.dtype.size_in_bytes())?;
        // candle counts the beginning in bytes.
        let storage = self.content.storages.get(&info.path)?;
        let start = storage.start + info.layout.start_offset() as u64;
        if start.checked_add(bytes as u64)? > storage.end {
            return None;
        }
        let mut data = vec![0; bytes];
        let mut file = File::open(&self.path).ok()?;
        file.seek(SeekFrom::Start(start)).ok()?;
        file.read_exact(&mut data).ok()?;
        let mut stored = vec![0.0; farthest + 1];
        decode(kind, &data, &mut stored).then_some(())?;
        for (at, value) in values.iter_mut().enumerate() {
            let (mut rest, mut place) = (at, 0);
            for (side, stride) in sides.iter().zip(strides).rev() {
                place += (rest % side) * stride;
                rest /= side;
            }
            *value = *stored.get(place)?;
        }
        Some(())
    }
}

const REMEDY: &str = "save the model once more with transformers: `model.save_pretrained(FOLDER)` writes \
                      model.safetensors";
