//! The figures: each comparison with its intervals, and the history.

use maud::{Markup, html};

use super::words::{bounds, outcomes, percent, signed, with_interval};
use super::{Told, summary};
use crate::comparison::verdict::Versus;
use crate::comparison::{ArmFigures, Comparison, Slice, SliceTable};
use crate::records::{Arm, Role};
use crate::steps::RoundResult;
use crate::support::text::{many, mean_count};

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
            @if told.state.rounds.len() > 1 { (history(told)) }
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
            (many(result.round.plan.seeds.len(), "seed")) "). “Errors in c” is the primary endpoint: errors among the c most confident \
             rows, c being how many the base holds with confidence ≥ τ. Outcomes are corrected / \
             quieted / remaining / new unknown unknowns."
        }
        @for table in &comparison.slices { (slice(comparison, table)) }
        @if !comparison.created.is_empty() { (created(comparison)) }
    }
}

fn slice(comparison: &Comparison, table: &SliceTable) -> Markup {
    html! {
        h4 { (first_upper(&table.slice.to_string())) }
        p.note {
            "n = " (table.rows) " rows in " (table.groups) " groups; c = " (table.confident)
            @if matches!(table.slice, Slice::Source(_)) { ". " (table.power.sentence) }
            @else { ". Descriptive: verdicts are given for sources only" }
        }
        div.scroll { table {
            thead { tr {
                th { "arm" } th { "errors in c" } th { "against best control (95 %)" }
                th { "UUs ≥ τ" } th { "after scaling" } th { "outcomes" }
                th { "accuracy" } th { "change, points (95 %)" }
                th { "ECE" } th { "scaled" } th { "Brier" } th { "AURC" }
            } }
            tbody {
                @for figures in &table.arms { (row(figures)) }
            }
        } }
        (plot(table))
        @if comparison.role == Role::Final && table.arms.iter().any(|f| f.verdict.is_some()) {
            @for figures in &table.arms {
                @if let Some(verdict) = &figures.verdict {
                    p.small { strong { (verdict.call) ": " } (verdict.sentence) }
                }
            }
        }
    }
}

fn row(figures: &ArmFigures) -> Markup {
    let class = if figures.arm.is_control() {
        "control"
    } else {
        "lesson"
    };
    let untouched = figures.arm == Arm::Untouched;
    html! {
        tr class=(class) {
            td { (figures.arm) }
            td { (format!("{:.1}", figures.matched_errors)) }
            td {
                @if let Some(best) = figures.versus.first() {
                    (with_interval(&best.difference)) " vs " (best.control)
                }
            }
            td { (mean_count(figures.unknown_unknowns)) }
            td { (mean_count(figures.unknown_unknowns_scaled)) }
            td { @if !untouched { (outcomes(&figures.outcomes)) } }
            td { (percent(figures.accuracy)) }
            td { @if !untouched { (with_interval(&figures.accuracy_change)) } }
            td { (format!("{:.3}", figures.calibration_error)) }
            td { (format!("{:.3}", figures.calibration_error_scaled)) }
            td { (format!("{:.3}", figures.brier)) }
            td { (format!("{:.4}", figures.risk_coverage_area)) }
        }
    }
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 190.0;
const LINE: f64 = 24.0;

/// The lesson arms against every control: differences with 95 % intervals.
fn plot(table: &SliceTable) -> Markup {
    let lessons = table
        .arms
        .iter()
        .filter(|figures| !figures.arm.is_control());
    let lines: Vec<(&Arm, &Versus)> = lessons
        .flat_map(|figures| {
            figures
                .versus
                .iter()
                .map(move |versus| (&figures.arm, versus))
        })
        .collect();
    if lines.is_empty() {
        return html! {};
    }
    let far = |versus: &Versus| {
        let interval = &versus.difference.interval;
        interval.lower.abs().max(interval.upper.abs())
    };
    let reach = lines
        .iter()
        .map(|(_, versus)| far(versus))
        .fold(1.0, f64::max);
    let x = |value: f64| {
        let half = (WIDTH - LEFT - RIGHT) / 2.0;
        format!("{:.1}", LEFT + half + value / reach * half)
    };
    let height = LINE * (lines.len() as f64 + 1.6);
    let bottom = format!("{:.0}", height - LINE);
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {height:.0}")) role="img"
                aria-label=(format!("Lessons against controls, {}", table.slice)) {
                line x1=(x(0.0)) y1="4" x2=(x(0.0)) y2=(bottom) stroke="#5b6675" stroke-dasharray="3 3" {}
                @for (position, (arm, versus)) in lines.iter().enumerate() {
                    @let y = format!("{:.1}", LINE * (position as f64 + 0.7));
                    @let interval = &versus.difference.interval;
                    @let colour = colour(versus);
                    text x="0" y=(y) dominant-baseline="middle" { (arm) " − " (versus.control) }
                    line x1=(x(interval.lower)) y1=(y) x2=(x(interval.upper)) y2=(y) stroke=(colour) stroke-width="2.5" {}
                    circle cx=(x(versus.difference.mean)) cy=(y) r="5" fill=(colour) {}
                    text x=(format!("{:.0}", WIDTH)) y=(y) text-anchor="end" dominant-baseline="middle" {
                        (signed(versus.difference.mean)) " (" (bounds(interval)) ")"
                    }
                }
                text.soft x=(x(0.0)) y=(format!("{:.0}", height - 5.0)) text-anchor="middle" {
                    "← fewer errors among the c most confident rows · more →"
                }
            }
            figcaption { "Differences between lessons and each control, mean over seeds, 95 % intervals over seeds and groups" }
        }
    }
}

fn colour(versus: &Versus) -> &'static str {
    let interval = &versus.difference.interval;
    if interval.upper < 0.0 {
        "#2e7d4f"
    } else if interval.lower > 0.0 {
        "#c0392b"
    } else {
        "#5b6675"
    }
}

/// Unknown unknowns that retraining made, grouped.
fn created(comparison: &Comparison) -> Markup {
    html! {
        h4 { "Created unknown unknowns" }
        p.note {
            "Rows of discovery and check that became unknown unknowns in at least half of the \
             seeds, grouped as blind spots are."
        }
        div.scroll { table {
            thead { tr {
                th { "arm" } th { "rows" } th.text { "group" } th { "true → predicted" } th { "in group" }
                th.text { "distinctive terms" }
            } }
            tbody {
                @for created in &comparison.created {
                    @if created.groups.is_empty() {
                        tr { td { (created.arm) } td { "0 of " (created.rows) } td.text { "none" } td {} td {} td {} }
                    }
                    @for group in &created.groups {
                        tr {
                            td { (created.arm) }
                            td { (created.count) " of " (created.rows) }
                            td.text.wrap { (group.name) }
                            td { (group.true_label) " → " (group.predicted) }
                            td { (group.members.len()) }
                            td.text.wrap { (group.words()) }
                        }
                    }
                }
            }
        } }
    }
}

/// The rounds so far, one line for each lesson arm and source.
fn history(told: &Told<'_>) -> Markup {
    html! {
        h3 { "All rounds" }
        div.scroll { table {
            thead { tr {
                th { "round" } th.text { "role" } th.text { "source" } th.text { "arm" } th { "errors in c" }
                th { "base" } th { "accuracy change, points (95 %)" } th.text { "verdict" }
            } }
            tbody {
                @for result in &told.state.rounds {
                    @for comparison in &result.comparisons {
                        @for (slice, arm, verdict) in comparison.verdicts() {
                            @if let Some(table) = comparison.slice(slice) {
                                @if let Some(figures) = table.arm(arm) {
                                    tr {
                                        td { (result.round.number) } td.text { (comparison.role) }
                                        td.text { (slice) } td.text { (arm) }
                                        td { (format!("{:.1}", figures.matched_errors)) }
                                        td { (format!("{:.1}", table.arms[0].matched_errors)) }
                                        td { (with_interval(&figures.accuracy_change)) }
                                        td.text { (verdict.call) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        } }
    }
}

fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
