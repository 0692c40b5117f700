//! `project.toml`: what a person writes about a project. The program reads it
//! and never changes it.

use std::path::Path;

use crate::records::{Manifest, Role, is_threshold, resolve};
use crate::support::{Error, Result, user_file};

mod ranges;

/// Name of the file in the project's folder.
pub const FILE_NAME: &str = "project.toml";

impl Manifest {
    /// Reads `project.toml` in a folder. The error of a malformed one names
    /// file and line.
    pub fn load(project_dir: &Path) -> Result<Self> {
        let path = project_dir.join(FILE_NAME);
        let content = user_file::text_if_there(&path)?.ok_or_else(|| {
            Error::input(format!(
                "`{}` is no project: it holds no {FILE_NAME}",
                project_dir.display()
            ))
            .hint(
                "name the folder that holds project.toml, or make a project with `blindspot new \
                 FOLDER FILE…` or in the window",
            )
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

    /// The text of a new `project.toml`: what differs from the usual settings,
    /// so that nobody takes a usual value for a choice.
    ///
    /// # Errors
    /// When a setting cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String> {
        let failed =
            |error: toml::ser::Error| Error::program("cannot write project.toml").because(error);
        let usual = toml::Table::try_from(Self::default()).map_err(failed)?;
        let mut own = toml::Table::try_from(self).map_err(failed)?;
        leave_out_usual(&mut own, &usual);
        toml::to_string_pretty(&own).map_err(failed)
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
            "discovery.smallest_group",
            "at least 1",
            discovery.smallest_group > 0,
        )?;
        sound(
            "max_tokens",
            "at least 3",
            self.max_tokens.is_none_or(|n| n >= 3),
        )?;
        self.fit.validate()?;
        self.quick.validate()?;
        self.costs.validate()?;
        self.tests.validate()?;
        self.hypotheses.validate()?;
        self.retrain.validate()
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

fn leave_out_usual(own: &mut toml::Table, usual: &toml::Table) {
    own.retain(|key, value| match (value, usual.get(key)) {
        (toml::Value::Table(own), Some(toml::Value::Table(usual))) => {
            leave_out_usual(own, usual);
            !own.is_empty()
        }
        (value, usual) => usual != Some(&*value),
    });
}

fn line_of(content: &str, offset: usize) -> usize {
    let before = content.as_bytes().iter().take(offset);
    1 + before.filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{FileSpec, LabelSpec};

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
            path: std::path::PathBuf::from("data/all.csv"),
            source: Some("mail".to_owned()),
            role: Some(Role::Train),
            encoding: Some("windows-1251".to_owned()),
            delimiter: Some(';'),
            ..FileSpec::default()
        }];
        let written = manifest.to_toml().expect("writes");
        assert_eq!(Manifest::parse(&written, "p").expect("reads"), manifest);
        for usual in ["until", "shares", "[fit]", "[retrain]", "[discovery]"] {
            assert!(
                !written.contains(usual),
                "{usual} is nobody's choice: {written}"
            );
        }
        manifest.fit.dropout = 0.25;
        manifest.discovery.k = Some(7);
        manifest.roles.shares.train = 3.0;
        manifest.retrain.most_passes = 9;
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
            "[costs]\nlabel = -0.1",
            "[costs]\nsample_seconds = inf",
            "[retrain]\nsample_weight = 0.0",
            "[retrain]\nreplay_per_sample = -1.0",
            "[retrain]\nlabel_share = 1.5",
            "[retrain]\nmost_passes = 0",
            "[retrain]\nguard_points = nan",
            "[discovery]\ntau = 2.0",
            "[discovery]\nk = 0",
            "[discovery]\nsmallest_group = 0",
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
