//! The labels that the data must have, and what a value of the label column
//! means by them.

use super::{cell, spelling};
use crate::records::{Label, LabelSpec};
use crate::support::{Error, Result};

/// Labels or values that a message lists at most.
pub(super) const LISTED: usize = 20;

/// The labels that the data must have: those of project.toml, or those that a
/// file brings.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) labels: Vec<LabelSpec>,
    /// Who says so, for messages.
    pub(super) by: String,
}

/// Why a value means a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Because {
    /// It is the name, or a value that project.toml lists.
    Said,
    /// It is the name in other letters.
    Alike,
    /// It is a number, and labels that are names alone count from 0.
    Position,
}

impl Declared {
    /// The label that a value means: by name, by its other values, by the name
    /// in other letters, or, for names alone, by position.
    pub(super) fn label(&self, value: &str) -> Option<(Label, Because)> {
        let labels = &self.labels;
        let value = cell::without_zeros(value);
        let is = |name: &str| cell::without_zeros(name) == value;
        let exact = labels.iter().position(|label| is(&label.name));
        let listed = || {
            labels
                .iter()
                .position(|label| label.values.iter().any(|v| is(v)))
        };
        let alike = || {
            let value = value.to_lowercase();
            let is = |label: &LabelSpec| label.name.trim().to_lowercase() == value;
            labels.iter().position(is)
        };
        let by_number = || {
            let number = value.parse::<usize>().ok()?;
            (self.names_alone() && number < labels.len()).then_some(number)
        };
        let (position, because) = exact
            .or_else(listed)
            .map(|position| (position, Because::Said))
            .or_else(|| Some((alike()?, Because::Alike)))
            .or_else(|| Some((by_number()?, Because::Position)))?;
        Some((Label::try_from(position).ok()?, because))
    }

    /// Whether no number is said to mean a label.
    pub(super) fn names_alone(&self) -> bool {
        let number = |text: &String| text.trim().parse::<i64>().is_ok();
        !(self.labels.iter()).any(|label| number(&label.name) || label.values.iter().any(number))
    }

    /// Brings the names of a file's numbers together with these labels: what
    /// each number is read as. `None`: a label that these do not name.
    ///
    /// # Errors
    /// When these labels say otherwise than the file, with both lists.
    pub(super) fn agree(&self, file: &str, column: &str, names: &[String]) -> Result<Vec<String>> {
        let otherwise = || {
            let in_file: Vec<String> = names
                .iter()
                .take(LISTED)
                .enumerate()
                .map(|(number, name)| format!("{number} `{}`", spelling::shown(name)))
                .collect();
            Error::input(format!(
                "`{file}` says which label the numbers of its column `{column}` mean: {}; {} names \
                 {}",
                in_file.join(", "),
                self.by,
                self.listed()
            ))
            .hint(
                "list the labels as the file does, in its order, or leave `labels` out; another \
                 name for one of them: { name = \"…\", values = [\"the file's name\"] }",
            )
        };
        let mut means = Vec::with_capacity(names.len());
        let mut last = None;
        for (number, name) in names.iter().enumerate() {
            let by_name = self
                .label(name)
                .filter(|(_, why)| *why != Because::Position);
            let number = number.to_string();
            let by_number = self.label(&number).filter(|(_, why)| *why == Because::Said);
            // A label that is called by a number is not what that number stands
            // for: of names such as 1 to 5 the first is number 0.
            let is_listed = |label: &Label| {
                cell::without_zeros(&self.labels[usize::from(*label)].name) != number
            };
            let found = match (by_name, by_number) {
                (Some((by_name, _)), Some((by_number, _)))
                    if by_name != by_number && is_listed(&by_number) =>
                {
                    return Err(otherwise());
                }
                (by_name, by_number) => by_name.or(by_number).map(|(label, _)| label),
            };
            if found.is_some() && found <= last {
                return Err(otherwise());
            }
            last = found.or(last);
            means.push(match found {
                Some(label) => self.labels[usize::from(label)].name.clone(),
                None => name.clone(),
            });
        }
        match last {
            None => Err(otherwise()),
            Some(_) => Ok(means),
        }
    }

    pub(super) fn listed(&self) -> String {
        let names = self.labels.iter().take(LISTED);
        let names: Vec<String> = names.map(|label| format!("`{}`", label.name)).collect();
        names.join(", ")
    }

    /// The error of a value that is none of the labels.
    pub(super) fn unknown(&self, value: &str, place: &str) -> Error {
        let key = spelling::key(value);
        let near = self
            .labels
            .iter()
            .find(|label| spelling::key(&label.name) == key);
        let hint = match near {
            Some(label) => format!(
                "it is a spelling of `{}`: to read it so, write under [data.join] \"{}\" = \"{}\"",
                label.name,
                spelling::shown(value),
                label.name
            ),
            None => "mend the row, add the label to `labels` or the value to a label's `values`, \
                     or leave such rows out with skip_unknown_labels = true under [data]"
                .to_owned(),
        };
        Error::input(format!(
            "{place}: unknown label `{}`; {} names {}",
            spelling::shown(value),
            self.by,
            self.listed()
        ))
        .hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(toml: &str) -> Declared {
        let manifest = crate::records::Manifest::parse(toml, "project.toml").expect("manifest");
        Declared {
            labels: manifest.labels,
            by: "project.toml".into(),
        }
    }

    #[test]
    fn values_mean_labels_by_name_value_case_and_position() {
        let with = declared(
            "[[labels]]\nname = \"bad\"\nvalues = [\"neg\"]\n[[labels]]\nname = \"Good\"\n",
        );
        for (value, label) in [("bad", 0), ("neg", 0), ("good", 1), ("1", 1), ("0", 0)] {
            assert_eq!(
                with.label(value).map(|(label, _)| label),
                Some(label),
                "{value}"
            );
        }
        assert_eq!(with.label("2"), None);
        let stars = declared("labels = [\"1\", \"2\"]");
        assert_eq!(stars.label("1"), Some((0, Because::Said)));
        assert_eq!(stars.label("1.0"), Some((0, Because::Said)));
        assert_eq!(stars.label("0"), None);
    }

    #[test]
    fn a_files_names_and_those_of_project_toml_agree_or_both_are_told() {
        let names = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let file = names(&["good", "bad"]);
        for toml in [
            "labels = [\"bad\", \"good\"]",
            "labels = [\"schlecht\", \"gut\"]",
            "labels = [{ name = \"good\", values = [\"1\"] }, { name = \"bad\", values = [\"0\"] }]",
        ] {
            let error = declared(toml)
                .agree("x.parquet", "label", &file)
                .expect_err(toml);
            let text = error.to_string();
            assert!(text.contains("0 `good`, 1 `bad`"), "{text}");
        }
        for (toml, means) in [
            ("labels = [\"good\", \"bad\"]", &["good", "bad"]),
            ("labels = [\"good\", \"so-so\", \"bad\"]", &["good", "bad"]),
            (
                "labels = [{ name = \"gut\", values = [\"good\"] }, { name = \"mies\", values = [\"1\"] }]",
                &["gut", "mies"],
            ),
        ] {
            let agreed = declared(toml)
                .agree("x.parquet", "label", &file)
                .expect(toml);
            assert_eq!(agreed, means);
        }
    }
}
