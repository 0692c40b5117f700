//! The bar at the top: which project, undo and redo by name, and how the
//! window looks.

use eframe::egui::{self, Align, Layout, RichText, ThemePreference, Ui};

use super::widgets::caption;
use crate::gui::command_text::Shortcut;
use crate::gui::file_dialog::file_button;
use crate::gui::read::{Ask, Read};
use crate::gui::theme::tokens;
use crate::gui::view_state::{Confirm, FilePurpose, Stage, ViewState};
use crate::session::Command;

/// Shows the bar.
pub fn ui(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    ui.horizontal(|ui| {
        project_menu(read, view, ui, out);
        if let Some(holder) = &read.state.read_only {
            ui.label(RichText::new("read only").color(tokens(ui.ctx()).caution))
                .on_hover_text(format!("{holder} has this project open"));
        }
        ui.separator();
        history_buttons(read, ui, out);
        if !view.presentation {
            teach_mode(read, view, ui);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            looks(view, ui);
        });
    });
}

fn project_menu(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    let name = RichText::new(&read.state.name).strong();
    let menu = ui.menu_button(name, |ui| {
        caption(ui, read.state.folder.display().to_string());
        if ui.button("Open another project …").clicked() {
            out.push(Ask::CloseProject);
            ui.close();
        }
        ui.separator();
        for purpose in [
            FilePurpose::Report,
            FilePurpose::Export,
            FilePurpose::HandOver,
            FilePurpose::MergeLessons,
            FilePurpose::SaveLessons,
            FilePurpose::ImportLessons,
            FilePurpose::ImportPredictions,
            FilePurpose::Map,
            FilePurpose::Window,
        ] {
            if purpose.fits(read.state) && file_button(purpose, read, view, ui) {
                ui.close();
            }
        }
        let copy = ui
            .button("Copy the window as a picture")
            .on_hover_text("For a slide, a mail or a document: paste it there");
        if copy.clicked() {
            out.push(Ask::CopyPicture);
            ui.close();
        }
        ui.separator();
        let reset = ui.button("Reset project …").on_hover_text(
            "Deletes what the program wrote for the project: triage, names, lessons, models. \
             Your files stay",
        );
        if reset.clicked() {
            view.confirm = Some(Confirm::Reset);
            ui.close();
        }
    });
    menu.response
        .on_hover_text(read.state.task.trim())
        .accessible_name(format!("Project: {}", read.state.name));
}

/// Only what a domain expert needs.
fn teach_mode(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    let possible = read.state.snapshot().is_some();
    let button = egui::Button::selectable(view.teach_mode, "Teach mode");
    let button = ui.add_enabled(possible, button).on_hover_text(
        "For a domain expert: only the blind spots to teach, in plain words, without map and \
         settings",
    );
    if button.clicked() {
        view.teach_mode = !view.teach_mode;
        view.stage = Stage::Teach;
    }
}

/// A menu entry that writes or reads a file.
fn history_buttons(read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    let steps = [
        (
            "Undo",
            read.history.undo_name(),
            Shortcut::Undo,
            Command::Undo,
        ),
        (
            "Redo",
            read.history.redo_name(),
            Shortcut::Redo,
            Command::Redo,
        ),
    ];
    for (verb, what, shortcut, command) in steps {
        let label = what.map_or_else(|| verb.to_owned(), |what| format!("{verb} {what}"));
        let button = ui.add_enabled(what.is_some(), egui::Button::new(label));
        let keys = shortcut.written(ui.ctx());
        if button.on_hover_text(keys).clicked() {
            out.push(command.into());
        }
    }
}

/// Theme, size, presentation, help; from the right edge inwards.
pub fn looks(view: &mut ViewState, ui: &mut Ui) {
    let ctx = ui.ctx().clone();
    let help = ui.button("?").on_hover_text("Keyboard shortcuts");
    if help.accessible_name("Keyboard shortcuts").clicked() {
        view.shortcuts_open = !view.shortcuts_open;
    }
    theme_menu(ui);
    let larger = ui
        .button("A+")
        .on_hover_text(Shortcut::Larger.written(&ctx));
    if larger.accessible_name("Larger").clicked() {
        scale(&ctx, 0.1);
    }
    let smaller = ui
        .button("A−")
        .on_hover_text(Shortcut::Smaller.written(&ctx));
    if smaller.accessible_name("Smaller").clicked() {
        scale(&ctx, -0.1);
    }
    let present = egui::Button::selectable(view.presentation, "Present");
    let present = ui.add(present).on_hover_text(format!(
        "Presentation mode: large type, only what the audience needs ({})",
        Shortcut::Presentation.written(&ctx)
    ));
    if present.clicked() {
        view.presentation = !view.presentation;
    }
}

fn theme_menu(ui: &mut Ui) {
    let mut preference = ui.ctx().options(|options| options.theme_preference);
    let before = preference;
    let menu = ui.menu_button("Theme", |ui| {
        ui.selectable_value(&mut preference, ThemePreference::System, "As the system");
        ui.selectable_value(&mut preference, ThemePreference::Light, "Light");
        ui.selectable_value(&mut preference, ThemePreference::Dark, "Dark");
    });
    menu.response.on_hover_text("Light or dark");
    if preference != before {
        ui.ctx().set_theme(preference);
    }
}

/// Makes everything larger or smaller within sensible bounds.
pub fn scale(ctx: &egui::Context, by: f32) {
    let factor = (ctx.zoom_factor() + by).clamp(0.6, 3.0);
    ctx.set_zoom_factor((factor * 10.0).round() / 10.0);
}
