//! `blindspot samples`: the samples of each lesson as a set.

use super::args::Common;
use super::discovered::{Wanted, discover};
use super::say::{print_json, say};
use super::table::sheet;
use crate::steps::sample_sets::figures::{self, properties, title};
use crate::support::Result;

/// Looks at the samples and prints what to do about them.
///
/// # Errors
/// Whatever a step says.
pub(super) fn samples(args: &Common) -> Result<()> {
    let progress = args.at.progress();
    let found = discover(args, Wanted::default(), false, &progress)?;
    let sets = found.basis()?.sample_sets(args.first_seed(), &progress)?;
    if args.at.json {
        return print_json(&sets);
    }
    if sets.is_empty() {
        return say("There are no samples on these blind spots yet");
    }
    say(sheet(&figures::sheet(&sets)).trim_end())?;
    for set in &sets {
        say(format_args!("\n{}", title(set)))?;
        for property in properties(set) {
            say(format_args!("  {}: {}", property.name, property.advice))?;
        }
    }
    Ok(())
}
