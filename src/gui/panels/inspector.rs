//! The right side: the settings of discovery, the list of blind spots, and
//! whatever is selected.

use eframe::egui::Ui;

use super::widgets::page;
use super::{blind_spot, example, sliders, spot_list};
use crate::gui::read::Cx;

/// Shows what belongs to the selection: an example, a blind spot, or, with
/// nothing selected, all blind spots.
pub fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    page(ui, "inspector", f32::INFINITY, |ui| {
        if let Some(row) = cx.view.focus.filter(|row| *row < cx.derived.rows.len()) {
            example::ui(row, cx, ui);
            return;
        }
        if let Some(spot) = cx.view.spot.and_then(|spot| cx.derived.spot(spot)) {
            blind_spot::ui(spot, cx, ui);
            return;
        }
        if cx.state.predictions.is_some() && !cx.view.presentation {
            sliders::ui(cx, ui);
            ui.separator();
        }
        spot_list::ui(cx, ui);
    });
}
