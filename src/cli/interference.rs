//! `blindspot interference`: what each lesson does, taught alone.

use clap::Args;

use super::args::Common;
use super::discovered::{Wanted, discover};
use super::say::{print_json, say};
use super::table;
use crate::steps::interference::figures::{NO_HARM, harms, sheets};
use crate::steps::interference::{Measured, USUAL_SEEDS};
use crate::support::Result;

/// `interference`.
#[derive(Debug, Clone, Args)]
pub struct InterferenceArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Seeds of each lesson.
    #[arg(long, default_value_t = USUAL_SEEDS, value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
}

/// Teaches each lesson alone and prints where it helps and where it hurts.
///
/// # Errors
/// Whatever a step says; what was trained stays.
pub(super) fn interference(args: &InterferenceArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let found = discover(&args.common, Wanted::default(), false, &progress)?;
    let basis = found.basis()?;
    let plan = basis.interference_plan(args.seeds, args.common.first_seed())?;
    let measured = basis.interference(&plan, &progress)?;
    if args.common.at.json {
        return print_json(&measured);
    }
    let tables: Vec<String> = sheets(&measured).iter().map(table::sheet).collect();
    say(tables.join("\n").trim_end())?;
    for line in said(&measured) {
        say(line)?;
    }
    Ok(())
}

/// Each lesson that did harm somewhere, with what leaves it out.
fn said(measured: &Measured) -> Vec<String> {
    let harms = harms(measured);
    if harms.is_empty() {
        return vec![NO_HARM.to_owned()];
    }
    let lines = harms.iter().map(|harm| {
        let id = &measured.lessons[harm.lesson].lesson;
        format!(
            "{}: `blindspot edit PROJECT leave-out {id}` leaves it out of training",
            harm.said
        )
    });
    lines.collect()
}
