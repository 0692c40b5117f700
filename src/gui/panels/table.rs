//! The table of examples: the map's accessible twin. What is selected in one
//! is seen in the other.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{self, Align, FontId, Id, RichText, Sense, Stroke, Ui};
use egui_extras::{Column as Width, TableBuilder, TableRow};

use super::example::outcome_colour;
use super::widgets::{percent, sort_head};
use crate::gui::read::Cx;
use crate::gui::theme::{self, Tokens, tokens};
use crate::gui::view_state::{Column, Filters, SpotRef, ViewState};
use crate::gui::visible::Visible;

/// The column that is sorted by, and whether it descends.
type Sort = Option<(Column, bool)>;

const ROW_HEIGHT: f32 = 24.0;
/// Room that the text has at least, in points.
const LEAST_TEXT: f32 = 220.0;
/// Below this width some columns are left out.
const NARROW: f32 = 900.0;

/// Shows the rows that pass the filters; a click chooses one, with Ctrl it
/// joins or leaves the selection.
pub fn ui(visible: &Visible, cx: &mut Cx<'_>, ui: &mut Ui) {
    let columns = columns(ui.available_width());
    let another_list = is_another_list(cx.view, ui);
    let mut table = TableBuilder::new(ui)
        .id_salt("examples")
        .striped(true)
        .sense(Sense::click())
        .cell_layout(egui::Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .min_scrolled_height(0.0)
        .column(Width::remainder().at_least(LEAST_TEXT).clip(true));
    for column in &columns[1..] {
        table = table.column(width(*column));
    }
    let order = &visible.listed().order;
    if another_list {
        table = table.vertical_scroll_offset(0.0);
    }
    if std::mem::take(&mut cx.view.scroll_to_focus) {
        let focus = cx.view.focus;
        let position = order.iter().position(|row| Some(*row) == focus);
        if let Some(position) = position {
            table = table.scroll_to_row(position, None);
        }
    }
    table
        .header(ROW_HEIGHT + 2.0, |mut header| {
            for &column in columns {
                header.col(|ui| header_cell(column, cx.view, ui));
            }
        })
        .body(|body| {
            body.rows(ROW_HEIGHT, order.len(), |mut row| {
                let of = order[row.index()];
                if body_row(of, columns, (visible, &mut *cx), &mut row) {
                    cx.view.place = row.index();
                }
            });
        });
}

/// Whether something else is searched for, filtered or sorted by than in the
/// last frame: what was in sight then is somewhere else now.
fn is_another_list(view: &ViewState, ui: &Ui) -> bool {
    let spot = view.spot.filter(|_| view.filters.only_spot);
    let now = (view.filters.clone(), view.sort, spot);
    let id = Id::unique("what the table lists");
    let before = ui.data_mut(|data| data.get_temp::<Arc<(Filters, Sort, Option<SpotRef>)>>(id));
    if before.as_ref().is_some_and(|before| **before == now) {
        return false;
    }
    ui.data_mut(|data| data.insert_temp(id, Arc::new(now)));
    before.is_some()
}

/// The columns that leave the text its room; role and source, which the
/// inspector and the filters show too, go first.
fn columns(room: f32) -> &'static [Column] {
    static ALL: [Column; 8] = Column::ALL;
    if room < NARROW { &ALL[..6] } else { &ALL }
}

fn width(column: Column) -> Width {
    let (initial, least) = match column {
        Column::Confidence => (84.0, 70.0),
        Column::Outcome => (120.0, 80.0),
        Column::BlindSpot => (110.0, 60.0),
        _ => (70.0, 56.0),
    };
    Width::initial(initial)
        .at_least(least)
        .clip(true)
        .resizable(true)
}

fn header_cell(column: Column, view: &mut ViewState, ui: &mut Ui) {
    let name = column.name();
    let words = ("Sort by this column", format!("Sort by {name}"));
    if let Some(sort) = sort_head(ui, (column, name), view.sort, words) {
        view.sort = sort;
    }
}

/// Shows a row; whether it was chosen.
fn body_row(
    of: usize,
    columns: &[Column],
    (visible, cx): (&Visible, &mut Cx<'_>),
    row: &mut TableRow<'_, '_>,
) -> bool {
    let facts = &cx.read.derived.rows[of];
    let selected = cx.view.selected.get(of).copied().unwrap_or(false);
    row.set_selected(selected || cx.view.focus == Some(of));
    let mut chosen = false;
    row.col(|ui| chosen = text_cell(of, visible, cx, ui));
    plain(row, facts.truth.map_or("–", |label| cx.label(label)));
    plain(row, cx.label(facts.predicted));
    plain(row, &percent(facts.confidence));
    row.col(|ui| {
        let colour = outcome_colour(facts.outcome, tokens(ui.ctx()));
        let text = RichText::new(facts.outcome.name()).color(colour);
        let text = egui::Label::new(text.size(theme::SMALL));
        ui.add(text.truncate().selectable(false));
    });
    let spot = cx.derived.spot_of(of);
    plain(row, spot.map_or("", |spot| spot.name.as_str()));
    if columns.contains(&Column::Role) {
        let example = cx.example(of);
        let (role, source) = example.map_or(("", ""), |example| {
            (example.role.name(), cx.source(example.source))
        });
        plain(row, role);
        plain(row, source);
    }
    let response = row.response();
    chosen |= response.clicked();
    if chosen {
        let adds = response.ctx.input(|input| input.modifiers.command);
        choose(of, adds, cx);
    }
    chosen
}

/// The text is a button, so that the keyboard and screen readers reach the row.
fn text_cell(of: usize, visible: &Visible, cx: &Cx<'_>, ui: &mut Ui) -> bool {
    let text = cx.text(of).replace(['\n', '\r'], " ");
    let hits = visible.listed().hits(&text);
    let shown = marked(&text, &hits, tokens(ui.ctx()));
    let button = egui::Button::selectable(cx.view.focus == Some(of), shown)
        .frame(false)
        .truncate();
    let response = ui.add(button).accessible_name(text);
    response.clicked() || (response.gained_focus() && cx.view.focus != Some(of))
}

/// A text whose parts that a search found stand on another ground, underlined:
/// colour alone tells nothing.
fn marked(text: &str, hits: &[Range<usize>], tokens: &Tokens) -> LayoutJob {
    let plain = TextFormat {
        font_id: FontId::proportional(theme::BODY),
        color: tokens.text,
        valign: Align::Center,
        ..TextFormat::default()
    };
    let hit = TextFormat {
        background: tokens.selection,
        underline: Stroke::new(1.5, tokens.accent),
        ..plain.clone()
    };
    let mut job = LayoutJob::default();
    let mut at = 0;
    for found in hits {
        job.append(&text[at..found.start], 0.0, plain.clone());
        job.append(&text[found.clone()], 0.0, hit.clone());
        at = found.end;
    }
    job.append(&text[at..], 0.0, plain);
    job
}

fn plain(row: &mut TableRow<'_, '_>, text: &str) {
    row.col(|ui| {
        let text = RichText::new(text).size(theme::SMALL);
        ui.add(egui::Label::new(text).truncate().selectable(false));
    });
}

fn choose(of: usize, adds: bool, cx: &mut Cx<'_>) {
    let rows = cx.derived.rows.len();
    if adds {
        cx.view.selected.resize(rows, false);
        cx.view.selected[of] = !cx.view.selected[of];
        cx.view.focus = Some(of);
    } else {
        cx.view.choose_row(of, rows);
    }
}

/// Notes where the row in focus stands, before it is judged: that may take it
/// out of the table.
pub fn note_place(visible: &Visible, cx: &mut Cx<'_>) {
    if let Some(at) = place_of_focus(visible, cx) {
        cx.view.place = at;
    }
}

fn place_of_focus(visible: &Visible, cx: &Cx<'_>) -> Option<usize> {
    let mut order = visible.listed().order.iter();
    order.position(|row| Some(*row) == cx.view.focus)
}

/// Moves to the next (+1) or the previous (−1) row of the table. Where the row
/// in focus has left the table, the next one has come into its place.
pub fn step(by: isize, visible: &Visible, cx: &mut Cx<'_>) {
    let order = &visible.listed().order;
    let next = match (place_of_focus(visible, cx), cx.view.focus) {
        (Some(at), _) => at.saturating_add_signed(by),
        (None, Some(_)) => cx.view.place.saturating_add_signed(by.min(0)),
        (None, None) => 0,
    };
    if let Some(row) = order.get(next) {
        choose(*row, false, cx);
        cx.view.place = next;
        cx.view.scroll_to_focus = true;
    }
}
