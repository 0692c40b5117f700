//! What marks a blind spot, as bars; a click makes a hypothesis of one.

use std::sync::Arc;

use eframe::egui::{self, Color32, Context, RichText, Sense, Ui, vec2};

use super::{TeachForm, Topic};
use crate::gui::following::Following;
use crate::gui::panels::widgets::{part, section};
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::words;
use crate::records::{Author, BlindSpotId, Hypothesis, HypothesisKind, RecordId};
use crate::session::Command;
use crate::steps::marks::{Compared, Mark, Marks};

/// Marks that are shown at most.
const MOST: usize = 6;
/// Length of the bar of something that every text has, in points.
const BAR: f32 = 60.0;
/// Height of a bar, in points.
const THICK: f32 = 7.0;

/// The marks of the blind spot on show; kept until its texts change.
#[derive(Default)]
pub(super) struct MarksView {
    /// What was compared, for which blind spot and state.
    compared: Option<(BlindSpotId, u64, Arc<Compared>)>,
    following: Following<Arc<Compared>, Marks>,
}

impl MarksView {
    fn of(&mut self, spot: BlindSpotId, read: &Read<'_>, ctx: &Context) -> Option<Arc<Marks>> {
        let now = (spot, read.derived.revision);
        let is_now = |(of, at, _): &&(BlindSpotId, u64, Arc<Compared>)| (*of, *at) == now;
        if self.compared.as_ref().filter(is_now).is_none() {
            let compared = Arc::new(read.state.compared(spot)?);
            self.compared = Some((now.0, now.1, compared));
        }
        let (_, _, compared) = self.compared.as_ref()?;
        let (key, of) = (Arc::clone(compared), Arc::clone(compared));
        self.following
            .follow(key, compared.texts(), ctx, move || of.marks());
        self.following.value().cloned()
    }
}

/// Shows the marks, if there are any.
pub(super) fn ui(on: Topic<'_>, form: &mut TeachForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(marks) = form.marks.of(on.spot.id, cx, ui.ctx()) else {
        return;
    };
    if marks.marks.is_empty() {
        return;
    }
    section(ui, "What marks these errors", words::MARKS);
    let marks = &marks.marks[..marks.marks.len().min(MOST)];
    let widest = marks.iter().map(|mark| width(mark, ui)).fold(0.0, f32::max);
    let mut clicked = None;
    part(ui, "marks", |ui| {
        for mark in marks {
            if row(mark, widest, ui) {
                clicked = Some(mark);
            }
        }
    });
    if let Some(mark) = clicked {
        suppose(mark, on, form, cx);
    }
}

/// Width of a button with the whole name of a mark, in points.
fn width(mark: &Mark, ui: &Ui) -> f32 {
    let font = egui::FontId::proportional(theme::SMALL);
    let name = mark.feature.name();
    let name = ui
        .painter()
        .layout_no_wrap(name, font, Color32::PLACEHOLDER);
    name.size().x + 2.0 * ui.spacing().button_padding.x + 2.0
}

/// A mark with its bars, whose names are all `widest` wide; whether it was
/// clicked. What does not fit beside the name goes under it.
fn row(mark: &Mark, widest: f32, ui: &mut Ui) -> bool {
    ui.horizontal_wrapped(|ui| row_of(mark, widest, ui)).inner
}

fn row_of(mark: &Mark, widest: f32, ui: &mut Ui) -> bool {
    let tokens = tokens(ui.ctx());
    let text = RichText::new(mark.feature.name()).size(theme::SMALL);
    let text = match mark.holds {
        true => text.strong(),
        false => text.color(tokens.text_weak),
    };
    let button = egui::Button::new(text).wrap();
    let button = button.min_size(vec2(widest.min(ui.available_width()), 0.0));
    let button = ui.add(button);
    let button = button.on_hover_text(mark.said());
    let button = button.accessible_name(format!("Suppose: {}", mark.said()));
    bars(mark, ui);
    let counts = format!(
        "{}/{} errors, {}/{} right{}",
        mark.errors.count,
        mark.errors.of,
        mark.right.count,
        mark.right.of,
        if mark.holds { "" } else { ", may be chance" }
    );
    ui.label(
        RichText::new(counts)
            .size(theme::SMALL)
            .color(tokens.text_weak),
    );
    button.clicked()
}

/// The shares of the errors and of the right texts that have it, as one thing:
/// rows that wrap do not part them.
fn bars(mark: &Mark, ui: &mut Ui) {
    let (all, _) = ui.allocate_exact_size(vec2(BAR, 2.0 * THICK + 1.0), Sense::hover());
    let tokens = tokens(ui.ctx());
    let both = [(mark.errors, tokens.bad), (mark.right, tokens.good)];
    for (number, (rate, colour)) in both.into_iter().enumerate() {
        let share = rate.share().unwrap_or(0.0) as f32;
        let from = all.min + vec2(0.0, number as f32 * (THICK + 1.0));
        let whole = egui::Rect::from_min_size(from, vec2(BAR, THICK));
        ui.painter().rect_filled(whole, 2.0, tokens.raised);
        let filled = egui::Rect::from_min_size(from, vec2(BAR * share, THICK));
        ui.painter().rect_filled(filled, 2.0, colour);
    }
}

/// Makes a hypothesis of a mark, with its pattern.
fn suppose(mark: &Mark, on: Topic<'_>, form: &mut TeachForm, cx: &mut Cx<'_>) {
    let id = RecordId::random("hypothesis");
    let kind = HypothesisKind::Abstraction;
    let hypothesis = Hypothesis {
        pattern: mark.feature.pattern(),
        ..Hypothesis::new(id.clone(), kind, mark.feature.hypothesis(), Author::Human)
    };
    form.of = Some(id);
    let lesson = form.begun(on, cx);
    cx.ask(Command::PutHypothesis { lesson, hypothesis });
    cx.ask(Command::EndEdit);
}
