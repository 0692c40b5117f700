//! The inspector of one blind spot.

use eframe::egui::{self, RichText, Ui};

use super::cards;
use super::example::outcome_colour;
use super::suspects;
use super::widgets::{caption, card, fact, primary_button, section, title};
use crate::gui::derived::{SpotFacts, ToTeach};
use crate::gui::read::{Cx, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::{Filters, SpotRef, Stage};
use crate::gui::words;
use crate::records::{BlindSpot, BlindSpotId, ExampleKey, Triage};
use crate::session::Command;
use crate::steps::discover::figures::{FoundSpot, confidence, for_teaching, region_rate, uus};
use crate::steps::next_action::{NextAction, figures as next_figures};
use crate::support::text::{capitalised, many};

/// Examples listed in a part at most.
const MOST_LISTED: usize = 5;
/// Distinctive terms listed at most.
const MOST_TERMS: usize = 10;

/// Shows a blind spot, with its name to edit once it is frozen.
pub fn ui(facts: &SpotFacts, cx: &mut Cx<'_>, ui: &mut Ui) {
    if ui.button("Back: All blind spots").clicked() {
        cx.view.clear_selection();
    }
    let frozen = match facts.spot {
        SpotRef::Frozen(id) => cx.state.blind_spot(id),
        SpotRef::Group(_) => None,
    };
    match frozen {
        Some(spot) => name_field(spot.id, &facts.name, cx, ui),
        None => {
            title(ui, &facts.name);
            caption(ui, "A preview: freeze to name, triage and teach it");
        }
    }
    caption(ui, cx.confusion(facts.true_label, facts.predicted));
    show_errors(facts, cx, ui);
    let Some(spot) = frozen else {
        figures(facts, None, ui);
        section(ui, "Errors in it", words::UU);
        list(facts.rows.iter().copied(), cx, ui);
        return;
    };
    if primary_button(ui, "Teach this blind spot", true).clicked() {
        cx.view.stage = Stage::Teach;
    }
    // In sight at once: keys judge the marked one.
    cards::ui(spot.id, cx, ui);
    next(spot.id, cx, ui);
    figures(facts, cx.derived.to_teach(spot.id), ui);
    texts(spot, cx, ui);
}

/// The name, editable: every change is one undo step as long as the field
/// keeps the keyboard.
fn name_field(blind_spot: BlindSpotId, name: &str, cx: &mut Cx<'_>, ui: &mut Ui) {
    let mut draft = match &cx.view.name_draft {
        Some((of, draft)) if *of == blind_spot => draft.clone(),
        _ => name.to_owned(),
    };
    // A long name goes on in the next line; Enter ends it, as of one line.
    let field = egui::TextEdit::multiline(&mut draft)
        .font(egui::FontId::proportional(theme::HEADING))
        .desired_rows(1)
        .return_key(None)
        .desired_width(f32::INFINITY);
    let response = ui.add(field);
    if response.has_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        response.surrender_focus();
    }
    let response = response
        .on_hover_text("Named by the first hypothesis on it, or by what its errors share, until you give it a name")
        .accessible_name("Name of the blind spot");
    if response.changed() {
        // What is pasted may have several.
        let name = draft.replace(['\n', '\r'], " ");
        cx.ask(Command::Rename { blind_spot, name });
        cx.view.name_draft = Some((blind_spot, draft));
    }
    if response.lost_focus() {
        cx.view.name_draft = None;
        cx.ask(Command::EndEdit);
    }
}

fn figures(facts: &SpotFacts, errors: Option<&ToTeach>, ui: &mut Ui) {
    let (region_uus, region_rows) = facts.region.unwrap_or_default();
    let (shown, kept_back) = errors.map_or((0, 0), |of| (of.shown.len(), of.kept_back));
    let found = FoundSpot {
        unknown_unknowns: facts.rows.len(),
        mean_confidence: facts.mean_confidence,
        region_rows,
        region_uus,
        shown,
        kept_back,
        ..FoundSpot::default()
    };
    let region = facts.region_rate().map(|_| region_rate());
    let errors = errors.map(|_| for_teaching());
    let figures = [Some(uus()), Some(confidence()), region, errors];
    ui.add_space(theme::GAP);
    for figure in figures.into_iter().flatten() {
        let name = capitalised(figure.name);
        fact(ui, &name, figure.text(&found), figure.meaning);
    }
}

/// What is proposed to do about it, and where that is done.
fn next(spot: BlindSpotId, cx: &mut Cx<'_>, ui: &mut Ui) {
    let Some(proposal) = cx.read.derived.next.about(spot) else {
        return;
    };
    section(ui, "Next", next_figures::MEANING);
    ui.label(RichText::new(capitalised(proposal.action.name())).strong());
    caption(ui, capitalised(&proposal.reason));
    caption(ui, format!("How: {}", proposal.action.how()));
    match proposal.action {
        NextAction::Relabel => suspects::button(cx, ui),
        NextAction::Abstain if ui.button("What to leave to a person …").clicked() => {
            cx.view.stage = Stage::Compare;
        }
        _ => {}
    }
}

/// Map and table show its errors alone, or everything again.
fn show_errors(facts: &SpotFacts, cx: &mut Cx<'_>, ui: &mut Ui) {
    let alone = Filters {
        only_spot: true,
        ..Filters::default()
    };
    let (text, filters) = if cx.view.filters == alone {
        ("Show all texts again".to_owned(), Filters::default())
    } else {
        let errors = many(facts.rows.len(), "error");
        (format!("Show its {errors}"), alone)
    };
    ui.horizontal_wrapped(|ui| {
        let button = ui.button(text);
        let meaning = "On the map and in the table below it";
        if button.on_hover_text(meaning).clicked() {
            cx.view.filters = filters;
        }
        let fly = ui.button("Zoom to it");
        if fly.on_hover_text("The map flies to its errors").clicked() {
            cx.view.fly_to = true;
        }
    });
}

fn texts(spot: &BlindSpot, cx: &mut Cx<'_>, ui: &mut Ui) {
    if !spot.terms.is_empty() {
        section(ui, "Distinctive terms", words::TERMS);
        ui.horizontal_wrapped(|ui| terms(spot, cx, ui));
    }
    let rows = |keys: &[ExampleKey]| -> Vec<usize> {
        keys.iter()
            .filter_map(|key| cx.derived.row_of(key))
            .collect()
    };
    let contrasts = rows(&spot.contrasts);
    section(ui, "Nearest that the model gets right", words::CONTRASTS);
    if spot.contrasts.is_empty() {
        caption(ui, "None: there are no embeddings or no right neighbours");
    }
    list(contrasts, cx, ui);
}

/// Words that tell the blind spot from right texts; a click searches for one.
fn terms(spot: &BlindSpot, cx: &mut Cx<'_>, ui: &mut Ui) {
    let search = &mut cx.view.filters.search;
    for term in spot.terms.iter().take(MOST_TERMS) {
        let label = format!("{}  {}/{}", term.word, term.inside, term.outside);
        let chosen = *search == term.word;
        let meaning = format!(
            "{} errors and {} right texts hold it; click to search for it",
            term.inside, term.outside
        );
        let button = egui::Button::selectable(chosen, RichText::new(label).size(theme::SMALL));
        let button = ui.add(button.frame_when_inactive(true));
        if button.on_hover_text(meaning).clicked() {
            search.clear();
            if !chosen {
                search.push_str(&term.word);
            }
        }
    }
}

fn list(rows: impl IntoIterator<Item = usize>, cx: &mut Cx<'_>, ui: &mut Ui) {
    for row in rows.into_iter().take(MOST_LISTED) {
        if text_card(row, cx, ui) {
            cx.view.choose_row(row, cx.read.derived.rows.len());
            cx.view.scroll_to_focus = true;
        }
    }
}

/// A text with what the model says; whether it was clicked.
pub(super) fn text_card(row: usize, cx: &Cx<'_>, ui: &mut Ui) -> bool {
    let text = cx.text(row);
    let response = card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let link = egui::Label::new(&text).wrap().sense(egui::Sense::click());
        let response = ui.add(link).on_hover_cursor(egui::CursorIcon::PointingHand);
        said(row, cx, ui);
        response
    });
    response.clicked()
}

/// What the model says to a text, and the data.
pub(super) fn said(row: usize, read: &Read<'_>, ui: &mut Ui) {
    let facts = &read.derived.rows[row];
    let mut words = format!("model says {}", read.said(facts));
    let judged = (read.example(row)).and_then(|of| read.state.document.triage.get(&of.key));
    let is_corrected = matches!(judged, Some(Triage::WrongLabel(Some(_))));
    if let Some(truth) = facts.truth {
        words += &match truth == facts.predicted {
            true if is_corrected => ", as the corrected label does".to_owned(),
            true => ", as the data do".to_owned(),
            false if is_corrected => format!(", {} is right", read.label(truth)),
            false => format!(", data say {}", read.label(truth)),
        };
    }
    let colour = outcome_colour(facts.outcome, tokens(ui.ctx()));
    ui.label(RichText::new(words).size(theme::SMALL).color(colour));
}
