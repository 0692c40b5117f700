//! The comparison as a person reads it: verdicts first, then the figures of
//! each source, then each blind spot.

use std::fmt::{self, Write as _};

use super::table::Table;
use crate::comparison::created::Created;
use crate::comparison::intervals::Difference;
use crate::comparison::outcomes::Outcomes;
use crate::comparison::{ArmFigures, BlindSpotTable, Comparison, Slice, SliceTable};
use crate::records::{Arm, Role};

/// Writes the comparison as text.
pub(super) fn text(comparison: &Comparison) -> Result<String, fmt::Error> {
    let mut out = String::new();
    verdicts(&mut out, comparison)?;
    for table in &comparison.slices {
        slice(&mut out, comparison, table)?;
    }
    if !comparison.blind_spots.is_empty() {
        blind_spots(&mut out, comparison)?;
        kept_back(&mut out, comparison)?;
    }
    for created in &comparison.created {
        write!(out, "{}", created_uus(comparison, created)?)?;
    }
    for arm in &comparison.not_run {
        writeln!(out, "  {arm}: {}", arm.nothing_to_add())?;
    }
    Ok(out)
}

fn verdicts(out: &mut String, comparison: &Comparison) -> fmt::Result {
    let all = comparison.verdicts_worst_first();
    writeln!(out, "Verdict on {}", comparison.role)?;
    if all.is_empty() {
        writeln!(out, "  none: no arm with lessons was trained")?;
    }
    for (_, _, verdict) in all {
        writeln!(out, "  [{}] {}", verdict.call, verdict.sentence)?;
    }
    if comparison.role == Role::Check {
        writeln!(
            out,
            "  *check* is read every round (used for choosing); only *final* gives a verdict."
        )?;
    }
    Ok(())
}

fn slice(out: &mut String, comparison: &Comparison, table: &SliceTable) -> fmt::Result {
    writeln!(
        out,
        "\n{} · {} (n = {} rows in {} groups; the base holds c = {} with confidence ≥ {:.2})",
        comparison.role, table.slice, table.rows, table.groups, table.confident, comparison.tau
    )?;
    if matches!(table.slice, Slice::Source(_)) {
        writeln!(out, "  Power: {}", table.power.sentence)?;
    }
    let mut rows = Table::new([
        "arm",
        "errors in c",
        "vs best control",
        "95 %",
        "UUs ≥ τ",
        "scaled",
        "corrected/quieted/remaining/new",
        "accuracy %",
        "change, 95 %",
    ]);
    for figures in &table.arms {
        let best = figures.versus.first();
        rows.row([
            figures.arm.to_string(),
            format!("{:.1}", figures.matched_errors),
            best.map_or_else(String::new, |versus| {
                format!("{:+.1} ({})", versus.difference.mean, versus.control)
            }),
            best.map_or_else(String::new, |versus| interval(&versus.difference)),
            format!("{:.1}", figures.unknown_unknowns),
            format!("{:.1}", figures.unknown_unknowns_scaled),
            outcomes(&figures.outcomes),
            format!("{:.1}", 100.0 * figures.accuracy),
            change(figures),
        ]);
    }
    write!(out, "{rows}")
}

fn change(figures: &ArmFigures) -> String {
    if figures.arm == Arm::Untouched {
        return String::new();
    }
    let change = &figures.accuracy_change;
    format!("{:+.1} {}", change.mean, interval(change))
}

fn interval(difference: &Difference) -> String {
    let bounds = &difference.interval;
    format!("[{:+.1}, {:+.1}]", bounds.lower, bounds.upper)
}

fn outcomes(outcomes: &Outcomes) -> String {
    format!(
        "{:.1} / {:.1} / {:.1} / {:.1}",
        outcomes.corrected, outcomes.quieted, outcomes.remaining, outcomes.new
    )
}

fn blind_spots(out: &mut String, comparison: &Comparison) -> fmt::Result {
    writeln!(
        out,
        "\n{} · UUs in the region of each blind spot, before → after, with 95 % bounds of their \
         share (descriptive; read nothing into fewer than 30 rows)",
        comparison.role
    )?;
    let mut rows = Table::new([
        "blind spot",
        "rows",
        "before",
        "arm",
        "after",
        "share, 95 %",
    ]);
    for spot in &comparison.blind_spots {
        blind_spot(&mut rows, spot);
    }
    write!(out, "{rows}")
}

/// What became of the errors that no teacher saw.
fn kept_back(out: &mut String, comparison: &Comparison) -> fmt::Result {
    let mut rows = Table::new([
        "blind spot",
        "errors",
        "arm",
        "corrected / quieted / remaining",
    ]);
    let mut any = false;
    for spot in &comparison.blind_spots {
        let beside_lessons = |arm: &Arm| *arm == Arm::Base || !arm.is_control();
        for figures in spot.arms.iter().filter(|f| beside_lessons(&f.arm)) {
            let Some(outcomes) = &figures.kept_back else {
                continue;
            };
            any = true;
            rows.row([
                format!("{} {}", spot.blind_spot, spot.name),
                spot.kept_back.to_string(),
                figures.arm.to_string(),
                outcomes.of_the_base(),
            ]);
        }
    }
    if !any {
        return Ok(());
    }
    writeln!(
        out,
        "\ndiscovery · errors kept back from teachers, before → after (means over seeds; beside the \
         lessons, as many steps without them)"
    )?;
    write!(out, "{rows}")
}

/// Unknown unknowns that lessons made, grouped.
fn created_uus(comparison: &Comparison, created: &Created) -> Result<String, fmt::Error> {
    let mut out = String::new();
    writeln!(
        out,
        "\ndiscovery and {} · {} created {} unknown unknowns among {} rows (in at least half of \
         the seeds)",
        comparison.role, created.arm, created.count, created.rows
    )?;
    if created.groups.is_empty() {
        return Ok(out);
    }
    let mut rows = Table::new(["group", "rows", "true → predicted", "distinctive terms"]);
    for group in &created.groups {
        rows.row([
            group.name.clone(),
            group.members.len().to_string(),
            format!("{} → {}", group.true_label, group.predicted),
            group.words(),
        ]);
    }
    write!(out, "{rows}")?;
    Ok(out)
}

fn blind_spot(rows: &mut Table, spot: &BlindSpotTable) {
    let few = if spot.enough_rows { "" } else { " (few)" };
    for (position, figures) in spot
        .arms
        .iter()
        .filter(|figures| !figures.arm.is_control())
        .enumerate()
    {
        let first = position == 0;
        let only_first = |text: String| if first { text } else { String::new() };
        rows.row([
            only_first(format!("{} {}", spot.blind_spot, spot.name)),
            only_first(format!("{}{few}", spot.rows)),
            only_first(format!("{:.0}", spot.before.count)),
            figures.arm.to_string(),
            format!("{:.1}", figures.after.count),
            format!(
                "{:.0}–{:.0} %",
                100.0 * figures.after.share.lower,
                100.0 * figures.after.share.upper
            ),
        ]);
    }
}
