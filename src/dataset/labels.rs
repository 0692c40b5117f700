//! From the values of the label column to labels.

use std::collections::HashMap;

use crate::records::{Label, Manifest};
use crate::support::{Error, Result};

/// More distinct values than this are no classes.
const MOST_LABELS: usize = 1_000;

/// The distinct values of a column, numbered in order of appearance.
#[derive(Debug, Default)]
pub(crate) struct Values {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Values {
    /// Number of a value; whether it is new.
    pub(crate) fn number(&mut self, value: &str) -> (u32, bool) {
        if let Some(number) = self.numbers.get(value) {
            return (*number, false);
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(value.to_owned(), number);
        self.names.push(value.to_owned());
        (number, true)
    }

    /// All values in order of appearance.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}

/// A label value as written in different formats: `1.0` of a spreadsheet or
/// Parquet file is the `1` of a CSV file.
pub(crate) fn normalised(value: &str) -> &str {
    let value = value.trim();
    match value.split_once('.') {
        Some((whole, zeros))
            if !zeros.is_empty()
                && zeros.bytes().all(|byte| byte == b'0')
                && whole.parse::<i64>().is_ok() =>
        {
            whole
        }
        _ => value,
    }
}

/// The label that a value means by project.toml: by name, by its other values,
/// or, for names alone, by position.
pub(crate) fn in_manifest(value: &str, manifest: &Manifest) -> Option<Label> {
    let labels = &manifest.labels;
    let exact = labels
        .iter()
        .position(|label| normalised(&label.name) == value);
    let listed = || {
        let holds = |values: &Vec<String>| values.iter().any(|other| normalised(other) == value);
        labels.iter().position(|label| holds(&label.values))
    };
    let alike = || {
        let value = value.to_lowercase();
        labels
            .iter()
            .position(|label| label.name.trim().to_lowercase() == value)
    };
    let by_number = || {
        let numeric = labels
            .iter()
            .any(|label| label.name.trim().parse::<i64>().is_ok());
        let number = value.parse::<usize>().ok()?;
        (!numeric && number < labels.len()).then_some(number)
    };
    let position = exact.or_else(listed).or_else(alike).or_else(by_number)?;
    Label::try_from(position).ok()
}

/// Names of the labels when project.toml lists none: the values, sorted by
/// number or by name. Also gives the label of each value.
pub(crate) fn from_values(values: &[String]) -> (Vec<String>, Vec<Label>) {
    let mut order: Vec<usize> = (0..values.len()).collect();
    let numbers: Option<Vec<i64>> = values.iter().map(|value| value.parse().ok()).collect();
    match &numbers {
        Some(numbers) => order.sort_by_key(|value| numbers[*value]),
        None => order.sort_by(|a, b| values[*a].cmp(&values[*b])),
    }
    let mut labels = vec![0; values.len()];
    for (label, value) in order.iter().enumerate() {
        labels[*value] = Label::try_from(label).unwrap_or(Label::MAX);
    }
    let names = order
        .into_iter()
        .map(|value| values[value].clone())
        .collect();
    (names, labels)
}

/// Fails while reading once the label column cannot hold classes.
pub(crate) fn few_enough(distinct: usize, column: &str, file: &str) -> Result<()> {
    if distinct <= MOST_LABELS {
        return Ok(());
    }
    Err(Error::input(format!(
        "`{file}`: the label column `{column}` holds more than {MOST_LABELS} different values, \
         too many for classes"
    ))
    .hint(
        "name the right column under [data.columns] as label = \"…\"; ratings must be cut \
           into classes first",
    ))
}

/// The error of a value that is none of the labels.
pub(crate) fn unknown(value: &str, place: &str, manifest: &Manifest) -> Error {
    let shown: String = value.chars().take(40).collect();
    let names: Vec<String> = manifest
        .labels
        .iter()
        .take(20)
        .map(|label| format!("`{}`", label.name))
        .collect();
    Error::input(format!(
        "{place}: unknown label `{shown}`; project.toml names {}",
        names.join(", ")
    ))
    .hint(
        "mend the row, add the label to `labels` or the value to a label's `values`, or leave such \
         rows out with skip_unknown_labels = true under [data]",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(toml: &str) -> Manifest {
        Manifest::parse(toml, "project.toml").expect("manifest")
    }

    #[test]
    fn values_mean_labels_by_name_value_case_and_position() {
        let with = manifest(
            "[[labels]]\nname = \"bad\"\nvalues = [\"neg\"]\n[[labels]]\nname = \"Good\"\n",
        );
        for (value, label) in [("bad", 0), ("neg", 0), ("good", 1), ("1", 1), ("0", 0)] {
            assert_eq!(in_manifest(value, &with), Some(label), "{value}");
        }
        assert_eq!(in_manifest("2", &with), None);
        let stars = manifest("labels = [\"1\", \"2\"]");
        assert_eq!(in_manifest("1", &stars), Some(0));
        assert_eq!(in_manifest("0", &stars), None);
    }

    #[test]
    fn integers_sort_by_number() {
        let values = ["10", "2", "1"].map(str::to_owned);
        let (names, labels) = from_values(&values);
        assert_eq!(names, ["1", "2", "10"]);
        assert_eq!(labels, [2, 1, 0]);
        assert_eq!(normalised(" 3.0 "), "3");
        assert_eq!(normalised("3.5"), "3.5");
    }
}
