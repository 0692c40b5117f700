//! Where no error reaches τ: what is known of the errors that there are, and
//! the ways on.

use eframe::egui::{RichText, Ui};

use super::widgets::{button_if, caption, explained, primary_button};
use crate::discovery::{Outcome, WaysOn};
use crate::gui::read::{Cx, Read};
use crate::gui::theme;
use crate::gui::view_state::{Column, Filters, Stage, ViewState};
use crate::gui::words;
use crate::records::{DiscoverySettings, Role};
use crate::session::{Command, JobKind};
use crate::support::text::many;

/// What leads on, once it is known; `None` while there are unknown unknowns.
pub(super) fn ways_on(read: &Read<'_>) -> Option<WaysOn> {
    let preview = read.state.preview.as_ref()?;
    let is_of_now = preview.settings == read.state.document.settings;
    preview.ways_on.filter(|_| is_of_now)
}

/// The settings under which enough errors are found, and what they are called
/// on a button.
pub(super) fn at_lower_tau(read: &Read<'_>, ways: &WaysOn) -> Option<(DiscoverySettings, String)> {
    let settings = &read.state.document.settings;
    let (tau, _) = ways.tau.filter(|(tau, _)| *tau < settings.tau)?;
    let settings = DiscoverySettings {
        tau,
        ..settings.clone()
    };
    Some((settings, format!("Lower τ to {tau:.2}")))
}

/// Says what there is, and offers the ways on.
pub(super) fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    ui.add_space(theme::GAP);
    if cx.derived.counts().uus > 0 {
        // The frozen version is of a time when there were none.
        ui.label(RichText::new("No blind spot is frozen").size(theme::HEADING));
        caption(ui, "Errors reach τ now: freeze their blind spots");
        return;
    }
    ui.label(RichText::new("No unknown unknowns").size(theme::HEADING));
    let Some(ways) = ways_on(cx) else {
        caption(ui, "Looking …");
        return;
    };
    let tau = cx.state.document.settings.tau;
    ui.label(said(&ways, tau));
    ui.add_space(theme::GAP);
    lower_tau(&ways, cx, ui);
    rescale(&ways, cx, ui);
    if ways.errors > 0 {
        let meaning = "Lists the errors of “discovery” in the table, the most confident first";
        if button_if(ui, true, "Show the most confident errors", meaning) {
            show_errors(cx.view);
        }
    }
    fit_longer(cx, ui);
    if ways.errors == 0 {
        caption(
            ui,
            "Harder texts, or texts from elsewhere, would show where it errs: add them to the data \
             with the role “discovery”",
        );
        if button_if(ui, true, "Look at the data", "") {
            cx.view.stage = Stage::Data;
        }
    }
}

fn said(ways: &WaysOn, tau: f32) -> String {
    match ways.errors {
        0 => format!(
            "The model gets every one of {} of “{}” right",
            many(ways.rows, "text"),
            Role::Discovery
        ),
        errors => format!(
            "The model gets {errors} of {} of “{}” wrong, none of them with a confidence of τ = \
             {tau:.2} or more",
            many(ways.rows, "text"),
            Role::Discovery
        ),
    }
}

fn lower_tau(ways: &WaysOn, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some((settings, label)) = at_lower_tau(cx, ways) else {
        return;
    };
    if explained(primary_button(ui, &label, true), words::TAU).clicked() {
        set(settings, cx);
    }
    if let Some((_, reached)) = ways.tau {
        caption(ui, format!("{} reach it", many(reached, "error")));
    }
}

/// Offers the other temperature, where that helps.
fn rescale(ways: &WaysOn, cx: &mut Cx<'_>, ui: &mut Ui) {
    if ways.rescaled == 0 {
        return;
    }
    let settings = &cx.state.document.settings;
    let (label, settings) = match settings.scale_temperature {
        true => ("Leave the confidences as the model says them", false),
        false => ("Scale the confidences", true),
    };
    let scaled = DiscoverySettings {
        scale_temperature: settings,
        ..cx.state.document.settings.clone()
    };
    if button_if(ui, true, label, words::TEMPERATURE) {
        set(scaled, cx);
    }
    let errors = many(ways.rescaled, "error");
    caption(ui, format!("{errors} reach τ then"));
}

fn set(settings: DiscoverySettings, cx: &mut Cx<'_>) {
    cx.ask(Command::SetDiscovery(settings));
    cx.ask(Command::EndEdit);
}

/// Offers a longer fit where that can give another base, and says why where it
/// cannot.
fn fit_longer(cx: &mut Cx<'_>, ui: &mut Ui) {
    let curve = cx.state.base.as_ref().and_then(|base| base.curve.as_ref());
    match (cx.state.longer_fit(), curve) {
        (Some(most), _) => {
            let idle = !cx.is_busy(JobKind::Fit) && cx.state.read_only.is_none();
            let meaning = format!(
                "Trains the base model anew, for as long as “validation” gains and up to {most} \
                 passes over “train”: more training makes it surer, and often better"
            );
            if button_if(ui, idle, "Fit longer", &meaning) {
                cx.ask(Command::FitLonger);
            }
        }
        (None, Some(_)) => {
            caption(
                ui,
                "Fitting longer would change nothing: it went on until “validation” gained no more",
            );
        }
        (None, None) => {}
    }
}

/// The errors of *discovery* in the table, the most confident first.
fn show_errors(view: &mut ViewState) {
    view.clear_selection();
    view.filters = Filters {
        roles: [Role::Discovery].into(),
        outcomes: [Outcome::UnknownUnknown, Outcome::WrongUnsure].into(),
        ..Filters::default()
    };
    view.sort = Some((Column::Confidence, true));
    view.stage = Stage::Explore;
}
