//! What there is to know of a second model before its figures are read.

use eframe::egui::Ui;

use crate::gui::panels::widgets::{button_if, caption, caution, count, explained};
use crate::gui::read::Cx;
use crate::gui::words;
use crate::records::Role;
use crate::session::{Command, JobKind};
use crate::steps::compare::second::SecondResult;

/// Characters of a fingerprint that are shown.
const SHORT: usize = 10;

/// Which model it is and when it was compared, doubts, and comparing again.
pub(super) fn ui(result: &SecondResult, cx: &mut Cx<'_>, ui: &mut Ui) {
    let model = &result.model;
    let day = model.created.get(..16).unwrap_or(&model.created);
    let fingerprint = model.fingerprint.get(..SHORT);
    let fingerprint = fingerprint.unwrap_or(&model.fingerprint);
    ui.horizontal_wrapped(|ui| {
        let line = format!(
            "{}  ·  fingerprint {fingerprint}  ·  compared {}  ·  blind spots of version {}",
            model.name(),
            day.replace('T', " "),
            model.snapshot
        );
        caption(ui, line).on_hover_text(model.wanted.path.display().to_string());
        let idle = !cx.is_busy(JobKind::Compare);
        let meaning = "Reads the model again from where it was, beside the blind spots in use";
        if button_if(ui, idle, "Compare again", meaning) {
            cx.ask(Command::CompareWith(model.wanted.clone()));
        }
        let meaning = "Takes it off the list; its figures are kept, and undo brings it back";
        if button_if(ui, true, "Remove from the list", meaning) {
            let (number, listed) = (model.number, false);
            cx.ask(Command::ListSecond { number, listed });
        }
    });
    for line in &model.said {
        caution(ui, line);
    }
    explained(caption(ui, words::SECOND_IS_NO_ARM), words::SEALED);
    if let Some(known) = both_models(result) {
        caption(ui, known);
    }
}

/// How many rows were compared.
fn both_models(result: &SecondResult) -> Option<String> {
    let slices = result.comparison.slices.iter();
    let rows: usize = slices
        .filter(|of| matches!(of.slice, crate::comparison::Slice::Source(_)))
        .map(|of| of.rows)
        .sum();
    (rows > 0).then(|| format!("{} rows of “{}”", count(rows), Role::Check))
}
