//! Curves over the number of what is added, with bands.

use eframe::egui::Ui;
use egui_plot::{FilledArea, Legend, Line, Plot, PlotPoints};

use crate::comparison::figures::{SIZES, of_sizes};
use crate::comparison::sizes::{SizeCurves, SourceCurves};
use crate::drawing::ArmHues;
use crate::drawing::svg::Over;
use crate::gui::panels::form::{SHORT_MENU, choices, menu};
use crate::gui::panels::sheet;
use crate::gui::panels::widgets::section;
use crate::gui::theme::tokens;
use crate::records::Endpoint;

const HEIGHT: f32 = 280.0;

/// Choices, kept from frame to frame.
pub(super) struct SizeChoice {
    source: usize,
    /// Chosen by hand; else the one that judges.
    endpoint: Option<Endpoint>,
    over: Over,
}

impl Default for SizeChoice {
    fn default() -> Self {
        Self {
            source: 0,
            endpoint: None,
            over: Over::Number,
        }
    }
}

/// Shows the curves of one source, and all as tables.
pub(super) fn ui(curves: &SizeCurves, hues: &ArmHues, chosen: &mut SizeChoice, ui: &mut Ui) {
    chosen.source = chosen.source.min(curves.sources.len().saturating_sub(1));
    let Some(source) = curves.sources.get(chosen.source) else {
        return;
    };
    section(ui, "By number added", SIZES);
    ui.horizontal_wrapped(|ui| {
        let sources = curves.sources.iter().enumerate();
        menu(
            ui,
            ("Source of the curves over sizes", SHORT_MENU),
            &source.source,
            &mut chosen.source,
            sources.map(|(position, other)| (position, other.source.clone())),
        );
        let mut endpoint = chosen.endpoint.unwrap_or(source.endpoint);
        let named = endpoint.to_string();
        let all = Endpoint::ALL.map(|one| (one, one.to_string()));
        menu(
            ui,
            ("Endpoint of the curves over sizes", 240.0),
            &named,
            &mut endpoint,
            all,
        );
        chosen.endpoint = Some(endpoint).filter(|one| *one != source.endpoint);
        let over = [
            (Over::Number, "Number", "examples that each arm adds"),
            (Over::Money, "Price", "what they cost, where that is known"),
            (
                Over::Minutes,
                "Minutes",
                "of a person, where they are known",
            ),
        ];
        choices(ui, &mut chosen.over, over);
    });
    plot(curves, hues, (source, chosen), ui);
    for of_source in of_sizes(curves) {
        sheet::ui(&of_source, SIZES, ui);
    }
}

fn plot(
    curves: &SizeCurves,
    hues: &ArmHues,
    (source, chosen): (&SourceCurves, &SizeChoice),
    ui: &mut Ui,
) {
    let endpoint = chosen.endpoint.unwrap_or(source.endpoint);
    let colours = tokens(ui.ctx());
    Plot::new(("sizes", &source.source))
        .height(HEIGHT)
        .legend(Legend::default())
        .x_axis_label(chosen.over.axis(&curves.currency))
        .y_axis_label(endpoint.name())
        .allow_scroll(false)
        .show(ui, |plot| {
            for curve in &source.arms {
                let points = curve.points.iter().filter_map(|point| {
                    let (value, band) = point.figures.get(endpoint.place())?;
                    Some((chosen.over.of(point)?, *value, *band))
                });
                let points: Vec<_> = points.collect();
                let (name, colour) = (curve.arm.to_string(), colours.hue(hues.hue(&curve.arm)));
                let x: Vec<f64> = points.iter().map(|(x, _, _)| *x).collect();
                let lower: Vec<f64> = points.iter().map(|(_, _, band)| band.lower).collect();
                let upper: Vec<f64> = points.iter().map(|(_, _, band)| band.upper).collect();
                if points.len() > 1 {
                    let area = FilledArea::new(name.as_str(), &x, &lower, &upper);
                    plot.add(area.fill_color(colour.gamma_multiply(0.15)));
                }
                let line: PlotPoints<'_> = points.iter().map(|(x, y, _)| [*x, *y]).collect();
                let width = if curve.arm.is_control() { 1.5 } else { 3.0 };
                plot.line(Line::new(name, line).color(colour).width(width));
            }
        });
}
