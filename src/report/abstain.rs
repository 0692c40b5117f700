//! Below which confidences a person should answer.

use maud::{Markup, html};

use super::Told;
use super::sheet::sheet;
use crate::steps::abstain::figures::MEANING;
use crate::support::figures::Sheet;

/// The thresholds; nothing where there are none.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let Some(table) = &told.abstention else {
        return html! {};
    };
    let sheets: Vec<Sheet> = table.sheets();
    html! {
        section {
            h2 { "What to leave to a person" }
            p.note { (MEANING) }
            @for found in &sheets { (sheet(found)) }
        }
    }
}
