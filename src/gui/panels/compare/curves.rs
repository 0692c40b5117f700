//! Curves of every arm with exact figures on hover, and the same figures as a
//! table.

use eframe::egui::{Grid, RichText, ScrollArea, Ui};
use egui_plot::{HoverPosition, Legend, Line, Plot, PlotPoints, Points};

use crate::comparison::figures::{CURVES, Curve, CurvePoint};
use crate::comparison::{ArmFigures, Comparison, SliceTable};
use crate::drawing::{ArmHues, svg};
use crate::gui::panels::form::{SHORT_MENU, choices, menu};
use crate::gui::panels::widgets::{caption, section};
use crate::gui::theme::{self, tokens};
use crate::gui::words;
use crate::records::Arm;

const HEIGHT: f32 = 280.0;

/// Choices, kept from frame to frame.
#[derive(Debug, Default)]
pub(super) struct CurveChoice {
    /// Position in [`CURVES`].
    curve: usize,
    slice: usize,
    scaled: bool,
    table: bool,
}

impl CurveChoice {
    fn curve(&self) -> &'static Curve {
        &CURVES[self.curve.min(CURVES.len() - 1)]
    }

    fn series<'a>(&self, slice: &'a SliceTable) -> Vec<(&'a Arm, Vec<CurvePoint>)> {
        let points = |arm: &ArmFigures| self.curve().of(&arm.curves, self.scaled);
        slice
            .arms
            .iter()
            .map(|arm| (&arm.arm, points(arm)))
            .collect()
    }
}

/// Shows the curves of one slice.
pub(super) fn ui(comparison: &Comparison, hues: &ArmHues, chosen: &mut CurveChoice, ui: &mut Ui) {
    chosen.slice = chosen.slice.min(comparison.slices.len().saturating_sub(1));
    let Some(slice) = comparison.slices.get(chosen.slice) else {
        return;
    };
    section(ui, "Curves", chosen.curve().meaning);
    ui.horizontal_wrapped(|ui| {
        let curves = CURVES.iter().enumerate();
        let curves = curves.map(|(position, curve)| (position, curve.name, curve.meaning));
        choices(ui, &mut chosen.curve, curves);
        let slices = comparison.slices.iter().enumerate();
        menu(
            ui,
            ("Rows of the curves", SHORT_MENU),
            &slice.slice.to_string(),
            &mut chosen.slice,
            slices.map(|(position, other)| (position, other.slice.to_string())),
        );
        if chosen.curve().scaled.is_some() {
            ui.checkbox(&mut chosen.scaled, "temperature-scaled")
                .on_hover_text(words::TEMPERATURE);
        }
        ui.checkbox(&mut chosen.table, "as a table");
    });
    caption(
        ui,
        format!(
            "{} rows, means over seeds; descriptive, no verdict rests on them",
            slice.rows
        ),
    );
    let (curve, series) = (chosen.curve(), chosen.series(slice));
    if chosen.table {
        table(curve, &series, ui);
    } else {
        plot(curve, hues, &series, ui);
    }
}

/// The curves as they are shown, as SVG.
pub(super) fn svg(comparison: &Comparison, hues: &ArmHues, chosen: &CurveChoice) -> Option<String> {
    let slice = comparison.slices.get(chosen.slice)?;
    Some(svg::curve(chosen.curve(), slice, chosen.scaled, hues))
}

fn plot(curve: &Curve, hues: &ArmHues, series: &[(&Arm, Vec<CurvePoint>)], ui: &mut Ui) {
    let [x, y] = curve.axes;
    let colours = tokens(ui.ctx());
    Plot::new(("curves", curve.name))
        .height(HEIGHT)
        .legend(Legend::default())
        .x_axis_label(x)
        .y_axis_label(y)
        .allow_scroll(false)
        .label_formatter(move |position| match position {
            HoverPosition::NearDataPoint {
                plot_name,
                position,
                ..
            } if !plot_name.is_empty() => Some(format!(
                "{plot_name}\n{x} {:.2}\n{y} {:.3}",
                position.x, position.y
            )),
            _ => None,
        })
        .show(ui, |plot| {
            if curve.own_x {
                let diagonal: PlotPoints<'_> = [[0.5, 0.5], [1.0, 1.0]].into_iter().collect();
                plot.line(Line::new("as sure as right", diagonal).color(colours.muted_dot));
            }
            for (arm, points) in series {
                let colour = colours.hue(hues.hue(arm));
                let width = if arm.is_control() { 1.5 } else { 3.0 };
                let line: PlotPoints<'_> = points.iter().map(|point| [point.x, point.y]).collect();
                plot.line(Line::new(arm.to_string(), line).color(colour).width(width));
                if curve.own_x {
                    let dots: PlotPoints<'_> =
                        points.iter().map(|point| [point.x, point.y]).collect();
                    plot.points(Points::new(arm.to_string(), dots).color(colour).radius(3.5));
                }
            }
        });
}

/// The same figures in columns: a row for each point of the curves.
fn table(curve: &Curve, series: &[(&Arm, Vec<CurvePoint>)], ui: &mut Ui) {
    let [x, y] = curve.axes;
    let rows = series
        .iter()
        .map(|(_, points)| points.len())
        .max()
        .unwrap_or(0);
    let own_x = curve.own_x;
    ScrollArea::both()
        .id_salt("table of the curves")
        .max_height(HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            Grid::new("curves")
                .striped(true)
                .spacing([16.0, 3.0])
                .show(ui, |ui| {
                    caption(ui, if own_x { "bin" } else { x });
                    for (arm, _) in series {
                        caption(ui, arm.to_string()).on_hover_text(y);
                    }
                    ui.end_row();
                    for row in 0..rows {
                        let at = series.iter().find_map(|(_, points)| points.get(row));
                        let first = match at {
                            Some(point) if !own_x => format!("{:.2}", point.x),
                            _ => (row + 1).to_string(),
                        };
                        ui.label(RichText::new(first).size(theme::SMALL));
                        for (_, points) in series {
                            let text = match points.get(row) {
                                Some(at) if own_x => format!("{:.3} to {:.3}", at.x, at.y),
                                Some(at) => format!("{:.3}", at.y),
                                None => String::new(),
                            };
                            ui.label(RichText::new(text).size(theme::SMALL));
                        }
                        ui.end_row();
                    }
                });
        });
}
