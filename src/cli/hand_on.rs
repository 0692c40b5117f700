//! Reports and exports: what is handed on to other people and programs.

use super::args::{ExportArgs, ReportArgs};
use super::progress::on_terminal;
use super::run::arm_of;
use super::say::{print_json, say};
use crate::export::{self, ModelChoice};
use crate::report;
use crate::steps::OpenProject;
use crate::support::Result;

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
    say(format_args!("report written to {}", args.out.display()))?;
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
    say(format_args!("written to {}:", exported.folder.display()))?;
    for file in &exported.files {
        say(format_args!("  {file}"))?;
    }
    Ok(())
}
