//! How the window is divided: bar, steps, middle, inspector, jobs.

use eframe::egui::{
    self, Align, Context, Frame, InputState, Key, Layout, Margin, Modifiers, Panel, Popup, Rect,
    RichText, Ui, UiBuilder, vec2,
};

use super::command_text::Shortcut;
use super::dialogs;
use super::handed::pasted_view;
use super::live::LiveAnswers;
use super::notices::Notices;
use super::palette::{self, Act, Palette};
use super::panels::compare::CompareView;
use super::panels::data_files::DataFiles;
use super::panels::example::judge;
use super::panels::explore::{self, ExploreView};
use super::panels::filters::{self, selected_errors};
use super::panels::presentation::Presentation;
use super::panels::retrain::RetrainForm;
use super::panels::suspects::SuspectsView;
use super::panels::teach::TeachForm;
use super::panels::widgets::caption;
use super::panels::{
    cards, compare, data, inspector, jobs, presentation, retrain, steps, suspects, table, teach,
    to_teach, toolbar,
};
use super::read::{Ask, Cx};
use super::theme::{self, tokens};
use super::view_state::{Stage, ViewState};
use super::visible::Visible;
use super::words;
use crate::records::Triage;
use crate::session::Command;

/// What widgets keep from frame to frame beyond the view.
#[derive(Default)]
pub struct Widgets {
    /// How the files are read.
    pub files: DataFiles,
    /// Map and table.
    pub explore: ExploreView,
    /// What is being taught.
    pub teach: TeachForm,
    /// What is to be retrained.
    pub retrain: RetrainForm,
    /// Labels that look wrong.
    pub suspects: SuspectsView,
    /// Before against after.
    pub compare: CompareView,
    /// The story for an audience.
    pub presentation: Presentation,
    /// What the model and the checks say to what is typed.
    pub answers: LiveAnswers,
}

/// Shows an open project.
pub fn ui(cx: &mut Cx<'_>, widgets: &mut Widgets, notices: &mut Notices, ui: &mut Ui) {
    keys(cx, widgets, ui);
    if cx.view.presentation {
        presentation::ui(&mut widgets.presentation, cx, ui);
        over_it(cx, widgets, ui);
        return;
    }
    let fill = tokens(ui.ctx()).surface;
    let frame = Frame::new()
        .fill(fill)
        .inner_margin(Margin::symmetric(theme::PADDING as i8, 8));
    Panel::top("bar")
        .frame(frame)
        .show(ui, |ui| toolbar::ui(cx, ui));
    if !jobs::is_empty(&cx.read, notices) {
        Panel::bottom("jobs")
            .frame(frame)
            .show(ui, |ui| jobs::ui(cx, notices, ui));
    }
    if cx.view.teach_mode {
        cx.view.stage = Stage::Teach;
        Panel::left("to teach")
            .frame(frame)
            .default_size(240.0)
            .size_range(180.0..=360.0)
            .show(ui, |ui| to_teach::ui(cx, ui));
    } else {
        left(frame, cx, ui);
    }
    // What follows the map needs the room, and chooses its blind spot itself.
    if matches!(cx.view.stage, Stage::Data | Stage::Explore | Stage::Labels) {
        right(frame, cx, ui);
    }
    egui::CentralPanel::default_margins()
        .frame(frame)
        .show(ui, |ui| {
            model_in_use(cx, ui);
            middle(cx, widgets, ui);
        });
    over_it(cx, widgets, ui);
}

/// What lies over the panels or the page.
fn over_it(cx: &mut Cx<'_>, widgets: &mut Widgets, ui: &Ui) {
    if let Some(chosen) = palette::ui(cx, ui.ctx()) {
        act(chosen, cx, widgets, &ui.ctx().clone());
    }
    dialogs::ui(cx.view, ui.ctx(), cx.out);
}

/// Width of a panel that is folded away, in points.
const FOLDED: f32 = 34.0;

/// The steps, or the strip that brings them back.
fn left(frame: Frame, cx: &mut Cx<'_>, ui: &mut Ui) {
    if cx.view.steps_folded {
        let panel = Panel::left("steps, folded");
        cx.view.steps_folded = !strip(panel, frame, ("»", "Show the steps"), ui);
        return;
    }
    Panel::left("steps")
        .frame(frame)
        .default_size(210.0)
        .size_range(170.0..=320.0)
        .show(ui, |ui| {
            let header = |ui: &mut Ui| {
                caption(ui, "THE LOOP");
                let layout = Layout::right_to_left(Align::Center);
                ui.with_layout(layout, |ui| fold(("«", "Fold the steps"), ui))
                    .inner
            };
            cx.view.steps_folded = ui.horizontal(header).inner;
            egui::ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| steps::ui(cx, ui));
        });
}

/// What is selected, or the strip that brings it back.
fn right(frame: Frame, cx: &mut Cx<'_>, ui: &mut Ui) {
    if cx.view.inspector_folded {
        let panel = Panel::right("inspector, folded");
        cx.view.inspector_folded = !strip(panel, frame, ("«", "Show what is selected"), ui);
        return;
    }
    Panel::right("inspector")
        .frame(frame)
        .default_size(330.0)
        .size_range(260.0..=620.0)
        .show(ui, |ui| {
            let layout = Layout::right_to_left(Align::Min);
            let button = |ui: &mut Ui| fold(("»", "Fold what is selected"), ui);
            // Beside the first line, whatever that is.
            let corner = Rect::from_min_size(
                ui.max_rect().right_top() - vec2(30.0, 4.0),
                vec2(30.0, 20.0),
            );
            let builder = UiBuilder::new().max_rect(corner).layout(layout);
            cx.view.inspector_folded = ui.scope_builder(builder, button).inner;
            ui.add_space(4.0);
            inspector::ui(cx, ui);
        });
}

/// A button that folds a panel; whether it was pressed.
fn fold((sign, meaning): (&str, &str), ui: &mut Ui) -> bool {
    let button = ui.add(egui::Button::new(sign).small().frame(false));
    let button = button.on_hover_text(meaning).accessible_name(meaning);
    button.clicked()
}

/// What is left of a folded panel; whether it is to come back.
fn strip(panel: Panel, frame: Frame, what: (&str, &str), ui: &mut Ui) -> bool {
    let frame = frame.inner_margin(Margin::symmetric(4, 8));
    let panel = panel.frame(frame).resizable(false).exact_size(FOLDED);
    panel.show(ui, |ui| fold(what, ui)).inner
}

/// Says whose answers are shown, unless they are the base's.
fn model_in_use(cx: &mut Cx<'_>, ui: &mut Ui) {
    let round = cx.state.document.model_round;
    if round == 0 || matches!(cx.view.stage, Stage::Retrain | Stage::Compare) {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let line = match cx.state.answers_in_use() {
            Some(_) => format!("The model of round {round} is in use: it gives the answers shown"),
            None => format!("Reading what the model of round {round} says …"),
        };
        let colour = tokens(ui.ctx()).accent;
        ui.label(RichText::new(line).color(colour))
            .on_hover_text(words::MODEL_IN_USE);
        if ui.small_button("Back to the base model").clicked() {
            cx.ask(Command::UseModel(0));
        }
    });
}

fn middle(cx: &mut Cx<'_>, widgets: &mut Widgets, ui: &mut Ui) {
    match cx.view.stage {
        Stage::Data => data::ui(&mut widgets.files, cx, ui),
        Stage::Explore => explore::ui(&mut widgets.explore, cx, ui),
        Stage::Labels => suspects::ui(&mut widgets.suspects, cx, ui),
        Stage::Teach => teach::ui(&mut widgets.teach, &mut widgets.answers, cx, ui),
        Stage::Retrain => retrain::ui(&mut widgets.retrain, cx, ui),
        Stage::Compare => compare::ui(&mut widgets.compare, cx, ui),
    }
}

/// What the keyboard asks for.
fn keys(cx: &mut Cx<'_>, widgets: &mut Widgets, ui: &Ui) {
    let ctx = ui.ctx();
    close_menu(ctx);
    if cx.view.confirm.is_some() || cx.view.palette.is_some() {
        return;
    }
    if let Some(text) = pasted_view(ctx) {
        cx.ask(Ask::PasteView(text));
    }
    if cx.view.presentation && !cx.view.shortcuts_open {
        presentation::keys(cx.view, ctx);
    }
    let presenting = cx.view.presentation;
    let second = ctx.input_mut(|input| {
        let keys = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        input.consume_key(keys, Key::P)
    });
    let pressed = Shortcut::pressed(ctx).into_iter();
    let pressed = pressed.chain(second.then_some(Shortcut::Palette));
    for shortcut in pressed.filter(|pressed| !presenting || pressed.is_for_presenting()) {
        press(shortcut, cx, widgets, ctx);
    }
}

/// Does what a shortcut stands for.
fn press(shortcut: Shortcut, cx: &mut Cx<'_>, widgets: &mut Widgets, ctx: &Context) {
    if cards::press(shortcut, cx) {
        return;
    }
    let (visible, suspects) = (&widgets.explore.visible, &mut widgets.suspects);
    let in_labels = cx.view.stage == Stage::Labels;
    match shortcut {
        Shortcut::Undo => cx.ask(Command::Undo),
        Shortcut::Redo => cx.ask(Command::Redo),
        Shortcut::Search => {
            cx.view.stage = Stage::Explore;
            cx.view.focus_search = true;
        }
        Shortcut::RealError if in_labels => suspects.judge(Triage::RealError, cx),
        Shortcut::WrongLabel if in_labels => suspects.judge(Triage::WrongLabel(None), cx),
        Shortcut::Ambiguous if in_labels => suspects.judge(Triage::Ambiguous, cx),
        Shortcut::Next if in_labels => suspects.step(1, cx),
        Shortcut::Previous if in_labels => suspects.step(-1, cx),
        Shortcut::RealError => triage(Triage::RealError, visible, cx),
        Shortcut::WrongLabel => triage(Triage::WrongLabel(None), visible, cx),
        Shortcut::Ambiguous => triage(Triage::Ambiguous, visible, cx),
        Shortcut::Next => table::step(1, visible, cx),
        Shortcut::Previous => table::step(-1, visible, cx),
        Shortcut::Clear => clear(cx.view),
        Shortcut::Freeze => {
            if cx.derived.counts().uus > 0 {
                cx.ask(Command::Freeze);
            }
        }
        Shortcut::Presentation => cx.view.present(),
        Shortcut::Larger => toolbar::scale(ctx, 0.1),
        Shortcut::Smaller => toolbar::scale(ctx, -0.1),
        Shortcut::Palette => cx.view.palette = Some(Palette::default()),
        Shortcut::Help => cx.view.shortcuts_open = !cx.view.shortcuts_open,
    }
}

/// Carries out a command that was found by its name. Going somewhere ends a
/// presentation, which has no other places.
fn act(act: Act, cx: &mut Cx<'_>, widgets: &mut Widgets, ctx: &Context) {
    let stays = match &act {
        Act::Press(shortcut) => shortcut.is_for_presenting(),
        Act::Theme(_) => true,
        _ => false,
    };
    cx.view.presentation &= stays;
    match act {
        Act::Press(shortcut) => press(shortcut, cx, widgets, ctx),
        Act::Ask(ask) => cx.ask(ask),
        Act::Confirm(confirm) => cx.view.confirm = Some(confirm),
        Act::Go(stage) => cx.view.stage = stage,
        Act::Spot(spot) => {
            if let Some(facts) = cx.derived.spot(spot) {
                cx.choose_spot(facts);
                cx.view.stage = Stage::Explore;
            }
        }
        Act::Compare(compared) => {
            cx.view.compared = Some(compared);
            cx.view.stage = Stage::Compare;
        }
        Act::View(change) => change(cx.view),
        Act::Theme(theme) => ctx.set_theme(theme),
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
        view.present();
    } else {
        view.clear_selection();
    }
}

/// Judges the example in the inspector, or else what is selected.
fn triage(triage: Triage, visible: &Visible, cx: &mut Cx<'_>) {
    let examples = match cx.view.focus.and_then(|row| cx.example(row)) {
        Some(example) => vec![example.key.clone()],
        None => filters::keys(&selected_errors(cx), cx),
    };
    if cx.view.stage == Stage::Explore && !examples.is_empty() {
        table::note_place(visible, cx);
        judge(examples, Some(triage), cx);
    }
}
