//! Teaching one blind spot: the errors beside what the model gets right,
//! hypotheses on why it errs, and samples with the model's live answer.

mod evidence;
mod samples;
mod teacher;
mod writing;

use std::sync::Arc;

use eframe::egui::{self, Panel, Response, ScrollArea, Ui};

use self::evidence::Neighbours;
use self::samples::SampleTable;
use super::clock::Clock;
use super::llm::{self, LlmPanel};
use super::widgets::{caption, choice, empty};
use crate::dataset::Example;
use crate::gui::live::Live;
use crate::gui::live_checks::LiveChecks;
use crate::gui::read::{Ask, Read};
use crate::gui::view_state::{SpotRef, ViewState};
use crate::records::{
    Author, BlindSpot, BlindSpotId, Cost, ExampleKey, Familiarity, HypothesisKind, Lesson,
    RecordId, Sample, TeacherChoice, Text,
};
use crate::session::Command;

/// A field that is to take the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Hypothesis,
    Sample,
}

/// What is being written, kept from frame to frame.
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
    clock: Clock,
    neighbours: Neighbours,
    table: SampleTable,
    /// Where both teach: whether the model's lesson is shown.
    by_model: bool,
    llm: LlmPanel,
}

impl Default for TeachForm {
    fn default() -> Self {
        Self {
            spot: None,
            plain: false,
            teacher: String::new(),
            familiarity: None,
            lesson: None,
            beginning: None,
            hypothesis: String::new(),
            kind: HypothesisKind::Abstraction,
            of: None,
            sample: String::new(),
            second: String::new(),
            label: None,
            edit_of: None,
            replaces: None,
            focus: None,
            clock: Clock::default(),
            neighbours: Neighbours::default(),
            table: SampleTable::default(),
            by_model: false,
            llm: LlmPanel::default(),
        }
    }
}

impl TeachForm {
    /// Turns to a blind spot; what was typed for another one is not carried
    /// over.
    fn turn_to(&mut self, spot: BlindSpotId) {
        if self.spot == Some(spot) {
            return;
        }
        let clock = std::mem::take(&mut self.clock);
        *self = Self {
            spot: Some(spot),
            teacher: std::mem::take(&mut self.teacher),
            familiarity: self.familiarity,
            focus: Some(Field::Hypothesis),
            clock,
            by_model: self.by_model,
            llm: std::mem::take(&mut self.llm),
            ..Self::default()
        };
    }

    fn teacher_name(&self) -> String {
        let name = self.teacher.trim();
        if name.is_empty() {
            teacher::UNNAMED.to_owned()
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
    fn begun(
        &mut self,
        lesson: Option<&Lesson>,
        spot: &BlindSpot,
        read: &Read<'_>,
        out: &mut Vec<Ask>,
    ) -> RecordId {
        if let Some(lesson) = lesson {
            return lesson.id.clone();
        }
        if let Some(id) = &self.beginning {
            return id.clone();
        }
        let id = RecordId::random("lesson");
        let place = (spot.id, read.state.document.snapshot.unwrap_or(0));
        let lesson = Lesson {
            statement: "Written by a person in the window".into(),
            familiarity: self.familiarity,
            shown: shown_to_teacher(read, spot.id),
            cost: Cost {
                hourly_rate: read.state.hourly_rate,
                ..Cost::default()
            },
            ..Lesson::new(id.clone(), place, self.teacher_name(), Author::Human)
        };
        self.lesson = Some(id.clone());
        self.beginning = Some(id.clone());
        out.push(Command::PutLessons(vec![lesson]).into());
        id
    }

    /// Adds the active time since the last record to a lesson's cost.
    fn record_time(
        &mut self,
        id: &RecordId,
        lesson: Option<&Lesson>,
        read: &Read<'_>,
        out: &mut Vec<Ask>,
    ) {
        let so_far = lesson.map_or_else(Cost::default, |lesson| lesson.cost.clone());
        let mut cost = self.clock.added_to(&so_far);
        cost.hourly_rate = cost.hourly_rate.or(read.state.hourly_rate);
        let lesson = id.clone();
        out.push(Command::SetCost { lesson, cost }.into());
    }
}

/// Keys of the errors that a teacher of a blind spot sees.
fn shown_to_teacher(read: &Read<'_>, spot: BlindSpotId) -> Vec<ExampleKey> {
    let errors = read.derived.to_teach(spot);
    let rows = errors.into_iter().flat_map(|errors| &errors.shown);
    let examples = rows.filter_map(|row| read.example(*row));
    examples.map(|example| example.key.clone()).collect()
}

/// What answers while one types.
pub struct LiveAnswers<'a> {
    /// The model's answers.
    pub live: Option<&'a mut Live>,
    /// The checks of samples.
    pub checks: Option<&'a mut LiveChecks>,
}

/// Shows the lesson on the chosen blind spot.
pub fn ui(
    read: &Read<'_>,
    form: &mut TeachForm,
    mut answers: LiveAnswers<'_>,
    view: &mut ViewState,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let Some(snapshot) = read.state.snapshot() else {
        empty(
            ui,
            "Nothing to teach yet",
            "Freeze the blind spots first: lessons attach to a frozen version",
        );
        return;
    };
    if let Some(live) = &mut answers.live {
        live.follow(read.state);
    }
    if let Some(checks) = &mut answers.checks {
        checks.follow(read.state);
    }
    let chosen = match view.spot {
        Some(SpotRef::Frozen(id)) => snapshot.blind_spot(id),
        _ => None,
    };
    let Some(spot) = chosen.or_else(|| snapshot.blind_spots.first()) else {
        empty(
            ui,
            "There is no blind spot",
            "Lower τ, or fit another model",
        );
        return;
    };
    form.turn_to(spot.id);
    form.plain = view.teach_mode;
    header(spot, read, view, ui, out);
    let by = match view.teach_mode {
        true => TeacherChoice::Human,
        false => teacher::chosen(read, spot.id),
    };
    match by {
        TeacherChoice::None => empty(
            ui,
            "This blind spot is left untaught",
            "Choose a teacher above to teach it",
        ),
        TeacherChoice::Llm => by_model(spot, read, form, answers, ui, out),
        TeacherChoice::Human => lesson(spot, read, form, answers, ui, out),
        TeacherChoice::Both => {
            ui.horizontal(|ui| {
                for (model, name) in [(false, "The person's lesson"), (true, "The model's lesson")]
                {
                    if choice(ui, form.by_model == model, name) {
                        form.by_model = model;
                    }
                }
            });
            let show = if form.by_model { by_model } else { lesson };
            show(spot, read, form, answers, ui, out);
        }
    }
}

fn by_model(
    spot: &BlindSpot,
    read: &Read<'_>,
    form: &mut TeachForm,
    answers: LiveAnswers<'_>,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let LiveAnswers { live, checks } = answers;
    llm::ui(
        spot,
        read,
        &mut form.llm,
        llm::Checks { live, checks },
        ui,
        out,
    );
}

/// The blind spot and who teaches it.
fn header(
    spot: &BlindSpot,
    read: &Read<'_>,
    view: &mut ViewState,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    ui.horizontal_wrapped(|ui| {
        if !view.teach_mode {
            egui::ComboBox::from_id_salt("blind spot to teach")
                .width(240.0)
                .selected_text(read.state.blind_spot_name(spot.id))
                .show_ui(ui, |ui| {
                    for facts in &read.derived.spots {
                        let chosen = facts.spot == SpotRef::Frozen(spot.id);
                        if choice(ui, chosen, &facts.name) {
                            view.choose_spot(facts.spot, &facts.rows, read.derived.rows.len());
                        }
                    }
                })
                .response
                .accessible_name("Blind spot to teach");
            caption(ui, read.confusion(spot.true_label, spot.predicted));
            ui.separator();
            teacher::choose(read, spot.id, ui, out);
        } else {
            super::widgets::title(ui, read.state.blind_spot_name(spot.id));
            caption(ui, read.confusion(spot.true_label, spot.predicted));
        }
    });
}

/// The lessons by people on a blind spot.
fn lessons_on<'a>(read: &Read<'a>, spot: BlindSpotId) -> Vec<&'a Arc<Lesson>> {
    let lessons = read.state.document.lessons.values();
    lessons
        .filter(|lesson| lesson.blind_spot == spot && lesson.author == Author::Human)
        .collect()
}

fn lesson(
    spot: &BlindSpot,
    read: &Read<'_>,
    form: &mut TeachForm,
    answers: LiveAnswers<'_>,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    form.clock.tick(ui);
    let all = lessons_on(read, spot.id);
    let current = all
        .iter()
        .find(|lesson| form.lesson.as_ref() == Some(&lesson.id))
        .or_else(|| all.first().filter(|_| form.lesson.is_none()))
        .copied();
    if current.is_some_and(|lesson| form.beginning.as_ref() == Some(&lesson.id)) {
        form.beginning = None;
    }
    let LiveAnswers { live, mut checks } = answers;
    let room = ui.available_height();
    if let Some(lesson) = current.filter(|lesson| !lesson.samples.is_empty()) {
        Panel::bottom("samples of the lesson")
            .resizable(true)
            .default_size(room * 0.26)
            .size_range(80.0..=(room - 140.0).max(90.0))
            .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(0, 4)))
            .show(ui, |ui| {
                samples::ui(lesson, checks.as_deref_mut(), form, read, ui, out);
            });
    }
    // Columns know nothing of the panel below: they get what it leaves.
    let free = egui::UiBuilder::new().max_rect(ui.available_rect_before_wrap());
    ui.scope_builder(free, |ui| {
        ui.columns(2, |columns| {
            evidence::ui(spot, read, form, &mut columns[0]);
            ScrollArea::vertical()
                .id_salt("lesson")
                .auto_shrink([false, false])
                .show(&mut columns[1], |ui| {
                    ui.set_max_width(ui.available_width() - 10.0);
                    which(&all, current, form, ui);
                    let of = current.map(AsRef::as_ref);
                    teacher::about(of, form, ui, out);
                    if let Some(lesson) = of {
                        teacher::standing(lesson, read, form, ui);
                    }
                    writing::hypotheses(of, spot, read, form, ui, out);
                    writing::sample(of, spot, read, form, (live, checks), ui, out);
                });
        });
    });
}

/// Which of several lessons is looked at, and how two by people agree.
fn which(all: &[&Arc<Lesson>], current: Option<&Arc<Lesson>>, form: &mut TeachForm, ui: &mut Ui) {
    if all.len() < 2 {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        caption(ui, "Lessons by");
        for lesson in all {
            let chosen = current.is_some_and(|current| current.id == lesson.id);
            let name = format!("{} ({})", lesson.teacher, lesson.samples.len());
            if choice(ui, chosen, &name) {
                form.lesson = Some(lesson.id.clone());
                form.teacher.clone_from(&lesson.teacher);
                form.familiarity = lesson.familiarity;
                form.of = None;
                form.clear_draft();
            }
        }
    });
    let people: Vec<&Arc<Lesson>> = all
        .iter()
        .copied()
        .filter(|lesson| lesson.author == Author::Human)
        .collect();
    if let [one, others @ ..] = &people[..] {
        for other in others {
            teacher::agreement(one, other, ui);
        }
    }
}
