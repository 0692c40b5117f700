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
    /// Proposes the column of roles and, for files without one, roles from
    /// their names; what was chosen by hand stays. To be called when files or
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
        let is_elsewhere = self.is_elsewhere();
        let column = self.columns.role.as_deref();
        let unseen = [Role::Discovery, Role::Check, Role::Final];
        let split = trains && (column.is_some() || unseen.map(is_there).contains(&true));
        let lacks_unseen = column.is_none() && !unseen[..2].iter().all(|role| is_there(*role));
        for (file, promised) in self.files.iter_mut().zip(&promised) {
            if file.roles_chosen {
                continue;
            }
            let columns = &file.guess.layout.columns;
            let has_own = column.is_some_and(|name| columns.iter().any(|known| known == name));
            file.roles = match promised {
                _ if has_own => FileRoles::Drawn,
                // No row is trained on where the model is elsewhere.
                Some(role) if is_elsewhere && is_there(Role::Discovery) => FileRoles::All(*role),
                _ if is_elsewhere => FileRoles::Unseen,
                _ if !split => FileRoles::Drawn,
                Some(Role::Final) if lacks_unseen => FileRoles::Unseen,
                Some(role) => FileRoles::All(*role),
                None => FileRoles::Drawn,
            };
        }
    }

    /// The column that the first file seems to have, if rows can keep its roles:
    /// of other columns *discovery*, *check* or *final* would have no rows. One
    /// without *train* is kept: what lacks is told when the files are checked,
    /// and is better than rows that trade their roles.
    fn propose_role_column(&mut self) {
        if self.columns.role != self.proposed_role {
            return;
        }
        let proposed = self.files.first().and_then(|file| {
            let column = file.guess.column_names().role?;
            covers_what_is_unseen(&file.guess, &column).then_some(column)
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

/// Whether a column names all the roles that training never sees and the loop
/// cannot do without.
fn covers_what_is_unseen(guess: &Guess, column: &str) -> bool {
    let known = guess.columns.iter().filter(|known| known.name == column);
    let roles: Vec<Role> = known
        .flat_map(|known| &known.values)
        .filter_map(|value| Role::called(value))
        .collect();
    let unseen = [Role::Discovery, Role::Check, Role::Final];
    unseen.iter().all(|role| roles.contains(role))
}
