//! What fills the window: the start screen, a project being opened, an open
//! project.

use std::path::Path;

use eframe::egui::{self, Ui};

use super::{App, Screen};
use crate::gui::dialogs;
use crate::gui::panels::jobs::notice_list;
use crate::gui::panels::toolbar;
use crate::gui::panels::widgets::{caption, title};
use crate::gui::read::{Cx, Read};
use crate::gui::shell;
use crate::gui::theme::{self, tokens};

impl App {
    /// The start screen; opens what is chosen there.
    pub(super) fn start_ui(&mut self, ui: &mut Ui) {
        let frame = egui::Frame::new()
            .fill(tokens(ui.ctx()).surface)
            .inner_margin(theme::PADDING);
        let mut open = None;
        egui::CentralPanel::default_margins()
            .frame(frame)
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        toolbar::looks(&mut self.view, ui);
                    });
                });
                notice_list(&mut self.notices, ui);
                open = self.start.ui(&self.settings.recent, &mut self.notices, ui);
            });
        dialogs::ui(&mut self.view, ui.ctx(), &mut Vec::new());
        if let Some(folder) = open {
            self.open(&folder, ui.ctx());
        }
    }

    /// Says which project is being opened.
    pub(super) fn opening_ui(folder: &Path, ui: &mut Ui) {
        let frame = egui::Frame::new().fill(tokens(ui.ctx()).surface);
        egui::CentralPanel::default_margins()
            .frame(frame)
            .show(ui, |ui| {
                ui.vertical_centered(|ui| {
                    ui.add_space(ui.available_height() * 0.4);
                    title(ui, "Opening the project …");
                    caption(ui, folder.display().to_string());
                });
            });
    }

    /// The open project; carries out what its panels ask for.
    pub(super) fn project_ui(&mut self, ui: &mut Ui) {
        let Screen::Project(session) = &self.screen else {
            return;
        };
        let read = Read::new(session, &self.derived);
        let mut asked = Vec::new();
        let mut cx = Cx {
            read,
            view: &mut self.view,
            out: &mut asked,
        };
        shell::ui(&mut cx, &mut self.widgets, &mut self.notices, ui);
        let ctx = ui.ctx().clone();
        if !asked.is_empty() {
            self.carry_out(asked, &ctx);
            ctx.request_repaint();
        }
    }
}
