//! The verdict in words, before any figure: what got worse first.

use eframe::egui::{self, RichText, Ui};

use crate::comparison::figures::{self, NOTHING_JUDGED, accuracy, change, outcomes};
use crate::comparison::sizes::SizeCurves;
use crate::comparison::{ArmFigures, Call, Comparison, Slice, Verdict};
use crate::gui::panels::widgets::{caption, card};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::words;
use crate::records::{Endpoint, Role};
use crate::support::text::capitalised;

/// Shows the verdict of each arm with lessons on each source.
pub(super) fn ui(comparison: &Comparison, large: bool, ui: &mut Ui) {
    for worth in comparison.sizes.iter().flat_map(SizeCurves::worths) {
        let size = if large {
            theme::HEADING * 1.3
        } else {
            theme::HEADING
        };
        card(ui, |ui| {
            ui.label(RichText::new(&worth.sentence).size(size).strong())
                .on_hover_text(figures::SIZES);
        });
    }
    let all = comparison.verdicts_worst_first();
    if all.is_empty() {
        caption(ui, NOTHING_JUDGED);
    }
    for (slice, figures, verdict) in all {
        card(ui, |ui| {
            one(comparison.role, slice, figures, verdict, large, ui);
        });
    }
}

fn one(
    role: Role,
    slice: &Slice,
    figures: &ArmFigures,
    verdict: &Verdict,
    large: bool,
    ui: &mut Ui,
) {
    let tokens = tokens(ui.ctx());
    let (headline, colour) = headline(role, figures, verdict, tokens);
    let size = if large {
        theme::HEADING * 1.3
    } else {
        theme::HEADING
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(headline).size(size).strong().color(colour));
        caption(ui, format!("{}, {slice}", figures.arm)).on_hover_text(figures.arm.meaning());
    });
    let beside = [outcomes(), accuracy(), change()].map(|figure| figure.said(figures));
    ui.label(RichText::new(&verdict.sentence).color(tokens.text))
        .on_hover_text(words::COVERAGE);
    ui.add(egui::Label::new(
        RichText::new(beside.join("; "))
            .size(theme::SMALL)
            .color(tokens.text_weak),
    ))
    .on_hover_text(words::OUTCOMES);
}

/// On *check* there is no verdict, but a reader wants to know which way the
/// figures point, and that they prove nothing.
fn headline(
    role: Role,
    figures: &ArmFigures,
    verdict: &Verdict,
    tokens: &Tokens,
) -> (String, egui::Color32) {
    let colour = call_colour(verdict.call, tokens);
    if role == Role::Final || verdict.call != Call::NotJudged {
        return (capitalised(&verdict.call.to_string()), colour);
    }
    let endpoint = verdict.endpoint;
    let is_default = endpoint == Endpoint::default();
    let best = figures.on(endpoint).and_then(|(_, versus)| versus.first());
    let than = match figures.arm.is_other_model() {
        true => "the base model",
        false => "the best control",
    };
    let (said, colour) = match best {
        Some(best) if best.is_harm(endpoint) && is_default => {
            ("More confident errors than", tokens.bad)
        }
        Some(best) if best.is_gain(endpoint) && is_default => {
            ("Fewer confident errors than", tokens.good)
        }
        Some(best) if best.is_harm(endpoint) => ("Worse than", tokens.bad),
        Some(best) if best.is_gain(endpoint) => ("Better than", tokens.good),
        _ => ("No clear difference to", tokens.caution),
    };
    (format!("{said} {than}, on {role}"), colour)
}

fn call_colour(call: Call, tokens: &Tokens) -> egui::Color32 {
    match call {
        Call::Improved => tokens.good,
        Call::Worse => tokens.bad,
        Call::NoEvidence => tokens.caution,
        Call::NotJudged => tokens.text_weak,
    }
}
