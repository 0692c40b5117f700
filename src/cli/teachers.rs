//! `blindspot teachers`: people and language models in one table.

use super::args::Common;
use super::discovered::{Wanted, discover};
use super::progress::on_terminal;
use super::say::{print_json, say};
use super::table::Table;
use crate::steps::teachers::{TableInput, TeacherTable, teacher_table};
use crate::support::Result;
use crate::support::text::figure;

/// Measures all teachers and prints them beside each other.
///
/// # Errors
/// Whatever a step says.
pub(super) fn teachers(args: &Common) -> Result<()> {
    let progress = on_terminal(args.quiet);
    let found = discover(args, Wanted::default(), false, &progress)?;
    let table = teacher_table(
        &TableInput {
            project: &found.project,
            base: found.base()?,
            reference: &found.reference,
            snapshot: &found.snapshot,
            document: &found.document,
        },
        &progress,
    )?;
    progress.stage("Teachers", None);
    if args.json {
        return print_json(&table);
    }
    if table.rows.is_empty() {
        say("There are no lessons yet: `blindspot teach`, or write one in the window.")?;
        return Ok(());
    }
    say(written(&table))?;
    if !table.after.is_empty() {
        say("Trained on each teacher alone, on check (used for choosing, no verdict):")?;
        say(effects(&table))?;
    }
    for overlap in &table.overlaps {
        say(format_args!(
            "Of {} unknown unknowns on check, {} and {} both corrected {}; {} alone {}, {} alone {}.",
            overlap.of,
            overlap.first,
            overlap.second,
            overlap.both.len(),
            overlap.first,
            overlap.only_first.len(),
            overlap.second,
            overlap.only_second.len()
        ))?;
    }
    for note in &table.notes {
        say(format_args!("note: {note}"))?;
    }
    Ok(())
}

fn written(table: &TeacherTable) -> Table {
    let currency = table.currency.as_deref().unwrap_or("money");
    let per_accepted = format!("{currency} per accepted");
    let mut printed = Table::new([
        "teacher",
        "blind spot",
        "samples",
        "drafts",
        "accepted",
        "useful",
        "distance",
        "distinct-2",
        "minutes",
        currency,
        &per_accepted,
    ]);
    for row in &table.rows {
        let spot = row.blind_spot;
        printed.row([
            row.teacher.clone(),
            spot.map_or_else(|| "all".to_owned(), |spot| spot.to_string()),
            row.samples.to_string(),
            row.drafts.to_string(),
            row.accepted.to_string(),
            row.useful.to_string(),
            figure(row.mean_distance, 2),
            figure(row.distinct_2, 2),
            format!("{:.1}", row.seconds / 60.0),
            figure(row.money, 4),
            figure(row.money_per_accepted, 4),
        ]);
    }
    printed
}

fn effects(table: &TeacherTable) -> Table {
    let mut printed = Table::new([
        "teacher",
        "round",
        "source",
        "rows",
        "errors, nothing added",
        "errors, this teacher",
        "against the best control [95 %]",
        "seeds",
    ]);
    for after in &table.after {
        for figures in &after.sources {
            let best = figures.best_control.as_ref().zip(figures.against_best);
            let against = best.map(|(control, (mean, interval))| {
                format!(
                    "{mean:+.1} [{:+.1}, {:+.1}] {control}",
                    interval.lower, interval.upper
                )
            });
            printed.row([
                after.teacher.clone(),
                after.round.to_string(),
                figures.source.clone(),
                figures.rows.to_string(),
                format!("{:.1}", figures.base),
                format!("{:.1}", figures.errors),
                against.unwrap_or_else(|| "–".to_owned()),
                figures.seeds.to_string(),
            ]);
        }
        let per_removed = figure(after.money_per_removed, 4);
        printed.row([
            after.teacher.clone(),
            after.round.to_string(),
            "all".to_owned(),
            String::new(),
            String::new(),
            format!("{:+.1} removed", after.removed),
            format!("{per_removed} for each"),
            String::new(),
        ]);
    }
    printed
}
