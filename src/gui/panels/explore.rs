//! The middle: the map above, the table of the same examples below, search
//! and filters between what one sees and what there is.

use eframe::egui::{self, Panel, RichText, Ui};

use super::cards;
use super::filters;
use super::table;
use super::widgets::{button_if, caption, empty};
use crate::gui::map_input::{Look, MapInput};
use crate::gui::read::{Cx, Read};
use crate::gui::scatter::{ScatterAction, ScatterInput, ScatterView};
use crate::gui::theme::tokens;
use crate::gui::visible::Visible;
use crate::records::MapMethod;
use crate::session::{Command, JobKind};

/// What the map and the table keep from frame to frame.
#[derive(Default)]
pub struct ExploreView {
    scatter: ScatterView,
    input: MapInput,
    /// The rows on show.
    pub visible: Visible,
}

/// Shows map and table.
pub fn ui(explore: &mut ExploreView, cx: &mut Cx<'_>, ui: &mut Ui) {
    if cx.state.predictions.is_none() {
        nothing_yet(cx, ui);
        return;
    }
    let rows = cx.derived.rows.len();
    if rows > 0 {
        cx.view.selected.resize(rows, false);
    }
    explore.visible.update(&cx.read, cx.view, ui.ctx());
    filters::ui(&explore.visible, cx, ui);
    let room = ui.available_height();
    Panel::bottom("table of examples")
        .resizable(true)
        .default_size(room * 0.36)
        .size_range(90.0..=(room - 120.0).max(100.0))
        .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(0, 4)))
        .show(ui, |ui| table::ui(&explore.visible, cx, ui));
    map(explore, cx, ui);
}

fn nothing_yet(read: &Read<'_>, ui: &mut Ui) {
    let mut busy = [JobKind::Open, JobKind::Fit, JobKind::Score].into_iter();
    let (what, next) = match busy.find_map(|kind| read.jobs.active(kind)) {
        Some(job) => (
            job.title.as_str(),
            "The map appears when this is done; see below",
        ),
        None => (
            "Nothing to map yet",
            "The base model has not answered the texts: follow the button at the left",
        ),
    };
    empty(ui, what, next);
}

fn map(explore: &mut ExploreView, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(positions) = &cx.state.map else {
        let (what, next) = match cx.state.has_embeddings() {
            true => (
                "Making the map …",
                "The table below lists the same examples",
            ),
            false => (
                "No map: the predictions came without embeddings",
                "With columns embedding_0, embedding_1, … in their file there is one, and blind \
                 spots tell more than confusions apart. The table below lists the same examples",
            ),
        };
        empty(ui, what, next);
        return;
    };
    let ctx = ui.ctx();
    let look = Look {
        by: cx.view.colour_by,
        visible: &explore.visible.listed().flags,
        selected: &cx.view.selected,
        spot: cx.view.spot,
        kept: 0,
    };
    (explore.input).update(&cx.read, &look, positions, ctx);
    let tooltip = |ui: &mut Ui, row: usize| tooltip(&cx.read, row, ui);
    let input = ScatterInput {
        label: "Map of examples",
        columns: &explore.input.columns,
        current: cx.view.focus.or_else(|| cards::marked(cx.read, cx.view)),
        tooltip: &tooltip,
    };
    if cx.view.fly_to
        && let Some(facts) = cx.view.spot.and_then(|spot| cx.derived.spot(spot))
    {
        let now = ui.input(|input| input.time);
        let window = ui.available_rect_before_wrap();
        explore.scatter.zoom_to(&facts.rows, &input, window, now);
    }
    let actions = explore.scatter.show(ui, &input);
    cx.view.fly_to = false;
    for action in actions {
        follow(action, cx);
    }
}

/// What a gesture on the map means for the selection.
fn follow(action: ScatterAction, cx: &mut Cx<'_>) {
    match action {
        ScatterAction::Hover(_) | ScatterAction::ZoomedTo(_) => {}
        ScatterAction::Click { point, mode } => {
            mode.apply(&[point], &mut cx.view.selected);
            cx.view.focus = Some(point);
            cx.view.scroll_to_focus = true;
        }
        ScatterAction::Select { points, mode } => {
            mode.apply(&points, &mut cx.view.selected);
            cx.view.focus = None;
        }
        ScatterAction::Clear => cx.view.clear_selection(),
        ScatterAction::ClickOutline(key) => {
            let position = usize::try_from(key).unwrap_or(usize::MAX);
            if let Some(facts) = cx.derived.spots.get(position) {
                cx.choose_spot(facts);
            }
        }
    }
}

fn tooltip(read: &Read<'_>, row: usize, ui: &mut Ui) {
    let Some(facts) = read.derived.rows.get(row) else {
        return;
    };
    ui.set_max_width(360.0);
    ui.label(read.text(row));
    let (truth, said) = (read.truth(facts), read.said(facts));
    caption(ui, format!("true: {truth}  ·  model: {said}"));
    if let Some(spot) = read.derived.spot_of(row) {
        caption(ui, format!("blind spot: {}", spot.name));
    }
    if let Some(example) = read.example(row) {
        let source = read.source(example.source);
        caption(ui, format!("{}, {source}", example.role));
    }
}

/// Which map is shown, and the better one on request.
pub fn map_method(cx: &mut Cx<'_>, ui: &mut Ui) {
    let weak = tokens(ui.ctx()).text_weak;
    match cx.state.map.as_ref().map(|map| map.method) {
        Some(MapMethod::Pca) if !cx.is_busy(JobKind::Map) => {
            let meaning = "This map shows principal components. A neighbour-preserving one \
                           (t-SNE) takes a while, in the background";
            if button_if(ui, true, "Better map", meaning) {
                cx.ask(Command::BuildMap);
            }
        }
        Some(MapMethod::Tsne) => {
            ui.label(RichText::new("t-SNE").color(weak))
                .on_hover_text("Neighbours stay neighbours; distances between groups mean nothing");
        }
        _ => {}
    }
}
