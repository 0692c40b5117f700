//! The comparison in one look: for each source and arm large numbers, one
//! sentence, what got worse beside them, and the intervals; p and what else a
//! statistician asks for are folded away.

use eframe::egui::{self, Align, Layout, RichText, Ui, vec2};

use super::intervals;
use crate::comparison::figures::{self, NOTHING_JUDGED, accuracy, change, outcomes};
use crate::comparison::headline::{Headline, RIGHT, Worse, headlines};
use crate::comparison::sizes::SizeCurves;
use crate::comparison::{Call, Comparison};
use crate::drawing::ArmHues;
use crate::gui::panels::widgets::{caption, card, dot, explained};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::words;
use crate::records::{Endpoint, Role};
use crate::support::text::{capitalised, many};

/// Width of a large number with what it is of, in points.
const BLOCK: f32 = 132.0;
/// Size of the large numbers, in points.
const LARGE: f32 = 30.0;
/// Size of sentences, in points.
const SENTENCE: f32 = theme::BODY + 2.0;

/// Shows the headline of each arm with lessons on each source.
pub(super) fn ui(comparison: &Comparison, hues: &ArmHues, ui: &mut Ui) {
    let all = headlines(comparison);
    if all.is_empty() {
        caption(ui, NOTHING_JUDGED);
    }
    for (number, headline) in all.iter().enumerate() {
        ui.push_id(("headline", number), |ui| {
            card(ui, |ui| one((comparison.role, hues), headline, ui));
        });
    }
    worths(comparison, ui);
}

/// What lessons are worth in ordinary labels, if that was measured.
fn worths(comparison: &Comparison, ui: &mut Ui) {
    let Some(curves) = &comparison.sizes else {
        return;
    };
    card(ui, |ui| {
        for worth in SizeCurves::worths(curves) {
            ui.label(RichText::new(&worth.sentence).size(SENTENCE))
                .on_hover_text(figures::SIZES);
        }
    });
}

fn one((role, hues): (Role, &ArmHues), headline: &Headline<'_>, ui: &mut Ui) {
    let (table, arm) = (headline.table, headline.arm);
    top((role, hues), headline, ui);
    numbers(headline, ui);
    ui.label(RichText::new(&headline.sentence).size(SENTENCE))
        .on_hover_text(words::COVERAGE);
    intervals::ui(headline, hues, ui);
    egui::CollapsingHeader::new("Details").show(ui, |ui| {
        ui.label(&headline.verdict.sentence);
        caption(ui, table.power.sentence.as_str());
        let beside = [outcomes(), accuracy(), change()].map(|figure| figure.said(arm));
        caption(ui, format!("on {role}: {}", beside.join("; "))).on_hover_text(words::OUTCOMES);
    });
}

/// What it is about, and the verdict.
fn top((role, hues): (Role, &ArmHues), headline: &Headline<'_>, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let (table, arm) = (headline.table, headline.arm);
    let (call, colour) = called(role, headline, tokens);
    ui.horizontal_wrapped(|ui| {
        ui.label(
            RichText::new(table.slice.name())
                .size(theme::HEADING)
                .strong(),
        );
        ui.label(RichText::new(call).strong().color(colour));
        dot(ui, tokens.hue(hues.hue(&arm.arm)));
        let seeds = match arm.seeds.len() {
            0 | 1 => String::new(),
            some => format!(", mean of {}", many(some, "seed")),
        };
        caption(
            ui,
            format!(
                "{}, {} on {role}{seeds}",
                arm.arm,
                headline.large().of_what()
            ),
        )
        .on_hover_text(format!(
            "{}. {}",
            arm.arm.meaning(),
            headline.verdict.endpoint.meaning()
        ));
    });
}

/// Before, after, the best control, and at the same size what got worse.
fn numbers(headline: &Headline<'_>, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let size = LARGE;
    let layout = Layout::left_to_right(Align::TOP).with_main_wrap(true);
    ui.with_layout(layout, |ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
        let large = headline.large();
        let is_area = headline.verdict.endpoint == Endpoint::RiskCoverageArea;
        if is_area {
            right_answers(headline, size, ui);
        }
        let of = match is_area {
            true => format!("{}, before", large.of_what()),
            false => "before".to_owned(),
        };
        block(ui, &large.said(large.before), size, tokens.text, &of, "");
        arrow(ui, size);
        let colour = after_colour(headline, tokens);
        block(ui, &large.said(large.after), size, colour, "after", "");
        if let Some((control, value)) = large.control {
            let what = large.control_called(control);
            let value = large.said(value);
            block(
                ui,
                &value,
                size,
                tokens.text_weak,
                &what,
                &control.meaning(),
            );
        }
        // What right answers say beside it is not said twice.
        let worse = headline.worse.iter();
        for worse in worse.filter(|worse| !is_area || worse.what != RIGHT) {
            got_worse(worse, size, ui);
        }
    });
}

/// Right answers before and after: what people know to read, where the endpoint
/// is an area that they do not.
fn right_answers(headline: &Headline<'_>, size: f32, ui: &mut Ui) {
    let Some(base) = headline.table.arms.first() else {
        return;
    };
    let text = tokens(ui.ctx()).text;
    let share = |share: f64| format!("{:.1} %", share * 100.0);
    let before = format!("{RIGHT}, before");
    block(ui, &share(base.accuracy), size, text, &before, "");
    arrow(ui, size);
    let after = share(headline.arm.accuracy);
    block(ui, &after, size, text, "after", "");
}

fn after_colour(headline: &Headline<'_>, tokens: &Tokens) -> egui::Color32 {
    match headline.against_base() {
        Some(true) => tokens.good,
        Some(false) => tokens.bad,
        None => tokens.text,
    }
}

/// What training on with nothing added makes too is no doing of the lessons,
/// and is said beside it.
fn got_worse(worse: &Worse, size: f32, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let colour = match worse.is_more {
        true => tokens.bad,
        false => tokens.text_weak,
    };
    let too = worse.with_nothing.as_ref();
    let what = match too {
        Some(too) => format!("{} (with nothing added: {too})", worse.what),
        None => worse.what.to_owned(),
    };
    let meaning = "Training on with nothing added makes errors too: only what is beyond that \
                   comes from the lessons";
    let meaning = too.map_or("", |_| meaning);
    block(ui, &worse.by, size, colour, &what, meaning);
}

/// A large number over what it is of.
fn block(ui: &mut Ui, number: &str, size: f32, colour: egui::Color32, what: &str, meaning: &str) {
    let shown = ui.allocate_ui_with_layout(
        vec2(BLOCK, size + 30.0),
        Layout::top_down(Align::Min),
        |ui| {
            ui.set_width(BLOCK);
            ui.spacing_mut().item_spacing.y = 0.0;
            let number = RichText::new(number).size(size).strong().color(colour);
            ui.add(egui::Label::new(number).extend());
            caption(ui, what);
        },
    );
    explained(shown.response, meaning);
}

/// From before to after; drawn, since not every font has an arrow.
fn arrow(ui: &mut Ui, size: f32) {
    let (rect, _) = ui.allocate_exact_size(vec2(26.0, size + 8.0), egui::Sense::hover());
    let colour = tokens(ui.ctx()).text_weak;
    let (from, to) = (rect.left_center(), rect.right_center() - vec2(8.0, 0.0));
    ui.painter()
        .arrow(from, to - from, egui::Stroke::new(1.5, colour));
}

/// The verdict. On *check* there is none, but a reader wants to know which way
/// the figures point: against the base, since the sentence tells the rest.
fn called(role: Role, headline: &Headline<'_>, tokens: &Tokens) -> (String, egui::Color32) {
    let verdict = headline.verdict;
    let is_better = headline.against_base();
    match verdict.call {
        Call::Improved => return (capitalised(&verdict.call.to_string()), tokens.good),
        Call::NoEvidence => {
            let said = "No evidence that it beats the best control";
            return (said.to_owned(), tokens.caution);
        }
        // What halves the errors is not headed in red.
        Call::Behind => {
            let said = "Better than before, and behind the best control";
            return (said.to_owned(), tokens.caution);
        }
        Call::Worse => return ("Worse than the best control".to_owned(), tokens.bad),
        Call::NotJudged if role == Role::Final => {
            return (capitalised(&verdict.call.to_string()), tokens.text_weak);
        }
        Call::NotJudged => {}
    }
    let than = match headline.arm.arm.is_other_model() {
        true => "the base model",
        false => "before",
    };
    let is_default = verdict.endpoint == Endpoint::default();
    let (said, colour) = match (is_better, is_default) {
        (Some(true), true) => ("Fewer confident errors than", tokens.good),
        (Some(true), false) => ("Better than", tokens.good),
        (Some(false), true) => ("More confident errors than", tokens.bad),
        (Some(false), false) => ("Worse than", tokens.bad),
        (None, _) => ("No clear difference from", tokens.caution),
    };
    (format!("{said} {than}, on {role}"), colour)
}
