//! Search, filters, colours, and how many examples are shown and selected.

use std::collections::BTreeSet;

use eframe::egui::{self, Ui};

use super::example::judge;
use super::explore::map_method;
use super::form::{SHORT_MENU, line, menu};
use super::widgets::{bad, caption, count, toggle};
use crate::discovery::Outcome;
use crate::gui::command_text::Shortcut;
use crate::gui::read::{Cx, Read};
use crate::gui::view_state::{ColourBy, Filters, SpotRef, ViewState};
use crate::gui::visible::Visible;
use crate::gui::words;
use crate::records::{ExampleKey, Placement, Role, Triage};
use crate::session::Command;

/// Shows the bar above the map.
pub fn ui(visible: &Visible, cx: &mut Cx<'_>, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        search(cx.view, ui);
        filter_menu(cx, ui);
        colour_menu(cx.view, ui);
        map_method(cx, ui);
        counts(visible, cx, ui);
        bulk_triage(cx, ui);
    });
    if let Some(error) = &visible.listed().error {
        bad(
            ui,
            format!("The regular expression cannot be read: {error}"),
        );
    }
}

fn search(view: &mut ViewState, ui: &mut Ui) {
    let hint = format!("Search texts ({})", Shortcut::Search.written(ui.ctx()));
    let text = &mut view.filters.search;
    let response = line(ui, "Search texts", text, hint, 190.0);
    if std::mem::take(&mut view.focus_search) {
        response.request_focus();
    }
    let regex = ui.toggle_value(&mut view.filters.regex, ".*");
    regex
        .on_hover_text("Search with a regular expression")
        .accessible_name("Regular expression");
}

fn colour_menu(view: &mut ViewState, ui: &mut Ui) {
    let shown = format!("Colour: {}", view.colour_by.name());
    let all = ColourBy::ALL.map(|by| (by, by.name()));
    let by = &mut view.colour_by;
    menu(ui, ("Colour by", SHORT_MENU), &shown, by, all).on_hover_text(words::MAP);
}

fn filter_menu(cx: &mut Cx<'_>, ui: &mut Ui) {
    let active = cx.view.active_filters();
    let label = match active {
        0 => "Filter".to_owned(),
        active => format!("Filter ({active})"),
    };
    let button = egui::Button::selectable(active > 0, label).frame_when_inactive(true);
    let config = egui::containers::menu::MenuConfig::new()
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside);
    egui::containers::menu::MenuButton::from_button(button)
        .config(config)
        .ui(ui, |ui| {
            egui::ScrollArea::vertical()
                .max_height(440.0)
                .show(ui, |ui| {
                    ui.set_min_width(230.0);
                    filter_choices(&cx.read, &mut cx.view.filters, ui);
                });
        });
    if active > 0 && ui.button("Show all").clicked() {
        cx.view.filters = Filters::default();
    }
}

fn filter_choices(read: &Read<'_>, filters: &mut Filters, ui: &mut Ui) {
    let dataset = &read.state.dataset;
    ui.checkbox(&mut filters.only_spot, "only the chosen blind spot");
    ui.checkbox(&mut filters.only_selected, "only what is selected");
    let slider =
        egui::Slider::new(&mut filters.least_confidence, 0.0..=1.0).text("confidence from");
    ui.add(slider);
    caption(ui, "outcome");
    for outcome in Outcome::ALL {
        tick(&mut filters.outcomes, outcome, outcome.name(), ui);
    }
    caption(ui, "role");
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Final) {
        tick(&mut filters.roles, role, role.name(), ui);
    }
    caption(ui, "source");
    for (source, name) in (0_u16..).zip(&dataset.sources) {
        tick(&mut filters.sources, source, name, ui);
    }
    for (heading, chosen) in [
        ("true label", &mut filters.true_labels),
        ("predicted label", &mut filters.predicted),
    ] {
        ui.push_id(heading, |ui| {
            caption(ui, heading);
            for (label, name) in (0_u16..).zip(&dataset.labels) {
                tick(chosen, label, name, ui);
            }
        });
    }
}

fn tick<T: Ord>(chosen: &mut BTreeSet<T>, value: T, name: &str, ui: &mut Ui) {
    let mut ticked = chosen.contains(&value);
    if ui.checkbox(&mut ticked, name).changed() {
        toggle(chosen, value);
    }
}

fn counts(visible: &Visible, cx: &Cx<'_>, ui: &mut Ui) {
    let shown = count(visible.listed().order.len());
    let all = count(cx.derived.rows.len());
    let selected = count(cx.view.selected_count());
    caption(ui, format!("{shown} of {all} shown, {selected} selected"));
}

/// Judging everything that is selected at once.
fn bulk_triage(cx: &mut Cx<'_>, ui: &mut Ui) {
    if cx.view.selected_count() < 2 {
        return;
    }
    if ui.button("Clear selection").clicked() {
        cx.view.clear_selection();
        return;
    }
    let errors = selected_errors(cx);
    if errors.is_empty() {
        return;
    }
    ui.menu_button(format!("Triage {} …", errors.len()), |ui| {
        for (judgement, name) in [
            (Some(Triage::RealError), "All are real errors"),
            (Some(Triage::WrongLabel(None)), "All have a wrong label"),
            (Some(Triage::Ambiguous), "All are ambiguous"),
            (None, "Take the judgement back"),
        ] {
            if ui.button(name).clicked() {
                judge(keys(&errors, cx), judgement, cx);
                ui.close();
            }
        }
    })
    .response
    .on_hover_text(words::TRIAGE);
    bulk_move(&errors, cx, ui);
}

/// Moving everything that is selected to one blind spot, or dropping it.
fn bulk_move(errors: &[usize], cx: &mut Cx<'_>, ui: &mut Ui) {
    if cx.derived.previewing {
        return;
    }
    let mut asked = None;
    ui.menu_button(format!("Move {} …", errors.len()), |ui| {
        egui::ScrollArea::vertical()
            .max_height(360.0)
            .show(ui, |ui| {
                for facts in &cx.derived.spots {
                    if let SpotRef::Frozen(id) = facts.spot
                        && ui.button(format!("to {}", facts.name)).clicked()
                    {
                        asked = Some(Some(Placement::In(id)));
                    }
                }
                if ui.button("out of all blind spots").clicked() {
                    asked = Some(Some(Placement::Dropped));
                }
                if ui.button("back to where they were found").clicked() {
                    asked = Some(None);
                }
            });
    })
    .response
    .on_hover_text("Moves the selected errors to one blind spot");
    if let Some(placement) = asked {
        let examples = keys(errors, cx);
        cx.ask(Command::Place {
            examples,
            placement,
        });
    }
}

/// The selected rows that the model gets confidently wrong, or that were judged
/// before.
pub fn selected_errors(cx: &Cx<'_>) -> Vec<usize> {
    let errors = cx.derived.rows.errors.iter().copied();
    errors
        .filter(|row| cx.view.selected.get(*row) == Some(&true))
        .collect()
}

/// Keys of rows.
pub fn keys(rows: &[usize], read: &Read<'_>) -> Vec<ExampleKey> {
    let examples = rows.iter().filter_map(|row| read.example(*row));
    examples.map(|example| example.key.clone()).collect()
}
