//! Blind spots out to an expert, lessons back.

use super::args::{HandOverArgs, MergeArgs};
use super::discovered::{Wanted, discover};
use super::progress::on_terminal;
use super::say::{print_json, say};
use crate::steps::hand_over::HandingOver;
use crate::steps::merge::{keep, take_back};
use crate::steps::{OpenProject, State};
use crate::support::Result;
use crate::support::text::many;

/// `blindspot hand-over`.
///
/// # Errors
/// When there is nothing to teach, or the file cannot be written.
pub(super) fn hand_over(args: &HandOverArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let found = discover(&args.common, Wanted::default(), false, &progress)?;
    let handing_over = HandingOver {
        project: &found.project,
        base: found.base()?,
        predictions: &found.reference,
        snapshot: &found.snapshot,
        document: &found.document,
    };
    let out = handing_over.write(&args.out, &progress)?;
    if args.common.json {
        return print_json(&out);
    }
    say(format_args!(
        "{}: {}, {}. The expert opens it with `blindspot {}`, teaches, saves \
         the lessons and sends that file back",
        args.out.display(),
        many(out.blind_spots, "blind spot"),
        many(out.texts, "text"),
        args.out.display()
    ))?;
    Ok(())
}

/// `blindspot merge`.
///
/// # Errors
/// When the file is none of lessons, there is no model to check the samples
/// with, or the project cannot be written.
pub(super) fn merge(args: &MergeArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let state = State::read(&project)?;
    let taken = take_back(&project, &state, &args.file, &progress)?.joined(&state);
    let said = taken.to_string();
    let merged = &taken.merged;
    let figures = serde_json::json!({
        "new_lessons": merged.new_lessons,
        "new_samples": merged.new_samples,
        "changed_samples": merged.changed_samples,
        "accepted": taken.accepted,
        "refused": taken.refused,
        "strangers": merged.strangers,
    });
    keep(&project, state.document, taken.merged.lessons)?;
    if args.common.json {
        return print_json(&figures);
    }
    say(said)
}
