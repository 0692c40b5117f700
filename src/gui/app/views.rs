//! Views that are handed on: copied, saved, pasted, opened.

use std::path::Path;

use eframe::egui::Context;

use super::{App, Screen};
use crate::gui::handed::{looks, pasted_view, restore};
use crate::session::Command;
use crate::session::view::HandedView;
use crate::support::{Result, atomic_file};

impl App {
    /// The view as a document.
    fn written_view(&self) -> Option<Result<String>> {
        let session = self.session()?;
        let (project, state) = (&session.shared().project, session.state());
        let view = HandedView::of(&looks(&self.view, state), project, state);
        Some(view.and_then(|view| view.written()))
    }

    /// Puts the view on the clipboard.
    pub(super) fn copy_view(&mut self, ctx: &Context) {
        let written = self.written_view();
        if let Some(text) = written.and_then(|text| self.notices.value(text)) {
            ctx.copy_text(text);
            self.notices.say(
                "the view is on the clipboard: sent as text and pasted into Blindspot on the same \
                 project, it shows what you see here",
            );
        }
    }

    /// Writes the view into a file.
    pub(super) fn save_view_file(&mut self, path: &Path) {
        let Some(written) = self.written_view() else {
            return;
        };
        let saved = written.and_then(|text| {
            atomic_file::may_replace(path, "a view", HandedView::is_meant_by)?;
            atomic_file::write(path, |out| out.write_all(text.as_bytes()))
        });
        if self.notices.value(saved).is_some() {
            self.notices
                .say(format!("the view is in {}", path.display()));
        }
    }

    /// Takes a view from elsewhere, to be shown once a project is open.
    pub(super) fn take_view(&mut self, view: Result<HandedView>) {
        let Some(view) = self.notices.value(view) else {
            return;
        };
        if matches!(self.screen, Screen::Start) {
            self.notices.say(format!(
                "this is a view of the project “{}”: it is shown once that is open",
                view.project()
            ));
        }
        self.handed = Some(view);
    }

    /// Takes a view that is pasted or dropped where no project is open.
    pub(super) fn take_early_view(&mut self, ctx: &Context) {
        if !matches!(self.screen, Screen::Start) {
            return;
        }
        if let Some(text) = pasted_view(ctx) {
            self.take_view(HandedView::read(&text));
        }
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        if let [file] = &dropped[..]
            && HandedView::is_meant_by(file.path())
        {
            self.take_view(HandedView::open(file.path()));
            ctx.input_mut(|input| input.raw.dropped_files.clear());
        }
    }

    /// Shows a view from elsewhere as soon as the project has been scored, or
    /// nobody is about to do that.
    pub(super) fn show_handed(&mut self, ctx: &Context) {
        let Screen::Project(session) = &mut self.screen else {
            return;
        };
        let is_ready = session.state().answers().is_some() || !session.jobs().any_active();
        let Some(handed) = self.handed.take_if(|_| is_ready) else {
            return;
        };
        let mut edits = handed.edits(&session.shared().project, session.state());
        if !edits.commands.is_empty() {
            edits.commands.push(Command::EndEdit);
        }
        for edit in &edits.commands {
            self.notices.value(session.apply(edit));
        }
        self.derived.update(session.state(), ctx);
        let (looks, missing) = handed.looks(session.state());
        restore(looks, &mut self.view, session.state(), &self.derived);
        let mut said = "the view is shown".to_owned();
        if !edits.changes.is_empty() {
            let changes = edits.changes.join(" and ");
            said += &format!(" with {changes}, which undo takes back");
        }
        let notes: Vec<String> = edits.notes.into_iter().chain(missing).collect();
        if !notes.is_empty() {
            said += &format!("; but {}", notes.join("; "));
        }
        self.notices.say(said);
        ctx.request_repaint();
    }
}
