//! `blindspot teachers`: people and language models in one table.

use super::args::Common;
use super::discovered::{Wanted, discover};
use super::progress::on_terminal;
use super::say::{print_json, say};
use super::table::sheet;
use crate::steps::teachers::{TableInput, teacher_table};
use crate::support::Result;

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
    let name = |spot| found.document.blind_spot_name(spot, &found.snapshot);
    for of_teachers in table.sheets(name) {
        say(sheet(&of_teachers))?;
    }
    for note in &table.notes {
        say(format_args!("note: {note}"))?;
    }
    Ok(())
}
