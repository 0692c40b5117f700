//! Predictions and map positions: files beside the database, kept bit for bit,
//! so that a run that finds them goes on exactly as one that computed them.

use super::Store;
use crate::inference::Predictions;
use crate::inference::file::{self, Embeddings, Notes};
use crate::project::files::{Files, Key, Kind};
use crate::records::{MapMethod, MapPositions};
use crate::support::Result;
use crate::support::hash::StepHash;
use crate::support::tensor_file::{Dtype, Planned, TensorFile, Writer};

/// Notes of a file: the model that was asked, and the data.
const MODEL: &str = "model";
const DATA: &str = "data";

/// The tensor of a map.
const POINTS: &str = "points";

impl Store {
    /// Keeps what a model says about a data set, both named by checksum, and
    /// gives it as it is kept: mapped, not in memory.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_predictions(
        &self,
        model: &str,
        data: &str,
        predictions: &Predictions,
    ) -> Result<Predictions> {
        self.check_writable("predictions")?;
        write_predictions(self.files(), model, data, predictions)
    }

    /// What a model says about a data set, if it is kept.
    ///
    /// # Errors
    /// If it cannot be read, or was damaged.
    pub fn predictions(&self, model: &str, data: &str) -> Result<Option<Predictions>> {
        let path = self.files().path(&predictions_key(model, data));
        let read = path.exists().then(|| file::read(&path)).transpose()?;
        Ok(read.map(|(predictions, _)| predictions))
    }

    /// Keeps where the rows of a model's predictions lie on the map.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_map(&self, model: &str, data: &str, map: &MapPositions) -> Result<()> {
        self.check_writable("the map")?;
        write_map(self.files(), model, data, map)
    }

    /// Where the rows of a model's predictions lie on the map, if it is kept.
    ///
    /// # Errors
    /// If it cannot be read, or was damaged.
    pub fn map(&self, model: &str, data: &str, method: MapMethod) -> Result<Option<MapPositions>> {
        let found = self.files().find(&map_key(model, data, method))?;
        let read = |file: TensorFile| {
            let points = file.floats(POINTS)?.as_chunks().0.to_vec();
            Ok(MapPositions { method, points })
        };
        found.map(read).transpose()
    }
}

/// Of which model and which data a file of predictions or a map is.
pub fn model_and_data(file: &TensorFile) -> (&str, &str) {
    let note = |name| file.note(name).unwrap_or_default();
    (note(MODEL), note(DATA))
}

pub(super) fn write_predictions(
    files: &Files,
    model: &str,
    data: &str,
    predictions: &Predictions,
) -> Result<Predictions> {
    let path = files.place(&predictions_key(model, data))?;
    file::write(&path, predictions, Embeddings::Exact, &notes(model, data))
}

pub(super) fn write_map(files: &Files, model: &str, data: &str, map: &MapPositions) -> Result<()> {
    let path = files.place(&map_key(model, data, map.method))?;
    let plan = [Planned::new(POINTS, Dtype::F32, [map.points.len(), 2])];
    let mut file = Writer::begin(&path, &notes(model, data), &plan)?;
    file.write_floats(map.points.as_flattened())?;
    file.finish().map(drop)
}

fn map_key(model: &str, data: &str, method: MapMethod) -> Key {
    let label = match method {
        MapMethod::Pca => "pca",
        MapMethod::Tsne => "tsne",
    };
    let made_from = made_from(model, data).with("method", label.as_bytes());
    Key::new(Kind::Map, label, made_from)
}

fn predictions_key(model: &str, data: &str) -> Key {
    let label: String = model.chars().take(8).collect();
    Key::new(Kind::Predictions, &label, made_from(model, data))
}

fn made_from(model: &str, data: &str) -> StepHash {
    StepHash::default()
        .with(MODEL, model.as_bytes())
        .with(DATA, data.as_bytes())
}

fn notes(model: &str, data: &str) -> Notes {
    [(MODEL, model), (DATA, data)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
