//! Half-typed lessons are saved while somebody types, so that a kill takes a
//! second of work at most.

use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::App;
use crate::gui::remembered;

/// File in a project's state folder with what is half typed.
pub(super) const TYPED_FILE: &str = "typed.json";
/// How often that is saved at most.
const EVERY: Duration = Duration::from_millis(1000);

impl App {
    /// Saves what is half typed if it changed, about once a second.
    pub(super) fn save_typed(&mut self, ctx: &Context) {
        let Some(session) = self.session() else {
            return;
        };
        if session.state().read_only.is_some() {
            return;
        }
        let (saved, when) = &self.typed;
        let now = self.widgets.teach.drafts();
        if now == *saved {
            return;
        }
        let wait = when.map(|when| EVERY.saturating_sub(when.elapsed()));
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            ctx.request_repaint_after(wait);
            return;
        }
        let file = self.state_folder(&session.state().folder).join(TYPED_FILE);
        // Where that fails, what is added is saved all the same.
        drop(remembered::save(&now, &file));
        self.typed = (now, Some(Instant::now()));
    }
}
