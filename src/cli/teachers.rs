//! `blindspot teachers`: people and language models in one table.

use super::args::Common;
use super::discovered::{Wanted, discover};
use super::say::{print_json, say};
use super::table::sheet;
use crate::steps::teachers::teacher_table;
use crate::support::Result;

/// Measures all teachers and prints them beside each other.
///
/// # Errors
/// Whatever a step says.
pub(super) fn teachers(args: &Common) -> Result<()> {
    let progress = args.at.progress();
    let found = discover(args, Wanted::default(), false, &progress)?;
    let table = teacher_table(&found.basis()?, &progress)?;
    progress.stage("Teachers", None);
    if args.at.json {
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
