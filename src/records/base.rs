//! The reference base as records name it, and where its rows lie on the map.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The reference base model of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct BaseModel {
    /// Checksum of its weights: names its predictions, map and snapshots.
    pub id: String,
    /// Folder or file it is loaded from.
    pub path: PathBuf,
    /// Where it came from, in the user's words ("shipped", "fitted here").
    pub origin: String,
}

/// How positions on the map were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MapMethod {
    /// Principal components: at once, distances roughly true.
    Pca,
    /// t-SNE: neighbours stay neighbours, distances between groups mean nothing.
    Tsne,
}

/// Where the rows of the predictions lie on the map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapPositions {
    /// The method.
    pub method: MapMethod,
    /// `[x, y]` for each row of the predictions, within −1 to 1.
    pub points: Vec<[f32; 2]>,
}
