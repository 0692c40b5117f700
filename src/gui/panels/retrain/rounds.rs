//! The rounds so far: what was taught, figures, times, and which model is in
//! use.

use std::collections::BTreeSet;

use eframe::egui::{RichText, Ui};

use crate::gui::panels::widgets::{button_if, caption, card, section};
use crate::gui::read::Cx;
use crate::gui::theme::tokens;
use crate::gui::view_state::{Compared, Stage};
use crate::gui::words;
use crate::records::Role;
use crate::session::Command;
use crate::steps::RoundResult;
use crate::steps::compare::second::SecondResult;
use crate::support::text::many;

/// Lists the rounds, newest first, and the base; below them second models.
pub(super) fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    if !cx.state.rounds.is_empty() {
        of_this_project(cx, ui);
    }
    let seconds = &cx.state.second_models;
    if seconds.is_empty() {
        return;
    }
    section(ui, "Models from elsewhere", words::SECOND_IS_NO_ARM);
    for result in seconds.iter().rev() {
        card(ui, |ui| second(result, cx, ui));
    }
}

fn second(result: &SecondResult, cx: &mut Cx<'_>, ui: &mut Ui) {
    let model = &result.model;
    ui.horizontal_wrapped(|ui| {
        let name = format!("Second model {}: {}", model.number, model.name());
        ui.label(RichText::new(name).strong());
        let day = model.created.get(..16).unwrap_or(&model.created);
        let fingerprint = model.fingerprint.get(..10).unwrap_or(&model.fingerprint);
        caption(ui, format!("{}  ·  {fingerprint}", day.replace('T', " ")));
        if ui.button("Compare").clicked() {
            cx.view.stage = Stage::Compare;
            cx.view.compared = Some(Compared::Second(model.number));
        }
        let meaning = "Takes it off the list; its figures are kept, and undo brings it back";
        if button_if(ui, true, "Remove from the list", meaning) {
            let (number, listed) = (model.number, false);
            cx.ask(Command::ListSecond { number, listed });
        }
    });
}

fn of_this_project(cx: &mut Cx<'_>, ui: &mut Ui) {
    let rounds = &cx.state.rounds;
    section(ui, "Rounds so far", words::MODEL_IN_USE);
    for result in rounds.iter().rev() {
        card(ui, |ui| round(result, cx, ui));
    }
    card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new("Base model").strong());
            if cx.state.document.model_round == 0 {
                in_use(ui);
            } else if ui.button("Use the base model").clicked() {
                cx.ask(Command::UseModel(0));
            }
        });
    });
}

fn round(result: &RoundResult, cx: &mut Cx<'_>, ui: &mut Ui) {
    let round = &result.round;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(format!("Round {}", round.number)).strong());
        let seconds: f64 = round.runs.iter().map(|run| run.seconds).sum();
        let day = round.created.get(..16).unwrap_or(&round.created);
        let day = day.replace('T', " ");
        let trainings = many(round.runs.len(), "training");
        caption(
            ui,
            format!(
                "{day}  ·  {}  ·  {trainings} in {seconds:.0} s",
                round.plan.mode
            ),
        );
    });
    caption(ui, taught(result));
    if let Some(figures) = figures(result) {
        caption(ui, figures);
    }
    ui.horizontal_wrapped(|ui| {
        if ui.button("Compare").clicked() {
            cx.view.stage = Stage::Compare;
            cx.view.compared = Some(Compared::Round(round.number));
        }
        keep(round.number, cx, ui);
    });
}

fn taught(result: &RoundResult) -> String {
    let lessons = &result.round.taught;
    if lessons.is_empty() {
        return "No lesson was taught: controls only".into();
    }
    let trained: usize = lessons.iter().map(|lesson| lesson.trained.len()).sum();
    let tested: usize = lessons.iter().map(|lesson| lesson.tested.len()).sum();
    let before: usize = lessons.iter().map(|lesson| lesson.passed_before).sum();
    let teachers: BTreeSet<&str> = lessons.iter().map(|l| l.teacher.as_str()).collect();
    let teachers: Vec<&str> = teachers.into_iter().collect();
    let spots: BTreeSet<_> = lessons.iter().map(|lesson| lesson.blind_spot).collect();
    let after: f64 = lessons
        .iter()
        .filter_map(|lesson| lesson.passed_after.first())
        .map(|test| test.mean())
        .sum();
    let mut said = format!(
        "{} by {} for {}",
        many(trained, "sample"),
        teachers.join(", "),
        many(spots.len(), "blind spot")
    );
    if tested > 0 {
        said += &format!(
            "; of {} {before} labelled as intended before, {after:.1} after",
            many(tested, "test sample")
        );
    }
    said
}

/// The verdicts in few words: worse first.
fn figures(result: &RoundResult) -> Option<String> {
    let role = match result.comparison(Role::Final) {
        Some(_) => Role::Final,
        None => Role::Check,
    };
    let comparison = result.comparison(role)?;
    let verdicts = comparison.verdicts_worst_first().into_iter();
    let calls: Vec<String> = verdicts
        .map(|(slice, arm, verdict)| format!("{}, {slice}: {}", arm.arm, verdict.call))
        .collect();
    (!calls.is_empty()).then(|| format!("On “{role}”: {}", calls.join("; ")))
}

fn in_use(ui: &mut Ui) {
    let good = tokens(ui.ctx()).good;
    ui.label(RichText::new("in use").color(good))
        .on_hover_text(words::MODEL_IN_USE);
}

/// Keeping or discarding the model of a round, restoring it, or going back to
/// the base.
pub fn keep(round: u32, cx: &mut Cx<'_>, ui: &mut Ui) {
    let document = &cx.state.document;
    let discarded = document.discarded.contains(&round);
    let hint = "Nothing is deleted; undo brings it back";
    if document.model_round == round {
        in_use(ui);
        if button_if(ui, true, "Back to the base model", hint) {
            cx.ask(Command::UseModel(0));
        }
        return;
    }
    let name = if discarded {
        "Restore its model"
    } else {
        "Keep its model"
    };
    if button_if(ui, true, name, words::MODEL_IN_USE) {
        cx.ask(Command::UseModel(round));
    }
    if discarded {
        caption(ui, "discarded");
    } else if button_if(ui, true, "Discard", hint) {
        cx.ask(Command::DiscardModel(round));
    }
}
