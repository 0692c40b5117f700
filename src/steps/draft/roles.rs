//! Which roles the rows of a new project get, as far as the names of files,
//! columns and values tell.

use std::collections::BTreeMap;

use super::{Draft, DraftFile};
use crate::dataset::guess::Guess;
use crate::records::{Role, Shares};

/// Which roles the rows of a file get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRoles {
    /// All of them, drawn, or what the role column says.
    Drawn,
    /// Those that training never sees, drawn: a held-out test set.
    Unseen,
    /// One.
    All(Role),
}

impl FileRoles {
    /// Shares of a file that training never sees.
    pub(super) const UNSEEN: Shares = Shares {
        train: 0.0,
        reserve: 0.0,
        validation: 0.0,
        discovery: 0.45,
        check: 0.2,
        sealed: 0.35,
    };

    /// In words.
    pub fn name(self) -> String {
        match self {
            FileRoles::Drawn => "all roles, drawn".into(),
            FileRoles::Unseen => "discovery, check, final, drawn".into(),
            FileRoles::All(role) => format!("only {role}"),
        }
    }
}

impl Draft {
    /// Proposes the column of roles and, without one, roles from the names of
    /// the files; what was chosen by hand stays. To be called when files or
    /// model have changed.
    ///
    /// A lone file serves all roles, whatever its name; a test set also has to
    /// serve for discovery and check unless other files do.
    pub fn propose_roles(&mut self) {
        self.propose_role_column();
        let promised: Vec<Option<Role>> = self.files.iter().map(DraftFile::promised).collect();
        let is_there = |role: Role| promised.contains(&Some(role));
        let trains = match self.is_fitted() {
            true => is_there(Role::Train),
            false => self.files.len() > 1,
        };
        let split = self.columns.role.is_none()
            && trains
            && [Role::Discovery, Role::Check, Role::Final]
                .map(is_there)
                .contains(&true);
        let lacks_unseen = !is_there(Role::Discovery) || !is_there(Role::Check);
        for (file, promised) in self.files.iter_mut().zip(&promised) {
            if file.roles_chosen {
                continue;
            }
            file.roles = match promised {
                _ if !split => FileRoles::Drawn,
                Some(Role::Final) if lacks_unseen => FileRoles::Unseen,
                Some(role) => FileRoles::All(*role),
                None => FileRoles::Drawn,
            };
        }
    }

    /// The column that the first file seems to have, if rows can keep its roles:
    /// of other columns some roles of the loop would have no rows.
    fn propose_role_column(&mut self) {
        if self.columns.role != self.proposed_role {
            return;
        }
        let is_fitted = self.is_fitted();
        let proposed = self.files.first().and_then(|file| {
            let column = file.guess.column_names().role?;
            covers_the_loop(&file.guess, &column, is_fitted).then_some(column)
        });
        self.columns.role.clone_from(&proposed);
        self.proposed_role = proposed;
    }

    /// What the values of the role column mean, where they are not the names
    /// of roles already.
    pub(super) fn role_names(&self) -> BTreeMap<String, Role> {
        let Some(column) = &self.columns.role else {
            return BTreeMap::new();
        };
        let columns = self.files.iter().flat_map(|file| &file.guess.columns);
        let values = columns
            .filter(|known| known.name == *column)
            .flat_map(|known| &known.values);
        values
            .filter(|value| Role::from_name(value).is_none())
            .filter_map(|value| Some((value.clone(), Role::called(value)?)))
            .collect()
    }
}

/// Whether a column names all the roles that the loop cannot do without;
/// *train* is one where the model is fitted.
fn covers_the_loop(guess: &Guess, column: &str, is_fitted: bool) -> bool {
    let known = guess.columns.iter().filter(|known| known.name == column);
    let roles: Vec<Role> = known
        .flat_map(|known| &known.values)
        .filter_map(|value| Role::called(value))
        .collect();
    let unseen = [Role::Discovery, Role::Check, Role::Final];
    let has_unseen = unseen.iter().all(|role| roles.contains(role));
    has_unseen && (!is_fitted || roles.contains(&Role::Train))
}
