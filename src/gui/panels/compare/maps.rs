//! The map before and after: one with a switch, or two side by side. Positions
//! stay where they are; only the outcomes change.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::{self, ScrollArea, Ui};

use super::CompareView;
use super::changes::{Changed, Changes};
use super::looked::Looked;
use crate::drawing::svg::{self, MapPicture};
use crate::drawing::{Colouring, Mark};
use crate::gui::file_dialog::file_button;
use crate::gui::panels::form::{choices, menu};
use crate::gui::panels::widgets::{caption, percent, section, toggle};
use crate::gui::read::{Cx, Read};
use crate::gui::scatter::{Columns, ScatterAction, ScatterInput, ScatterView, show_pair};
use crate::gui::view_state::{FilePurpose, Stage};
use crate::gui::words;
use crate::inference::Prediction;
use crate::records::{ArmRun, MapPositions, Role};

const MAP_HEIGHT: f32 = 380.0;
const LIST_HEIGHT: f32 = 190.0;
/// Rows that are listed at most; the map shows all.
const MOST_LISTED: usize = 200;

/// Which of the two maps is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Before,
    After,
    Both,
}

/// What is kept from frame to frame.
pub(super) struct Maps {
    left: ScatterView,
    right: ScatterView,
    shown: Shown,
    /// Outcomes that are filtered for; none: all rows are shown.
    outcomes: BTreeSet<Mark>,
    made_of: Option<(Arc<Changed>, BTreeSet<Mark>)>,
    /// What the maps before and after are given.
    columns: [Arc<Columns>; 2],
}

impl Default for Maps {
    fn default() -> Self {
        Self {
            left: ScatterView::in_page(),
            right: ScatterView::in_page(),
            shown: Shown::After,
            outcomes: BTreeSet::new(),
            made_of: None,
            columns: Default::default(),
        }
    }
}

impl Maps {
    /// The map as it is shown, as SVG; of a pair the one after.
    pub(super) fn svg(&self, positions: &[[f32; 2]]) -> Option<String> {
        let after = self.shown != Shown::Before;
        let title = if after { "After" } else { "Before" };
        let columns = &self.columns[usize::from(after)];
        let drawn = !columns.marks.is_empty();
        drawn.then(|| {
            svg::map(&MapPicture {
                title,
                positions,
                colouring: &columns.colouring,
                marks: &columns.marks,
                visible: &columns.visible,
                tags: &[],
            })
        })
    }

    fn update(&mut self, changes: &Changes) {
        let changed = changes.known();
        let still = |(of, outcomes): &(Arc<Changed>, BTreeSet<Mark>)| {
            Arc::ptr_eq(of, changed) && *outcomes == self.outcomes
        };
        if self.made_of.as_ref().is_some_and(still) {
            return;
        }
        let rows = changed.rows.iter();
        let after: Vec<Mark> = rows.clone().map(|change| change.outcome).collect();
        let before: Vec<Mark> = rows
            .clone()
            .map(|change| match change.was_uu {
                true => Mark::UnknownUnknown,
                false => Mark::Plain,
            })
            .collect();
        let visible = match self.outcomes.is_empty() {
            true => Vec::new(),
            false => rows
                .map(|change| self.outcomes.contains(&change.outcome))
                .collect(),
        };
        let visible = Arc::new(visible);
        let columns = |colouring: Colouring, marks: Vec<Mark>| {
            Arc::new(Columns {
                positions: Arc::clone(&self.columns[0].positions),
                colouring: Arc::new(colouring),
                marks: Arc::new(marks),
                visible: Arc::clone(&visible),
                ..Columns::default()
            })
        };
        self.columns = [
            columns(Colouring::before(&before), before),
            columns(Colouring::outcomes(&after), after),
        ];
        self.made_of = Some((Arc::clone(changed), self.outcomes.clone()));
    }

    /// Puts the points where the map has them now.
    fn place(&mut self, positions: &Arc<MapPositions>) {
        for columns in &mut self.columns {
            if !Arc::ptr_eq(&columns.positions, positions) {
                Arc::make_mut(columns).positions = Arc::clone(positions);
            }
        }
    }

    fn columns(&self, after: bool) -> Arc<Columns> {
        Arc::clone(&self.columns[usize::from(after)])
    }
}

/// Shows the maps with the outcomes as filters, and the filtered texts.
pub(super) fn ui(looked: Looked<'_>, compare: &mut CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, "On the map", words::OUTCOMES);
    if compare.changes.known().rows.is_empty() {
        caption(
            ui,
            match looked.is_being_read(cx) {
                true => "Reading the answers …",
                false => "The answers are not there",
            },
        );
        return;
    }
    controls(looked, compare, cx, ui);
    compare.maps.update(&compare.changes);
    map(compare, cx, ui);
    if !compare.maps.outcomes.is_empty() {
        list(compare, cx, ui);
    }
}

fn controls(looked: Looked<'_>, compare: &mut CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    let (changes, maps) = (&mut compare.changes, &mut compare.maps);
    ui.horizontal_wrapped(|ui| {
        let all = [
            (Shown::Before, "Before", ""),
            (Shown::After, "After", ""),
            (Shown::Both, "Side by side", ""),
        ];
        choices(ui, &mut maps.shown, all);
        ui.separator();
        run_choice(looked, changes, ui);
        file_button(FilePurpose::Map, cx, ui);
    });
    ui.horizontal_wrapped(|ui| {
        caption(ui, "Show only");
        let counts = &changes.known().counts;
        for outcome in Mark::OUTCOMES {
            let on = maps.outcomes.contains(&outcome);
            let [discovery, check] = [Role::Discovery, Role::Check]
                .map(|role| counts.get(&(outcome, role)).copied().unwrap_or(0));
            let name = outcome.name();
            let text = format!("{name}: {discovery} discovery, {check} check");
            let button = egui::Button::selectable(on, text);
            if ui.add(button).on_hover_text(words::OUTCOMES).clicked() {
                toggle(&mut maps.outcomes, outcome);
            }
        }
    });
}

/// Which arm and seed the map shows: the figures are means over seeds, a map
/// is of one model.
fn run_choice(looked: Looked<'_>, changes: &mut Changes, ui: &mut Ui) {
    if looked.runs().is_empty() {
        return;
    }
    let name = |run: &ArmRun| format!("{}, seed {}", run.arm, run.seed);
    let now = changes.run.as_ref().map_or_else(String::new, name);
    caption(ui, "Model");
    let runs = looked.runs().iter();
    let runs = runs.map(|run| (Some(run.clone()), name(run)));
    menu(
        ui,
        ("Model on the map", 220.0),
        &now,
        &mut changes.run,
        runs,
    );
}

fn map(compare: &mut CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(positions) = &cx.state.map else {
        if cx.state.has_embeddings() {
            caption(ui, "Making the map …");
        }
        return;
    };
    let CompareView { changes, maps, .. } = compare;
    let read = cx.read;
    let tooltip = |ui: &mut Ui, row: usize| tooltip(row, changes, &read, ui);
    maps.place(positions);
    let [before, after] = [false, true].map(|after| maps.columns(after));
    let input = |after_it: bool| ScatterInput {
        label: if after_it { "Map after" } else { "Map before" },
        columns: if after_it { &after } else { &before },
        current: cx.view.focus,
        tooltip: &tooltip,
    };
    let size = egui::vec2(ui.available_width(), MAP_HEIGHT);
    let actions = ui
        .allocate_ui(size, |ui| {
            ui.set_min_size(size);
            if maps.shown == Shown::Both {
                let (before, after) = (input(false), input(true));
                show_pair(ui, (&mut maps.left, &before), (&mut maps.right, &after)).concat()
            } else {
                maps.left.show(ui, &input(maps.shown == Shown::After))
            }
        })
        .inner;
    for action in actions {
        if let ScatterAction::Click { point, .. } = action {
            cx.view.focus = Some(point);
        }
    }
}

fn tooltip(row: usize, changes: &Changes, read: &Read<'_>, ui: &mut Ui) {
    ui.set_max_width(360.0);
    ui.label(read.text(row));
    caption(ui, said(row, changes, read));
}

fn said(row: usize, changes: &Changes, read: &Read<'_>) -> String {
    let Some(change) = changes.known().rows.get(row) else {
        return String::new();
    };
    let facts = read.derived.rows.get(row);
    let role = read.example(row).map_or("", |example| example.role.name());
    let answer =
        |said: Prediction| format!("{} {}", read.label(said.label), percent(said.confidence));
    format!(
        "true: {}  ·  before: {}  ·  after: {}  ·  {role}",
        facts.map_or("nobody can say", |facts| read.truth(facts)),
        answer(change.before),
        change.after.map_or_else(|| "not known".to_owned(), answer),
    )
}

/// The texts with the outcomes that are filtered for.
fn list(compare: &CompareView, cx: &mut Cx<'_>, ui: &mut Ui) {
    let changes = &compare.changes;
    let changed = changes.known();
    let wanted = |row: &usize| compare.maps.outcomes.contains(&changed.rows[*row].outcome);
    let rows = changed.with_outcome.iter().copied();
    let rows: Vec<usize> = rows.filter(wanted).collect();
    let left_out = rows.len().saturating_sub(MOST_LISTED);
    ScrollArea::vertical()
        .id_salt("changed texts")
        .max_height(LIST_HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for row in rows.into_iter().take(MOST_LISTED) {
                let text = cx.text(row).replace(['\n', '\r'], " ");
                let button = egui::Button::selectable(cx.view.focus == Some(row), &text).truncate();
                let button = ui
                    .add(button)
                    .on_hover_text("Show it on the map of all examples");
                if button.clicked() {
                    cx.view.focus = Some(row);
                    cx.view.stage = Stage::Explore;
                    cx.view.scroll_to_focus = true;
                }
                caption(ui, said(row, changes, cx));
            }
        });
    if left_out > 0 {
        caption(ui, format!("and {left_out} more on the map"));
    }
}
