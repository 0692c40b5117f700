//! The inspector of one example: its text, its labels, and the judgement on it.

use std::collections::BTreeMap;

use eframe::egui::{self, RichText, Ui};

use super::form::menu;
use super::salient_words;
use super::widgets::{caption, explained, fact, percent, section, title};
use crate::dataset::Example;
use crate::discovery::Outcome;
use crate::gui::command_text::Shortcut;
use crate::gui::derived::RowFacts;
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::view_state::SpotRef;
use crate::gui::words;
use crate::records::{ExampleKey, Label, Placement, Triage};
use crate::session::Command;
use crate::steps::next_action::figures::MEANING;
use crate::support::text::capitalised;

/// Width of a menu at most, in points.
const MENU: f32 = 260.0;

/// Shows an example.
pub fn ui(row: usize, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(example) = cx.example(row) else {
        return;
    };
    back(cx, ui);
    title(ui, "Text");
    salient_words::ui(example, cx, ui);
    let facts = &cx.derived.rows[row];
    labels(row, example, cx, ui);
    if matches!(facts.outcome, Outcome::UnknownUnknown | Outcome::SetAside)
        || cx.state.document.triage.contains_key(&example.key)
    {
        next(example, cx, ui);
        triage(example, cx, ui);
        placement(row, example, cx, ui);
    }
    label_editor(facts, example, cx, ui);
    section(ui, "Where it comes from", "");
    fact(ui, "Role", example.role.name(), "");
    fact(ui, "Source", cx.source(example.source), "");
    let place = cx.state.dataset.place(example);
    fact(ui, "Row", place, "File and row of the data");
}

fn back(cx: &mut Cx<'_>, ui: &mut Ui) {
    let spot = cx.view.spot.and_then(|spot| cx.derived.spot(spot));
    let selected = cx.view.selected_count();
    let name = match (spot, selected) {
        (Some(spot), _) => spot.name.clone(),
        (None, 0 | 1) => "All blind spots".to_owned(),
        (None, several) => format!("{several} selected texts"),
    };
    let button = egui::Button::new(format!("Back: {name}")).truncate();
    if ui.add(button).clicked() {
        match spot {
            Some(spot) => cx.choose_spot(spot),
            None if selected > 1 => cx.view.focus = None,
            None => cx.view.clear_selection(),
        }
    }
}

fn labels(row: usize, example: &Example, read: &Read<'_>, ui: &mut Ui) {
    let facts = &read.derived.rows[row];
    ui.add_space(theme::GAP);
    let mut truth = read.truth(facts).to_owned();
    if facts.truth.is_some_and(|label| label != example.label) {
        truth += &format!(" (the data says {})", read.label(example.label));
    }
    fact(ui, "True label", RichText::new(truth).strong(), "");
    let colour = outcome_colour(facts.outcome, tokens(ui.ctx()));
    let says = RichText::new(read.label(facts.predicted)).strong();
    fact(ui, "The model says", says.color(colour), "");
    let confidence = percent(facts.confidence);
    fact(ui, "Confidence", confidence, words::CONFIDENCE);
    let outcome = RichText::new(facts.outcome.name()).color(colour);
    fact(ui, "Outcome", outcome, words::UU);
    if let Some(spot) = read.derived.spot_of(row) {
        fact(ui, "Blind spot", spot.name.as_str(), words::BLIND_SPOT);
    }
}

/// The colour of an outcome's name; its word always stands beside it.
pub fn outcome_colour(outcome: Outcome, tokens: &Tokens) -> egui::Color32 {
    match outcome {
        Outcome::UnknownUnknown => tokens.bad,
        Outcome::WrongUnsure => tokens.caution,
        Outcome::Right => tokens.good,
        Outcome::SetAside => tokens.text_weak,
    }
}

/// What is proposed to do about it.
fn next(example: &Example, read: &Read<'_>, ui: &mut Ui) {
    let next = &read.derived.next;
    if let Some((action, why)) = next.about_error(&example.key, read.state) {
        section(ui, "Next", MEANING);
        ui.label(RichText::new(capitalised(action.name())).strong());
        caption(ui, capitalised(&why));
    }
}

fn triage(example: &Example, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, "Is it a real error?", words::TRIAGE);
    triage_buttons(&example.key, cx, ui);
}

/// The judgements that there are on an error, each with its key; pressed again
/// one is taken back.
pub(super) fn triage_buttons(key: &ExampleKey, cx: &mut Cx<'_>, ui: &mut Ui) {
    let current = cx.state.document.triage.get(key).copied();
    let wrong_label = Triage::WrongLabel(None);
    let choices = [
        (Triage::RealError, "Real error", Shortcut::RealError),
        (wrong_label, "Wrong label", Shortcut::WrongLabel),
        (Triage::Ambiguous, "Ambiguous", Shortcut::Ambiguous),
    ];
    ui.horizontal_wrapped(|ui| {
        for (judgement, name, shortcut) in choices {
            let chosen = current.is_some_and(|current| same_kind(current, judgement));
            let button = egui::Button::selectable(chosen, name)
                .frame_when_inactive(true)
                .right_text(shortcut.written(ui.ctx()));
            let button = ui.add(button).accessible_name(name);
            if explained(button, words::TRIAGE).clicked() {
                let judgement = (!chosen).then_some(judgement);
                judge(vec![key.clone()], judgement, cx);
            }
        }
    });
}

/// Whether two judgements are the same but for the corrected label.
pub(super) fn same_kind(one: Triage, other: Triage) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

/// Judges examples. Of two labels the wrong one leaves the other, so that
/// nobody has to be asked which is right.
pub fn judge(examples: Vec<ExampleKey>, triage: Option<Triage>, cx: &mut Cx<'_>) {
    if triage != Some(Triage::WrongLabel(None)) {
        let by = cx.view.judge_name();
        cx.ask(Command::Triage {
            examples,
            triage,
            by,
        });
        return;
    }
    let mut by_label: BTreeMap<Option<Label>, Vec<ExampleKey>> = BTreeMap::new();
    for key in examples {
        let right = other_label(&key, cx);
        by_label.entry(right).or_default().push(key);
    }
    for (right, examples) in by_label {
        let triage = Some(Triage::WrongLabel(right));
        let by = cx.view.judge_name();
        cx.ask(Command::Triage {
            examples,
            triage,
            by,
        });
    }
}

/// The label that an example does not have, if there is only one such.
fn other_label(key: &ExampleKey, read: &Read<'_>) -> Option<Label> {
    let example = read.example(read.derived.row_of(key)?)?;
    let labels = (0..).take(read.state.dataset.labels.len());
    let mut others = labels.filter(|label| *label != example.label);
    let other = others.next()?;
    others.next().is_none().then_some(other)
}

fn label_editor(facts: &RowFacts, example: &Example, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(
        ui,
        "Correct the label",
        "Pick what the label should be; the data file stays as it is",
    );
    let mut chosen = facts.truth;
    let shown = chosen.map_or("choose …", |label| cx.label(label));
    let width = ui.available_width().min(MENU);
    let labels = (0_u16..).map(Some).zip(&cx.state.dataset.labels);
    menu(ui, ("Correct label", width), shown, &mut chosen, labels);
    if let Some(label) = chosen.filter(|_| chosen != facts.truth) {
        // The data's own label takes the correction back.
        let corrected = Triage::WrongLabel(Some(label));
        cx.ask(Command::Triage {
            examples: vec![example.key.clone()],
            triage: (label != example.label).then_some(corrected),
            by: cx.view.judge_name(),
        });
    }
}

/// Moving an error to another blind spot, or to none.
fn placement(row: usize, example: &Example, cx: &mut Cx<'_>, ui: &mut Ui) {
    let is_uu = cx.derived.rows[row].outcome == Outcome::UnknownUnknown;
    if cx.derived.previewing || !is_uu {
        return;
    }
    section(
        ui,
        "Its blind spot",
        "Errors can be moved to another blind spot or dropped from all",
    );
    let now = cx.derived.spot_of(row);
    let before = now.and_then(|spot| placed_in(spot.spot));
    let mut placement = before;
    let spots = cx.derived.spots.iter();
    let spots = spots.map(|spot| (placed_in(spot.spot), spot.name.as_str()));
    menu(
        ui,
        ("Blind spot of this example", ui.available_width().min(MENU)),
        now.map_or("none", |spot| &spot.name),
        &mut placement,
        spots.chain([(Some(Placement::Dropped), "drop from all")]),
    );
    let moved = cx.state.document.moves.contains_key(&example.key);
    let back = moved && ui.button("Back to where it was found").clicked();
    if back || placement != before {
        cx.ask(Command::Place {
            examples: vec![example.key.clone()],
            placement: placement.filter(|_| !back),
        });
    }
    if moved {
        caption(ui, "Moved by hand");
    }
}

fn placed_in(spot: SpotRef) -> Option<Placement> {
    match spot {
        SpotRef::Frozen(id) => Some(Placement::In(id)),
        SpotRef::Group(_) => None,
    }
}
