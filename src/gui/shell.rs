//! How the window is divided: bar, steps, middle, inspector, jobs.

use eframe::egui::{
    self, Context, Frame, InputState, Key, Margin, Modifiers, Panel, Popup, RichText, Ui,
};

use super::command_text::Shortcut;
use super::dialogs;
use super::live::Live;
use super::live_checks::LiveChecks;
use super::notices::Notices;
use super::panels::compare::CompareView;
use super::panels::example::judge;
use super::panels::explore::{self, ExploreView};
use super::panels::filters::{self, selected_errors};
use super::panels::retrain::RetrainForm;
use super::panels::teach::{LiveAnswers, TeachForm};
use super::panels::{
    compare, data, inspector, jobs, presentation, retrain, steps, table, teach, to_teach, toolbar,
};
use super::read::{Ask, Read};
use super::theme::{self, tokens};
use super::view_state::{Stage, ViewState};
use super::words;
use crate::records::Triage;
use crate::session::Command;

/// What widgets keep from frame to frame beyond the view.
#[derive(Default)]
pub struct Widgets {
    /// Map and table.
    pub explore: ExploreView,
    /// What is being taught.
    pub teach: TeachForm,
    /// What is to be retrained.
    pub retrain: RetrainForm,
    /// Before against after.
    pub compare: CompareView,
    /// The model's answers to what is typed.
    pub live: Option<Live>,
    /// The checks of samples.
    pub checks: Option<LiveChecks>,
}

/// Shows an open project.
pub fn ui(
    read: &Read<'_>,
    view: &mut ViewState,
    widgets: &mut Widgets,
    notices: &mut Notices,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    keys(read, view, widgets, ui, out);
    let fill = tokens(ui.ctx()).surface;
    let frame = Frame::new()
        .fill(fill)
        .inner_margin(Margin::symmetric(theme::PADDING as i8, 8));
    Panel::top("bar")
        .frame(frame)
        .show(ui, |ui| toolbar::ui(read, view, ui, out));
    if !jobs::is_empty(read, notices) {
        Panel::bottom("jobs")
            .frame(frame)
            .show(ui, |ui| jobs::ui(read, notices, ui, out));
    }
    if view.presentation {
        Panel::bottom("presentation")
            .frame(frame)
            .show(ui, |ui| presentation::ui(view, ui));
    } else if view.teach_mode {
        view.stage = Stage::Teach;
        Panel::left("to teach")
            .frame(frame)
            .default_size(240.0)
            .size_range(180.0..=360.0)
            .show(ui, |ui| to_teach::ui(read, view, ui));
    } else {
        Panel::left("steps")
            .frame(frame)
            .default_size(210.0)
            .size_range(170.0..=320.0)
            .show(ui, |ui| {
                egui::ScrollArea::vertical()
                    .auto_shrink([false, false])
                    .show(ui, |ui| steps::ui(read, view, ui, out));
            });
    }
    // What follows the map needs the room, and chooses its blind spot itself.
    if matches!(view.stage, Stage::Data | Stage::Explore) {
        let width = if view.presentation { 380.0 } else { 330.0 };
        Panel::right("inspector")
            .frame(frame)
            .default_size(width)
            .size_range(260.0..=620.0)
            .show(ui, |ui| inspector::ui(read, view, ui, out));
    }
    egui::CentralPanel::default_margins()
        .frame(frame)
        .show(ui, |ui| {
            model_in_use(read, view, ui, out);
            middle(read, view, widgets, ui, out);
        });
    dialogs::ui(view, ui.ctx(), out);
}

/// Says whose answers are shown, unless they are the base's.
fn model_in_use(read: &Read<'_>, view: &ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    let round = read.state.document.model_round;
    if round == 0 || matches!(view.stage, Stage::Retrain | Stage::Compare) {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let line = match read.state.answers() {
            Some(_) => format!("The model of round {round} is in use: it gives the answers shown"),
            None => format!("Reading what the model of round {round} says …"),
        };
        let colour = tokens(ui.ctx()).accent;
        ui.label(RichText::new(line).color(colour))
            .on_hover_text(words::MODEL_IN_USE);
        if ui.small_button("Back to the base model").clicked() {
            out.push(Command::UseModel(0).into());
        }
    });
}

fn middle(
    read: &Read<'_>,
    view: &mut ViewState,
    widgets: &mut Widgets,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    match view.stage {
        Stage::Data => data::ui(read, view, ui, out),
        Stage::Explore => explore::ui(read, &mut widgets.explore, view, ui, out),
        Stage::Teach => {
            let answers = LiveAnswers {
                live: widgets.live.as_mut(),
                checks: widgets.checks.as_mut(),
            };
            teach::ui(read, &mut widgets.teach, answers, view, ui, out);
        }
        Stage::Retrain => retrain::ui(read, &mut widgets.retrain, view, ui, out),
        Stage::Compare => compare::ui(read, &mut widgets.compare, view, ui, out),
    }
}

/// What the keyboard asks for.
fn keys(read: &Read<'_>, view: &mut ViewState, widgets: &Widgets, ui: &Ui, out: &mut Vec<Ask>) {
    let ctx = ui.ctx();
    close_menu(ctx);
    if view.confirm.is_some() {
        return;
    }
    for shortcut in Shortcut::pressed(ctx) {
        match shortcut {
            Shortcut::Undo => out.push(Command::Undo.into()),
            Shortcut::Redo => out.push(Command::Redo.into()),
            Shortcut::Search => {
                view.stage = Stage::Explore;
                view.focus_search = true;
            }
            Shortcut::RealError => triage(Triage::RealError, read, view, out),
            Shortcut::WrongLabel => triage(Triage::WrongLabel(None), read, view, out),
            Shortcut::Ambiguous => triage(Triage::Ambiguous, read, view, out),
            Shortcut::Next => table::step(1, read, &widgets.explore.visible, view),
            Shortcut::Previous => table::step(-1, read, &widgets.explore.visible, view),
            Shortcut::Clear => clear(view),
            Shortcut::Freeze => {
                if read.derived.counts().uus > 0 {
                    out.push(Command::Freeze.into());
                }
            }
            Shortcut::Presentation => view.presentation = !view.presentation,
            Shortcut::Larger => toolbar::scale(ctx, 0.1),
            Shortcut::Smaller => toolbar::scale(ctx, -0.1),
            Shortcut::Help => view.shortcuts_open = !view.shortcuts_open,
        }
    }
}

/// Escape closes an open menu, and then nothing behind it hears of the key.
fn close_menu(ctx: &Context) {
    let escape = |input: &mut InputState| input.consume_key(Modifiers::NONE, Key::Escape);
    if Popup::is_any_open(ctx) && ctx.input_mut(escape) {
        Popup::close_all(ctx);
    }
}

/// Escape closes what is open before it clears what is selected.
fn clear(view: &mut ViewState) {
    if view.shortcuts_open {
        view.shortcuts_open = false;
    } else if view.presentation {
        view.presentation = false;
    } else {
        view.clear_selection();
    }
}

/// Judges the example in the inspector, or else what is selected.
fn triage(triage: Triage, read: &Read<'_>, view: &ViewState, out: &mut Vec<Ask>) {
    let examples = match view.focus.and_then(|row| read.example(row)) {
        Some(example) => vec![example.key.clone()],
        None => filters::keys(&selected_errors(read, view), read),
    };
    if view.stage == Stage::Explore && !examples.is_empty() {
        judge(examples, Some(triage), read, out);
    }
}
