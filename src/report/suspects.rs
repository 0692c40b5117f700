//! Labels that look wrong, and what people made of them.

use maud::{Markup, html};

use super::Told;
use crate::discovery::Suspect;
use crate::records::Triage;
use crate::steps::suspects::{Listed, MEANING};
use crate::support::text::many;

/// Suspects that are printed.
const MOST: usize = 10;

/// The most suspicious labels, without the texts that are kept back.
pub(super) fn section(told: &Told<'_>) -> Markup {
    if told.suspects.is_empty() {
        return html! {};
    }
    let first = &told.suspects[..told.suspects.len().min(MOST)];
    html! {
        section {
            h2 { "Labels that look wrong" }
            p.note { (MEANING) }
            p { (judged(told)) }
            ul.examples {
                @for one in told.state.listed(first) { (listed(&one)) }
            }
        }
    }
}

/// How many of the errors were judged, and how.
fn judged(told: &Told<'_>) -> String {
    let state = &told.state;
    let judgement = |suspect: &Suspect| {
        let key = &state.dataset.examples[suspect.example].key;
        state.document.triage.get(key)
    };
    let (mut right, mut wrong, mut unclear) = (0, 0, 0);
    for triage in told.suspects.iter().filter_map(judgement) {
        match triage {
            Triage::RealError => right += 1,
            Triage::WrongLabel(_) => wrong += 1,
            Triage::Ambiguous => unclear += 1,
        }
    }
    let errors = many(told.suspects.len(), "confident error");
    match right + wrong + unclear {
        0 => format!("{errors}, none of them judged. The most suspicious labels:"),
        some => format!(
            "{errors}, {some} of them judged: {} right, {wrong} wrong, {unclear} unclear. The \
             most suspicious labels:",
            many(right, "label")
        ),
    }
}

fn listed(one: &Listed) -> Markup {
    html! {
        li {
            @match &one.text {
                Some(text) => (text.joined()),
                None => em { "kept back from teachers" },
            }
            span.said {
                "the data says " (one.label) " · " (one.reason)
                @if let Some(judgement) = &one.judgement { " · judged: " (judgement) }
            }
        }
    }
}
