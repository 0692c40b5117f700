//! Three numbers with their price, and what to take home.

use eframe::egui::{Label, Rect, Ui, vec2};

use super::before_after::{about, missing};
use super::scale::{Scale, columns, cut_top, fitted, line, plain};
use super::told::compared;
use super::{nothing, page, within};
use crate::comparison::take_home::{KeyNumber, Standing, Tone};
use crate::gui::read::Cx;
use crate::gui::theme::{self, tokens};

const HEAD: &str = "What it comes to";

pub(super) fn ui(scale: Scale, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(compared) = compared(&cx.read, cx.view) else {
        let (what, next) = missing(cx);
        return nothing(HEAD, what, next, scale, ui);
    };
    let tokens = tokens(ui.ctx());
    let found = &compared.found;
    let mut room = page(HEAD, scale, ui);
    let top = cut_top(&mut room, scale.small() * 2.0);
    about(top, &compared, scale, ui);
    let numbers = cut_top(&mut room, scale.points(200.0));
    let parts = columns(numbers, found.numbers.len(), scale.gap() * 2.0);
    for (part, number) in parts.into_iter().zip(&found.numbers) {
        one(part, number, scale, ui);
    }
    cut_top(&mut room, scale.gap());
    let colour = match found.standing {
        Standing::Worse | Standing::Mixed => tokens.bad,
        Standing::Better => tokens.good,
        Standing::BetterThanBefore | Standing::Unclear => tokens.caution,
    };
    ui.painter().rect_filled(room, theme::RADIUS, tokens.raised);
    let edge = Rect::from_min_size(room.min, vec2(scale.points(6.0), room.height()));
    ui.painter().rect_filled(edge, theme::RADIUS, colour);
    let inner = room
        .shrink(scale.gap())
        .with_min_x(edge.right() + scale.gap());
    let sizes = scale.points(11.0)..=scale.points(30.0);
    let galley = fitted(inner.size(), sizes, plain(&found.sentence, tokens.text), ui);
    within(inner, ui, |ui| {
        ui.add(Label::new(galley).selectable(false));
    });
}

fn one(mut room: Rect, number: &KeyNumber, scale: Scale, ui: &mut Ui) {
    let tokens = tokens(ui.ctx());
    let colour = match number.tone {
        Tone::Good => tokens.good,
        Tone::Bad => tokens.bad,
        Tone::Plain => tokens.text,
    };
    let top = cut_top(&mut room, scale.points(78.0));
    within(top, ui, |ui| {
        let sizes = scale.points(20.0)..=scale.points(60.0);
        let large = line(top.width(), sizes, plain(&number.number, colour), ui);
        ui.add(Label::new(large).selectable(false));
    });
    let height = room.height();
    let what = cut_top(&mut room, height * 0.45);
    let texts = [
        (what, &number.what, tokens.text, scale.text()),
        (room, &number.beside, tokens.text_weak, scale.small()),
    ];
    for (room, text, colour, size) in texts {
        let galley = fitted(
            room.size(),
            scale.points(10.0)..=size,
            plain(text, colour),
            ui,
        );
        within(room, ui, |ui| {
            ui.add(Label::new(galley).selectable(false));
        });
    }
}
