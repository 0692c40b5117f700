//! Numbers as the report prints them.

use crate::comparison::intervals::{Difference, Interval};
use crate::comparison::outcomes::Outcomes;
use crate::support::text::mean_count;

/// A number with a sign and a true minus.
pub(super) fn signed(value: f64) -> String {
    format!("{value:+.1}").replace('-', "−")
}

/// A difference with its 95 % interval.
pub(super) fn with_interval(difference: &Difference) -> String {
    format!(
        "{} ({})",
        signed(difference.mean),
        bounds(&difference.interval)
    )
}

/// Both bounds of an interval.
pub(super) fn bounds(interval: &Interval) -> String {
    format!("{} to {}", signed(interval.lower), signed(interval.upper))
}

/// A share as a percentage.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The four outcomes, corrected first.
pub(super) fn outcomes(outcomes: &Outcomes) -> String {
    let counts = [
        outcomes.corrected,
        outcomes.quieted,
        outcomes.remaining,
        outcomes.new,
    ];
    counts.map(mean_count).join(" / ")
}
