//! Twenty texts for a person, who is not told which of them are errors.

use eframe::egui::{Key, Modifiers, Ui};

use crate::gui::panels::widgets::{caption, page, primary_button, quote, title};
use crate::gui::read::{Cx, shown};
use crate::gui::words;
use crate::records::{ExampleKey, Hypothesis, RecordId};
use crate::session::Command;
use crate::steps::check_hypotheses::{CheckOrder, JudgeChoice, Quiz};

/// The texts of a quiz with what was said so far.
pub(in crate::gui::panels) struct Asked {
    hypothesis: RecordId,
    sentence: String,
    quiz: Quiz,
    said: Vec<(ExampleKey, bool)>,
}

impl Asked {
    pub(super) fn new(hypothesis: &Hypothesis, quiz: Quiz) -> Self {
        Self {
            hypothesis: hypothesis.id.clone(),
            sentence: hypothesis.text.clone(),
            quiz,
            said: Vec::new(),
        }
    }
}

/// Asks for the next text, in place of everything that tells which texts are
/// errors; answers the check once all are answered.
pub(in crate::gui::panels) fn ui(
    asked: &mut Option<Asked>,
    by: Option<String>,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let Some(now) = asked else { return };
    let of = now.quiz.texts.len();
    let Some((key, text)) = now.quiz.texts.get(now.said.len()).cloned() else {
        let judge = JudgeChoice::Person {
            by,
            said: std::mem::take(&mut now.said),
        };
        let order = CheckOrder::of(&now.hypothesis, judge);
        *asked = None;
        return cx.ask(Command::CheckHypotheses(Box::new(order)));
    };
    let number = now.said.len() + 1;
    page(ui, "quiz", 640.0, |ui| {
        title(ui, "Does it hold for this text?");
        quote(ui, now.sentence.as_str());
        caption(
            ui,
            format!(
                "Text {number} of {of}. Some are errors and some are right: you are not told which"
            ),
        )
        .on_hover_text(words::QUIZ);
        ui.add_space(8.0);
        ui.heading(shown(&text));
        ui.add_space(8.0);
        let pressed = |ui: &Ui, key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let (yes, no) = (pressed(ui, Key::Y), pressed(ui, Key::N));
        let stop = pressed(ui, Key::Escape);
        ui.horizontal(|ui| {
            let yes = primary_button(ui, "Yes (y)", true).clicked() || yes;
            let no = ui.button("No (n)").clicked() || no;
            if yes || no {
                now.said.push((key, yes));
            }
            let back = ui.button("Back").on_hover_text("Take the last answer back");
            if back.clicked() {
                now.said.pop();
            }
            if ui.button("Stop (Esc)").clicked() || stop {
                now.said.clear();
                now.quiz.texts.clear();
            }
        });
    });
    if now.quiz.texts.is_empty() {
        *asked = None;
    }
}
