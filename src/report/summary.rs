//! The verdict first, and first of all what got worse.

use maud::{Markup, html};

use super::Told;
use crate::comparison::figures::{NOTHING_JUDGED, change, outcomes};
use crate::comparison::sizes::SizeCurves;
use crate::comparison::{ArmFigures, Call, Comparison, Slice, headlines};
use crate::records::{Arm, Role};
use crate::steps::RoundResult;
use crate::steps::shown_round::ShownRound;
use crate::support::text::many;

/// The section that a hurried reader reads.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let sealed = told.sealed();
    html! {
        section {
            h2 { "Verdict" }
            @if let Some(result) = sealed.map(|(result, _)| result).or(told.last()) {
                (outdated(told, result))
            }
            @match sealed {
                Some((result, comparison)) => {
                    (worths(comparison))
                    (worse(comparison))
                    (verdicts(comparison))
                    p.note {
                        "Round " (result.round.number) ", read on the role final. "
                        (openings(told))
                    }
                }
                None => {
                    p {
                        "There is no verdict: the role final is still sealed. "
                        @if told.last().is_some() {
                            "What follows was read on the role check, which is also used for choosing."
                        } @else {
                            "Nothing has been retrained yet."
                        }
                    }
                    @if let Some(check) = told.last().and_then(|last| last.comparison(Role::Check)) {
                        (worths(check))
                        (worse(check))
                        (verdicts(check))
                    }
                }
            }
        }
    }
}

/// A warning if a round is not of the base and data that the project has now.
pub(super) fn outdated(told: &Told<'_>, result: &RoundResult) -> Markup {
    html! {
        @let why = match told.state.shown_round() {
            Some(shown @ ShownRound::CameWith(_)) => shown.outdated(&told.state),
            _ => told.state.outdated(&result.round),
        };
        @if let Some(why) = why { div.warning { p { (why) } } }
    }
}

/// How often final has been opened.
pub(super) fn openings(told: &Told<'_>) -> String {
    let openings = told.openings();
    let said = told.state.openings_said();
    if openings.is_empty() {
        return format!("Final: {said}.");
    }
    let each: Vec<String> = openings
        .iter()
        .map(|opening| {
            format!(
                "{} for round {} ({}), to judge by {}",
                opening.when, opening.round, opening.reason, opening.endpoints
            )
        })
        .collect();
    format!("Final: {said} ({}).", each.join("; "))
}

/// What lessons are worth in ordinary labels, if that was measured.
fn worths(comparison: &Comparison) -> Markup {
    html! {
        @for worth in comparison.sizes.iter().flat_map(SizeCurves::worths) {
            p { strong { (worth.sentence) } }
        }
    }
}

fn verdicts(comparison: &Comparison) -> Markup {
    let all = headlines(comparison);
    html! {
        @if all.is_empty() { p { (NOTHING_JUDGED) } }
        @for headline in all {
            @let (verdict, arm, slice) = (headline.verdict, headline.arm, &headline.table.slice);
            @let class = match verdict.call {
                Call::Worse => "verdict worse",
                Call::Improved => "verdict improved",
                Call::Behind | Call::NoEvidence | Call::NotJudged => "verdict",
            };
            div class=(class) {
                p {
                    span.call { (verdict.call) ": " (arm.arm) ", " (slice) }
                }
                p { strong { (headline.sentence) } }
                p { (verdict.sentence) }
            }
        }
        @for arm in &comparison.not_run {
            p.note { (arm) ": " (arm.nothing_to_add()) }
        }
    }
}

/// Figures of lesson arms that clearly fell behind the base, whatever the
/// verdict on the endpoint.
fn worse(comparison: &Comparison) -> Markup {
    let mut lines = Vec::new();
    for table in &comparison.slices {
        if !matches!(table.slice, Slice::Source(_)) {
            continue;
        }
        for figures in table
            .arms
            .iter()
            .filter(|figures| !figures.arm.is_control())
        {
            let place = format!("{}, {}", table.slice, figures.arm);
            if figures.accuracy_change.interval.upper < 0.0 {
                lines.push(format!(
                    "{place}: accuracy fell, {} (n = {})",
                    change().said(figures),
                    table.rows
                ));
            }
            let surplus = |of: &ArmFigures| {
                let became = &of.outcomes;
                became.new - became.corrected - became.quieted
            };
            let with_nothing = table.arm(&Arm::Base).map_or(0.0, surplus);
            // What training on makes by itself is not the lessons' doing.
            if surplus(figures) > with_nothing.max(0.0) {
                lines.push(format!(
                    "{place}: more unknown unknowns are new than were corrected or quieted, {}{}",
                    outcomes().said(figures),
                    table
                        .arm(&Arm::Base)
                        .map_or_else(String::new, |base| format!(
                            " (with nothing added: {})",
                            outcomes().text(base)
                        ))
                ));
            }
        }
    }
    html! {
        @if !lines.is_empty() {
            div.warning {
                p { strong { "What got worse (" (many(lines.len(), "finding")) ")" } }
                ul { @for line in lines { li { (line) } } }
            }
        }
    }
}
