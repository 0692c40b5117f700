//! The right side: the list of blind spots over the settings of discovery, or
//! whatever is selected.

use eframe::egui::{self, Panel, Ui};

use super::widgets::page;
use super::{blind_spot, example, selection, sliders, spot_list};
use crate::gui::read::Cx;

/// Shows what belongs to the selection: an example, a blind spot, the texts
/// that were selected together, or, with nothing selected, all blind spots.
pub fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    if let Some(row) = cx.view.focus.filter(|row| *row < cx.derived.rows.len()) {
        // The next example begins at its top, however far down one was.
        page(ui, ("example", row), f32::INFINITY, |ui| {
            example::ui(row, cx, ui);
        });
        return;
    }
    if let Some(spot) = cx.view.spot.and_then(|spot| cx.derived.spot(spot)) {
        let name = format!("{:?}", spot.spot);
        page(ui, name, f32::INFINITY, |ui| {
            blind_spot::ui(spot, cx, ui);
        });
        return;
    }
    if cx.view.selected_count() > 1 {
        page(ui, "selection", f32::INFINITY, |ui| selection::ui(cx, ui));
        return;
    }
    if cx.state.predictions.is_some() {
        Panel::bottom("settings of discovery")
            .resizable(false)
            .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(0, 6)))
            .show(ui, |ui| sliders::ui(cx, ui));
    }
    page(ui, "blind spots", f32::INFINITY, |ui| spot_list::ui(cx, ui));
}
