//! Leaving while work is under way: it is asked before, and told at the next
//! opening, also where the program was killed.

use std::path::Path;

use eframe::egui::{Context, ViewportCommand};

use super::App;
use crate::gui::remembered;
use crate::gui::view_state::{Confirm, Leaving};
use crate::session::{JobKind, Session};

/// File in a project's state folder with the work that is under way.
const AT_WORK: &str = "at-work.json";

/// The work whose end somebody waits for. What follows sliders and screens is
/// made anew anyway.
fn work(session: &Session) -> Vec<String> {
    let matters = |kind: JobKind| {
        use JobKind::{Compare, Export, Fit, Freeze, Interference, Retrain, Teach};
        matches!(
            kind,
            Fit | Freeze | Teach | Retrain | Interference | Compare | Export
        )
    };
    let jobs = session.jobs().statuses();
    let at_work = jobs.filter(|job| job.is_active() && matters(job.kind));
    at_work.map(|job| job.title.clone()).collect()
}

impl App {
    /// Closes the project, or asks first while work is under way.
    pub(super) fn close_or_ask(&mut self) {
        let work = self.session().map(work).unwrap_or_default();
        match work.is_empty() {
            true => self.close(),
            false => {
                let window = false;
                self.view.confirm = Some(Confirm::Leave(Leaving { work, window }));
            }
        }
    }

    /// Keeps the window open while work is under way, until somebody says that
    /// it may stop.
    pub(super) fn ask_before_closing(&mut self, ctx: &Context) {
        let wanted = ctx.input(|input| input.viewport().close_requested());
        if !wanted || self.may_close {
            return;
        }
        let work = self.session().map(work).unwrap_or_default();
        if !work.is_empty() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            let window = true;
            self.view.confirm = Some(Confirm::Leave(Leaving { work, window }));
        }
    }

    /// Leaves, whatever is under way.
    pub(super) fn leave(&mut self, leaving: &Leaving, ctx: &Context) {
        if leaving.window {
            self.may_close = true;
            ctx.send_viewport_cmd(ViewportCommand::Close);
        } else {
            self.close();
        }
    }

    /// Notes in the state folder what is under way, for the next opening.
    pub(super) fn note_work(&mut self) {
        let Some(session) = self.session() else {
            return;
        };
        let now = work(session);
        if now == self.at_work || session.state().read_only.is_some() {
            return;
        }
        // What is started again is no longer broken off.
        let begun: Vec<String> = now.iter().map(|work| broken_off(work)).collect();
        let file = self.state_folder(&session.state().folder).join(AT_WORK);
        let told = &mut self.notices.0;
        told.retain(|notice| !begun.contains(&notice.message));
        // That nobody is told later is no reason to disturb anybody now.
        if now.is_empty() {
            drop(std::fs::remove_file(&file));
        } else {
            drop(remembered::save(&now, &file));
        }
        self.at_work = now;
    }

    /// Tells what was under way when the project was left.
    pub(super) fn tell_broken_off(&mut self, state_folder: &Path, read_only: bool) {
        self.at_work.clear();
        let file = state_folder.join(AT_WORK);
        let left: Vec<String> = remembered::load(&file);
        if left.is_empty() || read_only {
            return;
        }
        for work in left {
            self.notices.say(broken_off(&work));
        }
        drop(std::fs::remove_file(file));
    }
}

/// That some work did not finish.
fn broken_off(work: &str) -> String {
    format!(
        "“{work}” was under way when this project was left, and did not finish. Start it again: \
         what had been finished is used"
    )
}
