//! Search, filters, colours, and how many examples are shown and selected.

use std::collections::BTreeSet;

use eframe::egui::{self, RichText, TextEdit, Ui};

use super::example::judge;
use super::explore::map_method;
use super::widgets::{caption, count};
use crate::discovery::Outcome;
use crate::gui::command_text::Shortcut;
use crate::gui::read::{Ask, Read};
use crate::gui::theme::tokens;
use crate::gui::view_state::{ColourBy, Filters, SpotRef, ViewState};
use crate::gui::visible::Visible;
use crate::gui::words;
use crate::records::{ExampleKey, Placement, Role, Triage};
use crate::session::Command;

/// Shows the bar above the map.
pub fn ui(
    read: &Read<'_>,
    visible: &Visible,
    view: &mut ViewState,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    ui.horizontal_wrapped(|ui| {
        search(view, ui);
        filter_menu(read, view, ui);
        colour_menu(view, ui);
        map_method(read, ui, out);
        counts(read, visible, view, ui);
        bulk_triage(read, view, ui, out);
    });
    if let Some(error) = &visible.listed().error {
        let text = format!("The regular expression cannot be read: {error}");
        ui.label(RichText::new(text).color(tokens(ui.ctx()).bad));
    }
}

fn search(view: &mut ViewState, ui: &mut Ui) {
    let hint = format!("Search texts ({})", Shortcut::Search.written(ui.ctx()));
    let field = TextEdit::singleline(&mut view.filters.search)
        .hint_text(hint)
        .desired_width(190.0);
    let response = ui.add(field).accessible_name("Search texts");
    if std::mem::take(&mut view.focus_search) {
        response.request_focus();
    }
    let regex = ui.toggle_value(&mut view.filters.regex, ".*");
    regex
        .on_hover_text("Search with a regular expression")
        .accessible_name("Regular expression");
}

fn colour_menu(view: &mut ViewState, ui: &mut Ui) {
    egui::ComboBox::from_id_salt("colour by")
        .selected_text(format!("Colour: {}", view.colour_by.name()))
        .show_ui(ui, |ui| {
            for by in ColourBy::ALL {
                ui.selectable_value(&mut view.colour_by, by, by.name());
            }
        })
        .response
        .on_hover_text(words::MAP)
        .accessible_name("Colour by");
}

fn filter_menu(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    let active = view.active_filters();
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
                    filter_choices(read, &mut view.filters, ui);
                });
        });
    if active > 0 && ui.button("Show all").clicked() {
        view.filters = Filters::default();
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
        if ticked {
            chosen.insert(value);
        } else {
            chosen.remove(&value);
        }
    }
}

fn counts(read: &Read<'_>, visible: &Visible, view: &ViewState, ui: &mut Ui) {
    let shown = count(visible.listed().order.len());
    let all = count(read.derived.rows.len());
    caption(
        ui,
        format!(
            "{shown} of {all} shown, {} selected",
            count(view.selected_count())
        ),
    );
}

/// Judging everything that is selected at once.
fn bulk_triage(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    if view.selected_count() < 2 || view.presentation {
        return;
    }
    if ui.button("Clear selection").clicked() {
        view.clear_selection();
        return;
    }
    let errors = selected_errors(read, view);
    if errors.is_empty() {
        return;
    }
    let keys = || keys(&errors, read);
    ui.menu_button(format!("Triage {} …", errors.len()), |ui| {
        for (judgement, name) in [
            (Some(Triage::RealError), "All are real errors"),
            (Some(Triage::WrongLabel(None)), "All have a wrong label"),
            (Some(Triage::Ambiguous), "All are ambiguous"),
            (None, "Take the judgement back"),
        ] {
            if ui.button(name).clicked() {
                judge(keys(), judgement, read, out);
                ui.close();
            }
        }
    })
    .response
    .on_hover_text(words::TRIAGE);
    bulk_move(&errors, read, ui, out);
}

/// Moving everything that is selected to one blind spot, or dropping it.
fn bulk_move(errors: &[usize], read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    if read.derived.previewing {
        return;
    }
    let mut asked = None;
    ui.menu_button(format!("Move {} …", errors.len()), |ui| {
        egui::ScrollArea::vertical()
            .max_height(360.0)
            .show(ui, |ui| {
                for facts in &read.derived.spots {
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
        let examples = keys(errors, read);
        out.push(
            Command::Place {
                examples,
                placement,
            }
            .into(),
        );
    }
}

/// The selected rows that the model gets confidently wrong, or that were judged
/// before.
pub fn selected_errors(read: &Read<'_>, view: &ViewState) -> Vec<usize> {
    let errors = read.derived.rows.errors.iter().copied();
    errors
        .filter(|row| view.selected.get(*row) == Some(&true))
        .collect()
}

/// Keys of rows.
pub fn keys(rows: &[usize], read: &Read<'_>) -> Vec<ExampleKey> {
    let examples = rows.iter().filter_map(|row| read.example(*row));
    examples.map(|example| example.key.clone()).collect()
}
