//! `project.toml`: what a person writes about a project. The program reads it
//! and never changes it.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::blind_spots::DiscoverySettings;
use crate::dataset::Role;
use crate::support::{Error, Result};

mod data;
mod model;

pub use data::{ColumnNames, DataSpec, FileSpec, RoleSpec, Shares};
pub use model::{FitSpec, ModelBase, ModelSpec, QuickSpec};

/// Name of the file in the project's folder.
pub const FILE_NAME: &str = "project.toml";

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
    /// How unknown unknowns are found and grouped.
    pub discovery: DiscoverySettings,
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
    /// Reads `project.toml` in a folder. The error of a malformed one names
    /// file and line.
    pub fn load(project_dir: &Path) -> Result<Self> {
        let path = project_dir.join(FILE_NAME);
        let content = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::input(format!(
                "`{}` is no project: it holds no {FILE_NAME}",
                project_dir.display()
            ))
            .hint("name the folder that holds project.toml, or make a new project in the app"),
            std::io::ErrorKind::InvalidData => {
                Error::input(format!("`{}` is not UTF-8 text", path.display()))
                    .hint("save it as UTF-8 in a text editor")
            }
            _ => Error::file("read", &path, error),
        })?;
        Self::parse(&content, &path.display().to_string())
    }

    /// Reads the content of a `project.toml`; `file` is named in errors.
    pub fn parse(content: &str, file: &str) -> Result<Self> {
        let content = content.strip_prefix('\u{feff}').unwrap_or(content);
        let manifest: Self = toml::from_str(content).map_err(|error| {
            let line = error.span().map(|span| line_of(content, span.start));
            let place = line.map_or(String::new(), |line| format!(", line {line}"));
            Error::input(format!("{file}{place}: {}", error.message().trim_end()))
                .hint("correct the line; README.md shows a whole project.toml")
        })?;
        refuse_pretrained_embedding(content)
            .and_then(|()| manifest.validate())
            .map_err(|error| error.context(file))?;
        Ok(manifest)
    }

    /// The text of a new `project.toml`.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self)
            .map_err(|error| Error::program("cannot write project.toml").because(error))
    }

    /// The model, its folder resolved against the project's.
    pub fn model_base(&self, project_dir: &Path) -> Result<ModelBase> {
        match self.model.base.as_str() {
            "builtin" => Ok(ModelBase::Builtin),
            "predictions" => Ok(ModelBase::Predictions),
            folder => Ok(ModelBase::Folder(resolve(project_dir, Path::new(folder))?)),
        }
    }

    fn validate(&self) -> Result<()> {
        for file in &self.data.files {
            resolve(Path::new(""), &file.path)?;
        }
        if self.labels.len() == 1 {
            return Err(Error::input("`labels` names a single label")
                .hint("name at least two, or leave `labels` out to take them from the data"));
        }
        for (position, label) in self.labels.iter().enumerate() {
            let earlier = &self.labels[..position];
            if label.name.trim().is_empty() || earlier.iter().any(|l| l.name == label.name) {
                return Err(Error::input(format!(
                    "`labels`: the name `{}` is empty or given twice",
                    label.name
                ))
                .hint("give each label a name of its own"));
            }
        }
        let shares = self.data.files.iter().filter_map(|file| file.shares);
        for shares in shares.chain([self.roles.shares]) {
            let negative = |role| !shares.of(role).is_finite() || shares.of(role) < 0.0;
            if Role::ALL.into_iter().any(negative) {
                return Err(Error::input("a share of a role is negative or no number")
                    .hint("shares are proportions such as train = 0.5, final = 0.2"));
            }
        }
        self.validate_numbers()
    }

    fn validate_numbers(&self) -> Result<()> {
        let discovery = &self.discovery;
        let tau = "above 0 and at most 1";
        sound("discovery.tau", tau, is_threshold(discovery.tau))?;
        sound("discovery.k", "at least 1", discovery.k != Some(0))?;
        sound(
            "max_tokens",
            "at least 3",
            self.max_tokens.is_none_or(|n| n >= 3),
        )?;
        self.fit.validate()?;
        self.quick.validate()
    }
}

/// Snapshots that were made under this setting are still read, so that only
/// the text of a project shows it.
fn refuse_pretrained_embedding(content: &str) -> Result<()> {
    let table: Option<toml::Table> = toml::from_str(content).ok();
    let embedding = table
        .as_ref()
        .and_then(|table| table.get("discovery")?.get("embedding"));
    if embedding.and_then(toml::Value::as_str) == Some("pretrained") {
        return Err(Error::input(
            "`discovery.embedding` names the pretrained encoder, but errors are always grouped \
             by what the fine-tuned model has learnt to look at",
        )
        .hint("delete the line with `embedding`"));
    }
    Ok(())
}

/// Complains about a number of the manifest unless its range `holds` it.
fn sound(name: &str, range: &str, holds: bool) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::input(format!("`{name}` is out of range")).hint(format!("it must be {range}")))
    }
}

/// Whether a number can be τ, the confidence from which an error counts.
pub fn is_threshold(tau: f32) -> bool {
    tau > 0.0 && tau <= 1.0
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

fn line_of(content: &str, offset: usize) -> usize {
    let before = content.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_file_and_line_and_the_accepted_fields() {
        let error = Manifest::parse("name = \"x\"\n\n[data]\nfles = []\n", "p/project.toml")
            .expect_err("unknown field");
        let text = error.to_string();
        assert!(
            text.starts_with("p/project.toml, line 4: unknown field `fles`"),
            "{text}"
        );
        assert!(text.contains("`files`"), "{text}");
        assert_eq!(error.exit_code(), 2);
    }

    #[test]
    fn unknown_discovery_settings_are_refused_too() {
        assert!(Manifest::parse("[discovery]\ntua = 0.8\n", "p").is_err());
    }

    #[test]
    fn labels_may_be_names_or_tables() {
        let short = Manifest::parse("labels = [\"no\", \"yes\"]", "p").expect("short");
        let long = Manifest::parse("[[labels]]\nname = \"no\"\n[[labels]]\nname = \"yes\"", "p");
        assert_eq!(short.labels, long.expect("long").labels);
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut manifest = Manifest {
            name: "Tickets".to_owned(),
            labels: vec![LabelSpec::default(), LabelSpec::default()],
            ..Manifest::default()
        };
        manifest.labels[0].name = "spam".to_owned();
        manifest.labels[1].name = "ham".to_owned();
        manifest.labels[1].description = Some("wanted \"mail\"".to_owned());
        manifest.data.files = vec![FileSpec {
            path: PathBuf::from("data/all.csv"),
            source: Some("mail".to_owned()),
            role: Some(Role::Train),
            shares: None,
        }];
        let written = manifest.to_toml().expect("writes");
        assert_eq!(Manifest::parse(&written, "p").expect("reads"), manifest);
    }

    #[test]
    fn relative_paths_stay_inside_absolute_ones_are_taken() {
        let out = Manifest::parse("[data]\nfiles = [{ path = \"../secret.csv\" }]", "p");
        assert!(
            out.expect_err("leads out")
                .to_string()
                .contains("../secret.csv")
        );
        let folder = Path::new("/project");
        assert_eq!(
            resolve(folder, Path::new("/data/a.csv")).expect("absolute"),
            Path::new("/data/a.csv")
        );
    }

    #[test]
    fn values_out_of_range_are_named() {
        for line in [
            "[fit]\ndropout = 1.0",
            "[fit]\nwarmup = 1.0",
            "[fit]\nlearning_rate = 1.0",
            "[fit]\nweight_decay = inf",
            "[fit]\nepochs = 1000000000000000000",
            "[quick]\nepochs = 1001",
            "[quick]\nreplay = 0",
            "[quick]\nupper_layers = 0",
            "[discovery]\ntau = 2.0",
            "[discovery]\nk = 0",
            "[discovery]\nembedding = \"pretrained\"",
            "labels = [\"a\"]",
        ] {
            let error = Manifest::parse(line, "p").expect_err(line);
            let setting = line.lines().last().and_then(|line| line.split_once(" = "));
            let (setting, _) = setting.expect("a setting");
            assert!(error.to_string().contains(setting), "{line}: {error}");
        }
    }
}
