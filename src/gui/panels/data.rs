//! The data and its roles, and how the base model stands.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use super::widgets::{caption, count, explained, percent, primary_button, section, title};
use crate::gui::file_dialog::file_button;
use crate::gui::read::{Ask, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::{FilePurpose, ViewState};
use crate::gui::words;
use crate::records::Role;
use crate::session::{Command, JobKind};

/// Shows what the project is made of.
pub fn ui(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.set_max_width(760.0);
            title(ui, &read.state.name);
            ui.label(read.state.task.trim());
            ui.add_space(theme::PADDING);
            roles(read, ui);
            ui.add_space(theme::PADDING);
            labels(read, ui);
            ui.add_space(theme::PADDING);
            base_model(read, view, ui, out);
        });
}

fn roles(read: &Read<'_>, ui: &mut Ui) {
    section(ui, "Roles", "No text serves two roles");
    let dataset = &read.state.dataset;
    egui::Grid::new("roles")
        .num_columns(2 + dataset.sources.len())
        .spacing([theme::PADDING * 2.0, 6.0])
        .striped(true)
        .show(ui, |ui| {
            caption(ui, "role");
            for source in &dataset.sources {
                caption(ui, source.as_str());
            }
            caption(ui, "serves for");
            ui.end_row();
            for role in Role::ALL {
                let label = ui.label(RichText::new(role.name()).strong());
                explained(
                    label,
                    if role == Role::Final {
                        words::SEALED
                    } else {
                        ""
                    },
                );
                for source in &dataset.sources {
                    let mut counts = read.state.role_counts.iter();
                    let of = counts.find(|of| of.role == role && of.source == *source);
                    ui.label(count(of.map_or(0, |of| of.rows)));
                }
                caption(ui, words::role(role));
                ui.end_row();
            }
        });
}

fn labels(read: &Read<'_>, ui: &mut Ui) {
    section(ui, "Labels", "");
    let dataset = &read.state.dataset;
    let mut counts = vec![0_usize; dataset.labels.len()];
    let of_roles = read.state.role_counts.iter();
    for of in of_roles.filter(|of| of.role != Role::Final) {
        for (count, more) in counts.iter_mut().zip(&of.by_label) {
            *count += more;
        }
    }
    ui.horizontal_wrapped(|ui| {
        for (name, number) in dataset.labels.iter().zip(counts) {
            ui.label(RichText::new(name).strong());
            caption(ui, count(number));
            ui.add_space(theme::GAP);
        }
    });
}

fn base_model(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    section(
        ui,
        "Base model",
        "The model whose blind spots are looked for",
    );
    match &read.state.base {
        Some(base) => {
            ui.label(format!("{}, {}", base.origin, short(&base.id)));
        }
        None if read.state.black_box => {
            ui.label("A black box; its predictions have not been imported yet");
        }
        None => {
            ui.label("Not fitted yet");
        }
    }
    let role_share = |role: Role| {
        let right = read.derived.rows.right.get(&role);
        right.map_or(f32::NAN, |(right, all)| *right as f32 / *all as f32)
    };
    if !read.derived.rows.is_empty() {
        for role in [Role::Validation, Role::Discovery, Role::Check] {
            caption(
                ui,
                format!("accuracy on {role}: {}", percent(role_share(role))),
            );
        }
    }
    let busy = read.jobs.active(JobKind::Fit).is_some();
    if read.state.black_box {
        ui.add_enabled_ui(!busy, |ui| {
            file_button(FilePurpose::ImportPredictions, read, view, ui);
        });
    } else if read.state.base.is_none() {
        if primary_button(ui, "Fit the base model now", !busy).clicked() {
            out.push(Command::Fit.into());
        }
    } else {
        ui.horizontal(|ui| {
            let again = ui.add_enabled(!busy, egui::Button::new("Fit again"));
            if again
                .on_hover_text("Trains the base model anew on “train”")
                .clicked()
            {
                out.push(Command::Fit.into());
            }
            let score = ui.button("Score again");
            if score
                .on_hover_text("Asks the base model about all visible texts")
                .clicked()
            {
                out.push(Command::Score.into());
            }
        });
    }
    if read.state.predictions.is_none() {
        let weak = tokens(ui.ctx()).text_weak;
        let hint = "Unknown unknowns show up once the base model has answered the texts";
        ui.label(RichText::new(hint).color(weak));
    }
}

/// The first characters of a checksum.
fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
