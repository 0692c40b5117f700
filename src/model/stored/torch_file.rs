//! A file of PyTorch (`pytorch_model.bin`), read by candle: it interprets the
//! few instructions of Python's pickle that describe tensors and runs nothing.

use std::path::{Path, PathBuf};

use candle_core::DType;
use candle_core::pickle::PthTensors;

use super::other_type;
use crate::support::{Error, Result, guard, user_file};

/// Keys under which training programs put the weights beside other things.
const NESTED: [&str; 3] = ["state_dict", "model_state_dict", "model"];

pub(super) struct TorchFile {
    path: PathBuf,
    tensors: PthTensors,
}

impl TorchFile {
    pub(super) fn open(path: &Path) -> Result<Self> {
        user_file::open(path)?;
        let keys = std::iter::once(None).chain(NESTED.map(Some));
        let mut cause = None;
        for key in keys {
            match guard::unless_it_panics(|| PthTensors::new(path, key)) {
                Some(Ok(tensors)) if !tensors.tensor_infos().is_empty() => {
                    return Ok(Self {
                        path: path.to_owned(),
                        tensors,
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
        let infos = self.tensors.tensor_infos().iter();
        let mut all: Vec<_> = infos
            .map(|(name, info)| (name.clone(), info.layout.dims().to_vec()))
            .collect();
        all.sort();
        all
    }

    /// Reads a tensor of as many elements as `values` has.
    pub(super) fn read(&self, name: &str, values: &mut [f32]) -> Result<()> {
        let kind = self.tensors.tensor_infos().get(name).map(|info| info.dtype);
        let is_float = |kind| matches!(kind, DType::F16 | DType::BF16 | DType::F32 | DType::F64);
        if let Some(kind) = kind.filter(|kind| !is_float(*kind)) {
            return Err(other_type(name, &self.path, &kind));
        }
        let read = guard::unless_it_panics(|| {
            let tensor = self.tensors.get(name)?;
            let tensor = tensor.map(|tensor| tensor.to_dtype(DType::F32)?.flatten_all());
            tensor
                .transpose()?
                .map(|tensor| tensor.to_vec1())
                .transpose()
        });
        let of_tensor = || {
            Error::input(format!(
                "the tensor `{name}` of `{}` cannot be read",
                self.path.display()
            ))
            .hint(REMEDY)
        };
        let found: Vec<f32> = match read {
            Some(Ok(Some(found))) => found,
            Some(Err(error)) => return Err(of_tensor().because(error)),
            _ => return Err(of_tensor()),
        };
        if found.len() != values.len() {
            return Err(of_tensor());
        }
        values.copy_from_slice(&found);
        Ok(())
    }
}

const REMEDY: &str = "save the model once more with transformers: `model.save_pretrained(FOLDER)` writes \
                      model.safetensors; files from before PyTorch 1.6 are not read";

fn broken(path: &Path) -> Error {
    Error::input(format!(
        "`{}` is not a file of PyTorch with a model's weights",
        path.display()
    ))
    .hint(REMEDY)
}
