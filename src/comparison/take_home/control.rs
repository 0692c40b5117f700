//! How an arm stands to the best control that was trained.

use crate::comparison::headline::{counts_errors, place};
use crate::comparison::{Call, Headline};

/// How an arm stands to the best control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ToControl {
    Beats,
    Beaten,
    Level,
}

impl ToControl {
    /// The place, and for what does better also what that is.
    pub(super) fn clause(self, headline: &Headline<'_>) -> String {
        let place = place(&headline.table.slice);
        match (self, headline.control) {
            (ToControl::Level, Some((control, _))) if leaves_fewer(headline) => {
                let why = match headline.verdict.guard.held() {
                    true => "it does better here, too uncertainly for a claim",
                    false => {
                        "it does better here, but as long as a loss in the known domain is not \
                         ruled out that is no claim"
                    }
                };
                let reached = reached(headline);
                format!("{place} ({}: {reached}; {why})", control.in_words())
            }
            (ToControl::Beaten | ToControl::Level, Some((control, _))) => {
                format!("{place} ({}: {})", control.in_words(), reached(headline))
            }
            _ => place,
        }
    }
}

/// Whether the arm's interval to the best control says that it does better,
/// whatever the verdict may say.
fn leaves_fewer(headline: &Headline<'_>) -> bool {
    let best = headline.to_control();
    best.is_some_and(|best| best.is_gain(headline.verdict.endpoint))
}

/// What the control comes to, in what is seen from afar.
fn reached(headline: &Headline<'_>) -> String {
    let large = headline.large();
    let said = large.control.map(|(_, value)| large.said(value));
    let said = said.unwrap_or_default();
    match counts_errors(large.endpoint) {
        true => format!("{said} left"),
        false => said,
    }
}

/// As the verdict says; where there is none, as the interval does.
pub(super) fn to_control(headline: &Headline<'_>) -> Option<ToControl> {
    let (endpoint, best) = (headline.verdict.endpoint, headline.to_control()?);
    Some(match headline.verdict.call {
        Call::Improved => ToControl::Beats,
        Call::Worse | Call::Behind => ToControl::Beaten,
        Call::NoEvidence => ToControl::Level,
        Call::NotJudged if best.is_gain(endpoint) => ToControl::Beats,
        Call::NotJudged if best.is_harm(endpoint) => ToControl::Beaten,
        Call::NotJudged => ToControl::Level,
    })
}
