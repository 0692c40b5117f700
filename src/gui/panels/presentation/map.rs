//! The map by source, with the blind spots outlined and named, and nothing
//! else: no text is read off it.

use std::sync::Arc;

use eframe::egui::{Label, Rect, RichText, Sense, Stroke, Ui, vec2};

use super::scale::{Scale, cut_bottom};
use super::{nothing, page, within};
use crate::discovery::Outcome;
use crate::drawing::Hue;
use crate::gui::map_input::{Look, MapInput};
use crate::gui::panels::widgets::count;
use crate::gui::read::{Cx, Read};
use crate::gui::scatter::{ScatterInput, ScatterView};
use crate::gui::theme::tokens;
use crate::gui::view_state::ColourBy;

const HEAD: &str = "Where it is fooled";

/// What is kept from frame to frame.
#[derive(Default)]
pub(super) struct MapPage {
    scatter: ScatterView,
    input: MapInput,
    /// No text is filtered out.
    everything: Arc<Vec<bool>>,
}

pub(super) fn ui(shown: &mut MapPage, scale: Scale, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(positions) = &cx.state.map else {
        let next = "it appears here once the model has been asked: follow the button at the left";
        return nothing(HEAD, "There is no map yet", next, scale, ui);
    };
    let look = Look {
        by: ColourBy::Source,
        visible: &shown.everything,
        selected: &[],
        spot: None,
        // A blind spot is not to look like a source.
        kept: cx.state.dataset.sources.len(),
    };
    (shown.input).update(&cx.read, &look, positions, ui.ctx());
    let mut room = page(HEAD, scale, ui);
    let legend = cut_bottom(&mut room, scale.small() * 1.8);
    cut_bottom(&mut room, scale.gap() / 2.0);
    shown.scatter.bare(scale.small());
    within(room, ui, |ui| {
        let input = ScatterInput {
            label: "Map by source",
            columns: &shown.input.columns,
            current: None,
            tooltip: &|_, _| {},
        };
        // Nothing is selected here: what is done on the map changes its view.
        let _done = shown.scatter.show(ui, &input);
    });
    within(legend, ui, |ui| sources(&cx.read, scale, ui));
}

/// The colours of the sources, and what a ring means.
fn sources(read: &Read<'_>, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let size = scale.small();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = scale.points(6.0);
        let entry = |ui: &mut Ui, name: &str, paint: &dyn Fn(&Ui, Rect)| {
            let side = vec2(size, size * 1.4);
            let (rect, _) = ui.allocate_exact_size(side, Sense::hover());
            paint(ui, rect);
            ui.add(Label::new(RichText::new(name).size(size)).extend());
            ui.add_space(size);
        };
        for (number, source) in read.state.dataset.sources.iter().enumerate() {
            let colour = tokens.hue(Hue::Palette(number));
            entry(ui, source, &|ui, rect| {
                ui.painter()
                    .circle_filled(rect.center(), size * 0.4, colour);
            });
        }
        // All that have a ring, in whatever role.
        let rows = read.derived.rows.iter();
        let errors = rows.filter(|row| row.outcome == Outcome::UnknownUnknown);
        let errors = errors.count();
        let spots = read.derived.spots.iter();
        let grouped: usize = spots.map(|spot| spot.rows.len()).sum();
        let ring = match grouped == errors {
            true => format!("wrong, and sure of it ({})", count(errors)),
            false => format!(
                "wrong, and sure of it ({}, of which {} in the groups)",
                count(errors),
                count(grouped)
            ),
        };
        entry(ui, &ring, &|ui, rect| {
            let stroke = Stroke::new(scale.points(1.5), tokens.text);
            ui.painter()
                .circle_stroke(rect.center(), size * 0.4, stroke);
        });
    });
}
