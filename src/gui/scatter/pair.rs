//! Two maps side by side that are panned, zoomed and hovered together.

use eframe::egui::{Ui, UiBuilder, vec2};

use super::{ScatterAction, ScatterInput, ScatterView};
use crate::gui::theme::GAP;

/// Shows the same points in two maps, for instance before and after a
/// retraining: the left one's actions first.
///
/// The maps share their view, tool and hovered point, whichever of them is
/// used; filters and colours are each input's own.
pub fn show_pair(
    ui: &mut Ui,
    left: (&mut ScatterView, &ScatterInput<'_>),
    right: (&mut ScatterView, &ScatterInput<'_>),
) -> [Vec<ScatterAction>; 2] {
    let (window, _) = ui.allocate_exact_size(ui.available_size(), eframe::egui::Sense::hover());
    let half = vec2((window.width() - GAP) / 2.0, window.height());
    let halves = [
        eframe::egui::Rect::from_min_size(window.min, half),
        eframe::egui::Rect::from_min_size(window.max - half, half),
    ];
    let (left, left_input) = left;
    let (right, right_input) = right;

    left.linked_hover = right.hovered;
    let left_actions = ui
        .scope_builder(UiBuilder::new().id_salt("left").max_rect(halves[0]), |ui| {
            left.show(ui, left_input)
        })
        .inner;
    right.follow(left);
    let right_actions = ui
        .scope_builder(
            UiBuilder::new().id_salt("right").max_rect(halves[1]),
            |ui| right.show(ui, right_input),
        )
        .inner;
    if !left.shares_view(right) {
        left.follow(right);
        // The left map is on the screen already, one step behind.
        ui.ctx().request_repaint();
    }
    [left_actions, right_actions]
}

impl ScatterView {
    fn follow(&mut self, other: &ScatterView) {
        self.camera = other.camera;
        self.flight = other.flight;
        self.tool = other.tool;
        self.linked_hover = other.hovered;
    }

    fn shares_view(&self, other: &ScatterView) -> bool {
        self.camera == other.camera
            && self.flight.is_some() == other.flight.is_some()
            && self.tool == other.tool
            && self.linked_hover == other.hovered
    }
}
