//! What the values of the label column are read as.

use std::collections::BTreeMap;

use crate::records::{LabelSpec, Manifest};

/// Spellings that are joined, marks for missing labels, and names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LabelSettings {
    /// Spellings of labels, and the label that each is read as.
    pub join: BTreeMap<String, String>,
    /// Values that mark a row without a label.
    pub missing: Vec<String>,
    /// The labels of the files in order, each with its name; empty as long as
    /// all are called as the files call them.
    pub named: Vec<(String, String)>,
}

impl LabelSettings {
    /// What the settings of a project say; names that they give are not among
    /// it.
    pub fn of(manifest: &Manifest) -> Self {
        Self {
            join: manifest.data.join.clone(),
            missing: manifest.data.missing_labels.clone(),
            named: Vec::new(),
        }
    }

    /// Puts them into the settings of a project.
    pub fn write(&self, manifest: &mut Manifest) {
        manifest.data.join.clone_from(&self.join);
        manifest.data.missing_labels.clone_from(&self.missing);
        if self.named.is_empty() {
            return;
        }
        let mut labels: Vec<LabelSpec> = Vec::new();
        for (value, name) in self.named.iter().filter(|(value, _)| self.is_label(value)) {
            let name = match name.trim() {
                "" => value,
                name => name,
            };
            let known = labels.iter().position(|label| label.name == *name);
            let at = known.unwrap_or_else(|| {
                labels.push(LabelSpec {
                    name: name.to_owned(),
                    ..LabelSpec::default()
                });
                labels.len() - 1
            });
            if value != name {
                labels[at].values.push(value.clone());
            }
        }
        manifest.labels = labels;
    }

    /// The labels of the files with their names, where `found` are the labels
    /// as they are read now.
    pub fn names(&self, found: &[String]) -> Vec<(String, String)> {
        let own = || found.iter().map(|name| (name.clone(), name.clone()));
        let mut names = match self.named.is_empty() {
            true => own().collect(),
            false => self.named.clone(),
        };
        // What was read last may be older than what was decided since.
        names.retain(|(value, _)| self.is_label(value));
        names
    }

    /// Whether a value is neither joined to another nor a mark for none.
    fn is_label(&self, value: &String) -> bool {
        !self.join.contains_key(value) && !self.missing.contains(value)
    }

    /// Reads a value as the label that it is again.
    pub fn take_back(&mut self, value: &str) {
        self.join.remove(value);
        self.missing.retain(|known| known != value);
        if !self.named.is_empty() && !self.named.iter().any(|(known, _)| known == value) {
            self.named.push((value.to_owned(), value.to_owned()));
        }
    }

    /// Takes names over; none if all labels are called as the files call them.
    pub fn name(&mut self, names: Vec<(String, String)>) {
        let is_own = |(value, name): &(String, String)| value == name;
        self.named = match names.iter().all(is_own) {
            true => Vec::new(),
            false => names,
        };
    }

    /// Reads a value as a mark for a missing label.
    pub fn leave_out(&mut self, value: &str) {
        if !self.missing.iter().any(|known| known == value) {
            self.missing.push(value.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_labels_keep_their_order_and_one_name_joins_values() {
        let found = ["0", "1", "2", "NA"].map(str::to_owned);
        let mut settings = LabelSettings::default();
        settings.name(settings.names(&found));
        assert_eq!(settings, LabelSettings::default(), "nothing was said");
        settings.leave_out("NA");
        let mut names = settings.names(&found[..3]);
        for ((_, name), new) in names.iter_mut().zip(["bad", " good ", "good"]) {
            *name = new.to_owned();
        }
        settings.name(names);
        let mut manifest = Manifest::default();
        settings.write(&mut manifest);
        let labels: Vec<(&str, usize)> = { manifest.labels.iter() }
            .map(|label| (label.name.as_str(), label.values.len()))
            .collect();
        assert_eq!(labels, [("bad", 1), ("good", 2)]);
        assert_eq!(manifest.data.missing_labels, ["NA"]);

        settings.join.insert("2".into(), "1".into());
        settings.take_back("NA");
        settings.write(&mut manifest);
        let names: Vec<&str> = manifest
            .labels
            .iter()
            .map(|label| label.name.as_str())
            .collect();
        assert_eq!(names, ["bad", "good", "NA"]);
        assert_eq!(manifest.labels[1].values, ["1"]);
    }
}
