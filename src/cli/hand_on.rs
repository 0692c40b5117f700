//! Reports and exports: what is handed on to other people and programs.

use super::args::{ExportArgs, ReportArgs};
use super::progress::on_terminal;
use super::run::{arm_of, print_json};
use crate::export::{self, ModelChoice};
use crate::report;
use crate::support::Result;
use crate::workflow::OpenProject;

/// `blindspot report`.
///
/// # Errors
/// When the project cannot be read or the file cannot be written.
pub(super) fn report(args: &ReportArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    report::write(&project, &args.out, &progress)?;
    if args.common.json {
        return print_json(&serde_json::json!({"report": args.out}));
    }
    println!("report written to {}", args.out.display());
    Ok(())
}

/// `blindspot export`.
///
/// # Errors
/// When the project cannot be read, the chosen model is not there, or the
/// folder cannot be written to.
pub(super) fn export(args: &ExportArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let choice = ModelChoice {
        round: args.round,
        arm: args.arm.as_deref().map(arm_of).transpose()?,
        seed: args.model_seed,
    };
    let exported = export::write(&project, &args.out, &choice, &progress)?;
    if args.common.json {
        return print_json(&exported);
    }
    println!("written to {}:", exported.folder.display());
    for file in &exported.files {
        println!("  {file}");
    }
    Ok(())
}
