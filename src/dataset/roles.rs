//! Groups, and the role of each row: as given, or drawn.
//!
//! Texts that are equal after folding, and rows with the same value in the
//! group column, belong together. A group whose *given* roles differ is a
//! leak. It is resolved so that nothing changes in what gives the verdict: the
//! latest role (train, reserve, validation, discovery, check, final) keeps its
//! rows, the rows in earlier roles are left out. Rows without a role take that
//! of their group or draw one: whole groups at random (seeded), with labels
//! in balance within each source.

use std::collections::{BTreeMap, HashMap};

use rand::seq::SliceRandom as _;
use serde::Serialize;

use super::draw::Draw;
use crate::records::{Label, Role, Shares};
use crate::support::rng;

/// What decides over a row's role and group.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Equal for texts that are equal after folding.
    pub(crate) text: u128,
    /// Number of its value in the group column.
    pub(crate) group: Option<u32>,
    /// The role that the data gives.
    pub(crate) role: Option<Role>,
    /// Its source.
    pub(crate) source: u16,
    /// Its label.
    pub(crate) label: Label,
    /// Which shares its role is drawn by.
    pub(crate) shares: usize,
}

/// Why rows of different roles belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tie {
    /// Equal texts after folding.
    Text,
    /// The same value in the group column.
    Group,
    /// A chain of both.
    Chain,
}

/// A row that was left out since a later role holds its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leak {
    /// The row.
    pub(crate) row: usize,
    /// The role it had, if any.
    pub(crate) from: Option<Role>,
    /// The role that keeps the group.
    pub(crate) kept_by: Role,
    /// A row of that role which belongs to it.
    pub(crate) twin: usize,
    /// Why.
    pub(crate) tie: Tie,
}

/// The outcome: parallel to the rows.
#[derive(Debug, Default)]
pub(crate) struct Assigned {
    /// Role of each row; `None`: left out.
    pub(crate) roles: Vec<Option<Role>>,
    /// Group of each row, numbered in order of appearance.
    pub(crate) groups: Vec<u32>,
    /// Rows left out.
    pub(crate) leaks: Vec<Leak>,
    /// Rows whose role was drawn.
    pub(crate) drawn: usize,
}

/// Gives every row a group and a role.
pub(crate) fn assign(marks: &[Mark], shares: &[Shares], seed: u64) -> Assigned {
    let mut kept = vec![true; marks.len()];
    let mut leaks = Vec::new();
    leave_out_leaks(marks, &mut kept, &mut leaks, Tie::Text, |mark| {
        Some(mark.text)
    });
    leave_out_leaks(marks, &mut kept, &mut leaks, Tie::Group, |mark| {
        mark.group.map(u128::from)
    });
    let mut roots = join(marks, &kept);
    if leave_out_bridges(marks, &mut kept, &mut leaks, &roots) {
        roots = join(marks, &kept);
    }
    let mut roles: Vec<Option<Role>> = marks.iter().map(|mark| mark.role).collect();
    let drawn = fill(marks, &kept, &roots, &mut roles, shares, seed);
    for (role, kept) in roles.iter_mut().zip(&kept) {
        *role = role.filter(|_| *kept);
    }
    leaks.sort_by_key(|leak| leak.row);
    Assigned {
        groups: numbered(&roots),
        roles,
        leaks,
        drawn,
    }
}

fn leave_out_leaks(
    marks: &[Mark],
    kept: &mut [bool],
    leaks: &mut Vec<Leak>,
    tie: Tie,
    key: impl Fn(&Mark) -> Option<u128>,
) {
    let mut latest: HashMap<u128, (Role, usize)> = HashMap::new();
    let given = |row: &usize, kept: &[bool]| {
        let mark = &marks[*row];
        Some((key(mark)?, mark.role?)).filter(|_| kept[*row])
    };
    for row in 0..marks.len() {
        if let Some((key, role)) = given(&row, kept) {
            let entry = latest.entry(key).or_insert((role, row));
            if role > entry.0 {
                *entry = (role, row);
            }
        }
    }
    for row in 0..marks.len() {
        let Some((key, role)) = given(&row, kept) else {
            continue;
        };
        if let Some((kept_by, twin)) = latest.get(&key).filter(|(latest, _)| role < *latest) {
            kept[row] = false;
            leaks.push(Leak {
                row,
                from: Some(role),
                kept_by: *kept_by,
                twin: *twin,
                tie,
            });
        }
    }
}

/// Rows without a role can tie rows of different given roles together: such
/// bridges are left out. Says whether there were any.
fn leave_out_bridges(
    marks: &[Mark],
    kept: &mut [bool],
    leaks: &mut Vec<Leak>,
    roots: &[usize],
) -> bool {
    let mut found: HashMap<usize, (Role, usize, bool)> = HashMap::new();
    for (row, mark) in marks.iter().enumerate().filter(|(row, _)| kept[*row]) {
        if let Some(role) = mark.role {
            let entry = found.entry(roots[row]).or_insert((role, row, false));
            entry.2 |= role != entry.0;
            if role > entry.0 {
                (entry.0, entry.1) = (role, row);
            }
        }
    }
    let before = leaks.len();
    for (row, mark) in marks.iter().enumerate() {
        let Some((kept_by, twin, true)) = found.get(&roots[row]) else {
            continue;
        };
        if kept[row] && mark.role.is_none() {
            kept[row] = false;
            leaks.push(Leak {
                row,
                from: None,
                kept_by: *kept_by,
                twin: *twin,
                tie: Tie::Chain,
            });
        }
    }
    leaks.len() > before
}

/// The first row of each row's group (union-find over texts and groups).
fn join(marks: &[Mark], kept: &[bool]) -> Vec<usize> {
    let mut parents: Vec<usize> = (0..marks.len()).collect();
    let mut by_text: HashMap<u128, usize> = HashMap::with_capacity(marks.len());
    let mut by_group: HashMap<u32, usize> = HashMap::new();
    for (row, mark) in marks.iter().enumerate().filter(|(row, _)| kept[*row]) {
        let with_text = *by_text.entry(mark.text).or_insert(row);
        unite(&mut parents, row, with_text);
        if let Some(group) = mark.group {
            let with_group = *by_group.entry(group).or_insert(row);
            unite(&mut parents, row, with_group);
        }
    }
    (0..marks.len())
        .map(|row| root(&mut parents, row))
        .collect()
}

fn root(parents: &mut [usize], mut row: usize) -> usize {
    while parents[row] != row {
        parents[row] = parents[parents[row]];
        row = parents[row];
    }
    row
}

fn unite(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}

fn numbered(roots: &[usize]) -> Vec<u32> {
    let mut next = 0_u32;
    let mut numbers = vec![0_u32; roots.len()];
    for (row, root) in roots.iter().enumerate() {
        // A root is the first row of its group, so its number is known.
        numbers[row] = if *root == row {
            next += 1;
            next - 1
        } else {
            numbers[*root]
        };
    }
    numbers
}

/// Rows without a role take that of their group; groups without any draw one.
fn fill(
    marks: &[Mark],
    kept: &[bool],
    roots: &[usize],
    roles: &mut [Option<Role>],
    shares: &[Shares],
    seed: u64,
) -> usize {
    let mut of_group: Vec<Option<Role>> = vec![None; marks.len()];
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); marks.len()];
    for row in (0..marks.len()).filter(|row| kept[*row]) {
        of_group[roots[row]] = of_group[roots[row]].or(marks[row].role);
        members[roots[row]].push(row);
    }
    // One draw for each source and set of shares.
    let mut strata: BTreeMap<(usize, u16), Vec<usize>> = BTreeMap::new();
    for root in (0..marks.len()).filter(|root| !members[*root].is_empty()) {
        if of_group[root].is_none() {
            let stratum = (marks[root].shares, marks[root].source);
            strata.entry(stratum).or_default().push(root);
        }
    }
    let mut drawn = 0;
    for ((set, source), mut groups) in strata {
        groups.shuffle(&mut rng::seeded(seed, &format!("roles {set} {source}")));
        // Large groups first: small ones then even out the shares.
        groups.sort_by_key(|group| std::cmp::Reverse(members[*group].len()));
        let mut draw = Draw::new(shares[set], &groups, &members, marks);
        for group in groups {
            of_group[group] = draw.role(&members[group], marks);
            drawn += members[group].len();
        }
    }
    for row in (0..marks.len()).filter(|row| kept[*row]) {
        roles[row] = roles[row].or(of_group[roots[row]]);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: u128, group: Option<u32>, role: Option<Role>, label: Label) -> Mark {
        Mark {
            text,
            group,
            role,
            source: 0,
            label,
            shares: 0,
        }
    }

    #[test]
    fn final_keeps_a_leaked_text_and_training_loses_it() {
        let marks = [
            mark(1, None, Some(Role::Train), 0),
            mark(1, None, Some(Role::Final), 0),
            mark(2, None, Some(Role::Train), 0),
        ];
        let assigned = assign(&marks, &[Shares::USUAL], 0);
        assert_eq!(assigned.roles, [None, Some(Role::Final), Some(Role::Train)]);
        assert_eq!(assigned.leaks.len(), 1);
        assert_eq!(assigned.leaks[0].twin, 1);
    }

    #[test]
    fn a_common_text_costs_the_text_not_the_review() {
        // "great" occurs in a training review and in a final one.
        let marks = [
            mark(1, Some(1), Some(Role::Train), 0),
            mark(2, Some(1), Some(Role::Train), 0),
            mark(1, Some(2), Some(Role::Final), 0),
        ];
        let assigned = assign(&marks, &[Shares::USUAL], 0);
        assert_eq!(assigned.roles, [None, Some(Role::Train), Some(Role::Final)]);
    }

    #[test]
    fn rows_without_a_role_follow_their_group_and_never_bridge_roles() {
        let marks = [
            mark(1, Some(1), Some(Role::Train), 0),
            mark(2, Some(1), None, 0),
            mark(3, Some(2), None, 0),
            mark(4, Some(2), Some(Role::Final), 0),
            mark(5, Some(3), Some(Role::Check), 0),
            mark(4, Some(3), None, 0),
        ];
        let assigned = assign(&marks, &[Shares::USUAL], 0);
        assert_eq!(assigned.roles[1], Some(Role::Train));
        // Row 5 ties the final row 3 to the check row 4, and row 2 hangs on it.
        assert_eq!(assigned.roles[5], None);
        assert_eq!(assigned.roles[3], Some(Role::Final));
        assert_eq!(assigned.roles[4], Some(Role::Check));
    }

    #[test]
    fn drawn_roles_keep_groups_whole_and_labels_in_balance() {
        let marks: Vec<Mark> = (0..3_000_u32)
            .map(|row| mark(u128::from(row), Some(row / 3), None, u16::from(row % 5 < 2)))
            .collect();
        let assigned = assign(&marks, &[Shares::USUAL], 7);
        assert_eq!(assigned.drawn, 3_000);
        for rows in (0..3_000).collect::<Vec<usize>>().chunks(3) {
            assert!(
                rows.iter()
                    .all(|row| assigned.roles[*row] == assigned.roles[rows[0]])
            );
            assert!(
                rows.iter()
                    .all(|row| assigned.groups[*row] == assigned.groups[rows[0]])
            );
        }
        for role in Role::ALL {
            let with: Vec<usize> = (0..3_000)
                .filter(|r| assigned.roles[*r] == Some(role))
                .collect();
            let positive = with.iter().filter(|row| marks[**row].label == 1).count();
            let wanted = 3_000.0 * Shares::USUAL.of(role);
            assert!(
                (with.len() as f64 - wanted).abs() <= 6.0,
                "{role}: {}",
                with.len()
            );
            assert!(
                (positive as f64 / with.len() as f64 - 0.4).abs() < 0.02,
                "{role}"
            );
        }
        let again = assign(&marks, &[Shares::USUAL], 7);
        assert_eq!(again.roles, assigned.roles);
        assert_ne!(assign(&marks, &[Shares::USUAL], 8).roles, assigned.roles);
    }
}
