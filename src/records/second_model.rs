//! A second model beside the base: trained elsewhere, and compared here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{BaseModel, Snapshot};

/// Where the answers of a model come from, and what its classes mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswersFrom {
    /// A folder in Hugging Face layout, or a file of predictions.
    pub path: PathBuf,
    /// What its classes mean where their names are not those of the labels:
    /// class → label; an empty label leaves a class out.
    pub labels: BTreeMap<String, String>,
}

/// A second model that was compared with the base on *check*.
///
/// It is no arm of a round: nobody here knows what it was trained on, and no
/// control stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondModel {
    /// 1, 2, 3, … among the second models of a project.
    pub number: u32,
    /// Where it was read from, and what its classes mean.
    pub wanted: AnswersFrom,
    /// Checksum: of its labels and weights, or of its labels and answers.
    pub fingerprint: String,
    /// Id of the base that it stands beside.
    pub base: String,
    /// Snapshot on whose τ, temperature and regions the figures stand.
    pub snapshot: u32,
    /// What whoever reads the figures has to know.
    pub said: Vec<String>,
    /// What its answers are called among the computed files.
    pub answers: String,
    /// When, RFC 3339.
    pub created: String,
}

impl SecondModel {
    /// Its name: that of the folder or file.
    pub fn name(&self) -> String {
        self.wanted.name()
    }

    /// Whether it was compared with another base, or on other data, than the
    /// project has now; in words for whoever reads its figures.
    pub fn outdated(&self, of: &Snapshot, base: &BaseModel) -> Option<String> {
        (base.id != of.model || base.id != self.base).then(|| {
            format!(
                "`{}` was compared with another base model, or on other data, than the project \
                 has now: its figures stand for those.",
                self.name()
            )
        })
    }
}

impl AnswersFrom {
    /// Those of a folder or file of whose classes nothing is said.
    pub fn of(path: PathBuf) -> Self {
        Self {
            path,
            labels: BTreeMap::new(),
        }
    }

    /// Name of the folder or file.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }
}
