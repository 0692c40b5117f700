//! Tensors in safetensors files: reading any float type, writing f32 or f16.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, View};
use serde::{Deserialize, Serialize};

use crate::support::{Error, Result};

/// Number format of a weights file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 16 bits: half the size; rounding moves logits by about a thousandth.
    F16,
    /// 32 bits: exactly what was trained.
    F32,
}

/// A tensor about to be written.
pub struct Outgoing<'a> {
    /// Shape; its product is the length of `values`.
    pub shape: Vec<usize>,
    /// Row-major values.
    pub values: &'a [f32],
    /// Format in the file.
    pub precision: Precision,
}

impl View for Outgoing<'_> {
    fn dtype(&self) -> Dtype {
        match self.precision {
            Precision::F16 => Dtype::F16,
            Precision::F32 => Dtype::F32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(match self.precision {
            Precision::F16 => self
                .values
                .iter()
                .flat_map(|x| f16::from_f32(*x).to_le_bytes())
                .collect(),
            Precision::F32 => self.values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        })
    }

    fn data_len(&self) -> usize {
        self.values.len() * self.dtype().bitsize() / 8
    }
}

/// Puts named tensors and notes together as a safetensors file.
///
/// # Errors
/// When the library refuses them, which would be a mistake of ours.
pub fn serialise(
    tensors: Vec<(String, Outgoing)>,
    notes: HashMap<String, String>,
) -> Result<Vec<u8>> {
    safetensors::serialize(tensors, Some(notes))
        .map_err(|e| Error::program("cannot put the weights together").because(e))
}

/// An opened safetensors file.
pub struct Incoming<'a> {
    tensors: SafeTensors<'a>,
    notes: HashMap<String, String>,
    path: &'a Path,
}

impl<'a> Incoming<'a> {
    /// Opens the bytes of a file; `path` is for messages.
    ///
    /// # Errors
    /// When the file is truncated or is no safetensors file.
    pub fn open(bytes: &'a [u8], path: &'a Path) -> Result<Self> {
        let broken = |e: safetensors::SafeTensorError| {
            Error::input(format!(
                "`{}` is not a whole safetensors file",
                path.display()
            ))
            .because(e)
            .hint("it was probably cut off on its way; copy or download it again")
        };
        let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(broken)?;
        Ok(Self {
            tensors: SafeTensors::deserialize(bytes).map_err(broken)?,
            notes: metadata.metadata().clone().unwrap_or_default(),
            path,
        })
    }

    /// A note of the file's header.
    pub fn note(&self, name: &str) -> Option<&str> {
        self.notes.get(name).map(String::as_str)
    }

    /// Whether the file holds a tensor of that name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    /// Shape of a tensor, if the file holds it.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        Some(self.tensors.tensor(name).ok()?.shape().to_vec())
    }

    /// Reads a tensor into `values`.
    ///
    /// # Errors
    /// When it is missing, has another shape, is not of a float type, or holds
    /// values that are not finite.
    pub fn read(&self, name: &str, shape: &[usize], values: &mut [f32]) -> Result<()> {
        let place = || format!("the tensor `{name}` of `{}`", self.path.display());
        let hint = "config.json and model.safetensors must come from the same model";
        let tensor = self
            .tensors
            .tensor(name)
            .map_err(|_| Error::input(format!("{} is missing", place())).hint(hint))?;
        if tensor.shape() != shape {
            return Err(Error::input(format!(
                "{} has the shape {:?} instead of {shape:?}",
                place(),
                tensor.shape()
            ))
            .hint(hint));
        }
        if !decode(tensor.dtype(), tensor.data(), values) {
            let kind = tensor.dtype();
            return Err(Error::input(format!("{} is of the type {kind:?}", place()))
                .hint("save the model in f16, bf16 or f32"));
        }
        if values.iter().all(|x| x.is_finite()) {
            Ok(())
        } else {
            Err(
                Error::input(format!("{} holds values that are not finite", place())).hint(
                    "the model was damaged while it was trained or saved; use an earlier copy",
                ),
            )
        }
    }
}

/// Turns the bytes of a tensor into numbers; false if it is not of a float
/// type.
pub(super) fn decode(kind: Dtype, data: &[u8], values: &mut [f32]) -> bool {
    match kind {
        Dtype::F16 => fill(values, data, |b| f16::from_le_bytes(b).to_f32()),
        Dtype::BF16 => fill(values, data, |b| bf16::from_le_bytes(b).to_f32()),
        Dtype::F32 => fill(values, data, f32::from_le_bytes),
        Dtype::F64 => fill(values, data, |b| f64::from_le_bytes(b) as f32),
        _ => return false,
    }
    true
}

fn fill<const N: usize>(values: &mut [f32], data: &[u8], convert: impl Fn([u8; N]) -> f32) {
    let (items, _) = data.as_chunks::<N>();
    for (value, bytes) in values.iter_mut().zip(items) {
        *value = convert(*bytes);
    }
}
