//! The inspector of one example: its text, its labels, and the judgement on it.

use std::collections::BTreeMap;

use eframe::egui::{self, RichText, Ui};

use super::salient_words;
use super::widgets::{caption, explained, fact, percent, section, title};
use crate::dataset::Example;
use crate::discovery::Outcome;
use crate::gui::command_text::Shortcut;
use crate::gui::read::{Ask, Read};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::view_state::{SpotRef, ViewState};
use crate::gui::words;
use crate::records::{ExampleKey, Label, Placement, Triage};
use crate::session::Command;

/// Shows an example.
pub fn ui(row: usize, read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    let Some(example) = read.example(row) else {
        return;
    };
    back(read, view, ui);
    title(ui, "Text");
    salient_words::ui(example, read, view, ui, out);
    labels(row, example, read, ui);
    let facts = &read.derived.rows[row];
    if matches!(facts.outcome, Outcome::UnknownUnknown | Outcome::SetAside)
        || read.state.document.triage.contains_key(&example.key)
    {
        triage(example, read, ui, out);
        placement(row, example, read, ui, out);
    }
    label_editor(row, example, read, ui, out);
    section(ui, "Where it comes from", "");
    fact(ui, "Role", example.role.name(), "");
    fact(ui, "Source", read.source(example.source), "");
    fact(
        ui,
        "Row",
        read.state.dataset.place(example),
        "File and row of the data",
    );
}

fn back(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    let spot = view.spot.and_then(|spot| read.derived.spot(spot));
    let label = spot.map_or_else(
        || "Back: All blind spots".to_owned(),
        |s| format!("Back: {}", s.name),
    );
    if ui.add(egui::Button::new(label).truncate()).clicked() {
        match spot {
            Some(facts) => view.choose_spot(facts.spot, &facts.rows, read.derived.rows.len()),
            None => view.clear_selection(),
        }
    }
}

fn labels(row: usize, example: &Example, read: &Read<'_>, ui: &mut Ui) {
    let facts = &read.derived.rows[row];
    let tokens = tokens(ui.ctx());
    ui.add_space(theme::GAP);
    let truth = facts
        .truth
        .map_or("nobody can say", |label| read.label(label));
    let corrected = facts.truth.is_some_and(|label| label != example.label);
    let truth = if corrected {
        format!("{truth} (the data says {})", read.label(example.label))
    } else {
        truth.to_owned()
    };
    fact(ui, "True label", RichText::new(truth).strong(), "");
    let colour = outcome_colour(facts.outcome, tokens);
    fact(
        ui,
        "The model says",
        RichText::new(read.label(facts.predicted))
            .strong()
            .color(colour),
        "",
    );
    fact(
        ui,
        "Confidence",
        percent(facts.confidence),
        words::CONFIDENCE,
    );
    fact(
        ui,
        "Outcome",
        RichText::new(facts.outcome.name()).color(colour),
        words::UU,
    );
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

/// “positive 98.2 %” in the colour of the outcome.
pub fn confidence_text(row: usize, read: &Read<'_>, tokens: &Tokens) -> RichText {
    let facts = &read.derived.rows[row];
    let text = format!(
        "{}  {}",
        read.label(facts.predicted),
        percent(facts.confidence)
    );
    RichText::new(text)
        .size(theme::SMALL)
        .color(outcome_colour(facts.outcome, tokens))
}

fn triage(example: &Example, read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    section(ui, "Is it a real error?", words::TRIAGE);
    let current = read.state.document.triage.get(&example.key).copied();
    let choices = [
        (Triage::RealError, "Real error", Shortcut::RealError),
        (
            Triage::WrongLabel(None),
            "Wrong label",
            Shortcut::WrongLabel,
        ),
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
                judge(vec![example.key.clone()], judgement, read, out);
            }
        }
    });
}

/// Whether two judgements are the same but for the corrected label.
pub fn same_kind(one: Triage, other: Triage) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

/// Judges examples. Of two labels the wrong one leaves the other, so that
/// nobody has to be asked which is right.
pub fn judge(
    examples: Vec<ExampleKey>,
    triage: Option<Triage>,
    read: &Read<'_>,
    out: &mut Vec<Ask>,
) {
    if triage != Some(Triage::WrongLabel(None)) {
        out.push(Command::Triage { examples, triage }.into());
        return;
    }
    let mut by_label: BTreeMap<Option<Label>, Vec<ExampleKey>> = BTreeMap::new();
    for key in examples {
        let right = other_label(&key, read);
        by_label.entry(right).or_default().push(key);
    }
    for (right, examples) in by_label {
        let triage = Some(Triage::WrongLabel(right));
        out.push(Command::Triage { examples, triage }.into());
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

fn label_editor(row: usize, example: &Example, read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    section(
        ui,
        "Correct the label",
        "Pick what the label should be; the data file stays as it is",
    );
    let current = read.derived.rows[row].truth;
    let mut chosen = current;
    egui::ComboBox::from_id_salt("correct label")
        .selected_text(current.map_or("choose …", |label| read.label(label)))
        .width(ui.available_width().min(260.0))
        .show_ui(ui, |ui| {
            for (label, name) in (0_u16..).zip(&read.state.dataset.labels) {
                ui.selectable_value(&mut chosen, Some(label), name);
            }
        })
        .response
        .accessible_name("Correct label");
    if let Some(label) = chosen.filter(|_| chosen != current) {
        out.push(correct(example, label).into());
    }
}

/// The command that sets an example's label right; the data's own label takes
/// the correction back.
fn correct(example: &Example, label: Label) -> Command {
    let triage = (label != example.label).then_some(Triage::WrongLabel(Some(label)));
    Command::Triage {
        examples: vec![example.key.clone()],
        triage,
    }
}

/// Moving an error to another blind spot, or to none.
fn placement(row: usize, example: &Example, read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    let is_uu = read.derived.rows[row].outcome == Outcome::UnknownUnknown;
    if read.derived.previewing || !is_uu {
        return;
    }
    section(
        ui,
        "Its blind spot",
        "Errors can be moved to another blind spot or dropped from all",
    );
    let moved = read.state.document.moves.get(&example.key).copied();
    let shown = read.derived.spot_of(row);
    let shown = shown.map_or("none", |facts| facts.name.as_str());
    let mut asked = None;
    egui::ComboBox::from_id_salt("blind spot of the example")
        .selected_text(shown)
        .width(ui.available_width().min(260.0))
        .show_ui(ui, |ui| {
            for facts in &read.derived.spots {
                if let SpotRef::Frozen(id) = facts.spot
                    && ui
                        .selectable_label(shown == facts.name, &facts.name)
                        .clicked()
                {
                    asked = Some(Some(Placement::In(id)));
                }
            }
            if ui.selectable_label(false, "drop from all").clicked() {
                asked = Some(Some(Placement::Dropped));
            }
        })
        .response
        .accessible_name("Blind spot of this example");
    if moved.is_some() && ui.button("Back to where it was found").clicked() {
        asked = Some(None);
    }
    if let Some(placement) = asked {
        out.push(
            Command::Place {
                examples: vec![example.key.clone()],
                placement,
            }
            .into(),
        );
    }
    if moved.is_some() {
        caption(ui, "Moved by hand");
    }
}
