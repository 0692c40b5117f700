//! Writing samples, with the model's answer as one types.

use eframe::egui::{self, Id, Key, KeyboardShortcut, Modifiers, RichText, TextEdit, Ui};

use super::{Field, TeachForm, Topic, hypotheses};
use crate::gui::live::{Live, LiveAnswers};
use crate::gui::live_checks::{LiveChecks, Subject};
use crate::gui::panels::form::{SHORT_MENU, menu};
use crate::gui::panels::widgets::{bad, caption, caution, percent, primary_button, section};
use crate::gui::read::{Cx, Read};
use crate::gui::theme::tokens;
use crate::gui::words;
use crate::lessons::checks::{SameTexts, UNCHANGED};
use crate::records::{Author, Label, ModelAnswer, RecordId, Review, Sample, SampleUse};
use crate::session::Command;
use crate::support::languages::seems_foreign;

/// More labels than this are chosen from a list.
const MOST_BUTTONS: usize = 5;

/// The editor of samples.
pub(super) fn sample(
    on: Topic<'_>,
    form: &mut TeachForm,
    answers: &mut LiveAnswers,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let (title, add) = match form.replaces {
        Some(_) => ("2  Change a sample", "Save the change"),
        None => ("2  Write a sample", "Add the sample"),
    };
    section(
        ui,
        title,
        "A new text with its right label, for the chosen hypothesis",
    );
    keys(on, cx, form, ui);
    edited(on, cx, form, ui);
    label_choice(on, cx, form, ui);
    let entered = text_fields(cx, form, ui);
    let label = form.label.unwrap_or_else(|| on.usual_label(cx));
    let subject = Subject {
        text: form.text(cx),
        label: cx.label(label).to_owned(),
        edit_of: form.edit_of.clone(),
    };
    let live = answers.live.as_mut();
    let said = match cx.state.black_box {
        true => {
            caption(
                ui,
                "The model is elsewhere, so nothing is asked as you type",
            );
            None
        }
        false => live.and_then(|live| answer(live, &subject, on, cx, ui)),
    };
    let none = SameTexts::default();
    let same = on.lesson.and_then(|lesson| form.table.same(lesson));
    let others = (same.unwrap_or(&none), form.replaces.as_ref());
    let checks = answers.checks.as_mut();
    let mut problem = checks.and_then(|checks| draft_check(checks, &subject, others, ui));
    if problem.is_none() && subject.edit_of.is_none() && form.shown.holds(&subject.text, cx) {
        // As of a copy that was taken to be edited, whose check tells.
        bad(ui, UNCHANGED);
        problem = Some(UNCHANGED.to_owned());
    }
    let is_foreign = cx.state.built_in_model && seems_foreign(&subject.text.joined());
    ui.horizontal(|ui| {
        let ready = !subject.text.first.is_empty() && problem.is_none();
        let clicked = primary_button(ui, add, ready).clicked();
        if (form.edit_of.is_some() || form.replaces.is_some()) && ui.button("Cancel").clicked() {
            form.clear_draft();
        }
        if ready && (clicked || entered) {
            put(on, form, subject, said, cx);
        }
        caption(ui, "Enter adds it")
            .on_hover_text("Ctrl+1 … 9 chooses the label, Alt+Up and Alt+Down the hypothesis");
    });
    if is_foreign {
        caution(ui, words::SEEMS_FOREIGN);
    } else if cx.state.built_in_model && !form.plain {
        // An expert is told beside the list.
        caption(ui, words::ENGLISH_ONLY);
    }
}

/// Labels and hypotheses by keys, so that hands stay on the keyboard.
fn keys(on: Topic<'_>, read: &Read<'_>, form: &mut TeachForm, ui: &Ui) {
    const DIGITS: [Key; 9] = [
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
        Key::Num8,
        Key::Num9,
    ];
    let pressed =
        |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
    for (label, key) in (0..read.state.dataset.labels.len()).zip(DIGITS) {
        if pressed(Modifiers::COMMAND, key) {
            form.label = Label::try_from(label).ok();
        }
    }
    let step = isize::from(pressed(Modifiers::ALT, Key::ArrowDown))
        - isize::from(pressed(Modifiers::ALT, Key::ArrowUp));
    if step != 0 {
        let all = on.hypotheses();
        let at = all.iter().position(|h| Some(&h.id) == form.of.as_ref());
        let next = match at {
            Some(at) => at.saturating_add_signed(step),
            None => 0,
        };
        if let Some(next) = all.get(next) {
            form.of = Some(next.id.clone());
        }
    }
}

/// The error that is being edited, and how far.
fn edited(on: Topic<'_>, read: &Read<'_>, form: &TeachForm, ui: &mut Ui) {
    let key = form.edit_of.as_ref();
    let Some(row) = key.and_then(|key| read.derived.row_of(key)) else {
        return;
    };
    let facts = read.derived.rows.get(row);
    let predicted = facts.map_or(on.spot.predicted, |facts| facts.predicted);
    caption(
        ui,
        format!(
            "A copy of “{}”. Change it as little as possible until the model no longer says {}; \
             choose the label that is right for what it says then",
            read.text(row),
            read.label(predicted)
        ),
    );
}

fn label_choice(on: Topic<'_>, read: &Read<'_>, form: &mut TeachForm, ui: &mut Ui) {
    let labels = &read.state.dataset.labels;
    let now = form.label.unwrap_or_else(|| on.usual_label(read));
    let numbered = (0_u16..).zip(labels);
    ui.horizontal_wrapped(|ui| {
        caption(ui, "Right label");
        if labels.len() <= MOST_BUTTONS {
            for (label, name) in numbered {
                let button = egui::Button::selectable(label == now, name);
                let about = format!("Right label: {name}");
                if ui.add(button).accessible_name(about).clicked() {
                    form.label = Some(label);
                }
            }
            return;
        }
        let mut label = now;
        let name = ("Label of the sample", SHORT_MENU);
        menu(ui, name, read.label(now), &mut label, numbered);
        if label != now {
            form.label = Some(label);
        }
    });
}

/// The text, and for pairs the second one; whether Enter was pressed.
fn text_fields(read: &Read<'_>, form: &mut TeachForm, ui: &mut Ui) -> bool {
    let new_line = KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter);
    // Ids of their own: what appears above them must not take the keyboard away.
    let field = TextEdit::multiline(&mut form.sample)
        .id(Id::unique("new sample"))
        .hint_text("Type a text that the model should get right")
        .desired_rows(2)
        .return_key(Some(new_line))
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("New sample");
    form.focus_on(Field::Sample, &field);
    let mut focused = field.has_focus();
    if read.state.dataset.has_pairs() {
        let second = TextEdit::multiline(&mut form.second)
            .id(Id::unique("second text of the sample"))
            .hint_text("Its second text")
            .desired_rows(1)
            .return_key(Some(new_line))
            .desired_width(f32::INFINITY);
        focused |= ui
            .add(second)
            .accessible_name("Second text of the sample")
            .has_focus();
    }
    focused && ui.input(|input| input.key_pressed(Key::Enter) && !input.modifiers.shift)
}

/// Shows what the model says to a text now, and whether that fools it.
fn answer(
    live: &mut Live,
    subject: &Subject,
    on: Topic<'_>,
    read: &Read<'_>,
    ui: &mut Ui,
) -> Option<ModelAnswer> {
    if subject.text.first.is_empty() {
        caption(ui, "The model's answer appears here as you type");
        return None;
    }
    let said = match live.get(&subject.text) {
        None => {
            caption(ui, "The model reads …");
            return None;
        }
        Some(Err(error)) => {
            bad(ui, error);
            return None;
        }
        Some(Ok(said)) => said,
    };
    let (wanted, label) = (&subject.label, &said.label);
    let tokens = tokens(ui.ctx());
    let is_edit = subject.edit_of.is_some();
    let (verdict, colour) = if label != wanted {
        (
            format!("You say {wanted}, the model says {label}: this fools the model"),
            tokens.good,
        )
    } else if is_edit && label != read.label(on.spot.predicted) {
        ("the model has changed its mind".to_owned(), tokens.accent)
    } else {
        ("the model gets this right".to_owned(), tokens.text_weak)
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(format!("Model: {label} {}", percent(said.confidence)));
        ui.label(RichText::new(verdict).color(colour).strong());
    });
    Some(said.clone())
}

/// Shows the checks of a draft; gives why it cannot be added, if so.
fn draft_check(
    checks: &mut LiveChecks,
    subject: &Subject,
    (same, replaces): (&SameTexts, Option<&RecordId>),
    ui: &mut Ui,
) -> Option<String> {
    if subject.text.first.is_empty() {
        return None;
    }
    let check = checks.of_draft(subject, same, replaces)?.ok()?;
    let mut facts = Vec::new();
    if let Some(near) = &check.nearest {
        facts.push(format!(
            "{:.2} alike to the nearest training text",
            near.cosine
        ));
    }
    if let Some(ratio) = check.edit_ratio {
        facts.push(format!("{:.0} % of the characters changed", ratio * 100.0));
    }
    if let Some(longer) = check.length_percentile {
        facts.push(format!(
            "longer than {:.0} % of the training texts",
            longer * 100.0
        ));
    }
    if !facts.is_empty() {
        caption(ui, facts.join("  ·  ")).on_hover_text(words::NEAREST_TRAINING);
    }
    let problem = check.problem();
    if let Some(problem) = &problem {
        bad(ui, problem);
    }
    problem
}

fn put(
    on: Topic<'_>,
    form: &mut TeachForm,
    subject: Subject,
    said: Option<ModelAnswer>,
    cx: &mut Cx<'_>,
) {
    // What is typed and not entered yet is what the sample is written for.
    let typed = form.replaces.is_none() && !form.hypothesis.trim().is_empty();
    if typed {
        hypotheses::take_typed(on, form, cx);
    }
    let lesson = form.begun(on, cx);
    let mut hypotheses = on.hypotheses().iter();
    let known = hypotheses.any(|h| Some(&h.id) == form.of.as_ref());
    let right = cx.label(on.usual_label(cx));
    let mut all = on.samples().iter();
    let before = all.find(|sample| Some(&sample.id) == form.replaces.as_ref());
    let same = before.is_some_and(|old| old.text == subject.text && old.label == subject.label);
    let of_model = before.is_some_and(|old| old.author != Author::Human);
    let sample = Sample {
        id: form
            .replaces
            .take()
            .unwrap_or_else(|| RecordId::random("sample")),
        hypothesis: form.of.clone().filter(|_| known || typed),
        contrast: subject.label != right,
        text: subject.text,
        label: subject.label,
        author: before.map_or(Author::Human, |old| old.author.clone()),
        purpose: before.map_or(SampleUse::Train, |old| old.purpose),
        edit_of: subject.edit_of,
        review: Review::Accepted,
        edited: of_model && (!same || before.is_some_and(|old| old.edited)),
        judged_label: before
            .filter(|_| same)
            .and_then(|old| old.judged_label.clone()),
        model_answer: said,
    };
    form.record_time(&lesson, on.lesson, cx);
    let sample = Box::new(sample);
    cx.ask(Command::PutSample { lesson, sample });
    form.clear_draft();
    form.focus = Some(Field::Sample);
}
