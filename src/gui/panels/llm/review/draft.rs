//! One draft: what is known of it, and what is decided about it.

use eframe::egui::{self, Key, RichText, TextEdit, Ui};

use super::{Act, Open, ReviewForm, beside, fools, next_draft};
use crate::dataset::Example;
use crate::gui::live_checks::Subject;
use crate::gui::panels::llm::Checks;
use crate::gui::panels::widgets::{caption, choice, percent, tag};
use crate::gui::read::{Ask, Read};
use crate::gui::theme::tokens;
use crate::gui::words;
use crate::records::{Lesson, Review, Sample, Text};
use crate::session::Command;

/// Reasons that are a click away.
const REASONS: [&str; 4] = [
    "wrong label",
    "does not sound real",
    "beside the hypothesis",
    "says nothing new",
];

pub(super) fn details(sample: &Sample, lesson: &Lesson, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    ui.add(
        egui::Label::new(sample.text.joined())
            .wrap()
            .selectable(true),
    );
    ui.horizontal_wrapped(|ui| {
        tag(ui, &sample.label, tokens.accent).on_hover_text("The label it was written for");
        let (state, colour) = match &sample.review {
            Review::Draft => ("unconfirmed draft", tokens.caution),
            Review::Accepted => ("accepted", tokens.good),
            Review::Rejected { .. } => ("rejected", tokens.bad),
        };
        tag(ui, state, colour);
        if sample.contrast {
            tag(ui, "contrast", tokens.text_weak)
                .on_hover_text("Like the errors, but rightly with another label");
        }
    });
    let (judged, colour) = match &sample.judged_label {
        None => (
            "Its label was not judged apart".to_owned(),
            tokens.text_weak,
        ),
        Some(label) if *label == sample.label => {
            (format!("Judged apart: {label}, as intended"), tokens.good)
        }
        Some(label) => (
            format!("Judged apart: {label}, not as intended"),
            tokens.bad,
        ),
    };
    ui.label(RichText::new(judged).color(colour))
        .on_hover_text("The label that a separate call gave, which did not see the intended one");
    if let Some(said) = &sample.model_said {
        let verdict = match fools(sample) {
            Some(true) => "this fools the model",
            _ => "the model gets this right",
        };
        let confidence = percent(said.confidence);
        ui.label(format!("Model: {} {confidence}, {verdict}", said.label));
    }
    if let Review::Rejected { reason } = &sample.review {
        ui.label(RichText::new(reason).color(tokens.bad));
    }
    if sample.edited {
        caption(ui, "Changed by a person after the model had written it");
    }
    let hypothesis = sample.hypothesis.as_ref();
    let hypothesis = lesson.hypotheses.iter().find(|h| Some(&h.id) == hypothesis);
    if let Some(hypothesis) = hypothesis {
        caption(ui, format!("For: {}", hypothesis.text));
    }
}

/// The training text nearest to a draft. It is found in the background, so it
/// stands below the buttons: nothing that is clicked moves when it comes.
pub(super) fn nearest(sample: &Sample, read: &Read<'_>, checks: &mut Checks<'_>, ui: &mut Ui) {
    let check = checks.checks.as_deref_mut();
    if let Some(Ok(check)) = check.and_then(|checks| checks.get(&Subject::of(sample)))
        && let Some(near) = &check.nearest
    {
        let dataset = &read.state.dataset;
        let example = dataset
            .index_of(&near.key)
            .map(|index| &dataset.examples[index]);
        let text = example.and_then(Example::text);
        let text = text.map_or_else(String::new, Text::joined);
        caption(
            ui,
            format!("Nearest training text ({:.2}): {text}", near.cosine),
        )
        .on_hover_text(words::NEAREST_TRAINING);
    }
}

pub(super) fn buttons(ui: &mut Ui) -> Option<Act> {
    let mut act = None;
    ui.horizontal_wrapped(|ui| {
        for (this, name, what) in [
            (Act::Accept, "Accept", "It may be trained on"),
            (Act::Edit, "Edit …", "Change text or label, then accept"),
            (
                Act::Reject,
                "Reject …",
                "Kept with the reason, never trained on",
            ),
            (Act::Next, "Next", "The next sample"),
            (Act::Previous, "Back", "The sample before"),
        ] {
            if ui.button(name).on_hover_text(this.tooltip(what)).clicked() {
                act = Some(this);
            }
        }
    });
    act
}

pub(super) fn carry_out(
    act: Act,
    sample: &Sample,
    lesson: &Lesson,
    form: &mut ReviewForm,
    out: &mut Vec<Ask>,
) {
    form.open = Open::Nothing;
    match act {
        Act::Accept => decide(sample, Review::Accepted, lesson, form, out),
        Act::AcceptPassing => {
            form.record_time(lesson, out);
            out.push(Command::AcceptPassing(lesson.id.clone()).into());
        }
        Act::Edit => {
            form.open = Open::Editing {
                text: sample.text.clone(),
                label: sample.label.clone(),
            };
        }
        Act::Reject => form.open = Open::Rejecting(String::new()),
        Act::Next => form.at = beside(lesson, sample, 1),
        Act::Previous => form.at = beside(lesson, sample, -1),
    }
}

/// Keeps the decision and goes on to the next draft.
fn decide(
    sample: &Sample,
    review: Review,
    lesson: &Lesson,
    form: &mut ReviewForm,
    out: &mut Vec<Ask>,
) {
    let decided = Sample {
        review,
        ..sample.clone()
    };
    form.record_time(lesson, out);
    put(decided, lesson, out);
    form.open = Open::Nothing;
    form.at = next_draft(lesson, Some(&sample.id)).or_else(|| Some(sample.id.clone()));
}

fn put(sample: Sample, lesson: &Lesson, out: &mut Vec<Ask>) {
    let command = Command::PutSample {
        lesson: lesson.id.clone(),
        sample: Box::new(sample),
    };
    out.push(command.into());
}

pub(super) fn edit(
    sample: &Sample,
    lesson: &Lesson,
    read: &Read<'_>,
    form: &mut ReviewForm,
    checks: &mut Checks<'_>,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let Open::Editing { text, label } = &mut form.open else {
        return;
    };
    let field = TextEdit::multiline(&mut text.first)
        .desired_rows(2)
        .desired_width(f32::INFINITY);
    ui.add(field).accessible_name("Text of the draft");
    if let Some(second) = &mut text.second {
        let field = TextEdit::multiline(second)
            .desired_rows(2)
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name("Second text of the draft");
    }
    egui::ComboBox::from_id_salt("label of the draft")
        .selected_text(label.as_str())
        .show_ui(ui, |ui| {
            for name in &read.state.dataset.labels {
                if choice(ui, name == label, name) {
                    label.clone_from(name);
                }
            }
        })
        .response
        .accessible_name("Label of the draft");
    let live = checks.live.as_deref_mut();
    let said = live.and_then(|live| live.get(text)).cloned();
    let answer = match &said {
        Some(Ok(said)) => {
            let verdict = if said.label == *label {
                "the model gets this right"
            } else {
                "this fools the model"
            };
            format!("{} {}: {verdict}", said.label, percent(said.confidence))
        }
        // A line in any case: the buttons below must not move.
        _ => "the model reads …".to_owned(),
    };
    caption(ui, answer);
    let mut decided = None;
    let mut left = false;
    ui.horizontal(|ui| {
        let sound = !text.first.trim().is_empty();
        if ui
            .add_enabled(sound, egui::Button::new("Accept the edit"))
            .clicked()
        {
            let same = *text == sample.text;
            decided = Some(Sample {
                text: text.clone(),
                label: label.clone(),
                // What was judged was another text.
                judged_label: sample.judged_label.clone().filter(|_| same),
                model_said: said.and_then(Result::ok),
                review: Review::Accepted,
                edited: sample.edited || !same || *label != sample.label,
                ..sample.clone()
            });
        }
        left = ui.button("Leave it").clicked();
    });
    if left {
        form.open = Open::Nothing;
    }
    if let Some(edited) = decided {
        decide(&edited, Review::Accepted, lesson, form, out);
    }
}

pub(super) fn reject(
    sample: &Sample,
    lesson: &Lesson,
    form: &mut ReviewForm,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let Open::Rejecting(reason) = &mut form.open else {
        return;
    };
    let mut done = None;
    ui.horizontal_wrapped(|ui| {
        for suggested in REASONS {
            if ui.button(suggested).clicked() {
                done = Some(suggested.to_owned());
            }
        }
    });
    let field = TextEdit::singleline(reason)
        .hint_text("Another reason; Enter rejects")
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("Reason for rejecting");
    if field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        done = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    }
    if ui.button("Leave it").clicked() {
        form.open = Open::Nothing;
    }
    if let Some(reason) = done {
        decide(sample, Review::Rejected { reason }, lesson, form, out);
    }
}
