//! What the teacher sees: the shown errors, each beside its nearest neighbour
//! that the model gets right. Errors that are kept back never appear.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eframe::egui::{self, Context, RichText, Ui};

use super::TeachForm;
use crate::discovery::{AnswerTable, Outcome};
use crate::gui::derived::{Rows, ToTeach};
use crate::gui::following::Following;
use crate::gui::panels::suspects;
use crate::gui::panels::widgets::{caption, card, caution, page, section};
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::words;
use crate::records::{BlindSpot, Label, Text};
use crate::support::text::{agreeing, many};
use crate::support::{Progress, Result};

/// Nearest right neighbours of the errors on show, by row; kept until the
/// answers change.
#[derive(Default)]
pub(super) struct Neighbours {
    following: Following<Asked, BTreeMap<usize, usize>>,
}

/// What they are made of.
#[derive(Clone)]
struct Asked {
    /// The base's: errors and embeddings are its own, whichever model answers.
    answers: Arc<AnswerTable>,
    rows: Arc<Rows>,
    errors: Vec<usize>,
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows)
            && Arc::ptr_eq(&self.answers, &other.answers)
            && self.errors == other.errors
    }
}

impl Neighbours {
    /// Looks for the neighbours of some errors.
    fn follow(&mut self, errors: &[usize], read: &Read<'_>, ctx: &Context) {
        let Some(answers) = read.state.answers() else {
            self.following.clear();
            return;
        };
        let asked = Asked {
            answers: Arc::clone(answers),
            rows: Arc::clone(&read.derived.rows),
            errors: errors.to_vec(),
        };
        let (of, rows) = (asked.clone(), asked.rows.len());
        // Nobody cancels, and the shapes fit.
        let make = move || of.nearest_right().unwrap_or_default();
        self.following.follow(asked, rows, ctx, make);
    }

    fn of(&self, row: usize) -> Option<usize> {
        self.following.value()?.get(&row).copied()
    }
}

/// Right examples that are looked at for each error, nearest first: the model
/// in use need not get those right that the base does.
const LOOKED_AT: usize = 20;

impl Asked {
    /// For each error the nearest example with the same true label that the
    /// model gets right; one that no error before it has, as far as there are.
    fn nearest_right(&self) -> Result<BTreeMap<usize, usize>> {
        let mut by_label = BTreeMap::<Label, Vec<usize>>::new();
        for row in self.errors.iter().copied() {
            if let Some(label) = self.rows.get(row).and_then(|facts| facts.truth) {
                by_label.entry(label).or_default().push(row);
            }
        }
        let answers = &self.answers;
        let is_right = |row: &usize| self.rows[*row].outcome == Outcome::Right;
        let (mut found, mut used) = (BTreeMap::new(), BTreeSet::new());
        for (label, errors) in by_label {
            let examples: Vec<usize> = errors.iter().map(|row| answers.index(*row)).collect();
            let near = answers.nearest_right(&examples, label, LOOKED_AT, &Progress::silent())?;
            for (row, near) in errors.into_iter().zip(near) {
                let rows = near.iter().filter_map(|example| answers.row_of(*example));
                let right: Vec<usize> = rows.filter(is_right).collect();
                let another = right.iter().find(|near| !used.contains(*near));
                if let Some(near) = another.or(right.first()) {
                    used.insert(*near);
                    found.insert(row, *near);
                }
            }
        }
        Ok(found)
    }
}

/// The texts of all errors that teachers see, folded; kept until they change.
#[derive(Default)]
pub(super) struct ShownTexts {
    made_of: Option<u64>,
    texts: BTreeSet<String>,
}

impl ShownTexts {
    /// Whether a text is one of them.
    pub(super) fn holds(&mut self, text: &Text, read: &Read<'_>) -> bool {
        let now = read.derived.revision;
        if self.made_of != Some(now) {
            self.made_of = Some(now);
            let spots = read.state.snapshot().map_or(&[][..], |of| &of.blind_spots);
            let errors = spots
                .iter()
                .filter_map(|spot| read.derived.to_teach(spot.id));
            let rows = errors.flat_map(|errors| &errors.shown);
            let texts = rows.filter_map(|row| read.example(*row)?.text());
            self.texts = texts.map(Text::folded).collect();
        }
        self.texts.contains(&text.folded())
    }
}

/// Shows the errors; “Edit a copy” puts one into the editor.
pub(super) fn ui(spot: &BlindSpot, cx: &mut Cx<'_>, form: &mut TeachForm, ui: &mut Ui) {
    let read = &{ cx.read };
    let Some(errors) = read.derived.to_teach(spot.id) else {
        return;
    };
    form.neighbours.follow(&errors.shown, read, ui.ctx());
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
        format!("{shown} errors, each above a near text that it gets right{kept_back}"),
    )
    .on_hover_text(words::KEPT_BACK);
    if !form.plain {
        labels_first(spot, cx, ui);
    }
    page(ui, "evidence", f32::INFINITY, |ui| {
        for row in &errors.shown {
            error_card(*row, spot, read, form, ui);
        }
    });
}

/// Where most of it may be wrong labels: a lesson would teach those.
fn labels_first(spot: &BlindSpot, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some((doubted, errors)) = cx.derived.next.labels_first(spot.id) else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let line = format!(
            "{doubted} of these {} {} wrong: look at {} before you teach",
            many(errors, "label"),
            agreeing(doubted, "looks", "look"),
            agreeing(doubted, "it", "them"),
        );
        caution(ui, line).on_hover_text(words::KEPT_BACK);
        suspects::button(cx, ui);
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
        let nearest = form.neighbours.of(row);
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
