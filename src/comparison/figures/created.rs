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
                 seeds, of all rows there.",
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
