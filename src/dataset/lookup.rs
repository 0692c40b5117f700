//! Labels and ids that come in later, in predictions and samples, meet those
//! of the data however they are written.

use std::collections::HashMap;

use super::{Dataset, spelling};
use crate::records::{ExampleKey, Label};
use crate::support::text::with_formula;

impl Dataset {
    /// The label that a value means: by name, as the data itself writes it, or
    /// as another spelling of one of these, if it is that of a single label.
    pub fn label_meant(&self, value: &str) -> Option<Label> {
        let value = with_formula(value.trim());
        let as_written = || {
            let mut written = self.label_values.iter();
            let found = written.find(|(known, _)| known == value);
            found.map(|(_, label)| *label)
        };
        self.label_of(value)
            .or_else(as_written)
            .or_else(|| self.label_spelt(value))
    }

    fn label_spelt(&self, value: &str) -> Option<Label> {
        let key = spelling::key(value);
        let single = |known: &mut dyn Iterator<Item = (&String, Label)>| {
            let mut meant = known.filter(|(name, _)| spelling::key(name) == key);
            let (_, first) = meant.next()?;
            meant.all(|(_, label)| label == first).then_some(first)
        };
        let names = self.labels.iter().zip(0..);
        let values = self.label_values.iter().map(|(name, label)| (name, *label));
        single(&mut names.chain(values))
    }
}

/// Finds examples by their ids.
pub struct Ids<'d> {
    dataset: &'d Dataset,
    /// The example of each id that is a whole number, by the number; `None`
    /// where several are.
    numbers: HashMap<String, Option<usize>>,
}

impl<'d> Ids<'d> {
    /// The ids of a data set.
    pub fn of(dataset: &'d Dataset) -> Self {
        let mut numbers = HashMap::new();
        for (index, example) in dataset.examples.iter().enumerate() {
            if let Some(number) = spelling::number(&example.key.0) {
                let entry = numbers.entry(number).or_insert(Some(index));
                *entry = entry.filter(|known| *known == index);
            }
        }
        Self { dataset, numbers }
    }

    /// The example that an id means: as it is written, or as the same whole
    /// number, if only one has it.
    pub fn index_meant(&self, id: &str) -> Option<usize> {
        let exact = |id: &str| self.dataset.index_of(&ExampleKey(id.to_owned()));
        let id = id.trim();
        exact(id)
            .or_else(|| exact(with_formula(id)))
            .or_else(|| *self.numbers.get(&spelling::number(with_formula(id))?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Example, Origin};
    use crate::records::{Role, Text};

    fn dataset(ids: &[&str], labels: &[&str], values: &[(&str, Label)]) -> Dataset {
        let origin = Origin { file: 0, row: 2 };
        let example = |id: &&str| {
            let key = ExampleKey((*id).to_owned());
            Example::new(key, Text::single("x"), 0, Role::Train, 0, 0, origin)
        };
        Dataset {
            labels: labels.iter().map(|name| (*name).to_owned()).collect(),
            label_values: (values.iter())
                .map(|(name, label)| ((*name).to_owned(), *label))
                .collect(),
            examples: ids.iter().map(example).collect(),
            ..Dataset::default()
        }
    }

    #[test]
    fn ids_meet_however_their_numbers_are_written() {
        let data = dataset(&["1000", "7", "007x", "-5", "08", "8", "=a"], &[], &[]);
        let ids = Ids::of(&data);
        for (id, index) in [
            ("1000", Some(0)),
            ("1000.0", Some(0)),
            ("007", Some(1)),
            ("-5.0", Some(3)),
            ("'-5", Some(3)),
            ("08", Some(4)),
            ("8", Some(5)),
            ("8.0", None),
            ("'=a", Some(6)),
            ("9", None),
        ] {
            assert_eq!(ids.index_meant(id), index, "{id}");
        }
    }

    #[test]
    fn labels_meet_as_the_data_writes_them() {
        let data = dataset(&[], &["negative", "positive"], &[("neg", 0), ("1", 1)]);
        for (value, label) in [
            ("positive", Some(1)),
            ("Positive ", Some(1)),
            ("neg", Some(0)),
            ("NEG", Some(0)),
            ("1.0", Some(1)),
            ("0", None),
        ] {
            assert_eq!(data.label_meant(value), label, "{value}");
        }
        let signs = dataset(&[], &["-1", "1", "2"], &[]);
        for (value, label) in [("-1", 0), ("'-1", 0), ("-1.0", 0), ("01", 1), ("2.0", 2)] {
            assert_eq!(signs.label_meant(value), Some(label), "{value}");
        }
        let cases = dataset(&[], &["US", "us"], &[]);
        assert_eq!(cases.label_meant("us"), Some(1));
        assert_eq!(cases.label_meant("Us"), None);
    }
}
