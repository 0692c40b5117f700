//! A file of PyTorch (`pytorch_model.bin`), read by candle: it interprets the
//! few instructions of Python's pickle that describe tensors and runs nothing.

mod old;

use std::path::{Path, PathBuf};

use candle_core::DType;
use candle_core::pickle::{PthTensors, TensorInfo};

use self::old::OldFile;
use super::other_type;
use crate::support::{Error, Result, guard, user_file};

/// Keys under which training programs put the weights beside other things.
const NESTED: [&str; 3] = ["state_dict", "model_state_dict", "model"];

pub(super) struct TorchFile {
    path: PathBuf,
    tensors: Tensors,
}

enum Tensors {
    Zipped(PthTensors),
    Old(OldFile),
}

impl TorchFile {
    pub(super) fn open(path: &Path) -> Result<Self> {
        user_file::open(path)?;
        if let Some(Some(old)) = guard::unless_it_panics(|| OldFile::open(path)) {
            return match old.tensors.is_empty() {
                true => Err(broken(path)),
                false => Ok(Self {
                    path: path.to_owned(),
                    tensors: Tensors::Old(old),
                }),
            };
        }
        let keys = std::iter::once(None).chain(NESTED.map(Some));
        let mut cause = None;
        for key in keys {
            match guard::unless_it_panics(|| PthTensors::new(path, key)) {
                Some(Ok(tensors)) if !tensors.tensor_infos().is_empty() => {
                    return Ok(Self {
                        path: path.to_owned(),
                        tensors: Tensors::Zipped(tensors),
                    });
                }
                Some(Err(error)) => cause = cause.or(Some(error)),
                _ => {}
            }
        }
        let error = broken(path);
        Err(match cause {
            Some(cause) => error.because(cause),
            None => error,
        })
    }

    /// Names and shapes.
    pub(super) fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let shape =
            |(name, info): (&String, &TensorInfo)| (name.clone(), info.layout.dims().to_vec());
        let mut all: Vec<_> = match &self.tensors {
            Tensors::Zipped(zipped) => zipped.tensor_infos().iter().map(shape).collect(),
            Tensors::Old(old) => old.tensors.iter().map(shape).collect(),
        };
        all.sort();
        all
    }

    /// Reads a tensor of as many elements as `values` has.
    pub(super) fn read(&self, name: &str, values: &mut [f32]) -> Result<()> {
        let info = match &self.tensors {
            Tensors::Zipped(zipped) => zipped.tensor_infos().get(name),
            Tensors::Old(old) => old.tensors.get(name),
        };
        let kind = info.map(|info| info.dtype);
        let is_float = |kind| matches!(kind, DType::F16 | DType::BF16 | DType::F32 | DType::F64);
        if let Some(kind) = kind.filter(|kind| !is_float(*kind)) {
            return Err(other_type(name, &self.path, &kind));
        }
        let of_tensor = || {
            Error::input(format!(
                "the tensor `{name}` of `{}` cannot be read",
                self.path.display()
            ))
            .hint(REMEDY)
        };
        let read = guard::unless_it_panics(|| match &self.tensors {
            Tensors::Zipped(zipped) => {
                let found = flat(zipped, name).map_err(|e| of_tensor().because(e))?;
                let found = found.filter(|found| found.len() == values.len());
                values.copy_from_slice(&found.ok_or_else(of_tensor)?);
                Ok(())
            }
            Tensors::Old(old) => old.read(&self.path, name, values).ok_or_else(of_tensor),
        });
        read.unwrap_or_else(|| Err(of_tensor()))
    }
}

/// The values of a tensor in single precision.
fn flat(tensors: &PthTensors, name: &str) -> candle_core::Result<Option<Vec<f32>>> {
    let Some(tensor) = tensors.get(name)? else {
        return Ok(None);
    };
    let values = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    Ok(Some(values))
}

const REMEDY: &str = "save the model once more with transformers: `model.save_pretrained(FOLDER)` writes \
                      model.safetensors";

fn broken(path: &Path) -> Error {
    Error::input(format!(
        "`{}` is not a file of PyTorch with a model's weights",
        path.display()
    ))
    .hint(REMEDY)
}
