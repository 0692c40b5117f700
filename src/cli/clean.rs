//! `blindspot clean`: removes computed files that nothing needs any more.

use super::args::CleanArgs;
use super::progress::on_terminal;
use super::say::{print_json, say};
use crate::steps::OpenProject;
use crate::steps::clean::Unneeded;
use crate::support::Result;
use crate::support::text::size;

/// Counts, says and removes them; with `--dry-run` nothing is removed.
///
/// # Errors
/// When the project is open for reading only, or a file cannot be removed.
pub(super) fn clean(args: &CleanArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let unneeded = Unneeded::find(&project)?;
    let removed = match args.dry_run {
        true => None,
        false => Some(unneeded.remove(&project)?),
    };
    if args.common.json {
        return print_json(&serde_json::json!({
            "unneeded": unneeded.counts(), "bytes": unneeded.bytes(), "removed": !args.dry_run,
        }));
    }
    say(&unneeded)?;
    match removed.filter(|bytes| *bytes > 0) {
        Some(bytes) => say(format_args!("removed: {}", size(bytes))),
        None => Ok(()),
    }
}
