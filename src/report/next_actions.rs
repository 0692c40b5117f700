//! What to do next about each blind spot, and what came of it in each round.

use maud::{Markup, html};

use super::Told;
use super::sheet::sheet;
use crate::steps::next_action::figures::{follow_up_sheet, proposal_sheet};

/// Proposals and follow-ups, where there are blind spots.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let (proposals, followed_up) = &told.next;
    if proposals.is_empty() && followed_up.is_empty() {
        return html! {};
    }
    let name = |spot| told.state.blind_spot_name(spot);
    html! {
        section {
            h2 { "Next" }
            @if !proposals.is_empty() { (sheet(&proposal_sheet(proposals, name))) }
            @if !followed_up.is_empty() { (sheet(&follow_up_sheet(followed_up))) }
        }
    }
}
