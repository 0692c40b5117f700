//! `blindspot check`: what is in the data, what is wrong with it, how long
//! fitting takes and what *final* can show.

use super::args::Common;
use super::progress::on_terminal;
use super::run::print_json;
use crate::support::Result;
use crate::workflow::{self, Workspace};

/// Checks a project without writing anything.
///
/// # Errors
/// When the data cannot be read at all; anything milder is in the report.
pub(super) fn check(args: &Common) -> Result<()> {
    let progress = on_terminal(args.quiet);
    let workspace = Workspace::open(&args.project, &progress)?;
    let output = workflow::check(&workspace, &progress)?;
    if args.json {
        return print_json(&output);
    }
    println!("{}", output.data);
    if let Some(seconds) = output.seconds_to_fit {
        println!(
            "Fitting the base takes about {} on this machine.",
            minutes(seconds)
        );
    }
    for (source, power) in &output.power {
        println!("final · {source} (expected from check): {}", power.sentence);
    }
    Ok(())
}

fn minutes(seconds: f64) -> String {
    if seconds < 90.0 {
        format!("{seconds:.0} seconds")
    } else {
        format!("{:.0} minutes", seconds / 60.0)
    }
}
