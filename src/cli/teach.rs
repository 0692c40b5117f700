//! `blindspot teach`: lessons by a language model, or a recording of some.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::args::{Common, at_least_one};
use super::discovered::{Discovered, Wanted, discover};
use super::say::{print_json, remark, say};
use super::steps::confirmed;
use super::table::table;
use crate::lessons::llm::{Teacher, test_connection};
use crate::lessons::review::{self, take_lessons};
use crate::lessons::split::{Settled, settled_samples, split};
use crate::records::{
    Author, BlindSpotId, Cost, Document, Hypothesis, HypothesisKind, Lesson, RecordId, Review,
    Sample,
};
use crate::steps::Basis;
use crate::steps::leakage_guard::without_copies;
use crate::steps::teach::setup::{TeachingSetup, confirm_host};
use crate::steps::teach::{TaughtLessons, TeachOrder, Teaching};
use crate::support::figures::{Figure, Sheet, figure};
use crate::support::hash;
use crate::support::{Error, Progress, Result};

/// `teach`.
#[derive(Debug, Clone, Args)]
pub struct TeachArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Name of a teacher in project.toml.
    #[arg(long, value_name = "NAME", required_unless_present = "replay")]
    pub teacher: Option<String>,
    /// Number of a blind spot; all of them when left out.
    #[arg(long, value_name = "N")]
    pub blind_spot: Option<u32>,
    /// Samples for each blind spot.
    #[arg(long, visible_alias = "write", value_name = "N", default_value_t = 30, value_parser = at_least_one())]
    pub samples: usize,
    /// Of these, keep as drafts the N that cover the blind spot best: errors that
    /// teachers see, and the texts of discovery round them. The others are
    /// rejected, with the reason. All are kept when left out.
    #[arg(long, value_name = "N", conflicts_with = "replay", value_parser = at_least_one())]
    pub keep: Option<usize>,
    /// Most money for these lessons, earlier runs of them included.
    #[arg(long, value_name = "X")]
    pub budget: Option<f64>,
    /// Most calls for these lessons, earlier runs of them included.
    #[arg(long, value_name = "N")]
    pub max_calls: Option<u64>,
    /// Your own hypothesis, which the model writes samples for; can be given
    /// several times.
    #[arg(long, value_name = "SENTENCE", requires = "blind_spot")]
    pub hypothesis: Vec<String>,
    /// Accept every sample that passes the checks.
    #[arg(long)]
    pub accept_all_passing: bool,
    /// Do not ask before texts go to another machine.
    #[arg(long)]
    pub yes: bool,
    /// Only test whether the teacher can be reached.
    #[arg(long, conflicts_with_all = ["record", "replay"])]
    pub test: bool,
    /// Record the lessons in a file.
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub record: Option<PathBuf>,
    /// Replay recorded lessons, without a network.
    #[arg(long, value_name = "FILE", conflicts_with = "teacher")]
    pub replay: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Output {
    teacher: String,
    lessons: Vec<LessonFigures>,
    notes: Vec<String>,
    /// Why it ended early.
    stopped: Option<String>,
}

/// One lesson in figures.
#[derive(Serialize)]
struct LessonFigures {
    lesson: RecordId,
    blind_spot: BlindSpotId,
    name: String,
    hypotheses: usize,
    samples: usize,
    /// Drafts that pass the checks.
    passing: usize,
    accepted: usize,
    rejected: usize,
    /// Of those not rejected, how many the base gets wrong.
    fooling: usize,
    cost: Cost,
}

/// Has a language model teach, or replays a recording.
///
/// # Errors
/// Whatever ended it early; what was received before is kept.
pub(super) fn teach(args: &TeachArgs) -> Result<()> {
    let progress = args.common.at.progress();
    if args.test {
        return test(args, &progress);
    }
    let mut found = discover(&args.common, Wanted::default(), false, &progress)?;
    let state = found.project.store.folder().to_owned();
    let manifest = &found.project.workspace.manifest;
    let mut setup = TeachingSetup::load(manifest, &state)?;
    let known = without_copies(&found.project, &found.document, &progress)?;
    let taught = match (&args.replay, &args.teacher) {
        (Some(path), _) => teaching(&found, &known, &setup)?.replay(path, &progress)?,
        (None, teacher) => {
            let order = order(args, teacher.as_deref().unwrap_or_default());
            let statement = teaching(&found, &known, &setup)?.statement(&order)?;
            remark(statement);
            let teacher = setup.teacher(&order.teacher)?;
            if !setup.is_confirmed(&teacher.endpoint) {
                agree(teacher, args.yes)?;
                confirm_host(&state, &teacher.endpoint.host())?;
                setup = TeachingSetup::load(manifest, &state)?;
            }
            teaching(&found, &known, &setup)?.run(&order, &progress)?
        }
    };
    let mut document = std::mem::take(&mut found.document);
    take_lessons(&mut document, &taught.lessons);
    if args.accept_all_passing {
        let settled = settled_samples(&found.project.store.rounds()?);
        accept(&taught, &settled, &mut document);
    }
    found.project.store.save_document(&document)?;
    progress.stage("Lessons kept", None);
    report(taught, &document, &found, args.common.at.json)
}

fn teaching<'a>(
    found: &'a Discovered,
    document: &'a Document,
    setup: &'a TeachingSetup,
) -> Result<Teaching<'a>> {
    let basis = Basis {
        document,
        ..found.basis()?
    };
    Ok(Teaching { basis, setup })
}

fn order(args: &TeachArgs, teacher: &str) -> TeachOrder {
    let hypotheses = args.hypothesis.iter().map(|sentence| {
        // The same sentence is the same hypothesis when it is given again.
        let id = &hash::bytes(sentence.as_bytes())[..16];
        Hypothesis::new(
            RecordId(format!("hypothesis-{id}")),
            HypothesisKind::Abstraction,
            sentence.trim(),
            Author::Human,
        )
    });
    TeachOrder {
        samples: args.samples,
        keep: args.keep,
        budget: args.budget,
        max_calls: args.max_calls,
        hypotheses: hypotheses.collect(),
        record: args.record.clone(),
        ..TeachOrder::new(teacher, args.blind_spot.map(BlindSpotId))
    }
}

/// Texts leave this machine only with a person's word.
pub(super) fn agree(teacher: &Teacher, yes: bool) -> Result<()> {
    let endpoint = &teacher.endpoint;
    if endpoint.is_local() || yes {
        return Ok(());
    }
    let question = format!("May they go to {}?", endpoint.host());
    if std::io::stdin().is_terminal() && confirmed(&question)? {
        return Ok(());
    }
    Err(Error::input("nothing was sent").hint(format!(
        "say `--yes` if texts of this project may go to {}",
        endpoint.host()
    )))
}

fn accept(taught: &TaughtLessons, settled: &Settled, document: &mut Document) {
    for lesson in &taught.lessons {
        if let Some(lesson) = document.lessons.get_mut(&lesson.id) {
            let lesson = Arc::make_mut(lesson);
            review::accept_passing(lesson);
            split(lesson, settled);
        }
    }
}

fn report(
    taught: TaughtLessons,
    document: &Document,
    found: &Discovered,
    json: bool,
) -> Result<()> {
    let lessons = taught.lessons.iter();
    let lessons = lessons.filter_map(|lesson| document.lessons.get(&lesson.id));
    let figures: Vec<LessonFigures> = lessons
        .map(|lesson| {
            let name = document.blind_spot_name(lesson.blind_spot, &found.snapshot);
            figures(lesson, name)
        })
        .collect();
    if json {
        print_json(&Output {
            teacher: taught.teacher,
            lessons: figures,
            notes: taught.notes,
            stopped: taught.stopped.as_ref().map(ToString::to_string),
        })?;
    } else {
        let lessons = Sheet::of("Lessons", &table_figures(), &figures);
        say(table(&lessons).trim_end())?;
        for note in &taught.notes {
            say(format_args!("  note: {note}"))?;
        }
    }
    // What ended it early is the outcome of the command as well.
    match taught.stopped {
        None => Ok(()),
        Some(error) => Err(Arc::into_inner(error)
            .unwrap_or_else(|| Error::program("the lesson ended early"))
            .context("the lesson is kept as far as it went")),
    }
}

fn figures(lesson: &Lesson, name: String) -> LessonFigures {
    let count = |keep: &dyn Fn(&Sample) -> bool| {
        lesson.samples.iter().filter(|sample| keep(sample)).count()
    };
    let rejected = |review: &Review| matches!(review, Review::Rejected { .. });
    LessonFigures {
        lesson: lesson.id.clone(),
        blind_spot: lesson.blind_spot,
        name,
        hypotheses: lesson.hypotheses.len(),
        samples: lesson.samples.len(),
        passing: count(&review::passes),
        accepted: count(&Sample::is_accepted),
        rejected: count(&|sample| rejected(&sample.review)),
        fooling: count(&|sample| {
            let said = sample.model_answer.as_ref();
            !rejected(&sample.review) && said.is_some_and(|said| said.label != sample.label)
        }),
        cost: lesson.cost.clone(),
    }
}

fn table_figures() -> Vec<Figure<LessonFigures>> {
    vec![
        figure("blind spot")
            .print("{blind_spot} {name}")
            .words("blind_spot", |lesson: &LessonFigures| lesson.blind_spot.0)
            .words("name", |lesson| lesson.name.clone()),
        figure("hypotheses").whole("hypotheses", |lesson: &LessonFigures| lesson.hypotheses),
        figure("samples").whole("samples", |lesson: &LessonFigures| lesson.samples),
        figure("pass the checks").whole("passing", |lesson: &LessonFigures| lesson.passing),
        figure("accepted").whole("accepted", |lesson: &LessonFigures| lesson.accepted),
        figure("rejected").whole("rejected", |lesson: &LessonFigures| lesson.rejected),
        figure("fool the model").whole("fooling", |lesson: &LessonFigures| lesson.fooling),
        figure("seconds").whole("seconds", |lesson: &LessonFigures| lesson.cost.llm_seconds),
        figure("tokens")
            .print("{about}{tokens}")
            .words("about", |lesson: &LessonFigures| {
                match lesson.cost.estimated {
                    true => "~",
                    false => "",
                }
            })
            .whole("tokens", |lesson| {
                lesson.cost.input_tokens + lesson.cost.output_tokens
            }),
        figure("money").number("money", 4, |lesson: &LessonFigures| lesson.cost.money),
    ]
}

/// Says whether the teacher can be reached, or exactly what is wrong.
fn test(args: &TeachArgs, progress: &Progress) -> Result<()> {
    let project = args.common.at.open(progress)?;
    let manifest = &project.workspace.manifest;
    let setup = TeachingSetup::load(manifest, project.store.folder())?;
    let teacher = setup.teacher(args.teacher.as_deref().unwrap_or_default())?;
    let found = test_connection(&teacher.endpoint, progress);
    if !found.works && !args.common.at.json {
        return Err(Error::input(found.message).hint(found.remedy.unwrap_or_default()));
    }
    let mut words = found.message.clone();
    if !found.models.is_empty() {
        words += &format!("\nmodels: {}", found.models.join(", "));
    }
    args.common.at.tell(&found, words)
}
