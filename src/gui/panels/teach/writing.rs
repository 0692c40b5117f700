//! Writing hypotheses and samples, with the model's answer as one types.

use eframe::egui::{self, Id, Key, KeyboardShortcut, Modifiers, RichText, TextEdit, Ui};

use super::{Field, TeachForm};
use crate::gui::live::Live;
use crate::gui::live_checks::{LiveChecks, Subject};
use crate::gui::panels::widgets::{caption, choice, percent, primary_button, section};
use crate::gui::read::{Ask, Read};
use crate::gui::theme::tokens;
use crate::gui::words;
use crate::lessons::checks::SameTexts;
use crate::records::{
    Author, BlindSpot, Hypothesis, HypothesisKind, Label, Lesson, ModelSaid, RecordId, Review,
    Sample, SampleUse, Text,
};
use crate::session::Command;
use crate::support::text::many;

/// More labels than this are chosen from a list.
const MOST_BUTTONS: usize = 5;

/// Hypotheses: the list, and a field for one more.
pub(super) fn hypotheses(
    lesson: Option<&Lesson>,
    spot: &BlindSpot,
    read: &Read<'_>,
    form: &mut TeachForm,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    choose_newest(lesson, form);
    section(ui, "1  Why does it err?", words::ABSTRACTION);
    let all = lesson.into_iter().flat_map(|lesson| &lesson.hypotheses);
    for (number, hypothesis) in (1..).zip(all) {
        hypothesis_row(number, hypothesis, lesson, form, ui, out);
    }
    ui.horizontal_wrapped(|ui| {
        for kind in [HypothesisKind::Abstraction, HypothesisKind::Extrapolation] {
            let (name, meaning) = kind_words(kind);
            let button = egui::Button::selectable(form.kind == kind, name);
            if ui.add(button).on_hover_text(meaning).clicked() {
                form.kind = kind;
            }
        }
    });
    let hint = match form.kind {
        HypothesisKind::Abstraction => "What do these errors have in common? Enter adds it",
        HypothesisKind::Extrapolation => {
            "What else would fool it for the same reason? Enter adds it"
        }
    };
    let field = TextEdit::singleline(&mut form.hypothesis)
        .id(Id::unique("new hypothesis"))
        .hint_text(hint)
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("New hypothesis");
    form.focus_on(Field::Hypothesis, &field);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if !entered {
        return;
    }
    form.focus = Some(Field::Sample);
    let text = std::mem::take(&mut form.hypothesis).trim().to_owned();
    if text.is_empty() {
        return;
    }
    let hypothesis = Hypothesis {
        id: RecordId::random("hypothesis"),
        kind: form.kind,
        text,
        author: Author::Human,
    };
    form.of = Some(hypothesis.id.clone());
    let lesson = form.begun(lesson, spot, read, out);
    out.push(Command::PutHypothesis { lesson, hypothesis }.into());
    out.push(Command::EndEdit.into());
}

/// The newest hypothesis is the one that samples are written for until another
/// is chosen, also after the project was closed.
fn choose_newest(lesson: Option<&Lesson>, form: &mut TeachForm) {
    let hypotheses = lesson.map_or(&[][..], |lesson| &lesson.hypotheses);
    let is_known = hypotheses.iter().any(|h| Some(&h.id) == form.of.as_ref());
    // A sample that is being changed stays with the hypothesis it has, or with none.
    if !is_known && form.replaces.is_none() {
        form.of = hypotheses.last().map(|newest| newest.id.clone());
    }
}

fn hypothesis_row(
    number: usize,
    hypothesis: &Hypothesis,
    lesson: Option<&Lesson>,
    form: &mut TeachForm,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let samples = lesson.map_or(0, |lesson| {
        let of = lesson.samples.iter();
        of.filter(|sample| sample.hypothesis.as_ref() == Some(&hypothesis.id))
            .count()
    });
    ui.horizontal(|ui| {
        let remove = ui
            .small_button("×")
            .on_hover_text("Remove it with its samples");
        let remove = remove.accessible_name(format!("Remove hypothesis: {}", hypothesis.text));
        if let (true, Some(lesson)) = (remove.clicked(), lesson) {
            let (lesson, hypothesis) = (lesson.id.clone(), hypothesis.id.clone());
            out.push(Command::RemoveHypothesis { lesson, hypothesis }.into());
        }
        let (kind, meaning) = kind_words(hypothesis.kind);
        let chosen = form.of.as_ref() == Some(&hypothesis.id);
        let text = format!(
            "{number}. {}  ({})",
            hypothesis.text,
            many(samples, "sample")
        );
        let button = egui::Button::selectable(chosen, text).wrap();
        let button = ui
            .add(button)
            .on_hover_text(format!("{kind}. {meaning} Click to write samples for it"));
        if button.clicked() {
            form.of = Some(hypothesis.id.clone());
            form.focus = Some(Field::Sample);
        }
    });
}

fn kind_words(kind: HypothesisKind) -> (&'static str, &'static str) {
    match kind {
        HypothesisKind::Abstraction => ("Abstraction", words::ABSTRACTION),
        HypothesisKind::Extrapolation => ("Extrapolation", words::EXTRAPOLATION),
    }
}

/// The editor of samples.
pub(super) fn sample(
    lesson: Option<&Lesson>,
    spot: &BlindSpot,
    read: &Read<'_>,
    form: &mut TeachForm,
    (live, checks): (Option<&mut Live>, Option<&mut LiveChecks>),
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let title = match form.replaces {
        Some(_) => "2  Change a sample",
        None => "2  Write a sample",
    };
    section(
        ui,
        title,
        "A new text with its right label, for the chosen hypothesis",
    );
    keys(lesson, read, form, ui);
    edited(spot, read, form, ui);
    label_choice(spot, read, form, ui);
    let entered = text_fields(read, form, ui);
    let label = form.label.unwrap_or(spot.true_label);
    let text = form.text(read);
    let said = live.and_then(|live| answer(live, &text, read.label(label), spot, read, form, ui));
    let subject = Subject {
        text: text.clone(),
        label: read.label(label).to_owned(),
        edit_of: form.edit_of.clone(),
    };
    let none = SameTexts::default();
    let same = lesson.and_then(|lesson| form.table.same(lesson));
    let others = (same.unwrap_or(&none), form.replaces.as_ref());
    let problem = checks.and_then(|checks| draft_check(checks, &subject, others, ui));
    ui.horizontal(|ui| {
        let ready = !text.first.is_empty() && problem.is_none();
        let add = if form.replaces.is_some() {
            "Save the change"
        } else {
            "Add the sample"
        };
        let clicked = primary_button(ui, add, ready).clicked();
        if (form.edit_of.is_some() || form.replaces.is_some()) && ui.button("Cancel").clicked() {
            form.clear_draft();
        }
        if ready && (clicked || entered) {
            put(lesson, spot, read, form, subject, said, out);
        }
        caption(ui, "Enter adds it")
            .on_hover_text("Ctrl+1 … 9 chooses the label, Alt+Up and Alt+Down the hypothesis");
    });
    if read.state.built_in_model {
        caption(ui, words::ENGLISH_ONLY);
    }
}

/// Labels and hypotheses by keys, so that hands stay on the keyboard.
fn keys(lesson: Option<&Lesson>, read: &Read<'_>, form: &mut TeachForm, ui: &Ui) {
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
    if let (true, Some(lesson)) = (step != 0, lesson) {
        let all = &lesson.hypotheses;
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
fn edited(spot: &BlindSpot, read: &Read<'_>, form: &TeachForm, ui: &mut Ui) {
    let Some(row) = form
        .edit_of
        .as_ref()
        .and_then(|key| read.derived.row_of(key))
    else {
        return;
    };
    let predicted = read
        .derived
        .rows
        .get(row)
        .map_or(spot.predicted, |facts| facts.predicted);
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

fn label_choice(spot: &BlindSpot, read: &Read<'_>, form: &mut TeachForm, ui: &mut Ui) {
    let labels = &read.state.dataset.labels;
    let now = form.label.unwrap_or(spot.true_label);
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
        egui::ComboBox::from_id_salt("label of the sample")
            .selected_text(read.label(now))
            .show_ui(ui, |ui| {
                for (label, name) in numbered {
                    if choice(ui, label == now, name) {
                        form.label = Some(label);
                    }
                }
            })
            .response
            .accessible_name("Label of the sample");
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
    text: &Text,
    wanted: &str,
    spot: &BlindSpot,
    read: &Read<'_>,
    form: &TeachForm,
    ui: &mut Ui,
) -> Option<ModelSaid> {
    if text.first.is_empty() {
        caption(ui, "The model's answer appears here as you type");
        return None;
    }
    match live.get(text) {
        None => {
            caption(ui, "The model reads …");
            None
        }
        Some(Err(error)) => {
            ui.label(RichText::new(error).color(tokens(ui.ctx()).bad));
            None
        }
        Some(Ok(said)) => {
            let tokens = tokens(ui.ctx());
            let fooled = said.label != wanted;
            let changed = form.edit_of.is_some() && said.label != read.label(spot.predicted);
            let (verdict, colour) = match (fooled, changed) {
                (true, _) => (
                    format!(
                        "You say {wanted}, the model says {}: this fools the model",
                        said.label
                    ),
                    tokens.good,
                ),
                (false, true) => ("the model has changed its mind".to_owned(), tokens.accent),
                (false, false) => ("the model gets this right".to_owned(), tokens.text_weak),
            };
            ui.horizontal_wrapped(|ui| {
                ui.label(RichText::new(format!(
                    "Model: {} {}",
                    said.label,
                    percent(said.confidence)
                )));
                ui.label(RichText::new(verdict).color(colour).strong());
            });
            Some(said.clone())
        }
    }
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
        facts.push(format!("nearest training text: cosine {:.2}", near.cosine));
    }
    if let Some(ratio) = check.edit_ratio {
        facts.push(format!("{:.0} % of the characters changed", ratio * 100.0));
    }
    facts.push(format!(
        "longer than {:.0} % of the training texts",
        check.length_percentile * 100.0
    ));
    caption(ui, facts.join("  ·  ")).on_hover_text(words::NEAREST_TRAINING);
    let problem = check.problem();
    if let Some(problem) = &problem {
        ui.label(RichText::new(problem).color(tokens(ui.ctx()).bad));
    }
    problem
}

fn put(
    lesson: Option<&Lesson>,
    spot: &BlindSpot,
    read: &Read<'_>,
    form: &mut TeachForm,
    subject: Subject,
    said: Option<ModelSaid>,
    out: &mut Vec<Ask>,
) {
    let id = form.begun(lesson, spot, read, out);
    let known = lesson.is_some_and(|lesson| {
        let mut hypotheses = lesson.hypotheses.iter();
        hypotheses.any(|h| Some(&h.id) == form.of.as_ref())
    });
    let right = read.label(spot.true_label);
    let mut all = lesson.into_iter().flat_map(|lesson| &lesson.samples);
    let before = all.find(|sample| Some(&sample.id) == form.replaces.as_ref());
    let same = before.is_some_and(|old| old.text == subject.text && old.label == subject.label);
    let of_model = before.is_some_and(|old| old.author != Author::Human);
    let sample = Sample {
        id: form
            .replaces
            .take()
            .unwrap_or_else(|| RecordId::random("sample")),
        hypothesis: form.of.clone().filter(|_| known),
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
        model_said: said,
    };
    form.record_time(&id, lesson, read, out);
    let command = Command::PutSample {
        lesson: id,
        sample: Box::new(sample),
    };
    out.push(command.into());
    form.clear_draft();
    form.focus = Some(Field::Sample);
}
