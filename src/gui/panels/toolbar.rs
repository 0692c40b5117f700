//! The bar at the top: which project, undo and redo by name, and how the
//! window looks.

use eframe::egui::{self, Align, Layout, RichText, ScrollArea, TextStyle, ThemePreference, Ui};

use super::widgets::{button_if, caption, caution};
use crate::gui::command_text::Shortcut;
use crate::gui::file_dialog::file_button;
use crate::gui::read::{Ask, Cx};
use crate::gui::view_state::{Confirm, FilePurpose, Stage, ViewState};
use crate::session::Command;
use crate::support::text::shortened;

/// Width that the buttons at the right take, with teach mode before them, in
/// points.
const OTHERS: f32 = 400.0;
/// Characters of a project's name where the bar is narrow.
const SHORT_NAME: usize = 28;
/// Width of a window below which it is, in points.
const NARROW: f32 = 1100.0;

/// Shows the bar.
pub fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    ui.horizontal(|ui| {
        project_menu(cx, ui);
        if let Some(holder) = &cx.state.read_only {
            caution(ui, "read only").on_hover_text(format!("{holder} has this project open"));
        }
        ui.separator();
        history_buttons(cx, ui);
        teach_mode(cx, ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            looks(cx.view, ui);
            present(cx.view, ui);
        });
    });
}

fn project_menu(cx: &mut Cx<'_>, ui: &mut Ui) {
    let name = match ui.available_width() < NARROW {
        true => shortened(&cx.state.name, SHORT_NAME),
        false => cx.state.name.clone(),
    };
    let name = RichText::new(name).strong();
    let asked = cx.out.len();
    let menu = ui.menu_button(name, |ui| {
        // A low window shows a part of it.
        ScrollArea::vertical().show(ui, |ui| project_entries(cx, ui));
        if cx.out.len() > asked || cx.view.confirm.is_some() {
            ui.close();
        }
    });
    menu.response
        .on_hover_text(cx.state.task.trim())
        .accessible_name(format!("Project: {}", cx.state.name));
}

fn project_entries(cx: &mut Cx<'_>, ui: &mut Ui) {
    caption(ui, cx.state.folder.display().to_string());
    if ui.button("Open another project …").clicked() {
        cx.ask(Ask::CloseProject);
    }
    ui.separator();
    for purpose in [
        FilePurpose::Report,
        FilePurpose::Export,
        FilePurpose::Corrected,
        FilePurpose::HandOver,
        FilePurpose::MergeLessons,
        FilePurpose::SaveLessons,
        FilePurpose::ImportLessons,
        FilePurpose::ImportPredictions,
        FilePurpose::CompareWith,
        FilePurpose::Map,
        FilePurpose::Window,
        FilePurpose::SaveView,
        FilePurpose::OpenView,
    ] {
        if purpose.fits(cx.state) {
            file_button(purpose, cx, ui);
        }
    }
    let meaning = "For a slide, a mail or a document: paste it there";
    if button_if(ui, true, "Copy the window as a picture", meaning) {
        cx.ask(Ask::CopyPicture);
    }
    let meaning = "Page, filters, colours and what is selected, as a text to send: pasted \
                       into Blindspot on the same project it shows what you see here";
    if button_if(ui, true, "Copy the view", meaning) {
        cx.ask(Ask::CopyView);
    }
    ui.separator();
    let meaning = "Says which computed files nothing needs any more, and removes them";
    if button_if(ui, true, "Clean up …", meaning) {
        cx.ask(Command::FindUnneeded);
    }
    let meaning = "Deletes what the program wrote for the project: triage, names, lessons, \
                       models. Your files stay";
    if button_if(ui, true, "Reset project …", meaning) {
        cx.view.confirm = Some(Confirm::Reset);
    }
}

/// Only what a domain expert needs.
fn teach_mode(cx: &mut Cx<'_>, ui: &mut Ui) {
    let possible = cx.state.snapshot().is_some();
    let button = egui::Button::selectable(cx.view.teach_mode, "Teach mode");
    let button = ui.add_enabled(possible, button).on_hover_text(
        "For a domain expert: only the blind spots to teach, in plain words, without map and \
         settings",
    );
    if button.clicked() {
        cx.view.teach_mode = !cx.view.teach_mode;
        cx.view.stage = Stage::Teach;
    }
}

/// Undo and redo, which name what they would do, where there is no room only
/// when they are pointed at.
fn history_buttons(cx: &mut Cx<'_>, ui: &mut Ui) {
    let (undo, redo) = (cx.history.undo_name(), cx.history.redo_name());
    let font = TextStyle::Button.resolve(ui.style());
    let names = format!("Undo {} Redo {}", undo.unwrap_or(""), redo.unwrap_or(""));
    let names = (ui.painter()).layout_no_wrap(names, font, egui::Color32::PLACEHOLDER);
    let has_room = names.size().x + OTHERS < ui.available_width();
    for (verb, what, shortcut, command) in [
        ("Undo", undo, Shortcut::Undo, Command::Undo),
        ("Redo", redo, Shortcut::Redo, Command::Redo),
    ] {
        let label = what.map_or_else(|| verb.to_owned(), |what| format!("{verb} {what}"));
        let keys = shortcut.written(ui.ctx());
        let (shown, meaning) = match has_room {
            true => (label.as_str(), keys),
            false => (verb, format!("{label} ({keys})")),
        };
        let button = ui.add_enabled(what.is_some(), egui::Button::new(shown));
        let button = button.on_hover_text(meaning).accessible_name(&label);
        if button.clicked() {
            cx.ask(command);
        }
    }
}

/// Theme, size, help; from the right edge inwards.
pub fn looks(view: &mut ViewState, ui: &mut Ui) {
    let ctx = ui.ctx().clone();
    let help = ui
        .button("?")
        .on_hover_text("Keyboard shortcuts, and which version this is");
    if help.accessible_name("Keyboard shortcuts").clicked() {
        view.shortcuts_open = !view.shortcuts_open;
    }
    theme_menu(ui);
    for (sign, name, by, shortcut) in [
        ("A+", "Larger", 0.1, Shortcut::Larger),
        ("A−", "Smaller", -0.1, Shortcut::Smaller),
    ] {
        let button = ui.button(sign).on_hover_text(shortcut.written(&ctx));
        if button.accessible_name(name).clicked() {
            scale(&ctx, by);
        }
    }
}

fn present(view: &mut ViewState, ui: &mut Ui) {
    let button = ui.button("Present").on_hover_text(format!(
        "The story of the project on five pages that fill the window ({})",
        Shortcut::Presentation.written(ui.ctx())
    ));
    if button.clicked() {
        view.present();
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
