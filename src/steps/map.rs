//! Where the rows of the base's predictions lie on the map.

use std::sync::Arc;

use super::OpenProject;
use crate::inference::Predictions;
use crate::map::{MapSettings, neighbour_map};
use crate::records::{BaseModel, MapMethod, MapPositions};
use crate::support::{Progress, Result};

impl OpenProject {
    /// The neighbour-preserving map of the base's predictions, if it is kept
    /// or shipped.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn known_map(&self, base: &BaseModel) -> Result<Option<Arc<MapPositions>>> {
        let data = self.scored_data()?;
        if let Some(kept) = self.store.map(&base.id, &data, MapMethod::Tsne)? {
            return Ok(Some(Arc::new(kept)));
        }
        let shipped = self.shipped_for(base)?;
        shipped.map(|shipped| shipped.map()).transpose()
    }

    /// Makes the neighbour-preserving map of the base's predictions, and keeps
    /// it where anything may be kept.
    ///
    /// # Errors
    /// When it cannot be saved, or when cancelled.
    pub fn make_map(
        &self,
        base: &BaseModel,
        predictions: &Predictions,
        progress: &Progress,
    ) -> Result<MapPositions> {
        let (embeddings, width) = (predictions.embeddings(), predictions.width());
        let map = MapPositions {
            method: MapMethod::Tsne,
            points: neighbour_map(embeddings, width, &MapSettings::default(), progress)?,
        };
        if self.store.read_only().is_none() {
            let data = self.scored_data()?;
            self.store.put_map(&base.id, &data, &map)?;
        }
        Ok(map)
    }
}
