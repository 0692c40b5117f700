//! A language model teaches: who is asked, what is sent where, the drafts and
//! their review, and all teachers beside each other.

mod own;
mod prompts;
mod review;
mod setup;
mod table;

use std::path::PathBuf;

use eframe::egui::{ScrollArea, Ui};

use self::own::OwnTeacher;
use self::prompts::PromptEditor;
use self::review::ReviewForm;
use super::widgets::choice;
use crate::gui::background::Pending;
use crate::gui::live::Live;
use crate::gui::live_checks::LiveChecks;
use crate::gui::read::{Ask, Read};
use crate::lessons::llm::{Diagnosis, Plan, Teacher};
use crate::records::BlindSpot;

/// What the panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    #[default]
    Lesson,
    Prompts,
    Compared,
}

/// What is kept from frame to frame.
pub struct LlmPanel {
    page: Page,
    /// Name of the chosen teacher; empty for a new one.
    teacher: Option<String>,
    own: OwnTeacher,
    samples: usize,
    /// Most money; 0 for the teacher's own limit.
    budget: f64,
    all_spots: bool,
    test: ConnectionTest,
    statement: setup::Statement,
    recording: String,
    record: bool,
    prompts: PromptEditor,
    review: ReviewForm,
}

impl Default for LlmPanel {
    fn default() -> Self {
        Self {
            page: Page::default(),
            teacher: None,
            own: OwnTeacher::default(),
            samples: Plan::default().samples,
            budget: 0.0,
            all_spots: false,
            test: ConnectionTest::default(),
            statement: setup::Statement::default(),
            recording: String::new(),
            record: false,
            prompts: PromptEditor::default(),
            review: ReviewForm::default(),
        }
    }
}

impl LlmPanel {
    /// The recording's file, if one is named.
    fn recording(&self) -> Option<PathBuf> {
        let path = self.recording.trim();
        (!path.is_empty()).then(|| PathBuf::from(path))
    }
}

/// A test of the connection, running or done.
#[derive(Default)]
struct ConnectionTest {
    running: Pending<(Teacher, Diagnosis)>,
    done: Option<(Teacher, Diagnosis)>,
}

/// What answers about samples.
pub struct Checks<'a> {
    /// The model's live answers.
    pub live: Option<&'a mut Live>,
    /// The sample checks.
    pub checks: Option<&'a mut LiveChecks>,
}

/// Shows the panel for a blind spot.
pub fn ui(
    spot: &BlindSpot,
    read: &Read<'_>,
    panel: &mut LlmPanel,
    checks: Checks<'_>,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    ui.horizontal(|ui| {
        for (page, name) in [
            (Page::Lesson, "Lesson"),
            (Page::Prompts, "Prompts"),
            (Page::Compared, "Teachers compared"),
        ] {
            if choice(ui, panel.page == page, name) {
                panel.page = page;
            }
        }
    });
    match panel.page {
        Page::Lesson => ui.columns(2, |columns| {
            ScrollArea::vertical()
                .id_salt("who is asked")
                .auto_shrink([false, false])
                .show(&mut columns[0], |ui| {
                    ui.set_max_width(ui.available_width() - 10.0);
                    setup::ui(spot, read, panel, ui, out);
                });
            let right = &mut columns[1];
            review::ui(spot, read, &mut panel.review, checks, right, out);
        }),
        Page::Prompts => prompts::ui(read, &mut panel.prompts, ui, out),
        Page::Compared => table::ui(read, ui, out),
    }
}
