//! The figures: each comparison with its intervals, and the history.

use maud::{Markup, PreEscaped, html};

use super::sheet::sheet;
use super::{Told, summary};
use crate::comparison::{Comparison, Slice, SliceTable, Versus, figures};
use crate::drawing::svg::{self, Over};
use crate::records::{Arm, Endpoint, Role};
use crate::steps::{RoundResult, State};
use crate::support::text::many;

/// All figures: *final* first, then *check*, then earlier rounds.
pub(super) fn section(told: &Told<'_>) -> Markup {
    let sealed = told.sealed();
    let check = told
        .last()
        .and_then(|last| Some((last, last.comparison(Role::Check)?)));
    html! {
        section {
            h2 { "Results" }
            p { (summary::openings(told)) }
            @if let Some((result, comparison)) = sealed {
                (one(told, result, comparison))
            }
            @if let Some((result, comparison)) = check {
                (one(told, result, comparison))
            }
            @if sealed.is_none() && check.is_none() {
                p { "No arm has been trained yet: `blindspot experiment` or the window's Retrain does." }
            }
            @if told.state.rounds.len() > 1 { (history(&told.state)) }
        }
    }
}

fn one(told: &Told<'_>, result: &RoundResult, comparison: &Comparison) -> Markup {
    let used = match comparison.role {
        Role::Final => "",
        _ => " (used for choosing)",
    };
    html! {
        h3 { "Round " (result.round.number) ", role " (comparison.role) (used) }
        (summary::outdated(told, result))
        p.note {
            "Means over seeds (" (result.round.plan.mode) ", "
            (many(result.round.plan.seeds.len(), "seed")) "). What each figure means stands below."
        }
        @if let Some(curves) = &comparison.sizes {
            @for of_source in figures::of_sizes(curves) { (sheet(&of_source)) }
            @for source in &curves.sources {
                @for over in [Over::Number, Over::Money] {
                    @if let Some(picture) = svg::sizes(source, &curves.currency, over, told.state.hues()) {
                        figure {
                            (PreEscaped(picture))
                            figcaption { (figures::SIZES) }
                        }
                    }
                }
            }
        }
        @for table in &comparison.slices { (slice(told, comparison, table)) }
        @if let Some(created) = figures::of_created(comparison) { (sheet(&created)) }
    }
}

fn slice(told: &Told<'_>, comparison: &Comparison, table: &SliceTable) -> Markup {
    html! {
        @for of_slice in figures::of_slice(comparison, table) { (sheet(&of_slice)) }
        @if let Some(primary) = comparison.endpoints.judged(table.confident, table.rows).first() {
            (plot(table, *primary))
        }
        @if matches!(table.slice, Slice::Source(_)) {
            details {
                summary { "Curves (descriptive)" }
                @for curve in figures::CURVES {
                    figure {
                        (PreEscaped(svg::curve(curve, table, false, told.state.hues())))
                        figcaption { (curve.name) ": " (curve.meaning) }
                    }
                }
            }
        }
        @if comparison.role == Role::Final {
            @for verdict in table.arms.iter().filter_map(|arm| arm.verdict.as_ref()) {
                p.small { strong { (verdict.call) ": " } (verdict.sentence) }
            }
        }
    }
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 190.0;
const LINE: f64 = 24.0;

/// The lesson arms against every control on an endpoint: differences with 95 %
/// intervals.
fn plot(table: &SliceTable, endpoint: Endpoint) -> Markup {
    let lessons = table
        .arms
        .iter()
        .filter(|figures| !figures.arm.is_control());
    let lines: Vec<(&Arm, &Versus)> = lessons
        .filter_map(|figures| Some((&figures.arm, figures.on(endpoint)?.1)))
        .flat_map(|(arm, versus)| versus.iter().map(move |versus| (arm, versus)))
        .collect();
    if lines.is_empty() {
        return html! {};
    }
    let far = |versus: &Versus| {
        let interval = &versus.difference.interval;
        interval.lower.abs().max(interval.upper.abs())
    };
    // An area lies between 0 and 1, errors and points are counted.
    let least = if endpoint == Endpoint::RiskCoverageArea {
        0.001
    } else {
        1.0
    };
    let reach = lines
        .iter()
        .map(|(_, versus)| far(versus))
        .fold(least, f64::max);
    let x = |value: f64| {
        let half = (WIDTH - LEFT - RIGHT) / 2.0;
        format!("{:.1}", LEFT + half + value / reach * half)
    };
    let height = LINE * (lines.len() as f64 + 1.6);
    let bottom = format!("{:.0}", height - LINE);
    html! {
        figure {
            svg.plot viewBox=(format!("0 0 {WIDTH} {height:.0}")) role="img"
                aria-label=(format!("Lessons against controls, {}", table.slice)) {
                line x1=(x(0.0)) y1="4" x2=(x(0.0)) y2=(bottom) stroke="#5b6675" stroke-dasharray="3 3" {}
                @for (position, (arm, versus)) in lines.iter().enumerate() {
                    @let y = format!("{:.1}", LINE * (position as f64 + 0.7));
                    @let interval = &versus.difference.interval;
                    @let colour = colour(endpoint, versus);
                    text x="0" y=(y) dominant-baseline="middle" { (arm) " − " (versus.control) }
                    line x1=(x(interval.lower)) y1=(y) x2=(x(interval.upper)) y2=(y) stroke=(colour) stroke-width="2.5" {}
                    circle cx=(x(versus.difference.mean)) cy=(y) r="5" fill=(colour) {}
                    text x=(format!("{:.0}", WIDTH)) y=(y) text-anchor="end" dominant-baseline="middle" {
                        (figures::said_difference(endpoint, versus))
                    }
                }
                text.soft x=(x(0.0)) y=(format!("{:.0}", height - 5.0)) text-anchor="middle" {
                    "← lower " (endpoint) " · higher →"
                }
            }
            figcaption {
                "Lessons against each control: the difference with its 95 % interval over seeds and \
                 groups of rows. " (endpoint.meaning())
            }
        }
    }
}

fn colour(endpoint: Endpoint, versus: &Versus) -> &'static str {
    if versus.is_gain(endpoint) {
        "#2e7d4f"
    } else if versus.is_harm(endpoint) {
        "#c0392b"
    } else {
        "#5b6675"
    }
}

/// The rounds so far.
fn history(state: &State) -> Markup {
    let comparisons = state.rounds.iter().flat_map(|result| {
        let comparisons = result.comparisons.iter();
        comparisons.map(|comparison| (result.round.number, comparison.as_ref()))
    });
    sheet(&figures::history(comparisons))
}
