//! What the teacher sees: the shown errors, each beside its nearest neighbour
//! that the model gets right. Errors that are kept back never appear.

use std::collections::BTreeMap;

use eframe::egui::{self, RichText, Ui};

use super::TeachForm;
use crate::discovery::Outcome;
use crate::gui::derived::{RowFacts, ToTeach};
use crate::gui::panels::widgets::{caption, card, page, section};
use crate::gui::read::Read;
use crate::gui::theme::{self, tokens};
use crate::gui::words;
use crate::records::{BlindSpot, Role};

/// Nearest right neighbours by row, kept until the answers change.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    revision: u64,
    of: BTreeMap<usize, Option<usize>>,
}

impl Neighbours {
    /// The nearest example with the same true label that the model gets right.
    fn nearest(&mut self, row: usize, read: &Read<'_>) -> Option<usize> {
        if self.revision != read.derived.revision {
            self.revision = read.derived.revision;
            self.of.clear();
        }
        *self
            .of
            .entry(row)
            .or_insert_with(|| nearest_right(row, read))
    }
}

fn nearest_right(row: usize, read: &Read<'_>) -> Option<usize> {
    let predictions = read.state.predictions.as_ref()?;
    if predictions.width() == 0 {
        return None;
    }
    let of: &RowFacts = read.derived.rows.get(row)?;
    let here = predictions.embedding(row);
    let cosine = |other: usize| -> f32 {
        let there = predictions.embedding(other);
        here.iter().zip(there).map(|(a, b)| a * b).sum()
    };
    let rows = read.derived.rows.iter().enumerate();
    // Texts of “check” may be looked at, but not by who teaches.
    let may_be_shown = |facts: &RowFacts| {
        read.state.dataset.examples[facts.example].role == Role::Discovery
            && facts.outcome == Outcome::Right
            && facts.truth == of.truth
    };
    rows.filter(|(_, facts)| may_be_shown(facts))
        .map(|(other, _)| (cosine(other), other))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}

/// Shows the errors; “Edit a copy” puts one into the editor.
pub(super) fn ui(spot: &BlindSpot, read: &Read<'_>, form: &mut TeachForm, ui: &mut Ui) {
    let Some(errors) = read.derived.to_teach(spot.id) else {
        return;
    };
    let meaning = if form.plain {
        words::MISTAKES
    } else {
        words::UU
    };
    section(ui, "The model is confidently wrong here", meaning);
    let shown = errors.shown.len();
    let kept_back = kept_back(errors);
    caption(
        ui,
        format!("{shown} errors, each above the nearest text that it gets right{kept_back}"),
    )
    .on_hover_text(words::KEPT_BACK);
    page(ui, "evidence", f32::INFINITY, |ui| {
        for row in &errors.shown {
            error_card(*row, spot, read, form, ui);
        }
    });
}

fn kept_back(errors: &ToTeach) -> String {
    match errors.kept_back {
        0 => String::new(),
        count => format!("; {count} more are kept back for testing"),
    }
}

fn error_card(row: usize, spot: &BlindSpot, read: &Read<'_>, form: &mut TeachForm, ui: &mut Ui) {
    let (Some(facts), Some(example)) = (read.derived.rows.get(row), read.example(row)) else {
        return;
    };
    let tokens = tokens(ui.ctx());
    let chosen = form.edit_of.as_ref() == Some(&example.key);
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        ui.add(egui::Label::new(read.text(row)).wrap());
        ui.horizontal_wrapped(|ui| {
            let truth = read.label(facts.truth.unwrap_or(spot.true_label));
            said(ui, format!("{truth} is right"), tokens.good);
            let colour = match facts.outcome {
                Outcome::Right => tokens.good,
                _ => tokens.bad,
            };
            said(ui, format!("model: {}", read.said(facts)), colour);
            let edit =
                egui::Button::selectable(chosen, RichText::new("Edit a copy").size(theme::SMALL));
            let edit = ui.add(edit.frame_when_inactive(true)).on_hover_text(
                "Change it as little as possible and see when the model changes its mind",
            );
            if edit.clicked() {
                form.edit_copy(example, read);
            }
        });
        let nearest = form.neighbours.nearest(row, read);
        if let Some((near, facts)) = nearest.and_then(|n| Some((n, read.derived.rows.get(n)?))) {
            ui.add_space(2.0);
            let text = RichText::new(read.text(near)).color(tokens.text_weak);
            ui.add(egui::Label::new(text).wrap())
                .on_hover_text(words::CONTRASTS);
            let right = format!("the model gets this one right: {}", read.said(facts));
            said(ui, right, tokens.good);
        }
    });
}

fn said(ui: &mut Ui, what: String, colour: egui::Color32) {
    ui.label(RichText::new(what).size(theme::SMALL).color(colour));
}
