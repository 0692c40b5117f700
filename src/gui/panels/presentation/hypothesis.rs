//! Why the model errs, in the teacher's words, and what was written for it.

use eframe::egui::{Label, Rect, RichText, Ui};

use super::scale::{Scale, columns, cut_bottom, cut_top, fitted, plain};
use super::{nothing, page, told, within};
use crate::gui::read::{Cx, shown};
use crate::gui::theme::{self, tokens};
use crate::records::{Author, BlindSpotId, Hypothesis, Lesson, Sample, Standing};
use crate::support::text::{agreeing, many};

const HEAD: &str = "Why, in the teacher's words";

pub(super) fn ui(on: Option<BlindSpotId>, scale: Scale, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(lesson) = told::lesson(&cx.read, on) else {
        return nothing(
            HEAD,
            "Nobody has said why yet",
            "write, ask for or import a lesson under Teach: its first hypothesis stands here",
            scale,
            ui,
        );
    };
    let hypothesis = lesson.hypotheses.first();
    let mut room = page(HEAD, scale, ui);
    let about = cut_top(&mut room, scale.small() * 2.0);
    let name = cx.state.blind_spot_name(lesson.blind_spot);
    within(about, ui, |ui| {
        weak(&format!("on the blind spot “{name}”"), scale, ui);
    });
    let teacher = cut_bottom(&mut room, scale.text() * 1.6);
    cut_bottom(&mut room, scale.gap());
    let height = room.height();
    if let Some(hypothesis) = hypothesis {
        let part = cut_top(&mut room, height * 0.46);
        why(part, hypothesis, lesson, scale, ui);
    }
    samples(room, hypothesis, lesson, scale, ui);
    within(teacher, ui, |ui| {
        let line = RichText::new(who(lesson)).size(scale.text());
        ui.add(Label::new(line).truncate());
    });
}

fn weak(line: &str, scale: Scale, ui: &mut Ui) {
    let colour = tokens(ui.ctx()).text_weak;
    let line = RichText::new(line).size(scale.small()).color(colour);
    ui.add(Label::new(line).truncate());
}

/// The hypothesis, and how it did when it was asked of texts.
fn why(mut room: Rect, hypothesis: &Hypothesis, lesson: &Lesson, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let (checked, colour) = match hypothesis.standing(lesson.snapshot) {
        Standing::Unchecked => ("", tokens.text_weak),
        Standing::Supported => (
            "asked of errors that its writer had not seen, it held",
            tokens.good,
        ),
        Standing::Unsupported => (
            "asked of errors that its writer had not seen, it did not hold",
            tokens.caution,
        ),
    };
    if !checked.is_empty() {
        let below = cut_bottom(&mut room, scale.small() * 2.0);
        within(below, ui, |ui| {
            let line = RichText::new(checked).size(scale.small()).color(colour);
            ui.add(Label::new(line).truncate());
        });
    }
    let said = format!("“{}”", hypothesis.text.trim());
    let sizes = scale.small()..=scale.points(40.0);
    let galley = fitted(room.size(), sizes, plain(&said, tokens.text), ui);
    let above = ((room.height() - galley.size().y) / 2.0).max(0.0);
    within(room, ui, |ui| {
        ui.add_space(above);
        ui.add(Label::new(galley).selectable(false));
    });
}

/// One or two samples, beside each other.
fn samples(
    mut room: Rect,
    hypothesis: Option<&Hypothesis>,
    lesson: &Lesson,
    scale: Scale,
    ui: &mut Ui,
) {
    let two = two_of(lesson, hypothesis);
    if two.is_empty() {
        return within(room, ui, |ui| {
            weak("no sample was written for it yet", scale, ui);
        });
    }
    let head = cut_top(&mut room, scale.small() * 2.0);
    let all = lesson.training_samples().count();
    let of = format!(
        "{} of {} that were written for it",
        two.len(),
        many(all, "sample")
    );
    within(head, ui, |ui| weak(&of, scale, ui));
    let parts = columns(room, two.len(), scale.gap());
    for (part, sample) in parts.into_iter().zip(two) {
        written(part, sample, scale, ui);
    }
}

/// A sample with its label.
fn written(room: Rect, sample: &Sample, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    ui.painter().rect_filled(room, theme::RADIUS, tokens.raised);
    let mut inner = room.shrink(scale.gap());
    let label = cut_bottom(&mut inner, scale.small() * 2.0);
    let text = shown(&sample.text);
    let sizes = scale.points(11.0)..=scale.points(30.0);
    let galley = fitted(inner.size(), sizes, plain(&text, tokens.text), ui);
    within(inner, ui, |ui| {
        ui.add(Label::new(galley).selectable(false));
    });
    within(label, ui, |ui| {
        let kind = match sample.contrast {
            true => "a contrast, which is",
            false => "which is",
        };
        let said = format!("{kind} {}", sample.label);
        let line = RichText::new(said).size(scale.small()).color(tokens.accent);
        ui.add(Label::new(line).truncate());
    });
}

/// A sample and one with another label, those written for the hypothesis
/// first.
fn two_of<'a>(lesson: &'a Lesson, hypothesis: Option<&Hypothesis>) -> Vec<&'a Sample> {
    let id = hypothesis.map(|hypothesis| &hypothesis.id);
    let mut all: Vec<&Sample> = lesson.training_samples().collect();
    all.sort_by_key(|sample| (sample.hypothesis.as_ref() != id, sample.contrast));
    let Some(first) = all.first().copied() else {
        return Vec::new();
    };
    let other = all.iter().find(|sample| sample.label != first.label);
    let other = other.or(all.get(1)).copied();
    [Some(first), other].into_iter().flatten().collect()
}

/// Who the teacher was.
fn who(lesson: &Lesson) -> String {
    let kind = match (&lesson.author, lesson.familiarity) {
        (Author::Llm { model, .. }, _) if model.eq_ignore_ascii_case(&lesson.teacher) => {
            "a language model".to_owned()
        }
        (Author::Llm { model, .. }, _) => format!("a language model ({model})"),
        (Author::Human, Some(known)) => format!("a person, who {}", of_person(known.in_words())),
        (Author::Human, None) => "a person".to_owned(),
    };
    let count = lesson.hypotheses.len();
    let wrote = match count {
        0 => String::new(),
        some => format!(
            ", with {some} {} on this blind spot",
            agreeing(some, "hypothesis", "hypotheses")
        ),
    };
    format!("By {}, {kind}{wrote}", lesson.teacher)
}

/// “new to it” wants a verb.
fn of_person(familiar: &str) -> String {
    match familiar.starts_with("new") {
        true => format!("is {familiar}"),
        false => familiar.to_owned(),
    }
}
