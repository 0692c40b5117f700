//! A trained model as a file of what differs from the model that it was
//! trained from.

use std::path::Path;

use half::f16;

use super::Classifier;
use super::config::Config;
use super::differences;
use super::layout::Tensor;
use super::weights_file::Incoming;
use crate::support::tensor_file::{Dtype, Finished, Notes, Planned, TensorFile, Writer};
use crate::support::{Error, Result};

/// Notes of a checkpoint: the label names as JSON, and the fingerprint of the
/// encoder that it stands on.
const LABELS: &str = "labels";
const BASE: &str = "base";

/// The note of a checkpoint that is packed: the names of its tensors as JSON, in
/// the order in which the tensor of this name holds their differences.
const PACKED: &str = "packed";

impl Classifier {
    /// The same model with what differs from `base`, and the head, rounded to
    /// half precision: as it comes back from its checkpoint.
    ///
    /// # Errors
    /// When `base` is a model of other sizes, or a weight is not finite.
    pub fn rounded(mut self, base: &Classifier) -> Result<Self> {
        for tensor in self.differing_from(base)? {
            let values = self.values_mut(&tensor.place);
            for value in &mut *values {
                *value = f16::from_f32(*value).to_f32();
            }
            if !values.iter().all(|value| value.is_finite()) {
                return Err(Error::program(format!(
                    "training left values in `{}` that are not finite",
                    tensor.name
                ))
                .hint("lower the learning rate in project.toml"));
            }
        }
        Ok(self)
    }

    /// Writes a checkpoint in half precision: the head, the tensors that
    /// differ from `base`'s, the label names, and which encoder `base` has.
    ///
    /// # Errors
    /// When `base` is a model of other sizes, or the file cannot be written.
    pub fn write_checkpoint(&self, base: &Classifier, path: &Path, notes: &Notes) -> Result<()> {
        self.checkpoint(base, path, notes)?.finish().map(drop)
    }

    /// As [`Classifier::write_checkpoint`], for one that several processes may
    /// be making: the one that is finished first stays, and is given.
    ///
    /// # Errors
    /// As [`Classifier::write_checkpoint`].
    pub fn offer_checkpoint(
        &self,
        base: &Classifier,
        path: &Path,
        notes: &Notes,
    ) -> Result<Finished> {
        let file = self.checkpoint(base, path, notes)?;
        file.finish_first(|theirs| base.is_base_of(theirs))
    }

    fn checkpoint(&self, base: &Classifier, path: &Path, notes: &Notes) -> Result<Writer> {
        let tensors = self.differing_from(base)?;
        let planned = tensors
            .iter()
            .map(|tensor| Planned::new(&tensor.name, Dtype::F16, tensor.shape.clone()));
        let plan: Vec<Planned> = planned.collect();
        let mut file = Writer::begin(path, &self.noted(base, notes), &plan)?;
        for tensor in &tensors {
            file.write_halves(self.values(&tensor.place))?;
        }
        Ok(file)
    }

    /// As [`Classifier::write_checkpoint`], in little more than half the size and
    /// far more time: for what is handed on.
    ///
    /// # Errors
    /// As [`Classifier::write_checkpoint`].
    pub fn write_packed_checkpoint(
        &self,
        base: &Classifier,
        path: &Path,
        notes: &Notes,
    ) -> Result<()> {
        let tensors = self.differing_from(base)?;
        let names: Vec<&str> = tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        let mut notes = self.noted(base, notes);
        notes.insert(PACKED.into(), serde_json::Value::from(names).to_string());
        let weights = tensors.iter().flat_map(|tensor| {
            // Heads are made anew and may have other sizes.
            let before = (!tensor.head).then(|| base.values(&tensor.place));
            let now = self.values(&tensor.place).iter().enumerate();
            now.map(move |(i, now)| (*now, before.map_or(0.0, |before| before[i])))
        });
        let packed = differences::pack(weights)?;
        let plan = [Planned::new(PACKED, Dtype::U8, [packed.len()])];
        let mut file = Writer::begin(path, &notes, &plan)?;
        file.write(&packed)?;
        file.finish().map(drop)
    }

    /// What a checkpoint says of itself beside some notes.
    fn noted(&self, base: &Classifier, notes: &Notes) -> Notes {
        let mut notes = notes.clone();
        let labels = serde_json::Value::from(self.labels().to_vec()).to_string();
        notes.insert(LABELS.into(), labels);
        notes.insert(BASE.into(), base.whole_encoder().to_owned());
        notes
    }

    /// Whether a checkpoint stands on this model.
    pub fn is_base_of(&self, checkpoint: &TensorFile) -> bool {
        checkpoint.note(BASE) == Some(self.whole_encoder())
    }

    /// The model of a checkpoint that stands on this one.
    ///
    /// # Errors
    /// When the file belongs to another base model, or does not fit this one.
    pub fn with_checkpoint(&self, checkpoint: &TensorFile) -> Result<Self> {
        let path = checkpoint.path();
        let labels = checkpoint.note(LABELS).ok_or_else(|| {
            Error::input(format!(
                "`{}` is not a checkpoint of Blindspot",
                path.display()
            ))
            .hint("load a model directory with config.json instead")
        })?;
        if !self.is_base_of(checkpoint) {
            return Err(Error::input(format!(
                "the checkpoint `{}` was made from another pretrained model",
                path.display()
            ))
            .hint("name the model in project.toml that the checkpoint was trained from"));
        }
        let damaged = |e| Error::input(format!("`{}` is damaged", path.display())).because(e);
        let labels: Vec<String> = serde_json::from_str(labels).map_err(damaged)?;
        let mut model = match labels == self.labels() {
            true => self.clone(),
            false => self.clone().with_new_head(&labels, 0),
        };
        if let Some(names) = checkpoint.note(PACKED) {
            let names: Vec<String> = serde_json::from_str(names).map_err(damaged)?;
            model.unpack(&names, checkpoint)?;
            return Ok(model);
        }
        let file = Incoming::open(checkpoint.bytes(), path)?;
        for tensor in model.layout().tensors().to_vec() {
            if tensor.head || file.has(&tensor.name) {
                file.read(&tensor.name, &tensor.shape, model.values_mut(&tensor.place))?;
            }
        }
        Ok(model)
    }

    /// Takes the tensors of a packed checkpoint, by their names.
    fn unpack(&mut self, names: &[String], checkpoint: &TensorFile) -> Result<()> {
        let in_file = |error: Error| error.context(format!("`{}`", checkpoint.path().display()));
        let tensors = self.layout().tensors().to_vec();
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            let tensor = tensors.iter().find(|tensor| tensor.name == *name);
            found.push(tensor.ok_or_else(|| {
                in_file(Error::input(format!("the model has no tensor `{name}`")))
            })?);
        }
        let mut weights = Vec::new();
        for tensor in &found {
            let before = self.values(&tensor.place);
            match tensor.head {
                true => weights.resize(weights.len() + before.len(), 0.0),
                false => weights.extend_from_slice(before),
            }
        }
        differences::unpack(checkpoint.raw(PACKED)?, &mut weights).map_err(in_file)?;
        let mut weights = weights.as_slice();
        for tensor in found {
            let values = self.values_mut(&tensor.place);
            let (these, others) = weights.split_at(values.len());
            values.copy_from_slice(these);
            weights = others;
        }
        Ok(())
    }

    /// The head, and what differs from another model of the same sizes.
    fn differing_from(&self, base: &Classifier) -> Result<Vec<Tensor>> {
        let same_sizes = Config {
            labels: self.labels().to_vec(),
            ..base.config().clone()
        };
        if same_sizes != *self.config() {
            return Err(Error::program(
                "a checkpoint and its base model differ in their sizes",
            ));
        }
        let tensors = self.layout().tensors().iter().filter(|tensor| {
            tensor.head || self.values(&tensor.place) != base.values(&tensor.place)
        });
        Ok(tensors.cloned().collect())
    }

    fn whole_encoder(&self) -> &str {
        self.encoder_fingerprint(self.layers())
    }
}
