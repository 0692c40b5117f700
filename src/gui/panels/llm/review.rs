//! Review of a language model's drafts: accept, edit, reject with a reason, or
//! accept all that pass.

mod draft;

use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, ScrollArea, Ui};

use self::draft::{buttons, carry_out, details, edit, nearest, reject};
use crate::gui::live::LiveAnswers;
use crate::gui::panels::clock::Clock;
use crate::gui::panels::llm::as_set;
use crate::gui::panels::teach::checking::{self, CheckForm};
use crate::gui::panels::teach::lesson_choice;
use crate::gui::panels::widgets::{button_if, caption, card, empty, section, tag};
use crate::gui::read::{Cx, shown};
use crate::gui::theme::tokens;
use crate::lessons::review::passes;
use crate::records::{Author, BlindSpot, Lesson, RecordId, Review, Sample, Text};
use crate::session::Command;
use crate::support::text::agreeing;

const ROW_HEIGHT: f32 = 24.0;

/// What is kept from frame to frame.
#[derive(Default)]
pub(super) struct ReviewForm {
    lesson: Option<RecordId>,
    /// The sample that is looked at.
    at: Option<RecordId>,
    open: Open,
    /// Time spent on reviewing.
    clock: Clock,
    /// The hypothesis that is checked.
    of: Option<RecordId>,
    pub(super) check: CheckForm,
}

impl ReviewForm {
    /// Records the active time since the last decision as a cost of the
    /// lesson. It comes before the decision: undo takes that one back alone.
    fn record_time(&mut self, lesson: &Lesson, cx: &mut Cx<'_>) {
        cx.ask(Command::SetCost {
            lesson: lesson.id.clone(),
            cost: self.clock.added_to(&lesson.cost),
        });
    }
}

/// What is open on the sample that is looked at.
#[derive(Debug, Default, Clone, PartialEq)]
enum Open {
    #[default]
    Nothing,
    Editing {
        text: Text,
        label: String,
    },
    Rejecting(String),
}

/// What a key or a button asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Accept,
    Edit,
    Reject,
    AcceptPassing,
    Next,
    Previous,
}

/// Each with its button, what it does, and its keys. “Accept all” comes first:
/// its keys hold those of “Accept”.
const ACTS: [(Act, &str, &str, Modifiers, Key); 6] = [
    (
        Act::AcceptPassing,
        "Accept all",
        "Accepts every draft to which the separate call gave the intended label and which copies \
         nothing",
        Modifiers::SHIFT,
        Key::A,
    ),
    (
        Act::Accept,
        "Accept",
        "It may be trained on",
        Modifiers::NONE,
        Key::A,
    ),
    (
        Act::Edit,
        "Edit …",
        "Change text or label, then accept",
        Modifiers::NONE,
        Key::E,
    ),
    (
        Act::Reject,
        "Reject …",
        "Kept with the reason, never trained on",
        Modifiers::NONE,
        Key::X,
    ),
    (
        Act::Next,
        "Next",
        "The next sample",
        Modifiers::NONE,
        Key::N,
    ),
    (
        Act::Previous,
        "Back",
        "The sample before",
        Modifiers::NONE,
        Key::P,
    ),
];

/// What an act does, and its keys.
fn tooltip(what: &str, modifiers: Modifiers, key: Key) -> String {
    let shift = if modifiers.shift { "Shift+" } else { "" };
    format!("{what} (key {shift}{})", key.name())
}

/// What was pressed, unless somebody is typing.
fn pressed(ui: &Ui) -> Option<Act> {
    if ui.ctx().text_edit_focused() {
        return None;
    }
    let mut acts = ACTS.into_iter();
    let (act, ..) = acts
        .find(|(.., modifiers, key)| ui.input_mut(|input| input.consume_key(*modifiers, *key)))?;
    Some(act)
}

/// The right side of the panel.
pub(super) fn ui(
    spot: &BlindSpot,
    form: &mut ReviewForm,
    answers: &mut LiveAnswers,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    let lessons = cx.lessons_on(spot.id);
    let lessons: Vec<&Arc<Lesson>> = lessons
        .filter(|lesson| lesson.author != Author::Human)
        .collect();
    let Some(lesson) = chosen(&lessons, form, ui) else {
        empty(
            ui,
            "No lesson by a language model yet",
            "Start one at the left; its drafts are reviewed here",
        );
        return;
    };
    form.clock.tick(ui);
    standing(lesson, ui);
    as_set::ui(lesson, cx, ui);
    hypotheses(lesson, form, cx, ui);
    let mut act = pressed(ui);
    ui.horizontal_wrapped(|ui| {
        let passing = lesson.samples.iter().filter(|sample| passes(sample));
        let passing = passing.count();
        let text = format!("Accept all {passing} that pass");
        let (all, _, what, modifiers, key) = ACTS[0];
        if button_if(ui, passing > 0, &text, &tooltip(what, modifiers, key)) {
            act = Some(all);
        }
    });
    let at = form.at.take().filter(|id| sample_of(lesson, id).is_some());
    form.at = at.or_else(|| next_draft(lesson, None));
    if let Some(sample) = form.at.as_ref().and_then(|id| sample_of(lesson, id)) {
        card(ui, |ui| {
            details(sample, lesson, ui);
            match &form.open {
                Open::Nothing => act = buttons(ui).or(act),
                Open::Editing { .. } => edit(sample, lesson, form, answers, cx, ui),
                Open::Rejecting(_) => reject(sample, lesson, form, cx, ui),
            }
            nearest(sample, answers, cx, ui);
        });
        if let Some(act) = act {
            carry_out(act, sample, lesson, form, cx);
        }
    }
    list(lesson, form, ui);
}

fn chosen<'a>(
    lessons: &[&'a Arc<Lesson>],
    form: &mut ReviewForm,
    ui: &mut Ui,
) -> Option<&'a Lesson> {
    let mut all = lessons.iter();
    let current: &Lesson = all
        .find(|lesson| form.lesson.as_ref() == Some(&lesson.id))
        .or(lessons.first())?;
    if lessons.len() > 1 {
        ui.horizontal_wrapped(|ui| {
            caption(ui, "Lessons by");
            if let Some(lesson) = lesson_choice(lessons, Some(current), ui) {
                form.lesson = Some(lesson.id.clone());
                form.at = None;
                form.open = Open::Nothing;
            }
        });
    }
    Some(current)
}

fn standing(lesson: &Lesson, ui: &mut Ui) {
    section(
        ui,
        &format!("Lesson by {}", lesson.teacher),
        &lesson.statement,
    );
    if lesson.statement.starts_with("Recording") {
        let colour = tokens(ui.ctx()).caution;
        tag(ui, "Recording: nothing was asked now", colour).on_hover_text(&lesson.statement);
    }
    let count = |keep: &dyn Fn(&Sample) -> bool| {
        lesson.samples.iter().filter(|sample| keep(sample)).count()
    };
    let drafts = count(&|sample| sample.review == Review::Draft);
    let accepted = count(&|sample| sample.is_accepted());
    let useful = count(&|sample| sample.is_accepted() && fools(sample) == Some(true));
    let decided = lesson.samples.len() - drafts;
    // Of lessons that were written elsewhere nobody asked the model.
    let asked = lesson.samples.iter().any(|sample| fools(sample).is_some());
    let useful = match asked {
        true => format!("; {useful} of them are useful, that is, the model got them wrong"),
        false => String::new(),
    };
    caption(
        ui,
        format!(
            "{accepted} of {decided} decided on are accepted{useful}; {drafts} drafts are left"
        ),
    )
    .on_hover_text("Useful: accepted, and the model gets it wrong. Rejected ones count as decided");
    let cost = &lesson.cost;
    let tokens = cost.input_tokens + cost.output_tokens;
    // A lesson that was written elsewhere does not know what it cost.
    if tokens > 0 {
        let about = if cost.estimated { "about " } else { "" };
        let money = match cost.money {
            0.0 => "free of charge".to_owned(),
            money => format!("{money:.4} in money"),
        };
        let seconds = cost.llm_seconds;
        caption(
            ui,
            format!("{seconds:.0} s of waiting, {about}{tokens} tokens, {money}"),
        );
    }
    if cost.active_seconds > 0.0 {
        let minutes = cost.active_seconds / 60.0;
        caption(ui, format!("{minutes:.1} min of review"));
    }
}

/// The model's hypotheses, each a click from its checks.
fn hypotheses(lesson: &Lesson, form: &mut ReviewForm, cx: &mut Cx<'_>, ui: &mut Ui) {
    let version = cx.state.document.snapshot.unwrap_or(lesson.snapshot);
    let count = lesson.hypotheses.len();
    let noun = agreeing(count, "hypothesis", "hypotheses");
    // Drafts that are left to review need the room.
    let mut samples = lesson.samples.iter();
    let is_reviewed = samples.all(|sample| sample.review != Review::Draft);
    egui::CollapsingHeader::new(format!("{count} {noun}"))
        .id_salt("hypotheses of the model")
        .default_open(is_reviewed)
        .show(ui, |ui| {
            for hypothesis in &lesson.hypotheses {
                let by = match hypothesis.author {
                    Author::Human => "by a person: ",
                    Author::Llm { .. } => "",
                };
                let chosen = form.of.as_ref() == Some(&hypothesis.id);
                ui.horizontal(|ui| {
                    let text = format!("{by}{}", hypothesis.text);
                    let button = ui.add(egui::Button::selectable(chosen, text).wrap());
                    if button.on_hover_text("Click to check it").clicked() {
                        form.of = (!chosen).then(|| hypothesis.id.clone());
                    }
                    checking::standing(hypothesis, version, ui);
                });
                if chosen {
                    checking::ui(hypothesis, lesson, &mut form.check, cx, ui);
                }
            }
        });
}

/// Whether the model gets a sample wrong, if it was asked.
fn fools(sample: &Sample) -> Option<bool> {
    let said = sample.model_answer.as_ref()?;
    Some(said.label != sample.label)
}

/// All samples, a line each.
fn list(lesson: &Lesson, form: &mut ReviewForm, ui: &mut Ui) {
    let samples = &lesson.samples;
    ScrollArea::vertical()
        .id_salt("drafts")
        .auto_shrink([false, false])
        .show_rows(ui, ROW_HEIGHT, samples.len(), |ui, rows| {
            for sample in &samples[rows] {
                let state = match &sample.review {
                    Review::Draft if passes(sample) => "draft, passes",
                    Review::Draft => "draft",
                    Review::Accepted => "accepted",
                    Review::Rejected { .. } => "rejected",
                };
                let text = format!("{state} · {} · {}", sample.label, shown(&sample.text));
                let chosen = form.at.as_ref() == Some(&sample.id);
                let button = egui::Button::selectable(chosen, text).truncate();
                if ui.add(button).clicked() {
                    form.at = Some(sample.id.clone());
                    form.open = Open::Nothing;
                }
            }
        });
}

fn sample_of<'a>(lesson: &'a Lesson, id: &RecordId) -> Option<&'a Sample> {
    lesson.samples.iter().find(|sample| sample.id == *id)
}

/// The next draft after a sample, else the first of all others.
fn next_draft(lesson: &Lesson, after: Option<&RecordId>) -> Option<RecordId> {
    let at = after.and_then(|id| lesson.samples.iter().position(|sample| sample.id == *id));
    let (before, later) = lesson.samples.split_at(at.map_or(0, |at| at + 1));
    let drafts = later.iter().chain(before);
    let mut drafts = drafts.filter(|sample| sample.review == Review::Draft);
    let next = drafts.find(|sample| Some(&sample.id) != after);
    next.map(|sample| sample.id.clone())
}

fn beside(lesson: &Lesson, sample: &Sample, step: isize) -> Option<RecordId> {
    let samples = &lesson.samples;
    let at = samples.iter().position(|other| other.id == sample.id)?;
    let to = at.saturating_add_signed(step).min(samples.len() - 1);
    Some(samples[to].id.clone())
}
