//! One text that fools the model, large, with the words that mislead it.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId, Label, Rect, RichText, Stroke, Ui, vec2};

use super::scale::{Scale, columns, cut_bottom, fitted, line, plain};
use super::told::Fooled;
use super::{chosen, nothing, page, within};
use crate::gui::panels::salient_words::{ask, effect_sentence, marked, matters};
use crate::gui::panels::widgets::percent;
use crate::gui::read::{Cx, Read};
use crate::gui::theme::tokens;
use crate::inference::saliency::Saliency;
use crate::records::{Text, Triage};
use crate::session::JobKind;
use crate::support::text::many;

const HEAD: &str = "This fools the model";

pub(super) fn ui(texts: &[Fooled], scale: Scale, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(fooled) = chosen(texts, cx.view) else {
        let (what, next) = missing(cx);
        return nothing(HEAD, what, next, scale, ui);
    };
    let dataset = &cx.state.dataset;
    let Some(example) = dataset.examples.get(fooled.error.example) else {
        return;
    };
    let Some(text) = example.text() else {
        return;
    };
    if !cx.state.black_box {
        ask(example, cx);
    }
    let found = cx.state.words_of(&example.key);
    // A model that was kept may say something else by now.
    let found = found.filter(|found| found.label == fooled.error.predicted);
    let tokens = tokens(ui.ctx());

    let mut room = page(HEAD, scale, ui);
    let answers = cut_bottom(&mut room, scale.points(148.0));
    let legend = cut_bottom(&mut room, scale.small() * 2.2);
    let what_for = super::scale::cut_top(&mut room, scale.small() * 2.8);
    within(what_for, ui, |ui| task(what_for, cx, scale, ui));
    let whose = super::scale::cut_top(&mut room, scale.small() * 2.0);
    within(whose, ui, |ui| {
        whose_text(fooled, example.source, cx, scale, ui);
    });
    let sizes = scale.small()..=scale.points(56.0);
    let job = |size| marked(text, found, size, tokens);
    let galley = fitted(room.size(), sizes, job, ui);
    let above = ((room.height() - galley.size().y) / 2.0).max(0.0);
    within(room, ui, |ui| {
        ui.add_space(above);
        ui.add(Label::new(galley).selectable(false));
    });
    within(legend, ui, |ui| words((text, found), cx, scale, ui));
    let right = judged(fooled, cx);
    said(answers, fooled, right, cx, scale, ui);
}

fn missing(read: &Read<'_>) -> (&'static str, &'static str) {
    if read.state.predictions.is_none() {
        (
            "The model has not been asked yet",
            "end the presentation and follow the button at the left",
        )
    } else if read.derived.counts().uus == 0 {
        (
            "No confident error was found",
            "lower τ, or look for more texts: then one of them stands here",
        )
    } else {
        (
            "No error may be shown yet",
            "freeze the blind spots: that says which errors are shown and which kept back",
        )
    }
}

/// What the model is for, in the project's own words.
fn task(room: Rect, read: &Read<'_>, scale: Scale, ui: &mut Ui) {
    let manifest = &read.state.manifest;
    let about = match manifest.task.as_str() {
        "" => manifest.name.clone(),
        task => match manifest.name.trim_end_matches([':', '.']) {
            asks if asks.ends_with('?') => format!("{asks} {}", task.trim()),
            name => format!("{name}: {}", task.trim()),
        },
    };
    let sizes = scale.points(10.0)..=scale.small();
    let galley = fitted(room.size(), sizes, plain(&about, tokens(ui.ctx()).text), ui);
    ui.add(Label::new(galley).selectable(false));
}

/// What a label means, where the project says so.
fn meaning<'a>(label: u16, read: &Read<'a>) -> &'a str {
    let name = read.label(label);
    let labels = read.state.manifest.labels.iter();
    let mut of_it = labels.filter(|named| named.name == name);
    let described = of_it.next().and_then(|named| named.description.as_deref());
    described.unwrap_or_default()
}

/// Which blind spot it is from.
fn whose_text(fooled: &Fooled, source: u16, read: &Read<'_>, scale: Scale, ui: &mut Ui) {
    let name = read.state.blind_spot_name(fooled.spot);
    let of = format!(
        "from {}, one of {} in the blind spot “{name}”",
        read.source(source),
        many(fooled.errors, "such error")
    );
    let weak = tokens(ui.ctx()).text_weak;
    ui.add(Label::new(RichText::new(of).size(scale.small()).color(weak)).truncate());
}

/// Whether a person has said what is right, rather than the data.
fn judged(fooled: &Fooled, read: &Read<'_>) -> bool {
    let key = read.state.dataset.examples.get(fooled.error.example);
    let triage = key.and_then(|example| read.state.document.triage.get(&example.key));
    matches!(triage, Some(Triage::WrongLabel(Some(_))))
}

/// What the model says, and what is right, side by side.
fn said(room: Rect, fooled: &Fooled, by_person: bool, read: &Read<'_>, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let error = &fooled.error;
    let sure = format!("{} sure", percent(error.confidence));
    // A retrained model that was kept need not say so any more.
    let model = match read.state.document.model_round {
        0 => "the model says",
        _ => "the base model says",
    };
    let right = match by_person {
        true => "a person says",
        false => "the data say",
    };
    let both = [
        (model, error.predicted, tokens.bad, sure.as_str()),
        (right, error.true_label, tokens.good, ""),
    ];
    let parts = columns(room, both.len(), scale.gap() * 2.0);
    for (part, (who, of, colour, below)) in parts.into_iter().zip(both) {
        let edge = Rect::from_min_size(part.min, vec2(scale.points(5.0), part.height()));
        ui.painter().rect_filled(edge, 2, colour);
        let part = part.with_min_x(part.left() + scale.gap() * 1.5);
        within(part, ui, |ui| {
            let weak = tokens.text_weak;
            ui.label(RichText::new(who).size(scale.small()).color(weak));
            let sizes = scale.small()..=scale.points(44.0);
            let label = line(part.width(), sizes, plain(read.label(of), colour), ui);
            ui.add(Label::new(label).selectable(false));
            if !below.is_empty() {
                ui.label(RichText::new(below).size(scale.text()));
            }
            let left = vec2(part.width(), part.bottom() - ui.cursor().top());
            let sizes = scale.points(9.0)..=scale.small();
            let meaning = fitted(left, sizes, plain(meaning(of, read), weak), ui);
            ui.add(Label::new(meaning).selectable(false));
        });
    }
}

/// What the colours of the words mean.
fn words((text, found): (&Text, Option<&Saliency>), read: &Read<'_>, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let size = scale.small();
    let Some(found) = found else {
        if read.is_busy(JobKind::Saliency) {
            let looking = RichText::new("Looking for the words that matter …").size(size);
            ui.label(looking.color(tokens.text_weak));
        }
        return;
    };
    let [for_it, against] = matters(found);
    let said = read.label(found.label);
    let mut job = LayoutJob::default();
    let plain = TextFormat::simple(FontId::proportional(size), tokens.text_weak);
    let ground = |colour: Color32| TextFormat {
        background: colour,
        color: tokens.text,
        ..plain.clone()
    };
    if !for_it && !against {
        job.append(
            "no single word matters: without any one of them it says the same",
            0.0,
            plain,
        );
    } else {
        if for_it {
            let format = ground(tokens.word_ground(1.0));
            job.append(&format!(" words for “{said}” "), 0.0, format);
        }
        if against {
            let format = TextFormat {
                underline: Stroke::new(1.5, tokens.speaks_against()),
                ..ground(tokens.word_ground(-1.0))
            };
            job.append(&format!(" words against “{said}” "), size, format);
        }
        let strongest = found.strongest(1);
        let said = strongest
            .first()
            .map(|word| effect_sentence(text, word, found, read));
        job.append(&said.unwrap_or_default(), size, plain);
    }
    ui.add(Label::new(job).truncate().selectable(false));
}
