//! Lessons kept as tests, as a heat map: lessons by models, each cell a click
//! from its texts.

use eframe::egui::{self, Grid, RichText, ScrollArea, Ui};

use super::heat::{self, Heat};
use crate::comparison::behaviour::Rate;
use crate::gui::panels::widgets::{bad, button_if, caption, card, explained, part, section};
use crate::gui::read::{Cx, shown};
use crate::gui::theme::{self, tokens};
use crate::gui::words;
use crate::session::{Command, JobKind};
use crate::steps::suite::figures::{called, rate};
use crate::steps::suite::{SuiteResult, said};
use crate::support::text::shortened;

/// Texts of a cell that are listed at most.
const MOST_TEXTS: usize = 60;

/// A row of the heat map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Lesson(usize),
    Change(usize),
}

/// The cell whose texts are listed.
#[derive(Default)]
pub(super) struct SuiteView {
    chosen: Option<(Row, usize)>,
}

/// Shows the heat map, or how to make it.
pub(super) fn ui(view: &mut SuiteView, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, "Lessons kept as tests", words::SUITE);
    let result = cx.state.suite.clone();
    ui.horizontal_wrapped(|ui| {
        let idle = !cx.is_busy(JobKind::Test);
        let again = match result.is_some() {
            true => "Test the lessons again",
            false => "Test the lessons",
        };
        if button_if(
            ui,
            idle,
            again,
            "Asks the base and the model of each round; what was asked before is kept",
        ) {
            cx.ask(Command::TestLessons);
        }
        if result.is_none() {
            caption(ui, "Every model on the samples that none was trained on");
        }
    });
    let Some(result) = result else {
        view.chosen = None;
        return;
    };
    for complaint in result.complaints() {
        bad(ui, complaint);
    }
    for note in &result.notes {
        caption(ui, note.as_str());
    }
    ScrollArea::horizontal()
        .id_salt("heat map")
        .show(ui, |ui| heat_map(&result, view, ui));
    if let Some((row, model)) = view.chosen {
        part(ui, "texts of the cell", |ui| {
            texts(&result, row, model, cx, ui);
        });
    }
}

fn heat_map(result: &SuiteResult, view: &mut SuiteView, ui: &mut Ui) {
    let grid = Grid::new("lessons by models").spacing([4.0, 4.0]);
    grid.show(ui, |ui| {
        heads(result, "right answers", ui);
        for (number, lesson) in result.matrix.lessons.iter().enumerate() {
            let name = result.lesson_name(number);
            // What tells the rows of a lesson apart is not what is cut off.
            match &result.suite.lessons[number].pattern {
                Some(pattern) => heat::row_name_as(&format!("    with {pattern}"), &name, ui),
                None => heat::row_name(&name, ui),
            }
            for (model, passed) in lesson.cells.iter().enumerate() {
                let at = (Row::Lesson(number), model);
                let spoken = format!("{name}, {}", result.models[model].name);
                cell(Some(passed.passed), false, (at, &spoken), view, ui);
            }
            if let Some(change) = &lesson.change {
                explained(caption(ui, called(change)), &said(change));
            }
            ui.end_row();
        }
        heads(result, "answers that changed", ui);
        for (number, change) in result.matrix.perturbations.iter().enumerate() {
            heat::row_name(&change.name, ui);
            for (model, failed) in change.cells.iter().enumerate() {
                let at = (Row::Change(number), model);
                let spoken = format!("{}, {}", change.name, result.models[model].name);
                let failed = failed.as_ref().map(|cell| cell.failed);
                cell(failed, true, (at, &spoken), view, ui);
            }
            ui.end_row();
        }
    });
}

fn heads(result: &SuiteResult, first: &str, ui: &mut Ui) {
    caption(ui, first);
    for model in &result.models {
        caption(ui, shortened(&model.name, 12)).on_hover_text(&model.name);
    }
    caption(ui, format!("against {}", shortened(result.against(), 12)));
    ui.end_row();
}

/// A cell: its count in a ground that says how good it is. `fewer_is_better`
/// for answers that changed.
fn cell(
    counted: Option<Rate>,
    fewer_is_better: bool,
    ((row, model), spoken): ((Row, usize), &str),
    view: &mut SuiteView,
    ui: &mut Ui,
) {
    let share = counted.and_then(Rate::share);
    let (Some(counted), Some(share)) = (counted, share) else {
        heat::nothing("Nothing was asked", ui);
        return;
    };
    let good = if fewer_is_better { 1.0 - share } else { share };
    let chosen = view.chosen == Some((row, model));
    let cell = Heat {
        text: format!("{}/{}", counted.count, counted.of),
        badness: (1.0 - 2.0 * good) as f32,
        chosen,
        spoken: format!("{spoken}: {} of {}", counted.count, counted.of),
    };
    if cell.clicked(&rate(counted), ui) {
        view.chosen = (!chosen).then_some((row, model));
    }
}

/// The texts of a cell, those that the model fails on first.
fn texts(result: &SuiteResult, row: Row, model: usize, cx: &Cx<'_>, ui: &mut Ui) {
    let Some(name) = result.models.get(model).map(|model| &model.name) else {
        return;
    };
    let label = |label| cx.label(label);
    let lines: Option<Vec<(bool, String, String)>> = match row {
        Row::Lesson(number) => result.matrix.lessons.get(number).map(|lesson| {
            section(ui, &format!("{}: {name}", result.lesson_name(number)), "");
            let failed = &lesson.cells[model].failed;
            let cases = result.suite.lessons[number].cases.iter();
            let line = cases.map(|case| {
                let is_wrong = failed.contains(&case.text);
                let verdict = if is_wrong { "not " } else { "" };
                let said = format!("{verdict}{}", label(case.label));
                (is_wrong, said, shown(&result.suite.texts[case.text].text))
            });
            line.collect()
        }),
        Row::Change(number) => result.matrix.perturbations.get(number).map(|change| {
            section(ui, &format!("{}: {name}", change.name), "");
            let failed = change.cells[model]
                .as_ref()
                .map(|cell| cell.texts.as_slice());
            let pairs = result.suite.perturbations[number].pairs.iter();
            let line = pairs.map(|(_, changed)| {
                let moved = failed.is_some_and(|failed| failed.contains(changed));
                let said = if moved {
                    "another answer"
                } else {
                    "the same answer"
                };
                (
                    moved,
                    said.to_owned(),
                    shown(&result.suite.texts[*changed].text),
                )
            });
            line.collect()
        }),
    };
    let mut lines = lines.unwrap_or_default();
    lines.sort_by_key(|(failed, ..)| !failed);
    let all = lines.len();
    for (failed, said, text) in lines.into_iter().take(MOST_TEXTS) {
        card(ui, |ui| {
            ui.add(egui::Label::new(text).wrap());
            let colours = tokens(ui.ctx());
            let colour = if failed { colours.bad } else { colours.good };
            ui.label(RichText::new(said).size(theme::SMALL).color(colour));
        });
    }
    if all > MOST_TEXTS {
        caption(ui, format!("and {} more", all - MOST_TEXTS));
    }
}
