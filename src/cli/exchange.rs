//! What goes out to other people and programs, and what comes in from them.

use super::args::{ExportArgs, HandOverArgs, ImportLessonsArgs, ImportPredictionsArgs, ReportArgs};
use super::check::examples;
use super::discovered::{Wanted, discover};
use super::say::remark;
use crate::export::{self, ModelChoice};
use crate::records::AnswersFrom;
use crate::report;
use crate::steps::import_lessons::{Defaults, import_lessons};
use crate::steps::import_predictions::{ImportOutcome, import_predictions};
use crate::steps::plan::arm_of;
use crate::steps::save_lessons::save_lessons;
use crate::support::Result;
use crate::support::text::many;

/// `blindspot report`.
///
/// # Errors
/// When the project cannot be read or the file cannot be written.
pub(super) fn report(args: &ReportArgs) -> Result<()> {
    let progress = args.common.progress();
    let project = args.common.open(&progress)?;
    report::write(&project, &args.out, &progress)?;
    args.common.tell(
        &serde_json::json!({"report": args.out}),
        format_args!("report written to {}", args.out.display()),
    )
}

/// `blindspot export`.
///
/// # Errors
/// When the project cannot be read, the chosen model is not there, or the
/// folder cannot be written to.
pub(super) fn export(args: &ExportArgs) -> Result<()> {
    let progress = args.common.progress();
    let project = args.common.open(&progress)?;
    let choice = ModelChoice {
        round: args.round,
        arm: args.arm.as_deref().map(arm_of).transpose()?,
        seed: args.model_seed,
    };
    let exported = export::write(&project, &args.out, &choice, &progress)?;
    let (folder, files) = (exported.folder.display(), exported.files.join("\n  "));
    args.common
        .tell(&exported, format_args!("written to {folder}:\n  {files}"))
}

/// `blindspot hand-over`.
///
/// # Errors
/// When there is nothing to teach, or the file cannot be written.
pub(super) fn hand_over(args: &HandOverArgs) -> Result<()> {
    let progress = args.common.progress();
    let found = discover(&args.common, Wanted::default(), false, &progress)?;
    let out = found.basis()?.hand_over(&args.out, &progress)?;
    let (blind_spots, texts) = (many(out.blind_spots, "blind spot"), many(out.texts, "text"));
    let file = args.out.display();
    args.common.tell(
        &out,
        format_args!(
            "{file}: {blind_spots}, {texts}. The expert opens it with `blindspot {file}`, \
             teaches, saves the lessons and sends that file back"
        ),
    )
}

/// `blindspot save-lessons`.
///
/// # Errors
/// When there are none by people, or the file cannot be written.
pub(super) fn saved_lessons(args: &HandOverArgs) -> Result<()> {
    let progress = args.common.progress();
    let project = args.common.open(&progress)?;
    let document = project.document()?;
    let saved = save_lessons(&project, &document, &args.out, &progress)?;
    let (lessons, file) = (many(saved, "lesson"), args.out.display());
    args.common.tell(
        &serde_json::json!({ "file": args.out, "lessons": saved }),
        format_args!("{lessons} are in {file}; `blindspot import-lessons` reads them elsewhere"),
    )
}

/// `blindspot import-lessons`, or `merge`.
///
/// # Errors
/// When the file holds no lessons, a row of it makes no sense, there is no
/// model to check the samples with, or the project cannot be written.
pub(super) fn lessons(args: &ImportLessonsArgs) -> Result<()> {
    let progress = args.common.progress();
    let project = args.common.open(&progress)?;
    let defaults = Defaults {
        teacher: args.teacher.clone(),
        model: args.llm.clone(),
    };
    let imported = import_lessons(&project, &args.file, &defaults, &progress)?;
    args.common.tell(&imported, &imported)
}

/// `blindspot import-predictions`.
///
/// # Errors
/// When the file is not what the project needs, or nobody has said what its
/// classes mean.
pub(super) fn predictions(args: &ImportPredictionsArgs) -> Result<()> {
    let progress = args.common.progress();
    let project = args.common.open(&progress)?;
    let from = AnswersFrom {
        path: args.file.clone(),
        labels: args.labels.iter().cloned().collect(),
    };
    let imported = match import_predictions(&project, &from, &progress)? {
        ImportOutcome::Imported(imported) => imported,
        ImportOutcome::Asks(question) => {
            remark(examples(&question));
            return Err(question.refusal_of_second(&from.name()));
        }
    };
    args.common.tell(&imported, &imported)
}
