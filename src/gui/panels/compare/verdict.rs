//! The verdict in words, before any figure: what got worse first.

use eframe::egui::{self, RichText, Ui};

use crate::comparison::{ArmFigures, Call, Comparison, Slice, Verdict};
use crate::gui::panels::widgets::{caption, card};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::words;
use crate::records::Role;

/// Shows the verdict of each arm with lessons on each source.
pub(super) fn ui(comparison: &Comparison, large: bool, ui: &mut Ui) {
    let mut all: Vec<(&Slice, &ArmFigures, &Verdict)> = Vec::new();
    for slice in &comparison.slices {
        for figures in &slice.arms {
            if let Some(verdict) = &figures.verdict {
                all.push((&slice.slice, figures, verdict));
            }
        }
    }
    all.sort_by_key(|(_, figures, verdict)| (verdict.call.rank(), worse(figures) <= 0.0));
    if all.is_empty() {
        caption(
            ui,
            "No lesson was trained in this round, so there is nothing to claim: see the controls",
        );
        return;
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
    ui.label(RichText::new(&verdict.sentence).color(tokens.text))
        .on_hover_text(words::COVERAGE);
    ui.add(egui::Label::new(
        RichText::new(outcomes(figures))
            .size(theme::SMALL)
            .color(tokens.text_weak),
    ))
    .on_hover_text(words::OUTCOMES);
}

/// Errors more than under the best control; negative if fewer.
fn worse(figures: &ArmFigures) -> f64 {
    figures
        .versus
        .first()
        .map_or(0.0, |versus| versus.difference.mean)
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
    let against_best = figures
        .versus
        .first()
        .map(|versus| versus.difference.interval);
    let (said, colour) = match against_best {
        Some(interval) if interval.lower > 0.0 => {
            ("More confident errors than the best control", tokens.bad)
        }
        Some(interval) if interval.upper < 0.0 => {
            ("Fewer confident errors than the best control", tokens.good)
        }
        _ => ("No clear difference to the best control", tokens.caution),
    };
    (format!("{said}, on {role}"), colour)
}

fn outcomes(figures: &ArmFigures) -> String {
    let of = &figures.outcomes;
    format!(
        "Of the base's unknown unknowns {:.1} corrected, {:.1} quieted, {:.1} remaining; {:.1} new. \
         Accuracy {:.1} % ({:+.1} points, 95 % interval {:+.1} to {:+.1})",
        of.corrected,
        of.quieted,
        of.remaining,
        of.new,
        figures.accuracy * 100.0,
        figures.accuracy_change.mean,
        figures.accuracy_change.interval.lower,
        figures.accuracy_change.interval.upper,
    )
}

fn call_colour(call: Call, tokens: &Tokens) -> egui::Color32 {
    match call {
        Call::Improved => tokens.good,
        Call::Worse => tokens.bad,
        Call::NoEvidence => tokens.caution,
        Call::NotJudged => tokens.text_weak,
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
