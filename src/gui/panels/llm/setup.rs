//! Who is asked, how much, and what is sent where.

use std::collections::BTreeMap;

use eframe::egui::{self, DragValue, RichText, Ui};

use super::{Amounts, ConnectionTest, LlmPanel, own};
use crate::gui::background::Pending;
use crate::gui::panels::form::{line, menu};
use crate::gui::panels::widgets::{
    button_if, caption, duration, explained, primary_button, section,
};
use crate::gui::read::{Ask, Cx, Read};
use crate::gui::theme::tokens;
use crate::lessons::llm::{LessonBrief, Teacher, test_connection};
use crate::records::{BlindSpot, BlindSpotId, ExampleKey, Judgements, Placement};
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
    let (Some(answers), Some(snapshot)) = (state.frozen_answers(), state.snapshot()) else {
        return String::new();
    };
    let briefing = Briefing {
        task: &state.task,
        meanings: &state.teaching.meanings,
        answers: answers.as_ref().clone(),
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
pub(super) fn ui(spot: &BlindSpot, panel: &mut LlmPanel, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(
        ui,
        "Who is asked",
        "A language model on this machine or behind an API",
    );
    let teacher = choose(panel, cx, ui);
    connection(&teacher, panel, ui);
    section(ui, "How much", "");
    amounts(&teacher, &mut panel.amounts, ui);
    section(
        ui,
        "What is sent",
        "Nothing is sent before you start a lesson",
    );
    let all = panel.amounts.all_spots;
    ui.label(panel.statement.of(&teacher, spot, all, cx));
    let teaching = &cx.state.teaching;
    let confirmed = teaching.is_confirmed(&teacher.endpoint);
    let kept = teaching.teachers.contains(&teacher);
    if !confirmed && kept {
        let host = teacher.endpoint.host();
        let text = format!("Texts may go to {host}");
        if button_if(ui, true, &text, "Asked once for each project and host") {
            cx.ask(Command::ConfirmHost(host));
        }
    }
    let ready = kept && confirmed;
    start(ready, order(panel, &teacher, spot), cx, ui);
    hypotheses(ready, order(panel, &teacher, spot), spot, cx, ui);
    recording(panel, cx, ui);
}

/// The chosen teacher, or the new one as typed so far.
fn choose(panel: &mut LlmPanel, cx: &mut Cx<'_>, ui: &mut Ui) -> Teacher {
    let teachers = &cx.state.teaching.teachers;
    let names = teachers.iter().map(|teacher| &teacher.name);
    let chosen = panel
        .teacher
        .get_or_insert_with(|| names.clone().next().cloned().unwrap_or_default());
    let new = "New teacher …";
    let shown = if chosen.is_empty() {
        new.to_owned()
    } else {
        chosen.clone()
    };
    let entries = names.map(|name| (name.clone(), name.as_str()));
    let entries = entries.chain([(String::new(), new)]);
    menu(ui, ("Language model", 220.0), &shown, chosen, entries);
    match teachers.iter().find(|teacher| teacher.name == *chosen) {
        Some(teacher) => {
            about(teacher, ui);
            teacher.clone()
        }
        None => {
            if let Some(kept) = own::ui(&mut panel.own, cx, ui) {
                *chosen = kept;
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
        let meaning = "Asks for a word; sends no text of the project";
        if button_if(ui, idle, "Test connection", meaning) {
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

fn amounts(teacher: &Teacher, amounts: &mut Amounts, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Samples for a blind spot");
        ui.add(DragValue::new(&mut amounts.samples).range(1..=MOST_SAMPLES))
            .labelled_by(label.id);
        let meaning = "Of the drafts, those are kept that cover the blind spot best: shown errors \
                       and the texts of discovery round them. 0: all";
        let label = explained(ui.label("Keep"), meaning);
        let keep = DragValue::new(&mut amounts.keep).range(0..=MOST_SAMPLES);
        let keep = keep.custom_formatter(|number, _| match number {
            0.0 => "all".to_owned(),
            some => format!("{some:.0}"),
        });
        let keep = keep.custom_parser(|typed| match typed.trim() {
            "all" => Some(0.0),
            number => number.parse().ok(),
        });
        ui.add(keep).labelled_by(label.id);
        if teacher.endpoint.prices.is_some() {
            let meaning = "Most money for these lessons, earlier runs of them included; it is \
                           never exceeded. 0: the teacher's own limit";
            let label = explained(ui.label("Budget"), meaning);
            let budget = DragValue::new(&mut amounts.budget).speed(0.01);
            ui.add(budget.range(0.0..=10_000.0).max_decimals(4))
                .labelled_by(label.id);
        }
    });
    ui.checkbox(&mut amounts.all_spots, "All blind spots");
}

fn order(panel: &LlmPanel, teacher: &Teacher, spot: &BlindSpot) -> TeachOrder {
    let amounts = &panel.amounts;
    TeachOrder {
        samples: amounts.samples,
        keep: (amounts.keep > 0).then_some(amounts.keep),
        budget: (amounts.budget > 0.0).then_some(amounts.budget),
        record: panel.recording().filter(|_| panel.record),
        ..TeachOrder::new(&teacher.name, (!amounts.all_spots).then_some(spot.id))
    }
}

fn start(ready: bool, order: TeachOrder, cx: &mut Cx<'_>, ui: &mut Ui) {
    if let Some(job) = cx.jobs.active(JobKind::Teach) {
        let bar = match job.fraction() {
            Some(fraction) => egui::ProgressBar::new(fraction).show_percentage(),
            None => egui::ProgressBar::new(0.0),
        };
        ui.add(bar.text(job.stage.as_str()));
        ui.horizontal(|ui| {
            let going = job.state != JobState::Cancelling;
            let meaning = "What was received is kept, and not asked for again";
            if button_if(ui, going, "Stop the lesson", meaning) {
                cx.ask(Ask::CancelJob(job.id));
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
        cx.ask(Command::Teach(Box::new(order)));
    }
    if !ready {
        caption(ui, "Keep the teacher and confirm where texts go first");
    }
    for note in &cx.state.teaching_notes {
        caption(ui, note.as_str());
    }
}

/// Hypotheses of people on the blind spot, each with a button.
fn hypotheses(ready: bool, order: TeachOrder, spot: &BlindSpot, cx: &mut Cx<'_>, ui: &mut Ui) {
    let lessons = cx.lessons_by_people(spot.id);
    let mut of_people = lessons.flat_map(|lesson| &lesson.hypotheses).peekable();
    if of_people.peek().is_none() {
        return;
    }
    let meaning = "The model writes samples for your hypothesis instead of its own; the lesson \
                   says who did which part";
    section(ui, "Samples for a person's hypothesis", meaning);
    let ready = ready && !cx.is_busy(JobKind::Teach);
    for hypothesis in of_people {
        ui.label(&hypothesis.text);
        if button_if(ui, ready, "Write samples for this one", meaning) {
            cx.ask(Command::Teach(Box::new(TeachOrder {
                hypotheses: vec![hypothesis.clone()],
                blind_spots: vec![spot.id],
                ..order.clone()
            })));
        }
    }
}

fn recording(panel: &mut LlmPanel, cx: &mut Cx<'_>, ui: &mut Ui) {
    egui::CollapsingHeader::new("Recordings").show(ui, |ui| {
        caption(
            ui,
            "A recorded lesson can be replayed without a network, plainly labelled",
        );
        let (name, path) = ("File of the recording", &mut panel.recording);
        line(ui, name, path, "path of a .jsonl file", f32::INFINITY);
        let named = panel.recording();
        let record = egui::Checkbox::new(&mut panel.record, "Record the next lesson there");
        ui.add_enabled(named.is_some(), record);
        let ready = named.is_some() && !cx.is_busy(JobKind::Teach);
        if let (true, Some(path)) = (button_if(ui, ready, "Replay it", ""), named) {
            cx.ask(Command::Replay(path));
        }
    });
}
