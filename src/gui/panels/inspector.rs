//! The right side: the settings of discovery, the list of blind spots, and
//! whatever is selected.

use eframe::egui::{ScrollArea, Ui};

use super::{blind_spot, example, sliders, spot_list};
use crate::gui::read::{Ask, Read};
use crate::gui::view_state::ViewState;

/// Shows what belongs to the selection: an example, a blind spot, or, with
/// nothing selected, all blind spots.
pub fn ui(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            // Room for the scroll bar, which floats over the contents.
            ui.set_max_width(ui.available_width() - 10.0);
            if let Some(row) = view.focus.filter(|row| *row < read.derived.rows.len()) {
                example::ui(row, read, view, ui, out);
                return;
            }
            if let Some(spot) = view.spot.and_then(|spot| read.derived.spot(spot)) {
                blind_spot::ui(spot, read, view, ui, out);
                return;
            }
            if read.state.predictions.is_some() && !view.presentation {
                sliders::ui(read, view, ui, out);
                ui.separator();
            }
            spot_list::ui(read, view, ui);
        });
}
