//! Between the view of the window, which knows rows, and the one that is handed
//! on, which knows ids.

use eframe::egui::{Context, Event};

use super::derived::Derived;
use super::view_state::ViewState;
use crate::records::ExampleKey;
use crate::session::view::{HandedView, Looks};
use crate::steps::State;

/// How the window is looked through, with ids for rows.
pub fn looks(view: &ViewState, state: &State) -> Looks {
    let answers = state.answers();
    let key = |row: usize| -> Option<ExampleKey> {
        let answers = answers.filter(|answers| row < answers.len())?;
        Some(answers.example(row).key.clone())
    };
    let selected = (0..).zip(&view.selected).filter(|(_, chosen)| **chosen);
    Looks {
        stage: view.stage,
        spot: view.spot,
        focus: view.focus.and_then(key),
        selected: selected.filter_map(|(row, _)| key(row)).collect(),
        colour_by: view.colour_by,
        filters: view.filters.clone(),
        sort: view.sort,
        spot_order: view.spot_order,
        compared: view.compared,
    }
}

/// Looks through the window so.
pub fn restore(looks: Looks, view: &mut ViewState, state: &State, derived: &Derived) {
    let rows = state.answers().map_or(0, |answers| answers.len());
    let mut selected = vec![false; rows];
    let chosen = looks.selected.iter().filter_map(|key| derived.row_of(key));
    for row in chosen {
        if let Some(flag) = selected.get_mut(row) {
            *flag = true;
        }
    }
    view.selected = selected;
    view.stage = looks.stage;
    view.spot = looks.spot;
    view.focus = looks.focus.as_ref().and_then(|key| derived.row_of(key));
    view.scroll_to_focus = view.focus.is_some();
    view.name_draft = None;
    view.colour_by = looks.colour_by;
    view.filters = looks.filters;
    view.sort = looks.sort;
    view.spot_order = looks.spot_order;
    view.compared = looks.compared;
}

/// A view that is pasted while nothing is typed.
pub fn pasted_view(ctx: &Context) -> Option<String> {
    if ctx.text_edit_focused() {
        return None;
    }
    ctx.input(|input| {
        let mut pasted = input.events.iter().filter_map(|event| match event {
            Event::Paste(text) => Some(text),
            _ => None,
        });
        pasted.find(|text| HandedView::is_meant(text)).cloned()
    })
}
