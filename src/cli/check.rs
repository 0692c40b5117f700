//! `blindspot check`: what is in the data, what is wrong with it, how long
//! fitting takes and what *final* can show.

use super::args::Common;
use super::say::{print_json, say};
use crate::steps::{self, Workspace};
use crate::support::Result;
use crate::support::text::many;

/// Checks a project without writing anything.
///
/// # Errors
/// When the data cannot be read at all; anything milder is in the report.
pub(super) fn check(args: &Common) -> Result<()> {
    let progress = args.progress();
    let workspace = Workspace::open(&args.project, &progress)?;
    let output = steps::check::check(&workspace, &progress)?;
    if args.json {
        return print_json(&output);
    }
    say(&output.data)?;
    if let Some(seconds) = output.seconds_to_fit {
        say(format_args!(
            "Fitting the base takes about {} on this machine.",
            minutes(seconds)
        ))?;
    }
    for (source, power) in &output.power {
        say(format_args!(
            "final · {source} (expected from check): {}",
            power.sentence
        ))?;
    }
    Ok(())
}

fn minutes(seconds: f64) -> String {
    if seconds < 90.0 {
        many(seconds.round() as usize, "second")
    } else {
        many((seconds / 60.0).round() as usize, "minute")
    }
}
