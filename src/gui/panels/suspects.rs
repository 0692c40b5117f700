//! Labels that look wrong: the confident errors, the most suspicious label
//! first; under the list what speaks against the chosen one, its nearest texts
//! with their labels, and the judgement.

use std::sync::Arc;

use eframe::egui::{self, Align, Panel, RichText, Sense, Ui};
use egui_extras::{Column as Width, TableBuilder, TableRow};

use super::example::{judge, same_kind};
use super::form::line;
use super::no_errors;
use super::spot_list::has_no_errors;
use super::widgets::{caption, count, empty, explained, percent, quote, tag, title};
use crate::discovery::{Suspect, suspects};
use crate::gui::command_text::Shortcut;
use crate::gui::file_dialog::file_button;
use crate::gui::following::{Following, OfAnswers};
use crate::gui::read::{Cx, Read, shown};
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::{FilePurpose, Stage};
use crate::gui::words;
use crate::records::Triage;
use crate::steps::suspects::{MEANING, reason};
use crate::support::Progress;
use crate::support::text::many;

const ROW_HEIGHT: f32 = 24.0;

/// The list, kept from frame to frame.
#[derive(Default)]
pub struct SuspectsView {
    following: Following<OfAnswers, Vec<Suspect>>,
    /// Whether the list scrolls to the chosen suspect in the next frame.
    scroll: bool,
}

impl SuspectsView {
    fn list(&self) -> Arc<Vec<Suspect>> {
        self.following.value().cloned().unwrap_or_default()
    }

    /// Follows the base's answers.
    fn follow(&mut self, read: &Read<'_>, ctx: &egui::Context) {
        let Some(answers) = read.state.answers() else {
            self.following.clear();
            return;
        };
        let asked = Arc::clone(answers);
        // Silence is never cancelled.
        let make = move || suspects(&asked, &Progress::silent()).unwrap_or_default();
        let (of, rows) = (OfAnswers::new(answers), answers.len());
        self.following.follow(of, rows, ctx, make);
    }

    /// The suspect whose example the window shows, with its place.
    fn chosen<'l>(&self, list: &'l [Suspect], read: &Cx<'_>) -> Option<(usize, &'l Suspect)> {
        let example = read.derived.rows.get(read.view.focus?)?.example;
        let mut numbered = list.iter().enumerate();
        numbered.find(|(_, suspect)| suspect.example == example)
    }

    /// Judges the chosen suspect and goes on to the next that nobody has
    /// judged.
    pub fn judge(&mut self, triage: Triage, cx: &mut Cx<'_>) {
        let list = self.list();
        let Some((at, suspect)) = self.chosen(&list, cx) else {
            return;
        };
        // Here the model's label is on the button.
        let triage = match triage {
            Triage::WrongLabel(None) => Triage::WrongLabel(Some(suspect.predicted)),
            other => other,
        };
        let key = &cx.read.state.dataset.examples[suspect.example].key;
        judge(vec![key.clone()], Some(triage), cx);
        let is_open = |one: &&Suspect| triage_of(one, &cx.read).is_none();
        if let Some(next) = list[at + 1..].iter().find(is_open) {
            self.choose(next, cx);
        }
    }

    /// Goes to the next suspect (+1) or the one before (−1).
    pub fn step(&mut self, by: isize, cx: &mut Cx<'_>) {
        let list = self.list();
        let next = match self.chosen(&list, cx) {
            Some((at, _)) => at.saturating_add_signed(by),
            None => 0,
        };
        if let Some(suspect) = list.get(next) {
            self.choose(suspect, cx);
        }
    }

    fn choose(&mut self, suspect: &Suspect, cx: &mut Cx<'_>) {
        let answers = cx.read.state.answers();
        if let Some(row) = answers.and_then(|answers| answers.row_of(suspect.example)) {
            cx.view.choose_row(row, cx.read.derived.rows.len());
            self.scroll = true;
        }
    }
}

fn triage_of(suspect: &Suspect, read: &Read<'_>) -> Option<Triage> {
    let key = &read.state.dataset.examples[suspect.example].key;
    read.state.document.triage.get(key).copied()
}

/// The button that leads here.
pub fn button(cx: &mut Cx<'_>, ui: &mut Ui) {
    let button = ui.button("Labels that look wrong …");
    if button.on_hover_text(MEANING).clicked() {
        cx.view.stage = Stage::Labels;
    }
}

/// Shows the list, and under it the chosen suspect.
pub fn ui(view: &mut SuspectsView, cx: &mut Cx<'_>, ui: &mut Ui) {
    view.follow(&cx.read, ui.ctx());
    let list = view.list();
    head(&list, cx, ui);
    if list.is_empty() && has_no_errors(cx) {
        no_errors::ui(cx, ui);
        return;
    }
    if list.is_empty() {
        let (what, next) = match cx.state.answers() {
            None => (
                "Nothing to judge yet",
                "The base model has not answered the texts",
            ),
            Some(_) => ("Looking …", "This takes a moment"),
        };
        empty(ui, what, next);
        return;
    }
    let room = ui.available_height();
    Panel::bottom("chosen suspect")
        .resizable(true)
        .default_size(room * 0.55)
        .size_range(90.0..=(room - 90.0).max(100.0))
        .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(0, 4)))
        .show(ui, |ui| {
            egui::ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| match view.chosen(&list, cx) {
                    Some((_, suspect)) => chosen(view, suspect, cx, ui),
                    None => {
                        caption(ui, "Choose a label above, or press the down arrow");
                    }
                });
        });
    table(view, &list, cx, ui);
}

fn head(list: &[Suspect], cx: &mut Cx<'_>, ui: &mut Ui) {
    title(ui, "Labels that look wrong").on_hover_text(MEANING);
    let judged = list.iter().filter(|one| triage_of(one, &cx.read).is_some());
    let judged = judged.count();
    caption(
        ui,
        format!(
            "{} of discovery, the most suspicious label first; {} judged",
            many(list.len(), "confident error"),
            count(judged)
        ),
    );
    ui.horizontal_wrapped(|ui| {
        let label = caption(ui, "Judged by");
        line(ui, "Judged by", &mut cx.view.judge, "not said", 110.0)
            .labelled_by(label.id)
            .on_hover_text("Stands beside each change in the table of corrections");
        file_button(FilePurpose::Corrected, cx, ui);
    });
    ui.add_space(theme::GAP);
}

fn table(view: &mut SuspectsView, list: &[Suspect], cx: &mut Cx<'_>, ui: &mut Ui) {
    let column = |width: f32| Width::initial(width).at_least(44.0).clip(true);
    let mut table = TableBuilder::new(ui)
        .id_salt("suspects")
        .striped(true)
        .sense(Sense::click())
        .cell_layout(egui::Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .min_scrolled_height(0.0)
        .column(Width::remainder().at_least(140.0).clip(true))
        .column(column(74.0))
        .column(column(74.0))
        .column(column(86.0))
        .column(column(110.0));
    if std::mem::take(&mut view.scroll)
        && let Some((at, _)) = view.chosen(list, cx)
    {
        table = table.scroll_to_row(at, None);
    }
    table
        .header(ROW_HEIGHT, |mut header| {
            for (name, meaning) in [
                ("Text", ""),
                ("The data", "The label that the data gives"),
                ("The model", "The label that the model says"),
                ("Neighbours", words::NEIGHBOURS),
                ("Judged", words::TRIAGE),
            ] {
                header.col(|ui| {
                    explained(caption(ui, name), meaning);
                });
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, list.len(), |mut row| {
                row_of(view, &list[row.index()], cx, &mut row);
            });
        });
}

fn row_of(view: &mut SuspectsView, suspect: &Suspect, cx: &mut Cx<'_>, row: &mut TableRow<'_, '_>) {
    let focused = cx.view.focus.and_then(|row| cx.derived.rows.get(row));
    let is_chosen = focused.is_some_and(|facts| facts.example == suspect.example);
    row.set_selected(is_chosen);
    let mut chosen = false;
    row.col(|ui| {
        let text = text_of(suspect.example, &cx.read).replace(['\n', '\r'], " ");
        let button = egui::Button::selectable(is_chosen, text.as_str());
        let response = ui.add(button.frame(false).truncate());
        chosen = response.accessible_name(text).clicked();
    });
    let judged = triage_of(suspect, &cx.read);
    let judged = judged.map(|triage| in_short(triage, &cx.read));
    for cell in [
        cx.label(suspect.given).to_owned(),
        cx.label(suspect.predicted).to_owned(),
        sides(suspect),
        judged.unwrap_or_default(),
    ] {
        row.col(|ui| {
            let text = RichText::new(cell).size(theme::SMALL);
            ui.add(egui::Label::new(text).truncate().selectable(false));
        });
    }
    if row.response().clicked() || chosen {
        view.choose(suspect, cx);
        view.scroll = false;
    }
}

/// A judgement in the words of the buttons, as narrow as a column.
fn in_short(triage: Triage, read: &Read<'_>) -> String {
    match triage {
        Triage::RealError => "right".to_owned(),
        Triage::WrongLabel(None) => "wrong".to_owned(),
        Triage::WrongLabel(Some(label)) => format!("wrong: {}", read.label(label)),
        Triage::Ambiguous => "unclear".to_owned(),
    }
}

/// How many neighbours side with the model, and how many with the data.
fn sides(suspect: &Suspect) -> String {
    match suspect.asked {
        0 => "–".into(),
        _ => format!("{} : {}", suspect.side_with_model, suspect.side_with_data),
    }
}

/// The texts of *discovery*, which are never sealed.
fn text_of(example: usize, read: &Read<'_>) -> String {
    let example = &read.state.dataset.examples[example];
    example.text().map_or_else(String::new, shown)
}

fn chosen(view: &mut SuspectsView, suspect: &Suspect, cx: &mut Cx<'_>, ui: &mut Ui) {
    quote(ui, text_of(suspect.example, &cx.read));
    let key = &cx.read.state.dataset.examples[suspect.example].key;
    let mut spots = cx
        .state
        .snapshot()
        .into_iter()
        .flat_map(|snapshot| &snapshot.blind_spots);
    if spots.any(|spot| spot.kept_back.contains(key)) {
        let colour = tokens(ui.ctx()).caution;
        explained(tag(ui, "kept back from teachers", colour), words::KEPT_BACK);
    }
    ui.label(reason(suspect, &cx.state.dataset));
    buttons(view, suspect, cx, ui);
    if suspect.neighbours.is_empty() {
        return;
    }
    caption(
        ui,
        "The nearest texts, with the labels that the data gives them",
    );
    for index in &suspect.neighbours {
        let label = cx.state.dataset.examples[*index].label;
        ui.horizontal_top(|ui| {
            let tokens = tokens(ui.ctx());
            let colour = match label {
                label if label == suspect.given => tokens.good,
                label if label == suspect.predicted => tokens.bad,
                _ => tokens.text_weak,
            };
            tag(ui, cx.label(label), colour);
            ui.add(egui::Label::new(text_of(*index, &cx.read)).wrap());
        });
    }
}

fn buttons(view: &mut SuspectsView, suspect: &Suspect, cx: &mut Cx<'_>, ui: &mut Ui) {
    let current = triage_of(suspect, &cx.read);
    let wrong = format!("Wrong label: {}", cx.label(suspect.predicted));
    let corrected = Triage::WrongLabel(Some(suspect.predicted));
    let choices = [
        (
            Triage::RealError,
            "Real error: label is right",
            Shortcut::RealError,
        ),
        (corrected, wrong.as_str(), Shortcut::WrongLabel),
        (Triage::Ambiguous, "Ambiguous label", Shortcut::Ambiguous),
    ];
    ui.horizontal_wrapped(|ui| {
        for (triage, name, shortcut) in choices {
            let is_chosen = current.is_some_and(|current| same_kind(current, triage));
            let button = egui::Button::selectable(is_chosen, name)
                .frame_when_inactive(true)
                .right_text(shortcut.written(ui.ctx()));
            let button = ui.add(button).accessible_name(name);
            if explained(button, words::SUSPECTS).clicked() {
                view.judge(triage, cx);
            }
        }
        caption(ui, format!("model {}", percent(suspect.confidence)));
    });
    if cx.state.dataset.labels.len() > 2 {
        caption(
            ui,
            "Another label is right? Correct it at the right-hand side",
        );
    }
}
