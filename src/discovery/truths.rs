//! The label that each example should have: the data's, or what people put in
//! its place when they found the data wrong.
//!
//! Training, discovery and comparison all ask here, so that a correction
//! counts everywhere. *final* cannot be corrected: whoever could would choose
//! what the verdict is made on.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::records::{Judgements, Label, Role, Triage};
use crate::support::hash::StepHash;
use crate::support::text::many;

/// The true labels of a data set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Truths {
    /// Where people found the data wrong, by index: the right label, or none
    /// where nobody can say it.
    changed: BTreeMap<usize, Option<Label>>,
}

impl Truths {
    /// Reads the judgements of people. Those on rows that the data have lost,
    /// or that have become *final* since, say nothing.
    pub fn new(dataset: &Dataset, triage: &Judgements) -> Self {
        let judged = triage.iter().filter_map(|(key, judgement)| {
            let index = dataset.index_of(key)?;
            let example = &dataset.examples[index];
            let truth = match judgement {
                Triage::RealError => Some(example.label),
                Triage::WrongLabel(corrected) => *corrected,
                Triage::Ambiguous => None,
            };
            let counts = example.role != Role::Final && truth != Some(example.label);
            counts.then_some((index, truth))
        });
        Self {
            changed: judged.collect(),
        }
    }

    /// The label that an example (index into the data set) should have; `None`
    /// when nobody can say: an ambiguous text, or a wrong label whose right
    /// one is unknown.
    pub fn of(&self, dataset: &Dataset, example: usize) -> Option<Label> {
        match self.changed.get(&example) {
            Some(truth) => *truth,
            None => Some(dataset.examples.get(example)?.label),
        }
    }

    /// What people changed in some roles.
    pub fn corrections(&self, dataset: &Dataset, roles: &[Role]) -> Corrections {
        let mut corrections = Corrections::default();
        for (_, truth) in self.changed_in(dataset, roles) {
            match truth {
                Some(_) => corrections.corrected += 1,
                None => corrections.set_aside += 1,
            }
        }
        corrections
    }

    /// Part of the name of what is made from these roles: whatever people
    /// change names another result. `None` where they changed nothing, so that
    /// names without corrections stay what they are.
    pub fn fingerprint(&self, dataset: &Dataset, roles: &[Role]) -> Option<String> {
        let mut changed = self.changed_in(dataset, roles).peekable();
        changed.peek()?;
        let hash = changed.fold(StepHash::default(), |hash, (index, truth)| {
            let key = dataset.examples[index].key.0.as_bytes();
            let label = truth.map(Label::to_le_bytes);
            let label = label.as_ref().map_or(&[][..], |label| &label[..]);
            hash.with("key", key).with("truth", label)
        });
        Some(hash.finish())
    }

    fn changed_in<'a>(
        &'a self,
        dataset: &'a Dataset,
        roles: &'a [Role],
    ) -> impl Iterator<Item = (usize, Option<Label>)> + 'a {
        let changed = self.changed.iter().map(|(index, truth)| (*index, *truth));
        changed.filter(|(index, _)| roles.contains(&dataset.examples[*index].role))
    }
}

/// How many labels people changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrections {
    /// Labels that others took the place of.
    pub corrected: usize,
    /// Rows that are left out, since nobody can say their label.
    pub set_aside: usize,
}

impl Corrections {
    /// Whether nothing was changed.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// What every face says of a project's corrections, if there are any.
    pub fn told(self) -> Option<String> {
        (!self.is_empty()).then(|| {
            format!(
                "{self}: this counts in training, discovery and comparison alike, never on final"
            )
        })
    }
}

impl fmt::Display for Corrections {
    /// “3 labels corrected by hand, 1 row set aside”.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let corrected = format!("{} corrected by hand", many(self.corrected, "label"));
        let set_aside = format!("{} set aside", many(self.set_aside, "row"));
        match (self.corrected, self.set_aside) {
            (_, 0) => f.write_str(&corrected),
            (0, _) => f.write_str(&set_aside),
            _ => write!(f, "{corrected}, {set_aside}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::fixture::Fixture;
    use crate::records::ExampleKey;

    #[test]
    fn corrections_count_and_name_results_but_never_on_final() {
        let mut fixture = Fixture::new(2, 0);
        for role in [Role::Train, Role::Check, Role::Check, Role::Final] {
            fixture.add(&format!("{role}"), 0, role, &[0.0, 1.0], &[]);
        }
        let (dataset, _) = fixture.build();
        let key = |index: usize| dataset.examples[index].key.clone();
        let none = Truths::new(&dataset, &Judgements::new());
        let real_error = Judgements::from([
            (key(1), Triage::RealError),
            (ExampleKey("lost".into()), Triage::Ambiguous),
        ]);
        assert_eq!(Truths::new(&dataset, &real_error), none);
        assert_eq!(none.fingerprint(&dataset, &Role::ALL), None);

        let triage = Judgements::from([
            (key(0), Triage::WrongLabel(Some(1))),
            (key(2), Triage::Ambiguous),
            (key(3), Triage::WrongLabel(Some(1))),
        ]);
        let truths = Truths::new(&dataset, &triage);
        let labels: Vec<_> = (0..4).map(|index| truths.of(&dataset, index)).collect();
        assert_eq!(labels, [Some(1), Some(0), None, Some(0)]);
        let all = truths.corrections(&dataset, &Role::ALL);
        assert_eq!((all.corrected, all.set_aside), (1, 1));
        assert!(truths.corrections(&dataset, &[Role::Final]).is_empty());

        let of_train = truths.fingerprint(&dataset, &[Role::Train]);
        let other = Judgements::from([(key(0), Triage::WrongLabel(None))]);
        let other = Truths::new(&dataset, &other);
        assert!(of_train.is_some());
        assert_ne!(of_train, other.fingerprint(&dataset, &[Role::Train]));
        assert_eq!(truths.fingerprint(&dataset, &[Role::Final]), None);
    }
}
