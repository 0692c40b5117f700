//! What teaching cost, people and language models side by side.

use maud::{Markup, html};

use super::Told;
use super::sheet::{sheet, table};
use crate::steps::check_hypotheses::{check_figures, check_rows};
use crate::steps::data_sheet::{cost_figures, costs};
use crate::support::figures::Sheet;

/// Every hypothesis with its checks: one that did not pass, or that nobody
/// checked, is marked so.
pub(super) fn hypotheses(told: &Told<'_>) -> Markup {
    let rows = check_rows(&told.state.document);
    let thresholds = told.project.workspace.manifest.hypotheses;
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let checks = Sheet::of("Hypotheses and their checks", &check_figures(), &rows);
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (checks.title) }
                (table(&checks))
                p.note {
                    "Each hypothesis was asked of errors that its writer had not seen and of texts \
                     that the model gets right. It explains the blind spot if it holds for at least "
                    (percent(thresholds.inside))
                    " of these errors and surely (95 % Wilson interval) for less than "
                    (percent(thresholds.outside))
                    " of the right texts. One that did not pass may have been taught all the same."
                }
            }
        }
    }
}

/// People and language models beside each other, as far as they can be
/// measured.
pub(super) fn teachers(told: &Told<'_>) -> Markup {
    let Some(measured) = &told.teachers else {
        return html! {};
    };
    let name = |spot| told.state.blind_spot_name(spot);
    html! {
        section {
            h2 { "Teachers" }
            @for found in measured.sheets(name) { (sheet(&found)) }
            @for note in &measured.notes { p.note { (note) } }
        }
    }
}

/// The table of costs.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let manifest = &told.project.workspace.manifest;
    let lessons = told.state.document.lessons.values().map(AsRef::as_ref);
    let costs = costs(lessons, manifest.hourly_rate);
    let spent = Sheet::of("What teaching cost", &cost_figures(), &costs);
    html! {
        section {
            h2 { (spent.title) }
            @if spent.lines.is_empty() {
                p { "No lesson has been written." }
            } @else {
                (table(&spent.in_currency(manifest.currency.as_deref())))
                p.note {
                    "A person's hours beside a model's name are review. Idle stretches over a \
                     minute are left out. A dash means that the lessons came from a file that \
                     says nothing of it, or that there is no price, not that they were free."
                }
            }
        }
    }
}
