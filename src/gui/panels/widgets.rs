//! The few building blocks that all panels share.

use std::collections::BTreeSet;
use std::time::Duration;

use eframe::egui::{
    self, Align, Color32, Frame, Layout, Margin, Response, RichText, Sense, Stroke, Ui, Vec2,
    WidgetText,
};

use crate::gui::theme::{self, tokens};

/// A headline inside a panel.
pub fn title(ui: &mut Ui, text: impl Into<String>) -> Response {
    ui.label(RichText::new(text).size(theme::HEADING).strong())
}

/// A headline of a part of a panel, with an explanation on hover.
pub fn section(ui: &mut Ui, text: &str, meaning: &str) -> Response {
    ui.add_space(theme::GAP);
    let response = ui.label(RichText::new(text).strong());
    explained(response, meaning)
}

/// A line of less weight.
pub fn caption(ui: &mut Ui, text: impl Into<String>) -> Response {
    let weak = tokens(ui.ctx()).text_weak;
    ui.label(RichText::new(text).size(theme::SMALL).color(weak))
}

/// A line in a colour of the theme.
fn coloured(ui: &mut Ui, text: impl Into<String>, colour: Color32) -> Response {
    ui.label(RichText::new(text).color(colour))
}

/// A line on something that went wrong.
pub fn bad(ui: &mut Ui, text: impl Into<String>) -> Response {
    coloured(ui, text, tokens(ui.ctx()).bad)
}

/// A line to be careful about.
pub fn caution(ui: &mut Ui, text: impl Into<String>) -> Response {
    coloured(ui, text, tokens(ui.ctx()).caution)
}

/// Adds a tooltip unless it is empty.
pub fn explained(response: Response, meaning: &str) -> Response {
    if meaning.is_empty() {
        response
    } else {
        response.on_hover_text(meaning)
    }
}

/// The one button that leads on.
pub fn primary_button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let tokens = tokens(ui.ctx());
    let label = RichText::new(text).color(tokens.on_accent).strong();
    let button = egui::Button::new(label)
        .fill(tokens.accent)
        .min_size(Vec2::new(0.0, theme::CONTROL_HEIGHT + 6.0));
    ui.add_enabled(enabled, button)
}

/// A button that can be pressed or not, with what it does; whether it was
/// pressed.
pub fn button_if(ui: &mut Ui, enabled: bool, text: &str, meaning: &str) -> bool {
    let button = ui.add_enabled(enabled, egui::Button::new(text));
    explained(button, meaning).clicked()
}

/// Parts below each other that scroll where they need more room than there is,
/// at most `width` wide. Each `name` stands where it was scrolled to.
pub fn page<R>(
    ui: &mut Ui,
    name: impl egui::AsIdSalt,
    width: f32,
    contents: impl FnOnce(&mut Ui) -> R,
) -> R {
    egui::ScrollArea::vertical()
        .id_salt(name)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            limit_width(ui, width);
            contents(ui)
        })
        .inner
}

/// Keeps what scrolls to `width`, and off the scroll bar, which floats over
/// it. A window squeezed flat has no room to give: never less than nothing.
pub fn limit_width(ui: &mut Ui, width: f32) {
    ui.set_max_width((ui.available_width() - 10.0).clamp(0.0, width));
}

/// A part of a page that always has its place: its fields keep what is being
/// typed when something appears in a part above them.
pub fn part<R>(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.push_id(name, contents).inner
}

/// A raised area that holds things that belong together.
pub fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = tokens(ui.ctx());
    Frame::new()
        .fill(tokens.raised)
        .corner_radius(theme::RADIUS)
        .inner_margin(Margin::same(theme::PADDING as i8 - 2))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            // Columns stretch lines of text to their width.
            let layout = Layout::top_down(Align::LEFT);
            ui.with_layout(layout, contents).inner
        })
        .inner
}

/// A bordered text quoted from the data.
pub fn quote(ui: &mut Ui, text: impl Into<WidgetText>) -> Response {
    let tokens = tokens(ui.ctx());
    Frame::new()
        .fill(tokens.canvas)
        .stroke(Stroke::new(1.0, tokens.border))
        .corner_radius(theme::RADIUS)
        .inner_margin(Margin::symmetric(10, 7))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.add(egui::Label::new(text).wrap().selectable(true))
        })
        .inner
}

/// A dot in a colour, for lists beside a coloured map. Never the only carrier
/// of its meaning, so it has no accessible name.
pub fn dot(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(Vec2::new(12.0, theme::SMALL), Sense::hover());
    ui.painter().circle_filled(rect.center(), 5.0, colour);
    // The darkest of many colours would melt into a dark ground.
    let ring = Stroke::new(1.0, tokens(ui.ctx()).text_weak);
    ui.painter().circle_stroke(rect.center(), 5.0, ring);
}

/// A small word in a rounded field.
pub fn tag(ui: &mut Ui, text: &str, colour: Color32) -> Response {
    Frame::new()
        .stroke(Stroke::new(1.0, colour))
        .corner_radius(theme::RADIUS)
        .inner_margin(Margin::symmetric(6, 1))
        .show(ui, |ui| {
            ui.label(RichText::new(text).size(theme::SMALL).color(colour))
        })
        .inner
}

/// A fact: its name to the left, its value to the right.
pub fn fact(ui: &mut Ui, name: &str, value: impl Into<WidgetText>, meaning: &str) {
    let row = ui.horizontal(|ui| {
        let weak = tokens(ui.ctx()).text_weak;
        let name = ui.label(RichText::new(name).color(weak));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add(egui::Label::new(value).truncate())
        });
        name
    });
    explained(row.inner, meaning);
}

/// A button among several of which one is chosen.
pub fn choice(ui: &mut Ui, chosen: bool, text: &str) -> bool {
    ui.add(egui::Button::selectable(chosen, text)).clicked()
}

/// Puts a value into a set, or takes it out.
pub fn toggle<T: Ord>(set: &mut BTreeSet<T>, value: T) {
    if !set.remove(&value) {
        set.insert(value);
    }
}

/// What an empty panel says: what is missing and what to do next.
pub fn empty(ui: &mut Ui, what: &str, next: &str) {
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.3).min(160.0));
        ui.label(RichText::new(what).size(theme::HEADING));
        caption(ui, next);
    });
}

/// A share as per cent; `–` when there is none.
pub fn percent(share: f32) -> String {
    if share.is_finite() {
        format!("{:.1} %", share * 100.0)
    } else {
        "–".into()
    }
}

/// A duration in words that fit a status line.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=1 => "a second".into(),
        2..=99 => format!("{seconds} s"),
        100..=5399 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}

/// The same of a range: “4 to 6 min”, or one of them where they read alike.
pub fn duration_between(low: Duration, high: Duration) -> String {
    let (from, to) = (duration(low), duration(high));
    if from == to {
        return to;
    }
    // A unit that both have is said once.
    let unit = to.rsplit_once(' ').map_or("", |(_, unit)| unit);
    let from = from.strip_suffix(unit).unwrap_or(&from).trim_end();
    format!("{from} to {to}")
}

/// A number with thin spaces between thousands.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            written.push('\u{2009}');
        }
        written.push(digit);
    }
    written
}

/// The head of a column that sorts a table: the first click sorts downwards,
/// the second upwards, the third not at all. `sorted` is the column that
/// sorts now and whether downwards. Gives what to sort by after a click.
pub fn sort_head<C: Copy + PartialEq>(
    ui: &mut Ui,
    (column, name): (C, &str),
    sorted: Option<(C, bool)>,
    (meaning, accessible_name): (&str, String),
) -> Option<Option<(C, bool)>> {
    let sorted = sorted.filter(|(by, _)| *by == column);
    // Room for the mark, which is drawn: the fonts have no arrows.
    let room = if sorted.is_some() { "    " } else { "" };
    let text = RichText::new(format!("{name}{room}"))
        .strong()
        .size(theme::SMALL);
    let button = egui::Button::new(text).frame(false).truncate();
    let button = ui.add(button).on_hover_text(meaning);
    if let Some((_, downwards)) = sorted {
        let at = egui::pos2(button.rect.right() - 5.0, button.rect.center().y);
        let tip = if downwards { 3.0 } else { -3.0 };
        let corners = vec![
            at + egui::vec2(-4.0, -tip),
            at + egui::vec2(4.0, -tip),
            at + egui::vec2(0.0, tip),
        ];
        let colour = ui.visuals().strong_text_color();
        let mark = egui::Shape::convex_polygon(corners, colour, egui::Stroke::NONE);
        ui.painter().add(mark);
    }
    let clicked = button.accessible_name(accessible_name).clicked();
    clicked.then_some(match sorted {
        None => Some((column, true)),
        Some((_, true)) => Some((column, false)),
        Some((_, false)) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!(count(7), "7");
        assert_eq!(count(12345), "12\u{2009}345");
        assert_eq!(count(123_456), "123\u{2009}456");
        assert_eq!(duration(Duration::from_secs(75)), "75 s");
        assert_eq!(duration(Duration::from_secs(600)), "10 min");
        let between =
            |low, high| duration_between(Duration::from_secs(low), Duration::from_secs(high));
        assert_eq!(between(240, 360), "4 to 6 min");
        assert_eq!(between(40, 150), "40 s to 3 min");
        assert_eq!(between(241, 250), "4 min");
        assert_eq!(between(1, 5), "a second to 5 s");
        assert_eq!(percent(f32::NAN), "–");
    }
}
