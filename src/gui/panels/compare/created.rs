//! Errors that retraining made, and what they have in common.

use eframe::egui::{RichText, Ui};

use crate::comparison::created::Created;
use crate::gui::panels::widgets::{caption, card, section};

/// Lists the groups of created errors of each arm with lessons.
pub(super) fn ui(created: &[Created], ui: &mut Ui) {
    if created.is_empty() {
        return;
    }
    section(
        ui,
        "Errors that retraining made",
        "Rows of discovery and check that became unknown unknowns in at least half of the seeds",
    );
    for arm in created {
        card(ui, |ui| {
            ui.label(RichText::new(format!(
                "{}: {} new unknown unknowns among {} rows of discovery and check",
                arm.arm, arm.count, arm.rows
            )));
            for group in &arm.groups {
                let words = group.words();
                let common = if words.is_empty() {
                    "no word is commoner in them than elsewhere".to_owned()
                } else {
                    format!("in common: {words}")
                };
                caption(
                    ui,
                    format!(
                        "{} × {} taken for {}; {common}",
                        group.members.len(),
                        group.true_label,
                        group.predicted
                    ),
                );
            }
        });
    }
}
