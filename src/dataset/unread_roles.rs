//! Columns that nobody reads and that hold names of roles: rows that are meant
//! to be sealed must not be drawn into *train* without a word.

use std::collections::BTreeSet;

use super::spelling;
use super::table::Table;
use crate::records::Role;

/// What parts of a data set are called elsewhere.
const COMMON: [&str; 13] = [
    "training",
    "dev",
    "develop",
    "development",
    "valid",
    "val",
    "validate",
    "test",
    "testing",
    "eval",
    "evaluation",
    "holdout",
    "hold-out",
];

/// Columns of a file that hold nothing but names of roles, so far.
pub(super) struct UnreadRoles {
    columns: Vec<(usize, BTreeSet<String>)>,
}

impl UnreadRoles {
    /// Watches columns that play no part.
    pub(super) fn of(columns: impl Iterator<Item = usize>) -> Self {
        Self {
            columns: columns.map(|column| (column, BTreeSet::new())).collect(),
        }
    }

    /// Takes in a row.
    pub(super) fn note(&mut self, table: &dyn Table) {
        self.columns.retain_mut(|(column, seen)| {
            let value = table.cell(*column).trim();
            if value.is_empty() || seen.contains(value) {
                return true;
            }
            let is_role =
                Role::from_name(value).is_some() || COMMON.contains(&value.to_lowercase().as_str());
            if is_role {
                seen.insert(value.to_owned());
            }
            is_role
        });
    }

    /// What is to be told of them.
    pub(super) fn told(self, header: &[String]) -> Vec<String> {
        let found = self.columns.into_iter().filter(|(_, seen)| seen.len() > 1);
        found
            .map(|(column, seen)| {
                let name = header.get(column).map_or("", String::as_str);
                let name = spelling::shown(name);
                let seen: Vec<String> = seen.into_iter().collect();
                format!(
                    "its column `{name}` looks like roles ({}) and is not read, so that roles are \
                     drawn anew, across it: if it says which rows are for training and which for \
                     the test, write role = \"{name}\" under [data.columns], and what its names \
                     mean under [roles.names]",
                    seen.join(", ")
                )
            })
            .collect()
    }
}
