//! The list of blind spots: sortable, each with its state.

use eframe::egui::{self, RichText, Sense, Ui};

use super::form::{SHORT_MENU, menu};
use super::widgets::{caption, count, dot, empty, percent, section};
use super::{no_errors, suspects};
use crate::gui::derived::SpotFacts;
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::{SpotOrder, SpotRef, ViewState};
use crate::gui::words;
use crate::records::Role;
use crate::support::text::many;

/// Shows the list; a click chooses a blind spot.
pub fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    let heading = if cx.derived.previewing {
        "Blind spots (preview)"
    } else {
        "Blind spots"
    };
    ui.horizontal(|ui| {
        section(ui, heading, words::BLIND_SPOT);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            order_menu(cx.view, ui);
        });
    });
    let counts = cx.derived.counts();
    if counts.uus > 0 {
        let all = count(counts.discovery);
        let line = format!(
            "{} confident errors in {all} texts of “{}”",
            count(counts.uus),
            Role::Discovery
        );
        caption(ui, line).on_hover_text(words::UU);
    }
    if cx.derived.counts().uus > 0 {
        suspects::button(cx, ui);
    }
    if cx.derived.spots.is_empty() && has_no_errors(cx) {
        no_errors::ui(cx, ui);
        return;
    }
    if cx.derived.spots.is_empty() {
        let (what, next) = nothing_yet(cx);
        empty(ui, what, next);
        return;
    }
    for position in ordered(cx, cx.view.spot_order) {
        let spot = &cx.read.derived.spots[position];
        if card(position, spot, cx, ui) {
            cx.choose_spot(spot);
        }
    }
}

/// Whether the model has answered, and no error of *discovery* reaches τ.
pub fn has_no_errors(read: &Read<'_>) -> bool {
    !read.derived.rows.is_empty() && read.derived.counts().uus == 0
}

fn nothing_yet(read: &Read<'_>) -> (&'static str, &'static str) {
    if read.state.predictions.is_none() && read.state.black_box {
        ("No predictions yet", "Import them first")
    } else if read.state.predictions.is_none() && read.state.as_it_is {
        ("No predictions yet", "Take the model as it is first")
    } else if read.state.predictions.is_none() {
        ("No predictions yet", "Fit the base model first")
    } else {
        ("Grouping the errors …", "This takes a moment")
    }
}

fn order_menu(view: &mut ViewState, ui: &mut Ui) {
    let shown = format!("by {}", view.spot_order.name());
    let orders = SpotOrder::ALL.map(|order| (order, order.name()));
    menu(
        ui,
        ("Sort blind spots", SHORT_MENU),
        &shown,
        &mut view.spot_order,
        orders,
    );
}

/// Positions of the blind spots in the chosen order.
fn ordered(read: &Read<'_>, order: SpotOrder) -> Vec<usize> {
    let spots = &read.derived.spots;
    let mut positions: Vec<usize> = (0..spots.len()).collect();
    let rate = |spot: &SpotFacts| spot.region_rate().unwrap_or(0.0);
    positions.sort_by(|a, b| {
        let (a, b) = (&spots[*a], &spots[*b]);
        match order {
            SpotOrder::Size => b.rows.len().cmp(&a.rows.len()),
            SpotOrder::Rate => rate(b).total_cmp(&rate(a)),
            SpotOrder::Confidence => b.mean_confidence.total_cmp(&a.mean_confidence),
            SpotOrder::Confusion => (a.true_label, a.predicted).cmp(&(b.true_label, b.predicted)),
            SpotOrder::State => (a.state, a.samples).cmp(&(b.state, b.samples)),
        }
    });
    positions
}

/// One blind spot; whether it was chosen.
fn card(position: usize, spot: &SpotFacts, cx: &Cx<'_>, ui: &mut Ui) -> bool {
    let tokens = tokens(ui.ctx());
    let chosen = cx.view.spot == Some(spot.spot);
    let confusion = cx.confusion(spot.true_label, spot.predicted);
    let fill = if chosen {
        tokens.selection
    } else {
        tokens.raised
    };
    let frame = egui::Frame::new()
        .fill(fill)
        .corner_radius(theme::RADIUS)
        .inner_margin(egui::Margin::symmetric(10, 7))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.horizontal(|ui| {
                dot(ui, tokens.category(position));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(RichText::new(count(spot.rows.len())).strong())
                        .on_hover_text("Unknown unknowns in it");
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        ui.add(egui::Label::new(RichText::new(&spot.name).strong()).truncate());
                    });
                });
            });
            caption(ui, confusion.as_str());
            caption(ui, figures(spot, cx));
        });
    let response = ui.interact(
        frame.response.rect,
        ui.scope_id().with(("blind spot", position)),
        Sense::click(),
    );
    let errors = spot.rows.len();
    let name = format!("Blind spot {}, {errors} errors, {confusion}", spot.name);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
    if response.hovered() || response.has_focus() {
        let stroke = egui::Stroke::new(1.0, tokens.accent);
        let rect = frame.response.rect;
        ui.painter()
            .rect_stroke(rect, theme::RADIUS, stroke, egui::StrokeKind::Inside);
    }
    response.clicked()
}

fn figures(spot: &SpotFacts, read: &Read<'_>) -> String {
    let mut parts = vec![format!("confidence {}", percent(spot.mean_confidence))];
    if let Some(rate) = spot.region_rate() {
        parts.push(format!("UU rate {}", percent(rate)));
        parts.push(match spot.samples {
            0 => "untaught".into(),
            samples => format!("taught, {}", many(samples, "sample")),
        });
    }
    if let SpotRef::Frozen(id) = spot.spot
        && let Some(proposal) = read.derived.next.about(id)
    {
        parts.push(format!("next: {}", proposal.action.name()));
    }
    parts.join("  ·  ")
}
