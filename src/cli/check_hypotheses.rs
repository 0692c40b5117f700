//! `blindspot check-hypotheses`: whether hypotheses hold for texts that their
//! writers have not seen.

use std::io::BufRead as _;
use std::sync::Arc;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use super::args::Common;
use super::say::{print_json, remark, say};
use super::table::table;
use super::teach::agree;
use crate::records::{BlindSpotId, ExampleKey, Matches, Pattern, RecordId, Thresholds};
use crate::session::{Command, Edited};
use crate::steps::check_hypotheses::{
    Asking, CheckOrder, CheckRow, Checking, Checks, Draft, JudgeChoice, check_figures, statement,
};
use crate::steps::teach::setup::{TeachingSetup, confirm_host};
use crate::steps::{OpenProject, State};
use crate::support::figures::Sheet;
use crate::support::text::agreeing;
use crate::support::{Error, Progress, Result};

/// `check-hypotheses`.
#[derive(Debug, Clone, Args)]
pub struct CheckHypothesesArgs {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Only hypotheses on this blind spot.
    #[arg(long, value_name = "N")]
    pub blind_spot: Option<u32>,
    /// Only this hypothesis, by its id; can be given several times.
    #[arg(long, value_name = "ID")]
    pub hypothesis: Vec<String>,
    /// Who answers for each text: a pattern at once, a language model, or you.
    #[arg(long, default_value = "pattern", value_parser = PossibleValuesParser::new(["pattern", "model", "person"]))]
    pub judge: String,
    /// The pattern: `funny, "US", /\d{4}/`, `words > 30`, `source = tweets`; a
    /// plus between spaces means “and”. With a blind spot and no hypothesis it
    /// is tried on the errors that teachers see, and nothing is kept.
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub pattern: Option<Pattern>,
    /// The language model that judges, by its name among the teachers.
    #[arg(long, value_name = "NAME", required_if_eq("judge", "model"))]
    pub teacher: Option<String>,
    /// How often the language model may write a better hypothesis in place of
    /// one that does not pass.
    #[arg(long, value_name = "0..3", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=3))]
    pub refine: u32,
    /// Most money for these checks, earlier runs of them included.
    #[arg(long, value_name = "X")]
    pub budget: Option<f64>,
    /// Most calls for these checks, earlier runs of them included.
    #[arg(long, value_name = "N")]
    pub max_calls: Option<u64>,
    /// Only say what a language model would be sent, and what that takes.
    #[arg(long)]
    pub estimate: bool,
    /// Do not ask before texts go to another machine.
    #[arg(long)]
    pub yes: bool,
    /// Your name, where you judge.
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// A pattern that is typed, with what is wrong with it.
pub(super) fn pattern(typed: &str) -> std::result::Result<Pattern, String> {
    typed.parse::<Pattern>().map_err(|error| {
        let remedy = error.remedy().unwrap_or_default();
        format!("{error} ({remedy})")
    })
}

/// What `--json` prints.
#[derive(Serialize)]
struct Output {
    thresholds: Thresholds,
    checks: Vec<CheckRow>,
    notes: Vec<String>,
    calls: u64,
    money: f64,
    /// Why it ended early.
    stopped: Option<String>,
}

/// What `--json` prints of a pattern that belongs to no hypothesis.
#[derive(Serialize)]
struct Tried<'a> {
    pattern: &'a Pattern,
    shown: Matches,
    right: Matches,
    verdict: &'static str,
    reason: &'a str,
    missed: &'a [ExampleKey],
    also: &'a [ExampleKey],
}

/// Checks hypotheses, or tries a pattern.
///
/// # Errors
/// Whatever ended it early; what was answered before is kept.
pub(super) fn check_hypotheses(args: &CheckHypothesesArgs) -> Result<()> {
    let progress = args.common.at.progress();
    let project = args.common.at.open(&progress)?;
    let mut edited = Edited::of(&project)?;
    let checking = Checking::of(&edited.state)?;
    if let (Some(pattern), Some(spot)) = (&args.pattern, args.blind_spot)
        && args.hypothesis.is_empty()
    {
        return try_pattern(args, &checking, (pattern, BlindSpotId(spot)), &progress);
    }
    let mut setup = TeachingSetup::load(&project.workspace.manifest, project.store.folder())?;
    let order = order(args, &checking, &edited.state, &progress)?;
    if let JudgeChoice::Model { teacher } = &order.judge {
        let estimate = checking.estimate(&order, &setup, teacher, &progress)?;
        let teacher = setup.teacher(teacher)?.clone();
        let said = statement(&estimate, &teacher);
        if args.estimate {
            return args.common.at.tell(&estimate, said);
        }
        remark(said);
        if !setup.is_confirmed(&teacher.endpoint) {
            agree(&teacher, args.yes)?;
            setup = confirmed(&project, &teacher.endpoint.host())?;
        }
    }
    project.store.check_writable("the checks")?;
    let asking = Asking {
        setup: &setup,
        store: &project.store,
    };
    let checks = checking.run(&order, &asking, &progress)?;
    if !checks.checked.is_empty() {
        edited.apply(&[Command::TakeChecks(checks.checked.clone())])?;
    }
    report(args, checks, &edited.state)
}

fn confirmed(project: &OpenProject, host: &str) -> Result<TeachingSetup> {
    let state = project.store.folder();
    confirm_host(state, host)?;
    TeachingSetup::load(&project.workspace.manifest, state)
}

fn order(
    args: &CheckHypothesesArgs,
    checking: &Checking,
    state: &State,
    progress: &Progress,
) -> Result<CheckOrder> {
    let judge = match args.judge.as_str() {
        "model" => JudgeChoice::Model {
            teacher: args.teacher.clone().unwrap_or_default(),
        },
        "person" => JudgeChoice::Person {
            by: args.by.clone(),
            said: asked(args, checking, state, progress)?,
        },
        _ => JudgeChoice::Pattern(args.pattern.clone()),
    };
    Ok(CheckOrder {
        hypotheses: args.hypothesis.iter().cloned().map(RecordId).collect(),
        blind_spots: args.blind_spot.map(BlindSpotId).into_iter().collect(),
        budget: args.budget,
        max_calls: args.max_calls,
        refine: args.refine,
        ..CheckOrder::new(judge)
    })
}

/// Asks a person for each text, on standard input: y or n a line.
fn asked(
    args: &CheckHypothesesArgs,
    checking: &Checking,
    state: &State,
    progress: &Progress,
) -> Result<Vec<(ExampleKey, bool)>> {
    let [id] = args.hypothesis.as_slice() else {
        return Err(Error::input("a person judges one hypothesis at a time")
            .hint("name it with `--hypothesis`; `blindspot show PROJECT lessons` lists them"));
    };
    let (lesson, hypothesis) = state.require_hypothesis(&RecordId(id.clone()))?;
    let quiz = checking.quiz(lesson, hypothesis, progress)?;
    remark(format_args!("“{}”", hypothesis.text));
    remark("Does it hold? y or n for each text. Some of them are errors: you are not told which.");
    let mut lines = std::io::stdin().lock().lines();
    let mut said = Vec::with_capacity(quiz.texts.len());
    for (number, (key, text)) in (1..).zip(&quiz.texts) {
        remark(format_args!(
            "\n{number} of {}:  {}",
            quiz.texts.len(),
            text.joined()
        ));
        let yes = loop {
            let line = lines.next().transpose();
            let line = line.map_err(|e| Error::input("the answers cannot be read").because(e))?;
            match line.as_deref().map(str::trim) {
                Some("y" | "Y" | "yes") => break true,
                Some("n" | "N" | "no") => break false,
                Some(_) => remark("y or n"),
                None => {
                    return Err(Error::input(format!(
                        "the answers end after {} of {} texts",
                        said.len(),
                        quiz.texts.len()
                    ))
                    .hint("nothing is kept of a half; answer y or n, one a line"));
                }
            }
        };
        said.push((key.clone(), yes));
    }
    Ok(said)
}

fn try_pattern(
    args: &CheckHypothesesArgs,
    checking: &Checking,
    (pattern, spot): (&Pattern, BlindSpotId),
    progress: &Progress,
) -> Result<()> {
    let rows = checking.rows(checking.spot(spot)?, progress)?;
    let draft: Draft = checking.draft(&rows, pattern);
    let (missed, also) = &draft.counter_examples;
    let tried = Tried {
        pattern,
        shown: draft.shown,
        right: draft.right,
        verdict: draft.verdict.name(),
        reason: &draft.reason,
        missed,
        also,
    };
    let words = format!(
        "on the errors that teachers see: {}: {}\nNothing was kept: errors that are kept back are \
         asked for a hypothesis alone (`--hypothesis ID`)",
        draft.verdict.name(),
        draft.reason
    );
    args.common.at.tell(&tried, words)
}

fn report(args: &CheckHypothesesArgs, checks: Checks, state: &State) -> Result<()> {
    let mut rows = Vec::new();
    for one in &checks.checked {
        let lesson = state.require_lesson(&one.lesson)?;
        let hypothesis = &one.hypothesis;
        rows.push(CheckRow::of(lesson, hypothesis, hypothesis.checks.last()));
    }
    if args.common.at.json {
        print_json(&Output {
            thresholds: state.manifest.hypotheses,
            checks: rows,
            notes: checks.notes,
            calls: checks.calls,
            money: checks.money,
            stopped: checks.stopped.as_ref().map(ToString::to_string),
        })?;
    } else {
        let title = agreeing(rows.len(), "hypothesis", "hypotheses");
        let sheet = Sheet::of(title, &check_figures(), &rows);
        say(table(&sheet).trim_end())?;
        for row in &rows {
            if let Some(check) = &row.check {
                say(format_args!("“{}”: {}", row.text, check.reason))?;
            }
        }
        for note in &checks.notes {
            say(format_args!("  note: {note}"))?;
        }
    }
    // What ended it early is the outcome of the command as well.
    match checks.stopped {
        None => Ok(()),
        Some(error) => Err(Arc::into_inner(error)
            .unwrap_or_else(|| Error::program("the checks ended early"))
            .context("what was answered is kept")),
    }
}
