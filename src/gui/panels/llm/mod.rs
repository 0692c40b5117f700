//! A language model teaches: who is asked, what is sent where, the drafts and
//! their review, and all teachers beside each other.

mod as_set;
mod own;
mod prompts;
mod review;
mod setup;
mod table;

use std::path::PathBuf;

use eframe::egui::Ui;

use self::own::OwnTeacher;
use self::prompts::PromptEditor;
use self::review::ReviewForm;
use super::form::choices;
use super::teach::quiz;
use super::widgets::page;
use crate::gui::background::Pending;
use crate::gui::live::LiveAnswers;
use crate::gui::read::Cx;
use crate::lessons::llm::{Diagnosis, Plan, Teacher};
use crate::records::{Author, BlindSpot};

/// What the panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    #[default]
    Lesson,
    Prompts,
    Compared,
}

/// What is kept from frame to frame.
#[derive(Default)]
pub struct LlmPanel {
    page: Page,
    /// Name of the chosen teacher; empty for a new one.
    teacher: Option<String>,
    own: OwnTeacher,
    amounts: Amounts,
    test: ConnectionTest,
    statement: setup::Statement,
    recording: String,
    record: bool,
    prompts: PromptEditor,
    review: ReviewForm,
}

/// How much is asked for.
struct Amounts {
    samples: usize,
    /// Drafts that are kept of these; 0 for all.
    keep: usize,
    /// Most money; 0 for the teacher's own limit.
    budget: f64,
    all_spots: bool,
}

impl Default for Amounts {
    fn default() -> Self {
        Self {
            samples: Plan::default().samples,
            keep: 0,
            budget: 0.0,
            all_spots: false,
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

/// Shows the panel for a blind spot.
pub fn ui(
    spot: &BlindSpot,
    panel: &mut LlmPanel,
    answers: &mut LiveAnswers,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    if panel.review.check.asked.is_some() {
        return quiz::ui(&mut panel.review.check.asked, None, cx, ui);
    }
    let pages = [
        (Page::Lesson, "Lesson", ""),
        (Page::Prompts, "Prompts", ""),
        (Page::Compared, "Teachers compared", ""),
    ];
    ui.horizontal(|ui| choices(ui, &mut panel.page, pages));
    match panel.page {
        Page::Lesson => {
            // What was taught comes before what asks for more.
            let mut lessons = cx.lessons_on(spot.id);
            let is_taught = lessons.any(|lesson| lesson.author != Author::Human);
            let (asked, taught) = if is_taught { (1, 0) } else { (0, 1) };
            ui.columns(2, |columns| {
                page(&mut columns[asked], "who is asked", f32::INFINITY, |ui| {
                    setup::ui(spot, panel, cx, ui);
                });
                let lesson = &mut columns[taught];
                review::ui(spot, &mut panel.review, answers, cx, lesson);
            });
        }
        Page::Prompts => prompts::ui(&mut panel.prompts, cx, ui),
        Page::Compared => table::ui(cx, ui),
    }
}
