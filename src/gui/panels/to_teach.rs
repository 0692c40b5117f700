//! Teach mode's list: the blind spots that a person is to teach, in plain
//! words.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use super::widgets::{caption, primary_button, title};
use crate::gui::read::Cx;
use crate::gui::view_state::{FilePurpose, SpotRef};
use crate::gui::words;
use crate::records::{BlindSpotId, TeacherChoice};
use crate::support::text::many;

/// Shows the list, and what to do when it is done.
pub fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    title(ui, "What to teach");
    caption(
        ui,
        "The computer makes the same kind of mistake again and again, and is sure of itself. Pick \
         a group, say what is going on, and write texts that show what is right",
    );
    if cx.state.built_in_model {
        caption(ui, words::ENGLISH_ONLY);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .max_height((ui.available_height() - 110.0).max(80.0))
        .show(ui, |ui| list(cx, ui));
    ui.separator();
    if cx.state.handed_over.is_some() {
        caption(
            ui,
            "When you are done, save the lessons and send the file back",
        );
        let save = FilePurpose::SaveLessons;
        let button = primary_button(ui, save.button(), true).on_hover_text(save.meaning());
        if button.clicked() {
            cx.view.confirm = Some(save.ask(cx.state));
        }
    } else if ui.button("Leave teach mode").clicked() {
        cx.view.teach_mode = false;
    }
}

fn list(cx: &mut Cx<'_>, ui: &mut Ui) {
    for facts in &cx.read.derived.spots {
        let SpotRef::Frozen(id) = facts.spot else {
            continue;
        };
        if !to_teach(cx, id) {
            continue;
        }
        let written: usize = cx.lessons_by_people(id).map(|l| l.samples.len()).sum();
        let text = format!(
            "{}\n{}, {} by people",
            facts.name,
            many(facts.rows.len(), "mistake"),
            many(written, "text")
        );
        let chosen = cx.view.spot == Some(facts.spot);
        let button = egui::Button::selectable(chosen, RichText::new(&text)).wrap();
        let button = ui.add_sized([ui.available_width() - 8.0, 44.0], button);
        let button = button.accessible_name(format!("Teach {}", facts.name));
        if button.clicked() {
            cx.choose_spot(facts);
        }
    }
}

/// Whether a person is to teach a blind spot; all are while nobody has chosen.
fn to_teach(cx: &Cx<'_>, id: BlindSpotId) -> bool {
    let teachers = &cx.state.document.teachers;
    let choice = teachers.get(&id);
    teachers.is_empty() || matches!(choice, Some(TeacherChoice::Human | TeacherChoice::Both))
}
