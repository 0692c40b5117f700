//! Blind spots out to an expert, lessons back.

use std::sync::Arc;

use super::args::{HandOverArgs, MergeArgs};
use super::discovered::{Wanted, discover};
use super::progress::on_terminal;
use super::run::print_json;
use crate::session::state::settled_samples;
use crate::support::Result;
use crate::workflow::OpenProject;
use crate::workflow::hand_over::{HandingOver, merge as merged, read_lessons_of};

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
    println!(
        "{}: {} blind spots, {} texts. The expert opens it with `blindspot {}`, teaches, saves \
         the lessons and sends that file back",
        args.out.display(),
        out.blind_spots,
        out.texts,
        args.out.display()
    );
    Ok(())
}

/// `blindspot merge`.
///
/// # Errors
/// When the file is none of lessons, or the project cannot be written.
pub(super) fn merge(args: &MergeArgs) -> Result<()> {
    let progress = on_terminal(args.common.quiet);
    let state = args.common.state_dir.as_deref();
    let project = OpenProject::open(&args.common.project, state, &progress)?;
    let mut document = project.document()?;
    let settled = settled_samples(&project.store.rounds()?);
    let back = read_lessons_of(&args.file)?;
    let merged = merged(&document, &project.snapshots()?, &settled, back);
    for lesson in &merged.lessons {
        let lesson = Arc::new(lesson.clone());
        document.lessons.insert(lesson.id.clone(), lesson);
    }
    project.store.save_document(&document)?;
    println!("{}", merged.sentence());
    Ok(())
}
