//! Where the rows of the base's predictions lie on the map.

use std::sync::Arc;

use super::OpenProject;
use crate::records::{BaseModel, MapMethod, MapPositions};
use crate::support::Result;

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

    /// Keeps the map of the base's predictions.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn keep_map(&self, base: &BaseModel, map: &MapPositions) -> Result<()> {
        self.store.put_map(&base.id, &self.scored_data()?, map)
    }
}
