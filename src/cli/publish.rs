//! `blindspot publish`: what a project ships beside its data.

use std::sync::Arc;

use super::args::Common;
use super::discovered::{Wanted, discover_or_read};
use crate::steps::fit::Fitted;
use crate::steps::shipped;
use crate::steps::shipped_round::RoundShipped;
use crate::support::Result;
use crate::support::text::size;

/// Puts base, predictions, map and blind spots into the project's folder, and
/// the last finished round if it is of these.
///
/// # Errors
/// When the project holds the predictions of a black box or a file cannot be
/// written, or whatever a step says.
pub(super) fn publish(args: &Common) -> Result<()> {
    let progress = args.at.progress();
    let found = discover_or_read(args, Wanted::default(), &progress)?;
    let (project, snapshot) = (&found.project, &found.snapshot);
    let fitted = Fitted::from(found.basis()?.base);
    let map = match project.known_map(&found.info)? {
        Some(map) => map,
        None => Arc::new(project.make_map(&found.info, &found.reference, &progress)?),
    };
    let results = (&*found.reference, &*map);
    let workspace = &project.workspace;
    let folder = shipped::publish(workspace, &fitted, snapshot.temperature, results, snapshot)?;
    let (round, why_no_round, words) = match found.basis()?.ship_round(&progress)? {
        RoundShipped::Yes { number, bytes } => {
            let words = format!("round {number} lies beside them ({})", size(bytes));
            (Some(number), None, words)
        }
        RoundShipped::No(why) => {
            let words = format!("no round lies beside them: {why}");
            (None, Some(why), words)
        }
    };
    let said = serde_json::json!({
        "folder": folder,
        "base": found.info.id,
        "snapshot": snapshot.version,
        "blind_spots": snapshot.blind_spots.len(),
        "round": round,
        "why_no_round": why_no_round,
    });
    args.at.tell(
        &said,
        format_args!(
            "base {}, its predictions, the map and {} blind spots are in {}\n{words}",
            found.info.id,
            snapshot.blind_spots.len(),
            folder.display()
        ),
    )
}
