//! The one field of a dialog that asks for a line of text.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{self, Context, Id, Key, Ui};

/// Shows the field; whether Enter was pressed in it.
///
/// It has the keyboard at once, and what is suggested is selected, so that
/// typing replaces it.
pub(super) fn answer_field(text: &mut String, name: &str, hint: &str, ui: &mut Ui) -> bool {
    let field = egui::TextEdit::singleline(text)
        .hint_text(hint)
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name(name);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if !entered && ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
        select_all(text, field.id, ui.ctx());
    }
    entered
}

fn select_all(text: &str, field: Id, ctx: &Context) {
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    let mut state = egui::TextEdit::load_state(ctx, field).unwrap_or_default();
    state.cursor.set_char_range(Some(all));
    state.store(ctx, field);
}
