//! What teaching cost, people and language models side by side.

use maud::{Markup, html};

use super::Told;
use super::sheet::table;
use crate::steps::check_hypotheses::{check_figures, check_rows};
use crate::steps::data_sheet::{cost_figures, costs};
use crate::support::figures::Sheet;

/// Every hypothesis with its checks: one that did not pass, or that nobody
/// checked, is marked so.
pub(super) fn hypotheses(told: &Told<'_>) -> Markup {
    let rows = check_rows(&told.state.document);
    let thresholds = told.project.workspace.manifest.hypotheses;
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let sheet = Sheet::of("Hypotheses and their checks", &check_figures(), &rows);
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (sheet.title) }
                (table(&sheet))
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

/// The table of costs.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let manifest = &told.project.workspace.manifest;
    let lessons = told.state.document.lessons.values().map(AsRef::as_ref);
    let costs = costs(lessons, manifest.hourly_rate);
    let sheet = Sheet::of("What teaching cost", &cost_figures(), &costs);
    html! {
        section {
            h2 { (sheet.title) }
            @if sheet.lines.is_empty() {
                p { "No lesson has been written." }
            } @else {
                (table(&sheet.in_currency(manifest.currency.as_deref())))
                p.note {
                    "A person's hours beside a model's name are review. Idle stretches over a \
                     minute are left out. A dash means that the lessons came from a file that \
                     says nothing of it, or that there is no price, not that they were free."
                }
            }
        }
    }
}
