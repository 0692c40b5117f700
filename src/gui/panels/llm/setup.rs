//! Who is asked, how much, and what is sent where.

use std::collections::BTreeMap;

use eframe::egui::{self, DragValue, RichText, TextEdit, Ui};

use super::{ConnectionTest, LlmPanel, own};
use crate::gui::background::Pending;
use crate::gui::panels::widgets::{caption, duration, explained, primary_button, section};
use crate::gui::read::{Ask, Read};
use crate::gui::theme::tokens;
use crate::lessons::llm::{LessonBrief, Teacher, test_connection};
use crate::records::{
    Author, BlindSpot, BlindSpotId, ExampleKey, Hypothesis, Judgements, Placement,
};
use crate::session::{Command, JobKind, JobState};
use crate::steps::teach::TeachOrder;
use crate::steps::teach::brief::Briefing;
use crate::support::Progress;

/// Most samples that can be asked for at once.
const MOST_SAMPLES: usize = 1_000;

/// What the statement on the texts was made of, so that it is made only when
/// that changes.
#[derive(Debug, Clone, PartialEq)]
struct MadeOf {
    teacher: Teacher,
    spot: Option<BlindSpotId>,
    snapshot: Option<u32>,
    triage: Judgements,
    moves: BTreeMap<ExampleKey, Placement>,
    lessons: usize,
}

/// Which texts go where, in words.
#[derive(Default)]
pub(super) struct Statement {
    made_of: Option<MadeOf>,
    text: String,
}

impl Statement {
    fn of(&mut self, teacher: &Teacher, spot: &BlindSpot, all: bool, read: &Read<'_>) -> &str {
        let document = &read.state.document;
        let made_of = MadeOf {
            teacher: teacher.clone(),
            spot: (!all).then_some(spot.id),
            snapshot: document.snapshot,
            triage: document.triage.clone(),
            moves: document.moves.clone(),
            lessons: document.lessons.len(),
        };
        if self.made_of.as_ref() != Some(&made_of) {
            self.text = statement(teacher, spot, all, read);
            self.made_of = Some(made_of);
        }
        &self.text
    }
}

fn statement(teacher: &Teacher, spot: &BlindSpot, all: bool, read: &Read<'_>) -> String {
    let state = read.state;
    let (Some(predictions), Some(snapshot)) = (&state.predictions, state.snapshot()) else {
        return String::new();
    };
    let briefing = Briefing {
        task: &state.task,
        meanings: &state.teaching.meanings,
        dataset: &state.dataset,
        predictions,
        snapshot,
        document: &state.document,
    };
    let briefs: Vec<LessonBrief> = match all {
        true => snapshot
            .blind_spots
            .iter()
            .map(|spot| briefing.of(spot).brief)
            .collect(),
        false => vec![briefing.of(spot).brief],
    };
    LessonBrief::statement(&briefs, &teacher.endpoint)
}

/// The left side of the panel.
pub(super) fn ui(
    spot: &BlindSpot,
    read: &Read<'_>,
    panel: &mut LlmPanel,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    section(
        ui,
        "Who is asked",
        "A language model on this machine or behind an API",
    );
    let teacher = choose(read, panel, ui, out);
    connection(&teacher, panel, ui);
    section(ui, "How much", "");
    amounts(&teacher, panel, ui);
    section(
        ui,
        "What is sent",
        "Nothing is sent before you start a lesson",
    );
    let said = panel.statement.of(&teacher, spot, panel.all_spots, read);
    ui.label(said);
    let confirmed = read.state.teaching.is_confirmed(&teacher.endpoint);
    let kept = read.state.teaching.teachers.contains(&teacher);
    if !confirmed && kept {
        let host = teacher.endpoint.host();
        let text = format!("Texts may go to {host}");
        let agree = ui.button(text);
        if agree
            .on_hover_text("Asked once for each project and host")
            .clicked()
        {
            out.push(Command::ConfirmHost(host).into());
        }
    }
    start(spot, read, panel, (&teacher, kept && confirmed), ui, out);
    hypotheses(spot, read, panel, (&teacher, kept && confirmed), ui, out);
    recording(read, panel, ui, out);
}

/// The chosen teacher, or the new one as typed so far.
fn choose(read: &Read<'_>, panel: &mut LlmPanel, ui: &mut Ui, out: &mut Vec<Ask>) -> Teacher {
    let teachers = &read.state.teaching.teachers;
    if panel.teacher.is_none() {
        panel.teacher = teachers.first().map(|teacher| teacher.name.clone());
    }
    let chosen = panel.teacher.clone().unwrap_or_default();
    let new = "New teacher …";
    egui::ComboBox::from_id_salt("language model")
        .width(220.0)
        .selected_text(if chosen.is_empty() { new } else { &chosen })
        .show_ui(ui, |ui| {
            for teacher in teachers {
                let choice = ui.selectable_label(teacher.name == chosen, &teacher.name);
                if choice.clicked() {
                    panel.teacher = Some(teacher.name.clone());
                }
            }
            if ui.selectable_label(chosen.is_empty(), new).clicked() {
                panel.teacher = Some(String::new());
            }
        })
        .response
        .accessible_name("Language model");
    match teachers.iter().find(|teacher| teacher.name == chosen) {
        Some(teacher) => {
            about(teacher, ui);
            teacher.clone()
        }
        None => {
            if let Some(kept) = own::ui(&mut panel.own, ui, out) {
                panel.teacher = Some(kept);
            }
            panel.own.teacher()
        }
    }
}

fn about(teacher: &Teacher, ui: &mut Ui) {
    let endpoint = &teacher.endpoint;
    let mut facts = format!("`{}` at {}", endpoint.model, endpoint.host());
    if let Some(prices) = &endpoint.prices {
        facts += &format!(
            "  ·  {} in, {} out for a million tokens",
            prices.input, prices.output
        );
    }
    caption(ui, facts);
    if let Some(name) = &endpoint.key_env {
        let holds = if endpoint.key().is_ok() {
            "holds a key"
        } else {
            "is not set: set it and start the program again"
        };
        caption(ui, format!("The environment variable {name} {holds}"));
    }
}

fn connection(teacher: &Teacher, panel: &mut LlmPanel, ui: &mut Ui) {
    let test = &mut panel.test;
    if let Some(Ok(done)) = test.running.take() {
        test.done = Some(done);
    }
    ui.horizontal(|ui| {
        let idle = !test.running.is_running();
        let button = ui.add_enabled(idle, egui::Button::new("Test connection"));
        let button = button.on_hover_text("Asks for a word; sends no text of the project");
        if button.clicked() {
            begin_test(teacher, test, ui);
        }
        if !idle {
            ui.spinner();
        }
    });
    let Some((of, diagnosis)) = &test.done else {
        return;
    };
    // Choosing another of the server's models is no other connection.
    if of.endpoint.base_url != teacher.endpoint.base_url {
        return;
    }
    let tokens = tokens(ui.ctx());
    let colour = if diagnosis.works {
        tokens.good
    } else {
        tokens.bad
    };
    ui.label(RichText::new(&diagnosis.message).color(colour));
    if let Some(remedy) = &diagnosis.remedy {
        caption(ui, remedy.as_str());
    }
    let is_new = panel.teacher.as_deref().unwrap_or_default().is_empty();
    if is_new && !diagnosis.models.is_empty() {
        ui.horizontal_wrapped(|ui| {
            caption(ui, "The server has:");
            for model in &diagnosis.models {
                if ui.small_button(model).clicked() {
                    panel.own.model.clone_from(model);
                }
            }
        });
    }
}

fn begin_test(teacher: &Teacher, test: &mut ConnectionTest, ui: &Ui) {
    let teacher = teacher.clone();
    test.done = None;
    test.running = Pending::start(ui.ctx(), move || {
        let diagnosis = test_connection(&teacher.endpoint, &Progress::silent());
        Ok((teacher, diagnosis))
    });
}

fn amounts(teacher: &Teacher, panel: &mut LlmPanel, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Samples for a blind spot");
        ui.add(DragValue::new(&mut panel.samples).range(1..=MOST_SAMPLES))
            .labelled_by(label.id);
        if teacher.endpoint.prices.is_some() {
            let meaning = "Most money for these lessons, earlier runs of them included; it is \
                           never exceeded. 0: the teacher's own limit";
            let label = explained(ui.label("Budget"), meaning);
            ui.add(
                DragValue::new(&mut panel.budget)
                    .speed(0.01)
                    .range(0.0..=10_000.0)
                    .max_decimals(4),
            )
            .labelled_by(label.id);
        }
    });
    ui.checkbox(&mut panel.all_spots, "All blind spots");
}

fn order(panel: &LlmPanel, teacher: &Teacher, spot: &BlindSpot) -> TeachOrder {
    TeachOrder {
        samples: panel.samples,
        budget: (panel.budget > 0.0).then_some(panel.budget),
        record: panel.recording().filter(|_| panel.record),
        ..TeachOrder::new(&teacher.name, (!panel.all_spots).then_some(spot.id))
    }
}

fn start(
    spot: &BlindSpot,
    read: &Read<'_>,
    panel: &LlmPanel,
    (teacher, ready): (&Teacher, bool),
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    if let Some(job) = read.jobs.active(JobKind::Teach) {
        let bar = match job.fraction() {
            Some(fraction) => egui::ProgressBar::new(fraction).show_percentage(),
            None => egui::ProgressBar::new(0.0),
        };
        ui.add(bar.text(job.stage.as_str()));
        ui.horizontal(|ui| {
            let stopping = job.state == JobState::Cancelling;
            let stop = ui.add_enabled(!stopping, egui::Button::new("Stop the lesson"));
            let stop = stop.on_hover_text("What was received is kept, and not asked for again");
            if stop.clicked() {
                out.push(Ask::CancelJob(job.id));
            }
            if let Some(left) = job.time_left() {
                caption(ui, format!("about {} left", duration(left)));
            }
        });
        return;
    }
    let button = primary_button(ui, "Start the lesson", ready);
    let button = button.on_hover_text(
        "The model looks for hypotheses, writes samples for them, and labels its samples again \
         without seeing the labels. All of it are drafts until you accept them",
    );
    if button.clicked() {
        out.push(Command::Teach(Box::new(order(panel, teacher, spot))).into());
    }
    if !ready {
        caption(ui, "Keep the teacher and confirm where texts go first");
    }
    for note in &read.state.teaching_notes {
        caption(ui, note.as_str());
    }
}

/// Hypotheses of people on the blind spot, each with a button.
fn hypotheses(
    spot: &BlindSpot,
    read: &Read<'_>,
    panel: &LlmPanel,
    (teacher, ready): (&Teacher, bool),
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    let lessons = read.state.document.lessons.values();
    let lessons = lessons.filter(|lesson| lesson.blind_spot == spot.id);
    let of_people: Vec<&Hypothesis> = lessons
        .filter(|lesson| lesson.author == Author::Human)
        .flat_map(|lesson| &lesson.hypotheses)
        .collect();
    if of_people.is_empty() {
        return;
    }
    let meaning = "The model writes samples for your hypothesis instead of its own; the lesson \
                   says who did which part";
    section(ui, "Samples for a person's hypothesis", meaning);
    let idle = read.jobs.active(JobKind::Teach).is_none();
    for hypothesis in of_people {
        ui.label(&hypothesis.text);
        let button = egui::Button::new("Write samples for this one");
        let button = ui.add_enabled(ready && idle, button);
        if button.on_hover_text(meaning).clicked() {
            let order = TeachOrder {
                hypotheses: vec![hypothesis.clone()],
                blind_spots: vec![spot.id],
                ..order(panel, teacher, spot)
            };
            out.push(Command::Teach(Box::new(order)).into());
        }
    }
}

fn recording(read: &Read<'_>, panel: &mut LlmPanel, ui: &mut Ui, out: &mut Vec<Ask>) {
    egui::CollapsingHeader::new("Recordings").show(ui, |ui| {
        caption(
            ui,
            "A recorded lesson can be replayed without a network, plainly labelled",
        );
        let field = TextEdit::singleline(&mut panel.recording)
            .hint_text("path of a .jsonl file")
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name("File of the recording");
        let named = panel.recording().is_some();
        ui.add_enabled(
            named,
            egui::Checkbox::new(&mut panel.record, "Record the next lesson there"),
        );
        let idle = read.jobs.active(JobKind::Teach).is_none();
        let replay = ui.add_enabled(named && idle, egui::Button::new("Replay it"));
        if let (true, Some(path)) = (replay.clicked(), panel.recording()) {
            out.push(Command::Replay(path).into());
        }
    });
}
