//! Hypotheses on why the model errs: those there are, and a field for one more.

use eframe::egui::{self, Id, TextEdit, Ui};

use super::{Field, TeachForm, Topic, checking};
use crate::gui::panels::form::{choices, entered};
use crate::gui::panels::widgets::section;
use crate::gui::read::Cx;
use crate::gui::words;
use crate::records::{Author, Hypothesis, HypothesisKind, RecordId, Standing};
use crate::session::Command;
use crate::support::text::many;

/// Room for the word on how a hypothesis stands, in points.
const STANDING: f32 = 104.0;

/// The kinds of hypotheses, with the question that leads to one.
const KINDS: [(HypothesisKind, &str, &str, &str); 2] = [
    (
        HypothesisKind::Abstraction,
        "Pattern I see",
        words::ABSTRACTION,
        "What do these errors have in common? Enter adds it",
    ),
    (
        HypothesisKind::Extrapolation,
        "What may come next",
        words::EXTRAPOLATION,
        "What else would fool it for the same reason? Enter adds it",
    ),
];

/// The list, and a field for one more.
pub(super) fn ui(on: Topic<'_>, form: &mut TeachForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    choose_newest(on, form);
    section(ui, "1  Why does it err?", words::ABSTRACTION);
    for (number, hypothesis) in (1..).zip(on.hypotheses()) {
        hypothesis_row(number, hypothesis, on, form, cx, ui);
        // Errors are kept back where the project is, not in an expert's copy.
        if let Some(lesson) = on.lesson.filter(|_| !form.plain)
            && form.of.as_ref() == Some(&hypothesis.id)
        {
            checking::ui(hypothesis, lesson, &mut form.check, cx, ui);
        }
    }
    ui.horizontal_wrapped(|ui| {
        let kinds = KINDS.map(|(kind, name, meaning, _)| (kind, name, meaning));
        choices(ui, &mut form.kind, kinds);
    });
    let mut kinds = KINDS.iter();
    let hint = kinds.find(|(kind, ..)| *kind == form.kind);
    let field = TextEdit::singleline(&mut form.hypothesis)
        .id(Id::unique("new hypothesis"))
        .hint_text(hint.map_or("", |(.., hint)| hint))
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("New hypothesis");
    form.focus_on(Field::Hypothesis, &field);
    if entered(&field) {
        form.focus = Some(Field::Sample);
        take_typed(on, form, cx);
    }
}

/// Adds the hypothesis that is typed, if one is: by Enter, or as a sample is
/// added that is written for it.
pub(super) fn take_typed(on: Topic<'_>, form: &mut TeachForm, cx: &mut Cx<'_>) {
    let text = std::mem::take(&mut form.hypothesis).trim().to_owned();
    if text.is_empty() {
        return;
    }
    // One that is there already, as of a draft that outlived its entering.
    if let Some(same) = on.hypotheses().iter().find(|of| of.text == text) {
        form.of = Some(same.id.clone());
        return;
    }
    let id = RecordId::random("hypothesis");
    let hypothesis = Hypothesis::new(id, form.kind, text, Author::Human);
    form.of = Some(hypothesis.id.clone());
    let lesson = form.begun(on, cx);
    cx.ask(Command::PutHypothesis { lesson, hypothesis });
    cx.ask(Command::EndEdit);
}

/// The newest hypothesis is the one that samples are written for until another
/// is chosen, also after the project was closed.
fn choose_newest(on: Topic<'_>, form: &mut TeachForm) {
    let hypotheses = on.hypotheses();
    let is_known = hypotheses.iter().any(|h| Some(&h.id) == form.of.as_ref());
    // A sample that is being changed stays with the hypothesis it has, or with none.
    if !is_known && form.replaces.is_none() {
        form.of = hypotheses.last().map(|newest| newest.id.clone());
    }
}

fn hypothesis_row(
    number: usize,
    hypothesis: &Hypothesis,
    on: Topic<'_>,
    form: &mut TeachForm,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let samples = on.samples().iter();
    let of_it = samples.filter(|sample| sample.hypothesis.as_ref() == Some(&hypothesis.id));
    let samples = many(of_it.count(), "sample");
    ui.horizontal(|ui| {
        let remove = ui
            .small_button("×")
            .on_hover_text("Remove it with its samples");
        let remove = remove.accessible_name(format!("Remove hypothesis: {}", hypothesis.text));
        if let (true, Some(lesson)) = (remove.clicked(), on.lesson) {
            let (lesson, hypothesis) = (lesson.id.clone(), hypothesis.id.clone());
            cx.ask(Command::RemoveHypothesis { lesson, hypothesis });
        }
        let mut kinds = KINDS.iter();
        let kind = kinds.find(|(kind, ..)| *kind == hypothesis.kind);
        let (kind, meaning) = kind.map_or(("", ""), |(_, name, meaning, _)| (name, meaning));
        let chosen = form.of.as_ref() == Some(&hypothesis.id);
        let text = format!("{number}. {}  ({samples})", hypothesis.text);
        let version = on
            .lesson
            .map(|lesson| cx.state.document.snapshot.unwrap_or(lesson.snapshot));
        let is_checked =
            version.is_some_and(|version| hypothesis.standing(version) != Standing::Unchecked);
        let room = if is_checked { STANDING } else { 0.0 };
        let button = egui::Button::selectable(chosen, text).wrap();
        let button = ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - room).max(STANDING));
            ui.add(button)
        });
        let button = button
            .inner
            .on_hover_text(format!("{kind}. {meaning} Click to write samples for it"));
        if button.clicked() {
            form.of = Some(hypothesis.id.clone());
            form.focus = Some(Field::Sample);
        }
        if let Some(version) = version {
            checking::standing(hypothesis, version, ui);
        }
    });
}
