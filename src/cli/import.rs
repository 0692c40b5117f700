//! Predictions and lessons that were made elsewhere.

use super::args::{ImportLessonsArgs, ImportPredictionsArgs};
use super::progress::on_terminal;
use super::say::{print_json, say};
use crate::steps::OpenProject;
use crate::steps::import_lessons::{Defaults, import_lessons};
use crate::steps::import_predictions::import_predictions;
use crate::support::Result;

/// `blindspot import-predictions`.
///
/// # Errors
/// When the file is not what the project needs.
pub(super) fn predictions(args: &ImportPredictionsArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let imported = import_predictions(&project, &args.file, &progress)?;
    if args.common.json {
        return print_json(&imported);
    }
    say(imported)?;
    Ok(())
}

/// `blindspot import-lessons`.
///
/// # Errors
/// When the file holds no lessons, or a row of it makes no sense.
pub(super) fn lessons(args: &ImportLessonsArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let defaults = Defaults {
        teacher: args.teacher.clone(),
        model: args.llm.clone(),
    };
    let imported = import_lessons(&project, &args.file, &defaults, &progress)?;
    if args.common.json {
        return print_json(&imported);
    }
    say(imported)?;
    Ok(())
}
