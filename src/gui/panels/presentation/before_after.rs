//! Each source before, after and with the best control, and at the same size
//! what got worse.

use eframe::egui::{Color32, Label, Rect, RichText, Stroke, Ui, pos2, vec2};

use super::scale::{Scale, cut_bottom, cut_top, fitted, line, plain};
use super::told::{Compared, compared};
use super::{nothing, page, within};
use crate::comparison::Headline;
use crate::comparison::figures::NOTHING_JUDGED;
use crate::comparison::headline::{RIGHT, Worse};
use crate::gui::read::Cx;
use crate::gui::theme::{Tokens, tokens};

const HEAD: &str = "Before and after";
/// Sources that there is room for.
const MOST: usize = 4;
/// Share of the width that the names of sources take.
const NAMES: f32 = 0.17;

pub(super) fn ui(scale: Scale, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(compared) = compared(&cx.read, cx.view) else {
        let (what, next) = missing(cx);
        return nothing(HEAD, what, next, scale, ui);
    };
    let mut room = page(HEAD, scale, ui);
    let top = cut_top(&mut room, scale.small() * 2.0);
    about(top, &compared, scale, ui);
    let headlines = &compared.found.headlines;
    let left_out = headlines.len().saturating_sub(MOST);
    if left_out > 0 {
        let below = cut_bottom(&mut room, scale.small() * 1.8);
        let line = format!("and {left_out} more under Compare and in the report");
        within(below, ui, |ui| {
            ui.label(RichText::new(line).size(scale.small()));
        });
    }
    let shown = &headlines[..headlines.len().min(MOST)];
    let blocks: Vec<Vec<Block>> = shown
        .iter()
        .map(|of| blocks(of, tokens(ui.ctx())))
        .collect();
    let columns = blocks.iter().map(Vec::len).max().unwrap_or(1);
    let height = (room.height() / shown.len().max(1) as f32).min(scale.points(190.0));
    for (headline, blocks) in shown.iter().zip(blocks) {
        let row = cut_top(&mut room, height);
        of_source(row, (headline, blocks, columns), scale, ui);
    }
}

/// What is missing, and what to do.
pub(super) fn missing<'a>(cx: &Cx<'a>) -> (&'static str, &'a str) {
    let state = cx.read.state;
    if let Some(why) = state.round_left_aside() {
        return ("Nothing was retrained yet", why);
    }
    match state.shown_round().is_none() && state.second_models.is_empty() {
        true if state.black_box => (
            "Nothing to compare yet",
            "a second model can stand beside this one: Compare with another model",
        ),
        true => (
            "Nothing was retrained yet",
            "press Start retraining under Retrain: before and after stand here then",
        ),
        false => (
            "There is nothing to judge",
            NOTHING_JUDGED.trim_end_matches('.'),
        ),
    }
}

/// Why numbers of errors need not be whole.
fn trainings(compared: &Compared<'_>) -> String {
    let seeds = compared
        .found
        .headlines
        .first()
        .map(|of| of.arm.seeds.len());
    match seeds {
        Some(seeds @ 2..) => format!(": numbers are means of {seeds} trainings"),
        _ => String::new(),
    }
}

/// What is compared, and whether that still holds.
pub(super) fn about(room: Rect, compared: &Compared<'_>, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let (line, colour) = match &compared.outdated {
        Some(why) => (format!("{}. {why}", compared.of), tokens.caution),
        None => {
            let arm = compared.found.arm.in_words();
            let line = format!("{}, with {arm}{}", compared.of, trainings(compared));
            (line, tokens.text_weak)
        }
    };
    within(room, ui, |ui| {
        let line = RichText::new(line).size(scale.small()).color(colour);
        ui.add(Label::new(line).truncate());
    });
}

/// A number with what it is of.
struct Block {
    number: String,
    what: String,
    colour: Color32,
    /// Share of the longest bar of its source; none for what got worse.
    bar: Option<f32>,
    arrow: bool,
}

fn blocks(headline: &Headline<'_>, tokens: &Tokens) -> Vec<Block> {
    let large = headline.large();
    let control = large.control.map(|(_, value)| value);
    let values = [Some(large.before), Some(large.after), control];
    let longest = values.into_iter().flatten().fold(0.0, f64::max);
    let share = |value: f64| (longest > 0.0).then(|| (value / longest) as f32);
    let after = match headline.against_base() {
        Some(true) => tokens.good,
        Some(false) => tokens.bad,
        None => tokens.text,
    };
    let block = |value: f64, what: String, colour| Block {
        number: large.said(value),
        what,
        colour,
        bar: share(value),
        arrow: false,
    };
    let mut blocks = vec![
        block(large.before, "before".into(), tokens.text),
        Block {
            arrow: true,
            ..block(large.after, "after".into(), after)
        },
    ];
    if let Some((control, value)) = large.control {
        let what = large.control_called(control);
        blocks.push(block(value, what, tokens.text_weak));
    }
    // Beside counts that went down, those that nothing added makes as well would
    // read as if nothing had been gained: Compare has them.
    let worse = headline.worse.iter();
    let worse = worse.filter(|worse| worse.is_more || worse.what == RIGHT);
    blocks.extend(worse.map(|worse| got_worse(worse, tokens)));
    blocks
}

/// The number alone, so that it is as large as the others.
fn got_worse(worse: &Worse, tokens: &Tokens) -> Block {
    let (number, what) = match worse.by.split_once(' ') {
        Some((number, unit)) => (number.to_owned(), format!("{unit} {}", worse.what)),
        None => (worse.by.clone(), worse.what.to_owned()),
    };
    Block {
        number,
        what: match &worse.with_nothing {
            Some(too) => format!("{what} (with nothing added: {too})"),
            None => what,
        },
        colour: match worse.is_more {
            true => tokens.bad,
            false => tokens.text_weak,
        },
        bar: None,
        arrow: false,
    }
}

fn of_source(
    mut row: Rect,
    (headline, blocks, columns): (&Headline<'_>, Vec<Block>, usize),
    scale: Scale,
    ui: &mut Ui,
) {
    let tokens = tokens(ui.ctx());
    ui.painter()
        .hline(row.x_range(), row.top(), Stroke::new(1.0, tokens.border));
    cut_top(&mut row, scale.gap());
    let names = row.with_max_x(row.left() + row.width() * NAMES);
    let rest = row.with_min_x(names.right() + scale.gap());
    within(names, ui, |ui| {
        let name = headline.table.slice.name();
        let sizes = scale.points(12.0)..=scale.points(24.0);
        let galley = line(names.width(), sizes, plain(&name, tokens.text), ui);
        ui.add(Label::new(galley).selectable(false));
        let of = headline.large().of_what();
        let room = vec2(
            names.width(),
            (names.height() - scale.points(40.0)).max(1.0),
        );
        let sizes = scale.points(10.0)..=scale.points(14.0);
        let galley = fitted(room, sizes, plain(&of, tokens.text_weak), ui);
        ui.add(Label::new(galley).selectable(false));
    });
    let parts = super::scale::columns(rest, columns.max(3), scale.gap() * 1.5);
    for (block, part) in blocks.into_iter().zip(parts) {
        one(part, &block, scale, ui);
    }
}

fn one(room: Rect, block: &Block, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    if block.arrow {
        let middle = room.top() + scale.points(26.0);
        let (from, length) = (room.left() - scale.points(20.0), scale.points(14.0));
        let stroke = Stroke::new(scale.points(2.0), tokens.text_weak);
        ui.painter()
            .arrow(pos2(from, middle), vec2(length, 0.0), stroke);
    }
    let mut room = room;
    let top = cut_top(&mut room, scale.points(52.0));
    within(top, ui, |ui| {
        let sizes = scale.points(16.0)..=scale.points(44.0);
        let number = line(top.width(), sizes, plain(&block.number, block.colour), ui);
        ui.add(Label::new(number).selectable(false));
    });
    if let Some(share) = block.bar {
        let bar = cut_top(&mut room, scale.points(8.0));
        let width = (bar.width() * share).max(2.0);
        let bar = bar.with_max_x(bar.left() + width);
        ui.painter().rect_filled(bar, 2, block.colour);
        cut_top(&mut room, scale.points(4.0));
    }
    let sizes = scale.points(10.0)..=scale.points(15.0);
    let what = fitted(room.size(), sizes, plain(&block.what, tokens.text_weak), ui);
    within(room, ui, |ui| {
        ui.add(Label::new(what).selectable(false));
    });
}
