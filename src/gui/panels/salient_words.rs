//! The text of an example with the words that the model's answer rests on.

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Align, FontId, RichText, Stroke, Ui};

use super::widgets::{caption, percent, quote};
use crate::dataset::Example;
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::words;
use crate::inference::saliency::{Saliency, WordEffect};
use crate::records::Text;
use crate::session::{Command, JobKind, JobState, JobStatus};

/// Words listed by name at most.
const MOST_LISTED: usize = 5;
/// An effect below this, in probability, is no news.
const LEAST_EFFECT: f32 = 0.005;
/// The effect that is coloured as strongly as can be, unless a word of the
/// text has a larger one.
const STRONG_EFFECT: f32 = 0.1;

/// Shows the text of an example; asks for the words that matter once.
pub fn ui(example: &Example, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(text) = example.text() else {
        return;
    };
    let found = cx.state.words_of(&example.key);
    part(text, false, found, cx, ui);
    part(text, true, found, cx, ui);
    strongest_or_wait(example, cx, ui);
}

/// The words that matter most by name; asks for them once.
pub(super) fn strongest_or_wait(example: &Example, cx: &mut Cx<'_>, ui: &mut Ui) {
    match (example.text(), cx.state.words_of(&example.key)) {
        (Some(text), Some(found)) => strongest(text, found, cx, ui),
        _ => {
            ask(example, cx);
            if cx.is_busy(JobKind::Saliency) {
                caption(ui, "Looking for the words that matter …");
            }
        }
    }
}

/// Asks once for the words of an example that matter, unless they are known.
pub fn ask(example: &Example, cx: &mut Cx<'_>) {
    if cx.state.words_of(&example.key).is_some() {
        return;
    }
    if cx.state.base.is_none() || cx.state.predictions.is_none() {
        return;
    }
    let failed = |job: &JobStatus| {
        job.kind == JobKind::Saliency && matches!(job.state, JobState::Failed { .. })
    };
    if cx.jobs.statuses().any(failed) {
        // The job list says why; asking again would only repeat it.
        return;
    }
    let temperature = cx.state.effective_temperature().to_bits();
    let model = cx.state.document.model_round;
    let asked = Some((example.key.clone(), model, temperature));
    if cx.view.words_asked != asked {
        cx.view.words_asked = asked;
        cx.ask(Command::ComputeSaliency(example.key.clone()));
    }
}

/// One text of the example, its words coloured once their effects are known.
fn part(text: &Text, second: bool, found: Option<&Saliency>, read: &Read<'_>, ui: &mut Ui) {
    let written = match (second, &text.second) {
        (true, Some(second)) => second.as_str(),
        (true, None) => return,
        (false, _) => text.first.as_str(),
    };
    let tokens = tokens(ui.ctx());
    let mut job = LayoutJob::default();
    let strength = (found, STRONG_EFFECT);
    coloured(&mut job, (written, second), strength, (theme::BODY, tokens));
    let response = quote(ui, job.clone());
    let Some(found) = found else {
        return;
    };
    let described = described(text, found, read);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(described);
    });
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    // Laid out as the label was, which is cached: where is the pointer in it?
    job.wrap.max_width = response.rect.width();
    let galley = ui.painter().layout_job(job);
    let at = galley.cursor_from_pos(pointer - response.rect.min).index;
    let byte = written
        .char_indices()
        .nth(at.into())
        .map_or(written.len(), |(byte, _)| byte);
    let over = found
        .words
        .iter()
        .find(|word| word.second == second && word.range.contains(&byte));
    let tip = match over {
        Some(word) => effect_sentence(text, word, found, read),
        None if found.cut && byte >= read_until(found, second) => {
            "The model does not read this part: the text is longer than it takes".to_owned()
        }
        None => return,
    };
    response.on_hover_text_at_pointer(tip);
}

fn read_until(found: &Saliency, second: bool) -> usize {
    let words = found.words.iter().filter(|word| word.second == second);
    words.map(|word| word.range.end).max().unwrap_or(0)
}

/// A text, or a pair of them below each other, of any size, its words coloured
/// once their effects are known: to be seen from afar, the strongest of them as
/// strongly as can be.
pub fn marked(text: &Text, found: Option<&Saliency>, size: f32, tokens: &Tokens) -> LayoutJob {
    let mut job = LayoutJob::default();
    let strength = (found, LEAST_EFFECT);
    coloured(&mut job, (&text.first, false), strength, (size, tokens));
    if let Some(second) = &text.second {
        let between = TextFormat::simple(FontId::proportional(size), tokens.text_weak);
        job.append("\n\n", 0.0, between);
        coloured(&mut job, (second, true), strength, (size, tokens));
    }
    job
}

/// Writes a text with each word on a ground that says how much it matters, and
/// words against the answer underlined: colour alone tells nothing. An effect of
/// `strong` is coloured as strongly as can be, or the largest where that is
/// larger.
fn coloured(
    job: &mut LayoutJob,
    (written, second): (&str, bool),
    (found, strong): (Option<&Saliency>, f32),
    (size, tokens): (f32, &Tokens),
) {
    let plain = TextFormat {
        font_id: FontId::proportional(size),
        color: tokens.text,
        valign: Align::Center,
        ..TextFormat::default()
    };
    let mut at = 0;
    let words = found.map_or(&[][..], |found| &found.words);
    let most = words.iter().map(|word| word.effect.abs());
    let most = most.fold(strong, f32::max);
    for word in words.iter().filter(|word| word.second == second) {
        let Some(of_word) = written.get(word.range.clone()) else {
            continue;
        };
        job.append(
            written.get(at..word.range.start).unwrap_or(""),
            0.0,
            plain.clone(),
        );
        let mut format = plain.clone();
        if word.effect.abs() >= LEAST_EFFECT {
            format.background = tokens.word_ground(word.effect / most);
            if word.effect < 0.0 {
                format.underline = Stroke::new(1.5, tokens.speaks_against());
            }
        }
        job.append(of_word, 0.0, format);
        at = word.range.end;
    }
    let mut rest = plain;
    if found.is_some_and(|found| found.cut) {
        rest.color = tokens.text_weak;
    }
    job.append(written.get(at..).unwrap_or(""), 0.0, rest);
}

/// Whether some word speaks for the answer, and whether some speaks against it.
pub fn matters(found: &Saliency) -> [bool; 2] {
    sides(found).map(|side| !side.is_empty())
}

/// What the model would say without a word.
pub fn effect_sentence(
    text: &Text,
    word: &WordEffect,
    found: &Saliency,
    read: &Read<'_>,
) -> String {
    let without = (found.probability - word.effect).clamp(0.0, 1.0);
    format!(
        "Without “{}” the model would say “{}” with {} instead of {}",
        word.of(text),
        read.label(found.label),
        percent(without),
        percent(found.probability),
    )
}

/// “great +32.0 points”.
fn with_points(text: &Text, word: &WordEffect) -> String {
    let sign = if word.effect < 0.0 { '−' } else { '+' };
    let points = 100.0 * word.effect.abs();
    format!("{} {sign}{points:.1}", word.of(text))
}

/// The words that matter most: those for the answer, those against it.
fn sides(found: &Saliency) -> [Vec<&WordEffect>; 2] {
    let strongest = found.strongest(MOST_LISTED).into_iter();
    let (for_it, against) = strongest
        .filter(|word| word.effect.abs() >= LEAST_EFFECT)
        .partition(|word| word.effect > 0.0);
    [for_it, against]
}

fn described(text: &Text, found: &Saliency, read: &Read<'_>) -> String {
    let [for_it, against] = sides(found);
    let list = |words: Vec<&WordEffect>| {
        let words = words.into_iter().map(|word| with_points(text, word));
        words.collect::<Vec<_>>().join(", ")
    };
    let label = read.label(found.label);
    format!(
        "Words for {label}, in points of confidence: {}. Against: {}.",
        list(for_it),
        list(against)
    )
}

fn strongest(text: &Text, found: &Saliency, read: &Read<'_>, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let [for_it, against] = sides(found);
    if for_it.is_empty() && against.is_empty() {
        caption(
            ui,
            "No single word matters: without any one of them the answer is the same",
        )
        .on_hover_text(words::SALIENCY);
        return;
    }
    let label = read.label(found.label);
    let heads = [format!("for “{label}”"), format!("against “{label}”")];
    for (head, list) in heads.into_iter().zip([for_it, against]) {
        if list.is_empty() {
            continue;
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            caption(ui, head).on_hover_text(words::SALIENCY);
            for word in list {
                let written = RichText::new(with_points(text, word)).size(theme::SMALL);
                let ground = tokens.word_ground(word.effect / STRONG_EFFECT);
                ui.label(written.background_color(ground))
                    .on_hover_text(effect_sentence(text, word, found, read));
            }
        });
    }
    if found.cut {
        caption(
            ui,
            "The grey end of the text is longer than the model reads",
        );
    }
}
