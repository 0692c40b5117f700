//! Carries out what panels ask for, and takes in what comes of it in a later
//! frame: a path picked in the system's dialog, a picture of the window.

use std::path::Path;

use eframe::egui::Context;

use super::{App, Screen};
use crate::gui::pick::Wanted;
use crate::gui::pictures;
use crate::gui::read::{Ask, Read};
use crate::gui::screenshot::Taken;
use crate::gui::start::notice;
use crate::gui::view_state::{Confirm, FilePurpose, Notice};
use crate::session::Command;
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
                    if let Err(error) = session.apply(&command) {
                        self.notices.push(notice(&error));
                    }
                    if command != Command::EndEdit {
                        self.derived.update(session.state());
                    }
                }
                Ask::CancelJob(job) => session.cancel(job),
                Ask::DismissJob(job) => session.dismiss(job),
                Ask::SavePicture(FilePurpose::Window, path) => self.screenshots.ask(ctx, path),
                Ask::SavePicture(purpose, path) => self.draw(purpose, &path),
                Ask::CopyPicture => self.screenshots.ask_for_copy(ctx),
                Ask::Browse(purpose) => self.browse(purpose, ctx),
                Ask::CloseProject => self.close(),
                Ask::ResetProject => self.reset(ctx),
            }
        }
    }

    fn browse(&mut self, purpose: FilePurpose, ctx: &Context) {
        if let Err(error) = self.browsing.show(Wanted::File(purpose), ctx) {
            self.notices.push(notice(&error));
        }
    }

    /// Fills in what was picked, if that is still what is asked for.
    pub(super) fn take_browsed(&mut self) {
        let Some((wanted, picked)) = self.browsing.take() else {
            return;
        };
        match (picked, &mut self.view.confirm) {
            (Ok(paths), Some(Confirm::File { purpose, path, .. }))
                if wanted == Wanted::File(*purpose) =>
            {
                if let Some(picked) = paths.first() {
                    *path = picked.display().to_string();
                }
            }
            (Ok(_), _) => {}
            (Err(error), _) => self.notices.push(notice(&error)),
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
                    self.notices.push(Notice {
                        failure: false,
                        message: "a picture of the window is on the clipboard".into(),
                        hint: None,
                    });
                }
            }
        }
    }

    fn say_written(&mut self, path: &Path, written: Result<()>) {
        self.notices.push(match written {
            Ok(()) => Notice {
                failure: false,
                message: format!("the picture is in {}", path.display()),
                hint: None,
            },
            Err(error) => notice(&error),
        });
    }
}
