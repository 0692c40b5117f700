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
    /// How fitting went on *validation*, where it was watched.
    pub curve: Option<FitCurve>,
}

/// What *validation* said after a pass over the training rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AfterPass {
    /// Mean negative log-likelihood of its labels, in nats.
    pub loss: f64,
    /// Share of its rows that were right.
    pub accuracy: f64,
}

/// How fitting went that lasted for as long as *validation* gained by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FitCurve {
    /// What *validation* said after each pass at the full learning rate, then
    /// after the last one, in which the rate fell to 0.
    pub passes: Vec<AfterPass>,
    /// Which of them was kept, from 0.
    pub best: usize,
    /// Passes that the model which was kept has behind it.
    pub length: usize,
}

impl FitCurve {
    /// One sentence on it.
    pub fn said(&self) -> String {
        let Some(kept) = self.passes.get(self.best) else {
            return String::new();
        };
        let passes = if self.length == 1 { "pass" } else { "passes" };
        format!(
            "fitted for as long as validation gained: {} {passes} over train, of {} tried; \
             {:.1} % of validation are right, loss {:.3}",
            self.length,
            self.passes.len(),
            100.0 * kept.accuracy,
            kept.loss
        )
    }
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
