//! Curves of every arm with exact figures on hover, and the same figures as a
//! table.

use eframe::egui::{self, Grid, RichText, ScrollArea, Ui};
use egui_plot::{HoverPosition, Legend, Line, Plot, PlotPoints, Points};

use crate::comparison::{ArmFigures, Comparison};
use crate::gui::panels::widgets::{caption, choice, section};
use crate::gui::svg;
use crate::gui::theme::{self, tokens};
use crate::gui::words;
use crate::records::Arm;

const HEIGHT: f32 = 280.0;

/// What is plotted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    OverTau,
    RiskCoverage,
    Reliability,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::OverTau, Kind::RiskCoverage, Kind::Reliability];

    fn name(self) -> &'static str {
        match self {
            Kind::OverTau => "Confident errors over τ",
            Kind::RiskCoverage => "Risk and coverage",
            Kind::Reliability => "Reliability",
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Kind::OverTau => words::TAU,
            Kind::RiskCoverage => words::COVERAGE,
            Kind::Reliability => words::RELIABILITY,
        }
    }

    fn axes(self) -> [&'static str; 2] {
        match self {
            Kind::OverTau => ["τ", "unknown unknowns"],
            Kind::RiskCoverage => ["coverage", "share of errors"],
            Kind::Reliability => ["confidence", "share of right answers"],
        }
    }

    fn points(self, figures: &ArmFigures, scaled: bool) -> Vec<[f64; 2]> {
        let curves = &figures.curves;
        let points = |points: &[crate::comparison::curves::Point]| {
            points.iter().map(|point| [point.x, point.y]).collect()
        };
        match (self, scaled) {
            (Kind::OverTau, false) => points(&curves.over_tau),
            (Kind::OverTau, true) => points(&curves.over_tau_scaled),
            (Kind::RiskCoverage, _) => points(&curves.risk_coverage),
            (Kind::Reliability, scaled) => {
                let bins = match scaled {
                    true => &curves.reliability_scaled,
                    false => &curves.reliability,
                };
                bins.iter()
                    .map(|bin| [bin.confidence, bin.accuracy])
                    .collect()
            }
        }
    }
}

/// Choices, kept from frame to frame.
#[derive(Debug, Default)]
pub(super) struct CurveChoice {
    kind: Kind,
    slice: usize,
    scaled: bool,
    table: bool,
}

/// Shows the curves of one slice.
pub(super) fn ui(comparison: &Comparison, chosen: &mut CurveChoice, ui: &mut Ui) {
    chosen.slice = chosen.slice.min(comparison.slices.len().saturating_sub(1));
    let Some(slice) = comparison.slices.get(chosen.slice) else {
        return;
    };
    section(ui, "Curves", chosen.kind.meaning());
    ui.horizontal_wrapped(|ui| {
        for kind in Kind::ALL {
            let button = egui::Button::selectable(chosen.kind == kind, kind.name());
            if ui.add(button).on_hover_text(kind.meaning()).clicked() {
                chosen.kind = kind;
            }
        }
        egui::ComboBox::from_id_salt("slice of the curves")
            .selected_text(slice.slice.to_string())
            .show_ui(ui, |ui| {
                for (position, other) in comparison.slices.iter().enumerate() {
                    if choice(ui, position == chosen.slice, &other.slice.to_string()) {
                        chosen.slice = position;
                    }
                }
            })
            .response
            .accessible_name("Rows of the curves");
        if chosen.kind != Kind::RiskCoverage {
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
    let series: Vec<(&Arm, Vec<[f64; 2]>)> = slice
        .arms
        .iter()
        .map(|figures| (&figures.arm, chosen.kind.points(figures, chosen.scaled)))
        .collect();
    if chosen.table {
        table(chosen.kind, &series, ui);
    } else {
        plot(chosen.kind, &series, ui);
    }
}

/// The curves as they are shown, as SVG.
pub(super) fn svg(comparison: &Comparison, chosen: &CurveChoice) -> Option<String> {
    let slice = comparison.slices.get(chosen.slice)?;
    let series: Vec<(String, Vec<[f64; 2]>)> = slice
        .arms
        .iter()
        .map(|figures| {
            let points = chosen.kind.points(figures, chosen.scaled);
            (figures.arm.to_string(), points)
        })
        .collect();
    let title = format!("{}, {}", chosen.kind.name(), slice.slice);
    Some(svg::plot(&title, chosen.kind.axes(), &series))
}

fn plot(kind: Kind, series: &[(&Arm, Vec<[f64; 2]>)], ui: &mut Ui) {
    let [x, y] = kind.axes();
    let colours = tokens(ui.ctx());
    Plot::new(("curves", kind.name()))
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
            if kind == Kind::Reliability {
                let diagonal: PlotPoints<'_> = [[0.5, 0.5], [1.0, 1.0]].into_iter().collect();
                plot.line(Line::new("as sure as right", diagonal).color(colours.muted_dot));
            }
            for (position, (arm, points)) in series.iter().enumerate() {
                let colour = match arm {
                    Arm::Untouched => colours.text,
                    _ => colours.category(position),
                };
                let width = if arm.is_control() { 1.5 } else { 3.0 };
                let line: PlotPoints<'_> = points.iter().copied().collect();
                plot.line(Line::new(arm.to_string(), line).color(colour).width(width));
                if kind == Kind::Reliability {
                    let dots: PlotPoints<'_> = points.iter().copied().collect();
                    plot.points(Points::new(arm.to_string(), dots).color(colour).radius(3.5));
                }
            }
        });
}

/// The same figures in columns: a row for each point of the curves.
fn table(kind: Kind, series: &[(&Arm, Vec<[f64; 2]>)], ui: &mut Ui) {
    let [x, y] = kind.axes();
    let rows = series
        .iter()
        .map(|(_, points)| points.len())
        .max()
        .unwrap_or(0);
    // The bins of a reliability curve lie elsewhere for each arm.
    let own_x = kind == Kind::Reliability;
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
                            Some([x, _]) if !own_x => format!("{x:.2}"),
                            _ => (row + 1).to_string(),
                        };
                        ui.label(RichText::new(first).size(theme::SMALL));
                        for (_, points) in series {
                            let text = match points.get(row) {
                                Some([x, y]) if own_x => format!("{x:.3} to {y:.3}"),
                                Some([_, y]) => format!("{y:.3}"),
                                None => String::new(),
                            };
                            ui.label(RichText::new(text).size(theme::SMALL));
                        }
                        ui.end_row();
                    }
                });
        });
}
