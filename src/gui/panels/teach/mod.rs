//! Teaching one blind spot: the errors beside what the model gets right,
//! hypotheses on why it errs, and samples with the model's live answer.

pub(in crate::gui::panels) mod checking;
mod column;
mod draft;
mod evidence;
mod hypotheses;
mod marks;
pub(in crate::gui::panels) mod quiz;
mod samples;
mod teacher;
mod time;
mod writing;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, Response, Ui};

use self::checking::CheckForm;
pub use self::draft::Drafts;
use self::evidence::{Neighbours, ShownTexts};
use self::marks::MarksView;
use self::samples::SampleTable;
use super::clock::Clock;
use super::form::{choices, menu};
use super::llm::{self, LlmPanel};
use super::no_errors;
use super::widgets::{caption, choice, empty, title};
use crate::dataset::Example;
use crate::gui::live::LiveAnswers;
use crate::gui::read::{Cx, Read};
use crate::gui::view_state::SpotRef;
use crate::records::{
    Author, BlindSpot, BlindSpotId, Cost, ExampleKey, Familiarity, Hypothesis, HypothesisKind,
    Label, Lesson, RecordId, Sample, TeacherChoice, Text, UNNAMED_TEACHER,
};
use crate::session::Command;

/// The blind spot that is taught, and the lesson on it if it has begun.
#[derive(Clone, Copy)]
struct Topic<'a> {
    spot: &'a BlindSpot,
    lesson: Option<&'a Lesson>,
}

impl<'a> Topic<'a> {
    fn hypotheses(self) -> &'a [Hypothesis] {
        self.lesson.map_or(&[], |lesson| &lesson.hypotheses)
    }

    fn samples(self) -> &'a [Sample] {
        self.lesson.map_or(&[], |lesson| &lesson.samples)
    }

    /// What is right for most of the errors that are left, as they were judged:
    /// where labels were corrected, no longer what froze with the blind spot.
    fn usual_label(self, read: &Read<'_>) -> Label {
        let errors = read.derived.to_teach(self.spot.id);
        let rows = errors.map_or(&[][..], |errors| &errors.shown);
        let facts = rows.iter().filter_map(|row| read.derived.rows.get(*row));
        commonest(facts.filter_map(|facts| facts.truth), self.spot.true_label)
    }
}

/// The commonest of some labels; the usual one where it is as common as any.
fn commonest(labels: impl Iterator<Item = Label>, usual: Label) -> Label {
    let mut counts = BTreeMap::from([(usual, 0_usize)]);
    for label in labels {
        *counts.entry(label).or_default() += 1;
    }
    let most = counts
        .iter()
        .max_by_key(|(label, count)| (**count, **label == usual));
    most.map_or(usual, |(label, _)| *label)
}

/// A field that is to take the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Hypothesis,
    Sample,
}

/// Active time after which it is recorded although nothing was added.
const RECORDED_EVERY: Duration = Duration::from_secs(60);

/// What is being written, kept from frame to frame.
#[derive(Default)]
pub struct TeachForm {
    spot: Option<BlindSpotId>,
    /// Whether an expert teaches who need not know the terms of the field.
    plain: bool,
    teacher: String,
    familiarity: Option<Familiarity>,
    /// The lesson that is written or looked at, among several.
    lesson: Option<RecordId>,
    /// A lesson that was asked for and is not there yet.
    beginning: Option<RecordId>,
    hypothesis: String,
    kind: HypothesisKind,
    of: Option<RecordId>,
    sample: String,
    second: String,
    label: Option<u16>,
    edit_of: Option<ExampleKey>,
    /// The sample that the draft takes the place of.
    replaces: Option<RecordId>,
    focus: Option<Field>,
    /// What is half typed on other blind spots.
    drafts: Drafts,
    clock: Clock,
    /// The lesson whose time was recorded last, with all its seconds.
    recorded: Option<(RecordId, f64)>,
    neighbours: Neighbours,
    shown: ShownTexts,
    marks: MarksView,
    table: SampleTable,
    /// Whether the table of samples is folded away; as the window is high until
    /// somebody says.
    samples_folded: Option<bool>,
    /// Height of the fields for a sample as they were shown last, in points.
    fields: f32,
    check: CheckForm,
    /// Where both teach: whether the model's lesson is shown.
    by_model: bool,
    llm: LlmPanel,
}

impl TeachForm {
    /// Turns to a blind spot; what was typed for another one waits there.
    fn turn_to(&mut self, spot: BlindSpotId) {
        if self.spot == Some(spot) {
            return;
        }
        let clock = std::mem::take(&mut self.clock);
        let drafts = self.drafts();
        *self = Self {
            spot: Some(spot),
            drafts,
            teacher: std::mem::take(&mut self.teacher),
            familiarity: self.familiarity,
            focus: Some(Field::Hypothesis),
            clock,
            recorded: self.recorded.take(),
            samples_folded: self.samples_folded,
            fields: self.fields,
            by_model: self.by_model,
            llm: std::mem::take(&mut self.llm),
            ..Self::default()
        };
        self.take_up(spot);
    }

    fn teacher_name(&self) -> String {
        let name = self.teacher.trim();
        if name.is_empty() {
            UNNAMED_TEACHER.to_owned()
        } else {
            name.to_owned()
        }
    }

    /// Gives a field the keyboard if it is its turn.
    fn focus_on(&mut self, field: Field, response: &Response) {
        if self.focus == Some(field) {
            self.focus = None;
            response.request_focus();
        }
    }

    fn edit_copy(&mut self, example: &Example, read: &Read<'_>) {
        let Some(text) = example.text() else { return };
        self.clear_draft();
        self.sample.clone_from(&text.first);
        self.second = text.second.clone().unwrap_or_default();
        let row = read.derived.row_of(&example.key);
        let facts = row.and_then(|row| read.derived.rows.get(row));
        self.label = facts.and_then(|facts| facts.truth);
        self.edit_of = Some(example.key.clone());
        self.focus = Some(Field::Sample);
    }

    fn edit_sample(&mut self, sample: &Sample, read: &Read<'_>) {
        self.sample.clone_from(&sample.text.first);
        self.second = sample.text.second.clone().unwrap_or_default();
        self.edit_of.clone_from(&sample.edit_of);
        self.of.clone_from(&sample.hypothesis);
        self.label = read.state.dataset.label_of(&sample.label);
        self.replaces = Some(sample.id.clone());
        self.focus = Some(Field::Sample);
    }

    /// The next sample begins with the blind spot's right label again.
    fn clear_draft(&mut self) {
        self.sample.clear();
        self.second.clear();
        self.label = None;
        self.edit_of = None;
        self.replaces = None;
    }

    /// The draft as a text.
    fn text(&self, read: &Read<'_>) -> Text {
        let first = self.sample.trim();
        if read.state.dataset.has_pairs() {
            Text::pair(first, self.second.trim())
        } else {
            Text::single(first)
        }
    }

    /// The lesson that a new record goes to; begins one if there is none.
    fn begun(&mut self, on: Topic<'_>, cx: &mut Cx<'_>) -> RecordId {
        let begun = on.lesson.map(|lesson| &lesson.id);
        if let Some(id) = begun.or(self.beginning.as_ref()) {
            return id.clone();
        }
        let id = RecordId::random("lesson");
        let place = (on.spot.id, cx.state.document.snapshot.unwrap_or(0));
        let lesson = Lesson {
            statement: "Written by a person in the window".into(),
            familiarity: self.familiarity,
            shown: shown_to_teacher(cx, on.spot.id),
            cost: Cost {
                hourly_rate: cx.state.hourly_rate,
                ..Cost::default()
            },
            ..Lesson::new(id.clone(), place, self.teacher_name(), Author::Human)
        };
        self.lesson = Some(id.clone());
        self.beginning = Some(id.clone());
        cx.ask(Command::PutLessons(vec![lesson]));
        id
    }
}

/// The lesson that is written, of those on a blind spot: the chosen one, or the
/// first while nobody has chosen.
fn written<'l>(
    mut all: impl Iterator<Item = &'l Arc<Lesson>>,
    chosen: Option<&RecordId>,
) -> Option<&'l Arc<Lesson>> {
    match chosen {
        Some(chosen) => all.find(|lesson| lesson.id == *chosen),
        None => all.next(),
    }
}

/// Keys of the errors that a teacher of a blind spot sees.
fn shown_to_teacher(read: &Read<'_>, spot: BlindSpotId) -> Vec<ExampleKey> {
    let errors = read.derived.to_teach(spot);
    let rows = errors.into_iter().flat_map(|errors| &errors.shown);
    let examples = rows.filter_map(|row| read.example(*row));
    examples.map(|example| example.key.clone()).collect()
}

/// Shows the lesson on the chosen blind spot.
pub fn ui(form: &mut TeachForm, answers: &mut LiveAnswers, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(snapshot) = cx.state.snapshot() else {
        empty(
            ui,
            "Nothing to teach yet",
            "Freeze the blind spots first: lessons attach to a frozen version",
        );
        return;
    };
    answers.follow(cx.state);
    let chosen = match cx.view.spot {
        Some(SpotRef::Frozen(id)) => snapshot.blind_spot(id),
        _ => None,
    };
    let Some(spot) = chosen.or_else(|| snapshot.blind_spots.first()) else {
        no_errors::ui(cx, ui);
        return;
    };
    if form.spot != Some(spot.id) {
        form.turn_to(spot.id);
        // The lesson that there is rather than an empty form.
        let by_people = cx.lessons_by_people(spot.id).next().is_some();
        form.by_model = !by_people && cx.lessons_on(spot.id).next().is_some();
    }
    form.plain = cx.view.teach_mode;
    if form.plain {
        // Who leaves that mode finds the lesson that was written in it.
        form.by_model = false;
    }
    if form.plain && chosen.is_none() {
        // The list beside it marks the one that is open.
        cx.view.spot = Some(SpotRef::Frozen(spot.id));
    }
    header(spot, cx, ui);
    let by = match cx.view.teach_mode {
        true => TeacherChoice::Human,
        false => teacher::chosen(cx, spot.id),
    };
    let by_model = match by {
        TeacherChoice::None => {
            return empty(
                ui,
                "This blind spot is left untaught",
                "Choose a teacher above to teach it",
            );
        }
        TeacherChoice::Llm => true,
        TeacherChoice::Human => false,
        TeacherChoice::Both => {
            let lessons = [
                (false, "Person's lesson", ""),
                (true, "Language model's lesson", ""),
            ];
            ui.horizontal(|ui| choices(ui, &mut form.by_model, lessons));
            form.by_model
        }
    };
    if by_model {
        llm::ui(spot, &mut form.llm, answers, cx, ui);
    } else {
        lesson(spot, form, answers, cx, ui);
    }
}

/// The blind spot and who teaches it.
fn header(spot: &BlindSpot, cx: &mut Cx<'_>, ui: &mut Ui) {
    let name = cx.state.blind_spot_name(spot.id);
    let confusion = cx.confusion(spot.true_label, spot.predicted);
    ui.horizontal_wrapped(|ui| {
        if cx.view.teach_mode {
            // Without a name of its own it is called by its confusion.
            let repeats = name.starts_with(&confusion);
            title(ui, name);
            if !repeats {
                caption(ui, confusion);
            }
            return;
        }
        let now = SpotRef::Frozen(spot.id);
        let mut chosen = now;
        let spots = cx.derived.spots.iter();
        let spots = spots.map(|facts| (facts.spot, &facts.name));
        menu(
            ui,
            ("Blind spot to teach", 240.0),
            &name,
            &mut chosen,
            spots,
        );
        if chosen != now
            && let Some(facts) = cx.derived.spot(chosen)
        {
            cx.choose_spot(facts);
        }
        caption(ui, confusion);
        ui.separator();
        teacher::choose(spot.id, cx, ui);
    });
}

fn lesson(
    spot: &BlindSpot,
    form: &mut TeachForm,
    answers: &mut LiveAnswers,
    cx: &mut Cx<'_>,
    ui: &mut Ui,
) {
    form.clock.tick(ui);
    if form.check.asked.is_some() {
        let by = Some(form.teacher.trim().to_owned()).filter(|name| !name.is_empty());
        return quiz::ui(&mut form.check.asked, by, cx, ui);
    }
    let all: Vec<&Arc<Lesson>> = cx.lessons_by_people(spot.id).collect();
    let current = written(all.iter().copied(), form.lesson.as_ref());
    // Somebody who only reads and thinks loses no more than this to a kill.
    if let Some(lesson) = current.filter(|_| form.clock.unrecorded() >= RECORDED_EVERY) {
        form.record_time(&lesson.id, Some(lesson), cx);
    }
    if current.is_some_and(|lesson| form.beginning.as_ref() == Some(&lesson.id)) {
        form.beginning = None;
    }
    if let Some(lesson) = current.filter(|lesson| !lesson.samples.is_empty()) {
        column::samples_below(lesson, form, answers, cx, ui);
    }
    // Columns know nothing of the panel below: they get what it leaves.
    let free = egui::UiBuilder::new().max_rect(ui.available_rect_before_wrap());
    let on = Topic {
        spot,
        lesson: current.map(AsRef::as_ref),
    };
    ui.scope_builder(free, |ui| {
        ui.columns(2, |columns| {
            evidence::ui(spot, cx, form, &mut columns[0]);
            column::ui(&all, on, form, answers, cx, &mut columns[1]);
        });
    });
}

/// Which of several lessons is looked at, and how those by people agree.
fn which(all: &[&Arc<Lesson>], current: Option<&Lesson>, form: &mut TeachForm, ui: &mut Ui) {
    let [one, others @ ..] = all else {
        return;
    };
    if others.is_empty() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        caption(ui, "Lessons by");
        if let Some(lesson) = lesson_choice(all, current, ui) {
            form.lesson = Some(lesson.id.clone());
            form.teacher.clone_from(&lesson.teacher);
            form.familiarity = lesson.familiarity;
            form.of = None;
            form.clear_draft();
        }
    });
    for other in others {
        teacher::agreement(one, other, ui);
    }
}

/// A button for each of several lessons, by teacher; the one that was clicked.
pub(super) fn lesson_choice<'l>(
    all: &[&'l Arc<Lesson>],
    current: Option<&Lesson>,
    ui: &mut Ui,
) -> Option<&'l Lesson> {
    let mut clicked = None;
    for &lesson in all {
        let chosen = current.is_some_and(|current| current.id == lesson.id);
        let name = format!("{} ({})", lesson.teacher, lesson.samples.len());
        if choice(ui, chosen, &name) {
            clicked = Some(lesson.as_ref());
        }
    }
    clicked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_for_most_of_the_errors_left_is_the_usual_label() {
        assert_eq!(commonest([2, 2, 1].into_iter(), 1), 2);
        assert_eq!(commonest([2, 1].into_iter(), 1), 1, "as common as any");
        assert_eq!(commonest([].into_iter(), 3), 3, "no error is left");
        assert_eq!(commonest([0].into_iter(), 3), 0);
    }
}
