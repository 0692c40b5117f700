//! The data and its roles, and how the base model stands.

use eframe::egui::{self, RichText, ScrollArea, Ui};

use super::data_files::DataFiles;
use super::suspects;
use super::widgets::{
    button_if, caption, count, explained, page, percent, primary_button, section, title,
};
use crate::gui::file_dialog::file_button;
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::FilePurpose;
use crate::gui::words;
use crate::records::Role;
use crate::session::{Command, JobKind};

/// Shows what the project is made of.
pub fn ui(files: &mut DataFiles, cx: &mut Cx<'_>, ui: &mut Ui) {
    page(ui, "data", 760.0, |ui| {
        title(ui, &cx.state.name);
        ui.label(cx.state.task.trim());
        ui.add_space(theme::PADDING);
        roles(cx, ui);
        ui.add_space(theme::PADDING);
        labels(cx, ui);
        ui.add_space(theme::PADDING);
        base_model(cx, ui);
        ui.add_space(theme::PADDING);
        files.ui(&cx.read, ui);
    });
}

fn roles(read: &Read<'_>, ui: &mut Ui) {
    section(ui, "Roles", "No text serves two roles");
    let dataset = &read.state.dataset;
    // Many sources make it wider than the page, which nothing else has to be.
    ScrollArea::horizontal().id_salt("roles").show(ui, |ui| {
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
                    let sealed = if role == Role::Final {
                        words::SEALED
                    } else {
                        ""
                    };
                    explained(ui.label(RichText::new(role.name()).strong()), sealed);
                    for source in &dataset.sources {
                        let mut counts = read.state.role_counts.iter();
                        let of = counts.find(|of| of.role == role && of.source == *source);
                        ui.label(count(of.map_or(0, |of| of.rows)));
                    }
                    caption(ui, words::role(role));
                    ui.end_row();
                }
            });
    });
}

fn labels(cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, "Labels", "");
    let dataset = &cx.read.state.dataset;
    let mut counts = vec![0_usize; dataset.labels.len()];
    let of_roles = cx.read.state.role_counts.iter();
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
    let corrections = cx.read.state.truths().corrections(dataset, &Role::ALL);
    if let Some(told) = corrections.told() {
        ui.label(told);
    }
    if cx.derived.counts().uus > 0 {
        suspects::button(cx, ui);
    }
}

fn base_model(cx: &mut Cx<'_>, ui: &mut Ui) {
    section(
        ui,
        "Base model",
        "The model whose blind spots are looked for",
    );
    let standing = match &cx.state.base {
        Some(base) => format!("{}, {}", base.origin, short(&base.id)),
        None if cx.state.black_box => {
            "A black box; its predictions have not been imported yet".into()
        }
        None if cx.state.as_it_is => "Brings its own head; not read yet".into(),
        None => "Not fitted yet".into(),
    };
    ui.label(standing);
    if let Some(curve) = cx.state.base.as_ref().and_then(|base| base.curve.as_ref()) {
        caption(ui, curve.said());
    }
    if !cx.derived.rows.is_empty() {
        for role in [Role::Validation, Role::Discovery, Role::Check] {
            let right = cx.derived.rows.right.get(&role);
            let share = right.map_or(f32::NAN, |(right, all)| *right as f32 / *all as f32);
            caption(ui, format!("accuracy on {role}: {}", percent(share)));
        }
    }
    let idle = !cx.is_busy(JobKind::Fit);
    if cx.state.black_box {
        ui.add_enabled_ui(idle, |ui| {
            file_button(FilePurpose::ImportPredictions, cx, ui);
        });
    } else if cx.state.base.is_none() {
        let label = match cx.state.as_it_is {
            true => "Take the model as it is",
            false => "Fit the base model now",
        };
        if primary_button(ui, label, idle).clicked() {
            cx.ask(Command::Fit);
        }
    } else {
        ui.horizontal(|ui| {
            let meaning = "Trains the base model anew on “train”";
            if !cx.state.as_it_is && button_if(ui, idle, "Fit again", meaning) {
                cx.ask(Command::Fit);
            }
            let meaning = "Asks the base model about all visible texts";
            if button_if(ui, true, "Score again", meaning) {
                cx.ask(Command::Score);
            }
        });
    }
    how_it_is_used(cx, ui);
    if cx.state.predictions.is_none() {
        let weak = tokens(ui.ctx()).text_weak;
        let hint = "Unknown unknowns show up once the base model has answered the texts";
        ui.label(RichText::new(hint).color(weak));
    }
}

/// Whether a model's own head is kept, and the way to change that.
fn how_it_is_used(cx: &mut Cx<'_>, ui: &mut Ui) {
    if !cx.state.brings_head {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        caption(
            ui,
            match cx.state.as_it_is {
                true => "Used as it is, with its own head",
                false => "Its own head is not used: it is fitted anew on “train”",
            },
        );
        let idle = cx.state.read_only.is_none() && !cx.is_busy(JobKind::Fit);
        let meaning = "Whether it is fitted anew, and what its classes mean; says what a change \
                       costs before anything is done";
        if button_if(ui, idle, "Change how it is used …", meaning) {
            cx.ask(Command::AskModel);
        }
    });
}

/// The first characters of a checksum.
fn short(id: &str) -> &str {
    id.get(..10).unwrap_or(id)
}
