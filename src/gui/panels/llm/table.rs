//! People and language models in one table.

use eframe::egui::{self, ScrollArea, Ui};

use crate::gui::panels::sheet;
use crate::gui::panels::widgets::{caption, empty};
use crate::gui::read::{Ask, Read};
use crate::session::{Command, JobKind};

/// The page.
pub(super) fn ui(read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    let idle = read.jobs.active(JobKind::Compare).is_none();
    let measure = ui.add_enabled(idle, egui::Button::new("Measure the teachers"));
    let meaning = "Reads all accepted samples with the base model and the pretrained encoder";
    if measure.on_hover_text(meaning).clicked() {
        out.push(Command::CompareTeachers.into());
    }
    let Some(table) = &read.state.teachers else {
        empty(
            ui,
            "Nothing is measured yet",
            "Measure the teachers to see yield, diversity, cost and effect beside each other",
        );
        return;
    };
    ScrollArea::both()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            for of_teachers in table.sheets(|spot| read.state.blind_spot_name(spot)) {
                sheet::ui(&of_teachers, "", ui);
            }
            for note in &table.notes {
                caption(ui, note.as_str());
            }
        });
}
