//! How the parts of a lesson share the height: what was said so far scrolls,
//! and the fields for the next sample keep their place under it, whatever opens
//! or grows beside them.

use std::sync::Arc;

use eframe::egui::{self, Margin, Panel, ScrollArea, Ui};

use super::{TeachForm, Topic, hypotheses, marks, samples, teacher, which, writing};
use crate::gui::live::LiveAnswers;
use crate::gui::panels::widgets::limit_width;
use crate::gui::read::Cx;
use crate::gui::theme;
use crate::records::Lesson;
use crate::support::text::many;

/// Share of the column that the fields for a sample take at most.
const MOST_FIELDS: f32 = 0.75;
/// Height of the table of samples at first, in points: three rows.
const TABLE: f32 = 108.0;
/// Height that the table leaves to the columns above it, in points: fields for
/// a sample, and a hypothesis.
const ABOVE_TABLE: f32 = 240.0;

/// Height below which hypotheses and fields need all of it, in points: the
/// table is folded away then.
const LOW: f32 = 500.0;

/// The lesson, with the fields for a sample at its foot.
pub(super) fn ui(
    all: &[&Arc<Lesson>],
    on: Topic<'_>,
    form: &mut TeachForm,
    answers: &mut LiveAnswers,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let room = ui.available_height();
    let fields = form.fields.min(room * MOST_FIELDS);
    ScrollArea::vertical()
        .id_salt("lesson")
        .max_height(room - fields - theme::GAP)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            limit_width(ui, f32::INFINITY);
            which(all, on.lesson, form, ui);
            teacher::about(on.lesson, form, cx, ui);
            if let Some(lesson) = on.lesson {
                teacher::standing(lesson, cx, form, ui);
            }
            hypotheses::ui(on, form, cx, ui);
            marks::ui(on, form, cx, ui);
        });
    let shown = ScrollArea::vertical()
        .id_salt("fields for a sample")
        .auto_shrink([false, true])
        .show(ui, |ui| {
            limit_width(ui, f32::INFINITY);
            writing::sample(on, form, answers, cx, ui);
        });
    // Known only once they are shown: the next frame gives them their room.
    if (shown.content_size.y - form.fields).abs() > 0.5 {
        form.fields = shown.content_size.y;
        ui.ctx().request_repaint();
    }
}

/// The samples of a lesson, low or folded away under its fields.
pub(super) fn samples_below(
    lesson: &Arc<Lesson>,
    form: &mut TeachForm,
    answers: &mut LiveAnswers,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    // Also while they are folded: no new sample may repeat one of them.
    samples::update(lesson, answers.checks.as_mut(), form);
    let frame = egui::Frame::new().inner_margin(Margin::symmetric(0, 4));
    let is_low = ui.available_height() < LOW;
    if form.samples_folded.unwrap_or(is_low) {
        Panel::bottom("samples of the lesson, folded")
            .resizable(false)
            .frame(frame)
            .show(ui, |ui| {
                let text = format!("Show its {}", many(lesson.samples.len(), "sample"));
                if ui.button(text).clicked() {
                    form.samples_folded = Some(false);
                }
            });
        return;
    }
    let most = (ui.available_height() - ABOVE_TABLE).max(TABLE);
    Panel::bottom("samples of the lesson")
        .resizable(true)
        .default_size(TABLE)
        .size_range(60.0..=most)
        .frame(frame)
        .show(ui, |ui| samples::ui(lesson, form, cx, ui));
}
