//! Which project is open: opening, closing, changing it for another, resetting.

use std::path::{Path, PathBuf};

use eframe::egui::Context;
use eframe::egui::containers::scroll_area;

use super::typed::TYPED_FILE;
use super::{App, Screen, VIEW_FILE};
use crate::gui::background::Pending;
use crate::gui::derived::Derived;
use crate::gui::live::LiveAnswers;
use crate::gui::notices::Notices;
use crate::gui::panels::teach::Drafts;
use crate::gui::remembered;
use crate::gui::shell::Widgets;
use crate::gui::start::Start;
use crate::gui::view_state::{Confirm, FilePurpose, ViewState};
use crate::gui::words;
use crate::project::STATE_FOLDER;
use crate::project::manifest::FILE_NAME;
use crate::session::Session;
use crate::session::view::HandedView;
use crate::steps::hand_over;
use crate::support::atomic_file::folder_of;
use crate::support::{Error, Progress};

/// A project's folder, where its project.toml was named: a double click gives
/// that.
fn project_of(named: &Path) -> PathBuf {
    if named.file_name().is_some_and(|name| name == FILE_NAME) {
        folder_of(named).to_owned()
    } else {
        named.to_owned()
    }
}

/// Whether two paths name the same folder or file.
fn same_place(one: &Path, other: &Path) -> bool {
    let whole = |path: &Path| std::fs::canonicalize(project_of(path));
    one == other || matches!((whole(one), whole(other)), (Ok(one), Ok(other)) if one == other)
}

impl App {
    /// Begins to open a project, by its folder or its project.toml, or what
    /// was handed over as one.
    pub(super) fn open(&mut self, folder: &Path, ctx: &Context) {
        // The folder was named for one project; another one's state there would
        // be mixed up with it.
        let named = self.options.project.as_deref();
        let is_named = named.is_some_and(|named| same_place(named, folder));
        self.state_dir = self.options.state_dir.clone().filter(|_| is_named);
        // Its pages begin at their heads, wherever those of another one stood.
        ctx.data_mut(|kept| kept.remove_by_type::<scroll_area::State>());
        self.open_as_before(folder, ctx);
    }

    /// Opens a project, its state being where that of the last one was.
    fn open_as_before(&mut self, folder: &Path, ctx: &Context) {
        // What went wrong elsewhere is no matter of this project.
        self.notices = Notices::default();
        let (state_dir, wake) = (self.state_dir.clone(), ctx.clone());
        let of = project_of(folder);
        let pending = Pending::start(ctx, move || {
            let wake = move || wake.request_repaint();
            let of = match hand_over::is_meant_as_hand_over(&of) {
                true => hand_over::unpack(&of)?,
                false => of,
            };
            Session::open(&of, state_dir.as_deref(), wake, &Progress::silent())
        });
        self.screen = Screen::Opening(folder.to_owned(), pending);
    }

    /// Shows the project that is being opened once it is there.
    pub(super) fn poll_opening(&mut self, ctx: &Context) {
        let Screen::Opening(_, pending) = &mut self.screen else {
            return;
        };
        match pending.take() {
            Some(Ok(session)) => self.opened(session, ctx),
            Some(Err(error)) => {
                self.notices.fail(&error);
                self.screen = Screen::Start;
            }
            None => {}
        }
    }

    fn opened(&mut self, session: Session, ctx: &Context) {
        let folder = session.state().folder.clone();
        self.view = remembered::load(&self.state_folder(&folder).join(VIEW_FILE));
        // An expert's copy is for teaching and nothing else.
        self.view.teach_mode |= session.state().handed_over.is_some();
        self.saved = self.view.clone();
        self.browsing.forget();
        self.widgets = Widgets {
            answers: LiveAnswers::start(ctx, session.shared()),
            ..Widgets::default()
        };
        let typed: Drafts = remembered::load(&self.state_folder(&folder).join(TYPED_FILE));
        self.typed = (typed.clone(), None);
        self.widgets.teach.restore(typed);
        self.derived = Derived::default();
        self.derived.update(session.state(), ctx);
        let read_only = session.state().read_only.is_some();
        self.tell_broken_off(&self.state_folder(&folder), read_only);
        if std::mem::take(&mut self.options.first_start) {
            self.notices.say(words::FIRST_START);
        }
        // Found again from wherever the program is started next.
        self.settings
            .remember(&std::path::absolute(&folder).unwrap_or(folder));
        self.save_settings();
        self.screen = Screen::Project(Box::new(session));
    }

    /// Goes back to the start screen.
    pub(super) fn close(&mut self) {
        self.record_time();
        self.save_view();
        self.notices = Notices::default();
        self.screen = Screen::Start;
        self.start = Start::new(&self.options);
    }

    /// Opens the project again, which is used otherwise from now on.
    pub(super) fn open_again(&mut self, ctx: &Context) {
        let Some(session) = self.session() else {
            return;
        };
        let project = session.state().folder.clone();
        self.record_time();
        self.save_view();
        // Closing first lets go of the database.
        self.screen = Screen::Start;
        self.open_as_before(&project, ctx);
    }

    /// Deletes what the program wrote for the project and opens it again.
    pub(super) fn reset(&mut self, ctx: &Context) {
        let Some(session) = self.session() else {
            return;
        };
        let project = session.state().folder.clone();
        if let Some(holder) = &session.state().read_only {
            let error = Error::input(format!("the project is for reading only: {holder}"));
            self.notices.fail(&error);
            return;
        }
        // Closing first lets go of the database.
        self.screen = Screen::Start;
        let state = self.state_folder(&project);
        let deleted = std::fs::remove_dir_all(&state);
        self.view = ViewState::default();
        self.open_as_before(&project, ctx);
        if let Err(error) = deleted
            && error.kind() != std::io::ErrorKind::NotFound
        {
            self.notices.fail(&Error::file("delete", &state, error));
        }
    }

    /// Lessons that are dropped onto an open project are merged; a view is
    /// shown; a hand-over or another project is opened.
    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let Screen::Project(session) = &self.screen else {
            return;
        };
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        let Some(path) = dropped.first().map(|file| file.path().to_owned()) else {
            return;
        };
        if hand_over::is_meant_as_hand_over(&path) || path.is_dir() {
            self.close();
            self.open(&path, ctx);
        } else if HandedView::is_meant_by(&path) {
            self.take_view(HandedView::open(&path));
        } else {
            self.view.confirm = Some(Confirm::File {
                purpose: FilePurpose::MergeLessons,
                path: path.display().to_string(),
                folder: session.state().folder.clone(),
            });
        }
    }

    /// Where the program keeps what it writes for a project.
    pub(super) fn state_folder(&self, project: &Path) -> PathBuf {
        let elsewhere = self.state_dir.clone();
        elsewhere.unwrap_or_else(|| project.join(STATE_FOLDER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_named_by_its_folder_or_by_its_file() {
        for (named, folder) in [
            ("/a/b/project.toml", "/a/b"),
            ("project.toml", "."),
            ("/a/b", "/a/b"),
            ("/a/for-you.blindspot", "/a/for-you.blindspot"),
        ] {
            assert_eq!(project_of(Path::new(named)), Path::new(folder), "{named}");
        }
    }
}
