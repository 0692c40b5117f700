//! Windows over the window: the shortcut sheet and what is asked before it is
//! done.

use eframe::egui::{self, Context, Id, Modal, RichText};

use super::answer_field::answer_field;
use super::command_text::Shortcut;
use super::file_dialog;
use super::panels::widgets::{caption, primary_button, title};
use super::read::Ask;
use super::theme::{self, tokens};
use super::view_state::{Confirm, OpenFinal, ViewState};
use super::words;
use crate::session::Command;

/// Shows whatever is open.
pub fn ui(view: &mut ViewState, ctx: &Context, out: &mut Vec<Ask>) {
    if view.shortcuts_open {
        shortcuts(view, ctx);
    }
    match view.confirm.take() {
        Some(Confirm::Reset) => confirm_reset(view, ctx, out),
        Some(Confirm::File {
            purpose,
            path,
            folder,
        }) => file_dialog::ui(purpose, (path, folder), view, ctx, out),
        Some(Confirm::OpenFinal(opening)) => confirm_final(opening, view, ctx, out),
        None => {}
    }
}

fn shortcuts(view: &mut ViewState, ctx: &Context) {
    let modal = Modal::new(Id::unique("shortcuts")).show(ctx, |ui| {
        ui.set_width(420.0);
        title(ui, "Keyboard shortcuts");
        egui::Grid::new("shortcuts")
            .num_columns(2)
            .striped(true)
            .show(ui, |ui| {
                for shortcut in Shortcut::ALL {
                    ui.label(shortcut.text());
                    ui.monospace(shortcut.written(ctx));
                    ui.end_row();
                }
            });
        caption(
            ui,
            "On the map: drag moves, scroll zooms (Ctrl and scroll when comparing), Shift-drag \
             draws a box, L draws a lasso",
        );
        caption(
            ui,
            "While teaching: Enter adds, Ctrl+1 … 9 chooses the label, Alt+Up and Alt+Down the \
             hypothesis",
        );
        caption(ui, "Tab reaches every control; Space or Enter presses it");
        ui.add_space(theme::GAP);
        ui.button("Close").clicked()
    });
    if modal.inner || modal.should_close() {
        view.shortcuts_open = false;
    }
}

fn confirm_reset(view: &mut ViewState, ctx: &Context, out: &mut Vec<Ask>) {
    let modal = Modal::new(Id::unique("confirm reset")).show(ctx, |ui| {
        ui.set_width(420.0);
        title(ui, "Reset this project?");
        ui.label(
            "Triage, names, lessons and models of this project are deleted for good. Your data \
             files and project.toml stay as they are.",
        );
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let reset = primary_button(ui, "Delete and start anew", true).clicked();
            (reset, ui.button("Cancel").clicked())
        })
        .inner
    });
    let (reset, cancel) = modal.inner;
    if reset {
        out.push(Ask::ResetProject);
    } else if !cancel && !modal.should_close() {
        view.confirm = Some(Confirm::Reset);
    }
}

fn confirm_final(mut opening: OpenFinal, view: &mut ViewState, ctx: &Context, out: &mut Vec<Ask>) {
    let modal = Modal::new(Id::unique("confirm final")).show(ctx, |ui| {
        ui.set_width(420.0);
        title(ui, "Open “final”?");
        ui.label(words::SEALED);
        ui.label(
            "Every opening is recorded with its round and printed beside the figures. \
             The models are asked about these texts only now, which takes a few seconds each.",
        );
        if let Some(why) = &opening.no_verdict {
            let said = format!("This round can give no verdict ({why}), but the opening counts.");
            ui.label(RichText::new(said).color(tokens(ui.ctx()).bad));
        }
        let reason = &mut opening.reason;
        let entered = answer_field(reason, "Reason for opening final", "Why now?", ui);
        ui.add_space(theme::GAP);
        ui.horizontal(|ui| {
            let ready = !opening.reason.trim().is_empty();
            let open = primary_button(ui, "Open final", ready).clicked();
            ((open || entered) && ready, ui.button("Cancel").clicked())
        })
        .inner
    });
    let (open, cancel) = modal.inner;
    if open {
        let (round, reason) = (opening.round, opening.reason.trim().to_owned());
        out.push(Command::OpenFinal { round, reason }.into());
    } else if !cancel && !modal.should_close() {
        view.confirm = Some(Confirm::OpenFinal(opening));
    }
}
