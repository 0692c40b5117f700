//! What reading the files of a draft shows.

use std::path::Path;

use super::Draft;
use crate::dataset::Dataset;
use crate::records::Role;
use crate::steps::Workspace;
use crate::steps::check::{BaseIs, ProjectCheck, check};
use crate::support::{Progress, Result};

impl Draft {
    /// Reads and checks the files as the project would.
    ///
    /// # Errors
    /// When a file or the model cannot be read or makes no sense.
    pub fn check(&self, progress: &Progress) -> Result<Checked> {
        let workspace = Workspace::of(self.manifest(false), Path::new(""), progress)?;
        let check = check(&workspace, progress)?;
        Ok(Checked::new(&workspace.dataset, check))
    }
}

/// What reading the files has shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Number of texts of each role.
    pub roles: Vec<(Role, usize)>,
    /// The labels with the number of their texts, sealed ones left out,
    /// commonest first.
    pub labels: Vec<(String, usize)>,
    /// The check itself.
    pub check: ProjectCheck,
}

impl Checked {
    fn new(dataset: &Dataset, check: ProjectCheck) -> Self {
        let roles = Role::ALL.map(|role| (role, dataset.with_role(role).len()));
        let mut counts = vec![0_usize; dataset.labels.len()];
        for example in dataset.examples.iter().filter(|e| e.role != Role::Final) {
            if let Some(count) = counts.get_mut(usize::from(example.label)) {
                *count += 1;
            }
        }
        let mut labels: Vec<_> = dataset.labels.iter().cloned().zip(counts).collect();
        labels.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self {
            roles: roles.into(),
            labels,
            check,
        }
    }

    /// What the user should know, in plain words.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for (role, least) in [
            (Role::Train, 50),
            (Role::Discovery, 100),
            (Role::Final, 100),
        ] {
            let fitted = self.check.base == BaseIs::FittedHere;
            if role == Role::Train && !fitted {
                continue;
            }
            let there = self.roles.iter().find(|(of, _)| *of == role);
            let there = there.map_or(0, |(_, number)| *number);
            if there < least {
                warnings.push(format!(
                    "only {there} texts are for “{role}”: figures will be uncertain below {least}"
                ));
            }
        }
        warnings.extend(self.check.doubt.clone());
        warnings.extend(self.check.data.warnings());
        warnings
    }

    /// How many more tokens of each text the model could read, if some texts
    /// are longer than it reads now.
    pub fn longer(&self) -> Option<usize> {
        let data = &self.check.data;
        let longest = data.cells.iter().map(|cell| cell.most_tokens).max()?;
        let wanted = longest.next_multiple_of(64).min(self.check.model_reads?);
        (data.over_long.count > 0 && wanted > data.max_tokens).then_some(wanted)
    }
}
