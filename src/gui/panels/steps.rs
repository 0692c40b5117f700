//! The loop's steps at the left, how each stands, and the one next action.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::text::LayoutJob;
use eframe::egui::{self, Align2, Color32, FontId, Galley, Rect, RichText, Sense, Ui, Vec2, pos2};

use super::widgets::{caption, count, primary_button};
use crate::gui::read::{Ask, Read};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::view_state::{FilePurpose, SpotRef, Stage, ViewState};
use crate::records::{RecordId, Role};
use crate::session::{Command, JobKind};
use crate::support::text::{many, times};

/// Height of a step whose detail is one line.
const ROW_HEIGHT: f32 = 44.0;
/// From the top of a step to the foot of its name, where the detail begins.
const NAME_FOOT: f32 = ROW_HEIGHT / 2.0;
/// From the left of a step to its name and its detail.
const TEXT_LEFT: f32 = 40.0;
/// Lines of a detail; the tooltip tells what is longer.
const MOST_LINES: usize = 3;

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Finished.
    Done,
    /// Finished once, but something it rests on has changed.
    Stale,
    /// At work.
    Running,
    /// Still to do.
    ToDo,
}

impl Standing {
    /// In words, for screen readers and tooltips.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Done => "done",
            Standing::Stale => "stale",
            Standing::Running => "running",
            Standing::ToDo => "to do",
        }
    }

    fn colour(self, tokens: &Tokens) -> Color32 {
        match self {
            Standing::Done => tokens.good,
            Standing::Stale => tokens.caution,
            Standing::Running => tokens.accent,
            Standing::ToDo => tokens.text_weak,
        }
    }
}

/// A step of the loop as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// What is known of it, in few words.
    pub detail: String,
    /// How it stands.
    pub standing: Standing,
    /// What a click shows.
    pub stage: Stage,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct NextAction {
    /// On the button.
    pub label: String,
    /// Under the button.
    pub why: String,
    /// What the button does.
    pub act: Act,
}

/// What the next action does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// A command.
    Do(Command),
    /// Asks for a file.
    Ask(FilePurpose),
    /// Shows something.
    Go(Stage),
    /// Shows the lesson on a blind spot.
    Teach(SpotRef),
}

/// All steps of the loop.
pub fn steps(read: &Read<'_>) -> Vec<Step> {
    vec![
        data(read),
        model(read),
        blind_spots(read),
        teach(read),
        retrain(read),
        compare(read),
    ]
}

fn step(name: &'static str, stage: Stage, standing: Standing, detail: String) -> Step {
    Step {
        name,
        detail,
        standing,
        stage,
    }
}

fn standing(running: bool, done: bool, fresh: bool) -> Standing {
    match (running, done, fresh) {
        (true, _, _) => Standing::Running,
        (_, true, true) => Standing::Done,
        (_, true, false) => Standing::Stale,
        _ => Standing::ToDo,
    }
}

fn data(read: &Read<'_>) -> Step {
    let examples = read.state.dataset.examples.len();
    let detail = format!(
        "{} texts, {} labels",
        count(examples),
        read.state.dataset.labels.len()
    );
    let running = read.jobs.active(JobKind::Open).is_some();
    step(
        "Data",
        Stage::Data,
        standing(running, examples > 0, true),
        detail,
    )
}

fn model(read: &Read<'_>) -> Step {
    let running = [JobKind::Fit, JobKind::Score]
        .iter()
        .any(|kind| read.jobs.active(*kind).is_some());
    let scored = read.state.predictions.is_some();
    let detail = match (&read.state.base, scored) {
        (Some(base), true) => base.origin.clone(),
        (Some(base), false) => format!("{}, not scored yet", base.origin),
        (None, true) => "predictions were imported".into(),
        (None, false) if read.state.black_box => "a black box, not read yet".into(),
        (None, false) => "not fitted yet".into(),
    };
    step(
        "Base model",
        Stage::Data,
        standing(running, scored, true),
        detail,
    )
}

fn blind_spots(read: &Read<'_>) -> Step {
    let running = read.jobs.active(JobKind::Freeze).is_some();
    let frozen = read.state.snapshot();
    let spots = read.derived.spots.len();
    let detail = match frozen {
        None if read.state.predictions.is_none() => "after the base model".into(),
        None => format!("{} unknown unknowns", read.derived.counts().uus),
        Some(snapshot) if read.derived.previewing => {
            format!("settings differ from version {}", snapshot.version)
        }
        Some(snapshot) => format!("{spots} in version {}", snapshot.version),
    };
    let fresh = !read.derived.previewing;
    step(
        "Blind spots",
        Stage::Explore,
        standing(running, frozen.is_some(), fresh),
        detail,
    )
}

fn teach(read: &Read<'_>) -> Step {
    let running = read.jobs.active(JobKind::Teach).is_some();
    let samples: usize = samples(read);
    let taught = read.derived.spots.iter().filter(|s| s.samples > 0).count();
    let detail = match samples {
        0 => "no lesson yet".into(),
        _ => format!("{}, {taught} taught", many(samples, "sample")),
    };
    step(
        "Teach",
        Stage::Teach,
        standing(running, samples > 0, true),
        detail,
    )
}

fn retrain(read: &Read<'_>) -> Step {
    let running = read.jobs.active(JobKind::Retrain).is_some();
    let rounds = &read.state.rounds;
    let detail = match rounds.len() {
        0 => "no round yet".into(),
        1 => "1 round".into(),
        more => format!("{more} rounds"),
    };
    step(
        "Retrain",
        Stage::Retrain,
        standing(running, !rounds.is_empty(), true),
        detail,
    )
}

fn compare(read: &Read<'_>) -> Step {
    let running = read.jobs.active(JobKind::Compare).is_some();
    let state = read.state;
    let detail = match state.document.model_round {
        0 if state.rounds.is_empty() => "before against after".into(),
        0 => "the base model is in use".into(),
        round => format!("the model of round {round} is in use"),
    };
    step(
        "Compare",
        Stage::Compare,
        standing(running, !state.rounds.is_empty(), true),
        detail,
    )
}

fn samples(read: &Read<'_>) -> usize {
    let lessons = read.state.document.lessons.values();
    lessons
        .map(|lesson| lesson.training_samples().count())
        .sum()
}

/// Accepted samples that no round has used or left out.
fn new_samples(read: &Read<'_>) -> usize {
    let rounds = read.state.rounds.iter();
    let taught = rounds.flat_map(|result| &result.round.taught);
    let known: BTreeSet<&RecordId> = taught
        .flat_map(|lesson| lesson.uses().map(|(id, _)| id).chain(&lesson.left_out))
        .collect();
    let lessons = read.state.document.lessons.values();
    let accepted =
        lessons.flat_map(|lesson| lesson.training_samples().chain(lesson.test_samples()));
    accepted
        .filter(|sample| !known.contains(&sample.id))
        .count()
}

/// The one thing to do now; none while work that must finish first is running.
pub fn next_action(read: &Read<'_>) -> Option<NextAction> {
    let state = read.state;
    let blocking = [JobKind::Open, JobKind::Fit, JobKind::Score, JobKind::Freeze];
    if blocking
        .iter()
        .any(|kind| read.jobs.active(*kind).is_some())
    {
        return None;
    }
    let act = |label: &str, why: &str, act| {
        Some(NextAction {
            label: label.to_owned(),
            why: why.to_owned(),
            act,
        })
    };
    if state.predictions.is_none() {
        return match state.base {
            None if state.black_box => act(
                "Import the predictions",
                "What your model says to these texts, from a file",
                Act::Ask(FilePurpose::ImportPredictions),
            ),
            None => act(
                "Fit the base model",
                "Its confident errors are what this is about",
                Act::Do(Command::Fit),
            ),
            Some(_) => act(
                "Score the texts",
                "The base model has not answered them yet",
                Act::Do(Command::Score),
            ),
        };
    }
    if state.snapshot().is_none() {
        return match read.derived.counts().uus {
            0 => None,
            _ => act(
                "Freeze the blind spots",
                "Names, triage and lessons attach to a frozen version",
                Act::Do(Command::Freeze),
            ),
        };
    }
    if state.black_box {
        return act(
            "Write the report",
            "There is no model to retrain; its blind spots can be handed on",
            Act::Ask(FilePurpose::Report),
        );
    }
    if samples(read) == 0 {
        let first = read.derived.spots.first()?;
        let label = "Teach the largest blind spot";
        return act(label, &first.name, Act::Teach(first.spot));
    }
    if state.rounds.is_empty() {
        let why = format!("{} waiting", many(samples(read), "sample"));
        return act("Retrain the model", &why, Act::Go(Stage::Retrain));
    }
    let new = new_samples(read);
    if new > 0 {
        let why = format!("{} since the last round", many(new, "new sample"));
        return act("Retrain the model", &why, Act::Go(Stage::Retrain));
    }
    act(
        "Compare before and after",
        "See what got better and what got worse",
        Act::Go(Stage::Compare),
    )
}

/// Shows the steps and the next action.
pub fn ui(read: &Read<'_>, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    ui.add_space(theme::GAP / 2.0);
    caption(ui, "THE LOOP");
    for (position, step) in steps(read).iter().enumerate() {
        step_row(position, step, view, ui);
    }
    ui.add_space(theme::PADDING);
    if let Some(next) = next_action(read) {
        ui.vertical_centered_justified(|ui| {
            if primary_button(ui, &next.label, true).clicked() {
                follow(next.act, read, view, out);
            }
        });
        // A justified line of words would be stretched.
        ui.vertical_centered(|ui| {
            ui.add(egui::Label::new(
                RichText::new(next.why)
                    .size(theme::SMALL)
                    .color(tokens(ui.ctx()).text_weak),
            ));
        });
    }
    sealed(read, ui);
}

fn follow(act: Act, read: &Read<'_>, view: &mut ViewState, out: &mut Vec<Ask>) {
    match act {
        Act::Do(command) => out.push(command.into()),
        Act::Ask(purpose) => view.confirm = Some(purpose.ask(read.state)),
        Act::Go(stage) => view.stage = stage,
        Act::Teach(spot) => {
            if let Some(facts) = read.derived.spot(spot) {
                view.choose_spot(spot, &facts.rows, read.derived.rows.len());
            }
            view.stage = Stage::Teach;
        }
    }
}

fn step_row(position: usize, step: &Step, view: &mut ViewState, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let width = ui.available_width();
    let detail = detail_lines(step, width - TEXT_LEFT, ui);
    let needed = NAME_FOOT + detail.size().y + theme::GAP;
    let size = Vec2::new(width, needed.max(ROW_HEIGHT));
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let chosen = view.stage == step.stage && step.name != "Base model";
    if chosen || response.hovered() {
        let fill = if chosen {
            tokens.selection
        } else {
            tokens.hovered
        };
        ui.painter().rect_filled(rect, theme::RADIUS, fill);
    }
    let meaning = match detail.elided {
        true => format!("{}: {}", step.standing.name(), step.detail),
        false => step.standing.name().to_owned(),
    };
    paint_step(position, step, detail, rect, ui);
    let name = format!("{}: {}, {}", step.name, step.standing.name(), step.detail);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
    if response.has_focus() {
        let focus = egui::Stroke::new(2.0, tokens.accent);
        ui.painter()
            .rect_stroke(rect, theme::RADIUS, focus, egui::StrokeKind::Inside);
    }
    if response.on_hover_text(meaning).clicked() {
        view.stage = step.stage;
    }
}

/// The detail of a step in lines of this width: a black box is named by the
/// file of its predictions, which one line does not hold.
fn detail_lines(step: &Step, width: f32, ui: &Ui) -> Arc<Galley> {
    let small = FontId::proportional(theme::SMALL);
    let colour = tokens(ui.ctx()).text_weak;
    let mut lines = LayoutJob::simple(step.detail.clone(), small, colour, width);
    lines.wrap.max_rows = MOST_LINES;
    ui.painter().layout_job(lines)
}

fn paint_step(position: usize, step: &Step, detail: Arc<Galley>, rect: Rect, ui: &Ui) {
    let tokens = tokens(ui.ctx());
    let painter = ui.painter();
    let centre = pos2(rect.left() + 20.0, rect.top() + NAME_FOOT);
    let colour = step.standing.colour(tokens);
    match step.standing {
        Standing::Done => {
            painter.circle_filled(centre, 10.0, colour);
            tick(painter, centre, tokens.surface);
        }
        _ => {
            painter.circle_stroke(centre, 10.0, egui::Stroke::new(1.5, colour));
            let sign = match step.standing {
                Standing::Stale => "!".to_owned(),
                Standing::Running => "…".to_owned(),
                _ => (position + 1).to_string(),
            };
            let small = FontId::proportional(theme::SMALL);
            painter.text(centre, Align2::CENTER_CENTER, sign, small, colour);
        }
    }
    let text = pos2(rect.left() + TEXT_LEFT, rect.top() + NAME_FOOT);
    let body = FontId::proportional(theme::BODY);
    painter.text(text, Align2::LEFT_BOTTOM, step.name, body, tokens.text);
    painter.galley(text, detail, tokens.text_weak);
}

/// A tick of three points, so that no font has to have one.
fn tick(painter: &egui::Painter, centre: egui::Pos2, colour: Color32) {
    let at = |x: f32, y: f32| pos2(centre.x + x, centre.y + y);
    let stroke = egui::Stroke::new(2.0, colour);
    painter.line_segment([at(-4.0, 0.5), at(-1.2, 3.5)], stroke);
    painter.line_segment([at(-1.2, 3.5), at(4.5, -3.0)], stroke);
}

/// How much is sealed, and how often it was opened.
fn sealed(read: &Read<'_>, ui: &mut Ui) {
    ui.add_space(theme::PADDING);
    let texts = format!(
        "{} texts of “{}”",
        count(read.state.sealed_count()),
        Role::Final
    );
    let line = match read.state.openings.len() {
        0 => format!("{texts} are sealed, never opened"),
        some => format!("{texts}, opened {}", times(some)),
    };
    caption(ui, line).on_hover_text(crate::gui::words::SEALED);
}
