//! What each lesson does elsewhere, as a heat map: lessons by places on *check*,
//! and which lesson is better left out.

use eframe::egui::{Grid, ScrollArea, Ui};

use super::heat::{self, Heat};
use crate::comparison::interference::Cell;
use crate::gui::panels::widgets::{bad, button_if, caption, card, caution, duration, section};
use crate::gui::read::Cx;
use crate::gui::words;
use crate::records::Mode;
use crate::session::{Command, JobKind};
use crate::steps::interference::figures::{
    Harm, NO_HARM, change, harms, head, in_words, looked_at, said,
};
use crate::steps::interference::{Measured, USUAL_SEEDS, is_measured};
use crate::support::text::many;

/// How strong the ground is of a cell whose interval holds 0, or that has too
/// few rows: there to be seen, not to be believed.
const UNCERTAIN: f32 = 0.25;
/// The least that a cell shows which words are given to.
const LEAST: f32 = 0.6;

/// How the cells are read.
const READ_SO: &str = "Blue: fewer errors, orange: more; pale: may be chance. • its own blind spot; in \
brackets: too few rows to tell. Press a cell for its figures";

/// The cell whose figures are shown.
#[derive(Default)]
pub(super) struct InterferenceView {
    chosen: Option<(usize, usize)>,
}

/// Shows the heat map, or how to make it.
pub(super) fn ui(view: &mut InterferenceView, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, "What each lesson does elsewhere", words::INTERFERENCE);
    let measured = cx.state.interference.clone();
    controls(measured.is_some(), cx, ui);
    left_out(cx, ui);
    let Some(measured) = measured else {
        view.chosen = None;
        return;
    };
    caption(ui, looked_at(&measured));
    for note in &measured.notes {
        caption(ui, note.as_str());
    }
    ScrollArea::horizontal()
        .id_salt("interference")
        .show(ui, |ui| heat_map(&measured, view, ui));
    caption(ui, READ_SO);
    if let Some((lesson, place)) = view.chosen
        && let Some(said) = said(&measured, lesson, place)
    {
        card(ui, |ui| ui.label(said));
    }
    let found = harms(&measured);
    if found.is_empty() {
        ui.label(NO_HARM);
    }
    for harm in found {
        proposal(&harm, &measured, cx, ui);
    }
}

fn controls(is_there: bool, cx: &mut Cx<'_>, ui: &mut Ui) {
    let lessons = cx.state.document.lessons.values();
    let lessons = lessons.filter(|lesson| is_measured(lesson)).count();
    ui.horizontal_wrapped(|ui| {
        let ready = lessons > 0
            && cx.state.read_only.is_none()
            && !cx.is_busy(JobKind::Interference)
            && !cx.is_busy(JobKind::Retrain);
        let label = match is_there {
            true => "Measure it again",
            false => "Measure what each lesson does elsewhere",
        };
        let meaning = "Lessons that were taught alone before are not taught again";
        if button_if(ui, ready, label, meaning) {
            cx.ask(Command::MeasureInterference { seeds: USUAL_SEEDS });
        }
        let seeds = USUAL_SEEDS as usize;
        let times = cx.state.retrain_times;
        let time = times.map(|times| times.total(Mode::Quick, lessons + 1, seeds));
        let time = time.map_or_else(String::new, |time| {
            format!(", about {} at most", duration(time))
        });
        let said = match lessons {
            0 => "No lesson has samples to train on yet".to_owned(),
            some => format!(
                "{} with {} each, Quick{time}",
                many(some, "lesson"),
                many(seeds, "seed")
            ),
        };
        caption(ui, said);
    });
}

/// Lessons that are left out, and the way back.
fn left_out(cx: &mut Cx<'_>, ui: &mut Ui) {
    let document = &cx.state.document;
    let left_out = document.lessons.values().filter(|lesson| lesson.left_out);
    let named: Vec<_> = left_out
        .map(|lesson| {
            let name = cx.state.snapshot().map_or_else(String::new, |snapshot| {
                document.blind_spot_name(lesson.blind_spot, snapshot)
            });
            (lesson.id.clone(), format!("{name} ({})", lesson.teacher))
        })
        .collect();
    for (lesson, title) in named {
        ui.horizontal_wrapped(|ui| {
            ui.label(format!("“{title}” is left out of training"));
            let back = button_if(ui, cx.state.read_only.is_none(), "Take it in again", "");
            if back {
                let left_out = false;
                cx.ask(Command::LeaveOut { lesson, left_out });
            }
        });
    }
}

fn heat_map(measured: &Measured, view: &mut InterferenceView, ui: &mut Ui) {
    let grid = Grid::new("lessons by places").spacing([4.0, 4.0]);
    grid.show(ui, |ui| {
        caption(ui, "change of errors");
        for place in &measured.matrix.places {
            caption(ui, head(place)).on_hover_text(format!(
                "{}: {} of “check”",
                in_words(place),
                many(place.rows, "row")
            ));
        }
        ui.end_row();
        let lessons = measured.lessons.iter().zip(&measured.matrix.cells);
        for (number, (lesson, cells)) in lessons.enumerate() {
            let title = lesson.title();
            heat::row_name(&title, ui);
            for (place, cell) in cells.iter().enumerate() {
                one_cell((measured, cell), (number, place), &title, view, ui);
            }
            ui.end_row();
        }
    });
}

fn one_cell(
    (measured, cell): (&Measured, &Cell),
    at: (usize, usize),
    title: &str,
    view: &mut InterferenceView,
    ui: &mut Ui,
) {
    let (lesson, place) = at;
    let of = &measured.matrix.places[place];
    let figures = said(measured, lesson, place).unwrap_or_default();
    let mark = match measured.is_own(lesson, place) {
        true => " •",
        false => "",
    };
    let text = match of.is_judged() {
        true => format!("{}{mark}", change(cell)),
        false => format!("({}){mark}", change(cell)),
    };
    let chosen = view.chosen == Some(at);
    let shown = Heat {
        text,
        badness: badness(cell, of.errors),
        chosen,
        spoken: format!("{title}, {figures}"),
    };
    if shown.clicked(&figures, ui) {
        view.chosen = (!chosen).then_some(at);
    }
}

/// From −1 to 1: the change beside the errors that there are without the
/// lesson, pale where nothing can be said.
fn badness(cell: &Cell, errors: f64) -> f32 {
    let relative = (cell.errors.difference.mean / errors.max(1.0)).clamp(-1.0, 1.0) as f32;
    match cell.effect.is_harm() || cell.effect.is_gain() {
        true => relative.signum() * relative.abs().max(LEAST),
        false => relative * UNCERTAIN,
    }
}

/// A lesson that hurts, and the button that leaves it out.
fn proposal(harm: &Harm, measured: &Measured, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(taught) = measured.lessons.get(harm.lesson) else {
        return;
    };
    let document = &cx.state.document;
    let is_left_out = (document.lessons.get(&taught.lesson)).is_some_and(|of| of.left_out);
    card(ui, |ui| {
        match harm.is_certain {
            true => bad(ui, harm.said.as_str()),
            false => caution(ui, harm.said.as_str()),
        };
        if is_left_out {
            caption(ui, "Left out of training");
            return;
        }
        let meaning = "Its samples are not trained on from the next round on; those that test go \
                       on testing. Undo takes it back";
        let ready = cx.state.read_only.is_none();
        let button = format!("Leave out “{}”", taught.title());
        if button_if(ui, ready, &button, meaning) {
            let (lesson, left_out) = (taught.lesson.clone(), true);
            cx.ask(Command::LeaveOut { lesson, left_out });
        }
    });
}
