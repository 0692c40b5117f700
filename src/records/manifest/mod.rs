//! The settings of a project as `project.toml` states them.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{DiscoverySettings, Endpoints, Mode, Recipe, Thresholds, Until};
use crate::support::{Error, Result};

mod costs;
mod data;
mod model;
mod tests;

pub use costs::Costs;
pub use data::{ColumnNames, DataSpec, Disagreement, FileSpec, Quotes, RoleSpec, Shares};
pub use model::{Epochs, FitSpec, ModelBase, ModelSpec, ModelUse, QuickSpec, USUAL_PASSES};
pub use tests::{Rewrite, Tests};

/// The content of `project.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Manifest {
    /// Name for title bars and reports.
    pub name: String,
    /// What the classifier is for, in words for people and language models.
    pub task: String,
    /// The labels in the order of the model's outputs; empty: the distinct
    /// values of the label column, sorted.
    pub labels: Vec<LabelSpec>,
    /// Longer texts are cut to this number of tokens; `None`: what the model
    /// allows, at most 128.
    pub max_tokens: Option<usize>,
    /// What an hour of a person's teaching costs, in [`Manifest::currency`].
    pub hourly_rate: Option<f64>,
    /// Currency of rates and prices, for showing only.
    pub currency: Option<String>,
    /// What labels and samples cost.
    pub costs: Costs,
    /// What lessons are tested with beside their own samples.
    #[serde(skip_serializing_if = "Tests::is_empty")]
    pub tests: Tests,
    /// Files and columns.
    pub data: DataSpec,
    /// How roles are drawn for rows whose role the data does not give.
    pub roles: RoleSpec,
    /// The model that is taught.
    pub model: ModelSpec,
    /// How the base model is fitted.
    pub fit: FitSpec,
    /// How a Quick retraining continues from the base.
    pub quick: QuickSpec,
    /// How arms are trained, Quick and Full.
    pub retrain: Recipe,
    /// How unknown unknowns are found and grouped.
    pub discovery: DiscoverySettings,
    /// When a hypothesis passes its check.
    #[serde(skip_serializing_if = "Thresholds::are_usual")]
    pub hypotheses: Thresholds,
    /// What arms are judged by on *final*.
    pub comparison: Endpoints,
    /// Whether this is an expert's copy that holds what is to be taught and
    /// nothing to train on or to compare with.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub teaching_only: bool,
    /// Language models that may teach: tables read by the client of the
    /// endpoints (address, model, prices).
    pub teachers: Vec<toml::Table>,
}

/// A label with what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "NameOrLabel", deny_unknown_fields)]
pub struct LabelSpec {
    /// Name, also accepted as a value in the data.
    pub name: String,
    /// What it means, for people and language models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Other values of the label column that mean this label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// `labels = ["no", "yes"]` and tables with descriptions are both fine.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a name or a table with `name`, `description`, `values`"
)]
enum NameOrLabel {
    Name(String),
    Label(LabelTable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LabelTable {
    name: String,
    description: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

impl From<NameOrLabel> for LabelSpec {
    fn from(either: NameOrLabel) -> Self {
        match either {
            NameOrLabel::Name(name) => Self {
                name,
                ..Self::default()
            },
            NameOrLabel::Label(table) => Self {
                name: table.name,
                description: table.description,
                values: table.values,
            },
        }
    }
}

impl Manifest {
    /// How arms are trained: Quick goes on until the lessons are learnt, unless
    /// `quick.epochs` says how often.
    pub fn recipe_of(&self, mode: Mode) -> Recipe {
        let is_open = mode == Mode::Quick && self.quick.epochs.is_none();
        Recipe {
            until: if is_open {
                Until::Learnt
            } else {
                self.retrain.until
            },
            ..self.retrain.clone()
        }
    }

    /// The model, its folder resolved against the project's.
    pub fn model_base(&self, project_dir: &Path) -> Result<ModelBase> {
        match self.model.base.as_str() {
            "builtin" => Ok(ModelBase::Builtin),
            "predictions" => Ok(ModelBase::Predictions),
            folder => Ok(ModelBase::Folder(resolve(project_dir, Path::new(folder))?)),
        }
    }
}

/// A path of the manifest, resolved against the project's folder: absolute as
/// it is, relative ones must stay inside.
pub fn resolve(project_dir: &Path, path: &Path) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(Error::input("a path is empty").hint("name a file or folder"));
    }
    let leaves = path.is_relative() && path.components().any(|part| part == Component::ParentDir);
    if leaves {
        return Err(Error::input(format!(
            "the path `{}` leads out of the project",
            path.display()
        ))
        .hint("move the file into the project's folder or write its absolute path"));
    }
    Ok(project_dir.join(path))
}
