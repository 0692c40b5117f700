//! The middle: the map above, the table of the same examples below, search
//! and filters between what one sees and what there is.

use eframe::egui::{self, Panel, RichText, Ui};

use super::filters;
use super::table;
use super::widgets::{caption, empty, percent};
use crate::gui::map_input::MapInput;
use crate::gui::read::{Ask, Read};
use crate::gui::scatter::{ScatterAction, ScatterInput, ScatterView};
use crate::gui::theme::tokens;
use crate::gui::view_state::ViewState;
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
pub fn ui(
    read: &Read<'_>,
    explore: &mut ExploreView,
    view: &mut ViewState,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    if read.state.predictions.is_none() {
        nothing_yet(read, ui);
        return;
    }
    if !read.derived.rows.is_empty() {
        view.selected.resize(read.derived.rows.len(), false);
    }
    explore.visible.update(read, view, ui.ctx());
    if !view.presentation {
        filters::ui(read, &explore.visible, view, ui, out);
        let room = ui.available_height();
        Panel::bottom("table of examples")
            .resizable(true)
            .default_size(room * 0.36)
            .size_range(90.0..=(room - 120.0).max(100.0))
            .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(0, 4)))
            .show(ui, |ui| table::ui(read, &explore.visible, view, ui));
    }
    map(read, explore, view, ui);
}

fn nothing_yet(read: &Read<'_>, ui: &mut Ui) {
    let busy = [JobKind::Open, JobKind::Fit, JobKind::Score]
        .iter()
        .find_map(|kind| read.jobs.active(*kind));
    match busy {
        Some(job) => empty(
            ui,
            &job.title,
            "The map appears when this is done; see below",
        ),
        None => empty(
            ui,
            "Nothing to map yet",
            "The base model has not answered the texts: follow the button at the left",
        ),
    }
}

fn map(read: &Read<'_>, explore: &mut ExploreView, view: &mut ViewState, ui: &mut Ui) {
    let Some(positions) = &read.state.map else {
        empty(
            ui,
            "Making the map …",
            "The table below lists the same examples",
        );
        return;
    };
    let ctx = ui.ctx();
    (explore.input).update(read, &explore.visible, view, positions, ctx);
    let tooltip = |ui: &mut Ui, row: usize| tooltip(read, row, ui);
    let input = ScatterInput {
        label: "Map of examples",
        columns: &explore.input.columns,
        current: view.focus,
        tooltip: &tooltip,
    };
    if std::mem::take(&mut view.fly_to)
        && let Some(facts) = view.spot.and_then(|spot| read.derived.spot(spot))
    {
        let now = ui.input(|input| input.time);
        let window = ui.available_rect_before_wrap();
        explore.scatter.zoom_to(&facts.rows, &input, window, now);
    }
    let actions = explore.scatter.show(ui, &input);
    for action in actions {
        follow(action, read, view);
    }
}

/// What a gesture on the map means for the selection.
fn follow(action: ScatterAction, read: &Read<'_>, view: &mut ViewState) {
    match action {
        ScatterAction::Hover(_) | ScatterAction::ZoomedTo(_) => {}
        ScatterAction::Click { point, mode } => {
            mode.apply(&[point], &mut view.selected);
            view.focus = Some(point);
            view.scroll_to_focus = true;
        }
        ScatterAction::Select { points, mode } => {
            mode.apply(&points, &mut view.selected);
            view.focus = None;
        }
        ScatterAction::Clear => view.clear_selection(),
        ScatterAction::ClickOutline(key) => {
            let position = usize::try_from(key).unwrap_or(usize::MAX);
            if let Some(facts) = read.derived.spots.get(position) {
                view.choose_spot(facts.spot, &facts.rows, read.derived.rows.len());
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
    let truth = facts
        .truth
        .map_or("nobody can say", |label| read.label(label));
    caption(
        ui,
        format!(
            "true: {truth}  ·  model: {} {}",
            read.label(facts.predicted),
            percent(facts.confidence)
        ),
    );
    if let Some(spot) = read.derived.spot_of(row) {
        caption(ui, format!("blind spot: {}", spot.name));
    }
    if let Some(example) = read.example(row) {
        caption(
            ui,
            format!("{}, {}", example.role, read.source(example.source)),
        );
    }
}

/// Which map is shown, and the better one on request.
pub fn map_method(read: &Read<'_>, ui: &mut Ui, out: &mut Vec<Ask>) {
    let weak = tokens(ui.ctx()).text_weak;
    match read.state.map.as_ref().map(|map| map.method) {
        Some(MapMethod::Pca) if read.jobs.active(JobKind::Map).is_none() => {
            let button = ui.button("Better map").on_hover_text(
                "This map shows principal components. A neighbour-preserving one (t-SNE) takes \
                 a while, in the background",
            );
            if button.clicked() {
                out.push(Command::BuildMap.into());
            }
        }
        Some(MapMethod::Tsne) => {
            ui.label(RichText::new("t-SNE").color(weak))
                .on_hover_text("Neighbours stay neighbours; distances between groups mean nothing");
        }
        _ => {}
    }
}
