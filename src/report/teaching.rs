//! What teaching cost, people and language models side by side.

use maud::{Markup, html};

use super::Told;
use super::sheet::table;
use crate::steps::data_sheet::{cost_figures, costs};
use crate::support::figures::Sheet;

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
