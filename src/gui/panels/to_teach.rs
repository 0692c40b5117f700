//! Teach mode's list: the blind spots that a person is to teach, in plain
//! words.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use super::widgets::{caption, primary_button, title};
use crate::gui::read::Read;
use crate::gui::view_state::{FilePurpose, SpotRef, ViewState};
use crate::gui::words;
use crate::records::{Author, TeacherChoice};
use crate::support::text::many;

/// Shows the list, and what to do when it is done.
pub fn ui(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    title(ui, "What to teach");
    caption(
        ui,
        "The computer makes the same kind of mistake again and again, and is sure of itself. Pick \
         a group, say what is going on, and write texts that show what is right",
    );
    if read.state.built_in_model {
        caption(ui, words::ENGLISH_ONLY);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .max_height((ui.available_height() - 110.0).max(80.0))
        .show(ui, |ui| {
            for facts in &read.derived.spots {
                let SpotRef::Frozen(id) = facts.spot else {
                    continue;
                };
                if !to_teach(read, id) {
                    continue;
                }
                let written = written(read, id);
                let text = format!(
                    "{}\n{}, {} written",
                    facts.name,
                    many(facts.rows.len(), "mistake"),
                    many(written, "text")
                );
                let chosen = view.spot == Some(facts.spot);
                let button = egui::Button::selectable(chosen, RichText::new(&text)).wrap();
                let button = ui.add_sized([ui.available_width() - 8.0, 44.0], button);
                let button = button.accessible_name(format!("Teach {}", facts.name));
                if button.clicked() {
                    view.choose_spot(facts.spot, &facts.rows, read.derived.rows.len());
                }
            }
        });
    ui.separator();
    if read.state.handed_over.is_some() {
        caption(
            ui,
            "When you are done, save the lessons and send the file back",
        );
        let save = FilePurpose::SaveLessons;
        let button = primary_button(ui, save.button(), true).on_hover_text(save.meaning());
        if button.clicked() {
            view.confirm = Some(save.ask(read.state));
        }
    } else if ui.button("Leave teach mode").clicked() {
        view.teach_mode = false;
    }
}

/// Whether a person is to teach a blind spot; all are while nobody has chosen.
fn to_teach(read: &Read<'_>, id: crate::records::BlindSpotId) -> bool {
    let teachers = &read.state.document.teachers;
    let choice = teachers.get(&id);
    teachers.is_empty() || matches!(choice, Some(TeacherChoice::Human | TeacherChoice::Both))
}

fn written(read: &Read<'_>, id: crate::records::BlindSpotId) -> usize {
    let lessons = read.state.document.lessons.values();
    lessons
        .filter(|lesson| lesson.blind_spot == id && lesson.author == Author::Human)
        .map(|lesson| lesson.samples.len())
        .sum()
}
