//! `blindspot clean`: removes computed files that nothing needs any more.

use clap::Args;

use super::args::Common;
use crate::steps::clean::Unneeded;
use crate::support::Result;
use crate::support::text::size;

/// `clean`.
#[derive(Debug, Clone, Args)]
pub struct CleanArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Only say what would be removed.
    #[arg(long)]
    pub dry_run: bool,
}

/// Counts, says and removes them; with `--dry-run` nothing is removed.
///
/// # Errors
/// When the project is open for reading only, or a file cannot be removed.
pub(super) fn clean(args: &CleanArgs) -> Result<()> {
    let project = args.common.at.open(&args.common.at.progress())?;
    let unneeded = Unneeded::find(&project)?;
    let removed = match args.dry_run {
        true => None,
        false => Some(unneeded.remove(&project)?),
    };
    let mut words = unneeded.to_string();
    if let Some(bytes) = removed.filter(|bytes| *bytes > 0) {
        words += &format!("\nremoved: {}", size(bytes));
    }
    let result = serde_json::json!({
        "unneeded": unneeded.counts(), "bytes": unneeded.bytes(), "removed": !args.dry_run,
    });
    args.common.at.tell(&result, words)
}
