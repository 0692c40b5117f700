//! The loop step by step, for an audience: one sentence a step, two buttons.

use eframe::egui::{Align, Key, Layout, Modifiers, RichText, Ui};

use super::widgets::{button_if, primary_button};
use crate::gui::theme;
use crate::gui::view_state::{Stage, ViewState};

/// The steps with what to say at each.
const STEPS: [(Stage, &str); 5] = [
    (
        Stage::Data,
        "These texts are what the model was trained on, and what it meets now",
    ),
    (
        Stage::Explore,
        "Each dot is a text. Rings are texts that the model gets wrong and is sure of",
    ),
    (
        Stage::Teach,
        "Somebody who knows the subject says why, and writes texts that show it",
    ),
    (
        Stage::Retrain,
        "The model learns from these texts, here, on this machine",
    ),
    (
        Stage::Compare,
        "What got better, and what got worse, against fair controls",
    ),
];

/// Shows where we are and leads on.
pub fn ui(view: &mut ViewState, ui: &mut Ui) {
    let at = STEPS.iter().position(|(stage, _)| *stage == view.stage);
    let at = at.unwrap_or(0);
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let (mut back, mut on) = (pressed(Key::PageUp), pressed(Key::PageDown));
    ui.horizontal(|ui| {
        back |= button_if(ui, at > 0, "Back", "");
        on |= primary_button(ui, "Next step", at + 1 < STEPS.len()).clicked();
        ui.label(RichText::new(format!("{} of {}", at + 1, STEPS.len())).strong());
        ui.label(RichText::new(STEPS[at].1).size(theme::HEADING));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.button("End the presentation").clicked() {
                view.presentation = false;
            }
        });
    });
    if back {
        view.stage = STEPS[at.saturating_sub(1)].0;
    } else if on {
        view.stage = STEPS[(at + 1).min(STEPS.len() - 1)].0;
    }
}
