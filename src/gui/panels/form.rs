//! Fields, menus and choices, each with the name that a screen reader says.

use eframe::egui::text::{CCursor, CCursorRange};
use eframe::egui::{self, ComboBox, DragValue, Key, Response, TextEdit, Ui};

use super::widgets::explained;

/// Width of a menu whose entries are short, in points.
pub const SHORT_MENU: f32 = 100.0;

/// A field for one line of text; an infinite width is all there is.
pub fn line(
    ui: &mut Ui,
    name: &str,
    text: &mut String,
    hint: impl Into<String>,
    width: f32,
) -> Response {
    let field = TextEdit::singleline(text)
        .hint_text(hint.into())
        .desired_width(width);
    ui.add(field).accessible_name(name)
}

/// A field for some lines of text, as wide as there is room.
pub fn lines(ui: &mut Ui, name: &str, text: &mut String, rows: usize) -> Response {
    let field = TextEdit::multiline(text)
        .desired_rows(rows)
        .desired_width(f32::INFINITY);
    ui.add(field).accessible_name(name)
}

/// Whether Enter was pressed in a field of one line.
pub fn entered(field: &Response) -> bool {
    field.lost_focus() && field.ctx.input(|input| input.key_pressed(Key::Enter))
}

/// The one field of a dialog; whether Enter was pressed in it.
///
/// It has the keyboard at once, and what is suggested is selected, so that
/// typing replaces it.
pub fn answer(ui: &mut Ui, name: &str, text: &mut String, hint: &str) -> bool {
    let field = line(ui, name, text, hint, f32::INFINITY);
    let entered = entered(&field);
    if !entered && ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
        let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
        let mut state = TextEdit::load_state(ui.ctx(), field.id).unwrap_or_default();
        state.cursor.set_char_range(Some(all));
        state.store(ui.ctx(), field.id);
    }
    entered
}

/// A row of a grid: a name, and a number to drag or type.
pub fn number(ui: &mut Ui, name: &str, range: std::ops::RangeInclusive<usize>, value: &mut usize) {
    ui.label(name);
    ui.add(DragValue::new(value).range(range))
        .accessible_name(name);
    ui.end_row();
}

/// A menu of which one entry is chosen; `shown` is what it says while closed.
pub fn menu<T: PartialEq, N: AsRef<str>>(
    ui: &mut Ui,
    (name, width): (&str, f32),
    shown: &str,
    chosen: &mut T,
    entries: impl IntoIterator<Item = (T, N)>,
) -> Response {
    let menu = ComboBox::from_id_salt(name)
        .selected_text(shown)
        .width(width);
    let menu = menu.show_ui(ui, |ui| {
        for (value, text) in entries {
            ui.selectable_value(chosen, value, text.as_ref());
        }
    });
    menu.response.accessible_name(name)
}

/// Buttons of which one is chosen: values with their names and what they mean,
/// which may be empty. Gives whether one was clicked.
pub fn choices<'t, T: PartialEq>(
    ui: &mut Ui,
    chosen: &mut T,
    all: impl IntoIterator<Item = (T, &'t str, &'t str)>,
) -> bool {
    let mut clicked = false;
    for (value, name, meaning) in all {
        let button = ui.add(egui::Button::selectable(*chosen == value, name));
        if explained(button, meaning).clicked() {
            *chosen = value;
            clicked = true;
        }
    }
    clicked
}
