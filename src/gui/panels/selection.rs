//! The texts that were selected together, by lasso, box or one after the
//! other.

use std::collections::BTreeMap;

use eframe::egui::{RichText, Ui};

use super::blind_spot::text_card;
use super::example::outcome_colour;
use super::widgets::{caption, count, section, title};
use crate::discovery::Outcome;
use crate::gui::read::Cx;
use crate::gui::theme::tokens;
use crate::gui::words;

/// Texts that are listed at most; the table can show all.
const MOST_LISTED: usize = 60;

/// Lists the texts, errors first.
pub(super) fn ui(cx: &mut Cx<'_>, ui: &mut Ui) {
    let flags = cx.view.selected.iter().enumerate();
    let rows = flags.filter(|(_, selected)| **selected).map(|(row, _)| row);
    let mut rows: Vec<usize> = rows.filter(|row| *row < cx.derived.rows.len()).collect();
    title(ui, format!("{} texts selected", count(rows.len())));
    let mut counts = BTreeMap::<Outcome, usize>::new();
    for row in &rows {
        *counts.entry(cx.derived.rows[*row].outcome).or_default() += 1;
    }
    ui.horizontal_wrapped(|ui| {
        for (outcome, number) in counts {
            let colour = outcome_colour(outcome, tokens(ui.ctx()));
            let text = format!("{} {}", count(number), outcome.name());
            ui.label(RichText::new(text).color(colour))
                .on_hover_text(words::UU);
        }
    });
    ui.horizontal_wrapped(|ui| {
        if ui.button("Clear selection").clicked() {
            cx.view.clear_selection();
        }
        ui.checkbox(
            &mut cx.view.filters.only_selected,
            "only these in the table",
        );
    });
    caption(
        ui,
        "Triage and Move, above the map, judge all errors among them at once",
    );
    section(ui, "The texts", "");
    let facts = &cx.derived.rows;
    rows.sort_by(|a, b| {
        let (a, b) = (&facts[*a], &facts[*b]);
        let surest = b.confidence.total_cmp(&a.confidence);
        a.outcome.cmp(&b.outcome).then(surest)
    });
    let more = rows.len().saturating_sub(MOST_LISTED);
    for row in rows.into_iter().take(MOST_LISTED) {
        if text_card(row, cx, ui) {
            // The others stay selected: “Back” leads to them again.
            cx.view.focus = Some(row);
            cx.view.scroll_to_focus = true;
        }
    }
    if more > 0 {
        caption(ui, format!("and {} more in the table", count(more)));
    }
}
