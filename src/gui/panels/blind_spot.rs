//! The inspector of one blind spot.

use eframe::egui::{self, RichText, Ui};

use super::example::confidence_text;
use super::widgets::{caption, card, fact, primary_button, section, title};
use crate::gui::derived::{SpotFacts, ToTeach};
use crate::gui::read::{Ask, Read};
use crate::gui::theme::{self, tokens};
use crate::gui::view_state::{Filters, SpotRef, Stage, ViewState};
use crate::gui::words;
use crate::records::{BlindSpot, BlindSpotId, ExampleKey};
use crate::session::Command;
use crate::steps::discover::figures::{FoundSpot, confidence, for_teaching, region_rate, uus};
use crate::support::text::{capitalised, many};

/// Examples listed in a part at most.
const MOST_LISTED: usize = 5;
/// Distinctive terms listed at most.
const MOST_TERMS: usize = 10;

/// Shows a blind spot, with its name to edit once it is frozen.
pub fn ui(
    facts: &SpotFacts,
    read: &Read<'_>,
    view: &mut ViewState,
    ui: &mut Ui,
    out: &mut Vec<Ask>,
) {
    if ui.button("Back: All blind spots").clicked() {
        view.clear_selection();
    }
    let frozen = match facts.spot {
        SpotRef::Frozen(id) => read.state.blind_spot(id),
        SpotRef::Group(_) => None,
    };
    match frozen {
        Some(spot) => name_field(spot.id, &facts.name, view, ui, out),
        None => {
            title(ui, &facts.name);
            caption(ui, "A preview: freeze to name, triage and teach it");
        }
    }
    caption(ui, read.confusion(facts.true_label, facts.predicted));
    let errors = frozen.and_then(|spot| read.derived.to_teach(spot.id));
    figures(facts, errors, ui);
    show_errors(facts, view, ui);
    if frozen.is_some() {
        ui.add_space(theme::GAP);
        let teach = primary_button(ui, "Teach this blind spot", true);
        if teach.clicked() {
            view.stage = Stage::Teach;
        }
    }
    match frozen {
        Some(spot) => texts(spot, read, view, ui),
        None => members(facts, read, view, ui),
    }
}

/// The name, editable: every change is one undo step as long as the field
/// keeps the keyboard.
fn name_field(id: BlindSpotId, name: &str, view: &mut ViewState, ui: &mut Ui, out: &mut Vec<Ask>) {
    let mut draft = match &view.name_draft {
        Some((of, draft)) if *of == id => draft.clone(),
        _ => name.to_owned(),
    };
    let field = egui::TextEdit::singleline(&mut draft)
        .font(egui::FontId::proportional(theme::HEADING))
        .desired_width(f32::INFINITY);
    let response = ui
        .add(field)
        .on_hover_text("The name is made of distinctive terms until you give it one")
        .accessible_name("Name of the blind spot");
    if response.changed() {
        out.push(
            Command::Rename {
                blind_spot: id,
                name: draft.clone(),
            }
            .into(),
        );
        view.name_draft = Some((id, draft));
    }
    if response.lost_focus() {
        view.name_draft = None;
        out.push(Command::EndEdit.into());
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
    for figure in figures.into_iter().flatten() {
        let name = capitalised(figure.name);
        fact(ui, &name, figure.text(&found), figure.meaning);
    }
}

/// Map and table show its errors alone, or everything again.
fn show_errors(facts: &SpotFacts, view: &mut ViewState, ui: &mut Ui) {
    let alone = Filters {
        only_spot: true,
        ..Filters::default()
    };
    let (text, filters) = if view.filters == alone {
        ("Show all texts again".to_owned(), Filters::default())
    } else {
        let errors = many(facts.rows.len(), "error");
        (format!("Show its {errors}"), alone)
    };
    let button = ui
        .button(text)
        .on_hover_text("On the map and in the table below it");
    if button.clicked() {
        view.filters = filters;
    }
}

fn texts(spot: &BlindSpot, read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    if !spot.terms.is_empty() {
        section(ui, "Distinctive terms", words::TERMS);
        ui.horizontal_wrapped(|ui| {
            for term in spot.terms.iter().take(MOST_TERMS) {
                let label = format!("{}  {}/{}", term.word, term.inside, term.outside);
                let chosen = view.filters.search == term.word;
                let meaning = format!(
                    "{} errors and {} right texts hold it; click to search for it",
                    term.inside, term.outside
                );
                let button =
                    egui::Button::selectable(chosen, RichText::new(label).size(theme::SMALL));
                if ui
                    .add(button.frame_when_inactive(true))
                    .on_hover_text(meaning)
                    .clicked()
                {
                    view.filters.search = if chosen {
                        String::new()
                    } else {
                        term.word.clone()
                    };
                }
            }
        });
    }
    section(ui, "Most typical", words::MEDOIDS);
    list(&spot.medoids, read, view, ui);
    section(ui, "Nearest that the model gets right", words::CONTRASTS);
    if spot.contrasts.is_empty() {
        caption(ui, "None: there are no embeddings or no right neighbours");
    }
    list(&spot.contrasts, read, view, ui);
}

fn members(facts: &SpotFacts, read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    section(ui, "Errors in it", words::UU);
    for row in facts.rows.iter().take(MOST_LISTED) {
        text_card(*row, read, view, ui);
    }
}

fn list(keys: &[ExampleKey], read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    for row in keys
        .iter()
        .filter_map(|key| read.derived.row_of(key))
        .take(MOST_LISTED)
    {
        text_card(row, read, view, ui);
    }
}

/// A text with what the model says; a click shows it whole.
pub fn text_card(row: usize, read: &Read<'_>, view: &mut ViewState, ui: &mut Ui) {
    let text = read.text(row);
    let response = card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let link = egui::Label::new(&text).wrap().sense(egui::Sense::click());
        let response = ui.add(link).on_hover_cursor(egui::CursorIcon::PointingHand);
        ui.label(confidence_text(row, read, tokens(ui.ctx())));
        response
    });
    if response.clicked() {
        let spot = view.spot;
        view.choose_row(row, read.derived.rows.len());
        view.spot = spot;
        view.scroll_to_focus = true;
    }
}
