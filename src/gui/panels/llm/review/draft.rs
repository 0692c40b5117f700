//! One draft: what is known of it, and what is decided about it.

use eframe::egui::{self, RichText, Ui};

use super::{ACTS, Act, Open, ReviewForm, beside, next_draft, tooltip};
use crate::dataset::Example;
use crate::gui::live::LiveAnswers;
use crate::gui::live_checks::Subject;
use crate::gui::panels::form::{SHORT_MENU, entered, line, lines, menu};
use crate::gui::panels::widgets::{bad, button_if, caption, percent, tag};
use crate::gui::read::{Ask, Cx, Read, shown};
use crate::gui::theme::tokens;
use crate::gui::words;
use crate::records::{Lesson, ModelAnswer, Review, Sample, Text};
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
        egui::Label::new(shown(&sample.text))
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
        None => ("Its label was not judged apart".into(), tokens.text_weak),
        Some(label) => match *label == sample.label {
            true => (format!("Judged apart: {label}, as intended"), tokens.good),
            false => (
                format!("Judged apart: {label}, not as intended"),
                tokens.bad,
            ),
        },
    };
    ui.label(RichText::new(judged).color(colour))
        .on_hover_text("The label that a separate call gave, which did not see the intended one");
    if let Some(said) = &sample.model_answer {
        let (confidence, verdict) = (percent(said.confidence), verdict(said, &sample.label));
        ui.label(format!("Model: {} {confidence}, {verdict}", said.label));
    }
    if let Review::Rejected { reason } = &sample.review {
        bad(ui, reason);
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

fn verdict(said: &ModelAnswer, wanted: &str) -> &'static str {
    match said.label == wanted {
        true => "the model gets this right",
        false => "this fools the model",
    }
}

/// The training text nearest to a draft. It is found in the background, so it
/// stands below the buttons: nothing that is clicked moves when it comes.
pub(super) fn nearest(sample: &Sample, answers: &mut LiveAnswers, read: &Read<'_>, ui: &mut Ui) {
    let check = answers.checks.as_mut();
    if let Some(Ok(check)) = check.and_then(|checks| checks.get(&Subject::of(sample)))
        && let Some(near) = &check.nearest
    {
        let dataset = &read.state.dataset;
        let example = dataset
            .index_of(&near.key)
            .map(|index| &dataset.examples[index]);
        let text = example.and_then(Example::text);
        let text = text.map_or_else(String::new, Text::joined);
        let said = format!("Nearest training text ({:.2}): {text}", near.cosine);
        caption(ui, said).on_hover_text(words::NEAREST_TRAINING);
    }
}

pub(super) fn buttons(ui: &mut Ui) -> Option<Act> {
    let mut clicked = None;
    ui.horizontal_wrapped(|ui| {
        for (act, name, what, modifiers, key) in &ACTS[1..] {
            if button_if(ui, true, name, &tooltip(what, *modifiers, *key)) {
                clicked = Some(*act);
            }
        }
    });
    clicked
}

pub(super) fn carry_out(
    act: Act,
    sample: &Sample,
    lesson: &Lesson,
    form: &mut ReviewForm,
    cx: &mut Cx<'_>,
) {
    form.open = Open::Nothing;
    match act {
        Act::Accept => decide(sample, Review::Accepted, lesson, form, cx),
        Act::AcceptPassing => {
            form.record_time(lesson, cx);
            cx.ask(Command::AcceptPassing(lesson.id.clone()));
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
    cx: &mut Cx<'_>,
) {
    let decided = Sample {
        review,
        ..sample.clone()
    };
    form.record_time(lesson, cx);
    cx.ask(Ask::put_sample(lesson, decided));
    form.open = Open::Nothing;
    form.at = next_draft(lesson, Some(&sample.id)).or_else(|| Some(sample.id.clone()));
}

pub(super) fn edit(
    sample: &Sample,
    lesson: &Lesson,
    form: &mut ReviewForm,
    answers: &mut LiveAnswers,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let Open::Editing { text, label } = &mut form.open else {
        return;
    };
    lines(ui, "Text of the draft", &mut text.first, 2);
    if let Some(second) = &mut text.second {
        lines(ui, "Second text of the draft", second, 2);
    }
    let labels = cx.state.dataset.labels.iter();
    let labels = labels.map(|name| (name.clone(), name));
    let shown = label.clone();
    menu(
        ui,
        ("Label of the draft", SHORT_MENU),
        &shown,
        label,
        labels,
    );
    let live = answers.live.as_mut();
    let said = live.and_then(|live| live.get(text)).cloned();
    let answer = match &said {
        Some(Ok(said)) => {
            let (confidence, verdict) = (percent(said.confidence), verdict(said, label));
            format!("{} {confidence}: {verdict}", said.label)
        }
        // A line in any case: the buttons below must not move.
        _ => "the model reads …".to_owned(),
    };
    caption(ui, answer);
    let (accepted, left) = ui
        .horizontal(|ui| {
            let sound = !text.first.trim().is_empty();
            let accepted = button_if(ui, sound, "Accept the edit", "");
            (accepted, ui.button("Leave it").clicked())
        })
        .inner;
    let same = *text == sample.text;
    let edited = accepted.then(|| Sample {
        text: text.clone(),
        label: label.clone(),
        // What was judged was another text.
        judged_label: sample.judged_label.clone().filter(|_| same),
        model_answer: said.and_then(Result::ok),
        edited: sample.edited || !same || *label != sample.label,
        ..sample.clone()
    });
    if left {
        form.open = Open::Nothing;
    }
    if let Some(edited) = edited {
        decide(&edited, Review::Accepted, lesson, form, cx);
    }
}

pub(super) fn reject(
    sample: &Sample,
    lesson: &Lesson,
    form: &mut ReviewForm,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let Open::Rejecting(typed) = &mut form.open else {
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
    let hint = "Another reason; Enter rejects";
    let field = line(ui, "Reason for rejecting", typed, hint, f32::INFINITY);
    if entered(&field) {
        done = Some(typed.trim().to_owned()).filter(|reason| !reason.is_empty());
    }
    if ui.button("Leave it").clicked() {
        form.open = Open::Nothing;
    }
    if let Some(reason) = done {
        decide(sample, Review::Rejected { reason }, lesson, form, cx);
    }
}
