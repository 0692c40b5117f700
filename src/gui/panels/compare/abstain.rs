//! Below which confidences a person should answer: wanted errors and costs,
//! the thresholds, and errors over coverage.

use eframe::egui::{DragValue, Ui};
use egui_plot::{FilledArea, Line, Plot, PlotPoints};

use crate::comparison::abstain::{Costs, RiskPoint, WANTED};
use crate::gui::panels::form::{SHORT_MENU, menu};
use crate::gui::panels::sheet;
use crate::gui::panels::widgets::{button_if, caption, part, section};
use crate::gui::read::Cx;
use crate::gui::theme::tokens;
use crate::session::{Command, JobKind};
use crate::steps::abstain::figures::MEANING;
use crate::steps::abstain::{AbstainOrder, AbstainPart, AbstainTable};

const HEIGHT: f32 = 240.0;

/// What was typed, kept from frame to frame.
pub(super) struct AbstainView {
    /// Wanted errors in hundredths.
    wanted: f64,
    /// What errors and people cost, once somebody said so.
    costs: Option<Costs>,
    /// Whether costs are weighed.
    weighs: bool,
    /// Which part's curve is shown.
    part: usize,
}

impl Default for AbstainView {
    fn default() -> Self {
        Self {
            wanted: 100.0 * WANTED[1],
            costs: None,
            weighs: false,
            part: 0,
        }
    }
}

impl AbstainView {
    /// The usual shares of errors and the typed one.
    fn order(&self, costs: Costs) -> AbstainOrder {
        let mut wanted = WANTED.to_vec();
        wanted.push(self.wanted / 100.0);
        wanted.sort_by(f64::total_cmp);
        wanted.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        AbstainOrder {
            wanted,
            costs: self.weighs.then_some(costs),
            round: None,
        }
    }
}

/// Shows what was found, or how to find it.
pub(super) fn ui(view: &mut AbstainView, cx: &mut Cx<'_>, ui: &mut Ui) {
    part(ui, "what to leave to a person", |ui| inside(view, cx, ui));
}

fn inside(view: &mut AbstainView, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, "What to leave to a person", MEANING);
    asked(view, cx, ui);
    let Some(table) = cx.state.abstention.clone() else {
        caption(
            ui,
            "For each source the confidence below which the model in use should not answer",
        );
        return;
    };
    for found in table.sheets() {
        sheet::ui(&found, MEANING, ui);
    }
    curve(view, &table, ui);
}

fn asked(view: &mut AbstainView, cx: &mut Cx<'_>, ui: &mut Ui) {
    let usual = AbstainOrder::usual(&cx.state.manifest).costs;
    let first = Costs {
        error: 10.0,
        person: 1.0,
    };
    let mut costs = view.costs.or(usual).unwrap_or(first);
    ui.horizontal_wrapped(|ui| {
        caption(ui, "Wanted errors");
        ui.add(
            DragValue::new(&mut view.wanted)
                .range(0.1..=50.0)
                .speed(0.1)
                .suffix(" %"),
        )
        .accessible_name("Wanted errors");
        ui.checkbox(&mut view.weighs, "weigh costs").on_hover_text(
            "Also finds the threshold of least cost, errors and people together. People are taken \
             to be right",
        );
        if view.weighs {
            money("a wrong answer costs", &mut costs.error, ui);
            money("asking a person costs", &mut costs.person, ui);
            view.costs = Some(costs);
        }
        let idle = !cx.is_busy(JobKind::Abstain);
        let label = match cx.state.abstention.is_some() {
            true => "Find thresholds again",
            false => "Find thresholds",
        };
        if button_if(ui, idle, label, "Reads what the model in use says to check") {
            cx.ask(Command::PlanAbstaining(view.order(costs)));
        }
    });
}

fn money(name: &str, value: &mut f64, ui: &mut Ui) {
    caption(ui, name);
    let field = DragValue::new(value).range(0.0..=1e9).speed(0.05);
    ui.add(field).accessible_name(name);
}

/// Errors over coverage of one part, with bounds.
fn curve(view: &mut AbstainView, table: &AbstainTable, ui: &mut Ui) {
    let drawn: Vec<&AbstainPart> = (table.parts.iter())
        .filter(|part| part.found.curve.len() > 1)
        .collect();
    view.part = view.part.min(drawn.len().saturating_sub(1));
    let Some(part) = drawn.get(view.part) else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        caption(ui, "Errors over what is answered");
        let names = drawn.iter().enumerate();
        let names = names.map(|(place, part)| (place, part.name.clone()));
        let label = ("Texts of the risk–coverage curve", 2.0 * SHORT_MENU);
        menu(ui, label, &part.name, &mut view.part, names);
        caption(ui, "with 95 % bounds, on check");
    });
    let colour = tokens(ui.ctx()).accent;
    let points = &part.found.curve;
    let values = |read: fn(&RiskPoint) -> f64| -> Vec<f64> {
        points.iter().map(|point| 100.0 * read(point)).collect()
    };
    let coverage = values(|point| point.coverage);
    let (lower, upper) = (
        values(|point| point.bounds.lower),
        values(|point| point.bounds.upper),
    );
    Plot::new("risk–coverage of thresholds")
        .height(HEIGHT)
        .x_axis_label("answered, %")
        .y_axis_label("errors, %")
        .allow_scroll(false)
        .show(ui, |plot| {
            let area = FilledArea::new("95 % bounds", &coverage, &lower, &upper);
            plot.add(area.fill_color(colour.gamma_multiply(0.15)));
            let line: PlotPoints<'_> = points
                .iter()
                .map(|point| [100.0 * point.coverage, 100.0 * point.risk])
                .collect();
            plot.line(Line::new("errors", line).color(colour).width(2.0));
        });
}
