//! Carries out what panels ask for, and takes in what comes of it in a later
//! frame: a path picked in the system's dialog, a picture of the window.

use std::path::Path;

use eframe::egui::Context;

use super::{App, Screen};
use crate::gui::pick::Wanted;
use crate::gui::pictures;
use crate::gui::read::{Ask, Read};
use crate::gui::screenshot::Taken;
use crate::gui::view_state::{Confirm, FilePurpose};
use crate::session::Command;
use crate::session::view::HandedView;
use crate::support::{Result, atomic_file};

impl App {
    /// Carries out what panels asked for.
    pub(super) fn carry_out(&mut self, asked: Vec<Ask>, ctx: &Context) {
        for ask in asked {
            (self.options.observer)(&ask);
            let Screen::Project(session) = &mut self.screen else {
                return;
            };
            match ask {
                Ask::Do(command) => {
                    self.notices.value(session.apply(&command));
                    if command != Command::EndEdit {
                        self.derived.update(session.state(), ctx);
                    }
                }
                Ask::CancelJob(job) => session.cancel(job),
                Ask::DismissJob(job) => session.dismiss(job),
                Ask::SavePicture(FilePurpose::Window, path) => self.screenshots.ask(ctx, path),
                Ask::SavePicture(purpose, path) => self.draw(purpose, &path),
                Ask::CopyPicture => self.screenshots.ask_for_copy(ctx),
                Ask::CopyView => self.copy_view(ctx),
                Ask::SaveView(path) => self.save_view_file(&path),
                Ask::OpenView(path) => self.take_view(HandedView::open(&path)),
                Ask::PasteView(text) => self.take_view(HandedView::read(&text)),
                Ask::Browse(purpose) => self.browsing.show(Wanted::File(purpose), ctx),
                Ask::BrowseFolder(purpose) => self.browsing.show(Wanted::Folder(purpose), ctx),
                Ask::CloseProject => self.close_or_ask(),
                Ask::Leave(leaving) => self.leave(&leaving, ctx),
                Ask::ResetProject => self.reset(ctx),
            }
        }
    }

    /// Fills in what was picked, if that is still what is asked for.
    pub(super) fn take_browsed(&mut self) {
        let Some((wanted, picked)) = self.browsing.take() else {
            return;
        };
        if let Some(paths) = self.notices.value(picked)
            && let Some(picked) = paths.first()
            && let Some(Confirm::File { purpose, path, .. }) = &mut self.view.confirm
            && [Wanted::File(*purpose), Wanted::Folder(*purpose)].contains(&wanted)
        {
            *path = picked.display().to_string();
        }
    }

    /// Writes a drawing of what is shown.
    fn draw(&mut self, purpose: FilePurpose, path: &Path) {
        let Screen::Project(session) = &self.screen else {
            return;
        };
        let read = Read::new(session, &self.derived);
        let written = pictures::drawing(purpose, &read, &self.view, &self.widgets)
            .and_then(|svg| atomic_file::write(path, |out| out.write_all(svg.as_bytes())));
        self.say_written(path, written);
    }

    /// Tells what became of the pictures of the window.
    pub(super) fn take_screenshots(&mut self, ctx: &Context) {
        for taken in self.screenshots.taken() {
            match taken {
                Taken::Written(path, written) => self.say_written(&path, written),
                Taken::ToCopy(image) => {
                    ctx.copy_image((*image).clone());
                    self.notices
                        .say("a picture of the window is on the clipboard");
                }
            }
        }
    }

    fn say_written(&mut self, path: &Path, written: Result<()>) {
        if self.notices.value(written).is_some() {
            self.notices
                .say(format!("the picture is in {}", path.display()));
        }
    }
}
