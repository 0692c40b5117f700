//! Predictions and map positions: large arrays, stored bit for bit, so that a
//! run that finds them goes on exactly as one that computed them.

use rusqlite::{OptionalExtension as _, params};

use super::Store;
use super::json::{AsJson, FromJson};
use crate::inference::Predictions;
use crate::records::{MapMethod, MapPositions};
use crate::support::{Error, Result};

impl Store {
    /// Keeps what a model says about a data set, both named by checksum, in
    /// place of anything kept for the two before.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_predictions(
        &self,
        model: &str,
        data: &str,
        predictions: &Predictions,
    ) -> Result<()> {
        let examples: Vec<u32> = predictions
            .examples()
            .iter()
            .map(|index| u32::try_from(*index))
            .collect::<Result<_, _>>()
            .map_err(|e| Error::program("the data set has too many rows to store").because(e))?;
        let examples: Vec<u8> = examples.iter().flat_map(|x| x.to_le_bytes()).collect();
        let logits = to_bytes(predictions.all_logits());
        let embeddings = to_bytes(predictions.embeddings());
        let classes = length(predictions.classes());
        let width = length(predictions.width());
        let put = "INSERT OR REPLACE INTO predictions VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.write("predictions", |transaction| {
            let row = params![model, data, classes, width, examples, logits, embeddings];
            transaction.execute(put, row).map(drop)
        })
    }

    /// What a model says about a data set, if it is kept.
    ///
    /// # Errors
    /// If it cannot be read, or was damaged.
    pub fn predictions(&self, model: &str, data: &str) -> Result<Option<Predictions>> {
        type Row = (u32, u32, Vec<u8>, Vec<u8>, Vec<u8>);
        let find = "SELECT classes, width, examples, logits, embeddings
                    FROM predictions WHERE model = ?1 AND data = ?2";
        let found: Option<Row> = self.read("predictions", |connection| {
            connection
                .query_row(find, [model, data], |row| row.try_into())
                .optional()
        })?;
        let Some((classes, width, examples, logits, embeddings)) = found else {
            return Ok(None);
        };
        let index = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes) as usize;
        let restored = Predictions::restore(
            examples.as_chunks().0.iter().map(index).collect(),
            classes as usize,
            to_floats(&logits),
            width as usize,
            to_floats(&embeddings),
        );
        restored.map(Some).map_err(|e| {
            e.context("stored predictions are damaged")
                .hint("score the data again; `blindspot reset` also deletes them")
        })
    }

    /// Keeps where the rows of a model's predictions lie on the map.
    ///
    /// # Errors
    /// If it cannot be saved.
    pub fn put_map(&self, model: &str, data: &str, map: &MapPositions) -> Result<()> {
        let points = to_bytes(map.points.as_flattened());
        let put = "INSERT OR REPLACE INTO map VALUES (?1, ?2, ?3, ?4)";
        self.write("the map", |transaction| {
            let row = params![model, data, AsJson(&map.method), points];
            transaction.execute(put, row).map(drop)
        })
    }

    /// Where the rows of a model's predictions lie on the map, if it is kept.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn map(&self, model: &str, data: &str, method: MapMethod) -> Result<Option<MapPositions>> {
        let find = "SELECT method, points FROM map WHERE model = ?1 AND data = ?2 AND method = ?3";
        self.read("the map", |connection| {
            connection
                .query_row(find, params![model, data, AsJson(&method)], |row| {
                    let FromJson(method) = row.get(0)?;
                    let points: Vec<u8> = row.get(1)?;
                    let points = to_floats(&points).as_chunks().0.to_vec();
                    Ok(MapPositions { method, points })
                })
                .optional()
        })
    }
}

fn to_bytes(floats: &[f32]) -> Vec<u8> {
    floats.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn to_floats(bytes: &[u8]) -> Vec<f32> {
    let (floats, _) = bytes.as_chunks();
    floats.iter().map(|x| f32::from_le_bytes(*x)).collect()
}

fn length(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
