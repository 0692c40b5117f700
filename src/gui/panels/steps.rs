//! The loop's steps at the left, how each stands, and under them the one next
//! action.

use std::sync::Arc;

use eframe::egui::text::LayoutJob;
use eframe::egui::{self, Align2, Color32, FontId, Galley, Rect, Sense, Ui, Vec2, pos2};

use super::next_step::{next_action, samples, undecided};
use super::widgets::{caption, count, primary_button};
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::view_state::{Stage, ViewState};
use crate::gui::words;
use crate::records::Role;
use crate::session::JobKind;
use crate::support::text::many;

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

/// All steps of the loop.
pub fn steps(read: &Read<'_>) -> [Step; 6] {
    let state = read.state;
    let scored = state.predictions.is_some();
    let frozen = state.snapshot();
    let retrained = !state.rounds.is_empty();
    let busy = |kinds: &[JobKind]| kinds.iter().any(|kind| read.is_busy(*kind));
    let step = |name, stage, kinds: &[JobKind], done: bool, detail: String| Step {
        name,
        detail,
        standing: match (busy(kinds), done) {
            (true, _) => Standing::Running,
            (_, true) => Standing::Done,
            _ => Standing::ToDo,
        },
        stage,
    };
    let texts = state.dataset.examples.len();
    let labels = state.dataset.labels.len();
    let loaded = format!("{} texts, {labels} labels", count(texts));
    let mut spots = step(
        "Blind spots",
        Stage::Explore,
        &[JobKind::Freeze],
        frozen.is_some(),
        blind_spots(read),
    );
    if spots.standing == Standing::Done && read.derived.previewing {
        spots.standing = Standing::Stale;
    }
    let fitting = [JobKind::Fit, JobKind::Score];
    let compared = [JobKind::Compare];
    let taught = samples(read) > 0;
    [
        step("Data", Stage::Data, &[JobKind::Open], texts > 0, loaded),
        step("Base model", Stage::Data, &fitting, scored, model(read)),
        spots,
        step(
            "Teach",
            Stage::Teach,
            &[JobKind::Teach],
            taught,
            teach(read),
        ),
        step(
            "Retrain",
            Stage::Retrain,
            &[JobKind::Retrain],
            retrained,
            retrain(read),
        ),
        step(
            "Compare",
            Stage::Compare,
            &compared,
            // Not by the retraining alone: somebody has to look at it.
            match state.rounds.last() {
                Some(_) => undecided(read).is_none(),
                None => !state.second_models.is_empty(),
            },
            compare(read),
        ),
    ]
}

fn model(read: &Read<'_>) -> String {
    match (&read.state.base, read.state.predictions.is_some()) {
        (Some(base), true) => base.origin.clone(),
        (Some(base), false) => format!("{}, not scored yet", base.origin),
        (None, true) => "predictions were imported".into(),
        (None, false) if read.state.black_box => "a black box, not read yet".into(),
        (None, false) if read.state.as_it_is => "as it is, not read yet".into(),
        (None, false) => "not fitted yet".into(),
    }
}

fn blind_spots(read: &Read<'_>) -> String {
    let spots = read.derived.spots.len();
    match read.state.snapshot() {
        None if read.state.predictions.is_none() => "after the base model".into(),
        None => many(read.derived.counts().uus, "unknown unknown"),
        Some(snapshot) if read.derived.previewing => {
            format!("settings differ from version {}", snapshot.version)
        }
        Some(snapshot) => format!("{spots} in version {}", snapshot.version),
    }
}

fn teach(read: &Read<'_>) -> String {
    let taught = read.derived.spots.iter().filter(|s| s.samples > 0).count();
    match samples(read) {
        0 => "no lesson yet".into(),
        samples => format!("{}, {taught} taught", many(samples, "sample")),
    }
}

fn retrain(read: &Read<'_>) -> String {
    match read.state.rounds.len() {
        0 => "no round yet".into(),
        rounds => many(rounds, "round"),
    }
}

fn compare(read: &Read<'_>) -> String {
    if let Some(result) = undecided(read) {
        return format!("round {}: keep or discard its model", result.round.number);
    }
    match read.state.document.model_round {
        0 if read.state.rounds.is_empty() => match read.state.second_models.last() {
            _ if read.state.came_with().is_some() => "a round came with the project".into(),
            Some(last) => format!("with {}", last.model.name()),
            None => "before against after".into(),
        },
        0 => "the base model is in use".into(),
        round => format!("the model of round {round} is in use"),
    }
}

/// Shows the steps and the next action.
pub fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    for (position, step) in steps(cx).iter().enumerate() {
        step_row(position, step, cx.view, ui);
    }
    ui.add_space(theme::PADDING);
    if let Some(next) = next_action(cx, cx.view) {
        ui.vertical_centered_justified(|ui| {
            if primary_button(ui, &next.label, true).clicked() {
                next.act.follow(cx);
            }
        });
        // A justified line of words would be stretched.
        ui.vertical_centered(|ui| caption(ui, next.why));
    }
    sealed(cx, ui);
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
    let texts = count(read.state.sealed_count());
    let texts = format!("{texts} texts of “{}”", Role::Final);
    let line = format!("{texts}, {}", read.state.openings_said());
    caption(ui, line).on_hover_text(words::SEALED);
}
