//! What marks a blind spot, as bars; a click makes a hypothesis of one.

use std::sync::Arc;

use eframe::egui::{self, Context, Grid, RichText, Sense, Ui, vec2};

use super::{TeachForm, Topic};
use crate::comparison::behaviour::Rate;
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
const BAR: f32 = 90.0;
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
    let clicked = part(ui, "marks", |ui| {
        let grid = Grid::new("marks of the blind spot").spacing([10.0, 3.0]);
        grid.show(ui, |ui| {
            let mut clicked = None;
            for mark in marks.marks.iter().take(MOST) {
                if row(mark, ui) {
                    clicked = Some(mark);
                }
                ui.end_row();
            }
            clicked
        })
        .inner
    });
    if let Some(mark) = clicked {
        suppose(mark, on, form, cx);
    }
}

/// A mark with its bars; whether it was clicked.
fn row(mark: &Mark, ui: &mut Ui) -> bool {
    let tokens = tokens(ui.ctx());
    let text = RichText::new(mark.feature.name()).size(theme::SMALL);
    let text = match mark.holds {
        true => text.strong(),
        false => text.color(tokens.text_weak),
    };
    let button = ui.add(egui::Button::new(text).truncate());
    let button = button.on_hover_text(mark.said());
    let button = button.accessible_name(format!("Suppose: {}", mark.said()));
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        bar(mark.errors, tokens.bad, ui);
        bar(mark.right, tokens.good, ui);
    });
    let counts = format!(
        "{}/{} errors, {}/{} right",
        mark.errors.count, mark.errors.of, mark.right.count, mark.right.of
    );
    ui.label(
        RichText::new(counts)
            .size(theme::SMALL)
            .color(tokens.text_weak),
    );
    button.clicked()
}

fn bar(rate: Rate, colour: egui::Color32, ui: &mut Ui) {
    let (all, _) = ui.allocate_exact_size(vec2(BAR, THICK), Sense::hover());
    let share = rate.share().unwrap_or(0.0) as f32;
    ui.painter().rect_filled(all, 2.0, tokens(ui.ctx()).raised);
    let filled = egui::Rect::from_min_size(all.min, vec2(BAR * share, THICK));
    ui.painter().rect_filled(filled, 2.0, colour);
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
