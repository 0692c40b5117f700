//! People and language models in one table.

use eframe::egui::{ScrollArea, Ui};

use crate::gui::panels::sheet;
use crate::gui::panels::widgets::{button_if, caption, dot, empty};
use crate::gui::read::{Cx, Read};
use crate::gui::theme::tokens;
use crate::records::Arm;
use crate::session::{Command, JobKind};
use crate::steps::teachers::TeacherTable;

/// The page.
pub(super) fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    let idle = !cx.is_busy(JobKind::Compare);
    let meaning = "Reads all accepted samples with the base model and the pretrained encoder";
    if button_if(ui, idle, "Measure the teachers", meaning) {
        cx.ask(Command::CompareTeachers);
    }
    let Some(table) = &cx.state.teachers else {
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
            colours(table, cx, ui);
            for of_teachers in table.sheets(|spot| cx.state.blind_spot_name(spot)) {
                sheet::ui(&of_teachers, "", ui);
            }
            for note in &table.notes {
                caption(ui, note.as_str());
            }
        });
}

/// Each teacher with the colour that its arm has in every plot.
fn colours(table: &TeacherTable, read: &Read<'_>, ui: &mut Ui) {
    let totals = table.rows.iter().filter(|row| row.blind_spot.is_none());
    ui.horizontal_wrapped(|ui| {
        for row in totals {
            let arm = Arm::Lessons(row.teacher.clone());
            dot(ui, tokens(ui.ctx()).hue(read.state.hues().hue(&arm)));
            caption(ui, row.teacher.as_str()).on_hover_text("Its colour in every plot");
        }
    });
}
