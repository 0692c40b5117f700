//! The errors of a blind spot as cards that are gone through with the
//! keyboard: one is marked, the keys of triage judge it and go on.

use eframe::egui::{self, Sense, Stroke, StrokeKind, Ui};

use super::blind_spot::said;
use super::example::{judge, triage_buttons};
use super::salient_words;
use super::widgets::{button_if, caption, card, count, section, tag};
use crate::gui::command_text::Shortcut;
use crate::gui::derived::ToTeach;
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::{SpotRef, Stage, ViewState};
use crate::gui::words;
use crate::records::{BlindSpotId, Triage};
use crate::steps::suspects::judgement;

/// Cards that are shown together: what a blind spot of hundreds costs in a
/// frame does not grow with it, and what stands below stays in reach.
const ON_A_PAGE: usize = 5;

/// The cards of the blind spot whose page is in sight.
fn deck<'a>(read: Read<'a>, view: &ViewState) -> Option<&'a [usize]> {
    let in_sight = view.stage == Stage::Explore && !view.inspector_folded;
    let on_its_page = view.focus.is_none_or(|row| row >= read.derived.rows.len());
    match view.spot? {
        SpotRef::Frozen(id) if in_sight && on_its_page => cards_of(id, read),
        _ => None,
    }
}

fn cards_of(id: BlindSpotId, read: Read<'_>) -> Option<&[usize]> {
    let cards = &read.derived.to_teach(id)?.cards;
    (!cards.is_empty()).then_some(cards)
}

/// Where the marked card is: the one that was gone to, or else the first that
/// nobody has judged.
fn marked_at(deck: &[usize], read: Read<'_>, view: &ViewState) -> usize {
    let gone_to = view.card.and_then(|card| position(deck, card));
    let open = || deck.iter().position(|row| judged(*row, read).is_none());
    gone_to.or_else(open).unwrap_or(0)
}

fn position(deck: &[usize], card: usize) -> Option<usize> {
    deck.iter().position(|row| *row == card)
}

fn judged(row: usize, read: Read<'_>) -> Option<Triage> {
    let key = &read.example(row)?.key;
    read.state.document.triage.get(key).copied()
}

/// The row of the marked card, if cards are in sight.
pub fn marked(read: Read<'_>, view: &ViewState) -> Option<usize> {
    let deck = deck(read, view)?;
    deck.get(marked_at(deck, read, view)).copied()
}

/// Does what a key stands for to the cards; whether it means something to them.
pub fn press(shortcut: Shortcut, cx: &mut Cx<'_>) -> bool {
    let Some(deck) = deck(cx.read, cx.view) else {
        return false;
    };
    let at = marked_at(deck, cx.read, cx.view);
    match shortcut {
        Shortcut::Next => go_to(deck, at + 1, cx.view),
        Shortcut::Previous => go_to(deck, at.saturating_sub(1), cx.view),
        Shortcut::RealError => judge_card(deck, at, Triage::RealError, cx),
        Shortcut::WrongLabel => judge_card(deck, at, Triage::WrongLabel(None), cx),
        Shortcut::Ambiguous => judge_card(deck, at, Triage::Ambiguous, cx),
        _ => return false,
    }
    true
}

fn go_to(deck: &[usize], at: usize, view: &mut ViewState) {
    if let Some(row) = deck.get(at) {
        view.card = Some(*row);
        view.scroll_to_card = true;
    }
}

/// Judges a card and goes on to the next that nobody has judged.
fn judge_card(deck: &[usize], at: usize, triage: Triage, cx: &mut Cx<'_>) {
    if !cx.view.card_in_sight {
        // Nobody judges what was scrolled away.
        return go_to(deck, at, cx.view);
    }
    let Some(example) = deck.get(at).and_then(|row| cx.example(*row)) else {
        return;
    };
    judge(vec![example.key.clone()], Some(triage), cx);
    let after = (at + 1..deck.len()).chain(0..at);
    let open = |at: &usize| judged(deck[*at], cx.read).is_none();
    let next = after.into_iter().find(open).unwrap_or(at);
    go_to(deck, next, cx.view);
}

/// Shows the cards of a frozen blind spot.
pub(super) fn ui(id: BlindSpotId, cx: &mut Cx<'_>, ui: &mut Ui) {
    section(ui, "Its errors, the most typical first", words::MEDOIDS);
    let (Some(of_spot), Some(deck)) = (cx.derived.to_teach(id), cards_of(id, cx.read)) else {
        caption(ui, "None that may be shown");
        return;
    };
    let read = cx.read;
    caption(ui, how_far(of_spot, read)).on_hover_text(words::KEPT_BACK);
    let keys = "J and K (or arrows) go through them, 1, 2 and 3 judge";
    caption(ui, keys).on_hover_text(words::TRIAGE);
    let at = marked_at(deck, cx.read, cx.view);
    let page = at / ON_A_PAGE;
    let rows = page * ON_A_PAGE..((page + 1) * ON_A_PAGE).min(deck.len());
    for (place, row) in rows.clone().zip(&deck[rows]) {
        one(*row, place == at, cx, ui);
    }
    if deck.len() > ON_A_PAGE {
        pages(deck, page, cx.view, ui);
    }
}

/// “12 of 32 judged; 16 more are kept back for testing”.
fn how_far(of_spot: &ToTeach, read: Read<'_>) -> String {
    let deck = &of_spot.cards;
    let done = deck.iter().filter(|row| judged(**row, read).is_some());
    let kept_back = match of_spot.kept_back {
        0 => String::new(),
        more => format!("; {} more are kept back for testing", count(more)),
    };
    let (done, all) = (count(done.count()), count(deck.len()));
    format!("{done} of {all} judged{kept_back}")
}

/// What leads to the cards before and after those on show.
fn pages(deck: &[usize], page: usize, view: &mut ViewState, ui: &mut Ui) {
    let first = page * ON_A_PAGE;
    let after = first + ON_A_PAGE;
    ui.horizontal(|ui| {
        if button_if(ui, page > 0, "Those before", "") {
            go_to(deck, first.saturating_sub(ON_A_PAGE), view);
        }
        let last = after.min(deck.len());
        caption(ui, format!("{} to {last} of {}", first + 1, deck.len()));
        if button_if(ui, after < deck.len(), "Those after", "") {
            go_to(deck, after, view);
        }
    });
}

/// One card, with the words that mislead where they are known; the marked one
/// asks for them, and has the buttons.
fn one(row: usize, is_marked: bool, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(example) = cx.example(row) else {
        return;
    };
    let Some(text) = example.text() else {
        return;
    };
    let tokens = tokens(ui.ctx());
    let found = cx.state.words_of(&example.key);
    let shown = ui.scope(|ui| {
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let text = salient_words::marked(text, found, theme::BODY, tokens);
            let link = egui::Label::new(text).wrap().sense(Sense::click());
            let link = ui.add(link).on_hover_cursor(egui::CursorIcon::PointingHand);
            said(row, &cx.read, ui);
            match judged(row, cx.read) {
                _ if is_marked => {
                    salient_words::strongest_or_wait(example, cx, ui);
                    triage_buttons(&example.key, cx, ui);
                }
                Some(triage) => {
                    tag(ui, &judgement(triage, &cx.state.dataset), tokens.accent);
                }
                None => {}
            }
            link
        })
    });
    if is_marked {
        let text = shown.inner.rect;
        cx.view.card_in_sight = ui.clip_rect().contains(text.center());
        let stroke = Stroke::new(2.0, tokens.accent);
        let (painter, rect) = (ui.painter(), shown.response.rect);
        painter.rect_stroke(rect, theme::RADIUS, stroke, StrokeKind::Inside);
        if std::mem::take(&mut cx.view.scroll_to_card) {
            shown.response.scroll_to_me(None);
        }
    }
    if shown.inner.clicked() {
        cx.view.card = Some(row);
        cx.view.choose_row(row, cx.read.derived.rows.len());
        cx.view.scroll_to_focus = true;
    }
}
