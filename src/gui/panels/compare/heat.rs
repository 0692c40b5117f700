//! Cells of heat maps: a figure in a ground that says how good or bad it is.

use eframe::egui::{self, RichText, Ui};

use crate::gui::panels::widgets::caption;
use crate::gui::theme::{self, tokens};
use crate::support::text::shortened;

/// Characters of the name of a row that are shown.
const NAME: usize = 40;
/// Width of a cell, in points.
const CELL: f32 = 76.0;

/// The name of a row, whole where it is pointed at.
pub(super) fn row_name(name: &str, ui: &mut Ui) {
    row_name_as(name, name, ui);
}

/// A row that is named otherwise than by its whole name.
pub(super) fn row_name_as(short: &str, name: &str, ui: &mut Ui) {
    ui.label(shortened(short, NAME)).on_hover_text(name);
}

/// A cell without a figure.
pub(super) fn nothing(why: &str, ui: &mut Ui) {
    caption(ui, "–").on_hover_text(why);
}

/// A cell that can be pressed.
pub(super) struct Heat {
    /// Its figure.
    pub(super) text: String,
    /// From −1, wholly good, to 1.
    pub(super) badness: f32,
    /// Whether it is the one whose details are shown.
    pub(super) chosen: bool,
    /// Its accessible name.
    pub(super) spoken: String,
}

impl Heat {
    /// Shows the cell; whether it was pressed.
    pub(super) fn clicked(self, hover: &str, ui: &mut Ui) -> bool {
        // The colours of words that speak for and against, which every common
        // colour vision tells apart; the text reads on both.
        let ground = tokens(ui.ctx()).word_ground(self.badness);
        let text = RichText::new(self.text);
        let button = egui::Button::new(match self.chosen {
            true => text.strong().underline(),
            false => text,
        });
        let button = button
            .fill(ground)
            .min_size(egui::vec2(CELL, theme::CONTROL_HEIGHT));
        let button = ui.add(button).on_hover_text(hover);
        button.accessible_name(self.spoken).clicked()
    }
}
