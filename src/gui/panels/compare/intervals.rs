//! An arm against each of its controls: differences with their intervals, as
//! the report draws them.

use eframe::egui::{self, Align2, FontId, Pos2, Rect, Sense, Stroke, Ui, pos2, vec2};

use crate::comparison::figures::said_difference;
use crate::comparison::headline::Headline;
use crate::comparison::versus::Versus;
use crate::drawing::ArmHues;
use crate::gui::panels::widgets::caption;
use crate::gui::theme::{self, Tokens, tokens};
use crate::records::Endpoint;

const LINE: f32 = 22.0;
/// Widths of the names and of the figures at most, in points.
const NAMES: f32 = 240.0;
const FIGURES: f32 = 170.0;

/// Draws a line for each control.
pub(super) fn ui(headline: &Headline<'_>, hues: &ArmHues, ui: &mut Ui) {
    let endpoint = headline.verdict.endpoint;
    let Some((_, versus)) = headline.arm.on(endpoint) else {
        return;
    };
    if versus.is_empty() {
        return;
    }
    let better = match endpoint.higher_is_better() {
        true => "better to the right",
        false => "better to the left",
    };
    let line = format!("Difference to each control with its 95 % interval, {endpoint}: {better}");
    caption(ui, line).on_hover_text(endpoint.meaning());
    let reach = reach(endpoint, versus);
    for one in versus {
        let colour = tokens(ui.ctx()).hue(hues.hue(&one.control));
        difference(endpoint, (one, colour), reach, ui);
    }
}

/// The largest distance from zero that is drawn.
fn reach(endpoint: Endpoint, versus: &[Versus]) -> f64 {
    // An area lies between 0 and 1, errors and points are counted.
    let least = match endpoint {
        Endpoint::RiskCoverageArea => 0.001,
        _ => 1.0,
    };
    let far = |one: &Versus| {
        let interval = &one.difference.interval;
        interval.lower.abs().max(interval.upper.abs())
    };
    versus.iter().map(far).fold(least, f64::max)
}

fn difference(
    endpoint: Endpoint,
    (versus, of_control): (&Versus, egui::Color32),
    reach: f64,
    ui: &mut Ui,
) {
    let tokens = tokens(ui.ctx());
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, LINE), Sense::hover());
    let (names, figures) = (NAMES.min(width * 0.34), FIGURES.min(width * 0.3));
    let axis = Rect::from_min_max(
        pos2(rect.left() + names, rect.top()),
        pos2(rect.right() - figures, rect.bottom()),
    );
    let x = |value: f64| {
        let half = f64::from(axis.width()) / 2.0 - 8.0;
        axis.center().x + (value / reach * half) as f32
    };
    let painter = ui.painter();
    let small = FontId::proportional(theme::SMALL);
    let middle = rect.center().y;
    painter.circle_filled(pos2(rect.left() + 6.0, middle), 4.0, of_control);
    let name = versus.control.in_words();
    painter
        .with_clip_rect(Rect::from_min_max(rect.min, axis.left_bottom()))
        .text(
            pos2(rect.left() + 16.0, middle),
            Align2::LEFT_CENTER,
            &name,
            small.clone(),
            tokens.text,
        );
    zero(painter, x(0.0), rect, tokens);
    let interval = &versus.difference.interval;
    let colour = colour(endpoint, versus, tokens);
    let at = |value: f64| -> Pos2 { pos2(x(value), middle) };
    let stroke = Stroke::new(2.5, colour);
    painter.line_segment([at(interval.lower), at(interval.upper)], stroke);
    painter.circle_filled(at(versus.difference.mean), 4.5, colour);
    let said = said_difference(endpoint, versus);
    painter.text(
        pos2(rect.right(), middle),
        Align2::RIGHT_CENTER,
        &said,
        small,
        tokens.text_weak,
    );
    let told = format!("{name}: {said}");
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &told));
    response.on_hover_text(format!("{told}. {}", versus.control.meaning()));
}

fn zero(painter: &egui::Painter, x: f32, rect: Rect, tokens: &Tokens) {
    let line = [pos2(x, rect.top()), pos2(x, rect.bottom())];
    let stroke = Stroke::new(1.0, tokens.border);
    painter.add(egui::Shape::dashed_line(&line, stroke, 3.0, 3.0));
}

fn colour(endpoint: Endpoint, versus: &Versus, tokens: &Tokens) -> egui::Color32 {
    if versus.is_gain(endpoint) {
        tokens.good
    } else if versus.is_harm(endpoint) {
        tokens.bad
    } else {
        tokens.text_weak
    }
}
