//! Drawing roles for whole groups so that each role gets its share of each
//! label.

use super::roles::Mark;
use crate::records::{Role, Shares};

/// How far each role is from its share of each label.
pub(super) struct Draw {
    /// Wanted rows, by role and label.
    wanted: Vec<Vec<f64>>,
    /// Rows so far, by role and label.
    filled: Vec<Vec<f64>>,
}

impl Draw {
    pub(super) fn new(
        shares: Shares,
        groups: &[usize],
        members: &[Vec<usize>],
        marks: &[Mark],
    ) -> Self {
        let shares = shares.or_usual();
        let total: f64 = Role::ALL.iter().map(|role| shares.of(*role)).sum();
        let rows = groups.iter().flat_map(|group| &members[*group]);
        let labels: Vec<usize> = rows.map(|row| usize::from(marks[*row].label)).collect();
        let mut counts = vec![0.0; labels.iter().max().map_or(0, |label| label + 1)];
        for label in labels {
            counts[label] += 1.0;
        }
        let share = |role: &Role| shares.of(*role) / total;
        let wanted = Role::ALL
            .iter()
            .map(|role| counts.iter().map(|count| count * share(role)).collect())
            .collect();
        Self {
            wanted,
            filled: vec![vec![0.0; counts.len()]; Role::ALL.len()],
        }
    }

    /// The role that lacks most of what the group has; the first of equals.
    pub(super) fn role(&mut self, group: &[usize], marks: &[Mark]) -> Option<Role> {
        let mut best: Option<(f64, usize)> = None;
        for role in 0..Role::ALL.len() {
            let lacking = group.iter().map(|row| {
                let label = usize::from(marks[*row].label);
                let wanted = self.wanted[role][label];
                (wanted - self.filled[role][label]) / wanted
            });
            let lacking: f64 = lacking.sum();
            if lacking.is_finite() && best.is_none_or(|(most, _)| lacking > most) {
                best = Some((lacking, role));
            }
        }
        let (_, role) = best?;
        for row in group {
            self.filled[role][usize::from(marks[*row].label)] += 1.0;
        }
        Some(Role::ALL[role])
    }
}
