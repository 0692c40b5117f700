//! What goes out to other people and programs, and what comes in from them.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use clap::Args;

use super::args::{Common, meaning};
use super::check::examples;
use super::discovered::{Wanted, discover};
use super::say::remark;
use super::steps::confirmed;
use crate::export::{self, ModelChoice};
use crate::records::AnswersFrom;
use crate::report;
use crate::session::Edited;
use crate::steps::import_lessons::{Defaults, Unusual, checked_lessons};
use crate::steps::import_predictions::{ImportOutcome, import_predictions};
use crate::steps::plan::arm_of;
use crate::steps::save_lessons::save_lessons;
use crate::support::text::{agreeing, many};
use crate::support::{Error, Result};

/// `import-lessons`.
#[derive(Debug, Clone, Args)]
pub struct ImportLessonsArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Whole lessons (JSON Lines, as an expert sends them back and `export`
    /// writes them): they are joined by their ids. Or a table with the columns text and label, and optionally text_b, hypothesis,
    /// teacher, blind_spot, contrast.
    pub file: PathBuf,
    /// Name of the teacher, for rows that name none.
    #[arg(long)]
    pub teacher: Option<String>,
    /// Language model that wrote the samples; without it a person did.
    #[arg(long, value_name = "MODEL")]
    pub llm: Option<String>,
    /// Do not ask about a file that looks as if another one had been meant.
    #[arg(long)]
    pub yes: bool,
}

/// `import-predictions`.
#[derive(Debug, Clone, Args)]
pub struct ImportPredictionsArgs {
    /// The project; its project.toml says `base = "predictions"`.
    #[command(flatten)]
    pub common: Common,
    /// CSV, Parquet, JSON Lines or .xlsx with a column `id`, a column
    /// `probability_LABEL` for each label, and optionally `embedding_0`, ….
    pub file: PathBuf,
    /// What a class of the black box means where its name is not that of a
    /// label; nothing after the `=` leaves the class out. Once for each class.
    #[arg(long = "label", value_name = "CLASS=LABEL", value_parser = meaning)]
    pub labels: Vec<(String, String)>,
}

/// `report`.
#[derive(Debug, Clone, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The file to write.
    #[arg(long, value_name = "FILE.html")]
    pub out: PathBuf,
}

/// `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The folder to write: new, empty, or an earlier export.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Round whose model is exported, 0 for the base; the model in use, or
    /// the last round's, when left out.
    #[arg(long)]
    pub round: Option<u32>,
    /// Arm of that round; the one with lessons when left out.
    #[arg(long)]
    pub arm: Option<String>,
    /// Seed of that arm; its first when left out.
    #[arg(long, value_name = "SEED")]
    pub model_seed: Option<u64>,
}

/// `hand-over`, `save-lessons`.
#[derive(Debug, Clone, Args)]
pub struct HandOverArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Where to write it.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// `blindspot report`.
///
/// # Errors
/// When the project cannot be read or the file cannot be written.
pub(super) fn report(args: &ReportArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let came_with = report::write(&project, &args.out, &progress)?;
    let first = came_with.as_ref().map(|said| format!("{said}\n"));
    args.common.at.tell(
        &serde_json::json!({"report": args.out, "came_with_project": came_with}),
        format_args!(
            "{}report written to {}",
            first.unwrap_or_default(),
            args.out.display()
        ),
    )
}

/// `blindspot export`.
///
/// # Errors
/// When the project cannot be read, the chosen model is not there, or the
/// folder cannot be written to.
pub(super) fn export(args: &ExportArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let choice = ModelChoice {
        round: args.round,
        arm: args.arm.as_deref().map(arm_of).transpose()?,
        seed: args.model_seed,
    };
    let exported = export::write(&project, &args.out, &choice, &progress)?;
    let (folder, files) = (exported.folder.display(), exported.files.join("\n  "));
    args.common
        .at
        .tell(&exported, format_args!("written to {folder}:\n  {files}"))
}

/// `blindspot hand-over`.
///
/// # Errors
/// When there is nothing to teach, or the file cannot be written.
pub(super) fn hand_over(args: &HandOverArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let found = discover(
        &args.common,
        Wanted::default(),
        false,
        &progress.without_notes(),
    )?;
    let out = found.basis()?.hand_over(&args.out, &progress)?;
    let (blind_spots, texts) = (many(out.blind_spots, "blind spot"), many(out.texts, "text"));
    let file = args.out.display();
    args.common.at.tell(
        &out,
        format_args!(
            "{file}: {blind_spots}, {texts}. The expert opens it with `blindspot \"{file}\"`, \
             teaches, saves the lessons and sends that file back"
        ),
    )
}

/// `blindspot save-lessons`.
///
/// # Errors
/// When there are none by people, or the file cannot be written.
pub(super) fn saved_lessons(args: &HandOverArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let document = project.document()?;
    let saved = save_lessons(&project, &document, &args.out, &progress)?;
    let (lessons, are) = (many(saved, "lesson"), agreeing(saved, "is", "are"));
    let full = std::path::absolute(&args.out).unwrap_or_else(|_| args.out.clone());
    args.common.at.tell(
        &serde_json::json!({ "file": args.out, "lessons": saved }),
        format_args!(
            "{lessons} {are} in {}; `blindspot merge` reads them elsewhere",
            full.display()
        ),
    )
}

/// `blindspot import-lessons`, or `merge`.
///
/// # Errors
/// When the file holds no lessons, a row of it makes no sense, there is no
/// model to check the samples with, or the project cannot be written.
pub(super) fn lessons(args: &ImportLessonsArgs) -> Result<()> {
    let progress = args.common.at.progress();
    // What is to be known of the project's own files is said by `check`.
    let project = args.common.at.open(&progress.without_notes())?;
    project.store.check_writable("the lessons")?;
    let defaults = Defaults {
        teacher: args.teacher.clone(),
        model: args.llm.clone(),
    };
    let mut edited = Edited::of(&project)?;
    let file = (&*args.file, &defaults);
    let agree = |unusual: &Unusual| agree(unusual, args);
    let checked = checked_lessons(&project, &edited.state, file, &agree, &progress)?;
    let joined = checked.joined(&edited.state);
    if joined.lessons.is_empty() {
        return args.common.at.tell(&joined, &joined);
    }
    edited.put_lessons(joined.lessons.clone())?;
    args.common.at.tell(
        &joined,
        format_args!(
            "{joined}\n`blindspot edit {} undo` takes this back",
            args.common.at.project.display()
        ),
    )
}

/// Asks about a file that looks as if another one had been meant.
fn agree(unusual: &Unusual, args: &ImportLessonsArgs) -> Result<()> {
    if args.yes {
        return Ok(());
    }
    let (file, samples) = (args.file.display(), many(unusual.samples, "sample"));
    let said = format!("`{file}` holds {samples}: {}", unusual.why);
    let question = format!("{said}. Take them in?");
    if std::io::stdin().is_terminal() && confirmed(&question)? {
        return Ok(());
    }
    Err(Error::input(said).hint("say `--yes` to take them in; nothing was changed"))
}

/// `blindspot import-predictions`.
///
/// # Errors
/// When the file is not what the project needs, or nobody has said what its
/// classes mean.
pub(super) fn predictions(args: &ImportPredictionsArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
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
    let folder = args.common.at.project.display();
    let next = format!("next: `blindspot discover \"{folder}\"`");
    args.common
        .at
        .tell(&imported, format_args!("{imported}\n{next}"))
}
