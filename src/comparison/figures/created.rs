//! The figures of errors that retraining made.

use crate::comparison::created::{Created, CreatedGroup};
use crate::support::figures::{Figure, figure};

/// Created errors of an arm.
pub fn created() -> Vec<Figure<Created>> {
    vec![
        figure("created")
            .print("{created} of {rows}")
            .whole("created", |created: &Created| created.count)
            .whole("rows", |created| created.rows)
            .meaning(
                "Rows of discovery and check that became unknown unknowns in at least half of the \
                 seeds, of all rows there; without those that did so with nothing added, too.",
            ),
        figure("with nothing added too")
            .whole("created_with_nothing_added_too", |created: &Created| {
                created.shared
            })
            .meaning(
                "Rows that became unknown unknowns in this arm and in the one that trains as many \
                 steps with nothing added: not the work of what this arm adds.",
            ),
    ]
}

/// A group of them.
pub fn created_group() -> Vec<Figure<CreatedGroup>> {
    vec![
        figure("group")
            .words("group", |group: &CreatedGroup| group.name.clone())
            .meaning("Created errors that lie together, grouped as blind spots are."),
        figure("in group")
            .whole("members", |group: &CreatedGroup| group.members.len())
            .meaning("Rows in the group."),
        figure("true → predicted")
            .print("{true_label} → {predicted}")
            .words("true_label", |group: &CreatedGroup| {
                group.true_label.clone()
            })
            .words("predicted", |group| group.predicted.clone())
            .meaning(
                "The label that the data gives, and the one that the retrained model predicts.",
            ),
        figure("distinctive terms")
            .words("terms", CreatedGroup::words)
            .meaning("Words that are commoner here than among rows that the base gets right."),
    ]
}
