//! The tensors of a model's folder, in whichever files they lie: safetensors
//! or PyTorch, whole or in shards, with a variant in the name or without.

mod find;
mod safetensors_file;
#[cfg(test)]
mod tests;
mod torch_file;

use std::collections::BTreeMap;
use std::path::Path;

pub(super) use find::weight_files;

use self::find::Found;
use self::safetensors_file::SafetensorsFile;
use self::torch_file::TorchFile;
use crate::support::{Error, Result};

/// What is wrong when a tensor is not as config.json says.
const MISMATCH: &str = "config.json and the weights must come from the same model";

/// The opened files of a folder. Values are read when they are asked for.
pub(super) struct Stored {
    files: Vec<File>,
    /// By name: the file that holds a tensor, and its shape.
    tensors: BTreeMap<String, (usize, Vec<usize>)>,
    /// Names the folder or its only file, for messages.
    place: String,
    notes: Vec<String>,
}

enum File {
    Safetensors(SafetensorsFile),
    Torch(TorchFile),
}

impl Stored {
    /// Opens the weights of a folder.
    ///
    /// # Errors
    /// When there are none, when a file is missing or damaged, or when the
    /// folder holds something else: an adapter, or weights for other programs.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let Found { files: paths, note } = find::find(dir)?;
        let place = match &paths[..] {
            [only] => only.display().to_string(),
            _ => dir.display().to_string(),
        };
        let mut files = Vec::new();
        let mut tensors = BTreeMap::new();
        for path in paths {
            let is_torch = path.extension().is_some_and(|suffix| suffix == "bin");
            let (file, held) = match is_torch {
                true => {
                    let file = TorchFile::open(&path)?;
                    let held = file.tensors();
                    (File::Torch(file), held)
                }
                false => {
                    let file = SafetensorsFile::open(&path)?;
                    let held = file.tensors();
                    (File::Safetensors(file), held)
                }
            };
            for (name, shape) in held {
                if tensors.insert(name.clone(), (files.len(), shape)).is_some() {
                    return Err(Error::input(format!(
                        "`{}` holds the tensor `{name}` in two of its files",
                        dir.display()
                    ))
                    .hint("keep the files of one model only"));
                }
            }
            files.push(file);
        }
        Ok(Self {
            files,
            tensors,
            place,
            notes: note.into_iter().collect(),
        })
    }

    /// Names of all tensors, in alphabetical order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Shape of a tensor, if it is there.
    pub(super) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|(_, shape)| shape.as_slice())
    }

    /// Elements of all tensors together.
    pub(super) fn elements(&self) -> usize {
        let sizes = self.tensors.values().map(|(_, shape)| {
            let size = shape
                .iter()
                .try_fold(1_usize, |size, side| size.checked_mul(*side));
            size.unwrap_or(usize::MAX)
        });
        sizes.fold(0, usize::saturating_add)
    }

    /// Number of tensors.
    pub(super) fn len(&self) -> usize {
        self.tensors.len()
    }

    /// How the files were chosen, if that had to be guessed.
    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Refuses a tensor that is missing or has another shape.
    ///
    /// # Errors
    /// When it is so.
    pub(super) fn check(&self, name: &str, shape: &[usize]) -> Result<()> {
        match self.shape(name) {
            None => Err(self.missing(name)),
            Some(found) if found != shape => Err(Error::input(format!(
                "the tensor `{name}` of `{}` has the shape {found:?} instead of {shape:?}",
                self.place
            ))
            .hint(MISMATCH)),
            Some(_) => Ok(()),
        }
    }

    /// Says that a tensor is missing.
    pub(super) fn missing(&self, name: &str) -> Error {
        Error::input(format!(
            "the tensor `{name}` of `{}` is missing",
            self.place
        ))
        .hint(MISMATCH)
    }

    /// Reads a tensor into `values`.
    ///
    /// # Errors
    /// When it is missing, has another shape, is not of a float type, or holds
    /// values that are not finite.
    pub(super) fn read(&self, name: &str, shape: &[usize], values: &mut [f32]) -> Result<()> {
        self.check(name, shape)?;
        let Some((file, _)) = self.tensors.get(name) else {
            return Err(self.missing(name));
        };
        match &self.files[*file] {
            File::Safetensors(file) => file.read(name, values)?,
            File::Torch(file) => file.read(name, values)?,
        }
        if values.iter().all(|x| x.is_finite()) {
            return Ok(());
        }
        Err(Error::input(format!(
            "the tensor `{name}` of `{}` holds values that are not finite",
            self.place
        ))
        .hint("the model was damaged while it was trained or saved; use an earlier copy"))
    }

    /// Whether two tensors hold the same values.
    ///
    /// # Errors
    /// As [`Stored::read`].
    pub(super) fn same(&self, one: &str, other: &str) -> Result<bool> {
        let (Some(shape), Some(of_other)) = (self.shape(one), self.shape(other)) else {
            return Ok(false);
        };
        if shape != of_other {
            return Ok(false);
        }
        let size = shape.iter().product();
        let (mut left, mut right) = (vec![0.0; size], vec![0.0; size]);
        self.read(one, shape, &mut left)?;
        self.read(other, shape, &mut right)?;
        Ok(left == right)
    }
}

/// The tensor is of a type that no weights are kept in.
fn other_type(name: &str, path: &Path, kind: &dyn std::fmt::Debug) -> Error {
    Error::input(format!(
        "the tensor `{name}` of `{}` is of the type {kind:?}",
        path.display()
    ))
    .hint("save the model in float16, bfloat16 or float32")
}
